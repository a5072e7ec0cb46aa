"""Decoding: every shape in which people hold CloudTrail records, and what is none."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest

from cloudtrail_mfa.archive.decode import NotEvents, Unreadable, decompress, unwrap
from tests.records import call

ONE = call(event_id="11111111-1111-4111-8111-111111111111")
TWO = call("GetUser", "iam", event_id="22222222-2222-4222-8222-222222222222")


def found(text: object) -> list[Any]:
    """Return the records in a text, or in a value written as JSON."""
    raw = text if isinstance(text, bytes) else json.dumps(text).encode()
    unwrapped = unwrap(raw)
    assert unwrapped.problems == []
    return [json.loads(bytes(record)) for record in unwrapped.records]


def lines(*values: object) -> bytes:
    return "\n".join(json.dumps(value) for value in values).encode()


class TestShapes:
    """The shapes of domain knowledge: each holds the same two records."""

    def test_delivered_file(self) -> None:
        """CloudTrail's own files hold one object with a list of records."""
        assert found({"Records": [ONE, TWO]}) == [ONE, TWO]

    def test_console_download(self) -> None:
        """The console's event history is the same, indented."""
        assert found(json.dumps({"Records": [ONE, TWO]}, indent=2).encode()) == [ONE, TWO]

    def test_list(self) -> None:
        """A list of records needs no wrapper."""
        assert found([ONE, TWO]) == [ONE, TWO]

    def test_single_record(self) -> None:
        """A record alone is a file too."""
        assert found(ONE) == [ONE]

    def test_record_a_line(self) -> None:
        """One record a line, with empty lines between."""
        assert found(lines(ONE) + b"\n\n" + lines(TWO) + b"\n") == [ONE, TWO]

    def test_wrapper_a_line(self) -> None:
        """Delivered files that were written one after the other."""
        assert found(lines({"Records": [ONE]}, {"Records": [TWO]})) == [ONE, TWO]

    def test_lookup_events(self) -> None:
        """What lookup-events prints has each record as JSON inside a string."""
        events = [{"EventId": "x", "CloudTrailEvent": json.dumps(record)} for record in (ONE, TWO)]
        assert found({"Events": events}) == [ONE, TWO]

    def test_event_bridge(self) -> None:
        """EventBridge puts the record under detail."""
        event = {"version": "0", "detail-type": "AWS API Call via CloudTrail", "detail": ONE}
        assert found(event) == [ONE]
        assert found(lines(event, event)) == [ONE, ONE]

    def test_cloud_watch_filter(self) -> None:
        """What filter-log-events prints has each record as a message."""
        events = [{"timestamp": 1, "message": json.dumps(record)} for record in (ONE, TWO)]
        assert found({"events": events, "searchedLogStreams": []}) == [ONE, TWO]

    def test_cloud_watch_subscription(self) -> None:
        """What a subscription delivers has log events."""
        events = [{"id": "1", "timestamp": 1, "message": json.dumps(ONE)}]
        assert found({"messageType": "DATA_MESSAGE", "logEvents": events}) == [ONE]

    def test_cloud_watch_export(self) -> None:
        """An export to S3 has a time before each line."""
        text = "".join(f"2026-06-01T09:00:00.000Z {json.dumps(record)}\n" for record in (ONE, TWO))
        assert found(text.encode()) == [ONE, TWO]

    def test_cloud_watch_export_of_one(self) -> None:
        """One line is an export too."""
        assert found(f"2026-06-01T09:00:00.000Z {json.dumps(ONE)}".encode()) == [ONE]

    def test_cloud_trail_lake(self) -> None:
        """Query results of CloudTrail Lake hold the event where it was selected."""
        rows = [[{"eventID": "x"}, {"eventJson": json.dumps(record)}] for record in (ONE, TWO)]
        assert found({"QueryStatus": "FINISHED", "QueryResultRows": rows}) == [ONE, TWO]


