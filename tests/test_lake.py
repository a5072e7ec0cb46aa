"""The lake: what a user holds, and the questions to it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from cloudtrail_mfa import EventError, Lake, LakeError, QueryError, ScopeError
from cloudtrail_mfa.denials import DENIAL_COLUMNS
from tests.records import ACCOUNT, Record, call, denied, role, user, write_log

CONTRACT = """event_id, event_time, account_id, region, principal_arn, principal_name,
access_key_id, credential_kind, mfa_present, event_source, event_name, iam_action, resource_arn,
source_ip, user_agent, error_code, error_message, deny_kind, policy_type, policy_arn, cause,
mfa_would_allow, certainty, evidence, remedy"""

ALICE = denied(event_id="alice-00-1", time="2026-06-01T09:00:00Z")
BOB = denied(
    "GetUser",
    "iam",
    event_id="bob-0000-2",
    by=user("bob", "AKIAIOSFODNN7BOB0000"),
    time="2026-06-02T09:00:00Z",
    awsRegion="eu-west-1",
    message="IAM user access not activated",
)
ERIN = denied(
    event_id="erin-000-3",
    by=role("Admin", "erin@example.com"),
    time="2026-06-03T09:00:00Z",
    recipientAccountId="999999999999",
)
PASSED = call(event_id="passed-0-4", time="2026-06-04T09:00:00Z")


@pytest.fixture
def lake(lake_of: Callable[..., Lake]) -> Lake:
    return lake_of(ALICE, BOB, ERIN, PASSED)


class TestDenials:
    """A row a denied call."""

    def test_columns_are_the_contract(self, lake: Lake) -> None:
        """Scripts rely on names and order; more may follow."""
        names = CONTRACT.replace("\n", " ").replace(" ", "").split(",")
        assert list(lake.denials().columns)[: len(names)] == names

    def test_rows_are_in_order_of_time(self, lake: Lake) -> None:
        """The calls that passed are none of them."""
        assert lake.denials()["event_id"].tolist() == ["alice-00-1", "bob-0000-2", "erin-000-3"]

    def test_types_are_good_for_pandas(self, lake: Lake) -> None:
        """Times in UTC, closed vocabularies as categories, a flag that may be null, lists."""
        rows = lake.denials()
        assert str(rows["event_time"].dtype) == "datetime64[us, UTC]"
        assert isinstance(rows["cause"].dtype, pd.CategoricalDtype)
        assert rows["cause"].cat.categories[0] == "long_term_key"
        assert rows["mfa_would_allow"].dtype == "boolean"
        assert isinstance(rows["evidence"][0], list)

    def test_types_do_not_depend_on_the_rows(self, lake: Lake) -> None:
        """No denials have the same columns."""
        none = lake.denials(principal="nobody")
        assert none.empty
        types = lake.denials().dtypes.map(str).map(lambda name: name.split("[")[0])
        assert none.dtypes.map(str).map(lambda name: name.split("[")[0]).equals(types)

    def test_bodies_come_on_request(self, lake: Lake) -> None:
        """A narrow table by default."""
        extra = ["request_parameters", "resources"]
        assert list(lake.denials().columns) == list(DENIAL_COLUMNS)
        assert list(lake.denials(bodies=True).columns) == [*DENIAL_COLUMNS, *extra]

    @pytest.mark.parametrize(
        ("filters", "found"),
        [
            ({"since": "2026-06-02"}, "be"),
            ({"until": "2026-06-01"}, "a"),
            ({"since": "2026-06-01T09:00:01Z", "until": "2026-06-03T09:00:00Z"}, "b"),
            ({"account": "999999999999"}, "e"),
            ({"account": ["999999999999", ACCOUNT]}, "abe"),
            ({"region": "eu-west-1"}, "b"),
            ({"principal": "alice"}, "a"),
            ({"principal": "ALICE"}, "a"),
            ({"principal": "*li?e"}, "a"),
            ({"principal": "arn:aws:iam::*:user/*"}, "ab"),
            ({"principal": "erin@example.com"}, "e"),
            ({"principal": "Admin"}, "e"),
            ({"principal": ["alice", "bob"]}, "ab"),
            ({"principal": "ali"}, ""),
            ({"principal": "erin\\@example.com"}, ""),
            ({"event": "ListBuckets"}, "ae"),
            ({"event": "iam:*"}, "b"),
            ({"event": "s3:listbuckets"}, "ae"),
            ({"cause": "not_authorization"}, "b"),
            ({"cause": ["not_authorization", "undetermined"]}, "abe"),
        ],
    )
    def test_filters(self, lake: Lake, filters: dict[str, Any], found: str) -> None:
        """Time, account, region, principal, event and cause."""
        ids = lake.denials(**filters)["event_id"]
        assert "".join(event[0] for event in ids) == found

    def test_a_cause_that_does_not_exist_is_an_error(self, lake: Lake) -> None:
        """The nearest name is offered."""
        with pytest.raises(ScopeError, match="did you mean long_term_key"):
            lake.denials(cause="longterm_key")
        with pytest.raises(ScopeError, match="there are long_term_key, session_without_mfa"):
            lake.denials(cause="?")

    def test_new_events_are_seen(self, lake: Lake, tmp_path: Path) -> None:
        """A lake that was asked may be filled further, and asked again."""
        assert len(lake.denials()) == 3
        lake.ingest(write_log(tmp_path / "more.json", [denied()]))
        assert len(lake.denials()) == 4


def test_summary_takes_the_same_filters(lake: Lake) -> None:
    """Rows are callers and causes."""
    assert lake.summary()["denials"].sum() == 3
    assert lake.summary(cause="not_authorization")["principal_name"].tolist() == ["bob"]


class TestExplain:
    """One denial in full."""

    def test_by_id_or_its_beginning(self, lake: Lake) -> None:
        """Eight characters are enough, as in the table."""
        assert str(lake.explain("alice-00")[0]) == str(lake.explain("alice-00-1")[0])

    @pytest.mark.parametrize(
        ("event_id", "problem"),
        [
            ("nowhere-0", "is not in this lake"),
            ("passed-0-4", "was not denied: the call passed"),
            ("passed-0", "was not denied: the call passed"),
            ("alice", "is too short"),
        ],
    )
    def test_what_cannot_be_told_says_why(self, lake: Lake, event_id: str, problem: str) -> None:
        """No such event, or no denial."""
        with pytest.raises(EventError, match=problem):
            lake.explain(event_id)

    def test_a_failure_that_is_no_denial_says_what_it_is(
        self, lake_of: Callable[..., Lake]
    ) -> None:
        """Throttling is no denial."""
        lake = lake_of(denied(event_id="throttled", code="ThrottlingException"))
        with pytest.raises(EventError, match="it failed with ThrottlingException"):
            lake.explain("throttled")

    def test_a_beginning_of_several_is_an_error(self, lake_of: Callable[..., Lake]) -> None:
        """They are named."""
        lake = lake_of(denied(event_id="12345678-a"), denied(event_id="12345678-b"))
        with pytest.raises(EventError, match="12345678-a, 12345678-b"):
            lake.explain("12345678")

    def test_contents_that_claim_one_id_are_all_told(self, lake_of: Callable[..., Lake]) -> None:
        """A forged record cannot hide the true one."""
        lake = lake_of(ALICE, ALICE | {"userAgent": "forged"})
        assert len(lake.explain("alice-00-1")) == 2

    def test_a_whole_id_wins(self, lake_of: Callable[..., Lake]) -> None:
        """Even where another begins with it."""
        lake = lake_of(denied(event_id="12345678"), denied(event_id="12345678-a"))
        assert lake.explain("12345678")[0].denial["event_id"] == "12345678"

    def test_a_failed_sign_in_did_not_pass(self, lake_of: Callable[..., Lake]) -> None:
        """It has a message and no code."""
        lake = lake_of(
            call("ConsoleLogin", event_id="sign-in-1", errorMessage="Failed authentication")
        )
        with pytest.raises(EventError, match="it failed with Failed authentication"):
            lake.explain("sign-in-1")


class TestRecords:
    """The original records again."""

    def test_they_are_equal_to_their_source(self, lake: Lake) -> None:
        """In order of time."""
        assert list(lake.records()) == [ALICE, BOB, ERIN, PASSED]

    @pytest.mark.parametrize(
        ("filters", "found"),
        [
            ({"since": "2026-06-03"}, [ERIN, PASSED]),
            ({"principal": "erin@example.com"}, [ERIN]),
            ({"region": "eu-west-1"}, [BOB]),
            ({"event": "s3:*", "account": ACCOUNT}, [ALICE, PASSED]),
        ],
    )
    def test_filters(self, lake: Lake, filters: dict[str, Any], found: list[Record]) -> None:
        """The same as for denials."""
        assert list(lake.records(**filters)) == found

    def test_the_same_names_as_for_denials(self, lake_of: Callable[..., Lake]) -> None:
        """A directory's user, another account, a person behind a role."""
        names = {
            "CORP\\alice": {"type": "SAMLUser", "userName": "CORP\\alice"},
            "999988887777": {"type": "AWSAccount", "accountId": "999988887777"},
            "x@example.com": role("AWSReservedSSO_Read_0123456789abcdef", "x@example.com"),
        }
        lake = lake_of(*(denied(event_id=name, by=by) for name, by in names.items()))
        for name in names:
            assert lake.denials(principal=name)["event_id"].tolist() == [name]
            assert [record["eventID"] for record in lake.records(principal=name)] == [name]


