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
from typing import Final

from analyzer.csource import dialect

# Where a token stands: the kind of the innermost braces.
FILE: Final = 0
BLOCK: Final = 1
MEMBERS: Final = 2  # of a struct, union or enum

# What a token is to the rewriting. Plain integers, for the loop is hot.
_OTHER: Final = 0  # an operator or keyword after which an expression or declaration goes on
_START: Final = 1  # `;`, `:`, `else`, `do`: a statement can start behind it
_OPEN: Final = 2
_CLOSE: Final = 3
_OPEN_BRACE: Final = 4
_CLOSE_BRACE: Final = 5
_STAR: Final = 6
_TYPE: Final = 7
_TAG: Final = 8  # `struct`, `union`, `enum`
_QUALIFIER: Final = 9  # neither ends nor starts a type
_BLANK: Final = 10
_DOT: Final = 11  # `.`, `->`: a member's name follows
_BRACKET: Final = 12
_TYPE_CLOSE: Final = 13  # ends `typeof(…)`
_ASSERT: Final = 14
_NAME: Final = 15
_LITERAL: Final = 16
_BEFORE_STATEMENT: Final = frozenset({_START, _CLOSE, _OPEN_BRACE, _CLOSE_BRACE})

# What the tokens so far leave behind.
_NOTHING: Final = 0
_COMPLETE: Final = 1  # a complete type: a name that follows is declared
_STAR_OF_TYPE: Final = 2
_STAR_ALONE: Final = 3
_OF_TYPE: Final = frozenset({_COMPLETE, _STAR_OF_TYPE})

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
    dialect.TYPEOF: "_Alignas",
    dialect.OPERAND: ",",
    dialect.RANGE: "||",
    dialect.ADDRESS: "&",
    dialect.NEXT_TYPE: ") , sizeof (",
    dialect.FIRST_TYPE: ", sizeof (",
    dialect.TYPE_DONE: ") ,",
}
_TABLE: Final[dict[str, tuple[int, str]]] = {
    **{token: (_TYPE, out) for token, out in _TYPE_WORDS.items()},
    **{token: (_QUALIFIER, out) for token, out in _QUALIFIERS.items()},
    **{token: (_OTHER, out) for token, out in _OTHERS.items()},
    **dict.fromkeys(_BLANKS, (_BLANK, "")),
    **{token: (_START, token) for token in (";", ":", "else", "do", "default")},
    **{token: (_TAG, token) for token in ("struct", "union", "enum")},
    **{token: (_DOT, token) for token in (".", "->")},
    **dict.fromkeys(("_Static_assert", "static_assert"), (_ASSERT, "v")),
    dialect.MEMBER: (_NAME, "v"),
    **dict.fromkeys(("@", "`", "\\", "#", "##", "\x00"), (_OTHER, "@")),
    "(": (_OPEN, "("),
    dialect.OPEN_TYPE: (_OPEN, "( sizeof ("),
    dialect.TYPEOF_COMMA_OPEN: (_OPEN, "( ("),
    ")": (_CLOSE, ")"),
    dialect.CLOSE_TYPE: (_CLOSE, ") )"),
    dialect.TYPEOF_CLOSE: (_TYPE_CLOSE, ") size_t"),
    dialect.TYPEOF_COMMA_CLOSE: (_TYPE_CLOSE, ") ) size_t"),
    "{": (_OPEN_BRACE, "{"),
    "}": (_CLOSE_BRACE, "}"),
    "[": (_BRACKET, "["),
    "*": (_STAR, "*"),
}
"""What a token is, and how it is written."""

_DIGITS: Final = frozenset("0123456789.")
_QUOTES: Final = frozenset("\"'")


