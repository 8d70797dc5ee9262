"""The documents that are made from the program: ``python -m analyzer.cli.documents [ROOT]``.

Pages of commands, the man page, and a picture of a terminal. ``make documents`` writes them
into the checkout, and a test says whether they are current.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from analyzer.cli.exit_status import ExitStatus
from analyzer.cli.main import main
from analyzer.cli.reference import manual
from analyzer.errors import InternalError
from analyzer.report.command_markdown import file_name, index_markdown, page_markdown
from analyzer.report.manpage import man_page

SHOWN = """\
kimpact review fixtures/patches/0001-free-by-rcu.patch \\
      --kernel fixtures/minikernel --config fixtures/configs/paravirt.config \\
      --knowledge fixtures/knowledge.toml"""
"""What the picture shows; files are relative to the checkout."""
COLUMNS = 100
"""Width of the terminal in the picture."""

_FONT_FACE = re.compile(r"@font-face \{[^}]*\}\s*")


def documents(root: Path) -> Iterator[tuple[str, str]]:
    """Path below the checkout ``root`` and text of every document."""
    pages = manual()
    yield "docs/commands/index.md", index_markdown(pages)
    for page in pages.commands:
        yield f"docs/commands/{file_name(page)}", page_markdown(page)
    yield "docs/kimpact.1", man_page(pages)
    yield "docs/images/review.svg", picture(SHOWN, root)


def picture(command: str, root: Path) -> str:
    """A terminal after ``command`` was run in ``root``, as SVG that needs nothing else."""
    from rich.console import Console
    from rich.text import Text

    shown = io.StringIO()
    console = Console(file=shown, record=True, width=COLUMNS, force_terminal=True)
    console.print(Text(f"$ {command}\n"))
    console.print(Text.from_ansi(_screen(command, root)))
    # The fonts that rich names would come from the network.
    return _FONT_FACE.sub("", console.export_svg(title="kimpact review"))


class _Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def _screen(command: str, root: Path) -> str:
    """What ``command`` writes on a terminal with colours, without remarks on the run."""
    terminal = _Terminal()
    wanted = {"COLUMNS": str(COLUMNS), "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    with (
        _environment(wanted, without=("NO_COLOR",)),
        contextlib.chdir(root),
        contextlib.redirect_stdout(terminal),
    ):
        status = main([*shlex.split(command.replace("\\\n", ""))[1:], "--no-cache"])
    if status is not ExitStatus.DONE:
        raise InternalError(f"'{command}' ended with status {status}")
    return terminal.getvalue().rstrip()


@contextlib.contextmanager
def _environment(values: Mapping[str, str], without: tuple[str, ...]) -> Iterator[None]:
    before = dict(os.environ)
    try:
        os.environ.update(values)
        for name in without:
            os.environ.pop(name, None)
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def write(root: Path) -> None:
    """Write all documents into the checkout, and drop pages of commands that are gone."""
    made = dict(documents(root))
    for name, text in made.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for path in (root / "docs" / "commands").glob("*.md"):
        if str(path.relative_to(root)) not in made:
            path.unlink()


if __name__ == "__main__":
    write(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
