"""Which rule makes a file, among those one directory's make has read.

Explicit rules first, then pattern rules by shortest stem (GNU make manual, 10.5.5),
then what ``scripts/Makefile.build`` offers every directory: ``.o`` from ``.c``, ``.S``
or ``.rs``, and sources from ``_shipped`` or ``.asn1`` files. Recipes are looked at,
never run.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from analyzer.configset.configset import Mask
from analyzer.kbuild.evaluator import Evaluator
from analyzer.kbuild.frame import TargetRule, tree_path
from analyzer.kbuild.processes import Process
from analyzer.kbuild.values import words

SOURCE_SUFFIXES = (".c", ".rs", ".S")
"""The order of the rules for ``%.o`` in ``scripts/Makefile.build``."""

_GENERATED = (
    (".asn1.c", ".asn1"),
    (".dtb.S", ".dts"),
    (".dtbo.S", ".dtso"),
    (".dtbo.S", ".dtbo"),
)
"""Sources that rules of ``Makefile.build`` and ``Makefile.dtbs`` make from other files."""

_MAX_CHAIN = 4
"""How many pattern rules may follow each other to make a missing file."""


@dataclass(slots=True, frozen=True)
class Making:
    """How a target is made: what it needs, and by which recipe lines in which rule.

    ``stem`` is what ``%`` stood for, empty for an explicit rule. ``implicit`` is the
    source that ``Makefile.build``'s own rule for objects compiles, if that is the rule.
    """

    prerequisites: tuple[tuple[Mask, str], ...]
    recipe: tuple[tuple[Mask, str], ...] = ()
    stem: str = ""
    implicit: str | None = None


@dataclass(slots=True)
class Rulebook:
    """The rules of one directory's make, indexed by target; paths are tree-relative."""

    evaluator: Evaluator
    directory: str
    explicit: dict[str, list[tuple[Mask, TargetRule, str]]] = field(default_factory=dict)
    patterns: list[tuple[Mask, TargetRule, str]] = field(default_factory=list)
    specific: dict[str, list[tuple[Mask, TargetRule]]] = field(default_factory=dict)
    specific_patterns: list[tuple[Mask, TargetRule, str]] = field(default_factory=list)
    programs: frozenset[str] = frozenset()

    @classmethod
    def of(cls, evaluator: Evaluator, process: Process) -> Rulebook:
        """Index the rules that ``process`` has read."""
        book = cls(evaluator, process.directory, programs=_programs(evaluator, process))
        for rule in process.frame.rules:
            for mask, word in rule.targets:
                target = tree_path(word)
                if rule.assignment is not None:
                    if "%" in target:
                        book.specific_patterns.append((mask, rule, target))
                    else:
                        book.specific.setdefault(target, []).append((mask, rule))
                elif rule.pattern:
                    for _, pattern in rule.pattern:
                        stem = match_stem(tree_path(pattern), target)
                        if stem is not None:
                            book.explicit.setdefault(target, []).append((mask, rule, stem))
                elif "%" in target:
                    book.patterns.append((mask, rule, target))
                else:
                    book.explicit.setdefault(target, []).append((mask, rule, ""))
        return book

    def making(self, target: str) -> Making | None:
        """How ``target`` is made, or None where no rule is known for it."""
        prerequisites: list[tuple[Mask, str]] = []
        recipe: list[tuple[Mask, str]] = []
        stem = ""
        for mask, rule, matched in self.explicit.get(target, ()):
            stem = matched or stem
            prerequisites.extend(
                (where & mask, tree_path(word.replace("%", matched, 1)))
                for where, word in rule.prerequisites
                if where & mask
            )
            recipe.extend(rule.recipe)
        if recipe:
            return Making(tuple(prerequisites), tuple(recipe), stem)
        found = self._pattern_rule(target, 0)
        if found is None:
            return Making(tuple(prerequisites)) if target in self.explicit else None
        return Making(
            (*found.prerequisites, *prerequisites), found.recipe, found.stem, found.implicit
        )

    def _pattern_rule(self, target: str, depth: int) -> Making | None:
        best: Making | None = None
        for mask, rule, pattern in self.patterns:
            if not rule.recipe:
                continue
            stem = match_stem(pattern, target)
            if stem is None or (best is not None and len(stem) >= len(best.stem)):
                continue
            needs = [
                (where & mask, tree_path(word.replace("%", stem, 1)))
                for where, word in rule.prerequisites
                if where & mask
            ]
            if all(self._can_exist(path, depth) for _, path in needs):
                best = Making(tuple(needs), tuple(rule.recipe), stem)
        offered = self._offered(target, depth)
        if offered is not None and (best is None or len(offered.stem) < len(best.stem)):
            return offered
        return best

    def _offered(self, target: str, depth: int) -> Making | None:
        """What the pattern rules of ``scripts/Makefile.build`` and ``Makefile.lib`` give."""
        prefix = "" if self.directory == "." else self.directory + "/"
        if not target.startswith(prefix):
            return None
        tree = self.evaluator.tree
        everywhere = self.evaluator.everywhere
        if target.endswith(".o"):
            base = target[:-2]
            for suffix in SOURCE_SUFFIXES:
                source = base + suffix
                if tree.is_file(source) or (depth < 1 and self._can_exist(source, depth)):
                    stem = base[len(prefix) :]
                    return Making(((everywhere, source),), (), stem, source)
            return None
        origins = [target + "_shipped", target + ".S"]
        origins += [
            target.removesuffix(made) + origin
            for made, origin in _GENERATED
            if target.endswith(made)
        ]
        for origin in origins:
            if tree.is_file(origin):
                return Making(((everywhere, origin),), (), target[len(prefix) :])
        return None

    def _can_exist(self, path: str, depth: int) -> bool:
        if path in self.explicit or self.evaluator.tree.is_file(path):
            return True
        name = path.rpartition("/")[2]
        if "." not in name and path not in self.programs:
            inside = self.directory == "." or path.startswith(self.directory + "/")
            return not inside
        if path in self.programs:
            return True
        if depth >= _MAX_CHAIN:
            return False
        return self._pattern_rule(path, depth + 1) is not None

    def assignments(self, target: str) -> list[tuple[Mask, TargetRule]]:
        """The target-specific variables set for ``target``, in makefile order."""
        result = list(self.specific.get(target, ()))
        for mask, rule, pattern in self.specific_patterns:
            if match_stem(pattern, target) is not None:
                result.append((mask, rule))
        return result


def _programs(evaluator: Evaluator, process: Process) -> frozenset[str]:
    """Host programs that the directory builds: ``Makefile.host`` has rules for them."""
    prefix = "" if process.directory == "." else process.directory + "/"
    found: set[str] = set()
    for name in ("hostprogs", "hostprogs-always-y", "userprogs"):
        variable = process.frame.scope.variables.get(name)
        if variable is not None:
            saved = evaluator.frame
            evaluator.frame = process.frame
            value = evaluator.value_of_variable(variable, evaluator.everywhere)
            evaluator.frame = saved
            found.update(tree_path(prefix + word) for _, word in words(value, evaluator.everywhere))
    return frozenset(found)


def match_stem(pattern: str, target: str) -> str | None:
    """What ``%`` stands for if ``pattern`` matches ``target``, else None."""
    at = pattern.find("%")
    if at < 0:
        return None
    head, tail = pattern[:at], pattern[at + 1 :]
    if len(target) <= len(head) + len(tail):
        return None
    if target.startswith(head) and target.endswith(tail):
        return target[len(head) : len(target) - len(tail)]
    return None
