"""The demo: where the miniature kernel lies, and what is asked about it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from analyzer.errors import InternalError


@dataclass(frozen=True, slots=True)
class DemoQuestion:
    """The function that the demo starts from and the one that it looks for."""

    function: str
    to: str


def question(folder: Path) -> DemoQuestion:
    """What ``demo.toml`` in the fixtures' folder asks."""
    asked = tomllib.loads((folder / "demo.toml").read_text(encoding="utf-8"))
    return DemoQuestion(asked["function"], asked["to"])


def fixtures() -> Path:
    """The folder with ``minikernel`` and ``configs``: in the package, or in the checkout."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "fixtures", package.parent / "fixtures"):
        if (folder / "minikernel" / "Makefile").is_file():
            return folder
    raise InternalError("the miniature kernel is missing from this installation")


def configs(folder: Path) -> tuple[Path, ...]:
    """The demo's configurations, in a fixed order."""
    return tuple(sorted((folder / "configs").glob("*.config"), key=lambda path: path.stem))
