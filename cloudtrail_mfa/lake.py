"""What a user holds: a folder of CloudTrail events, and the questions to it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING, Any, Unpack

from cloudtrail_mfa.errors import QueryError
from cloudtrail_mfa.nearest import nearest
from cloudtrail_mfa.rooms import (
    audit,
    causes,
    compact,
    cores,
    dataset,
    denied,
    explanation,
    ingest,
    kept,
    originals,
    parts,
    pd,
    places,
    queries,
    story,
)
from cloudtrail_mfa.scope import Extent, Filters, Scope, TextFilter, TimeFilter

if TYPE_CHECKING:
    import duckdb

    from cloudtrail_mfa.archive.s3 import S3
    from cloudtrail_mfa.archive.sources import Progress
    from cloudtrail_mfa.evidence.exports import Evidence
    from cloudtrail_mfa.store.report import Compaction, IngestReport

__all__ = ["Lake"]


class Lake:
    """A folder of CloudTrail events as Parquet, and the questions to it.

    Parameters
    ----------
    folder
        The lake's folder.
    create
        Whether it may be absent; the first ingest makes it.

    Raises
    ------
    LakeError
        If the folder cannot be made, holds other things than a lake, or is absent and not to be
        made.

    Notes
    -----
    Every method that returns rows accepts the filters of `Filters` as keywords: ``since``,
    ``until``, ``account``, ``region``, ``principal``, ``event``. All times are UTC.
    """

    def __init__(self, folder: str | os.PathLike[str], *, create: bool = True) -> None:
        self._dataset = dataset.Dataset(folder, create=create)
        self._open: tuple[tuple[str, ...], kept.Kept] | None = None

    def __repr__(self) -> str:
        """Return how the lake was opened."""
        return f"Lake({str(self._dataset.folder)!r})"

    def ingest(
        self,
        *sources: str | os.PathLike[str],
        since: TimeFilter = None,
        until: TimeFilter = None,
        account: TextFilter = None,
        region: TextFilter = None,
        s3: S3 | None = None,
        workers: int | None = None,
        executor: Executor | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> IngestReport:
        """Bring log files into the lake; run again, it reads only what is new.

        Parameters
        ----------
        *sources
            Files, folders or globs of CloudTrail's JSON, gzipped or not, in any shape that AWS
            hands it out (S3 delivery, event history, LookupEvents, EventBridge, CloudWatch Logs,
            CloudTrail Lake); or ``s3://bucket/prefix/``.
        since, until, account, region
            As in `Filters`: what lies outside is counted, not stored. In S3, CloudTrail's folders of
            days before `since` or more than 30 after `until` (as long as late events are tried to
            be delivered), and of other accounts and regions, are told and not listed.
        s3
            How buckets are reached, if not with the credentials that AWS's own tools would find.
        workers
            Processes that read, as many as there are cores by default; 1 reads in this one.
        executor
            Who reads instead: any executor of `concurrent.futures`, whose workers see the sources
            and the lake under the same paths. `workers` then says how many there are, by which
            the work is cut.
        progress
            Called now and then with how far the run is.

        Returns
        -------
        IngestReport
            What became of every file. A file that cannot be read is a row of it, no exception.

        Raises
        ------
        SourceError
            If a source names no file, or S3 does not list it.
        ScopeError, MissingPackageError
            If a filter cannot be understood; if a profile of `s3` gives no credentials, or lacks
            ``botocore``.
        LakeError
            If another process is writing to the lake, it cannot be written to, or a process that
            reads was ended from outside.
        """
        workers = cores.number_of(workers)
        scope = Scope.parse(since=since, until=until, account=account, region=region)
        files = places.find(sources, scope=scope, s3=s3)
        return ingest.ingest(
            self._dataset, files, scope=scope, workers=workers, executor=executor, progress=progress
        )

    def compact(
        self, *, workers: int | None = None, executor: Executor | None = None
    ) -> Compaction:
        """Merge small Parquet files: for a lake that grew by many small runs.

        No event is changed. A question that another process asks meanwhile may find a file gone,
        and has to be asked again.

        Parameters
        ----------
        workers, executor
            As in `ingest`.

        Raises
        ------
        LakeError
            As by `ingest`.
        """
        workers = cores.number_of(workers)
        return compact.compact(self._dataset, workers=workers, executor=executor)

    def denials(
        self,
        *,
        cause: TextFilter = None,
        evidence: Evidence | None = None,
        bodies: bool = False,
        executor: Executor | None = None,
        **filters: Unpack[Filters],
    ) -> pd.DataFrame:
        """Return the refused calls, each with its cause.

        Parameters
        ----------
        cause
            Name of a cause, or several.
        evidence
            Exports of IAM's configuration: where the policies in them reproduce a denial, its
            cause is proven, and ``mfa_would_allow`` is known. What the lake holds of IAM's writes
            is used with and without them: the policies are those of the time of each call, as far
            as the writes tell.
        bodies
            Whether to add ``request_parameters`` and ``resources``, JSON text.
        executor
            Who works, each account by a worker of its own, as in `ingest`.
        **filters
            As in `Filters`.

        Returns
        -------
        pandas.DataFrame
            A row a refused call, in order of time, with the columns `DENIAL_COLUMNS`;
            ``lake.describe("denials")`` tells what they mean.

        """
        chosen = denied.known_causes(cause)
        scope = Scope.parse(**filters)
        if executor is None:
            rows = self._attributed(scope, evidence)
        else:
            parquet = tuple(self._dataset.parquet())
            rows = denied.attributed_by_account(executor, parquet, scope, evidence)
        if chosen:
            rows = rows[rows["cause"].isin(chosen)].reset_index(drop=True)
        return denied.categorized(
            rows[[*denied.DENIAL_COLUMNS, *(denied.BODIES if bodies else ())]]
        )

    def summary(
        self,
        *,
        cause: TextFilter = None,
        evidence: Evidence | None = None,
        **filters: Unpack[Filters],
    ) -> pd.DataFrame:
        """Return who was denied and why: people first, then workloads, outsiders and services.

        Parameters
        ----------
        cause
            Name of a cause, or several.
        evidence
            As in `denials`.
        **filters
            As in `Filters`.

        Returns
        -------
        pandas.DataFrame
            A row for each caller, kind of credential, cause and certainty;
            ``lake.describe("summary")`` tells the columns.
        """
        chosen = denied.known_causes(cause)
        rows = self._attributed(Scope.parse(**filters), evidence, in_words=False)
        if chosen:
            rows = rows[rows["cause"].isin(chosen)]
        return denied.categorized(queries.summarize(self._connection(), rows))

    def posture(self, **filters: Unpack[Filters]) -> pd.DataFrame:
        """Return how each principal stands to MFA: calls, writes, sign-ins and devices.

        Returns
        -------
        pandas.DataFrame
            A row a principal of an account, people first; ``lake.describe("posture")`` tells the
            columns.
        """
        return denied.categorized(audit.posture(self._connection(), Scope.parse(**filters)))

    def credentials(
        self, *, evidence: Evidence | None = None, **filters: Unpack[Filters]
    ) -> pd.DataFrame:
        """Return the long-term keys: owner, life, use, and what was refused to them.

        Parameters
        ----------
        evidence
            As in `denials`; its credential reports tell what the trail does not.
        **filters
            As in `Filters`: which uses count.

        Returns
        -------
        pandas.DataFrame
            A row a key; ``lake.describe("credentials")`` tells the columns.
        """
        scope = Scope.parse(**filters)
        denials = self._attributed(scope, evidence, in_words=False)
        reported = evidence.credentials if evidence else {}
        return denied.categorized(audit.credentials(self._connection(), scope, denials, reported))

    def coverage(self, **filters: Unpack[Extent]) -> pd.DataFrame:
        """Return what is recorded and what is not: times, gaps, data events, files that are missing.

        Parameters
        ----------
        **filters
            Of `Filters`: ``since``, ``until``, ``account``, ``region``.

        Returns
        -------
        pandas.DataFrame
            A row for the lake, each account and each of its regions; in ``remarks`` what a reader of
            denials has to know. ``lake.describe("coverage")`` tells the columns.
        """
        files = self._dataset.sources()
        return audit.coverage(self._connection(), Scope.parse(**filters), files)

    def requests(self, **filters: Unpack[Filters]) -> pd.DataFrame:
        """Return every call, refused or not: who asked for what, and what came of it.

        Returns
        -------
        pandas.DataFrame
            A row a call, in order of time; ``lake.describe("requests")`` tells the columns.
        """
        scope = Scope.parse(**filters)
        return denied.categorized(queries.select(self._connection(), "requests", scope))

    def sessions(self, **filters: Unpack[Filters]) -> pd.DataFrame:
        """Return the temporary credentials: who opened each, how, with MFA or not, and its use.

        Parameters
        ----------
        **filters
            As in `Filters`. A session is in scope where a call of it may be; ``principal`` finds
            also the sessions of whom that name stands at the beginning of the chain.

        Returns
        -------
        pandas.DataFrame
            A row a temporary credential, issued or used, and a sign-in without a call, in order of
            time; ``lake.describe("sessions")`` tells the columns.
        """
        scope = Scope.parse(**filters)
        parts.keep_sessions(self._kept())
        return denied.categorized(queries.sessions(self._connection(), scope))

    def timeline(
        self,
        *,
        session: str | None = None,
        key: str | None = None,
        evidence: Evidence | None = None,
        **filters: Unpack[Filters],
    ) -> pd.DataFrame:
        """Return the story of a principal, a session or a long-term key, in plain words.

        Parameters
        ----------
        session, key
            Access key id whose story it is; else ``principal``, of which roles opened by it are part.
        evidence
            As in `denials`.
        **filters
            As in `Filters`.

        Returns
        -------
        pandas.DataFrame
            A row a run of like calls, in order of time; ``lake.describe("timeline")`` tells the
            columns. `draw_timeline` draws it.
        """
        scope, held = Scope.parse(**filters), self._kept()
        parts.keep_sessions(held)
        attributed = partial(denied.attributed, held, evidence=evidence, in_words=False)
        rows = story.timeline(held.con, scope, attributed, session=session, key=key)
        return denied.categorized(rows)

    def explain(
        self, event_id: str, *, evidence: Evidence | None = None
    ) -> list[explanation.Explanation]:
        """Tell one denial in full: what was seen, what speaks for and against, what to do.

        Parameters
        ----------
        event_id
            CloudTrail's eventID, or its beginning, eight characters or more.
        evidence
            As in `denials`.

        Returns
        -------
        list of Explanation
            One as a rule; several where records of different content claim the same id.

        Raises
        ------
        EventError
            If the lake has no such event, or it was not denied, or the beginning of an id is
            that of several.
        """
        rows = denied.one(self._kept(), event_id, evidence)
        return [explanation.Explanation(row) for _, row in rows.iterrows()]

    def records(self, **filters: Unpack[Filters]) -> Iterator[dict[str, Any]]:
        """Give the original records back, as they were in the files.

        Parameters
        ----------
        **filters
            As in `Filters`.

        Yields
        ------
        dict
            A record, equal as JSON to what was in its file, in order of time.
        """
        return map(originals.parse, self.records_text(**filters))

    def records_text(self, **filters: Unpack[Filters]) -> Iterator[str]:
        """Give the original records back, each as JSON text; see `records`."""
        batches = queries.stream(self._connection(), "records", Scope.parse(**filters))
        return (record for batch in batches for record in originals.restore(batch))

    def sql(self, query: str, params: object = None) -> pd.DataFrame:
        """Run SQL over the lake.

        Parameters
        ----------
        query
            DuckDB's SQL; ``events``, ``calls``, ``denials`` (facts, without causes) and the other
            views that ``lake.describe()`` lists are there.
        params
            Values for ``$name`` (a dict) or ``?`` (a list).

        Raises
        ------
        QueryError
            If DuckDB refuses it.
        """
        return queries.run(self._connection(), query, params)

    def describe(self, name: str | None = None) -> pd.DataFrame:
        """Return what a table holds: a row a column; without a name, a row a table.

        Parameters
        ----------
        name
            ``denials`` tells the columns of `Lake.denials`; other names are views for `sql`.

        Returns
        -------
        pandas.DataFrame
            With the columns ``column``, ``type`` (DuckDB's) and ``meaning``; or ``table`` and
            ``meaning``.
        """
        grains = queries.grains()
        if name is None:
            return pd.DataFrame(grains.items(), columns=["table", "meaning"])
        if name not in grains:
            raise QueryError(f"there is no table {name!r}{nearest(name, grains)}")
        rows = queries.describe(self._connection(), name)
        if name == "denials":
            rows |= causes.VERDICT_COLUMNS
            rows = {column: rows[column] for column in (*denied.DENIAL_COLUMNS, *denied.BODIES)}
        table = [(column, *told) for column, told in rows.items()]
        return pd.DataFrame(table, columns=["column", "type", "meaning"])

    def notes(self) -> list[str]:
        """Return what a reader of denials has to know of the archive, a sentence each."""
        return audit.notes(self._connection())

    def unmet(self, **filters: Unpack[Filters]) -> list[str]:
        """Return a sentence for each name asked for that nothing in the lake bears, with the nearest."""
        return audit.unmet(self._connection(), Scope.parse(**filters))

    def _kept(self) -> kept.Kept:
        parquet = tuple(self._dataset.parquet())
        if self._open is None or self._open[0] != parquet:
            self._open = parquet, kept.Kept(queries.connect(parquet), self._dataset.answers())
        return self._open[1]

    def _connection(self) -> duckdb.DuckDBPyConnection:
        return self._kept().con

    def _attributed(
        self, scope: Scope, evidence: Evidence | None, *, in_words: bool = True
    ) -> pd.DataFrame:
        return denied.attributed(self._kept(), "true", scope, evidence, in_words=in_words)
