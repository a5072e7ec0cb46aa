"""A whole archive against its digests: what was changed, is missing or foreign is named."""

from __future__ import annotations

import gzip
import os
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cloudtrail_mfa import PublicKeyError, ScopeError, SourceError, Verification, verify
from cloudtrail_mfa.scope import Extent
from tests.records import call, file_name, write_log
from tests.signed_archive import HOUR, START, Trail, edit, signed_archive, write_keys


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """Return a file of AWS's public keys, outside the archive."""
    return write_keys(tmp_path / "keys.json", "aws")


@pytest.fixture
def trail(tmp_path: Path) -> Trail:
    """Return a trail that delivered for three hours, with all signatures."""
    return signed_archive(tmp_path / "logs")


def counts(told: Verification) -> dict[str, int]:
    return dict(Counter(f"{check.kind} {check.outcome}" for check in told.checks))


WHOLE = {"digest verified": 3, "log unchanged": 6}


def test_an_untouched_archive_is_intact(trail: Trail, keys: Path) -> None:
    """Every digest is signed, every log file is as its digest says."""
    told = verify(trail.folder, public_keys=keys)
    assert told.intact
    assert counts(told) == WHOLE
    assert [check for check in told.checks if check.reason] == []
    assert str(told).splitlines()[:2] == ["3 digests: 3 verified", "6 log files: 6 unchanged"]


