"""kimpact's objects and flags are those that the kernel's makefiles would compile.

For each kernel tree and configuration, under ``mm``, ``kernel``, ``lib``, all of
``arch/x86`` and ``drivers/firmware/efi``: the same objects from the same sources, with
the same options in the same order. ``docs/accuracy-kbuild.md`` lists what may differ.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import read_dotconfig
from analyzer.diagnostics import Diagnostics
from analyzer.kbuild.model import KbuildModel
from analyzer.kbuild.objects import ObjectFile
from analyzer.tree.source_tree import DirectoryTree
from kbuild_reference import DIRECTORIES, Command, compiled, configure
from kernels.trees import KernelTree

pytestmark = pytest.mark.oracle

CONFIGURATIONS = ("defconfig", "tinyconfig", "cloud", "allmodconfig")
PREFIXES = tuple(f"{path}/" for path in DIRECTORIES)


class Configured:
    """Configured build folders, each made once for all tests of this file."""

    def __init__(self, factory: pytest.TempPathFactory) -> None:
        self._factory = factory
        self._folders: dict[tuple[str, str], Path] = {}

    def folder(self, kernel: KernelTree, name: str) -> Path:
        """The build folder with configuration ``name``; skips if there is no such one."""
        if name == "cloud" and kernel.config(name) is None:
            pytest.skip("the distribution has no cloud configuration for this kernel")
        key = (kernel.version, name)
        if key not in self._folders:
            folder = self._factory.mktemp(f"kbuild-{kernel.version}-{name}")
            configure(kernel, folder, name)
            self._folders[key] = folder
        return self._folders[key]


@pytest.fixture(scope="module")
def configured(tmp_path_factory: pytest.TempPathFactory) -> Configured:
    return Configured(tmp_path_factory)


def _model(kernel: KernelTree, *configs: Path) -> KbuildModel:
    named = [read_dotconfig(path, str(number)) for number, path in enumerate(configs)]
    return KbuildModel(DirectoryTree(kernel.path), "x86", ConfigSet.of(named), Diagnostics())


def _below(objects: tuple[ObjectFile, ...]) -> dict[str, ObjectFile]:
    return {each.path: each for each in objects if each.path.startswith(PREFIXES)}


def _differences(reference: dict[str, Command], ours: dict[str, ObjectFile], bit: int) -> list[str]:
    found: list[str] = []
    present = {path: each for path, each in ours.items() if each.built >> bit & 1}
    found += [f"not found: {path}" for path in reference if path not in present]
    found += [f"not compiled by make: {path}" for path in present if path not in reference]
    for path, command in reference.items():
        if path not in present:
            continue
        each = present[path]
        if each.source != command.source:
            found.append(f"{path}: source {each.source}, make has {command.source}")
        options = tuple(flag.text for flag in each.flags if flag.mask >> bit & 1)
        if options != command.options:
            lacking = [option for option in command.options if option not in options]
            extra = [option for option in options if option not in command.options]
            found.append(f"{path}: lacks {lacking}, has {extra} too (or the order differs)")
    return found


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_objects_and_flags_are_makes(kernel: KernelTree, name: str, configured: Configured) -> None:
    folder = configured.folder(kernel, name)
    config = folder / ".config"
    reference = compiled(kernel, folder)
    assert len(reference) > 200, "the dry run of make printed too few commands"
    ours = _below(_model(kernel, config).objects())
    reference = {path: each for path, each in reference.items() if path.startswith(PREFIXES)}
    differences = _differences(reference, ours, 0)
    assert not differences, "\n".join(differences[:40])


def test_all_configurations_at_once_equal_each_alone(
    kernel: KernelTree, configured: Configured
) -> None:
    names = ("defconfig", "tinyconfig", "allmodconfig")
    configs = [configured.folder(kernel, name) / ".config" for name in names]
    together = _model(kernel, *configs)
    for directory in ("mm", "arch/x86/mm", "arch/x86/boot", "kernel/locking"):
        many = together.objects_in_directory(directory)
        for bit, config in enumerate(configs):
            alone = {
                each.path: each for each in _model(kernel, config).objects_in_directory(directory)
            }
            seen = {each.path: each for each in many if each.built >> bit & 1}
            assert sorted(seen) == sorted(alone)
            for path, each in seen.items():
                here = [flag.text for flag in each.flags if flag.mask >> bit & 1]
                assert here == [flag.text for flag in alone[path].flags]
