"""The external declarations of a file (C17 6.9), found in its text before expansion.

An outline says where each declaration stands and which names it may declare, so that a
unit can look up a name among thousands of headers' declarations and expand only the one
it needs. It depends on the skeleton only. It may name too much (the names are checked
after expansion) but a declaration that is spelled out in the source is never missed;
one that only a file-scope macro makes is found through ``uses``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from analyzer.preprocessor.directive import Op, Test, TestOp
from analyzer.preprocessor.skeleton import Item, Skeleton
from analyzer.preprocessor.token import LITERAL

_HEAD = re.compile(
    rf"[A-Za-z_$][\w$]*(?:[ \t]+[A-Za-z_$][\w$]*)*|{LITERAL}|[(){{}}\[\];,=:*]|\n(?=\w)"
)
_BRACES = re.compile(rf"[{{}}]|{LITERAL}")
_PARENS = re.compile(rf"[()]|{LITERAL}")
_ENUMERATOR = re.compile(r"(?:^|[,{])[\s\\]*([A-Za-z_]\w*)")
_LONE_NAMES = re.compile(r"(?:[A-Za-z_]\w*[ \t]*\n[\s\\]*)+")
"""With what a skeleton leaves of a comment over several lines."""
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
_DECLARATOR = re.compile(r"[*(\s]*[\w$\s*]*")
"""A pointer's declarator up to its name: ``*f`` of ``(*f(int x))(void)``."""
_IN_PARENTHESES = re.compile(r"([A-Za-z_]\w*)\s*\)\s*\(")
"""A function's name that parentheses keep from being a macro use: ``int (f)(void)``."""
_KEYWORDS = frozenset(
    """auto break case char const continue default do double else enum extern float for goto if
    inline int long register restrict return short signed sizeof static struct switch typedef
    union unsigned void volatile while _Bool _Noreturn __inline __inline__ __const __volatile__
    __extension__ __restrict __signed__""".split()
)
_OPERATORS = frozenset(
    """__attribute__ __attribute typeof __typeof__ __typeof asm __asm__ __asm _Static_assert
    static_assert _Alignas __alignof__ __declspec""".split()
)
_NOTHING = frozenset((";", "}", ")"))
"""What begins no declaration."""
_ASSEMBLER = frozenset(("__ASSEMBLER__", "__ASSEMBLY__"))
_TAGGED = frozenset(("struct", "union", "enum"))


class RawDeclaration(NamedTuple):
    """One external declaration.

    It reaches from offset ``start`` of TEXT item ``first`` to offset ``end`` of item
    ``last`` (item indices of the skeleton); all TEXT items in between belong to it.
    ``line`` is 1-based. ``names`` are ordinary identifiers that it may declare,
    ``tags`` the struct, union and enum tags with a body, ``uses`` the identifiers followed
    by ``(`` at file scope (function names and macro uses alike).
    """

    first: int
    start: int
    last: int
    end: int
    line: int
    names: tuple[str, ...]
    tags: tuple[str, ...]
    enumerators: tuple[str, ...]
    uses: tuple[str, ...]
    is_typedef: bool


class Outline(NamedTuple):
    """All declarations of a file, and where each name, tag and enumerator occurs, and each
    identifier that is followed by ``(`` at file scope."""

    declarations: tuple[RawDeclaration, ...]
    uses: dict[str, tuple[int, ...]]
    names: dict[str, tuple[int, ...]]
    tags: dict[str, tuple[int, ...]]
    enumerators: dict[str, tuple[int, ...]]
    typedefs: frozenset[str]


@dataclass(slots=True)
class _State:
    """How far a declaration has been read: ``head`` is it without bodies and parentheses."""

    first: int = -1
    start: int = 0
    line: int = 0
    braces: int = 0
    parens: int = 0
    head: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    enumerators: list[str] = field(default_factory=list)
    in_enum: bool = False
    ends_at_brace: bool = False

    def copy(self) -> _State:
        return _State(
            self.first,
            self.start,
            self.line,
            self.braces,
            self.parens,
            list(self.head),
            list(self.tags),
            list(self.enumerators),
            self.in_enum,
            self.ends_at_brace,
        )

    def restart(self) -> None:
        """Forget the declaration: another one follows."""
        self.first = -1
        self.head.clear()
        self.tags.clear()
        self.enumerators.clear()
        self.in_enum = self.ends_at_brace = False

    @property
    def open(self) -> bool:
        return self.first >= 0


