"""The configuration that ``make defconfig`` begins with."""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.configset.architecture import source_arch
from analyzer.tree.source_tree import SourceTree

_PREFERRED = {"x86": "x86_64_defconfig"}
"""What ``KBUILD_DEFCONFIG`` is where the machine has a say in it (``arch/x86/Makefile``)."""


@dataclass(frozen=True, slots=True)
class DefaultConfig:
    """A fragment: its name and file in the tree, and what it says."""

    name: str
    file: str
    text: str


def default_config(tree: SourceTree, arch: str) -> DefaultConfig:
    """The default configuration of an architecture; an empty one if the tree has none."""
    folder = f"arch/{source_arch(arch)}/configs"
    for name in (f"{arch}_defconfig", _PREFERRED.get(arch, ""), "defconfig"):
        file = f"{folder}/{name}"
        data = tree.read(file) if name else None
        if data is not None:
            return DefaultConfig(name, file, data.decode("utf-8", "surrogateescape"))
    return DefaultConfig("defaults", "", "")
