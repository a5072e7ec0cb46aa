"""Documentation: it is true, and nothing a user can name is missing from it.

That its blocks run is in test_pages.py.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from cloudtrail_mfa import CERTAINTIES
from cloudtrail_mfa.cli import cli
from cloudtrail_mfa.output import FORMATS
from tests import generate_reference
from tests.pages import PAGES, ROOT, blocks

README = (ROOT / "README.md").read_text()
TEXTS = [block.text for block in blocks(ROOT / "README.md") if block.kind == "text"]
CONSOLE = [line[2:] for line in README.splitlines() if line.startswith("$ ")]


def test_two_commands_do_all_set_up() -> None:
    """One runs the demo, one the tests; each makes its own environment."""
    setup = [line for line in CONSOLE if "pip install" in line]
    assert len(setup) == 2
    assert all(line.startswith("python3 -m venv .venv && ") for line in setup)
    assert setup[0].endswith("cloudtrail-mfa demo")
    assert setup[1].endswith("pytest -n auto")


def test_the_answer_on_the_first_screen_is_true(tmp_path: Path) -> None:
    """What the README shows is what the demo prints."""
    shown = TEXTS[0].splitlines()
    done = subprocess.run(
        [sys.executable, "-m", "cloudtrail_mfa", "demo", str(tmp_path / "lake")],
        capture_output=True,
        text=True,
        check=True,
    )
    printed = done.stdout.splitlines()
    printed = printed[printed.index(shown[0]) :]
    # The last column, of actions, is left out where a terminal is too narrow for it.
    assert printed[2].split()[-1] == "actions"
    for line, whole in zip(shown, printed[: len(shown)], strict=True):
        assert whole.startswith(line)
    assert [line for line in printed[len(shown) :] if line] == []


def test_the_scorecard_is_what_the_command_prints() -> None:
    """Word for word, but for how the lines are broken."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.scenarios", "--short"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    page = (ROOT / "docs" / "explanation" / "accuracy.md").read_text()
    assert " ".join(done.stdout.split()) in " ".join(page.split())


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_is_in_the_readme(name: str) -> None:
    """In the table of commands."""
    assert f"| `cloudtrail-mfa {name} " in README


@pytest.mark.parametrize("name", [*CERTAINTIES, *FORMATS])
def test_every_choice_is_in_the_readme(name: str) -> None:
    """Certainties and formats, by name."""
    assert re.search(rf"[`| ]{name}[`|]", README)


@pytest.mark.parametrize("page", generate_reference.PAGES, ids=lambda page: page.name)
def test_the_reference_is_made_from_the_code(page: Path) -> None:
    """Run ``python -m tests.generate_reference`` where it is not."""
    assert page.read_text() == generate_reference.PAGES[page]()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files(page: Path) -> None:
    """Those within the repository, and to headings that are there."""
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)", page.read_text()):
        found = page.parent / target if target else page
        assert found.is_file(), f"{target} is not there"
        assert not anchor or anchor in _anchors(found), f"{target} has no heading {anchor}"


def _anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).strip().replace(" ", "-") for title in titles}


# Where the pages speak to other servers, a reader's browser must not.
_ASKED = re.compile(
    r"<(?:script|img|iframe|source|video|audio|embed|object)\b[^>]*?\b(?:src|data)=[\"']?((?:https?:)?//[^\"' >]+)"
    r"|<link\b(?![^>]*rel=[\"']?canonical)[^>]*?href=[\"']?((?:https?:)?//[^\"' >]+)"
    r"|(?:@import\s+|url\()[\"']?((?:https?:)?//[^\"')]+)"
)


def test_the_site_is_built_and_asks_nobody(tmp_path: Path) -> None:
    """Without a warning; its pages load no font, script or picture from elsewhere."""
    site = tmp_path / "site"
    words = "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(site)
    done = subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    pages = sorted(site.rglob("*.html"))
    assert {page.name for page in pages} > {"index.html", "tutorial.ko.html", "python.html"}
    for page in (*pages, *site.rglob("*.css")):
        assert _ASKED.findall(page.read_text()) == [], page
    for page in pages:
        assert (
            'http-equiv="Content-Security-Policy" content="default-src \'self\';'
            in page.read_text()
        )
    python = (site / "python.html").read_text()
    assert all(f"<code>{name}</code>" in python or name in python for name in ("Lake", "S3"))


def test_the_changelog_has_news() -> None:
    """Or the version of the package."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert "## Unreleased" in changelog or f"## {version}" in changelog