def make_outline(skeleton: Skeleton) -> Outline:
    """Find the external declarations of a file."""
    found: list[RawDeclaration] = []
    state = _State()
    groups: list[tuple[_State, list[_State], bool]] = []
    last_text = (-1, 0)
    assembly_until = -1
    branches: list[Item] = []
    for index, item in enumerate(skeleton.items):
        op = item.op
        if index < assembly_until:
            continue
        if op is Op.IF:
            branches.append(item)
        if op in (Op.IF, Op.ELIF, Op.ELSE):
            direct = branches[-1].op is Op.IF
            if _is_assembly(item, branches[-1] if direct else None):
                assembly_until = item.link
            branches[-1] = item
        if op is Op.ENDIF:
            branches.pop()
        if op is Op.TEXT:
            assert isinstance(item.value, str)
            _scan(item.value, index, item.line, state, found)
            last_text = (index, len(item.value))
        elif op in (Op.DEFINE, Op.UNDEF, Op.INCLUDE):
            if _are_lone_names(state, last_text[0], skeleton):
                state.head = [part for word in state.head for part in (word, "(")]
                found.append(_finish(state, *last_text))
                state = _State()
        elif op is Op.IF:
            groups.append((state.copy(), [], False))
        elif op in (Op.ELIF, Op.ELSE):
            before, ends, _ = groups[-1]
            ends.append(state)
            groups[-1] = (before, ends, op is Op.ELSE)
            state = before.copy()
        elif op is Op.ENDIF:
            before, ends, complete = groups.pop()
            state = _merge([*ends, state] if complete else [before, *ends, state])
    if state.open:
        found.append(_finish(state, *last_text))
    return _index(found)


def _is_assembly(item: Item, opening: Item | None) -> bool:
    """Whether the branch that ``item`` begins is for assembly sources only; ``opening`` is
    the ``#if`` right before an ``#else``."""
    if item.op is Op.ELSE:
        return opening is not None and _says_assembly(opening.value, negated=True)
    return _says_assembly(item.value, negated=False)


def _says_assembly(test: object, negated: bool) -> bool:
    if not isinstance(test, Test):
        return False
    if negated:
        return test.op is TestOp.NOT and _says_assembly(test.parts[0], negated=False)
    return test.op is TestOp.DEFINED and test.name in _ASSEMBLER


def _merge(states: list[_State]) -> _State:
    """One state for what follows ``#endif``: open as long as any branch left one open."""
    opened = [state for state in states if state.open]
    if not opened:
        return states[-1]
    result = max(opened, key=lambda state: (state.braces, state.parens)).copy()
    earliest = min(opened, key=lambda state: (state.first, state.start))
    result.first, result.start, result.line = earliest.first, earliest.start, earliest.line
    for other in opened:
        if other is not result:
            result.head[:0] = [word for word in other.head if word not in result.head]
            result.tags += [tag for tag in other.tags if tag not in result.tags]
            known = set(result.enumerators)
            result.enumerators += [name for name in other.enumerators if name not in known]
    return result


def _scan(text: str, item: int, line: int, state: _State, found: list[RawDeclaration]) -> None:
    """Read a piece of text on from ``state``, which says afterwards what is still open."""
    position = counted = 0
    if state.in_enum and state.braces:
        state.enumerators += _ENUMERATOR.findall(text[: _first_brace(text)])
    head = state.head
    while True:
        if state.braces:
            position, state.braces = _skip(text, position, state.braces, _BRACES, "{")
            if state.braces:
                return
            state.in_enum = False
            if state.ends_at_brace:
                found.append(_finish(state, item, position))
                state.restart()
            continue
        if state.parens:
            position, state.parens = _skip(text, position, state.parens, _PARENS, "(")
            if state.parens:
                return
            continue
        match = _HEAD.search(text, position)
        if match is None:
            if _is_lone_use(head):
                found.append(_finish(state, item, len(text)))
                state.restart()
            return
        token = match[0]
        position = match.end()
        if token == "\n":
            if _is_lone_use(head):
                found.append(_finish(state, item, position))
                state.restart()
            continue
        if state.first < 0:
            if token in _NOTHING:
                continue
            state.first, state.start = item, match.start()
            line += text.count("\n", counted, state.start)
            counted = state.start
            state.line = line
        if token == ";":
            found.append(_finish(state, item, position))
            state.restart()
        elif token == "{":
            _open_brace(text, position, state)
        elif token == "(":
            state.parens = 1
            head.append("(")
            inner = text[position : position + 200].lstrip()
            if inner.startswith("*"):
                declarator = _DECLARATOR.match(inner)
                words = _IDENTIFIER.findall(declarator[0]) if declarator else []
                head += ["*", *words[:4], ";"]
            elif named := _IN_PARENTHESES.match(inner):
                head += [named[1], ";"]
        elif token[0] not in "\"'}":
            head += token.split()


def _first_brace(text: str) -> int:
    closing = text.find("}")
    return len(text) if closing < 0 else closing


