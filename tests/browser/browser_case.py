"""What the tests of pages share: an opened page, and what its trees say as the terminal says it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
)

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures"

OpenPage = Callable[..., Any]
"""``open_page(text, address="#…", **options of a browser context)``; a Playwright page."""


@dataclass
class Opened:
    """A page, what it asked for and what went wrong in it."""

    page: Any
    address: str
    requests: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self.requests.append(request.url.split("#")[0]))
        self.page.on("console", lambda message: self.troubles.append(message.text))
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("dialog", lambda dialog: self.troubles.append(dialog.message))


Line = tuple[int, str]
"""The depth of a line and its text; conditions follow their line, one deeper than any."""

CONDITION = 1000

_OPEN_PARTS = """() => document.querySelectorAll("details.class").forEach((part) => {
  part.open = true;
})"""
_ALL_FILLED = """() => [...document.querySelectorAll("details.class > .body")].every(
  (body) => body.hasChildNodes())"""
_READ_TREES = """() => [...document.querySelectorAll("details.class")].map((part) => {
  const texts = (row, marks) => [...row.querySelectorAll(marks)].map((one) => one.textContent);
  return [...part.querySelectorAll(".row")].flatMap((row) => {
    let text = texts(row, ".name").join(" > ") + texts(row, ".as").join("");
    if (row.querySelector(".unknown")) text += "  unknown target";
    const remarks = texts(row, ".remark:not(.unknown)");
    if (remarks.length) text += `  (${remarks.join("; ")})`;
    for (const one of texts(row, ".place, .sites, .folded")) text += `  ${one}`;
    const depth = Number(row.getAttribute("aria-level")) - 1;
    return [[depth, text], ...texts(row, ".condition").map((one) => [1000, one])];
  });
})"""


def trees_on(page: Any) -> list[list[Line]]:
    """The trees that a page shows, each as its lines."""
    page.evaluate(_OPEN_PARTS)
    page.wait_for_function(_ALL_FILLED, polling=20, timeout=10_000)
    found = page.evaluate(_READ_TREES)
    return [[(depth, text) for depth, text in tree] for tree in found]


def printed_trees(text: str) -> list[list[Line]]:
    """The trees of what ``kimpact paths`` prints, each as its lines."""
    title, *lines = text.split("\n")
    roots = {name.strip() for name in title.split("  (")[0].split(" to ")[0].split(",")}
    trees: list[list[Line]] = []
    inside = False
    for line in lines:
        found = re.fullmatch("((?:│   |    )*)(├── |└── )?(.*)", line)
        assert found is not None
        guides, branch, rest = found.groups()
        if not line.strip():
            inside = False
        elif branch is None and not guides and rest.split("  ")[0] in roots:
            trees.append([(0, rest)])
            inside = True
        elif inside:
            depth = len(guides) // 4 + 1 if branch else CONDITION
            trees[-1].append((depth, rest.rstrip()))
    return trees


def kimpact(*words: str | Path) -> str:
    """What a command prints. It runs in a process of its own: an analysis forks, which one that
    drives a browser cannot stand."""
    program = "import analyzer.cli.main as cli; cli.entry_point()"
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, words)],
        capture_output=True,
        check=False,
        timeout=120,
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "1"},
    )
    assert done.returncode in (0, 1), done.stderr.decode("utf-8")
    return done.stdout.decode("utf-8")


def mini(command: str, *words: str | Path, configs: Sequence[Path] = ()) -> str:
    """What a command prints about the miniature kernel.

    With ``--resolve``, no configuration is compared with what the tree would make of it, which
    another process does when nothing else is to be done.
    """
    tree = ("--kernel", FIXTURES / "minikernel", "--knowledge", FIXTURES / "knowledge.toml")
    given = configs or mini_configs()
    return kimpact(command, *words, *tree, "--no-cache", "--resolve", "--config", *given)


def mini_configs() -> tuple[Path, ...]:
    """The configurations of the miniature kernel."""
    return tuple(sorted((FIXTURES / "configs").iterdir()))
