"""One place where a name stands, and how the texts of a file are read for such places.

A word counts where it is an ordinary identifier, or where assembly in a string calls it;
what stands around it says what it may mean there.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from analyzer.callgraph.filetext import DeclarationText, FileText
from analyzer.callgraph.surroundings import Argument, Surroundings, blanked, surroundings
from analyzer.kbuild.objects import ObjectFile
from analyzer.preprocessor.directive import Op
from analyzer.preprocessor.macro import Macro

_TAG_BEFORE = re.compile(r"\b(?:struct|union|enum|goto)\s*\Z")
_CALLED = re.compile(r"\s*\)?\s*\(")
_STORED = re.compile(r"\s*=(?!=)")
_MEMBER_PATH = re.compile(r"(?:\s*(?:\.|->)\s*[A-Za-z_]\w*|\s*\[[^\]]*\]|\s+__\w+(?:\([^)]*\))?)*")
_SUBSCRIPT = re.compile(r"\[[^\]]*\]")
_TRANSFER = re.compile(r"(?:^|[\s;\"])(?:call|j[a-z]{1,3})[lq]?\s+\*?[^;]*\Z")
_TRANSFER_TO = re.compile(r"(?:^|[\s;\"])(?:call|jmp)[lq]?\s+([A-Za-z_]\w*)")
_WORD = re.compile(r"[A-Za-z_]\w*")
_LABEL = re.compile(
    r"^\s*(?:([A-Za-z_.$][\w.$]*)\s*:|\w*(?:START|ENTRY|FUNC|ALIAS)\w*\s*\(\s*([A-Za-z_]\w*))"
)
_DATA = re.compile(r"^\s*\w*DATA\w*\s*\(\s*([A-Za-z_]\w*)\s*,")
_EXPORT = re.compile(r"^\s*(_*EXPORT_\w+)\s*\(")
_ASM_END = re.compile(r"^\s*\w*END\w*\s*\(|^\s*\.(?:type|size|globl|global|hidden|local|weak)\b")
_LINE = re.compile(r"\\n|\n|;")

Role = tuple[Surroundings, tuple[str, ...], bool]
"""What stands around an occurrence, the words of the value it is set to, whether called."""

Reader = Callable[[str, int, int, int], Role | None]
"""From blanked text, how far back to look, and where a word begins and ends in it, to the
role that it has, if any."""


class MentionKind(enum.Enum):
    """What a name is mentioned in."""

    FUNCTION = "function"
    """The body of function ``owner``."""
    OBJECT = "object"
    """The initialiser of ``owner``, a variable at file scope."""
    MACRO = "macro"
    """The replacement list of macro ``owner``."""
    USE = "use"
    """An argument of ``owner``, a macro used at file scope, or that macro itself."""
    ASSEMBLY = "assembly"
    """Assembly behind label ``owner``, in a ``.S`` file or in asm at file scope."""
    DECLARATION = "declaration"
    """A declaration or the head of the definition itself."""


@dataclass(frozen=True, slots=True)
class Mention:
    """One place where a name stands; ``line`` counts from 1.

    ``item`` is the object compiled from ``file``, None where other files include it.
    ``maker`` is the macro whose use makes the function or object around it (then ``owner``
    is that macro too), ``words`` the arguments of that use, or what a member is set to.
    ``called``: a parenthesis follows, or an asm statement calls it. ``arguments``: the
    calls that it is an argument of, innermost first. ``member``: what it is stored to:
    designators in an initialiser, or the left side of the assignment, variable first.
    """

    item: ObjectFile | None
    file: str
    line: int
    kind: MentionKind
    owner: str
    member: tuple[str, ...] = ()
    called: bool = False
    arguments: tuple[Argument, ...] = ()
    maker: str = ""
    words: tuple[str, ...] = ()


def as_name(text: str, floor: int, start: int, end: int) -> Role | None:
    """An ordinary identifier: no member, tag or label."""
    before = text[max(0, start - 20) : start].rstrip()
    if before.endswith((".", "->")) or _TAG_BEFORE.search(before):
        return None
    found = surroundings(text, start, floor)
    if _CALLED.match(text, end) is not None:
        return Surroundings(found.arguments, ()), (), True
    return found, (), False


def as_member(text: str, floor: int, start: int, end: int) -> Role | None:
    """A member that is written, or read."""
    stored = _STORED.match(text, end)
    if stored is not None:
        return surroundings(text, stored.end(), floor), _value_words(text, stored.end()), False
    found = Surroundings(surroundings(text, start, floor).arguments, ())
    return found, (), _CALLED.match(text, end) is not None


def as_root(text: str, floor: int, start: int, end: int) -> Role | None:
    """A variable that is written as a whole or in part, or whose address is handed over."""
    before = text[max(0, start - 20) : start].rstrip()
    if before.endswith((".", "->")) or _TAG_BEFORE.search(before):
        return None
    path = _MEMBER_PATH.match(text, end)
    stored = _STORED.match(text, end if path is None else path.end())
    if stored is not None:
        left = _WORD.findall(_SUBSCRIPT.sub("", text[start : stored.start()]))
        arguments = surroundings(text, start, floor).arguments
        return Surroundings(arguments, tuple(left)), _value_words(text, stored.end()), False
    found = surroundings(text, start, floor)
    if before.endswith("&") and found.arguments:
        return Surroundings(found.arguments, ()), (), False
    return None


def _value_words(text: str, start: int) -> tuple[str, ...]:
    """The identifiers of the value that begins at ``start``, braces included."""
    depth = 0
    end = start
    for end in range(start, len(text)):
        char = text[end]
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        if depth < 0 or (depth == 0 and char in ";,)"):
            break
    return tuple(dict.fromkeys(_WORD.findall(text[start:end])))


def in_file(text: FileText, word: str, pattern: re.Pattern[str], read: Reader) -> Iterator[Mention]:
    file = text.skeleton.file
    if file.endswith(".S"):
        yield from _in_assembly(text, pattern)
        return
    for macro in text.macros():
        if word in macro.body and word not in (macro.parameters or ()):
            yield from _in_macro(file, macro, word, pattern, read)
    for item, found in text.occurrences(word, pattern):
        literal = found[0][0] in "\"'"
        if literal and word not in found[0]:
            continue
        place = text.around(item, found.start())
        if place is None:
            if not literal:
                line = text.line(item, found.start())
                yield Mention(None, file, line, MentionKind.ASSEMBLY, "")
            continue
        declaration, offset = place
        if literal:
            yield from _in_literal(file, declaration, offset, found[0], word)
        else:
            role = read(declaration.text, declaration.floor(offset), offset, offset + len(word))
            if role is not None:
                yield _in_declaration(file, declaration, offset, role)


def _in_declaration(file: str, found: DeclarationText, offset: int, role: Role) -> Mention:
    around, words, called = role
    kind, owner, maker = MentionKind.DECLARATION, "", ""
    if 0 <= found.body < offset:
        kind, owner, maker = MentionKind.FUNCTION, found.function, found.maker
    elif found.value >= 0 and (found.value < offset or words):
        kind, owner = MentionKind.OBJECT, found.variable
    elif found.body < 0 and found.maker and around.arguments:
        kind, owner = MentionKind.USE, around.arguments[-1].callee
        words = words or arguments_of(found)
    elif kind is MentionKind.DECLARATION and found.makes(offset):
        kind, owner = MentionKind.USE, found.maker
        words = arguments_of(found)
    if maker and maker == owner:
        words = words or arguments_of(found)
    else:
        maker = ""
    return Mention(
        None,
        file,
        found.line(offset),
        kind,
        owner,
        around.member,
        called,
        around.arguments,
        maker,
        words,
    )


def arguments_of(found: DeclarationText) -> tuple[str, ...]:
    """The words in the parentheses behind a declaration's maker."""
    return _value_words(found.text, found.text.find("("))


