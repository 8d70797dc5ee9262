"""A real Chromium for the tests of pages; they are skipped, and say so, where there is none.

Debian's ``chromium`` is used, or the program that ``KIMPACT_CHROMIUM`` names.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from browser_case import FLAGS, Opened, OpenPage

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the tests of a module.

    Not of a process: while Playwright's synchronous interface is open, an event loop runs in
    its thread, in which no other test could run one of its own.
    """
    playwright = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
    program = os.environ.get("KIMPACT_CHROMIUM") or shutil.which("chromium")
    if program is None:
        pytest.skip("pages need a browser: apt-get install chromium, or KIMPACT_CHROMIUM=PROGRAM")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser, tmp_path: Path) -> Iterator[OpenPage]:
    """Opens the text of a page as a file, as a double click would.

    Afterwards no page may have asked for anything but itself, nor written to the console.
    """
    opened: list[Opened] = []

    def open_text(text: str, address: str = "", **options: object) -> Page:
        file = tmp_path / f"page-{len(opened)}.html"
        file.write_text(text, encoding="utf-8")
        context = chromium.new_context(**{"viewport": {"width": 1400, "height": 900}, **options})
        one = Opened(context.new_page(), file.as_uri())
        opened.append(one)
        one.page.set_default_timeout(10_000)
        one.page.goto(one.address + address)
        return one.page

    yield open_text
    for one in opened:
        one.page.context.close()
        assert one.troubles == []
        assert one.requests in ([], [one.address])
