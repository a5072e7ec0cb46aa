"""How far a run is, shown where somebody looks."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from cloudtrail_mfa.later import Later

if TYPE_CHECKING:
    from rich import console, progress
else:
    console, progress = Later("rich.console"), Later("rich.progress")

__all__ = ["progress_bar"]


@contextlib.contextmanager
def progress_bar() -> Iterator[Callable[[Any], None] | None]:
    """Yield what shows how far a run is, on a terminal's standard error; else None."""
    # Whoever forces colours into a file wants no bar in it.
    if sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    terminal = console.Console(stderr=True)
    columns = (
        progress.BarColumn(),
        progress.TextColumn("{task.fields[told]}"),
        progress.TimeRemainingColumn(),
    )
    with progress.Progress(*columns, console=terminal, transient=True) as bars:
        bar = bars.add_task("", total=None, told="looking for files")

        def show(now: Any) -> None:
            seconds = max(bars.tasks[0].elapsed or 0.0, 1e-3)
            records = f"{now.records:,} records  " if now.records else ""
            told = (
                f"{now.files:,}/{now.total_files:,} files  {records}"
                f"{now.bytes / 1e6 / seconds:.1f} MB/s"
            )
            bars.update(bar, total=now.total_bytes, completed=now.bytes, told=told)

        yield show
