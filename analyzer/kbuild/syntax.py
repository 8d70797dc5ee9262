"""The statements of a makefile, as GNU make's read.c divides them (GNU make manual, 3).

Parsing is separate from evaluation, so a makefile is read once whatever the number
of configurations. Text is kept raw: expansion belongs to the evaluator.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, field

from analyzer.errors import BadInput

MAX_CONDITIONALS = 60
"""How deep ``ifdef`` and the like may be nested; a kernel goes to about five."""


class Operator(enum.Enum):
    """How an assignment binds (GNU make manual, 6.5 and 6.6)."""

    RECURSIVE = "="
    SIMPLE = ":="
    APPEND = "+="
    DEFAULT = "?="
    SHELL = "!="


class Test(enum.Enum):
    """The four conditional directives."""

    EQUAL = "ifeq"
    NOT_EQUAL = "ifneq"
    DEFINED = "ifdef"
    NOT_DEFINED = "ifndef"


@dataclass(slots=True, frozen=True)
class Assign:
    """``name op text``; ``exported`` for ``export name = text``."""

    line: int
    name: str
    operator: Operator
    text: str
    exported: bool = False


@dataclass(slots=True, frozen=True)
class Rule:
    """``targets: [pattern:] prerequisites`` or ``targets: name op text``."""

    line: int
    targets: str
    prerequisites: str
    assignment: Assign | None = None


@dataclass(slots=True, frozen=True)
class Recipe:
    """One recipe line; it belongs to the rule read last."""

    line: int
    text: str


@dataclass(slots=True, frozen=True)
class Include:
    """``include files``; ``optional`` for ``-include``."""

    line: int
    files: str
    optional: bool


@dataclass(slots=True, frozen=True)
class Export:
    """``export names``; an empty ``names`` exports everything."""

    line: int
    names: str


@dataclass(slots=True, frozen=True)
class Undefine:
    """``undefine name``."""

    line: int
    name: str


@dataclass(slots=True, frozen=True)
class Expression:
    """A line that is only an expansion, as ``$(eval …)`` or ``$(error …)``."""

    line: int
    text: str


@dataclass(slots=True)
class Branch:
    """One arm: ``test left right`` (``test`` None for a plain ``else``) and its body."""

    line: int
    test: Test | None
    left: str
    right: str
    body: list[Statement] = field(default_factory=list)


@dataclass(slots=True)
class Conditional:
    """``ifeq … else ifdef … else … endif``."""

    line: int
    branches: list[Branch]


Statement = Assign | Rule | Recipe | Include | Export | Undefine | Expression | Conditional

_SIMPLE_ASSIGN = re.compile(
    r"((?:[\w.\-/%@]|\$\([\w\-]+\))+)\s*(=|:=|::=|:::=|\+=|\?=|!=)\s*(.*)", re.S
)
_OPERATORS = {
    "=": Operator.RECURSIVE,
    ":=": Operator.SIMPLE,
    "::=": Operator.SIMPLE,
    ":::=": Operator.SIMPLE,
    "+=": Operator.APPEND,
    "?=": Operator.DEFAULT,
    "!=": Operator.SHELL,
}
_TESTS = {test.value: test for test in Test}
_KEYWORD = re.compile(
    r"(ifeq|ifneq|ifdef|ifndef|else|endif|include|-include|sinclude|define|endef|export"
    r"|unexport|override|private|undefine|vpath)(?![\w.\-/$])\s*(.*)",
    re.S,
)
_ASSIGN_OPERATOR = re.compile(r":::=|::=|:=|\+=|\?=|!=|=")
_DEFINE = re.compile(r"(.*?)\s*(=|:=|::=|\+=|\?=)?\s*$")


class _Lines:
    """Logical lines with their first physical line number (1-based)."""

    __slots__ = ("_at", "_lines")

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._at = 0

    def next_raw(self) -> tuple[int, str] | None:
        """The next line with backslash-newlines kept joined by a newline."""
        lines = self._lines
        at = self._at
        if at >= len(lines):
            return None
        line = lines[at]
        number = at + 1
        at += 1
        if line.endswith("\\"):
            parts = [line]
            while _odd_backslashes(parts[-1]) and at < len(lines):
                parts.append(lines[at])
                at += 1
            line = "\n".join(parts)
        self._at = at
        return number, line


def _odd_backslashes(line: str) -> bool:
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1


_CONTINUATION = re.compile(r"[ \t]*\\\n[ \t]*")
_COMMENT = re.compile(r"(\\*)#")


def join_continuations(line: str) -> str:
    """Backslash-newline and the blanks around it count as one blank (manual, 3.1.1)."""
    return _CONTINUATION.sub(" ", line) if "\n" in line else line


def strip_comment(line: str) -> str:
    """Cut at an unescaped ``#``; ``\\#`` stands for ``#`` (manual, 3.1)."""
    if "#" not in line:
        return line
    result = ""
    start = 0
    for hit in _COMMENT.finditer(line):
        slashes = hit[1]
        result += line[start : hit.start()] + slashes[: len(slashes) // 2]
        if len(slashes) % 2 == 0:
            return result
        result += "#"
        start = hit.end()
    return result + line[start:]


def parse(text: str, file: str) -> list[Statement]:
    """The statements of a makefile.

    Raises :class:`BadInput` with the line for unbalanced conditionals or ``define``.
    """
    top: list[Statement] = []
    body = top
    open_conditionals: list[tuple[Conditional, list[Statement]]] = []
    lines = _Lines(text)
    in_rule = False
    while (item := lines.next_raw()) is not None:
        number, raw = item
        if raw[:1] == "\t":
            if in_rule:
                body.append(Recipe(number, raw[1:]))
                continue
            raw = raw.lstrip()
        elif raw[:1] in ("", "#") and "\n" not in raw:
            continue
        line = strip_comment(join_continuations(raw)).strip()
        if not line:
            continue
        hit = _SIMPLE_ASSIGN.match(line)
        if hit is not None and hit[1] not in ("export", "override"):
            body.append(Assign(number, hit[1], _OPERATORS[hit[2]], hit[3]))
            in_rule = False
            continue
        keyword = _KEYWORD.match(line)
        if keyword is None or _is_assignment_or_rule(keyword[2]):
            statement = _assignment_or_rule(number, line)
            in_rule = isinstance(statement, Rule) and statement.assignment is None
            body.append(statement)
            if in_rule and (split := _inline_recipe(statement)) is not None:
                body[-1:] = split
            continue
        word, rest = keyword[1], keyword[2]
        if word in _TESTS:
            branch = _branch(number, word, rest, file)
            if len(open_conditionals) == MAX_CONDITIONALS:
                raise BadInput(
                    f"more than {MAX_CONDITIONALS} conditionals are nested", file, number
                )
            conditional = Conditional(number, [branch])
            body.append(conditional)
            open_conditionals.append((conditional, body))
            body = branch.body
        elif word == "else":
            if not open_conditionals:
                raise BadInput("`else` without a conditional", file, number)
            inner = _KEYWORD.match(rest)
            if inner is not None and inner[1] in _TESTS:
                branch = _branch(number, inner[1], inner[2], file)
            else:
                branch = Branch(number, None, "", "")
            open_conditionals[-1][0].branches.append(branch)
            body = branch.body
        elif word == "endif":
            if not open_conditionals:
                raise BadInput("`endif` without a conditional", file, number)
            body = open_conditionals.pop()[1]
        elif word == "define":
            body.append(_define(number, rest, lines, file, False))
            in_rule = False
        else:
            in_rule = False
            body.extend(_directive(number, word, rest, lines, file))
    if open_conditionals:
        raise BadInput("conditional without `endif`", file, open_conditionals[-1][0].line)
    return top


def _is_assignment_or_rule(rest: str) -> bool:
    """Whether what looks like a directive is ``include = x`` or ``export: y``."""
    return rest[:1] in ("=", ":") or rest[:2] in ("+=", "?=")


def _directive(number: int, word: str, rest: str, lines: _Lines, file: str) -> list[Statement]:
    if word in ("include", "-include", "sinclude"):
        return [Include(number, rest, word != "include")]
    if word == "undefine":
        return [Undefine(number, rest)]
    if word in ("export", "override", "private"):
        inner = _KEYWORD.match(rest)
        if inner is not None and inner[1] == "define":
            return [_define(number, inner[2], lines, file, word == "export")]
        if inner is not None and inner[1] in ("override", "export", "private"):
            return _directive(number, inner[1], inner[2], lines, file)
        statement = _assignment_or_rule(number, rest) if rest else None
        if isinstance(statement, Assign):
            return [
                Assign(number, statement.name, statement.operator, statement.text, word == "export")
            ]
        return [Export(number, rest)] if word == "export" else []
    return []


def _define(number: int, rest: str, lines: _Lines, file: str, exported: bool) -> Assign:
    hit = _DEFINE.match(rest)
    name, operator = (hit[1], hit[2]) if hit is not None else (rest, None)
    body: list[str] = []
    depth = 1
    while (item := lines.next_raw()) is not None:
        first = item[1].split(None, 1)
        if first and first[0] == "define":
            depth += 1
        elif first and first[0] == "endef":
            depth -= 1
            if depth == 0:
                text = "\n".join(join_continuations(line) for line in body)
                return Assign(number, name, _OPERATORS[operator or "="], text, exported)
        body.append(item[1])
    raise BadInput("`define` without `endef`", file, number)


def _branch(number: int, word: str, rest: str, file: str) -> Branch:
    test = _TESTS[word]
    if test in (Test.DEFINED, Test.NOT_DEFINED):
        return Branch(number, test, rest.strip(), "")
    rest = rest.strip()
    if rest[:1] == "(":
        comma = find_unnested(rest, ",", 1)
        end = find_unnested(rest, ")", comma + 1) if comma > 0 else -1
        if end > 0:
            return Branch(number, test, rest[1:comma].rstrip(), rest[comma + 1 : end].lstrip())
    elif rest[:1] in ("'", '"'):
        close = rest.find(rest[0], 1)
        second = rest[close + 1 :].strip() if close > 0 else ""
        if second[:1] in ("'", '"') and second.find(second[0], 1) > 0:
            return Branch(number, test, rest[1:close], second[1 : second.find(second[0], 1)])
    raise BadInput(f"cannot read the condition of `{word}`", file, number)


_CLOSERS = {"(": ")", "{": "}"}


def find_unnested(text: str, wanted: str, start: int = 0) -> int:
    """Index of the first of the characters ``wanted`` outside any ``$(…)``/``(…)``; -1 if none."""
    stack: list[str] = []
    at = start
    while at < len(text):
        char = text[at]
        if not stack and char in wanted:
            return at
        if char in "({" and (stack or text[at - 1 : at] == "$" or char == "("):
            stack.append(_CLOSERS[char])
        elif stack and char == stack[-1]:
            stack.pop()
        at += 1
    return -1


def _assignment_or_rule(number: int, line: str) -> Statement:
    at = find_unnested(line, "=:")
    if at < 0:
        return Expression(number, line)
    hit = _ASSIGN_OPERATOR.match(line, at)
    begin = at
    if hit is not None and hit[0] == "=" and at > 0 and line[at - 1] in "+?!":
        begin = at - 1
        hit = _ASSIGN_OPERATOR.match(line, begin)
    if hit is not None:
        name = line[:begin].strip()
        return Assign(number, name, _OPERATORS[hit[0]], line[hit.end() :].lstrip())
    rest = line[at + 1 :].lstrip(":").strip()
    return Rule(number, line[:at].strip(), rest, _target_specific(number, rest))


def _target_specific(number: int, rest: str) -> Assign | None:
    words = rest
    exported = False
    while (hit := _KEYWORD.match(words)) is not None and hit[1] in (
        "private",
        "override",
        "export",
    ):
        exported = exported or hit[1] == "export"
        words = hit[2]
    statement = _assignment_or_rule(number, words) if find_unnested(words, "=") >= 0 else None
    if isinstance(statement, Assign) and not re.search(r"[;|]", statement.name):
        return Assign(number, statement.name, statement.operator, statement.text, exported)
    return None


def _inline_recipe(rule: Statement) -> list[Statement] | None:
    if not isinstance(rule, Rule):
        return None
    at = find_unnested(rule.prerequisites, ";")
    if at < 0:
        return None
    recipe = rule.prerequisites[at + 1 :].strip()
    head = Rule(rule.line, rule.targets, rule.prerequisites[:at].strip())
    return [head, Recipe(rule.line, recipe)]
