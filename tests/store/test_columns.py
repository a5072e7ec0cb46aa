"""Records to columns and back: nothing is lost, whatever the record looks like."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from cloudtrail_mfa.store.columns import to_table
from cloudtrail_mfa.store.identities import ROW_SCHEMA
from cloudtrail_mfa.store.originals import restore
from tests.records import call, denied, role, session, user


def table_of(*records: Any) -> pa.Table:
    texts = [text if isinstance(text, str) else json.dumps(text) for text in records]
    return to_table([Raw(text.encode()) for text in texts], "logs.json")


def row_of(record: Any) -> dict[str, Any]:
    (row,) = table_of(record).to_pylist()
    return dict(row)


def back(record: Any) -> Any:
    (text,) = restore(table_of(record))
    return json.loads(text)


class TestUsual:
    """Records whose every field is known."""

    @pytest.mark.parametrize(
        "record",
        [
            call(),
            denied(),
            call(by=session(mfa=True)),
            call(by=role(sourceIdentity="x", ec2RoleDelivery="2.0")),
            call(requestParameters={"a": [1, 2.5, None, {"b": "ü"}]}, resources=None),
            call(userIdentity={}),
            call(by=user() | {"sessionContext": {"sessionIssuer": {}, "attributes": {}}}),
            call(errorMessage='"quoted"\n\t\x00\u2028'),
        ],
    )
    def test_it_comes_back_equal_from_the_columns(self, record: Any) -> None:
        """No copy of the record is needed: absent, null, empty and nested fields are told apart."""
        assert back(record) == record
        assert row_of(record)["record"] is None

    def test_it_is_typed(self) -> None:
        """Times, flags and nested fields are what they say."""
        row = row_of(call(by=session(mfa=False)))
        assert row["event_time"] == datetime(2026, 6, 1, 9, tzinfo=UTC)
        assert row["read_only"] is True
        attributes = row["user_identity"]["session_context"]["attributes"]
        assert attributes["mfa_authenticated"] == "false"

    def test_its_partition_is_account_and_day(self) -> None:
        """The day is the event's own, not that of its delivery."""
        row = row_of(call(time="2026-05-31T23:59:59Z"))
        assert row["account_id"] == "111122223333"
        assert row["date"].isoformat() == "2026-05-31"

    def test_its_file_is_known(self) -> None:
        """Every event can be traced to a file."""
        assert row_of(call())["source_file"] == "logs.json"


class TestUnusual:
    """Records with anything else: kept as text, and read as far as they can be."""

    @pytest.mark.parametrize(
        ("fields", "column", "value"),
        [
            ({"newField": {"a": 1}}, "event_name", "ListBuckets"),
            ({"errorCode": None}, "error_code", None),
            ({"errorMessage": {"a": "b"}}, "error_message", '{"a":"b"}'),
            ({"eventName": 5}, "event_name", "5"),
            ({"userIdentity": ["x"]}, "user_identity", None),
            ({"userIdentity": None}, "user_identity", None),
            ({"readOnly": "true"}, "read_only", None),
            ({"eventTime": "soon"}, "event_time", None),
            ({"eventTime": "2026-13-45T00:00:00Z"}, "event_time", None),
            (
                {"eventTime": "2026-06-01T09:00:00"},
                "event_time",
                datetime(2026, 6, 1, 9, tzinfo=UTC),
            ),
            (
                {"eventTime": "2026-06-01T11:00:00+02:00"},
                "event_time",
                datetime(2026, 6, 1, 9, tzinfo=UTC),
            ),
            ({"eventTime": "9999-12-31T23:59:59-01:00"}, "event_time", None),
            ({"recipientAccountId": "../../etc"}, "account_id", None),
            ({"recipientAccountId": 111122223333}, "account_id", "111122223333"),
            ({"recipientAccountId": "١١١١٢٢٢٢٣٣٣٣"}, "account_id", None),
        ],
    )
    def test_it_comes_back_equal_and_is_read_as_far_as_possible(
        self, fields: dict[str, Any], column: str, value: object
    ) -> None:
        """A wrong type costs a column its value, never the record."""
        record = call() | fields
        assert back(record) == record
        assert row_of(record)[column] == value

    def test_unknown_field_of_the_identity(self) -> None:
        """What AWS adds to userIdentity is kept, and the known fields are read."""
        record = call(by=user() | {"invented": [1]})
        assert back(record) == record
        assert row_of(record)["user_identity"]["user_name"] == "alice"

    @pytest.mark.parametrize("number", ["1" * 40, "1" * 5000, "1e999", "-0.0", "1.10"])
    def test_numbers_keep_their_digits(self, number: str) -> None:
        """Numbers that no machine type holds come back as they were written."""
        for key in ("requestParameters", "invented"):
            text = f'{{"eventName":"x","eventTime":"2026-06-01T09:00:00Z","{key}":{number}}}'
            (found,) = restore(table_of(text))
            assert f":{number}" in found

    def test_keys_that_stand_twice_are_kept_in_nested_fields(self) -> None:
        """What is inside a body is not touched."""
        text = '{"eventName":"x","eventTime":"y","requestParameters":{"a":1,"a":2}}'
        assert next(restore(table_of(text))) == text

    def test_half_a_surrogate_does_not_stop_the_rest(self) -> None:
        """JSON allows half a character where a column does not."""
        text = '{"eventName":"\\ud800","eventTime":"y"}'
        table = table_of(call(), text)
        assert list(restore(table))[1] == text
        assert table["event_name"].to_pylist()[1] == "?"

    def test_a_record_of_several_lines_comes_back_on_one(self) -> None:
        """One JSON object a line, however it was written."""
        record = call(requestParameters={"a": [1, 2]}, invented="x\ny")
        for one in (record, call(requestParameters={"a": "x\n\u2028y"})):
            (text,) = restore(table_of(json.dumps(one, indent=1)))
            assert "\n" not in text
            assert json.loads(text) == one

    def test_deep_nesting_is_kept(self) -> None:
        """A body may be nested as deep as it was read."""
        record = call(requestParameters=json.loads("[" * 200 + "]" * 200))
        assert back(record) == record


def test_no_records_are_a_table_without_rows() -> None:
    """An empty file has a table too."""
    assert table_of().schema == ROW_SCHEMA
    assert table_of().num_rows == 0


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*call(), "invented", "errorCode"]), _JSON))
def test_any_record_comes_back_equal(fields: dict[str, Any]) -> None:
    """Whatever stands in whatever field."""
    record = call(event_id="e") | fields
    assert back(record) == record
