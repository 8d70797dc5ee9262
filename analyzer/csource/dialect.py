"""Replace GNU C that tree-sitter-c cannot read, keyword by keyword, in place.

Every function works on ``work``, a copy of the tokens that keeps its length: a token is
emptied or replaced by another text, never inserted or removed, so indices stay those of
the piece. Replacement texts start with a blank, which no C token does, and are known to
:mod:`analyzer.csource.rewrite`. What is taken out is kept in :class:`Aside`.

Source of the forms: GCC's manual, chapter "Extensions to the C Language Family".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Final, NamedTuple, TypeAlias

from analyzer.csource import attributes
from analyzer.csource.attributes import (
    ATTRIBUTE_WORDS,
    Attributes,
    ParseArgument,
)
from analyzer.csource.brackets import Work
from analyzer.csource.literals import string
from analyzer.csource.syntax import Attribute

OPEN_TYPE: Final = " ( sizeof ("
NEXT_TYPE: Final = " ) , sizeof ("
FIRST_TYPE: Final = " , sizeof ("
CLOSE_TYPE: Final = " ) )"
TYPE_DONE: Final = " ) ,"
TYPEOF: Final = " typeof"
TYPEOF_COMMA_OPEN: Final = " ( ("
TYPEOF_CLOSE: Final = " ) typeof"
TYPEOF_COMMA_CLOSE: Final = " ) ) typeof"
OPERAND: Final = " ,"
RANGE: Final = " ..."
ADDRESS: Final = " &&"
MEMBER: Final = " member"
DEFAULT: Final = " default"

ASM_WORDS: Final = frozenset({"asm", "__asm__", "__asm"})
TYPEOF_WORDS: Final = frozenset(
    {"typeof", "__typeof__", "__typeof", "typeof_unqual", "__typeof_unqual__", "__typeof_unqual"}
)
_ASM_QUALIFIERS: Final = frozenset(
    {"volatile", "__volatile__", "__volatile", "inline", "__inline__", "__inline", "goto"}
)


class AsmOperands(NamedTuple):
    """What an asm statement says besides its operand expressions, which stay in the text."""

    template: str
    outputs: tuple[str, ...]
    inputs: tuple[str, ...]
    labels: tuple[str, ...]


@dataclass(slots=True)
class Aside:
    """What was taken out of the text, in token order."""

    outer: int
    """Where the piece stands: FILE or BLOCK of :mod:`analyzer.csource.rewrite`."""
    asms: dict[int, AsmOperands] = field(default_factory=dict)
    attributes: list[Attributes] = field(default_factory=list)
    typedefs: set[str] = field(default_factory=set)
    """Names that a ``typedef`` in the piece itself declares."""


def type_of(work: Work, at: int, aside: Aside) -> None:
    """``typeof(x)``: becomes ``_Alignas(x) T``, which takes a type or an expression too."""
    del aside
    if not work.stands(at + 1, "("):
        return
    close = work.closing(at + 1)
    work[at] = TYPEOF
    if any(work[i] == "," for i in work.top_level(at + 2, close)):
        work[at + 1] = TYPEOF_COMMA_OPEN
        work[close] = TYPEOF_COMMA_CLOSE
    else:
        work[close] = TYPEOF_CLOSE


def types_compatible(work: Work, at: int, aside: Aside) -> None:
    """``__builtin_types_compatible_p(T, U)``: a call whose arguments are ``sizeof (T)``."""
    del aside
    if not work.stands(at + 1, "("):
        return
    close = work.closing(at + 1)
    for index in work.top_level(at + 2, close):
        if work[index] == ",":
            work[index] = NEXT_TYPE
    work[at + 1] = OPEN_TYPE
    work[close] = CLOSE_TYPE


def offset_of(work: Work, at: int, aside: Aside) -> None:
    """``__builtin_offsetof(T, m)``: a call with ``sizeof (T)`` as the first argument."""
    del aside
    if not work.stands(at + 1, "("):
        return
    close = work.closing(at + 1)
    commas = [i for i in work.top_level(at + 2, close) if work[i] == ","]
    if commas:
        work[at + 1] = OPEN_TYPE
        work[commas[0]] = TYPE_DONE
        if work[commas[0] + 1].isidentifier():
            work[commas[0] + 1] = MEMBER


def va_arg(work: Work, at: int, aside: Aside) -> None:
    """``__builtin_va_arg(list, T)``: a call with ``sizeof (T)`` as the second argument."""
    del aside
    if not work.stands(at + 1, "("):
        return
    close = work.closing(at + 1)
    commas = [i for i in work.top_level(at + 2, close) if work[i] == ","]
    if commas:
        work[commas[-1]] = FIRST_TYPE
        work[close] = CLOSE_TYPE


def generic(work: Work, at: int, aside: Aside) -> None:
    """``_Generic(x, T: a, default: b)``: a call ``x, sizeof (T), a, sizeof (0), b``."""
    del aside
    if not work.stands(at + 1, "("):
        return
    close = work.closing(at + 1)
    want_colon = False
    for index in work.top_level(at + 2, close):
        token = work[index]
        if token == ",":
            work[index] = FIRST_TYPE
            want_colon = True
        elif token == ":" and want_colon:
            work[index] = TYPE_DONE
            want_colon = False
        elif token == "default":
            work[index] = DEFAULT


def local_label(work: Work, at: int, aside: Aside) -> None:
    """``__label__ a, b;`` declares nothing that matters: taken out."""
    del aside
    end = at
    while end < len(work) and work[end] != ";":
        end += 1
    work.blank(at, end)


def computed_goto(work: Work, at: int, aside: Aside) -> None:
    """``goto *x;``: becomes ``return x;`` and is told apart by its first token."""
    del aside
    if work.stands(at + 1, "*"):
        work[at] = "return"
        work[at + 1] = ""


def case_range(work: Work, at: int, aside: Aside) -> None:
    """``case a ... b:``: becomes ``case a || b:``, told apart by the token."""
    del aside
    for index in work.top_level(at + 1, len(work)):
        token = work[index]
        if token == "...":
            work[index] = RANGE
            return
        if token in (":", ";", "case"):
            return


def label_address(work: Work, at: int, aside: Aside) -> None:
    """A unary ``&&`` (the address of a label) becomes ``&``."""
    del aside
    before = at - 1
    while before >= 0 and not work[before]:
        before -= 1
    token = work[before] if before >= 0 else ";"
    if token in ("return", "case") or not (
        token[0].isalnum() or token[0] in "_\"')]}" or token in ("++", "--")
    ):
        work[at] = ADDRESS


def local_typedef(work: Work, at: int, aside: Aside) -> None:
    """Note the names that a ``typedef`` declares (C17 6.7.8), before its declarators."""
    own = takewhile(lambda i: work[i] not in (";", "typedef"), work.top_level(at + 1, len(work)))
    tops = list(own)
    end = tops[-1] + 1 if tops else at + 1
    for position, index in enumerate(tops):
        token = work[index]
        following = tops[position + 1] if position + 1 < len(tops) else end
        follower = work[following] if following < len(work) else ";"
        if token == "(":
            if _is_declarator(work, index, end):
                aside.typedefs.add(_innermost(work, index, end))
        elif not token.isidentifier() or token in TYPEOF_WORDS:
            continue
        elif follower == "(":
            if position and not _is_declarator(work, following, end):
                aside.typedefs.add(token)
        elif follower in (",", ";", "[") or (position and follower in ATTRIBUTE_WORDS):
            aside.typedefs.add(token)


def _innermost(work: Work, opening: int, end: int) -> str:
    """The first token behind ``(``, ``*`` and qualifiers."""
    index = opening
    while index < end and work[index] in ("(", "*", "const", "volatile", ""):
        index += 1
    return work[index] if index < end else ""


def _is_declarator(work: Work, opening: int, end: int) -> bool:
    """Whether ``( … )`` is a declarator's own parentheses: ``(*name)(…)``, ``(name)[…]``."""
    close = work.closing(opening)
    if close + 1 >= end or work[close + 1] not in ("(", "["):
        return False
    return _innermost(work, opening, end).isidentifier()


def assembly(work: Work, at: int, aside: Aside) -> None:
    """An asm statement becomes a call of its operands; ``asm("name")`` an attribute."""
    opening = at + 1
    while opening < len(work) and work[opening] in _ASM_QUALIFIERS:
        opening += 1
    if not work.stands(opening, "("):
        return
    close = work.closing(opening)
    if _names_a_symbol(work, at, aside.outer) and opening == at + 1:
        symbol = string([t for t in work[opening + 1 : close] if t.endswith('"')])
        named = Attributes(at, close + 1, (Attribute("asm_name", (symbol,)),))
        aside.attributes.append(named)
        work.blank(at, close + 1)
        return
    work.blank(at + 1, opening)
    sections: list[list[str]] = [[]]
    labels: list[str] = []
    template: list[str] = []
    literals: list[str] = []
    name = ""
    tops = list(work.top_level(opening + 1, close))
    for position, index in enumerate(tops):
        token = work[index]
        section = len(sections) - 1
        if token in (":", "::"):
            sections.extend([] for _ in token)
            work[index] = ""
        elif section == 0:
            work[index] = "" if template else "0"
            template.append(token)
        elif section >= 3:
            if section == 4 and token.isidentifier():
                labels.append(token)
            work[index] = ""
        elif token.endswith('"'):
            follower = tops[position + 1] if position + 1 < len(tops) else close
            literals.append(token)
            if work[follower].endswith('"'):  # adjacent literals of one constraint
                work[index] = ""
            else:
                sections[section].append(name + string(literals).text)
                work[index] = OPERAND
                name, literals = "", []
        elif token == "[":
            name = f"[{work[index + 1]}]"
            work.blank(index, work.closing(index) + 1)
        elif token == ",":
            work[index] = ""
    outputs = tuple(sections[1]) if len(sections) > 1 else ()
    inputs = tuple(sections[2]) if len(sections) > 2 else ()
    text = "".join(string([t]).text if t.endswith('"') else t for t in template)
    aside.asms[at] = AsmOperands(text, outputs, inputs, tuple(labels))


def _names_a_symbol(work: Work, at: int, outer: int) -> bool:
    """Whether ``asm("x")`` at ``at`` follows a declarator rather than being a statement.

    After ``)`` both are possible: it names a symbol outside function bodies only.
    """
    before = at - 1
    while before >= 0 and not work[before]:
        before -= 1
    if before < 0:
        return False
    token = work[before]
    if token == ")":
        return not outer and not work.braces_around(at)
    return token not in (";", "{", "}", ":", "else", "do")


Handler: TypeAlias = Callable[[Work, int, Aside], None]

_HANDLERS: Final[dict[str, Handler]] = {
    **dict.fromkeys(ASM_WORDS, assembly),
    **dict.fromkeys(TYPEOF_WORDS, type_of),
    "__builtin_types_compatible_p": types_compatible,
    "__builtin_offsetof": offset_of,
    "__builtin_va_arg": va_arg,
    "_Generic": generic,
    "__label__": local_label,
    "goto": computed_goto,
    "case": case_range,
    "&&": label_address,
    "typedef": local_typedef,
}


_ATTRIBUTES: Final[dict[str, Callable[[Work, int, list[Attributes], ParseArgument], None]]] = {
    **dict.fromkeys(ATTRIBUTE_WORDS, attributes.gnu),
    "[": attributes.standard,
    "_Noreturn": attributes.noreturn,
    "_Alignas": attributes.alignas,
}
_WORDS: Final = frozenset({*_HANDLERS, *_ATTRIBUTES})


def take_aside(
    texts: Sequence[str], outer: int, parse: ParseArgument
) -> tuple[Sequence[str], Aside]:
    """The tokens with GNU forms replaced, and what was taken out of them.

    ``parse`` reads an attribute's argument that is more than a name or a literal.
    """
    aside = Aside(outer)
    words = _WORDS
    places = [index for index, token in enumerate(texts) if token in words]
    if not places:
        return texts, aside
    work = Work(texts)
    for index in places:
        token = work[index]
        if token in _HANDLERS:
            _HANDLERS[token](work, index, aside)
        elif token in _ATTRIBUTES:
            _ATTRIBUTES[token](work, index, aside.attributes, parse)
    aside.attributes = attributes.merged(aside.attributes)
    return work, aside