class TestBytes:
    """What is around the text."""

    def test_gzip_is_known_by_its_content(self) -> None:
        """The name of a file does not matter."""
        assert decompress(gzip.compress(b"{}")) == b"{}"
        assert decompress(b"{}") == b"{}"

    def test_gzip_members_are_joined(self) -> None:
        """Files that were concatenated are one stream."""
        assert decompress(gzip.compress(b"[1,") + gzip.compress(b"2]")) == b"[1,2]"

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
    def test_byte_order_marks(self, encoding: str) -> None:
        """PowerShell writes a byte order mark, or UTF-16."""
        assert decompress('{"ö":1}'.encode(encoding)) == '{"ö":1}'.encode()

    @pytest.mark.parametrize(
        ("stored", "reason"),
        [
            (b"", "empty"),
            (b" \n", "empty"),
            (gzip.compress(b"", mtime=0), "empty"),
            (gzip.compress(b"{}" * 999, mtime=0)[:-9], "truncated gzip"),
            (b"\x1f\x8b\x07nonsense", "broken gzip"),
            (gzip.compress(b"{}" * 999, mtime=0)[:-8] + b"\0" * 8, "broken gzip"),
            (b'{"a":"\xff"}', "not UTF-8"),
            (b"\xff\xfe\x00", "broken UTF-16"),
        ],
    )
    def test_what_cannot_be_read_says_why(self, stored: bytes, reason: str) -> None:
        """Each kind of damage has its own words."""
        with pytest.raises(Unreadable, match=reason):
            decompress(stored)


class TestOthers:
    """JSON that holds no events."""

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            (b'{"Records":[', "broken JSON"),
            (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
            (b"hello", "not JSON"),
            (b"Event name,Event time\nListBuckets,x", "CSV"),
            (b'{"name":"x","version":1}', "another kind of JSON.*name, version"),
            (b'"just text"', "a text that is no JSON"),
            (b"[1,2]", "item 1: not a CloudTrail record but 1"),
            (b'{"Records":[{"s3":{},"eventName":"x","eventSource":"aws:s3"}]}', "another kind"),
            (b'{"QueryResultRows":[[{"eventName":"x"}]]}', "select eventJson"),
            (b'{"QueryResultRows":null}', "no rows of CloudTrail Lake"),
            (b'{"QueryResultRows":[["x"]]}', "no rows of CloudTrail Lake"),
            (b'{"QueryResultRows":[{"eventJson":1}]}', "no rows of CloudTrail Lake"),
            (b'[{"digestS3Bucket":"x"},{"foo":1}]', "item 2: another kind of JSON"),
        ],
    )
    def test_other_content_is_rejected_with_its_reason(self, text: bytes, reason: str) -> None:
        """What holds no record says what it is instead."""
        with pytest.raises(Unreadable, match=reason):
            unwrap(text)

    def test_wrappers_do_not_go_on_for_ever(self) -> None:
        """JSON in a string in a string has an end."""
        text = json.dumps(ONE)
        for _ in range(12):
            text = json.dumps(text)
        with pytest.raises(Unreadable, match="layers deep"):
            unwrap(text.encode())

    @pytest.mark.parametrize("depth", range(900, 1010, 7))
    def test_nesting_at_the_edge_is_read_or_rejected(self, depth: int) -> None:
        """However deep Python's own stack is by then."""
        record = {"eventName": "x", "eventTime": "y"}
        text = json.dumps({"Records": [record]})[:-3] + f',"a":{"[" * depth}{"]" * depth}}}]}}'
        try:
            assert len(unwrap(text.encode()).records) == 1
        except Unreadable as error:
            assert "nested too deeply" in str(error)  # noqa: PT017

    def test_digest_is_no_events(self) -> None:
        """A digest is known by its content where its folder is not there to tell."""
        with pytest.raises(NotEvents, match="digest"):
            unwrap(b'{"awsAccountId":"1","digestS3Bucket":"b","logFiles":[]}')

    def test_insights_are_no_events(self) -> None:
        """A file of Insights alone is passed over."""
        with pytest.raises(NotEvents, match="Insights"):
            unwrap(b'{"Records":[{"eventVersion":"1.08","insightDetails":{}}]}')

    def test_insights_beside_events_are_left_out_with_a_note(self) -> None:
        """The events count, and the note says what was left out."""
        unwrapped = unwrap(json.dumps({"Records": [ONE, {"insightDetails": {}}]}).encode())
        assert len(unwrapped.records) == 1
        assert unwrapped.notes == ["left out, 1 times: CloudTrail Insights: they are no calls"]