def shape(
    work: Sequence[str], is_typedef: Callable[[str], bool], own: set[str], outer: int
) -> list[str]:
    """How each token is written for tree-sitter; tokens without a text are empty strings.

    ``own`` are names that typedefs of the piece declare, ``outer`` (FILE or BLOCK) is where
    it stands.
    """
    table = _TABLE
    out: list[str] = []
    add = out.append
    levels: list[tuple[int, bool]] = []
    level = outer
    shadowed: set[str] = set()
    kind = _START  # of the last token that was written
    before = _START  # of the one before it
    last = -1  # the index of the last token
    after = _NOTHING  # what it leaves
    opened = -1  # the index of the last `(`
    opened_kind = _OTHER  # what stood before it
    opened_after = _NOTHING  # and what that left
    guess = -2  # index of a name that a `*`, `(`, `[` or `)` behind it shows to be no type
    in_typedef = False
    for index, token in enumerate(work):
        entry = table.get(token)
        if entry is None:
            if token[0] in _DIGITS:
                text, code, after = "0", _LITERAL, _NOTHING
            elif token[-1] in _QUOTES:
                if kind == _LITERAL and token[-1] == '"' and work[last][-1] == '"':
                    add("")
                    continue
                text, code, after = "0", _LITERAL, _NOTHING
            elif kind == _DOT:
                text, code, after = "v", _NAME, _NOTHING
            elif kind == _TAG:
                text, code, after = "v", _NAME, _COMPLETE
            elif after:
                text, code, after = "v", _NAME, _NOTHING
                if level != MEMBERS and not in_typedef and (is_typedef(token) or token in own):
                    shadowed.add(token)
            elif (is_typedef(token) or token in own) and token not in shadowed:
                if in_typedef and kind == _OPEN and opened_after == _COMPLETE:
                    text, code = "v", _NAME  # `typedef int (T)(…)` once more
                else:
                    text, code, after = "size_t", _TYPE, _COMPLETE
            else:
                text, code = "v", _NAME
                if kind == _OPEN:
                    if opened_after not in _OF_TYPE and (
                        level or opened_kind not in (_NAME, _CLOSE)
                    ):
                        guess = index
                elif level == BLOCK and kind in _BEFORE_STATEMENT:
                    guess = index
        else:
            code, text = entry
            if code == _OTHER:
                after = _NOTHING
            elif code == _OPEN:
                if guess == last:
                    out[guess] = "0"
                opened, opened_kind, opened_after = index, kind, after
                after = _NOTHING
            elif code == _CLOSE:
                if kind == _NAME and before == _OPEN:
                    if opened_after in _OF_TYPE:  # `T (x)`: parentheses that change nothing
                        out[opened] = ""
                        add("")
                        before = _TYPE
                        continue
                    if guess == last:
                        out[guess] = "0"
                after = _NOTHING
            elif code == _START:
                if token == ";":
                    in_typedef = False
                    if level == MEMBERS and (
                        kind == _OPEN_BRACE or (kind == _START and work[last] == ";")
                    ):
                        add("")
                        continue
                    if level == FILE:
                        shadowed.clear()
                elif token == ":" and level == MEMBERS and (after or work[last] == ","):
                    text = "v :"  # a bit-field without a name
                after = _NOTHING
            elif code == _STAR:
                if guess == last:
                    out[guess] = "0"
                after = _STAR_OF_TYPE if after in _OF_TYPE else _STAR_ALONE
            elif code == _TYPE:
                after = _COMPLETE
            elif code == _BLANK:
                add("")
                continue
            elif code == _QUALIFIER:
                if token == "typedef":
                    in_typedef = True
            elif code == _OPEN_BRACE:
                levels.append((level, in_typedef))
                in_typedef = False
                is_tag = kind == _TAG or (kind == _NAME and before == _TAG)
                level = MEMBERS if is_tag else BLOCK
                after = _NOTHING
            elif code == _CLOSE_BRACE:
                if kind == _START and work[last] == ":":
                    text = "; }"  # a label at the end of a block (C23 6.8.3)
                after = _COMPLETE if level == MEMBERS else _NOTHING
                level, in_typedef = levels.pop() if levels else (outer, False)
                if level == FILE and not after:
                    shadowed.clear()
            elif code == _BRACKET:
                if guess == last and before == _OPEN:
                    out[guess] = "0"
                after = _NOTHING
            elif code == _TYPE_CLOSE:
                if guess == last and before == _OPEN:
                    out[guess] = "0"
                code, after = _TYPE, _COMPLETE
            else:
                if code == _ASSERT and level == MEMBERS:
                    text = "size_t v :"  # an assertion among members: as a bit-field
                after = _NOTHING
        add(text)
        before = kind
        kind = code
        last = index
    return out
