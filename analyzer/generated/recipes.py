"""Which command makes a generated file, as the makefile rules say, over all configurations.

Makefiles are evaluated, no recipe is ever run: a :class:`Recipe` is the shell command that
make would start, already expanded (GNU make manual, 4 "Writing Rules", 6.11 target-specific
variables, 10.5 pattern rules). Kbuild hides commands behind ``$(call if_changed,NAME)``
(``cmd_NAME``) and ``$(call filechk,NAME)`` (``filechk_NAME``), see
``Documentation/kbuild/makefiles.rst``.
"""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass

from analyzer.configset.configset import ConfigSet, Mask
from analyzer.diagnostics import Diagnostics
from analyzer.kbuild.evaluator import Evaluator
from analyzer.kbuild.frame import Frame, TargetRule, tree_path
from analyzer.kbuild.scope import Scope
from analyzer.kbuild.values import variants, words
from analyzer.location import Location
from analyzer.tree.source_tree import SourceTree

_KBUILD_CALL = re.compile(r"\$\(call (if_changed\w*|filechk|cmd),\s*([\w.-]+)\s*(?:,([^)]*))?\)")
_MAKE_IN = re.compile(r"\$\(MAKE\) \$\(build\)=(\S+)")
_GENERATED_LISTS = ("targets", "extra-y", "always-y", "always", "clean-files")
_GLOB = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a file is made where ``mask`` holds.

    ``name`` is Kbuild's name of the command (empty for a plain recipe), ``words`` the
    expanded command, ``arguments`` what ``filechk`` hands on. ``prerequisites`` are paths
    in the tree, those with wildcards resolved.
    """

    mask: Mask
    name: str
    words: tuple[str, ...]
    arguments: str
    prerequisites: tuple[str, ...]
    location: Location


class Recipes:
    """Looks up targets in makefiles of the tree, each evaluated once and on demand."""

    __slots__ = ("_all", "_arch", "_evaluator", "_frames", "_tree")

    def __init__(self, tree: SourceTree, arch: str, configs: ConfigSet) -> None:
        self._tree = tree
        self._arch = arch
        self._all = configs.all
        # What a makefile asks that has no answer here is reported where objects are decided.
        self._evaluator = Evaluator(tree, configs, Diagnostics())
        self._frames: dict[str, Frame | None] = {}

    def lists(self, makefile: str, name: str) -> list[tuple[Mask, str]]:
        """The words of variable ``name`` once ``makefile`` has been read."""
        frame = self._frame(makefile)
        if frame is None:
            return []
        value = self._in(frame, f"$({name})", self._all)
        return words(value, self._all)

    def texts(self, makefile: str, text: str) -> list[tuple[Mask, str]]:
        """What ``text`` expands to at the end of ``makefile``; empty if there is none."""
        frame = self._frame(makefile)
        return [] if frame is None else variants(self._in(frame, text, self._all), self._all)

    def recipes(self, makefile: str, target: str) -> tuple[Recipe, ...]:
        """The commands that make ``target``, disjoint masks; empty if no rule makes it."""
        frame = self._frame(makefile)
        if frame is None:
            return ()
        rules = [(rule, hit) for rule in frame.rules if (hit := _stem(rule, target))]
        making = [(rule, *hit) for rule, hit in rules if rule.recipe]
        if any(stem == "" for _, _, stem in making):
            making = [item for item in making if item[2] == ""]
        result: list[Recipe] = []
        left = self._needed(frame, target)
        for rule, mask, stem in making:
            where = mask & left
            if where:
                left &= ~where
                result += self._commands(frame, rule, rules, target=target, stem=stem, where=where)
        return tuple(result)

    def lists_target(self, makefile: str, target: str) -> bool:
        """Whether ``makefile`` has ``target`` in one of its lists of generated files."""
        directory = _directory(makefile)
        return any(
            target in (tree_path(word), tree_path(f"{directory}/{word}"))
            for name in _GENERATED_LISTS
            for _, word in self.lists(makefile, name)
        )

    def makes_in(self, makefile: str) -> tuple[str, ...]:
        """Directories that the recipes of ``makefile`` descend into (``$(build)=DIR``)."""
        frame = self._frame(makefile)
        found: dict[str, None] = {}
        for rule in frame.rules if frame is not None else ():
            for _, line in rule.recipe:
                for directory in _MAKE_IN.findall(line):
                    if "$" not in directory and not directory.startswith("scripts"):
                        found[directory] = None
        return tuple(found)

    def _frame(self, makefile: str) -> Frame | None:
        if makefile not in self._frames:
            scope = Scope()
            directory = _directory(makefile)
            for name, text in (
                ("srctree", "."),
                ("objtree", "."),
                ("src", directory),
                ("obj", directory),
                ("SRCARCH", self._arch),
                ("CONFIG_SHELL", "sh"),
                ("AWK", "awk"),
                ("PERL", "perl"),
                ("comma", ","),
                ("pound", "#"),
                ("KCONFIG_CONFIG", ".config"),
            ):
                scope.set_text(name, text, self._all)
            frame = Frame(makefile, scope)
            found = self._evaluator.run_file(makefile, frame, self._all)
            self._frames[makefile] = frame if found else None
        return self._frames[makefile]

    def _needed(self, frame: Frame, target: str) -> Mask:
        """Where another rule asks for ``target``; everywhere if none ever does."""
        asked = 0
        for rule in frame.rules:
            for mask, word in rule.prerequisites:
                if mask & ~asked and tree_path(word) == target:
                    asked |= mask
        return asked or self._all

    def _commands(
        self,
        frame: Frame,
        rule: TargetRule,
        rules: list[tuple[TargetRule, tuple[Mask, str]]],
        *,
        target: str,
        stem: str,
        where: Mask,
    ) -> list[Recipe]:
        prerequisites = [
            path
            for other in (rule, *(other for other, _ in rules if other is not rule))
            for mask, word in other.prerequisites
            if mask & where
            for path in self._paths(word.replace("%", stem))
        ]
        paths = tuple(dict.fromkeys(prerequisites))
        evaluator = self._evaluator
        scope = Scope({}, frame.scope, None, frame.scope.locked)
        for name, text in (
            ("@", target),
            ("<", paths[0] if paths else ""),
            ("^", " ".join(paths)),
            ("real-prereqs", " ".join(paths)),
            ("*", stem),
        ):
            scope.set_text(name, text, self._all)
        inner = Frame(frame.file, scope)
        saved = evaluator.frame
        evaluator.frame = inner
        try:
            for other, (mask, _) in rules:
                if other.assignment is not None and mask & where:
                    evaluator.assign(other.assignment, mask & where)
            result: list[Recipe] = []
            for mask, line in rule.recipe:
                call = _KBUILD_CALL.search(line)
                text, name, arguments = line, "", ""
                if call is not None:
                    prefix = "filechk_" if call[1] == "filechk" else "cmd_"
                    text, name, arguments = f"$({prefix}{call[2]})", call[2], call[3] or ""
                for inside, command in variants(evaluator.expand(text, mask & where), mask & where):
                    result.append(
                        Recipe(
                            inside, name, tuple(command.split()), arguments, paths, rule.location
                        )
                    )
            return result
        finally:
            evaluator.frame = saved

    def _in(self, frame: Frame, text: str, mask: Mask) -> str | tuple[tuple[Mask, str], ...]:
        evaluator = self._evaluator
        saved = evaluator.frame
        evaluator.frame = frame
        try:
            return evaluator.expand(text, mask)
        finally:
            evaluator.frame = saved

    def _paths(self, word: str) -> list[str]:
        path = tree_path(word)
        if not _GLOB.search(path):
            return [path]
        directory, _, pattern = path.rpartition("/")
        names = fnmatch.filter(self._tree.listdir(directory), pattern)
        return [f"{directory}/{name}" for name in names if not name.endswith("/")]


def _stem(rule: TargetRule, target: str) -> tuple[Mask, str] | None:
    """Where ``rule`` is about ``target``, and what ``%`` stands for (empty: named in full)."""
    exact = 0
    for mask, word in rule.targets:
        if "%" in word:
            head, _, tail = tree_path(word).partition("%")
            stem = target[len(head) : len(target) - len(tail)]
            if stem and target == head + stem + tail and "/" not in stem:
                return mask, stem
        elif tree_path(word) == target:
            exact |= mask
    return (exact, "") if exact else None


def _directory(makefile: str) -> str:
    return makefile.rpartition("/")[0] or "."
