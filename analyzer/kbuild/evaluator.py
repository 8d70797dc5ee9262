"""Running makefile statements once for all configurations.

An :class:`Evaluator` reads makefiles of one tree into :class:`Scope` objects. A
conditional directive splits the context mask, an assignment under it touches the
variable only there. Rules are collected, not run. Nothing is ever executed:
``$(shell …)`` and compiler probes are answered by :class:`CompilerProfile`.
"""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from analyzer.configset.configset import ConfigSet, Mask
from analyzer.configset.dotconfig import unquote
from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.kbuild.expressions import (
    FUNCTION_NAMES,
    Function,
    Reference,
    Template,
    parse_template,
)
from analyzer.kbuild.functions import TEXT_FUNCTIONS, substitution_reference
from analyzer.kbuild.probes import CompilerProfile, choose, option_support
from analyzer.kbuild.scope import Piece, Scope, Variable
from analyzer.kbuild.syntax import (
    Assign,
    Conditional,
    Export,
    Expression,
    Include,
    Operator,
    Recipe,
    Rule,
    Statement,
    Test,
    Undefine,
    parse,
)
from analyzer.kbuild.values import (
    Value,
    Words,
    concat,
    equal,
    nonempty,
    selected,
    variants,
    words,
)
from analyzer.location import Location
from analyzer.tree.source_tree import SourceTree

MAX_DEPTH = 120
"""Nested expansions and includes beyond this are taken for a loop."""

_FIND = re.compile(r"find (\S+) -name ['\"\\]?([^\s'\"]+)['\"]?(?: -type f)?(?: 2>/dev/null)?$")
_CONFIG_NAME = re.compile(r"\bCONFIG_(\w+)")


@dataclass(slots=True)
class TargetRule:
    """A rule as read: expanded targets and prerequisites, raw recipe lines."""

    mask: Mask
    targets: Words
    pattern: Words
    prerequisites: Words
    recipe: list[tuple[Mask, str]]
    location: Location
    assignment: Assign | None = None
    symbols: tuple[str, ...] = ()


@dataclass(slots=True)
class Frame:
    """Where evaluation stands in one makefile."""

    file: str
    scope: Scope
    rules: list[TargetRule] = field(default_factory=list)
    symbols: tuple[str, ...] = ()


