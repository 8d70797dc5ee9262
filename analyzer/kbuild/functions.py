"""GNU make's text and file-name functions over masked values (manual, 8.2 and 8.3).

Each takes expanded arguments and the context mask, and works per word: what holds in
ten thousand configurations is one pass over the words, not ten thousand.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable

from analyzer.configset.configset import Mask
from analyzer.kbuild.values import Value, Words, concat, joined, variants, words
from analyzer.numerals import whole

TextFunction = Callable[[list[Value], Mask], Value]


def strip(arguments: list[Value], within: Mask) -> Value:
    text = arguments[0]
    if isinstance(text, str):
        return " ".join(text.split())
    return joined(words(text, within), within)


def filter_words(arguments: list[Value], within: Mask) -> Value:
    return joined(filtered(words(arguments[0], within), words(arguments[1], within), True), within)


def filter_out(arguments: list[Value], within: Mask) -> Value:
    patterns = words(arguments[0], within)
    if not patterns:
        return arguments[1]
    return joined(filtered(patterns, words(arguments[1], within), False), within)


def filtered(patterns: Words, texts: Words, keep: bool) -> Words:
    """The words of ``texts`` that match one of ``patterns`` (or none, unless ``keep``)."""
    exact: dict[str, Mask] = {}
    wild: list[tuple[Mask, str, str]] = []
    for mask, pattern in patterns:
        at = pattern.find("%")
        if at >= 0:
            wild.append((mask, pattern[:at], pattern[at + 1 :]))
        else:
            exact[pattern] = exact.get(pattern, 0) | mask
    result: Words = []
    for mask, word in texts:
        hit = exact.get(word, 0)
        for where, head, tail in wild:
            if word.startswith(head) and word.endswith(tail) and len(word) >= len(head) + len(tail):
                hit |= where
        mask = mask & hit if keep else mask & ~hit
        if mask:
            result.append((mask, word))
    return result


def pattern_replace(word: str, pattern: str, replacement: str) -> str:
    """``$(patsubst pattern,replacement,word)`` for one word."""
    at = pattern.find("%")
    if at < 0:
        return replacement if word == pattern else word
    head, tail = pattern[:at], pattern[at + 1 :]
    if len(word) < len(head) + len(tail) or not (word.startswith(head) and word.endswith(tail)):
        return word
    stem = word[len(head) : len(word) - len(tail)]
    return replacement.replace("%", stem, 1)


def patsubst(arguments: list[Value], within: Mask) -> Value:
    pattern, replacement, text = arguments
    if isinstance(pattern, str) and isinstance(replacement, str):
        old, new = pattern.strip(), replacement.strip()
        result: Words = []
        for mask, word in words(text, within):
            result.extend((mask, each) for each in pattern_replace(word, old, new).split())
        return joined(result, within)
    parts: list[tuple[Mask, Value]] = []
    for where, old in variants(pattern, within):
        for inner, new in variants(replacement, where):
            parts.append((inner, patsubst([old, new, text], inner)))
    return concat(parts, within)


def substitution_reference(text: Value, old: Value, new: Value, within: Mask) -> Value:
    """``$(text:old=new)``: suffixes unless ``old`` has a ``%``."""
    parts: list[tuple[Mask, Value]] = []
    for where, before in variants(old, within):
        for inner, after in variants(new, where):
            pattern, replacement = before, after
            if "%" not in before:
                pattern, replacement = "%" + before, "%" + after
            parts.append((inner, patsubst([pattern, replacement, text], inner)))
    return concat(parts, within)


def subst(arguments: list[Value], within: Mask) -> Value:
    old, new, text = arguments
    if isinstance(old, str) and isinstance(new, str):
        if isinstance(text, str):
            return text.replace(old, new) if old else text + new
        return _subst_masked(old, new, text, within)
    parts: list[tuple[Mask, Value]] = []
    for where, before in variants(old, within):
        for inner, after in variants(new, where):
            seen = concat([(inner, text)], inner)
            parts.append((inner, subst([before, after, seen], inner)))
    return concat(parts, within)


def _subst_masked(old: str, new: str, text: Value, within: Mask) -> Value:
    pieces = old.split()
    if not pieces:
        return concat(
            [(mask, each.replace(old, new)) for mask, each in variants(text, within)], within
        )
    listed = words(text, within)
    if len(pieces) == 1 and pieces[0] == old:
        return joined([(mask, word.replace(old, new)) for mask, word in listed], within)
    kept = [mask for mask, _ in listed]
    inserted: list[Words] = [[] for _ in listed]
    for start, (mask, word) in enumerate(listed):
        if word == pieces[0]:
            _replace_run(listed, kept, inserted, start, mask & kept[start], pieces, new)
    result: Words = []
    for index, (_, word) in enumerate(listed):
        result.extend(inserted[index])
        result.append((kept[index], word))
    return joined(result, within)


def _replace_run(
    listed: Words,
    kept: list[Mask],
    inserted: list[Words],
    start: int,
    where: Mask,
    pieces: list[str],
    new: str,
) -> None:
    """Replace the words ``pieces`` that begin at ``start`` wherever all of them follow."""
    routes: list[tuple[Mask, tuple[int, ...]]] = [(where, (start,))]
    complete: list[tuple[Mask, tuple[int, ...]]] = []
    for index in range(start + 1, len(listed)):
        if not routes:
            break
        following: list[tuple[Mask, tuple[int, ...]]] = []
        for mask, path in routes:
            present = mask & kept[index]
            if mask & ~kept[index]:
                following.append((mask & ~kept[index], path))
            if present and listed[index][1] == pieces[len(path)]:
                longer = (*path, index)
                target = complete if len(longer) == len(pieces) else following
                target.append((present, longer))
        routes = following
    for mask, path in complete:
        for index in path:
            kept[index] &= ~mask
        inserted[start].extend((mask, word) for word in new.split())


def findstring(arguments: list[Value], within: Mask) -> Value:
    parts: list[tuple[Mask, Value]] = []
    for where, needle in variants(arguments[0], within):
        if not needle.split():
            parts.append((where, needle if not needle else ""))
        elif len(needle.split()) == 1 and not isinstance(arguments[1], str):
            hit = 0
            for mask, word in words(arguments[1], where):
                if needle.strip() in word:
                    hit |= mask
            parts.append((hit, needle))
        else:
            for mask, text in variants(arguments[1], where):
                parts.append((mask, needle if needle in text else ""))
    return concat(parts, within)


def sort(arguments: list[Value], within: Mask) -> Value:
    merged: dict[str, Mask] = {}
    for mask, word in words(arguments[0], within):
        merged[word] = merged.get(word, 0) | mask
    return joined([(merged[word], word) for word in sorted(merged)], within)


def firstword(arguments: list[Value], within: Mask) -> Value:
    return joined(_leading(words(arguments[0], within), within), within)


def lastword(arguments: list[Value], within: Mask) -> Value:
    return joined(_leading(words(arguments[0], within)[::-1], within), within)


def _leading(listed: Words, within: Mask) -> Words:
    result: Words = []
    left = within
    for mask, word in listed:
        if mask & left:
            result.append((mask & left, word))
            left &= ~mask
    return result


def word(arguments: list[Value], within: Mask) -> Value:
    return wordlist([arguments[0], arguments[0], arguments[1]], within)


def wordlist(arguments: list[Value], within: Mask) -> Value:
    parts: list[tuple[Mask, Value]] = []
    for where, first in variants(arguments[0], within):
        for inner, last in variants(arguments[1], where):
            for mask, text in variants(concat([(inner, arguments[2])], inner), inner):
                parts.append((mask, " ".join(text.split()[_number(first) - 1 : _number(last)])))
    return concat(parts, within)


def _number(text: str) -> int:
    """The value of a decimal argument; 0 when it is none, which selects nothing."""
    text = text.strip()
    return whole(text) if text.isdecimal() else 0


def count_words(arguments: list[Value], within: Mask) -> Value:
    text = arguments[0]
    if isinstance(text, str):
        return str(len(text.split()))
    return concat([(mask, str(len(each.split()))) for mask, each in variants(text, within)], within)


def intcmp(arguments: list[Value], within: Mask) -> Value:
    parts: list[tuple[Mask, Value]] = []
    for where, left in variants(arguments[0], within):
        for inner, right in variants(arguments[1], where):
            parts.append((inner, _compare(left.strip(), right.strip(), arguments)))
    return concat(parts, within)


def _compare(left: str, right: str, arguments: list[Value]) -> Value:
    a, b = _integer(left), _integer(right)
    if len(arguments) == 2:
        return left if a == b else ""
    less = arguments[2]
    same = arguments[3] if len(arguments) > 3 else ""
    more = arguments[4] if len(arguments) > 4 else same
    return less if a < b else same if a == b else more


def _integer(text: str) -> int:
    digits = text.lstrip("+-")
    if not digits.isdecimal():
        return 0
    return -whole(digits) if text[0] == "-" else whole(digits)


def _per_word(change: Callable[[str], str]) -> TextFunction:
    def apply(arguments: list[Value], within: Mask) -> Value:
        changed = [(mask, change(word)) for mask, word in words(arguments[0], within)]
        return joined([(mask, word) for mask, word in changed if word], within)

    return apply


def _dir(path: str) -> str:
    head = path.rpartition("/")
    return head[0] + head[1] if head[1] else "./"


def _suffix(path: str) -> str:
    dot = path.rfind(".")
    return path[dot:] if dot > path.rfind("/") else ""


def _basename(path: str) -> str:
    dot = path.rfind(".")
    return path[:dot] if dot > path.rfind("/") else path


def addprefix(arguments: list[Value], within: Mask) -> Value:
    listed = words(arguments[1], within)
    return joined(
        [
            (mask & where, prefix + word)
            for mask, word in listed
            for where, prefix in variants(arguments[0], within)
        ],
        within,
    )


def addsuffix(arguments: list[Value], within: Mask) -> Value:
    listed = words(arguments[1], within)
    return joined(
        [
            (mask & where, word + suffix)
            for mask, word in listed
            for where, suffix in variants(arguments[0], within)
        ],
        within,
    )


def join(arguments: list[Value], within: Mask) -> Value:
    parts: list[tuple[Mask, Value]] = []
    for where, left in variants(arguments[0], within):
        for inner, right in variants(arguments[1], where):
            first, second = left.split(), right.split()
            paired = [a + b for a, b in zip(first, second, strict=False)]
            rest = first[len(second) :] or second[len(first) :]
            parts.append((inner, " ".join(paired + rest)))
    return concat(parts, within)


TEXT_FUNCTIONS: dict[str, TextFunction] = {
    "strip": strip,
    "filter": filter_words,
    "filter-out": filter_out,
    "patsubst": patsubst,
    "subst": subst,
    "findstring": findstring,
    "sort": sort,
    "firstword": firstword,
    "lastword": lastword,
    "word": word,
    "wordlist": wordlist,
    "words": count_words,
    "intcmp": intcmp,
    "dir": _per_word(_dir),
    "notdir": _per_word(lambda path: path.rpartition("/")[2]),
    "suffix": _per_word(_suffix),
    "basename": _per_word(_basename),
    "abspath": _per_word(posixpath.normpath),
    "realpath": _per_word(posixpath.normpath),
    "addprefix": addprefix,
    "addsuffix": addsuffix,
    "join": join,
}
"""The functions whose arguments are all expanded first. Never changed."""
