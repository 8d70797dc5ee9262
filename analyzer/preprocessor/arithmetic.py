"""``#if`` arithmetic (C17 6.10.1): 64-bit signed and unsigned integers, short circuits."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analyzer.numerals import whole
from analyzer.preprocessor.token import Token, is_identifier

_NUMBER = re.compile(r"(0[xX][0-9a-fA-F']+|0[bB][01']+|[0-9][0-9']*)([uUlL]*)\Z")
_BITS = 64
_WRAP = 1 << _BITS
_SIGN = 1 << (_BITS - 1)
MAX_DEPTH = 60
"""Nesting beyond which an expression is refused."""

PRECEDENCE = {
    "||": 1,
    "&&": 2,
    "|": 3,
    "^": 4,
    "&": 5,
    "==": 6,
    "!=": 6,
    "<": 7,
    ">": 7,
    "<=": 7,
    ">=": 7,
    "<<": 8,
    ">>": 8,
    "+": 9,
    "-": 9,
    "*": 10,
    "/": 10,
    "%": 10,
}
_SIMPLE_ESCAPES = {
    "n": 10,
    "t": 9,
    "r": 13,
    "a": 7,
    "b": 8,
    "f": 12,
    "v": 11,
    "e": 27,
    "\\": 92,
    "'": 39,
    '"': 34,
    "?": 63,
}


class ArithmeticFault(Exception):
    """An expression that C does not allow in ``#if``; the message says why."""


@dataclass(frozen=True, slots=True)
class Value:
    """An ``intmax_t`` or ``uintmax_t``."""

    number: int
    unsigned: bool = False


Query = Callable[[str, Sequence[Token]], int]
"""Answers ``__has_attribute(x)`` and its kind from the name and the tokens in parentheses."""


def evaluate(tokens: Sequence[Token], query: Query) -> Value:
    """The value of fully expanded ``tokens``; raises :class:`ArithmeticFault`.

    ``defined`` must have been replaced; remaining identifiers count as 0.
    """
    parser = _Parser(tokens, query)
    value = parser.conditional(True, 0)
    parser.finish()
    return value


class _Parser:
    __slots__ = ("_position", "_query", "_tokens")

    def __init__(self, tokens: Sequence[Token], query: Query) -> None:
        self._tokens = tokens
        self._position = 0
        self._query = query

    def _peek(self) -> str:
        if self._position < len(self._tokens):
            return self._tokens[self._position][0]
        return ""

    def _next(self) -> str:
        text = self._peek()
        self._position += 1
        return text

    def finish(self) -> None:
        if self._position < len(self._tokens):
            raise ArithmeticFault(f"missing binary operator before {self._peek()!r}")

    def conditional(self, live: bool, depth: int) -> Value:
        if depth > MAX_DEPTH:
            raise ArithmeticFault("nested too deeply")
        condition = self._binary(1, live, depth)
        if self._peek() != "?":
            return condition
        self._next()
        truth = condition.number != 0
        then = self._comma(live and truth, depth + 1)
        if self._next() != ":":
            raise ArithmeticFault("'?' without following ':'")
        otherwise = self.conditional(live and not truth, depth + 1)
        unsigned = then.unsigned or otherwise.unsigned
        return _wrap((then if truth else otherwise).number, unsigned)

    def _comma(self, live: bool, depth: int) -> Value:
        value = self.conditional(live, depth)
        while self._peek() == ",":
            self._next()
            value = self.conditional(live, depth)
        return value

    def _binary(self, lowest: int, live: bool, depth: int) -> Value:
        left = self._unary(live, depth)
        while True:
            operator = self._peek()
            precedence = PRECEDENCE.get(operator, 0)
            if precedence < lowest:
                return left
            self._next()
            if operator == "&&":
                truth = left.number != 0
                right = self._binary(precedence + 1, live and truth, depth)
                left = Value(int(truth and right.number != 0))
            elif operator == "||":
                truth = left.number != 0
                right = self._binary(precedence + 1, live and not truth, depth)
                left = Value(int(truth or right.number != 0))
            else:
                right = self._binary(precedence + 1, live, depth)
                left = apply(operator, left, right, live)

    def _unary(self, live: bool, depth: int) -> Value:
        if depth > MAX_DEPTH:
            raise ArithmeticFault("nested too deeply")
        text = self._next()
        if text == "!":
            return Value(int(self._unary(live, depth + 1).number == 0))
        if text == "-":
            operand = self._unary(live, depth + 1)
            return _wrap(-operand.number, operand.unsigned)
        if text == "+":
            return self._unary(live, depth + 1)
        if text == "~":
            operand = self._unary(live, depth + 1)
            return _wrap(~operand.number, operand.unsigned)
        if text == "(":
            value = self._comma(live, depth + 1)
            if self._next() != ")":
                raise ArithmeticFault("missing ')' in expression")
            return value
        if not text:
            raise ArithmeticFault("operand missing")
        if text.endswith("'"):
            return _character(text)
        if text[0].isdigit():
            return _number(text)
        if is_identifier(text):
            return self._identifier(text)
        raise ArithmeticFault(f"token {text!r} is not valid in an expression")

    def _identifier(self, text: str) -> Value:
        if text.startswith("__has_") and self._peek() == "(":
            depth = 0
            start = self._position + 1
            while self._position < len(self._tokens):
                piece = self._next()
                depth += (piece == "(") - (piece == ")")
                if depth == 0:
                    return Value(self._query(text, self._tokens[start : self._position - 1]))
            raise ArithmeticFault(f"missing ')' after {text}")
        if self._peek() == "(":
            raise ArithmeticFault(f"function-like macro {text!r} is not defined")
        return Value(0)


