"""Running makefile statements once for all configurations.

An :class:`Evaluator` reads makefiles of one tree into :class:`Scope` objects. A
conditional directive splits the context mask, an assignment under it touches the
variable only there. Rules are collected, not run.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from analyzer.configset.configset import ConfigSet, Mask
from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.kbuild.expansion import MAX_DEPTH, Expander
from analyzer.kbuild.frame import Frame, TargetRule, tree_path
from analyzer.kbuild.scope import Piece, Variable
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
from analyzer.kbuild.values import Words, equal, nonempty, variants, words
from analyzer.tree.outside import absence
from analyzer.tree.source_tree import SourceTree

_CONFIG_NAME = re.compile(r"\bCONFIG_(\w+)")


class Evaluator(Expander):
    """Shared by all makefiles of a run; caches parsed files and templates."""

    __slots__ = ("_files",)

    def __init__(self, tree: SourceTree, configs: ConfigSet, diagnostics: Diagnostics) -> None:
        super().__init__(tree, configs, diagnostics)
        self._files: dict[str, list[Statement] | None] = {}

    def evaluate_text(self, text: str, within: Mask) -> None:
        self.run(parse(text, self.file), within)

    # reading

    def statements(self, path: str) -> list[Statement] | None:
        """The parsed makefile ``path``, or None if there is no such file."""
        if path not in self._files:
            raw = self.tree.read(path)
            self._files[path] = (
                None if raw is None else parse(raw.decode("utf-8", "surrogateescape"), path)
            )
        return self._files[path]

    def run_file(self, path: str, frame: Frame, within: Mask) -> bool:
        """Evaluate makefile ``path`` in ``frame``; False if it does not exist."""
        statements = self.statements(path)
        if statements is None:
            return False
        saved = (self.file, self.line, self.frame, frame.file)
        self.file = frame.file = path
        self.frame = frame
        try:
            self.run(statements, within)
        finally:
            self.file, self.line, self.frame, frame.file = saved
        return True

    def run(self, statements: Sequence[Statement], within: Mask) -> None:
        """Evaluate ``statements`` in the configurations ``within``.

        Raises :class:`BadInput` with the line for what goes beyond a stated limit.
        """
        try:
            for statement in statements:
                self.line = statement.line
                kind = type(statement)
                if kind is Assign:
                    self.assign(statement, within)  # type: ignore[arg-type]
                elif kind is Conditional:
                    self._conditional(statement, within)  # type: ignore[arg-type]
                else:
                    self._other(statement, within)
        except BadInput as error:
            if error.file is not None:
                raise
            raise BadInput(error.message, self.file, self.line) from None

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

    def _include(self, statement: Include, within: Mask) -> None:
        for mask, word in words(self.expand(statement.files, within), within):
            path = tree_path(word)
            if self._depth > MAX_DEPTH:
                raise BadInput("makefiles include each other without end", self.file, self.line)
            self._depth += 1
            found = self.run_file(path, self.frame, mask)
            self._depth -= 1
            if not found and not statement.optional and not path.startswith("include/config/"):
                text = f"included makefile {path} {absence(self.tree, path, 'not found')}"
                self.diagnostics.warning("kbuild-include-missing", text, self.location)

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
                self.line = branch.line
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
            piece = Piece(
                within,
                self.outside.shell(self.expand(text, within), within, self.location),
                "",
                symbols,
            )
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
        variable.defined |= within
        if not text:
            return
        template = self.template(text)
        before = 0
        for piece in variable.pieces:
            before |= piece.mask
        blank = [Piece(before & within, " ")] if before & within else []
        added: list[Piece] = []
        if isinstance(template, str):
            added.append(Piece(within, template, "", symbols))
        else:
            at_once = variable.simple & within
            if at_once:
                value = self.expand_template(template, at_once)
                added.append(Piece(at_once, value, "", symbols))
            if within & ~at_once:
                added.append(Piece(within & ~at_once, None, template, symbols))
        variable.flat = None
        variable.pieces += blank + added

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
