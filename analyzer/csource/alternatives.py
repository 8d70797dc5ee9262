"""Code that is patched by CPU feature: what an asm template holds instead of its own code.

x86 kernels write alternatives into sections (``arch/x86/include/asm/alternative.h``): an entry
of ``.altinstructions`` says which code is replaced, by what, and for which feature; the
replacement stands in ``.altinstr_replacement``. Entries are applied in their order, so that
of several whose features are there the last one counts. The flags of an entry (its upper 16
bits; bit 15 where the field is a ``.word``, as up to Linux 6.2) can say *not*, and *direct
call*: then the replacement is a form for the call of what the original code calls through a
pointer, and what it names itself never runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from analyzer.preprocessor.arithmetic import ArithmeticFault, evaluate
from analyzer.preprocessor.token import scan

_ENTRIES, _CODE = ".altinstructions", ".altinstr_replacement"
_ESCAPE = re.compile(r"\\([nt\"])")
_ESCAPED = {"n": "\n", "t": "\t", '"': '"'}
_PUSH = re.compile(r"(\s*\d+:)?\s*\.(?:pushsection|section)\s+([\w.$]+)")
_POP = re.compile(r"\s*\.(?:popsection|previous)\b")
_FIELD = re.compile(r"\s*\.(long|4byte|word|byte)\s+(.*)")
_PLACE = re.compile(r"(\d+)[bf]\s*-\s*\.")
_LABEL = re.compile(r"\s*(\d+):")
_NOT, _DIRECT_CALL, _SHIFT = 1, 2, 16
_WORD_NOT = 1 << 15


@dataclass(frozen=True, slots=True)
class FeatureTest:
    """CPU feature ``number`` is there, or is not (``negated``); ``text`` is the entry's field
    as expanded, ``number`` None if that is no constant."""

    number: int | None
    text: str
    negated: bool


@dataclass(frozen=True, slots=True)
class AsmCode:
    """Code that runs where all of ``when`` hold."""

    text: str
    when: tuple[FeatureTest, ...] = ()


_Line = tuple[str, str]
"""The number of a local label, or nothing, and what stands behind it on its line."""


@dataclass(frozen=True, slots=True)
class _Entry:
    label: str
    feature: FeatureTest
    direct_call: bool


def asm_code(template: str) -> tuple[AsmCode, ...]:
    """The code of a template, as spelled in C without the outer quotes: its own, then each
    replacement that can run."""
    text = _ESCAPE.sub(lambda match: _ESCAPED[match[1]], template)
    if _ENTRIES not in text:
        return (AsmCode(text),)
    own: list[str] = []
    entries: list[_Entry] = []
    codes: list[_Line] = []
    for section, line in _lines(text):
        if section == _ENTRIES:
            _read_entry(line, entries)
        elif section == _CODE:
            label = _LABEL.match(line)
            codes.append((label[1], line[label.end() :]) if label else ("", line))
        else:
            own.append(line)
    return tuple(_by_feature("\n".join(own), entries, codes))


def _by_feature(own: str, entries: list[_Entry], codes: list[_Line]) -> Iterator[AsmCode]:
    features = [entry.feature for entry in entries if not entry.direct_call]
    yield AsmCode(own, tuple(map(_contrary, features)))
    labels = {entry.label for entry in entries}
    for entry in entries:
        start = next((i for i, (label, _) in enumerate(codes) if label == entry.label), None)
        if start is None:
            continue
        end = start + 1
        while end < len(codes) and codes[end][0] not in labels:
            end += 1
        code = "\n".join(line for _, line in codes[start:end])
        del codes[start:end]
        if not entry.direct_call:
            features.pop(0)
            yield AsmCode(code, (entry.feature, *map(_contrary, features)))


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """The statements of a template with the section each is in, empty for the function's."""
    sections = [""]
    for line in re.split(r"[\n;]", text):
        pushed = _PUSH.match(line)
        if pushed is not None:
            yield sections[-1], pushed[1] or ""
            sections.append(pushed[2])
        elif _POP.match(line):
            if len(sections) > 1:
                sections.pop()
        else:
            yield sections[-1], line


def _read_entry(line: str, entries: list[_Entry]) -> None:
    """Read a field of ``struct alt_instr``: two places, then the feature with its flags."""
    field = _FIELD.match(line)
    if field is None:
        return
    place = _PLACE.match(field[2])
    if place is not None and field[1] in ("long", "4byte"):
        entries.append(_Entry(place[1], FeatureTest(None, "", False), False))
    elif field[1] != "byte" and len(entries) > 1 and not entries[-1].feature.text:
        # The first of the two places is the replaced code's own.
        label = entries.pop().label
        entries[-1] = _entry(label, field[2].strip(), field[1] == "word")


def _entry(label: str, text: str, word: bool) -> _Entry:
    try:
        value = evaluate(scan(text), lambda _name, _tokens: 0).number
    except ArithmeticFault:
        return _Entry(label, FeatureTest(None, text, False), False)
    if word:
        return _Entry(label, FeatureTest(value & ~_WORD_NOT, text, bool(value & _WORD_NOT)), False)
    flags = value >> _SHIFT
    feature = FeatureTest(value & ((1 << _SHIFT) - 1), text, bool(flags & _NOT))
    return _Entry(label, feature, bool(flags & _DIRECT_CALL))


def _contrary(feature: FeatureTest) -> FeatureTest:
    return FeatureTest(feature.number, feature.text, not feature.negated)
