"""Expanding makefile text over all configurations (GNU make manual, chapters 6 and 8).

An :class:`Expander` looks names up in the scope of its current frame. Text functions
work on masked words; functions with conditions narrow the context mask for what they
expand. Templates and the values of CONFIG variables are cached.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from analyzer.configset.configset import ConfigSet, Mask
from analyzer.configset.dotconfig import unquote
from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.kbuild.expressions import (
    FUNCTION_NAMES,
    REQUIRED,
    Function,
    Reference,
    Template,
    parse_template,
)
from analyzer.kbuild.frame import Frame
from analyzer.kbuild.functions import TEXT_FUNCTIONS, substitution_reference
from analyzer.kbuild.outside import Outside
from analyzer.kbuild.probes import CompilerProfile
from analyzer.kbuild.scope import LocalScope, Scope, Variable
from analyzer.kbuild.values import Value, concat, nonempty, selected, variants, words
from analyzer.location import Location
from analyzer.tree.source_tree import SourceTree

MAX_DEPTH = 120
"""Nested expansions and includes beyond this are taken for a loop."""
MAX_NESTING = 140
"""Nested texts beyond which an expansion is given up."""
MAX_EXPANSIONS = 200_000
"""Texts with references that the expansion of one may expand in turn."""


class Expander(ABC):
    """Expands text in ``frame``; ``file`` and ``line`` say where for messages."""

    __slots__ = (
        "_config_values",
        "_depth",
        "_expanded",
        "_nested",
        "_templates",
        "configs",
        "diagnostics",
        "everywhere",
        "file",
        "frame",
        "line",
        "outside",
        "tree",
    )

    def __init__(self, tree: SourceTree, configs: ConfigSet, diagnostics: Diagnostics) -> None:
        self.tree = tree
        self.configs = configs
        self.diagnostics = diagnostics
        self.everywhere = configs.all
        self.outside = Outside(tree, CompilerProfile(configs), diagnostics)
        self._templates: dict[str, Template] = {}
        self._config_values: dict[str, Value] = {}
        self._depth = 0
        self._expanded = 0
        self._nested = 0
        self.line = 0
        self.file = ""
        self.frame = Frame("", Scope())

    @property
    def location(self) -> Location:
        """The makefile line that is being evaluated."""
        return Location(self.file, self.line)

    @abstractmethod
    def evaluate_text(self, text: str, within: Mask) -> None:
        """Run ``text`` as makefile lines (``$(eval …)``); the evaluator knows how."""

    def template(self, text: str) -> Template:
        if "$" not in text:
            return text
        known = self._templates.get(text)
        if known is None:
            try:
                known = parse_template(text)
            except BadInput as error:
                raise BadInput(error.message, self.file, self.line) from None
            self._templates[text] = known
        return known

    def expand(self, text: str, within: Mask) -> Value:
        """``text`` with all references replaced, in the current scope."""
        if "$" not in text:
            return text
        return self.expand_template(self.template(text), within)

    def expand_template(self, template: Template, within: Mask) -> Value:
        """Raises :class:`BadInput` beyond :data:`MAX_NESTING` and :data:`MAX_EXPANSIONS`."""
        if isinstance(template, str):
            return template
        if not self._nested:
            self._expanded = 0
        self._expanded += 1
        if self._nested >= MAX_NESTING:
            raise BadInput("expressions are nested too deeply", self.file, self.line)
        if self._expanded > MAX_EXPANSIONS:
            message = f"one expression takes more than {MAX_EXPANSIONS} expansions"
            raise BadInput(message, self.file, self.line)
        self._nested += 1
        try:
            if len(template) == 1:
                return self._part(template[0], within)
            return concat([(within, self._part(part, within)) for part in template], within)
        finally:
            self._nested -= 1

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
            value,
            self.expand_template(part.old, within),
            self.expand_template(part.new, within),
            within,
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
                    raise BadInput("a variable expands to itself", self.file, self.line)
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
        if len(arguments) < REQUIRED.get(name, 0):
            what = f"insufficient number of arguments ({len(arguments)}) to function {name!r}"
            raise BadInput(what, self.file, self.line)
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
            return self.outside.wildcard(self.expand_template(arguments[0], within), within)
        if name == "eval":
            return self._eval(self.expand_template(arguments[0], within), within)
        if name == "shell":
            return self.outside.shell(
                self.expand_template(arguments[0], within), within, self.location
            )
        if name == "file":
            operation = self.expand_template(arguments[0], within)
            return self.outside.read_file(operation, within, self.location)
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
        frame.scope = LocalScope(inner, outer)
        self._expanded += len(listed)
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
        answered = self.outside.probe(name, arguments, within, self.location)
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
        frame.scope = LocalScope(inner, outer)
        try:
            return self.value_of_variable(variable, within)
        finally:
            frame.scope = outer

    def _eval(self, text: Value, within: Mask) -> Value:
        scope = self.frame.scope
        self.frame.scope = scope.base if isinstance(scope, LocalScope) else scope
        line = self.line
        try:
            for mask, each in variants(text, within):
                self.evaluate_text(each, mask)
        finally:
            self.frame.scope = scope
            self.line = line
        return ""

    def _about(self, name: str, arguments: Sequence[Template], within: Mask) -> Value:
        """``value``, ``origin``, ``flavor`` and the message functions."""
        argument = self.expand_template(arguments[0], within)
        if name in ("error", "warning"):
            for _, text in variants(argument, within):
                message = f"the makefile says: {' '.join(text.split())}"
                if self.file in self.outside.unanswered:
                    message += " (this may come from a command that was not run)"
                    self.diagnostics.note("kbuild-warning", message, self.location)
                elif name == "error":
                    self.diagnostics.warning("kbuild-error", message, self.location)
                else:
                    self.diagnostics.note("kbuild-warning", message, self.location)
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
