"""A file's text by external declarations: where in it a word stands, before expansion.

Comments are gone and string literals do not count, except for the code in asm
statements. Nothing is preprocessed: text in all branches of conditionals is looked at.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from analyzer.callgraph.surroundings import blanked
from analyzer.preprocessor.directive import Op
from analyzer.preprocessor.macro import Macro
from analyzer.preprocessor.outline import Outline, RawDeclaration
from analyzer.preprocessor.skeleton import Skeleton

_TYPE_BODY = re.compile(r"\b(?:struct|union|enum)\b[\w\s]*(?:\(\(.*\)\)[\w\s]*)?\Z", re.DOTALL)
_ASM_HEAD = re.compile(r"\s*(?:__asm__|__asm|asm)\b")
_STORAGE = re.compile(r"\s*(?:(?:static|extern|const|__\w+)\s+)*([A-Za-z_]\w*)\s*\(")
_OPERATORS = frozenset(("__attribute__", "__attribute", "__asm__", "asm", "typeof", "__typeof__"))
_WORD = re.compile(r"[A-Za-z_]\w*")


@dataclass(slots=True)
class DeclarationText:
    """One external declaration with its text in one piece.

    ``raw_text`` is it as written, ``text`` blanked; offsets are the same in both.
    ``pieces`` are offsets with the line that begins there. ``body`` is the offset of the
    brace of a function's body, ``value`` that of the ``=`` of an initialiser, -1 if none.
    """

    raw: RawDeclaration
    raw_text: str
    text: str
    pieces: tuple[tuple[int, int], ...]
    body: int = -1
    value: int = -1
    _words: tuple[str, ...] | None = field(default=None, repr=False)

    @property
    def is_asm(self) -> bool:
        """Whether it is an asm statement at file scope."""
        return _ASM_HEAD.match(self.text) is not None

    @property
    def maker(self) -> str:
        """The macro whose use the declaration is, or is made by; empty if it has a type."""
        found = _STORAGE.match(self.text)
        return "" if found is None or found[1] in _OPERATORS else found[1]

    def makes(self, offset: int) -> bool:
        """Whether the word at ``offset`` is the macro whose use the declaration is."""
        found = _STORAGE.match(self.text)
        return found is not None and found.start(1) == offset and bool(self.maker)

    @property
    def head_words(self) -> tuple[str, ...]:
        """The words before the body or initialiser, in order."""
        if self._words is None:
            end = max(self.body, self.value)
            head = self.text if end < 0 else self.text[:end]
            self._words = tuple(dict.fromkeys(_WORD.findall(head)))
        return self._words

    @property
    def function(self) -> str:
        """The most likely name of the function that has the body."""
        names = [name for name in self.raw.uses if name not in _OPERATORS]
        plain = [name for name in names if not name.startswith("__")]
        if plain or len(names) < 2:
            return (plain or names or [""])[0]
        head = self.text[: self.body]
        typed = [n for n in names if (at := head.find(n)) > 0 and _WORD.search(head[:at])]
        return (typed or names)[-1]

    @property
    def variable(self) -> str:
        """The most likely name of the object that the initialiser is for."""
        names = self.raw.names
        plain = [name for name in names if not name.startswith("__")]
        return (plain or list(names[-1:]) or [""])[0]

    @property
    def static(self) -> bool:
        return "static" in self.head_words

    def floor(self, offset: int) -> int:
        """Where the body or the value that ``offset`` stands in begins; 0 outside of them."""
        return max(0, *(begin + 1 for begin in (self.body, self.value) if begin < offset))

    def line(self, offset: int) -> int:
        """The 1-based line of an offset."""
        at = bisect_right(self.pieces, (offset, 1 << 60)) - 1
        begin, line = self.pieces[at]
        return line + self.raw_text.count("\n", begin, offset)


class FileText:
    """The declarations and macros of one file, their texts joined when asked for."""

    __slots__ = ("_known", "_places", "_starts", "outline", "skeleton")

    def __init__(self, skeleton: Skeleton, outline: Outline) -> None:
        self.skeleton = skeleton
        self.outline = outline
        self._places = sorted(outline.declarations, key=lambda raw: (raw.first, raw.start))
        self._starts = [(raw.first, raw.start) for raw in self._places]
        self._known: dict[int, DeclarationText] = {}

    def macros(self) -> Iterator[Macro]:
        """The macros that the file defines, in its order."""
        for item in self.skeleton.items:
            if isinstance(item.value, Macro):
                yield item.value

    def occurrences(
        self, word: str, pattern: re.Pattern[str]
    ) -> Iterator[tuple[int, re.Match[str]]]:
        """The matches of ``pattern`` in the logical lines of the file's text that have ``word``
        in them, each with its skeleton item."""
        for index, item in enumerate(self.skeleton.items):
            if item.op is Op.TEXT and isinstance(item.value, str):
                for start, end in _logical_lines(item.value, word):
                    for found in pattern.finditer(item.value, start, end):
                        yield index, found

    def line(self, item: int, offset: int) -> int:
        """The 1-based line of an offset in a skeleton item."""
        value = self.skeleton.items[item].value
        assert isinstance(value, str)
        return self.skeleton.items[item].line + value.count("\n", 0, offset)

    def around(self, item: int, offset: int) -> tuple[DeclarationText, int] | None:
        """The declaration that a place in the file belongs to, and the offset in its text."""
        at = bisect_right(self._starts, (item, offset)) - 1
        for number in range(at, max(at - 4, -1), -1):
            raw = self._places[number]
            if (raw.last, raw.end) > (item, offset):
                found = self._text(number)
                return found, self._offset(raw, item, offset)
        return None

    def at_line(self, line: int) -> DeclarationText | None:
        """The declaration whose text begins on ``line`` or is the last to begin before it."""
        found = None
        for number, raw in enumerate(self._places):
            if raw.line <= line:
                found = number
        return None if found is None else self._text(found)

    def _offset(self, raw: RawDeclaration, item: int, offset: int) -> int:
        before = 0
        for index in range(raw.first, item):
            before += len(_part(self.skeleton, raw, index))
        return before + offset - (raw.start if item == raw.first else 0)

    def _text(self, number: int) -> DeclarationText:
        known = self._known.get(number)
        if known is None:
            raw = self._places[number]
            parts: list[str] = []
            pieces: list[tuple[int, int]] = []
            length = 0
            for index in range(raw.first, raw.last + 1):
                part = _part(self.skeleton, raw, index)
                if part:
                    line = raw.line if index == raw.first else self.skeleton.items[index].line
                    pieces.append((length, line))
                    parts.append(part)
                    length += len(part)
            joined = "".join(parts)
            known = DeclarationText(raw, joined, blanked(joined), tuple(pieces))
            _find_body(known)
            self._known[number] = known
        return known


def _logical_lines(text: str, word: str) -> Iterator[tuple[int, int]]:
    """The lines with ``word`` in them, with those that they continue or that continue them:
    no literal reaches out of one."""
    at = text.find(word)
    while at >= 0:
        start = text.rfind("\n", 0, at)
        while start > 0 and text[start - 1] == "\\":
            start = text.rfind("\n", 0, start)
        end = text.find("\n", at)
        while end > 0 and text[end - 1] == "\\":
            end = text.find("\n", end + 1)
        end = len(text) if end < 0 else end
        yield start + 1, end
        at = text.find(word, end)


def _part(skeleton: Skeleton, raw: RawDeclaration, index: int) -> str:
    value = skeleton.items[index].value
    if skeleton.items[index].op is not Op.TEXT or not isinstance(value, str):
        return ""
    start = raw.start if index == raw.first else 0
    return value[start : raw.end if index == raw.last else None]


def _find_body(found: DeclarationText) -> None:
    """Set where the body or the initialiser of a declaration begins."""
    text = found.text
    depth = 0
    in_type = False
    for match in re.finditer(r"[(){}=;\[\]]", text):
        char = match[0]
        if char in "([{":
            if char == "{" and depth == 0:
                if _TYPE_BODY.search(text, 0, match.start()) is None or in_type:
                    found.body = match.start()
                    return
                in_type = True
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char == "=" and depth == 0:
            found.value = match.start()
            return
        elif char == ";" and depth == 0:
            return
