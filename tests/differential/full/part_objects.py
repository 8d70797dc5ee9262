"""Objects, their sources and their options against a real ``make``."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import parse_dotconfig
from analyzer.diagnostics import Diagnostics
from analyzer.kbuild.model import KbuildModel
from analyzer.tree.source_tree import DirectoryTree
from edges_build import RECIPES
from full.model import Case, Difference, Outcome, Part, Settings
from full.reference import reference_of
from kernels.trees import KernelTree


def _compare(kernel: KernelTree, config: str, settings: Settings) -> Outcome:
    reference = reference_of(kernel, config, settings.oracle, settings.jobs)
    configs = ConfigSet.of([parse_dotconfig(reference.dotconfig, config, config)])
    model = KbuildModel(DirectoryTree(kernel.path), "x86", configs, Diagnostics())
    ours = {
        each.path: each
        for each in model.objects()
        if each.built and each.path.startswith(reference.targets)
    }
    found: list[Difference] = []
    agreed = 0
    for path, command in reference.objects.items():
        mine = ours.get(path)
        if mine is None:
            found.append(Difference(path, "object missing"))
            continue
        options = tuple(flag.text for flag in mine.flags if flag.mask & 1)
        before = len(found)
        if mine.source != command.source:
            found.append(Difference(path, f"source {mine.source}, make has {command.source}"))
        if options != command.options:
            lacking = [option for option in command.options if option not in options]
            extra = [option for option in options if option not in command.options]
            found.append(Difference(path, f"options: lacks {lacking}, has {extra} too"))
        agreed += len(found) == before
    more = sorted(ours.keys() - reference.objects.keys())
    found += [Difference(path, "not compiled by make") for path in more]
    return Outcome("objects", len(reference.objects), agreed, len(more), tuple(found))


def cases(kernels: Sequence[KernelTree]) -> list[Case]:
    """One for each kernel and configuration."""
    return [
        Case("objects", name, kernel, functools.partial(_compare, kernel, name))
        for name in RECIPES
        for kernel in kernels
    ]


OBJECTS = Part("objects", "objects, sources and options against a real make", cases)