def _in_literal(
    file: str, found: DeclarationText, offset: int, literal: str, word: str
) -> Iterator[Mention]:
    """Assembly in a string: calls anywhere, and whatever asm at file scope names."""
    if found.is_asm and found.body < 0:
        before = found.raw_text[: offset + literal.find(word)]
        labels = [each for line in _LINE.split(before) if (each := _label_of(line))]
        at = re.search(rf"(?<![\w$]){re.escape(word)}(?![\w$])", literal)
        if at is not None:
            line = literal[: at.start()].replace("\\t", " ")
            called = _TRANSFER.search(line) is not None
            yield Mention(
                None,
                file,
                found.line(offset),
                MentionKind.ASSEMBLY,
                labels[-1] if labels else "",
                called=called,
            )
    elif _calls(literal, word) and found.body >= 0:
        role = surroundings(found.text, offset), (), True
        yield _in_declaration(file, found, offset, role)


def _in_macro(
    file: str, macro: Macro, word: str, pattern: re.Pattern[str], read: Reader
) -> Iterator[Mention]:
    text = blanked(macro.body)
    for found in pattern.finditer(macro.body):
        if found[0][0] in "\"'":
            if not _calls(found[0], word):
                continue
            role: Role | None = (surroundings(text, found.start()), (), True)
        else:
            role = read(text, 0, found.start(), found.end())
        if role is None:
            continue
        around, words, called = role
        yield Mention(
            None,
            file,
            macro.line + macro.body.count("\n", 0, found.start()),
            MentionKind.MACRO,
            macro.name,
            around.member,
            called,
            around.arguments,
            words=words,
        )


def _calls(literal: str, word: str) -> bool:
    """Whether assembly in a string literal calls ``word`` or jumps there."""
    text = literal.replace("\\t", " ").replace("\\n", "\n")
    return any(found[1] == word for found in _TRANSFER_TO.finditer(text))


def _in_assembly(text: FileText, pattern: re.Pattern[str]) -> Iterator[Mention]:
    file = text.skeleton.file
    label = ""
    for item in text.skeleton.items:
        if isinstance(item.value, Macro):
            if pattern.search(item.value.body):
                yield Mention(None, file, item.line, MentionKind.MACRO, item.value.name)
            continue
        if item.op is not Op.TEXT or not isinstance(item.value, str):
            continue
        for number, line in enumerate(item.value.split("\n"), item.line):
            label = _label_of(line) or label
            found = next((f for f in pattern.finditer(line) if f[0][0] not in "\"'"), None)
            if found is None:
                continue
            export = _EXPORT.match(line)
            if export is not None:
                yield Mention(None, file, number, MentionKind.USE, export[1], words=(found[0],))
            elif label == found[0] or _ASM_END.match(line):
                yield Mention(None, file, number, MentionKind.DECLARATION, "")
            else:
                called = _TRANSFER.search(line, 0, found.start()) is not None
                data = _DATA.match(line)
                owner = label if data is None else data[1]
                yield Mention(None, file, number, MentionKind.ASSEMBLY, owner, called=called)


def _label_of(line: str) -> str:
    """The label that a line of assembly begins with; local ones do not count."""
    found = _LABEL.match(line.lstrip('" '))
    name = "" if found is None else found[1] or found[2]
    return "" if name.startswith(".L") else name
