"""Real patches whose reviews were checked by hand, and what is true of each.

The patches are those of a distribution's kernel packages (``kernels.patches``); what they
change was read in the sources and written down in ``real_reviews/*.toml``, one file for each::

    kernel = "6.12"                     # the tree it is for, and the release of the package
    patch = "debian/features/x86/x86-memtest-WARN-if-bad-RAM-found.patch"
    back = true                         # the tree has it already: it is taken back
    given = ["none_amd64", "none_cloud-amd64"]    # the distribution's configurations

and then what a review has to say, with the configurations by these names (``added`` ones by
theirs); ``[functions]``, ``[macros]`` and ``[declarations]`` say for each name what becomes of
it and where, ``[symbols]`` the values before and after, ``[entries]`` the calls that go and come.
Those with the same ``series`` are reviewed as one, in the order of their files' names, the others
alone.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kernels.patches import patches_folder
from review_patches import reversed_diff, without_left_out

FOLDER = Path(__file__).resolve().parent / "real_reviews"


@dataclass(frozen=True)
class Facts:
    """What is true of one patch; ``table`` is the file as it was read."""

    name: str
    kernel: str
    patch: str
    back: bool
    given: tuple[str, ...]
    series: str
    table: dict[str, Any] = field(repr=False)

    def text(self) -> str | None:
        """The patch to review, None if no package that was fetched has it."""
        found = sorted(patches_folder().glob(f"{self.kernel}.*/{self.patch}"))
        if not found:
            return None
        text = found[-1].read_text(encoding="utf-8", errors="surrogateescape")
        text, _ = without_left_out(text)
        return reversed_diff(text) if self.back else text


def facts_for(kernel: str) -> tuple[Facts, ...]:
    """Those for a kernel, by name."""
    return tuple(one for one in map(_read, sorted(FOLDER.glob("*.toml"))) if one.kernel == kernel)


def _read(path: Path) -> Facts:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    names = ("kernel", "patch", "back", "given")
    kernel, patch, back, given = (table.pop(name) for name in names)
    series = table.pop("series", path.stem)
    return Facts(path.stem, kernel, patch, back, tuple(given), series, table)
