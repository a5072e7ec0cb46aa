"""What can go wrong, as exceptions.

A log file that cannot be read is not an exception but a row of the `IngestReport`;
a request that cannot be understood always raises::

    CloudTrailMfaError
    ├── ScopeError (ValueError)          a filter that cannot be understood
    ├── SourceError (FileNotFoundError)  a source that names no file, or cannot be asked
    ├── LakeError (OSError)              a folder that is no lake, or a lake in use
    ├── PublicKeyError (ValueError)      a file of public keys that cannot be understood
    ├── ClusterError (ConnectionError)   a cluster that cannot be worked with
    ├── EvidenceError (ValueError)       exports that cannot be understood
    ├── PolicyError (ValueError)         a document that is no policy
    ├── ChangeError (LookupError)        a change of what the evidence does not hold
    ├── PseudonymError (ValueError)      a key that keeps no secret
    ├── QueryError (ValueError)          SQL that DuckDB refuses
    ├── EventError (LookupError)         an event id that names no event, or several
    └── MissingPackageError (ImportError)  an optional package that is not installed
"""

from collections.abc import Sequence

__all__ = [
    "ChangeError",
    "CloudTrailMfaError",
    "ClusterError",
    "EventError",
    "EvidenceError",
    "LakeError",
    "MissingPackageError",
    "PolicyError",
    "PseudonymError",
    "PublicKeyError",
    "QueryError",
    "ScopeError",
    "SourceError",
]


class CloudTrailMfaError(Exception):
    """The root: whoever catches this catches everything the library raises on purpose."""


class ScopeError(CloudTrailMfaError, ValueError):
    """A filter that cannot be understood; `field` and `value` say which."""

    def __init__(self, field: str, value: object, problem: str) -> None:
        self.field = field
        self.value = value
        super().__init__(f"{field}={value!r} {problem}")


class SourceError(CloudTrailMfaError, FileNotFoundError):
    """A source that names no file, or a place in S3 that does not answer; `source` is what was given."""

    def __init__(self, source: str, problem: str) -> None:
        self.source = source
        super().__init__(f"{source}: {problem}")

    def __str__(self) -> str:
        """Return the sentence (OSError would print its arguments instead)."""
        return str(self.args[0])


class LakeError(CloudTrailMfaError, OSError):
    """A folder that is not a lake, or a lake that another process is writing to."""

    def __init__(self, path: object, problem: str) -> None:
        self.path = path
        super().__init__(f"{path}: {problem}")

    def __str__(self) -> str:
        """Return the sentence (OSError would print its arguments instead)."""
        return str(self.args[0])


class PublicKeyError(CloudTrailMfaError, ValueError):
    """A file of public keys that cannot be understood; `path` says which."""

    def __init__(self, path: object, problem: str) -> None:
        self.path = path
        super().__init__(f"{path}: {problem}")


class ClusterError(CloudTrailMfaError, ConnectionError):
    """A cluster that cannot be worked with; `address` is its scheduler's."""

    def __init__(self, address: str, problem: str) -> None:
        self.address = address
        super().__init__(f"{address}: {problem}")

    def __str__(self) -> str:
        """Return the sentence (OSError would print its arguments instead)."""
        return str(self.args[0])


class EvidenceError(CloudTrailMfaError, ValueError):
    """Exports of IAM's configuration that cannot be understood; `problems` tells every file."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


class PolicyError(CloudTrailMfaError, ValueError):
    """A document that is no policy.

    Attributes
    ----------
    name
        What the document is called.
    problems
        All that is wrong: a JSON pointer (RFC 6901) to the place, and what is wrong there.
    """

    def __init__(self, name: str, problems: Sequence[tuple[str, str]]) -> None:
        self.name = name
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{name}{where} {what}" for where, what in problems))


class ChangeError(CloudTrailMfaError, LookupError):
    """A change of a policy or principal that the evidence does not hold; `name` says which."""

    def __init__(self, name: str, problem: str) -> None:
        self.name = name
        super().__init__(f"{name} {problem}")


class PseudonymError(CloudTrailMfaError, ValueError):
    """A key for pseudonyms that cannot be read, or is too short to keep a secret."""


class QueryError(CloudTrailMfaError, ValueError):
    """SQL that DuckDB refuses; the message is DuckDB's own."""


class EventError(CloudTrailMfaError, LookupError):
    """An event id that names no event of the lake, or more than one."""

    def __init__(self, event_id: str, problem: str) -> None:
        self.event_id = event_id
        super().__init__(f"event {event_id!r} {problem}")


class MissingPackageError(CloudTrailMfaError, ImportError):
    """An optional package that is not installed; `package` and `extra` say which, and how to have it."""

    def __init__(self, package: str, extra: str) -> None:
        self.package = package
        self.extra = extra
        super().__init__(
            f"{package} is not installed: pip install 'cloudtrail-mfa[{extra}]' brings it"
        )
