"""What is made from the program is current: pages of commands, man page, picture.

``make documents`` makes it anew; read the difference before committing it.
"""

from __future__ import annotations

import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from analyzer.cli.documents import documents
from analyzer.cli.reference import manual
from analyzer.report.command_markdown import page_markdown
from analyzer.report.command_page import Argument, ArgumentGroup, CommandPage, Manual, StatusMeaning
from analyzer.report.manpage import man_page

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return dict(documents(ROOT))


def drawn(svg: str) -> list[str]:
    """The texts of a picture, line by line; how they are laid out is rich's own affair."""
    lines: dict[str, list[str]] = {}
    for element in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text"):
        # Columns have been padded with no-break spaces.
        text = "".join(element.itertext()).replace("\xa0", " ")
        lines.setdefault(element.get("y", ""), []).append(text)
    return ["".join(parts).rstrip() for parts in lines.values()]


def test_pages_and_the_man_page_are_current(made: dict[str, str]) -> None:
    texts = {name: text for name, text in made.items() if not name.endswith(".svg")}
    stale = [name for name, text in texts.items() if (ROOT / name).read_text("utf-8") != text]
    assert stale == [], "run 'make documents'"
    there = {str(path.relative_to(ROOT)) for path in (ROOT / "docs" / "commands").iterdir()}
    assert there <= set(texts)


def test_the_picture_is_current(made: dict[str, str]) -> None:
    kept = (ROOT / "docs" / "images" / "review.svg").read_text("utf-8")
    assert drawn(kept) == drawn(made["docs/images/review.svg"]), "run 'make documents'"
    assert "freed by RCU callback" in " ".join(drawn(kept))
    for address in ("http:", "https:"):
        assert f"url({address}" not in kept.replace('"', "")


def test_every_command_has_a_page_and_every_argument_a_help() -> None:
    pages = manual().commands
    assert {"kimpact paths", "kimpact toolchain record"} <= {page.name for page in pages}
    for page in pages:
        for group in page.groups:
            for argument in group.arguments:
                assert argument.help, (page.name, argument)


HOSTILE = CommandPage(
    "kimpact odd",
    "an odd one",
    (".TH is no request, nor is 'it', and \\fBthis\\fR is no font",),
    (
        ArgumentGroup("arguments", (Argument((), "[FILE...]", "*.c or <none> of a_b_c"),)),
        ArgumentGroup("more", (Argument(("-x", "--ex"), "N", "a number", required=True),)),
    ),
    ("kimpact odd --ex '.5'",),
)


def test_a_page_in_markdown() -> None:
    assert page_markdown(HOSTILE).split("\n")[:-2] == [
        "# kimpact odd",
        "",
        "    kimpact odd [FILE...] -x N",
        "",
        ".TH is no request, nor is 'it', and \\\\fBthis\\\\fR is no font",
        "",
        "## Arguments",
        "",
        "`[FILE...]`",
        ":   \\*.c or \\<none> of a\\_b\\_c",
        "",
        "## More",
        "",
        "`-x N`, `--ex N` (required)",
        ":   a number",
        "",
        "## Examples",
        "",
        "    kimpact odd --ex '.5'",
        "",
    ]


@pytest.mark.parametrize("source", ["kept", "hostile"])
def test_roff_reads_the_man_page(source: str, tmp_path: Path) -> None:
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed")
    page = ROOT / "docs" / "kimpact.1"
    if source == "hostile":
        page = tmp_path / "odd.1"
        page.write_text(
            man_page(Manual("odd", "1", "odd", (HOSTILE,), (StatusMeaning(0, "done"),)))
        )
    run = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww", "-P-cbou", str(page)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stderr == ""
    text = " ".join(run.stdout.replace("\N{HYPHEN}\n", "").split())
    if source == "hostile":
        assert ".TH is no request, nor is 'it', and \\fBthis\\fR is no font" in text
        assert "kimpact odd --ex '.5'" in text
    else:
        assert "kimpact toolchain record --kernel DIR" in text
        assert "130 interrupted" in text
