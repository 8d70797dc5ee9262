"""Turn tokens into text that tree-sitter-c reads in one way only.

C's grammar depends on which names are types (C17 6.7.8), which tree-sitter cannot know: it
guesses at ``(a)(b)``, ``a * b;``, ``sizeof(a)``. So names do not reach it. Every type name is
written ``size_t``, which tree-sitter knows for a builtin type, every other name ``v``, and
every literal, as well as a name that stands where a type would also be possible, ``0``.
What a token really is, the lowering reads from the original tokens, through the token's
offset in the text. Two token sequences of one shape thus give one text.

The forms of GNU C that tree-sitter-c has no grammar for were replaced before, by
:mod:`analyzer.csource.dialect`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Final

from analyzer.csource import dialect


class Level(IntEnum):
    """Where a token stands: the kind of the innermost braces."""

    FILE = 0
    BLOCK = 1
    MEMBERS = 2
    """Of a struct, union or enum."""


class _Is(IntEnum):
    """What a token is to the rewriting."""

    OTHER = 0
    """An operator or a keyword after which an expression or declaration goes on."""
    START = 1
    """``; : else do``: a statement can start behind it (so it can behind braces)."""
    OPEN = 2
    CLOSE = 3
    OPEN_BRACE = 4
    CLOSE_BRACE = 5
    STAR = 6
    TYPE = 7
    TAG = 8
    """``struct union enum``."""
    QUALIFIER = 9
    """Does not end or start a type."""
    BLANK = 10
    DOT = 11
    """``. ->``: a member name follows."""
    BRACKET = 12
    TYPE_CLOSE = 13
    """Ends a ``typeof(…)``."""
    ASSERT = 14
    NAME = 15
    LITERAL = 16


_TYPE_WORDS: Final = {
    "void": "void",
    "char": "char",
    "short": "short",
    "int": "int",
    "long": "long",
    "signed": "signed",
    "__signed": "signed",
    "__signed__": "signed",
    "unsigned": "unsigned",
    "float": "float",
    "double": "double",
    "_Bool": "size_t",
    "__int128": "int",
    "__int128_t": "size_t",
    "__uint128_t": "size_t",
    "_Float128": "size_t",
    "__float128": "size_t",
    "__builtin_va_list": "size_t",
    "__auto_type": "size_t",
    dialect.DEFAULT: "size_t",
}
_QUALIFIERS: Final = {
    "const": "const",
    "__const": "const",
    "__const__": "const",
    "volatile": "volatile",
    "__volatile": "volatile",
    "__volatile__": "volatile",
    "_Atomic": "_Atomic",
    "static": "static",
    "extern": "extern",
    "register": "register",
    "auto": "auto",
    "typedef": "typedef",
    "inline": "inline",
    "__inline": "inline",
    "__inline__": "inline",
    "__thread": "__thread",
    "_Thread_local": "__thread",
    dialect.TYPEOF: "_Alignas",
}
_BLANKS: Final = (
    "",
    "__extension__",
    "restrict",
    "__restrict",
    "__restrict__",
    "_Complex",
    "__complex__",
    "__seg_gs",
    "__seg_fs",
)
_OPERATORS: Final = (
    "] , = + - / % & | ^ ~ ! < > ? << >> <= >= == != && || += -= *= /= %= &= |= ^= "
    "<<= >>= ++ -- ... return goto if while for switch case break continue sizeof"
)
_OTHERS: Final = {
    **{token: token for token in _OPERATORS.split()},
    "_Alignof": "sizeof",
    "__alignof__": "sizeof",
    "__alignof": "sizeof",
    "__real__": "~",
    "__imag__": "~",
    "__real": "~",
    "__imag": "~",
    dialect.OPERAND: ",",
    dialect.RANGE: "||",
    dialect.ADDRESS: "&",
    dialect.NEXT_TYPE: ") , sizeof (",
    dialect.FIRST_TYPE: ", sizeof (",
    dialect.TYPE_DONE: ") ,",
}
_TABLE: Final[dict[str, tuple[int, str]]] = {
    **{token: (int(_Is.TYPE), out) for token, out in _TYPE_WORDS.items()},
    **{token: (int(_Is.QUALIFIER), out) for token, out in _QUALIFIERS.items()},
    **{token: (int(_Is.OTHER), out) for token, out in _OTHERS.items()},
    **{token: (int(_Is.BLANK), "") for token in _BLANKS},
    **{token: (int(_Is.START), token) for token in (";", ":", "else", "do", "default")},
    **{token: (int(_Is.TAG), token) for token in ("struct", "union", "enum")},
    **{token: (int(_Is.DOT), token) for token in (".", "->")},
    **{token: (int(_Is.ASSERT), "v") for token in ("_Static_assert", "static_assert")},
    dialect.MEMBER: (int(_Is.NAME), "v"),
    "(": (int(_Is.OPEN), "("),
    dialect.OPEN_TYPE: (int(_Is.OPEN), "( sizeof ("),
    dialect.TYPEOF_COMMA_OPEN: (int(_Is.OPEN), "( ("),
    ")": (int(_Is.CLOSE), ")"),
    dialect.CLOSE_TYPE: (int(_Is.CLOSE), ") )"),
    dialect.TYPEOF_CLOSE: (int(_Is.TYPE_CLOSE), ") size_t"),
    dialect.TYPEOF_COMMA_CLOSE: (int(_Is.TYPE_CLOSE), ") ) size_t"),
    "{": (int(_Is.OPEN_BRACE), "{"),
    "}": (int(_Is.CLOSE_BRACE), "}"),
    "[": (int(_Is.BRACKET), "["),
    "*": (int(_Is.STAR), "*"),
}
"""What a token is, and how it is written."""

_NO: Final = 0
_TYPE_BEFORE: Final = 1
_STAR_OF_TYPE: Final = 2
_STAR: Final = 3

_DIGITS: Final = frozenset("0123456789.")
_QUOTES: Final = frozenset("\"'")


def shape(
    work: Sequence[str], is_typedef: Callable[[str], bool], own: set[str], outer: Level
) -> list[str]:
    """How each token is written for tree-sitter; tokens without a text are empty strings.

    ``own`` are names that typedefs of the piece declare, ``outer`` is where it stands.
    """
    table = _TABLE
    out: list[str] = []
    add = out.append
    levels: list[tuple[int, bool]] = []
    level = int(outer)
    shadowed: set[str] = set()
    kind = 1  # of the last token that was written
    before = 1  # of the one before it
    last = -1  # its index
    after = _NO  # what the last token leaves: a complete type, a star
    opened_after = _NO  # `after` where the last parenthesis opened
    opened_kind = 0  # what stood before it
    guess = -2  # index of a name that a `*`, `(`, `[` or `)` behind it shows not to be a type
    in_typedef = False
    for index, token in enumerate(work):
        entry = table.get(token)
        if entry is None:
            first = token[0]
            if first in _DIGITS:
                add("0")
                before = kind
                kind = 16
                after = 0
            elif token[-1] in _QUOTES:
                if kind == 16 and token[-1] == '"' and work[last][-1] == '"':
                    add("")
                    continue
                add("0")
                before = kind
                kind = 16
                after = 0
            elif kind == 11:
                add("v")
                before = kind
                kind = 15
                after = 0
            elif kind == 8:
                add("v")
                before = kind
                kind = 15
                after = 1
            elif after:
                add("v")
                if level != 2 and not in_typedef and (is_typedef(token) or token in own):
                    shadowed.add(token)
                before = kind
                kind = 15
                after = 0
            elif (is_typedef(token) or token in own) and token not in shadowed:
                if in_typedef and kind == 2 and opened_after == 1:
                    add("v")
                    kind, before, after = 15, 2, 0
                else:
                    add("size_t")
                    before = kind
                    kind = 7
                    after = 1
            else:
                add("v")
                if kind == 2:
                    if opened_after not in (1, 2) and (level or opened_kind not in (15, 3)):
                        guess = index
                elif level == 1 and (kind == 1 or 3 <= kind <= 5):
                    guess = index
                before = kind
                kind = 15
            last = index
            continue
        code, text = entry
        if code == 0:
            after = 0
        elif code == 2:
            if guess == last:
                out[guess] = "0"
            opened_after = after
            opened_kind = kind
            after = 0
        elif code == 3:
            if guess == last and before == 2:
                out[guess] = "0"
            after = 0
        elif code == 1:
            if token == ";":
                in_typedef = False
                if level == 2 and (kind == 4 or (kind == 1 and work[last] == ";")):
                    add("")
                    continue
                if level == 0:
                    shadowed.clear()
            elif level == 2 and token == ":" and (after == 1 or work[last] == ","):
                text = "v :"
            after = 0
        elif code == 6:
            if guess == last:
                out[guess] = "0"
            after = 2 if after in (1, 2) else 3
        elif code == 7:
            after = 1
        elif code == 10:
            add("")
            continue
        elif code == 9:
            if token == "typedef":
                in_typedef = True
        elif code == 4:
            levels.append((level, in_typedef))
            in_typedef = False
            level = 2 if kind == 8 or (kind == 15 and before == 8) else 1
            after = 0
        elif code == 5:
            if kind == 1 and work[last] == ":":
                text = "; }"
            after = 1 if level == 2 else 0
            level, in_typedef = levels.pop() if levels else (int(outer), False)
            if level == 0 and not after:
                shadowed.clear()
        elif code == 12:
            if guess == last and before == 2:
                out[guess] = "0"
            after = 0
        elif code == 13:
            if guess == last and before == 2:
                out[guess] = "0"
            after = 1
            code = 7
        else:
            if code == 14 and level == 2:
                text = "size_t v :"  # an assertion among members: as a bit-field
            after = 0
        add(text)
        before = kind
        kind = code
        last = index
    return out
