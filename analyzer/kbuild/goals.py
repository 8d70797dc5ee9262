"""Objects that are not in ``obj-y``: parts of stand-alone images, found through rules.

Boot code, real-mode code, purgatory and the vDSOs are listed as prerequisites of link
rules, often in a make of their own (``$(MAKE) $(build)=DIR TARGET`` in a recipe). The
solver follows prerequisites from a target, as make would, and notes every compiled
object with the link target it goes into and the target-specific variables in force.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from analyzer.configset.configset import Mask
from analyzer.errors import BadInput
from analyzer.kbuild.evaluator import Evaluator
from analyzer.kbuild.expressions import Function, Reference, Template
from analyzer.kbuild.frame import Frame, TargetRule, tree_path
from analyzer.kbuild.processes import Library, Process
from analyzer.kbuild.rulebook import Making, Rulebook
from analyzer.kbuild.scope import Scope
from analyzer.kbuild.values import variants

Specific = tuple[Mask, TargetRule]

MAX_PREREQUISITES = 100
"""How many targets are followed that each need the next one; a kernel has about five."""

_SUBMAKE = re.compile(r"scripts/Makefile\.build obj=(\S+)([^;&|\n]*)")
_COMMAND_CALL = re.compile(
    r"\$\(call\s+(?:if_changed|if_changed_dep|if_changed_rule|cmd),\s*([\w.]+)"
)
_COMPILES = {"cc_o_c": ".c", "as_o_S": ".S"}


class DirectoryMake(Protocol):
    """What the solver needs of a directory: its make and its rules."""

    @property
    def process(self) -> Process: ...

    @property
    def book(self) -> Rulebook: ...


@dataclass(slots=True)
class Compiled:
    """An object that a rule needs: its source, where, and into which images it goes.

    ``stem`` is what ``$*`` is while it is compiled (empty for an explicit rule).
    """

    path: str
    source: str
    stem: str
    process: Process
    mask: Mask = 0
    images: dict[str, Mask] = field(default_factory=dict)
    specific: tuple[Specific, ...] = ()


@dataclass(slots=True)
class Solver:
    """Follows rules from targets; results gather in ``compiled`` (by target and
    by directory of the make) and ``archives``.

    ``changed`` collects the directories whose objects that has added to.
    """

    evaluator: Evaluator
    library: Library
    open_directory: Callable[[str, Process], DirectoryMake | None]
    may_enter: Callable[[str], bool]
    compiled: dict[str, Compiled] = field(default_factory=dict)
    by_directory: dict[str, list[Compiled]] = field(default_factory=dict)
    archives: list[tuple[str, Mask, str]] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)
    _seen: dict[tuple[str, str, str], Mask] = field(default_factory=dict)
    _depth: int = 0

    def visit(
        self,
        where: DirectoryMake,
        target: str,
        mask: Mask,
        image: str = "",
        specific: tuple[Specific, ...] = (),
    ) -> None:
        """Make ``target`` in ``mask``, for link target ``image`` (empty: for none)."""
        key = (where.process.directory, target, image)
        mask &= ~self._seen.get(key, 0)
        if not mask:
            return
        self._seen[key] = self._seen.get(key, 0) | mask
        making = where.book.making(target)
        if making is None:
            return
        own = where.book.assignments(target)
        if own:
            specific = (*specific, *own)
        self._submakes(where, target, making, mask)
        if target.endswith(".o") and (source := _source_of(making)) is not None:
            self._compile(where, target, source, making.stem, mask, image, specific)
            onward = ""
        elif target.endswith(".o"):
            onward = image
        else:
            onward = target if self._links(where, making) else ""
        if self._depth == MAX_PREREQUISITES:
            message = f"more than {MAX_PREREQUISITES} targets are made for one another"
            raise BadInput(message, where.process.makefile)
        self._depth += 1
        for needed, prerequisite in making.prerequisites:
            needed &= mask
            if not needed:
                continue
            if prerequisite.endswith(".a") and onward:
                self.archives.append((prerequisite, needed, onward))
                self.changed.add(prerequisite.rpartition("/")[0])
            elif prerequisite.endswith(".o"):
                self.visit(where, prerequisite, needed, onward, specific)
            else:
                self.visit(where, prerequisite, needed, "", specific)
        self._depth -= 1

    def _compile(
        self,
        where: DirectoryMake,
        target: str,
        source: str,
        stem: str,
        mask: Mask,
        image: str,
        specific: tuple[Specific, ...],
    ) -> None:
        known = self.compiled.get(target)
        if known is None:
            known = Compiled(target, source, stem, where.process, 0, {}, specific)
            self.compiled[target] = known
            self.by_directory.setdefault(where.process.directory, []).append(known)
        self.changed.add(where.process.directory)
        known.mask |= mask
        if image:
            known.images[image] = known.images.get(image, 0) | mask

    def _links(self, where: DirectoryMake, making: Making) -> bool:
        """Whether the recipe runs the linker on the prerequisites."""
        scope = Scope(outer=Scope(self.library.flags, where.process.frame.scope))
        for _, line in making.recipe:
            hit = _COMMAND_CALL.search(line)
            if "$(LD)" in line or (hit and _runs_linker(scope, f"cmd_{hit[1]}", set())):
                return True
        return False

    def _submakes(self, where: DirectoryMake, target: str, making: Making, mask: Mask) -> None:
        for inside, line in making.recipe:
            if "$(build)" not in line:
                continue
            text = self._expand(where, target, making, line, inside & mask)
            for here, command in variants(text, inside & mask):
                for hit in _SUBMAKE.finditer(command):
                    self._enter(where, tree_path(hit[1]), hit[2].split(), here)

    def _enter(self, where: DirectoryMake, path: str, goals: list[str], mask: Mask) -> None:
        if not self.may_enter(path):
            return
        inner = self.open_directory(path, where.process)
        if inner is None:
            return
        for goal in goals:
            if "=" not in goal:
                self.visit(inner, tree_path(goal), mask)

    def _expand(
        self, where: DirectoryMake, target: str, making: Making, text: str, mask: Mask
    ) -> str | tuple[tuple[Mask, str], ...]:
        evaluator = self.evaluator
        scope = Scope(outer=Scope(self.library.flags, where.process.frame.scope))
        scope.set_text("@", target, evaluator.everywhere)
        scope.set_text("*", making.stem, evaluator.everywhere)
        first = making.prerequisites[0][1] if making.prerequisites else ""
        scope.set_text("<", first, evaluator.everywhere)
        scope.set_text("LD", "ld", evaluator.everywhere)
        saved = evaluator.file, evaluator.line, evaluator.frame
        evaluator.frame = Frame(where.process.makefile, scope)
        evaluator.file, evaluator.line = where.process.makefile, 1
        try:
            return evaluator.expand(text, mask)
        finally:
            evaluator.file, evaluator.line, evaluator.frame = saved


def _source_of(making: Making) -> str | None:
    """The source that a rule for an object compiles; None if it is made otherwise."""
    if making.implicit is not None:
        return making.implicit
    for _, line in making.recipe:
        hit = _COMMAND_CALL.search(line)
        suffix = None if hit is None else _COMPILES.get(hit[1])
        if suffix is not None:
            return next((path for _, path in making.prerequisites if path.endswith(suffix)), None)
    return None


def _runs_linker(scope: Scope, name: str, seen: set[str]) -> bool:
    """Whether the command text ``name``, or one that it uses, mentions ``$(LD)``."""
    variable = scope.find(name)
    if variable is None or name in seen:
        return False
    seen.add(name)
    for piece in variable.pieces:
        for used in _references(piece.template):
            if used == "LD" or (used.startswith("cmd_") and _runs_linker(scope, used, seen)):
                return True
    return False


def _references(template: Template) -> Iterator[str]:
    """The plain names of all variables that ``template`` refers to."""
    if isinstance(template, str):
        return
    for part in template:
        if isinstance(part, Reference):
            if isinstance(part.name, str):
                yield part.name
            else:
                yield from _references(part.name)
        elif isinstance(part, Function):
            for argument in part.arguments:
                yield from _references(argument)
