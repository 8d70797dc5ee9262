"""Which kernel a tree is, read from the head of its top Makefile.

The variables and how they make a version are documented in the kernel's
``Documentation/kbuild/makefiles.rst`` and used in the top Makefile
(``KERNELVERSION``, ``filechk_version.h``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from analyzer.errors import BadInput
from analyzer.numerals import MAX_DIGITS
from analyzer.tree.source_tree import SourceTree

_VARIABLE = re.compile(
    r"^(VERSION|PATCHLEVEL|SUBLEVEL|EXTRAVERSION)[ \t]*:?=[ \t]*([^#\n]*)", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class KernelVersion:
    """``VERSION.PATCHLEVEL.SUBLEVEL`` and what is appended (``-rc3``), without local versions.

    ``sublevel`` is None where the Makefile leaves it empty.
    """

    version: int
    patchlevel: int
    sublevel: int | None
    extra: str

    def __str__(self) -> str:
        sublevel = "" if self.sublevel is None else f".{self.sublevel}"
        return f"{self.version}.{self.patchlevel}{sublevel}{self.extra}"

    @property
    def code(self) -> int:
        """``LINUX_VERSION_CODE``; the sublevel counts as at most 255 there."""
        return (self.version << 16) + (self.patchlevel << 8) + min(self.sublevel or 0, 255)


def kernel_version(tree: SourceTree) -> KernelVersion:
    """The version of ``tree``.

    Raises :class:`BadInput` when it is no kernel tree: no top Makefile, or one that sets no
    version.
    """
    raw = tree.read("Makefile")
    if raw is None:
        what = "has no Makefile" if tree.listdir("") else "is empty"
        raise BadInput(f"not a kernel source tree: it {what}", tree.label)
    text = raw.decode("utf-8", "surrogateescape")
    found: dict[str, tuple[str, int]] = {}
    for hit in _VARIABLE.finditer(text):
        found.setdefault(hit[1], (hit[2].strip(), text.count("\n", 0, hit.start()) + 1))
    for name in ("VERSION", "PATCHLEVEL"):
        if name not in found:
            raise BadInput(f"not a kernel source tree: the Makefile sets no {name}", tree.label)
    version = _number("VERSION", found)
    patchlevel = _number("PATCHLEVEL", found)
    if version is None or patchlevel is None:
        raise BadInput("not a kernel source tree: the Makefile's version is empty", tree.label)
    extra = found.get("EXTRAVERSION", ("", 0))[0]
    return KernelVersion(version, patchlevel, _number("SUBLEVEL", found), extra)


def _number(name: str, found: dict[str, tuple[str, int]]) -> int | None:
    text, line = found.get(name, ("", 0))
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > MAX_DIGITS:
        raise BadInput(f"{name} is no number: {text[:MAX_DIGITS]}", "Makefile", line)
    return int(text)
