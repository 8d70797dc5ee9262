"""The macro language of Kconfig, with everything it could ask of the machine taken away.

kconfiglib expands macros as ``scripts/kconfig/preprocess.c`` does. Here ``$(shell,...)`` is
answered from a toolchain profile, environment variables from an explicit mapping, and which
text came from a probe is remembered: a ``y``, ``m`` or ``n`` that a probe gave becomes a
symbol of its own in ``leaves``, so that an analysis can ask what if it were answered
otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import kconfiglib
from kconfiglib import KconfigError, MenuNode, Symbol

from analyzer.kconfig.probes import Probes
from analyzer.location import Location

MAX_EXPANSION = 1 << 20
"""The longest text a macro may expand to, in characters."""

MAX_LINE = 1 << 16
"""The longest line that is read, continuations joined, in characters."""

MAX_MACROS = 10_000
"""Macros that one line may expand, nested ones included; a line of a kernel has under a hundred."""

MAX_MACRO_DEPTH = 50
"""Macros that are expanded for one another, at most; a kernel's go some ten deep."""

MAX_EXPRESSION = 150
"""How deep an expression may be: an operand counts as one, a ``!`` too, parentheses as three."""

_TRISTATES = frozenset("nmy")
_DOLLAR = "\ue000"
_ASSIGNED_NAME = re.compile(r"\s*([A-Za-z0-9_-]+)\s*(?::|\+)?=")
_DOLLAR_NAME = re.compile(r"\s*((?=[\w-]*\$)(?:[\w-]|\$(?!\())+)\s*(?::|\+)?=", re.ASCII)
_STAND_IN = "name-with-a-dollar"


@dataclass(frozen=True, slots=True)
class ProbeLeaf:
    """A ``y``, ``m`` or ``n`` in an expression that a shell probe stands for."""

    command: str
    value: str