def test_keys_may_lie_beside_the_archive(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever calls from the folder that holds both does not find them foreign."""
    write_keys(trail.folder / "keys.json", "aws")
    monkeypatch.chdir(trail.folder)
    assert counts(verify(".", public_keys="keys.json")) == WHOLE


def test_the_changed_and_the_missing_file_are_named(trail: Trail, keys: Path) -> None:
    """And nothing else is accused; both hashes are told."""
    edit(trail.logs[2], "ListBuckets", "ListObjects")
    trail.logs[4].unlink()
    told = verify(trail.folder, public_keys=[keys])
    assert counts(told) == WHOLE | {"log unchanged": 4, "log changed": 1, "log missing": 1}
    (changed,), (missing,) = told.of("changed"), told.of("missing")
    assert changed.path == str(trail.logs[2])
    assert missing.place == f"s3://example-trail/{trail.logs[4].relative_to(trail.folder)}"
    text = str(told)
    assert f"changed {trail.logs[2]}: its SHA-256 is {changed.sha256}, but its digest" in text
    assert str(changed.expected_sha256) in text
    assert f"missing {missing.place}: named by" in text
    assert not told.intact


def test_the_worst_comes_first(trail: Trail, keys: Path) -> None:
    """In the rows as in the sentences."""
    edit(trail.logs[2], "ListBuckets", "ListObjects")
    edit(trail.digests[2], '"logFiles"', ' "logFiles"')
    told = verify(trail.folder, public_keys=keys)
    assert [check.outcome for check in told.checks][:2] == ["invalid", "changed"]
    assert [line.split()[0] for line in str(told).splitlines()[2:4]] == ["invalid", "changed"]


@pytest.mark.parametrize("folder", ["copy", "copy/with/prefix", "copy/AWSLogs/AWSLogs"])
def test_a_copy_may_lie_anywhere(trail: Trail, keys: Path, tmp_path: Path, folder: str) -> None:
    """Under another prefix, or without CloudTrail's folders, or partly gunzipped."""
    shutil.copytree(trail.folder, tmp_path / folder)
    flat = tmp_path / "flat"
    flat.mkdir()
    for path in (*trail.logs, *trail.digests[:2]):
        (flat / path.name.removesuffix(".gz")).write_bytes(gzip.decompress(path.read_bytes()))
    for path in (trail.digests[2], trail.digests[2].with_name(f"{trail.digests[2].name}.sig")):
        shutil.copy(path, flat)
    for copy in (tmp_path / folder, flat):
        assert counts(verify(copy, public_keys=keys)) == WHOLE


def test_several_copies_are_each_compared(trail: Trail, keys: Path, tmp_path: Path) -> None:
    """The good one does not excuse the other."""
    shutil.copytree(trail.folder, tmp_path / "copy")
    edit(tmp_path / "copy" / trail.logs[0].relative_to(trail.folder), "ListBuckets", "ListObjects")
    told = verify(trail.folder, tmp_path / "copy", public_keys=keys)
    assert counts(told) == {"digest verified": 6, "log unchanged": 11, "log changed": 1}


def test_without_the_last_signature_the_last_hour_is_not_proven(trail: Trail, keys: Path) -> None:
    """A copy from S3 loses it; filters by time leave that hour out, and its digest still serves."""
    trail.digests[2].with_name(f"{trail.digests[2].name}.sig").unlink()
    told = verify(trail.folder, public_keys=keys)
    expected = {"digest verified": 2, "digest unverifiable": 1}
    assert counts(told) == expected | {"log unchanged": 4, "log unverifiable": 2}
    told = verify(trail.folder, public_keys=keys, until="2026-06-01T10:00:00Z")
    assert counts(told) == {"digest verified": 2, "log unchanged": 4}
    assert told.intact
    assert told.outside == 3
    assert "3 files outside the filters" in str(told)


def test_a_missing_digest_leaves_a_gap(trail: Trail, keys: Path) -> None:
    """Named with its time; what was delivered then, and the digest before, are not proven."""
    trail.digests[1].unlink()
    told = verify(trail.folder, public_keys=keys)
    assert counts(told) == {
        "digest missing": 1,
        "digest unverifiable": 1,
        "digest verified": 1,
        "log unverifiable": 2,
        "log uncovered": 2,
        "log unchanged": 2,
    }
    (missing,) = told.of("missing")
    assert (missing.start, missing.end) == (START + HOUR, START + 2 * HOUR)
    place = f"s3://example-trail/{trail.digests[1].relative_to(trail.folder)}"
    assert f"missing {place}: no digest is here from 2026-06-01T09:00:00Z" in str(told)


def test_a_copy_may_begin_in_the_middle(trail: Trail, keys: Path) -> None:
    """What was before cannot be known: that is said, and what is here is proven all the same."""
    for path in (trail.digests[0], *trail.logs[:2]):
        path.unlink()
    told = verify(trail.folder, public_keys=keys)
    assert told.intact
    assert str(told).splitlines()[-1] == (
        "chain of 111122223333 us-east-1, trail main of us-east-1, delivered to example-trail:"
        " 2 digests, 2026-06-01T09:00:00Z to 2026-06-01T11:00:00Z, those before are not here"
    )


def test_an_edited_digest_is_invalid_and_proves_nothing(trail: Trail, keys: Path) -> None:
    """Such as one from which a log file was taken out."""
    edit(trail.digests[1], trail.logs[2].name, "other.json.gz")
    told = verify(trail.folder, public_keys=keys)
    assert counts(told) == {
        "digest verified": 2,
        "digest invalid": 1,
        "log unchanged": 4,
        "log unverifiable": 1,
        "log uncovered": 1,
        "log missing": 1,
    }
    assert told.of("invalid")[0].path == str(trail.digests[1])
    assert "(invalid)" in told.of("missing")[0].reason


def test_a_chain_started_anew_is_told(tmp_path: Path, keys: Path) -> None:
    """The time between is in no digest, and neither is what was delivered then."""
    trail = Trail(tmp_path / "logs").hours(2)
    trail.keep_last_signature()
    trail.log(START + 3 * HOUR)
    trail.restart()
    trail.hours(1, start=START + 5 * HOUR)
    trail.keep_last_signature()
    told = verify(trail.folder, public_keys=keys)
    assert counts(told) == {
        "digest verified": 3,
        "digest gap": 1,
        "log unchanged": 6,
        "log uncovered": 1,
    }
    assert "no digest is here from 2026-06-01T10:00:00Z to 2026-06-01T13:00:00Z" in str(told)
    assert "starts the chain anew" in str(told)


def test_a_foreign_file_is_told_from_one_outside_the_digests(trail: Trail, keys: Path) -> None:
    """Within their time each file should be named; before and after none can be."""
    folder = trail.logs[0].parent
    for minute in ("20260601T0710Z", "20260601T0910Z", "20260601T1210Z"):
        write_log(folder / file_name(minute), [call()])
    write_log(folder / "evidence.json.gz", [call()])
    told = verify(trail.folder, public_keys=keys)
    assert counts(told) == WHOLE | {"log foreign": 2, "log uncovered": 2}
    foreign = {Path(check.path or "").name for check in told.of("foreign")}
    assert foreign == {file_name("20260601T0910Z"), "evidence.json.gz"}


def test_trails_and_accounts_have_chains_of_their_own(tmp_path: Path, keys: Path) -> None:
    """Filters choose among them."""
    logs = tmp_path / "logs"
    signed_archive(logs, name="one")
    signed_archive(logs, name="two", prefix="other/")
    signed_archive(logs, account="222233334444", region="eu-west-1")
    told = verify(logs, public_keys=keys)
    assert counts(told) == {"digest verified": 9, "log unchanged": 18}
    assert len(told.spans) == 3
    one_of_two: tuple[Extent, Extent] = {"account": "222233334444"}, {"region": "eu-west-1"}
    for filters in one_of_two:
        told = verify(logs, public_keys=keys, **filters)
        assert counts(told) == WHOLE
        assert told.outside == 18


def test_time_filters_choose_by_delivery(trail: Trail, keys: Path) -> None:
    """A digest whose time reaches into it counts with all that it names, a gap likewise."""
    trail.logs[0].unlink()
    write_log(trail.logs[1].with_name(file_name("20260601T0810Z")), [call()])
    told = verify(trail.folder, public_keys=keys, since="2026-06-01T09:30:00Z")
    assert counts(told) == {"digest verified": 2, "log unchanged": 4}
    assert told.outside == 3
    told = verify(trail.folder, public_keys=keys, until="2026-06-01T08:15:30Z")
    assert counts(told) == {
        "digest verified": 1,
        "log unchanged": 1,
        "log missing": 1,
        "log foreign": 1,
    }
    assert told.outside == 6
    trail.digests[1].unlink()
    told = verify(trail.folder, public_keys=keys, since="2026-06-01T10:00:00Z")
    assert counts(told) == {"digest verified": 1, "log unchanged": 2}


def test_no_forged_time_takes_a_digest_out_of_scope(trail: Trail, keys: Path) -> None:
    """Its file's name tells the time, too, and the digest after it holds the name."""
    edit(trail.digests[1], "2026-06-01T09:00:00Z", "2036-06-01T09:00:00Z")
    edit(trail.digests[1], "2026-06-01T10:00:00Z", "2036-06-01T10:00:00Z")
    told = verify(trail.folder, public_keys=keys, until="2026-06-01T10:30:00Z")
    assert [check.path for check in told.of("invalid")] == [str(trail.digests[1])]


def test_no_forged_digest_takes_a_file_out_of_scope(trail: Trail, keys: Path) -> None:
    """A forged log file, claimed by a forged digest of another time, is still not proven."""
    forger = Trail(trail.folder, name="forged", key="attacker")
    log = forger.log(START + HOUR / 2)
    forger.hour(START + 1000 * HOUR, [log])
    told = verify(trail.folder, public_keys=keys, until="2026-06-01T10:30:00Z")
    assert [check.path for check in told.of("unverifiable")] == [str(forger.logs[0])]
    assert not told.intact


def test_a_damaged_digest_of_another_time_is_outside(trail: Trail, keys: Path) -> None:
    """By its name, as nothing else tells its time."""
    trail.digests[2].write_bytes(b"")
    told = verify(trail.folder, public_keys=keys, until="2026-06-01T09:00:00Z")
    assert counts(told) == {"digest verified": 1, "log unchanged": 2}
    assert told.outside == 6


def test_filters_that_leave_nothing_prove_nothing(trail: Trail, keys: Path) -> None:
    """A typing error in an account id is no clean bill."""
    told = verify(trail.folder, public_keys=keys, account="999999999999")
    assert told.checks == ()
    assert not told.intact
    assert told.outside == 9


def test_what_is_damaged_or_closed_is_told(trail: Trail, keys: Path) -> None:
    """A digest that cannot be understood is invalid; what may not be read is not accused."""
    trail.digests[0].write_bytes(b"\x1f\x8b\x08")
    trail.digests[1].unlink()
    trail.digests[1].symlink_to(trail.folder / "nowhere")
    told = verify(trail.folder, public_keys=keys)
    (invalid,), (closed,) = told.of("invalid"), told.of("unverifiable", "digest")
    assert (invalid.path, closed.path) == (str(trail.digests[0]), str(trail.digests[1]))
    assert invalid.reason.startswith("truncated gzip")
    assert closed.reason == "cannot be read (No such file or directory)"
    assert told.of("missing") == []


@pytest.mark.parametrize(
    ("content", "outcome"),
    [
        pytest.param(b"00", "invalid", id="of another"),
        pytest.param(b"\xff" * 100, "invalid", id="no text"),
        pytest.param(b"a" * 20_000, "unverifiable", id="too long"),
    ],
)
def test_a_kept_signature_may_be_wrong(
    trail: Trail, keys: Path, content: bytes, outcome: str
) -> None:
    """Then the last digest is not verified, and no other suffers."""
    trail.keep_last_signature().write_bytes(content)
    told = verify(trail.folder, public_keys=keys)
    ours = [c for c in told.checks if c.kind == "digest" and c.path == str(trail.digests[2])]
    assert [check.outcome for check in ours] == [outcome]
    assert len(told.of("verified")) == 2


def test_a_kept_signature_that_cannot_be_read_is_named(trail: Trail, keys: Path) -> None:
    """It is not passed over in silence."""
    path = trail.keep_last_signature()
    path.write_bytes(b"a" * 20_000)
    told = verify(trail.folder, public_keys=keys)
    assert str(path) in [check.path for check in told.of("invalid")]


def test_a_signature_beside_no_digest_is_foreign(trail: Trail, keys: Path) -> None:
    """A file that is of no use is named."""
    path = trail.folder / "x.sig"
    path.write_text("00")
    (foreign,) = verify(trail.folder, public_keys=keys).of("foreign")
    assert foreign.path == str(path)


def test_late_digests_name_what_others_left_out(tmp_path: Path, keys: Path) -> None:
    """AWS calls them backfill digests."""
    trail = Trail(tmp_path / "logs").hours(2)
    log = trail.log(START + HOUR / 2)
    trail.keep_last_signature()
    assert len(verify(trail.folder, public_keys=keys).of("foreign")) == 1
    trail.restart()
    trail.hour(START, [log], suffix="_backfill")
    trail.keep_last_signature()
    told = verify(trail.folder, public_keys=keys)
    assert counts(told) == {"digest verified": 3, "log unchanged": 5}
    assert told.intact


def test_no_path_of_a_digest_is_followed(
    tmp_path: Path, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only files of the sources are opened, whatever an attacker names."""
    secret = tmp_path / "secret.json"
    secret.write_text("secret")
    trail = Trail(tmp_path / "logs")
    log = trail.log(START)
    wanted = ["../secret.json", str(secret), "../../etc/passwd", "a\nb\x1b[2J"]
    trail.hour(START, [log | {"s3Object": name} for name in wanted] + [log])
    opened: list[str] = []
    os_open = open

    def watched(path: Any, *args: Any, **kwargs: Any) -> Any:
        opened.append(str(path))
        return os_open(path, *args, **kwargs)

    monkeypatch.setattr("cloudtrail_mfa.archive.sources.open", watched, raising=False)
    told = verify(trail.folder, public_keys=keys)
    assert len(told.of("missing")) == 4
    assert sorted(opened) == sorted(str(path) for path in (*trail.logs, *trail.digests))
    assert "\x1b" not in str(told)


def test_no_digest_is_no_evidence(tmp_path: Path, keys: Path) -> None:
    """An archive without digests is an error, not one without faults."""
    write_log(tmp_path / "logs" / file_name(), [call()])
    with pytest.raises(SourceError, match="no digest is among the files"):
        verify(tmp_path / "logs", public_keys=keys)


def test_requests_that_cannot_be_understood_are_errors(trail: Trail, tmp_path: Path) -> None:
    """Before anything is read."""
    with pytest.raises(SourceError):
        verify(tmp_path / "nowhere")
    with pytest.raises(PublicKeyError):
        verify(trail.folder, public_keys=os.fspath(tmp_path / "nowhere.json"))
    with pytest.raises(ScopeError):
        verify(trail.folder, since="yesterday")