class TestPartly:
    """A file of which a part is good."""

    def test_a_broken_line_is_named_and_the_rest_goes_on(self) -> None:
        """The line's number is told."""
        unwrapped = unwrap(lines(ONE) + b'\n{"eventName":\n' + lines(TWO))
        assert len(unwrapped.records) == 2
        assert unwrapped.problems == ["line 2: broken JSON"]

    def test_an_item_that_is_no_record_is_named(self) -> None:
        """A list may hold other things."""
        unwrapped = unwrap(json.dumps({"Records": [ONE, 7]}).encode())
        assert len(unwrapped.records) == 1
        assert unwrapped.problems == ["item 2: not a CloudTrail record but 7"]

    def test_a_record_that_lacks_fields_is_still_evidence(self) -> None:
        """An event without its source, or its name, is kept."""
        poor = [{"eventName": "x", "eventTime": "y"}, {"eventSource": "x", "eventID": "y"}]
        assert found({"Records": poor}) == poor


def test_a_record_is_kept_as_it_was_written() -> None:
    """Numbers, escapes and unknown fields are not touched."""
    text = (
        b'{"eventName":"x","eventTime":"y","n":12345678901234567890123456789012345678901,'
        b'"u":"\\u00e9","f":1.0e2}'
    )
    assert bytes(unwrap(b'{"Records":[ ' + text + b" ]}").records[0]) == text


@pytest.mark.parametrize(
    "wrapper", ['{"Records": [%s]}', " [%s ]", '{ "Records" :\n[ %s ]\n}', "%s"]
)
def test_half_a_character_does_not_cost_the_other_records(wrapper: str) -> None:
    """A user agent that was cut inside a character is grammatical JSON, though no text."""
    poisoned = '{"eventName":"x","eventTime":"y","userAgent":"a\\ud83d","n":1.10}'
    one = json.dumps(ONE)
    items = [one, poisoned, one] if "[" in wrapper else [poisoned]
    unwrapped = unwrap((wrapper % ", ".join(items)).encode())
    assert [bytes(record).decode() for record in unwrapped.records] == items
    assert unwrapped.problems == []


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("between", ["", " ", "\n"])
def test_files_that_were_joined_hold_the_records_of_all(indent: int | None, between: str) -> None:
    """As cat writes them, which knows no line ends."""
    texts = [json.dumps({"Records": [record]}, indent=indent) for record in (ONE, TWO)]
    assert found(between.join(texts).encode()) == [ONE, TWO]


def test_joined_files_of_which_one_is_broken_are_rejected() -> None:
    """With the reason: it cannot be told where the broken one ends."""
    with pytest.raises(Unreadable, match="broken JSON"):
        unwrap(json.dumps({"Records": [ONE]}).encode() + b'{"Records":[{')


def test_half_a_character_in_lines() -> None:
    """Line by line likewise."""
    poisoned = '{"eventName":"x","eventTime":"y","userAgent":"a\\ud83d"}'
    text = "\n".join([json.dumps(ONE), poisoned, "{broken \\ud83d", json.dumps(TWO)])
    unwrapped = unwrap(text.encode())
    assert bytes(unwrapped.records[1]).decode() == poisoned
    assert len(unwrapped.records) == 3
    assert unwrapped.problems == ["line 3: broken JSON"]


def test_a_message_that_is_no_record_is_a_problem() -> None:
    """CloudWatch log groups hold other messages too."""
    encoded = base64.b64encode(b"x").decode()
    unwrapped = unwrap(
        json.dumps({"events": [{"message": json.dumps(ONE)}, {"message": encoded}]}).encode()
    )
    assert len(unwrapped.records) == 1
    assert "no JSON where a CloudTrail record should be" in unwrapped.problems[0]
