"""What became of a run: a row for every file, and the counts add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from cloudtrail_mfa import markup
from cloudtrail_mfa.archive.layout import is_folder
from cloudtrail_mfa.store.dataset import SourceFile

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Compaction", "IngestReport"]


_MOST_LINES = 30


@dataclass(frozen=True, slots=True)
class Compaction:
    """How many Parquet files a lake had before it was compacted, and has now."""

    before: int
    after: int

    def __str__(self) -> str:
        """Tell it in a sentence."""
        return f"{self.before:,} Parquet files before, {self.after:,} now"


@dataclass(slots=True)
class IngestReport:
    """What became of every file of a run; the counts add up.

    Attributes
    ----------
    files
        One `SourceFile` for each file that the sources named; and for each folder in S3 that was
        not listed, whose path ends in a slash.
    """

    files: list[SourceFile] = field(default_factory=list)

    @property
    def records(self) -> int:
        """Records found in the files that were read."""
        return sum(file.records for file in self.files)

    @property
    def events(self) -> int:
        """Events that went into the lake."""
        return sum(file.events for file in self.files)

    @property
    def duplicates(self) -> int:
        """Records whose event was in the lake already."""
        return sum(file.duplicates for file in self.files)

    @property
    def out_of_scope(self) -> int:
        """Records that the filters left out."""
        return sum(file.out_of_scope for file in self.files)

    @property
    def ingested(self) -> list[SourceFile]:
        """The files whose events are in the lake now."""
        return [file for file in self.files if file.outcome == "ingested"]

    @property
    def skipped(self) -> list[SourceFile]:
        """The files that were left out, each with its reason."""
        return [file for file in self.files if file.outcome == "skipped"]

    @property
    def rejected(self) -> list[SourceFile]:
        """The files that could not be read, each with its reason."""
        return [file for file in self.files if file.outcome == "rejected"]

    @property
    def complete(self) -> bool:
        """Whether all input could be used."""
        return not any(file.outcome == "rejected" or file.problems for file in self.files)

    def frame(self) -> pd.DataFrame:
        """Return a row a file, with the fields of `SourceFile`."""
        import pandas as pd  # noqa: PLC0415 - processes that read do not need it

        return pd.DataFrame(
            [msgspec.structs.asdict(file) for file in self.files],
            columns=SourceFile.__struct_fields__,
        )

    def __str__(self) -> str:
        """Tell the run in one sentence a line, each unusable file by name."""
        return "\n".join(self._sentences())

    def _repr_html_(self) -> str:
        """Tell it as HTML, for notebooks; of very many files the first."""
        files, records, *others = self._sentences()
        told = [markup.text(sentence) for sentence in others[:_MOST_LINES]]
        if len(others) > _MOST_LINES:
            told.append(f"… and {len(others) - _MOST_LINES:,} more: frame() holds every file.")
        return markup.block(files, f"<p>{markup.text(records)}</p>", markup.listed(told))

    def _sentences(self) -> list[str]:
        folders = [file for file in self.skipped if is_folder(file.path)]
        left_out = [file for file in self.skipped if not is_folder(file.path)]
        files, records = len(self.files) - len(folders), self.records
        ingested, skipped, rejected = map(len, (self.ingested, left_out, self.rejected))
        lines = [
            f"{files:,} files: {ingested:,} ingested, {skipped:,} skipped, {rejected:,} rejected",
            f"{records:,} records: {self.events:,} new events, {self.duplicates:,} duplicates",
        ]
        if self.out_of_scope:
            lines[-1] += f", {self.out_of_scope:,} outside the filters"
        lines += _by_reason("skipped {:,}: {}", left_out)
        lines += _by_reason("{:,} folders {}", folders)
        lines += [f"rejected {file.path}: {file.reason}" for file in self.rejected]
        for file in self.files:
            lines += [f"{file.path}: {sentence}" for sentence in [*file.problems, *file.notes]]
        return lines


def _by_reason(line: str, files: Iterable[SourceFile]) -> list[str]:
    """Return a line for each reason, the most common first."""
    reasons = Counter(file.reason for file in files)
    return [line.format(count, reason) for reason, count in reasons.most_common()]
