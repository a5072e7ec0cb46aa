"""The page in a browser: quiet, asking for nothing, and fit for a telephone and a screen reader."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from cloudtrail_mfa import Evidence, Lake, report
from tests.records import ACCOUNT, call, denied, role, user
from tests.reports.rows import lake_of

PAGES = ["samples", "hostile", "sans-s3-ransomware-lab", "invictus-stratus-2023"]
SCRIPT = "<script>document.title = 'obeyed'; console.error('obeyed')</script>"
SCHEMES: list[Literal["light", "dark"]] = ["light", "dark"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run Chromium, where there is one; a run of the whole suite has to have it."""
    path = shutil.which("chromium")
    if path is None and not os.environ.get("CI"):
        pytest.skip("there is no chromium: apt-get install chromium brings it")
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=path or "/usr/bin/chromium", args=["--no-sandbox"] if root else []
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="module", params=PAGES)
def file(
    request: pytest.FixtureRequest,
    samples: Lake,
    evidence: Evidence,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """Return the file of a report: of the samples, of hostile logs, of real ones."""
    folder = tmp_path_factory.mktemp("page")
    if request.param == "samples":
        text = report(samples, evidence=evidence)
    elif request.param == "hostile":
        text = report(lake_of(folder, *hostile()))
    else:
        lake = Lake(folder / "lake")
        lake.ingest(request.getfixturevalue("real_logs") / request.param)
        text = report(lake)
    (folder / "report.html").write_text(text, "utf-8")
    return folder / "report.html"


def hostile() -> list[dict[str, Any]]:
    """Return calls whose names would run, reach out, or push the page apart."""
    image = "<img src=https://example.net/x onerror=alert(1)>"
    names = [SCRIPT, image, "x" * 5000, "\u05d0" * 60, "</style></svg></title>" + SCRIPT]
    records = []
    for name in names:
        fields = {"userAgent": name, "sourceIPAddress": name}
        arn = f"arn:aws:s3:::{name}"
        records += [
            denied(by=user(name), message=name, **fields),
            denied(by=role(name, name), resources=[{"ARN": arn, "accountId": ACCOUNT}], **fields),
            call(by=user(name), **fields),
        ]
    return records


class Seen:
    """What a browser said, and asked for beside the page itself."""

    def __init__(self, page: Page) -> None:
        self.said: list[str] = []
        self.asked: list[str] = []
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("dialog", lambda dialog: self.said.append(dialog.message))
        page.on("request", lambda request: self.asked.append(request.url))


@pytest.fixture(params=SCHEMES)
def page(request: pytest.FixtureRequest, browser: Browser, file: Path) -> Iterator[Page]:
    """Open a report at the width of a telephone, its parts unfolded, and check what it did."""
    page = browser.new_page(color_scheme=request.param, viewport={"width": 390, "height": 844})
    seen = Seen(page)
    page.goto(file.as_uri())
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true })")
    yield page
    assert seen.said == []
    assert {url for url in seen.asked if not url.startswith("data:")} == {file.as_uri()}
    page.close()


def test_it_fits_a_telephone_and_runs_nothing(page: Page) -> None:
    """No sideways scroll of the page at 390 pixels; a script in a log is text."""
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("document.scripts.length + document.images.length") == 0
    assert page.title().startswith("Refused AWS calls, ")


def test_it_can_be_used_by_everybody(browser: Browser, file: Path) -> None:
    """axe-core finds no serious fault, in light and in dark; the page's own policy stays out of its way."""
    for scheme in SCHEMES:
        context = browser.new_context(color_scheme=scheme, bypass_csp=True)
        page = context.new_page()
        page.goto(file.as_uri())
        page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true })")
        found = Axe().run(page).response["violations"]
        grave = [
            (each["id"], each["nodes"][0]["html"][:200])
            for each in found
            if each["impact"] in ("serious", "critical")
        ]
        assert grave == []
        context.close()


def test_a_link_unfolds_what_it_leads_to(browser: Browser, samples: Lake) -> None:
    """The number of a row leads to its event ids, which are folded away."""
    page = browser.new_page()
    page.set_content(report(samples))
    first = page.locator('a[href="#g0"]')
    assert page.locator("#g0").is_hidden()
    first.click()
    assert page.locator("#g0").is_visible()
    page.close()
