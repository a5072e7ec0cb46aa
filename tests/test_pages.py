"""The pages of the documentation: every block of code runs, and prints what stands below it."""

from __future__ import annotations

import gzip
import json
import os
import re
import shlex
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from moto.s3.models import s3_backends

from cloudtrail_mfa import Lake
from cloudtrail_mfa.demo import sample_change, sample_evidence, sample_logs
from tests.pages import PAGES, ROOT, blocks, run
from tests.s3_server import Bucket
from tests.signed_archive import signed_archive, write_keys

NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
# What none of them runs is counted here, so that it does not become many.
NOT_RUN = {
    "README.md": 4,
    "docs/how-to/lookup-events.md": 1,
    "docs/how-to/other-engines.md": 1,
    "docs/how-to/policies.md": 1,
    "docs/how-to/verify.md": 1,
    "docs/tutorial.ko.md": 1,
    "docs/tutorial.md": 1,
}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the samples in every shape that a page speaks of."""
    folder = tmp_path_factory.mktemp("pages")
    shutil.copytree(sample_logs(), folder / "AWSLogs")
    shutil.copytree(sample_evidence(), folder / "evidence")
    shutil.copytree(sample_change().parent, folder / "changes")
    (folder / "examples").symlink_to(ROOT / "examples")
    lake = Lake(folder / "lake")
    assert lake.ingest(folder / "AWSLogs", workers=1).complete
    # No data event is ever among them.
    looked_up = [
        {"EventId": str(record["eventID"]), "CloudTrailEvent": json.dumps(record)}
        for record in lake.records()
        if record["managementEvent"]
    ]
    (folder / "us-east-1.json").write_text(json.dumps({"Events": looked_up}))
    trail = signed_archive(folder / "delivered")
    trail.logs[1].write_bytes(gzip.compress(b'{"Records": []}', mtime=0))
    trail.logs[-1].unlink()
    write_keys(folder / "keys.json", "aws")
    return folder


@pytest.fixture
def folder(tmp_path: Path, prepared: Path) -> Path:
    """Return a copy of it: a page may write into it."""
    shutil.copytree(prepared, tmp_path / "page", symlinks=True)
    return tmp_path / "page"


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    """Return an environment in which the command is, and nothing else of whoever runs the tests."""
    commands = tmp_path / "bin"
    commands.mkdir()
    python = shlex.quote(sys.executable)
    main = "import sys; sys.argv[0] = 'cloudtrail-mfa'; from cloudtrail_mfa.cli import main; main()"
    for name, words in {"python": "", "cloudtrail-mfa": f"-c {shlex.quote(main)} "}.items():
        (commands / name).write_text(f'#!/bin/sh\nexec {python} {words}"$@"\n')
        (commands / name).chmod(0o755)
    return {
        "PATH": f"{commands}{os.pathsep}{os.defpath}",
        "HOME": str(tmp_path),
        "LC_ALL": "C.UTF-8",
        "COLUMNS": "100",
    }


@pytest.fixture
def bucket_of(bucket: Bucket, variables: dict[str, str]) -> Callable[[Path], None]:
    """Return a function that puts the logs of a folder into a bucket called my-trail."""

    def put(folder: Path) -> None:
        backend = s3_backends["123456789012"]["aws"]
        if "my-trail" not in backend.buckets:
            backend.create_bucket("my-trail", "us-east-1")
        for log in (log for log in (folder / "AWSLogs").rglob("*") if log.is_file()):
            backend.put_object("my-trail", log.relative_to(folder).as_posix(), log.read_bytes())
        variables.update(
            {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
        )
        variables["AWS_ENDPOINT_URL_S3"] = str(bucket.s3.endpoint)

    return put


@pytest.mark.parametrize("name", NAMES)
def test_every_block_runs(
    name: str,
    folder: Path,
    variables: dict[str, str],
    request: pytest.FixtureRequest,
) -> None:
    """And prints what is shown, in a folder where AWSLogs/, evidence/ and lake/ are the samples'."""
    page = ROOT / name
    if "s3://my-trail" in page.read_text():
        request.getfixturevalue("bucket_of")(folder)
    if re.search(
        r"^\$ cloudtrail-mfa ingest AWSLogs/ --lake lake/", page.read_text(), re.MULTILINE
    ):
        shutil.rmtree(folder / "lake")
    run(page, folder, variables)


def test_few_blocks_are_not_run() -> None:
    """Each has its reason, and no block has a fence that nobody sees."""
    found: Counter[str] = Counter()
    for name, page in zip(NAMES, PAGES, strict=True):
        found[name] += sum(bool(block.reason) for block in blocks(page))
        fences = re.findall(r"^\s*(?:```|~~~)", page.read_text(), re.MULTILINE)
        assert len(fences) == 2 * len(blocks(page)), name
    assert {name: count for name, count in found.items() if count} == NOT_RUN


def test_a_page_that_lies_is_found(tmp_path: Path, variables: dict[str, str]) -> None:
    """Where a command prints something else, fails, or where nothing prints what is shown."""
    for text, complaint in {
        "```console\n$ echo a\nb\n```\n": "printed\na\n",
        "```console\n$ false\n```\n": "exit code 1",
        "```python\nprint(1)\n```\n\n```text\n2\n```\n": "printed\n1\n",
        "```text\n2\n```\n": "no block above it",
        "```yaml\na: b\n```\n": "nobody runs 'yaml'",
        '```json\n{"a": }\n```\n': "Expecting value",
    }.items():
        page = ROOT / "docs" / f"{tmp_path.name}.md"
        with pytest.raises((AssertionError, json.JSONDecodeError), match=re.escape(complaint)):
            _run_text(text, page, tmp_path, variables)


def _run_text(text: str, page: Path, folder: Path, variables: dict[str, str]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Path, "read_text", lambda *_: text)
        run(page, folder, variables)


def test_the_korean_tutorial_has_the_same_commands() -> None:
    """Block by block, so that one is not mended without the other."""
    english, korean = (blocks(ROOT / "docs" / f"tutorial{tail}.md") for tail in ("", ".ko"))
    assert [(b.kind, b.text) for b in korean] == [(b.kind, b.text) for b in english]