class Evaluator:
    """Shared by all makefiles of a run; caches parsed files and templates."""

    __slots__ = (
        "_config_values",
        "_depth",
        "_files",
        "_line",
        "_templates",
        "configs",
        "diagnostics",
        "everywhere",
        "file",
        "frame",
        "profile",
        "tree",
    )

    def __init__(self, tree: SourceTree, configs: ConfigSet, diagnostics: Diagnostics) -> None:
        self.tree = tree
        self.configs = configs
        self.diagnostics = diagnostics
        self.everywhere = configs.all
        self.profile = CompilerProfile(configs)
        self._files: dict[str, list[Statement] | None] = {}
        self._templates: dict[str, Template] = {}
        self._config_values: dict[str, Value] = {}
        self._depth = 0
        self._line = 0
        self.file = ""
        self.frame = Frame("", Scope())

    # reading

    def statements(self, path: str) -> list[Statement] | None:
        """The parsed makefile ``path``, or None if there is no such file."""
        if path not in self._files:
            raw = self.tree.read(path)
            self._files[path] = (
                None if raw is None else parse(raw.decode("utf-8", "surrogateescape"), path)
            )
        return self._files[path]

    def template(self, text: str) -> Template:
        if "$" not in text:
            return text
        known = self._templates.get(text)
        if known is None:
            try:
                known = parse_template(text)
            except BadInput as error:
                raise BadInput(error.message, self.file, self._line) from None
            self._templates[text] = known
        return known

    def run_file(self, path: str, frame: Frame, within: Mask) -> bool:
        """Evaluate makefile ``path`` in ``frame``; False if it does not exist."""
        statements = self.statements(path)
        if statements is None:
            return False
        saved = (self.file, self._line, self.frame, frame.file)
        self.file = frame.file = path
        self.frame = frame
        try:
            self.run(statements, within)
        finally:
            self.file, self._line, self.frame, frame.file = saved
        return True

    def run(self, statements: Sequence[Statement], within: Mask) -> None:
        """Evaluate ``statements`` in the configurations ``within``."""
        for statement in statements:
            self._line = statement.line
            kind = type(statement)
            if kind is Assign:
                self.assign(statement, within)  # type: ignore[arg-type]
            elif kind is Conditional:
                self._conditional(statement, within)  # type: ignore[arg-type]
            else:
                self._other(statement, within)

    def _other(self, statement: Statement, within: Mask) -> None:
        scope = self.frame.scope
        if isinstance(statement, Rule):
            self._rule(statement, within)
        elif isinstance(statement, Recipe):
            if self.frame.rules:
                self.frame.rules[-1].recipe.append((within, statement.text))
        elif isinstance(statement, Include):
            self._include(statement, within)
        elif isinstance(statement, Export):
            self._export(statement.names, within)
        elif isinstance(statement, Undefine):
            for mask, name in variants(self.expand(statement.name, within), within):
                variable = scope.own(name)
                variable.clear(mask, self.everywhere)
                variable.defined &= ~mask
        elif isinstance(statement, Expression):
            left = self.expand(statement.text, within)
            if nonempty(left, within) and words(left, within):
                self.diagnostics.warning(
                    "kbuild-unreadable", "a makefile line is no statement", self.location
                )

    @property
    def location(self) -> Location:
        """The makefile line that is being evaluated."""
        return Location(self.file, self._line)

    def _include(self, statement: Include, within: Mask) -> None:
        for mask, word in words(self.expand(statement.files, within), within):
            path = tree_path(word)
            if self._depth > MAX_DEPTH:
                raise BadInput("makefiles include each other without end", self.file, self._line)
            self._depth += 1
            found = self.run_file(path, self.frame, mask)
            self._depth -= 1
            if not found and not statement.optional and not path.startswith("include/config/"):
                self.diagnostics.warning(
                    "kbuild-include-missing", f"included makefile {path} not found", self.location
                )

    def _export(self, names: str, within: Mask) -> None:
        scope = self.frame.scope
        if not names:
            scope.exports_all = True
        for _, name in words(self.expand(names, within), within):
            if scope.find(name) is not None:
                scope.own(name).exported = True
            else:
                scope.variables[name] = Variable(exported=True)

    def _conditional(self, statement: Conditional, within: Mask) -> None:
        left = within
        saved = self.frame.symbols
        for branch in statement.branches:
            if not left:
                break
            if branch.test is None:
                holds = left
            else:
                self._line = branch.line
                holds = self._test(branch.test, branch.left, branch.right, left)
                named = _CONFIG_NAME.findall(branch.left) + _CONFIG_NAME.findall(branch.right)
                if named:
                    self.frame.symbols = (*self.frame.symbols, *named)
            if holds:
                self.run(branch.body, holds)
            left &= ~holds
        self.frame.symbols = saved

    def _test(self, test: Test, left: str, right: str, within: Mask) -> Mask:
        if test in (Test.DEFINED, Test.NOT_DEFINED):
            holds = 0
            for mask, name in variants(self.expand(left, within), within):
                holds |= self.has_value(name.strip(), mask)
            return holds if test is Test.DEFINED else within & ~holds
        same = equal(self.expand(left, within), self.expand(right, within), within)
        return same if test is Test.EQUAL else within & ~same

    def has_value(self, name: str, within: Mask) -> Mask:
        """Where variable ``name`` has a non-empty definition (``ifdef``: not expanded)."""
        variable = self.frame.scope.find(name)
        if variable is None:
            if name.startswith("CONFIG_"):
                return self.configs.column(name[7:]).present & within
            return 0
        result = 0
        for piece in variable.pieces:
            if piece.value is None:
                result |= piece.mask if piece.template else 0
            else:
                result |= nonempty(piece.value, piece.mask)
        return result & within

    # assignment

    def assign(self, statement: Assign, within: Mask, symbols: tuple[str, ...] = ()) -> None:
        """Carry out an assignment in the scope of the current frame."""
        name = statement.name
        if "$" in name:
            template = self.template(name)
            symbols = (*symbols, *_CONFIG_NAME.findall(name))
            for mask, text in variants(self.expand_template(template, within), within):
                self._assign_name(text.strip(), statement, mask, symbols)
        else:
            self._assign_name(name, statement, within, symbols)

    def _assign_name(
        self, name: str, statement: Assign, within: Mask, symbols: tuple[str, ...]
    ) -> None:
        scope = self.frame.scope
        if name in scope.locked:
            return
        if self.frame.symbols:
            symbols = (*self.frame.symbols, *symbols)
        operator = statement.operator
        variable = scope.own(name)
        if statement.exported:
            variable.exported = True
        if operator is Operator.DEFAULT:
            within &= ~variable.defined
            if not within:
                return
        text = statement.text
        if operator is Operator.APPEND:
            self._append(variable, text, within, symbols)
            return
        if operator is Operator.SIMPLE:
            piece = Piece(within, self.expand(text, within), "", symbols)
        elif operator is Operator.SHELL:
            piece = Piece(within, self._shell(self.expand(text, within), within), "", symbols)
        else:
            template = self.template(text)
            value = template if isinstance(template, str) else None
            piece = Piece(within, value, template, symbols)
        variable.clear(within, self.everywhere)
        variable.defined |= within
        variable.pieces.append(piece)
        if operator is Operator.SIMPLE:
            variable.simple |= within
        else:
            variable.simple &= ~within

    def _append(
        self, variable: Variable, text: str, within: Mask, symbols: tuple[str, ...]
    ) -> None:
        variable.flat = None
        variable.defined |= within
        if not text:
            return
        template = self.template(text)
        before = 0
        for piece in variable.pieces:
            before |= piece.mask
        if before & within:
            variable.pieces.append(Piece(before & within, " "))
        if isinstance(template, str):
            variable.pieces.append(Piece(within, template, "", symbols))
            return
        at_once = variable.simple & within
        if at_once:
            value = self.expand_template(template, at_once)
            variable.pieces.append(Piece(at_once, value, "", symbols))
        later = within & ~at_once
        if later:
            variable.pieces.append(Piece(later, None, template, symbols))

    # rules

    def _rule(self, statement: Rule, within: Mask) -> None:
        frame = self.frame
        targets = words(self.expand(statement.targets, within), within)
        pattern: Words = []
        prerequisites: Words = []
        if statement.assignment is None:
            text = statement.prerequisites
            colon = -1 if ":" not in text else _outer_colon(text)
            if colon >= 0:
                pattern = words(self.expand(text[:colon], within), within)
                text = text[colon + 1 :]
            listed = words(self.expand(text.replace("|", " "), within), within)
            prerequisites = [(mask, word) for mask, word in listed if word != "FORCE"]
        frame.rules.append(
            TargetRule(
                within,
                targets,
                pattern,
                prerequisites,
                [],
                self.location,
                statement.assignment,
                frame.symbols,
            )
        )

    # expansion

    def expand(self, text: str, within: Mask) -> Value:
        """``text`` with all references replaced, in the current scope."""
        if "$" not in text:
            return text
        return self.expand_template(self.template(text), within)

    def expand_template(self, template: Template, within: Mask) -> Value:
        if isinstance(template, str):
            return template
        if len(template) == 1:
            return self._part(template[0], within)
        parts = [(within, self._part(part, within)) for part in template]
        return concat(parts, within)

    def _part(self, part: str | Reference | Function, within: Mask) -> Value:
        if isinstance(part, str):
            return part
        if isinstance(part, Function):
            return self._function(part, within)
        name = part.name
        if isinstance(name, str):
            value = self.value_of(name, within)
        else:
            spelled = variants(self.expand_template(name, within), within)
            if len(spelled) == 1:
                value = self.value_of(spelled[0][1], within)
            else:
                value = concat([(m, self.value_of(text, m)) for m, text in spelled], within)
        if part.old is None:
            return value
        return substitution_reference(
            value, self.expand_template(part.old, within), self.expand_template(part.new, within), within
        )

    def value_of(self, name: str, within: Mask) -> Value:
        """What ``$(name)`` expands to in the current scope."""
        variable = self.frame.scope.find(name)
        if variable is None:
            if name.startswith("CONFIG_"):
                return selected(self._config_value(name), within)
            return ""
        if variable.flat is not None:
            flat = variable.flat
            return flat if isinstance(flat, str) else selected(flat, within)
        return self.value_of_variable(variable, within)

    def value_of_variable(self, variable: Variable, within: Mask) -> Value:
        """The value of ``variable``, its templates expanded in the current scope."""
        parts: list[tuple[Mask, Value]] = []
        deferred = False
        for piece in variable.pieces:
            if piece.value is not None:
                parts.append((piece.mask, piece.value))
                continue
            deferred = True
            where = piece.mask & within
            if where:
                self._depth += 1
                if self._depth > MAX_DEPTH:
                    raise BadInput("a variable expands to itself", self.file, self._line)
                parts.append((where, self.expand_template(piece.template, where)))
                self._depth -= 1
        if deferred:
            return concat(parts, within)
        variable.flat = concat(parts, self.everywhere)
        return selected(variable.flat, within)

    def _config_value(self, name: str) -> Value:
        known = self._config_values.get(name)
        if known is None:
            entries = self.configs.column(name[7:]).entries
            # auto.conf has strings without quotes since 5.17 (129ab0d2d9f3).
            known = concat([(mask, unquote(text)) for mask, text in entries], self.everywhere)
            self._config_values[name] = known
        return known

    def _function(self, function: Function, within: Mask) -> Value:
        name = function.name
        plain = TEXT_FUNCTIONS.get(name)
        arguments = function.arguments
        if plain is not None:
            return plain([self.expand_template(each, within) for each in arguments], within)
        if name == "if":
            return self._if(arguments, within)
        if name in ("or", "and"):
            return self._short_circuit(name, arguments, within)
        if name == "foreach":
            return self._foreach(arguments, within)
        if name == "call":
            return self._call(arguments, within)
        if name == "wildcard":
            return self._wildcard(self.expand_template(arguments[0], within), within)
        if name == "eval":
            return self._eval(self.expand_template(arguments[0], within), within)
        if name == "shell":
            return self._shell(self.expand_template(arguments[0], within), within)
        if name == "file":
            return self._file(self.expand_template(arguments[0], within), within)
        return self._about(name, arguments, within)

    def _if(self, arguments: Sequence[Template], within: Mask) -> Value:
        condition = arguments[0]
        if isinstance(condition, str):
            condition = condition.strip()
        else:
            condition = _stripped(condition)
        holds = nonempty(self.expand_template(condition, within), within)
        parts: list[tuple[Mask, Value]] = []
        if holds:
            parts.append((holds, self.expand_template(arguments[1], holds)))
        if within & ~holds and len(arguments) > 2:
            parts.append((within & ~holds, self.expand_template(arguments[2], within & ~holds)))
        return concat(parts, within)

    def _short_circuit(self, name: str, arguments: Sequence[Template], within: Mask) -> Value:
        left = within
        parts: list[tuple[Mask, Value]] = []
        for index, argument in enumerate(arguments):
            template = argument.strip() if isinstance(argument, str) else _stripped(argument)
            value = self.expand_template(template, left)
            holds = nonempty(value, left)
            if name == "or":
                parts.append((holds, value))
                left &= ~holds
            else:
                left &= holds
                if index == len(arguments) - 1:
                    parts.append((left, value))
            if not left:
                break
        return concat(parts, within)

    def _foreach(self, arguments: Sequence[Template], within: Mask) -> Value:
        if len(arguments) != 3:
            return ""
        names = variants(self.expand_template(arguments[0], within), within)
        listed = words(self.expand_template(arguments[1], within), within)
        frame = self.frame
        inner = Scope({}, frame.scope, None, frame.scope.locked)
        parts: list[tuple[Mask, Value]] = []
        before = 0
        outer = frame.scope
        frame.scope = _Local(inner, outer)
        try:
            for mask, word in listed:
                inner.set_text(names[0][1].strip(), word, self.everywhere)
                if before & mask:
                    parts.append((before & mask, " "))
                parts.append((mask, self.expand_template(arguments[2], mask)))
                before |= mask
        finally:
            frame.scope = outer
        return concat(parts, within)

    def _call(self, arguments: Sequence[Template], within: Mask) -> Value:
        values = [self.expand_template(each, within) for each in arguments]
        parts: list[tuple[Mask, Value]] = []
        for mask, name in variants(values[0], within):
            parts.append((mask, self._call_named(name.strip(), values[1:], mask)))
        return parts[0][1] if len(parts) == 1 else concat(parts, within)

    def _call_named(self, name: str, arguments: list[Value], within: Mask) -> Value:
        answered = self._probe(name, arguments, within)
        if answered is not None:
            return answered
        if name in FUNCTION_NAMES:
            plain = TEXT_FUNCTIONS.get(name)
            return "" if plain is None else plain(arguments, within)
        variable = self.frame.scope.find(name)
        if variable is None:
            return ""
        frame = self.frame
        outer = frame.scope
        inner = Scope({}, outer, None, outer.locked)
        inner.set_text("0", name, self.everywhere)
        for index in range(max(9, len(arguments))):
            value = arguments[index] if index < len(arguments) else ""
            inner.set_text(str(index + 1), value, self.everywhere)
        frame.scope = _Local(inner, outer)
        try:
            return self.value_of_variable(variable, within)
        finally:
            frame.scope = outer

    def _probe(self, name: str, arguments: list[Value], within: Mask) -> Value | None:
        """Compiler questions of ``scripts/Makefile.compiler``; None if ``name`` is none."""
        padded: list[Value] = [*arguments, "", "", ""]
        if name in ("cc-option", "as-option", "cc-ldoption"):
            support = option_support(self.profile, padded[0], within)
            return choose(support, padded[0], padded[1], within)
        if name == "cc-option-yn":
            return choose(option_support(self.profile, padded[0], within), "y", "n", within)
        if name == "cc-disable-warning":
            stripped = TEXT_FUNCTIONS["strip"]([padded[0]], within)
            return concat([(within, "-Wno-"), (within, stripped)], within)
        if name == "__cc-option":
            support = option_support(self.profile, padded[2], within)
            return choose(support, padded[2], padded[3], within)
        if name == "ld-option":
            return padded[0]
        if name in ("as-instr", "try-run"):
            self.diagnostics.note(
                "kbuild-probe-assumed",
                f"`{name}` is not run: taken to succeed",
                self.location,
            )
            return padded[1]
        if name in ("rustc-option", "rustc-option-yn", "cc-cross-prefix"):
            return ""
        return None

    def _shell(self, command: Value, within: Mask) -> Value:
        parts: list[tuple[Mask, Value]] = []
        for mask, text in variants(command, within):
            answer = self.profile.shell(text, mask)
            if answer is None and (hit := _FIND.match(text.strip())) is not None:
                answer = " ".join(self._find(tree_path(hit[1]), hit[1], hit[2]))
            if answer is None:
                self.diagnostics.note(
                    "kbuild-shell-not-run",
                    f"`$(shell {' '.join(text.split())[:80]})` is not run: taken as empty",
                    self.location,
                )
                answer = ""
            parts.append((mask, answer))
        return concat(parts, within)

    def _find(self, path: str, written: str, pattern: str) -> list[str]:
        """What ``find written -name pattern -type f`` lists in the source tree, sorted."""
        found: list[str] = []
        for name in self.tree.listdir(path):
            if name.endswith("/"):
                found += self._find(f"{path}/{name[:-1]}", f"{written}/{name[:-1]}", pattern)
            elif fnmatch.fnmatchcase(name, pattern):
                found.append(f"{written}/{name}")
        return found

    def _file(self, operation: Value, within: Mask) -> Value:
        parts: list[tuple[Mask, Value]] = []
        for mask, text in variants(operation, within):
            text = text.strip()
            raw = self.tree.read(tree_path(text[1:].strip())) if text[:1] == "<" else None
            content = "" if raw is None else raw.decode("utf-8", "surrogateescape")
            parts.append((mask, content.removesuffix("\n")))
        return concat(parts, within)

    def _eval(self, text: Value, within: Mask) -> Value:
        scope = self.frame.scope
        self.frame.scope = scope.base if isinstance(scope, _Local) else scope
        line = self._line
        try:
            for mask, each in variants(text, within):
                self.run(parse(each, self.file), mask)
        finally:
            self.frame.scope = scope
            self._line = line
        return ""

    def _wildcard(self, patterns: Value, within: Mask) -> Value:
        parts: list[tuple[Mask, str]] = []
        for mask, pattern in words(patterns, within):
            parts.extend((mask, found) for found in self._matches(pattern))
        from analyzer.kbuild.values import joined

        return joined(parts, within)

    def _matches(self, pattern: str) -> list[str]:
        path = tree_path(pattern)
        if not any(char in path for char in "*?["):
            if self.tree.is_file(path) or self.tree.listdir(path):
                return [pattern]
            return []
        head, _, last = path.rpartition("/")
        if any(char in head for char in "*?["):
            self.diagnostics.warning(
                "kbuild-unreadable", f"wildcard in a directory: {pattern}", self.location
            )
            return []
        prefix = pattern[: len(pattern) - len(pattern.rpartition("/")[2])]
        names = [name.rstrip("/") for name in self.tree.listdir(head)]
        return [prefix + name for name in names if fnmatch.fnmatchcase(name, last)]

    def _about(self, name: str, arguments: Sequence[Template], within: Mask) -> Value:
        """``value``, ``origin``, ``flavor`` and the message functions."""
        argument = self.expand_template(arguments[0], within)
        if name in ("error", "warning"):
            for mask, text in variants(argument, within):
                self.diagnostics.note(
                    f"kbuild-{name}",
                    f"the makefile says in {mask.bit_count()} configurations: {text.strip()}",
                    self.location,
                )
            return ""
        if name == "info":
            return ""
        parts: list[tuple[Mask, Value]] = []
        for mask, text in variants(argument, within):
            variable = self.frame.scope.find(text.strip())
            if name == "value":
                parts.append((mask, self.value_of(text.strip(), mask)))
            elif name == "origin":
                parts.append((mask, "undefined" if variable is None else "file"))
            else:
                simple = variable is not None and variable.simple & mask == mask
                flavor = "simple" if simple else "recursive"
                parts.append((mask, "undefined" if variable is None else flavor))
        return concat(parts, within)


class _Local(Scope):
    """Parameters of a call or loop; look-ups fall through to ``base``, writes go there."""

    __slots__ = ("base",)

    def __init__(self, local: Scope, base: Scope) -> None:
        real = base.base if isinstance(base, _Local) else base
        super().__init__(local.variables, base, None, real.locked)
        self.base: Scope = real


def _stripped(template: Template) -> Template:
    """``template`` without the blanks at its two ends (``$(if …)``, manual 8.5)."""
    if isinstance(template, str):
        return template.strip()
    parts = list(template)
    if isinstance(parts[0], str):
        parts[0] = parts[0].lstrip()
    if isinstance(parts[-1], str):
        parts[-1] = parts[-1].rstrip()
    kept = tuple(part for part in parts if part != "")
    return kept if kept else ""


def _outer_colon(text: str) -> int:
    depth = 0
    for index, char in enumerate(text):
        if char in "({":
            depth += 1
        elif char in ")}":
            depth -= 1
        elif char == ":" and depth == 0:
            return index
    return -1


def tree_path(word: str) -> str:
    """A makefile's file name as a path in the tree: ``./mm/../lib`` is ``lib``."""
    path = posixpath.normpath(word)
    return "" if path == "." else path