def _skip(
    text: str, position: int, depth: int, pattern: re.Pattern[str], opening: str
) -> tuple[int, int]:
    """Go on to where ``depth`` open brackets are closed: (offset behind it, depth left)."""
    for match in pattern.finditer(text, position):
        token = match[0]
        if token == opening:
            depth += 1
        elif len(token) == 1:
            depth -= 1
            if depth == 0:
                return match.end(), 0
    return len(text), depth


def _is_lone_use(head: list[str]) -> bool:
    """Whether what was read is just ``NAME(…)``, once or more: macro uses need no semicolon."""
    return (
        len(head) > 1
        and head[-1] == "("
        and len(head) % 2 == 0
        and all(word == "(" for word in head[1::2])
        and not any(word in _OPERATORS or word in _KEYWORDS or word == "(" for word in head[::2])
    )


def _are_lone_names(state: _State, last: int, skeleton: Skeleton) -> bool:
    """Whether what was read is names alone, each on a line of its own: before a directive that
    changes what names mean, they are uses of macros without parentheses (``ALL_ENTRIES``
    between two meanings of ``ENTRY``)."""
    if state.first != last or state.braces or state.parens:
        return False
    text = skeleton.items[last].value
    return (
        isinstance(text, str)
        and _LONE_NAMES.fullmatch(text, state.start) is not None
        and not any(word in _KEYWORDS for word in state.head)
    )


def _open_brace(text: str, position: int, state: _State) -> None:
    head = state.head
    kind = next((word for word in head if word in _TAGGED), "")
    last = head[-1] if head else ""
    before = head[-2] if len(head) > 1 else ""
    state.braces = 1
    state.ends_at_brace = False
    if last in _TAGGED:
        state.in_enum = last == "enum"
    elif before in _TAGGED and last != "(":
        state.tags.append(last)
        state.in_enum = before == "enum"
    elif kind and "=" not in head and last != "(" and _only_attributes(head):
        state.tags.append(last)
        state.in_enum = kind == "enum"
    elif "=" not in head:
        state.ends_at_brace = True
    if state.in_enum:
        closing = text.find("}", position)
        body = text[position : closing if closing >= 0 else len(text)]
        state.enumerators += _ENUMERATOR.findall("," + body)
    head.append("{")


def _only_attributes(head: list[str]) -> bool:
    return all(head[index - 1].startswith("__") for index, word in enumerate(head) if word == "(")


def _finish(state: _State, last: int, end: int) -> RawDeclaration:
    head = state.head
    names: dict[str, None] = {}
    uses: dict[str, None] = {}
    for index, word in enumerate(head):
        if word in _KEYWORDS or not (word[0].isalpha() or word[0] in "_$"):
            continue
        following = head[index + 1] if index + 1 < len(head) else ";"
        if following == "(":
            if word not in _OPERATORS:
                names[word] = uses[word] = None
                if word.startswith("__") and index and head[index - 1] not in _TAGGED:
                    names.setdefault(head[index - 1])
            elif index and head[max(index - 2, 0)] not in _TAGGED:
                names.setdefault(head[index - 1])
        elif following in ";,=[:":
            names[word] = None
            back = index
            while back and head[back].startswith("__") and head[back - 1] not in _TAGGED:
                back -= 1
                names.setdefault(head[back])
    for keyword in [name for name in names if name in _KEYWORDS or not name[0].isidentifier()]:
        del names[keyword]
    return RawDeclaration(
        state.first,
        state.start,
        last,
        end,
        state.line,
        tuple(names),
        tuple(state.tags),
        tuple(state.enumerators),
        tuple(uses),
        "typedef" in head[:2],
    )


def _index(found: list[RawDeclaration]) -> Outline:
    uses: dict[str, list[int]] = {}
    names: dict[str, list[int]] = {}
    tags: dict[str, list[int]] = {}
    enumerators: dict[str, list[int]] = {}
    typedefs: set[str] = set()
    for number, declaration in enumerate(found):
        for name in declaration.uses:
            uses.setdefault(name, []).append(number)
        for name in declaration.names:
            names.setdefault(name, []).append(number)
        for tag in declaration.tags:
            tags.setdefault(tag, []).append(number)
        for enumerator in declaration.enumerators:
            enumerators.setdefault(enumerator, []).append(number)
        if declaration.is_typedef:
            typedefs.update(declaration.names)
    return Outline(
        tuple(found),
        {name: tuple(where) for name, where in uses.items()},
        {name: tuple(where) for name, where in names.items()},
        {tag: tuple(where) for tag, where in tags.items()},
        {name: tuple(where) for name, where in enumerators.items()},
        frozenset(typedefs),
    )
