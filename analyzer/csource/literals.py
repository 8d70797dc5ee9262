"""Values of C literals: integer, floating and character constants, and string literals.

Sources: C17 6.4.4 (constants), 6.4.5 (string literals), GCC's manual, "Implementation-defined
behavior: Characters" (multi-character constants) and "Character Escapes" (``\\e``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from analyzer.csource.syntax import Expr, Floating, Number, Text
from analyzer.numerals import whole

_ESCAPE: Final = re.compile(
    r"\\(?:x([0-9a-fA-F]+)|([0-7]{1,3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL
)
_SIMPLE: Final = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "e": "\x1b",
    "E": "\x1b",
}
_INTEGER: Final = re.compile(
    r"(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|(0[0-7]*)|([1-9][0-9]*))([uUlLiIjJ]*)\Z"
)


def _unescape(match: re.Match[str]) -> str:
    """The character of one escape sequence; numeric ones keep their low byte."""
    hexadecimal, octal, short, long, simple = match.groups()
    if simple is not None:
        return _SIMPLE.get(simple, simple)
    if hexadecimal is not None:
        return chr(int(hexadecimal, 16) & 0xFF)
    if octal is not None:
        return chr(int(octal, 8) & 0xFF)
    return chr(int(short or long, 16))


def _size(content: str) -> int:
    """Bytes of a narrow literal's content: a numeric escape is one byte (C17 6.4.4.4)."""
    if content.isascii() and "\\" not in content:
        return len(content)
    size = 0
    end = 0
    for match in _ESCAPE.finditer(content):
        size += len(content[end : match.start()].encode("utf-8", "surrogatepass"))
        short, long = match.group(3), match.group(4)
        simple = match.group(5)
        if short or long or simple:
            size += len(_unescape(match).encode("utf-8", "surrogatepass"))
        else:
            size += 1
        end = match.end()
    return size + len(content[end:].encode("utf-8", "surrogatepass"))


def string(tokens: Sequence[str]) -> Text:
    """Adjacent string literal tokens as one literal, escapes replaced.

    ``size`` counts elements of the literal's own width: 1 byte, 4 for ``L`` and ``U``,
    2 for ``u`` (x86 ``wchar_t`` has 4).
    """
    pieces: list[str] = []
    size = 0
    width = 1
    for token in tokens:
        quote = token.index('"')
        content = token[quote + 1 : -1]
        prefix = token[:quote]
        if prefix in ("L", "U"):
            width = 4
        elif prefix == "u":
            width = 2
        size += _size(content)
        pieces.append(_ESCAPE.sub(_unescape, content) if "\\" in content else content)
    text = "".join(pieces)
    return Text(text, size + 1 if width == 1 else (len(text) + 1) * width)


def _character(token: str) -> Number:
    """A character constant, of type int: several characters shift left by 8 (GCC)."""
    quote = token.index("'")
    content = token[quote + 1 : -1]
    text = _ESCAPE.sub(_unescape, content)
    if quote:
        return Number(ord(text[-1]) if text else 0, "")
    codes = [ord(c) for c in text] if text.isascii() or "\\" in content else []
    data = codes or list(text.encode("utf-8", "surrogatepass"))
    value = 0
    for code in data:
        value = (value << 8 | code & 0xFF) & 0xFFFFFFFF
    bits = 8 if len(data) == 1 else 32
    if value >> (bits - 1) & 1:
        value -= 1 << bits
    return Number(value, "")


def constant(token: str) -> Expr:
    """The value of a preprocessing number or character constant.

    A number that is no integer constant (C17 6.4.4.1) is a :class:`Floating` of its text.
    """
    if token.isascii() and token.isdigit() and (token[0] != "0" or len(token) == 1):
        return Number(whole(token), "")
    if token[-1] == "'":
        return _character(token)
    match = _INTEGER.match(token)
    if match is None:
        return Floating(token)
    hexadecimal, binary, octal, decimal, suffix = match.groups()
    if hexadecimal is not None:
        value = whole(hexadecimal, 16)
    elif binary is not None:
        value = whole(binary, 2)
    elif octal is not None:
        value = whole(octal, 8)
    else:
        value = whole(decimal)
    return Number(value, suffix.lower(), decimal is not None)