class TestSql:
    """Plain DuckDB over the lake."""

    def test_values_are_bound(self, lake: Lake) -> None:
        """By name or by place."""
        named = lake.sql(
            "select event_id from events where event_name = $name", {"name": "GetUser"}
        )
        placed = lake.sql("select event_id from events where event_name = ?", ["GetUser"])
        assert named["event_id"].tolist() == placed["event_id"].tolist() == ["bob-0000-2"]

    def test_nested_fields_have_cloudtrails_names(self, lake: Lake) -> None:
        """In snake case."""
        query = "select distinct user_identity.session_context.session_issuer.user_name as n from events"
        assert set(lake.sql(query)["n"].dropna()) == {"Admin"}

    def test_times_are_utc(self, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
        """Wherever the machine stands."""
        monkeypatch.setenv("TZ", "Asia/Seoul")
        time.tzset()
        rows = lake.sql(
            "select min(event_time) as first, min(event_time)::varchar as t from events"
        )
        assert str(rows["first"].dtype) == "datetime64[us, UTC]"
        assert rows["t"][0] == "2026-06-01 09:00:00+00"
        assert len(lake.denials(since="2026-06-01T09:00", until="2026-06-01T09:01")) == 1
        monkeypatch.undo()
        time.tzset()

    @pytest.mark.parametrize(
        "query", ["selec", "select nothing from events", "select * from x", ""]
    )
    def test_what_duckdb_refuses_is_an_error(self, lake: Lake, query: str) -> None:
        """In DuckDB's own words; an empty query is no question."""
        with pytest.raises(QueryError):
            lake.sql(query)

    def test_a_statement_without_rows_has_an_empty_answer(self, lake: Lake) -> None:
        """A variable may be set, for the queries that look at one."""
        assert lake.sql("set variable x = 1").empty

    def test_variables_of_the_caller_are_no_tables(self, lake: Lake) -> None:
        """A name that was mistyped is not found somewhere in Python."""
        evnts = pd.DataFrame({"x": [1]})
        with pytest.raises(QueryError, match="evnts"):
            lake.sql("select * from evnts")
        assert len(evnts) == 1


class TestDescribe:
    """What the tables hold."""

    def test_tables_are_listed(self, lake: Lake) -> None:
        """With what one row is."""
        tables = lake.describe().set_index("table")["meaning"]
        assert tables["denials"].startswith("one row for each refused call")

    @pytest.mark.parametrize("name", ["events", "calls", "denials", "issued", "records", "summary"])
    def test_columns_are_told(self, lake: Lake, name: str) -> None:
        """Every one has its meaning."""
        columns = lake.describe(name)
        assert columns["meaning"].str.len().gt(0).all()
        assert columns.columns.tolist() == ["column", "type", "meaning"]

    def test_denials_are_described_as_they_come(self, lake: Lake) -> None:
        """Verdict and bodies included."""
        assert lake.describe("denials")["column"].tolist() == list(
            lake.denials(bodies=True).columns
        )

    @pytest.mark.parametrize("name", ["summary", "posture", "credentials"])
    def test_what_is_asked_is_described_as_it_comes(self, lake: Lake, name: str) -> None:
        """Names and order."""
        assert lake.describe(name)["column"].tolist() == list(getattr(lake, name)().columns)

    def test_an_unknown_table_is_an_error(self, lake: Lake) -> None:
        """The nearest name is offered."""
        with pytest.raises(QueryError, match="did you mean denials"):
            lake.describe("denial")


class TestNotes:
    """What a reader has to know of the archive."""

    def test_missing_data_events_are_told(self, lake: Lake) -> None:
        """Without them a 403 on HeadObject is not recorded."""
        assert any("a 403 on HeadObject" in note for note in lake.notes())

    def test_data_events_are_not_missed_where_they_are(self, lake_of: Callable[..., Lake]) -> None:
        """One is enough to know that they are recorded."""
        notes = lake_of(call("GetObject", eventCategory="Data")).notes()
        assert not any("HeadObject" in note for note in notes)

    def test_old_events_do_not_tell_their_category(self, lake_of: Callable[..., Lake]) -> None:
        """There the name tells."""
        old = {key: value for key, value in call("GetObject").items() if key != "eventCategory"}
        assert not any("HeadObject" in note for note in lake_of(old).notes())

    def test_bad_credentials_are_counted_apart(self, lake_of: Callable[..., Lake]) -> None:
        """They are authentication."""
        notes = lake_of(denied(code="Client.AuthFailure")).notes()
        assert any(note.startswith("1 calls failed for bad or expired") for note in notes)

    def test_events_without_time_are_counted(self, lake_of: Callable[..., Lake]) -> None:
        """A filter by time leaves them out: that is said."""
        notes = lake_of(call(), call(eventTime="soon")).notes()
        assert any(note.startswith("1 events have no readable time") for note in notes)

    @pytest.mark.parametrize("records", [[], [call(eventTime="soon")]])
    def test_a_lake_without_times_has_notes(
        self, lake_of: Callable[..., Lake], records: list[Record]
    ) -> None:
        """An empty lake says that it is empty."""
        notes = lake_of(*records).notes()
        assert ("The lake holds no events" in notes[0]) is not bool(records)


@pytest.mark.parametrize(
    "created", ["-infinity", "infinity", "now", "5000-01-01 (BC)", "290000-01-01", "", "x"]
)
def test_no_session_is_so_odd_that_it_hides_the_rest(
    lake_of: Callable[..., Lake], created: str
) -> None:
    """A date that is none is no date."""
    odd = denied(by=user() | {"sessionContext": {"attributes": {"creationDate": created}}})
    rows = lake_of(odd, denied()).denials()
    assert len(rows) == 2
    assert bool(rows["session_started"].isna().all())


class TestFolder:
    """The folder itself."""

    def test_it_is_made(self, tmp_path: Path) -> None:
        """A new lake answers, with nothing."""
        lake = Lake(tmp_path / "new")
        assert lake.denials().empty
        assert lake.summary().empty
        assert list(lake.records()) == []
        assert repr(lake) == f"Lake({str(tmp_path / 'new')!r})"

    def test_it_need_not_be_made(self, tmp_path: Path) -> None:
        """Who asks a lake that is not there learns so."""
        with pytest.raises(LakeError, match="there is no lake here"):
            Lake(tmp_path / "new", create=False)

    def test_its_name_may_hold_anything(self, tmp_path: Path) -> None:
        """Quotes and wildcards are characters."""
        lake = Lake(tmp_path / "it's [a] lake*")
        lake.ingest(write_log(tmp_path / "log.json", [ALICE]))
        assert len(lake.denials()) == 1

    @pytest.mark.usefixtures("lake")
    def test_it_is_open_to_others(self, tmp_path: Path) -> None:
        """Plain DuckDB, without this library, reads the same events."""
        found = duckdb.execute(
            f"select account_id, date, event_id from '{tmp_path}/lake/events/**/*.parquet'"
            " where event_name = 'GetUser'"
        ).fetchall()
        assert [(str(row[0]), str(row[1]), row[2]) for row in found] == [
            (ACCOUNT, "2026-06-02", "bob-0000-2")
        ]

    def test_damage_is_an_error(self, lake: Lake, tmp_path: Path) -> None:
        """A Parquet file that is none is told of in a sentence."""
        for path in (tmp_path / "lake" / "events").glob("**/*.parquet"):
            path.write_bytes(b"nonsense")
        with pytest.raises(QueryError, match="the lake cannot be read"):
            lake.denials()