class MacroReader(kconfiglib.Kconfig):  # type: ignore[misc]
    """kconfiglib's parser with the preprocessor replaced; ``KconfigReader`` does the rest."""

    def __init__(self, environment: Mapping[str, str], probes: Probes) -> None:
        self._environment = dict(environment)
        self._probes = probes
        self.leaves: dict[str, ProbeLeaf] = {}
        self._node: MenuNode | None = None
        self._statement_line = 0
        self._touched: str | None = None
        self._expanded = 0
        self._expanding = 0
        self._touched_variables: dict[str, str] = {}
        self.variables: dict[str, kconfiglib.Variable] = {}
        self._functions = {
            "info": (_ignore, 1, 1),
            "error-if": (_error_if, 2, 2),
            "filename": (lambda reader, _: reader.filename, 0, 0),
            "lineno": (lambda reader, _: str(reader.linenr), 0, 0),
            "shell": (_shell, 1, 1),
            "warning-if": (_warning_if, 2, 2),
        }

    def location(self) -> Location:
        """Where the statement being read starts."""
        return Location(self.filename, self._statement_line)

    @property
    def _probed(self) -> bool:
        """Whether a probe or the toolchain's environment went into the line being read."""
        return self._touched is not None

    def _tokenize(self, s: str) -> Any:
        self._touched = None
        self._expanded = self._expanding = 0
        if len(s) > MAX_LINE:
            self._line = s[:80]
            self._parse_error(f"a line of more than {MAX_LINE} characters")
        tokens = super()._tokenize(s)
        if len(tokens) > MAX_EXPRESSION and _depth(tokens) > MAX_EXPRESSION:
            self._line = s[:80]
            self._parse_error("an expression is nested too deeply, or of too many operands")
        if tokens[0] is None:
            if self._touched is not None and (name := _ASSIGNED_NAME.match(s)) is not None:
                self._touched_variables[name[1]] = self._touched
        elif "$" in s or _DOLLAR in s:
            return [dollars(token) if isinstance(token, str) else token for token in tokens]
        return tokens

    def _parse_assignment(self, s: str) -> None:
        """As kconfiglib; but a ``$`` that is no macro may be in a variable's name, too
        (``scripts/kconfig/lexer.l``)."""
        odd = _DOLLAR_NAME.match(s)
        if odd is None:
            super()._parse_assignment(s)
            return
        name = odd[1]
        if name in self.variables:
            self.variables[_STAND_IN] = self.variables[name]
        super()._parse_assignment(s.replace(name, _STAND_IN, 1))
        self.variables[name] = variable = self.variables.pop(_STAND_IN)
        variable.name = name

    def _lookup_const_sym(self, name: str) -> Symbol:
        return super()._lookup_const_sym(dollars(name))

    def _expand_str(self, s: str, i: int) -> tuple[str, int]:
        """As kconfiglib, but a ``$`` that stays is kept from its look-up in the environment."""
        s, end = super()._expand_str(s, i)
        return s[:i] + s[i:end].replace("$", _DOLLAR) + s[end:], end

    def _expand_name(self, s: str, i: int) -> tuple[str, str, int]:
        before, self._touched = self._touched, None
        name, s, i = super()._expand_name(s, i)
        if self._touched is not None and name in _TRISTATES:
            leaf = f"probe {self._touched} = {name}"
            self.leaves.setdefault(leaf, ProbeLeaf(self._touched, name))
            name = leaf
        self._touched = self._touched or before
        return name, s, i

    def _expand_name_iter(self, s: str, i: int) -> tuple[str, int]:
        """As kconfiglib; but blank for want of an answer is the neutral value of the type."""
        s, end = super()._expand_name_iter(s, i)
        if self._probed and self._probes.unanswered and not s[i:end].strip():
            item = None if self._node is None else self._node.item
            number = getattr(item, "orig_type", None) in (kconfiglib.INT, kconfiglib.HEX)
            s = s[:i] + ("0" if number else "n") + s[end:]
            end = i + 1
        return s, end

    def _expand_macro(self, s: str, i: int, args: list[str]) -> Any:
        self._expanding += 1
        if self._expanding > MAX_MACRO_DEPTH:
            self._parse_error(f"more than {MAX_MACRO_DEPTH} macros are nested")
        expanded = super()._expand_macro(s, i, args)
        self._expanding -= 1
        return expanded

    def _fn_val(self, args: list[str]) -> str:
        name = args[0]
        self._expanded += 1
        if self._expanded > MAX_MACROS:
            self._parse_error(f"more than {MAX_MACROS} macros are expanded in one line")
        variable = self.variables.get(name)
        if variable is not None and not hasattr(variable, "value"):
            variable = None  # it is being set for the first time
        if variable is not None:
            self._touched = self._touched_variables.get(name, self._touched)
        value: str
        if variable is not None and not variable.is_recursive:
            value = variable.value  # expanded when it was set, not again (variable_expand())
        elif variable is not None or name in self._functions:
            value = super()._fn_val(args)
        elif len(args) == 1:
            value = self._environment.get(name, "")
            if value and self._probes.describes_toolchain(name):
                self._touched = self._touched or f"$({name})"
        else:
            value = ""
        if len(value) > MAX_EXPANSION:
            self._parse_error(f"a macro expands to more than {MAX_EXPANSION} characters")
        return value

    def answer(self, command: str) -> str:
        """The output of ``command`` according to the profile, as ``do_shell()`` trims it."""
        self._touched = command
        raw = self._probes.answer(command, self._asking(), self.location())
        return raw.rstrip("\n").replace("\n", " ")

    def _asking(self) -> str | None:
        item = None if self._node is None else self._node.item
        return item.name if isinstance(item, Symbol) else None

    def hold_error(self, condition: str, message: str) -> None:
        """``error-if``: fatal, unless a probe without an answer may be its cause."""
        if condition != "y":
            return
        if self._probes.unanswered:
            self._probes.report_error(message, self.location())
        else:
            raise KconfigError(message)

    def report_warning(self, condition: str, message: str) -> None:
        """``warning-if``."""
        if condition == "y":
            self._probes.report_warning(message, self.location())


def _depth(tokens: list[Any]) -> int:
    """How deep parsing the expression among some tokens of a line would go, at most."""
    deepest = depth = operators = 0
    for token in tokens:
        if token is kconfiglib._T_OPEN_PAREN:
            depth += 3
            deepest = max(deepest, depth)
        elif token is kconfiglib._T_CLOSE_PAREN:
            depth -= 3
        elif token in (kconfiglib._T_AND, kconfiglib._T_OR, kconfiglib._T_NOT):
            operators += 1
    return deepest + operators


def dollars(text: str) -> str:
    """Text with the ``$`` that are no macros put back."""
    return text.replace(_DOLLAR, "$")


def _shell(reader: MacroReader, _: str, command: str) -> str:
    return reader.answer(command)


def _error_if(reader: MacroReader, _: str, condition: str, message: str) -> str:
    reader.hold_error(condition, message)
    return ""


def _warning_if(reader: MacroReader, _: str, condition: str, message: str) -> str:
    reader.report_warning(condition, message)
    return ""


def _ignore(*_: object) -> str:
    """``info`` prints while a tree is configured; there is nobody to read it."""
    return ""
