"""What a stranger's text can do to a terminal, a mail, a web page: nothing."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import pytest
from hostile_case import CONFIG, Hostile
from markdown_it import MarkdownIt

ESCAPES = "\x1b[31m\x1b]0;title\x07\x9b2J\r\x08\u202e\u2066\u200b"
"""Colour, a window's title, C1 codes, overwriting, bidirectional overrides, no width."""
MARKUP = (
    "<img src=x onerror=alert(1)> <script>alert(2)</script> [click](javascript:alert(3)) "
    "![i](http://example.org/i) `code` | pipe | <!-- @everyone"
)
FORMATS = ("tree", "terse", "mail", "markdown", "b4", "json", "sarif")
SAFE = {"\n"}


@pytest.fixture
def hostile(tmp_path: Path) -> Hostile:
    return Hostile(tmp_path)


def assert_harmless(text: str) -> None:
    """Nothing but line ends controls a terminal or the direction of text."""
    found = {char for char in text if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    assert found <= SAFE, sorted(map(hex, map(ord, found)))


BLANK = " "
"""An empty line of a hunk."""


def patch(subject: str, path: str = "mm/memory.c") -> bytes:
    return f"""\
From: {subject} <a@example.org>
Subject: [PATCH] {subject}

{subject}

CONFIG_RECLAIM and {subject}

--- a/{path}
+++ b/{path}
@@ -7,6 +7,8 @@
{BLANK}
 void free_all(void *page)
 {{
+\tif (strange("{subject}"))
+\t\tfree_one(page);
 #ifdef CONFIG_RECLAIM
 \tfree_one(page);
 #endif
""".encode()


@pytest.mark.parametrize("form", FORMATS)
def test_a_review_of_a_patch_that_talks_to_the_terminal(form: str, hostile: Hostile) -> None:
    text = ESCAPES.replace("\r", "") + MARKUP
    shown = hostile.run("review", "-", *hostile.given(), "--format", form, stdin=patch(text))
    assert shown.status == 0, shown.err
    assert_harmless(shown.err)
    assert_harmless(shown.out)
    assert "PATCH" in shown.out or "img" in shown.out or form in ("terse", "sarif", "b4")


def test_markdown_of_a_stranger_is_text(hostile: Hostile) -> None:
    given = hostile.given()
    shown = hostile.run("review", "-", *given, "--format", "markdown", stdin=patch(MARKUP))
    assert "img src" in shown.out
    page = MarkdownIt("commonmark", {"html": True}).enable("table").render(shown.out)
    assert re.findall(r"<(\w+)", page), page
    assert not set(re.findall(r"<(\w+)", page)) & {"img", "script", "a", "iframe"}
    assert "<!--" not in page
    assert "javascript:alert(3)" not in re.findall(r'href="([^"]*)"', page)


def test_names_and_texts_of_a_tree(hostile: Hostile) -> None:
    hostile.write(
        f"mm/odd{ESCAPES}.h", "static inline void odd(void *page) { page_release(page); }\n"
    )
    hostile.prepend("mm/memory.c", f'#include "odd{ESCAPES}.h"\n'.replace("\r", ""))
    hostile.append(
        "mm/memory.c",
        "extern int strange(char *);\nvoid asked(void *page)\n{\n"
        f'\tif (strange("{ESCAPES}"))\n\t\tpage_release(page);\n}}\n'.replace("\r", ""),
    )
    hostile.write(
        "Makefile", (hostile.tree / "Makefile").read_text().replace("-hostile", "-\x1b[31m")
    )
    config = hostile.folder / f"c{ESCAPES}.config"
    config.write_text(CONFIG)
    for more in ([], ["--all"], ["--format", "json"]):
        shown = hostile.run("paths", "mm/memory.c:asked", *hostile.given(config), *more)
        assert shown.status == 0, shown.err
        assert_harmless(shown.out + shown.err)
    shown = hostile.run("paths", f"f{ESCAPES}", *hostile.given(config))
    assert shown.status == 2
    assert_harmless(shown.err)


def test_prompts_of_a_tree(hostile: Hostile) -> None:
    escapes = ESCAPES.replace("\r", "")
    hostile.append("Kconfig", f'config ODD\n\tbool "odd {escapes}"\n\tdepends on TRICK\n')
    for more in ([], ["--format", "json"]):
        shown = hostile.run("explain", "ODD", *hostile.given(), *more)
        assert shown.status == 0, shown.err
        assert_harmless(shown.out + shown.err)
    assert json.loads(shown.out)["symbols"][0]["name"] == "ODD"