def _wrap(number: int, unsigned: bool) -> Value:
    number %= _WRAP
    if not unsigned and number >= _SIGN:
        number -= _WRAP
    return Value(number, unsigned)


def apply(operator: str, left: Value, right: Value, live: bool) -> Value:
    """The value of a binary operator; raises :class:`ArithmeticFault` for a live ``/ 0``."""
    if operator in ("<<", ">>"):
        count = right.number
        if count < 0:
            operator, count = ("<<" if operator == ">>" else ">>"), -count
        if operator == "<<":
            return _wrap(left.number << count if count < _BITS else 0, left.unsigned)
        return _wrap(left.number >> min(count, _BITS), left.unsigned)
    unsigned = left.unsigned or right.unsigned
    a, b = _wrap(left.number, unsigned).number, _wrap(right.number, unsigned).number
    if operator in ("==", "!=", "<", ">", "<=", ">="):
        return Value(int(_COMPARE[operator](a, b)))
    if operator in ("/", "%"):
        if b == 0:
            if live:
                raise ArithmeticFault("division by zero")
            return Value(0, unsigned)
        quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
        return _wrap(quotient if operator == "/" else a - quotient * b, unsigned)
    return _wrap(_COMPUTE[operator](a, b), unsigned)


_COMPARE: dict[str, Callable[[int, int], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}
_COMPUTE: dict[str, Callable[[int, int], int]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
    "&": lambda a, b: a & b,
}


def _number(text: str) -> Value:
    match = _NUMBER.match(text)
    if match is None:
        raise ArithmeticFault(f"{text!r} is no integer constant")
    digits = match[1].replace("'", "")
    if digits[:2] in ("0x", "0X", "0b", "0B"):
        number = whole(digits[2:], 16 if digits[1] in "xX" else 2)
    elif digits[0] == "0" and len(digits) > 1:
        try:
            number = whole(digits, 8)
        except ValueError:
            raise ArithmeticFault(f"invalid digit in octal constant {text!r}") from None
    else:
        number = whole(digits)
    return Value(number % _WRAP, "u" in match[2].lower() or number >= _SIGN)


def _character(text: str) -> Value:
    """A character constant; ``char`` is unsigned, as with the kernel's ``-funsigned-char``.

    One character of that type makes the constant unsigned in ``#if`` (so does GCC),
    several make an ``int``.
    """
    prefix, _, body = text[:-1].partition("'")
    if not body:
        raise ArithmeticFault("empty character constant")
    value = characters = 0
    position = 0
    while position < len(body):
        char = body[position]
        characters += 1
        position += 1
        if char != "\\":
            code = ord(char)
        else:
            escape = body[position : position + 1]
            octal = re.match(r"[0-7]{1,3}", body[position:])
            hexadecimal = re.match(r"x([0-9a-fA-F]+)", body[position:])
            if octal:
                code, position = int(octal[0], 8), position + octal.end()
            elif hexadecimal:
                code, position = int(hexadecimal[1], 16), position + hexadecimal.end()
            elif escape in _SIMPLE_ESCAPES:
                code, position = _SIMPLE_ESCAPES[escape], position + 1
            else:
                raise ArithmeticFault(f"unknown escape in {text}")
        value = (value << 8 | (code & 0xFF)) & 0xFFFFFFFF
    return Value(value, prefix != "L" and characters == 1)
