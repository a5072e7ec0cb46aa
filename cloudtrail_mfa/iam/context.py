"""The request context: what policies may ask of a request, and what is not known of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

__all__ = ["AGE", "ISSUED", "PRESENT", "Context"]

PRESENT, AGE = "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"
ISSUED = "aws:TokenIssueTime"


@dataclass(frozen=True, slots=True)
class Context:
    """The condition keys of one request.

    A key is present with its values, absent, or unknown. That a log does not tell a key does not
    make it absent.

    Attributes
    ----------
    values
        The keys that are present, in lower case (keys are not case sensitive), each with its
        values as text.
    absent
        The keys that are known to be absent, in lower case.
    complete
        Whether every other key is absent; else it is unknown.
    """

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()
    complete: bool = True

    @classmethod
    def of(
        cls,
        values: Mapping[str, str | bool | float | Iterable[str]],
        *,
        absent: Iterable[str] = (),
        complete: bool = True,
    ) -> Context:
        """Make a context from plain values.

        Parameters
        ----------
        values
            Condition keys with their values: text, flags and numbers, or several texts.
        """
        return cls(
            {key.lower(): _texts(value) for key, value in values.items()},
            frozenset(key.lower() for key in absent),
            complete,
        )

    def get(self, key: str) -> tuple[str, ...] | None:
        """Return a key's values: none of them where it is absent, None where it is unknown."""
        key = key.lower()
        if key in self.values:
            return self.values[key]
        return () if self.complete or key in self.absent else None

    def having(self, values: Mapping[str, str | bool | float | Iterable[str]]) -> Context:
        """Return this context with some keys changed."""
        changed = Context.of(values)
        return Context(
            {**self.values, **changed.values},
            self.absent - changed.values.keys(),
            self.complete,
        )

    def told(self) -> frozenset[str]:
        """Return the keys that are known, present or absent, in lower case."""
        return self.absent | self.values.keys()

    def forgetting(self, *keys: str) -> Context:
        """Return this context with some keys unknown; of a complete one they are absent."""
        gone = {key.lower() for key in keys}
        return Context(
            {key: values for key, values in self.values.items() if key not in gone},
            self.absent - gone,
            self.complete,
        )

    def lacking(self, *keys: str) -> Context:
        """Return this context with some keys absent."""
        gone = {key.lower() for key in keys}
        return Context(
            {key: values for key, values in self.values.items() if key not in gone},
            self.absent | gone,
            self.complete,
        )


def _texts(value: str | bool | float | Iterable[str]) -> tuple[str, ...]:
    if isinstance(value, bool):
        return (str(value).lower(),)
    if isinstance(value, str | int | float):
        return (str(value),)
    return tuple(value)
