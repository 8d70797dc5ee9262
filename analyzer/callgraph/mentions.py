"""Who mentions a name in a link image: found in the texts, without opening a unit.

A mention is a place where a name stands as an ordinary identifier, in whatever branch of
whatever conditional: what may refer to a function, to be decided by evaluating the unit.
Names that a macro pastes together (``##``) or that only a generated file spells are not
found. A static function of the same name in another file is another function:
:meth:`Mentions.defined_static` tells.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from analyzer.callgraph.conditionals import conditionals_at
from analyzer.callgraph.filetext import DeclarationText, FileText
from analyzer.callgraph.session import Session
from analyzer.callgraph.surroundings import Argument, Surroundings, blanked, surroundings
from analyzer.callgraph.texts import ImageTexts
from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.kbuild.objects import ObjectFile
from analyzer.preprocessor.directive import Op
from analyzer.preprocessor.macro import Macro
from analyzer.preprocessor.outline import make_outline

_STRING = r""""(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'"""
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

_Role = tuple[Surroundings, tuple[str, ...], bool]
"""What stands around an occurrence, the words of the value it is set to, whether called."""

_Reader = Callable[[str, int, int, int], _Role | None]
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


class Mentions:
    """The index of one image; answers are in the order of files, then lines."""

    __slots__ = ("_diagnostics", "_extern", "_files", "_known", "_session", "_texts")

    def __init__(self, session: Session, texts: ImageTexts) -> None:
        self._session = session
        self._diagnostics: Diagnostics = session.diagnostics
        self._texts = texts
        self._extern: dict[str, bool] = {}
        self._files: dict[str, FileText | None] = {}
        self._known: dict[tuple[str, tuple[str, ...] | None], tuple[Mention, ...]] = {}

    def of(self, name: str, sources: Sequence[str] | None = None) -> Sequence[Mention]:
        """Where ``name`` stands, its declarations left out; with ``sources``, only in these
        and in what they include."""
        every = self.every(name, sources)
        return [found for found in every if found.kind is not MentionKind.DECLARATION]

    def every(self, name: str, sources: Sequence[str] | None = None) -> Sequence[Mention]:
        """Where ``name`` stands, declarations included."""
        key = (name, None if sources is None else tuple(sources))
        known = self._known.get(key)
        if known is None:
            word = re.escape(name)
            pattern = re.compile(rf"(?<![\w$]){word}(?![\w$])|{_STRING}")
            quick = re.compile(rb"(?<![\w$])%s(?![\w$])" % word.encode())
            found = self._search(name, pattern, quick, _as_name, sources)
            known = self._known[key] = tuple(found)
        return known

    def calls_through(self, member: str) -> Sequence[Mention]:
        """Where ``.member`` or ``->member`` is read: ``called`` if it is called there;
        otherwise it may be an operand of a macro that calls it."""
        return [found for found in self._members(member) if not found.member]

    def writes_to_member(self, member: str) -> Sequence[Mention]:
        """Where ``.member =`` or ``->member =`` stands, in initialisers and assignments;
        ``words`` are the names in the value, ``member`` the path that is written."""
        return [found for found in self._members(member) if found.member]

    def writes_to_root(self, root: str) -> Sequence[Mention]:
        """Where variable ``root`` or a member of it is assigned (``member`` is the path,
        ``words`` the names in the value), or where its address is handed to a call."""
        word = re.escape(root)
        pattern = re.compile(rf"(?<![\w$]){word}(?![\w$])|{_STRING}")
        quick = re.compile(rb"(?<![\w$])%s(?![\w$])" % word.encode())
        return tuple(self._search(root, pattern, quick, _as_root))

    def defined_static(self, file: str, name: str) -> bool:
        """Whether ``file`` defines or declares a static function or object ``name``."""
        text = self._file(file)
        if text is None:
            return False
        for number in text.outline.names.get(name, ()):
            raw = text.outline.declarations[number]
            found = text.around(raw.first, raw.start)
            if found is not None and found[0].static:
                return True
        return False

    def declares(self, file: str, name: str) -> bool:
        """Whether ``name`` is declared at file scope in ``file``, or as ``extern`` in a header
        of the image, which the file may include."""
        text = self._file(file)
        if text is not None and text.outline.names.get(name):
            return True
        if name not in self._extern:
            word = re.escape(name.encode())
            pattern = re.compile(rb"\bextern\b[^;{}()]*\b%s\b" % word)
            found = self._texts.containing(name.encode(), pattern)
            self._extern[name] = any(header.endswith(".h") for header in found)
        return self._extern[name]

    def hides(self, file: str, name: str) -> bool:
        """Whether ``file`` has a static ``name`` of its own in every configuration: it stands
        outside of all conditionals."""
        text = self._file(file)
        if text is None:
            return False
        for number in text.outline.names.get(name, ()):
            raw = text.outline.declarations[number]
            found = text.around(raw.first, raw.start)
            if found is not None and found[0].static and found[0].body >= 0:
                return not conditionals_at(text.skeleton, raw.line)
        return False

    def maker_at(self, file: str, line: int) -> tuple[str, tuple[str, ...]]:
        """The macro whose use at file scope makes what is defined on a line, and the words of
        that use; empty if the definition is spelled out."""
        text = self._file(file)
        found = None if text is None else text.at_line(line)
        if found is None or not found.maker or found.value >= 0:
            return "", ()
        if found.body >= 0 and found.function != found.maker:
            return "", ()
        return found.maker, _arguments_of(found)

    def objects_of(self, file: str) -> Sequence[ObjectFile]:
        """The objects of the image that are compiled from ``file``."""
        return self._texts.objects_of(file)

    def reading(self, file: str) -> Sequence[ObjectFile]:
        """The objects whose source includes ``file``, nearest first."""
        return self._texts.reading(file)

    def _members(self, member: str) -> Iterator[Mention]:
        word = re.escape(member)
        pattern = re.compile(rf"(?:(?<=\.)|(?<=->)|(?<=\.\s)|(?<=->\s)){word}(?![\w$])|{_STRING}")
        quick = re.compile(rb"(?:\.|->)\s*%s(?![\w$])" % word.encode())
        return self._search(member, pattern, quick, _as_member)

    def _search(
        self,
        word: str,
        pattern: re.Pattern[str],
        quick: re.Pattern[bytes],
        read: _Reader,
        sources: Sequence[str] | None = None,
    ) -> Iterator[Mention]:
        for file in self._texts.containing(word.encode(), quick, sources):
            text = self._file(file)
            if text is None:
                continue
            found = list(_in_file(text, word, pattern, read))
            found.sort(key=lambda mention: mention.line)
            items: Sequence[ObjectFile | None] = self._texts.objects_of(file) or (None,)
            for mention in found:
                for item in items:
                    yield mention if item is None else replace(mention, item=item)

    def _file(self, file: str) -> FileText | None:
        if file not in self._files:
            self._files[file] = None
            try:
                skeleton = self._session.skeleton(file)
            except BadInput as fault:
                self._diagnostics.warning("unread-text", f"not searched for names: {fault}")
                skeleton = None
            if skeleton is not None:
                self._files[file] = FileText(skeleton, make_outline(skeleton))
        return self._files[file]


def _as_name(text: str, floor: int, start: int, end: int) -> _Role | None:
    """An ordinary identifier: no member, tag or label."""
    before = text[max(0, start - 20) : start].rstrip()
    if before.endswith((".", "->")) or _TAG_BEFORE.search(before):
        return None
    found = surroundings(text, start, floor)
    if _CALLED.match(text, end) is not None:
        return Surroundings(found.arguments, ()), (), True
    return found, (), False


def _as_member(text: str, floor: int, start: int, end: int) -> _Role | None:
    """A member that is written, or read."""
    stored = _STORED.match(text, end)
    if stored is not None:
        return surroundings(text, stored.end(), floor), _value_words(text, stored.end()), False
    found = Surroundings(surroundings(text, start, floor).arguments, ())
    return found, (), _CALLED.match(text, end) is not None


def _as_root(text: str, floor: int, start: int, end: int) -> _Role | None:
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


def _in_file(
    text: FileText, word: str, pattern: re.Pattern[str], read: _Reader
) -> Iterator[Mention]:
    file = text.skeleton.file
    if file.endswith(".S"):
        yield from _in_assembly(text, pattern)
        return
    for macro in text.macros():
        if word in macro.body and word not in (macro.parameters or ()):
            yield from _in_macro(file, macro, word, pattern, read)
    for item, found in text.occurrences(pattern):
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


def _in_declaration(file: str, found: DeclarationText, offset: int, role: _Role) -> Mention:
    around, words, called = role
    kind, owner, maker = MentionKind.DECLARATION, "", ""
    if 0 <= found.body < offset:
        kind, owner, maker = MentionKind.FUNCTION, found.function, found.maker
    elif found.value >= 0 and (found.value < offset or words):
        kind, owner = MentionKind.OBJECT, found.variable
    elif found.body < 0 and found.maker and around.arguments:
        kind, owner = MentionKind.USE, around.arguments[-1].callee
        words = words or _arguments_of(found)
    elif kind is MentionKind.DECLARATION and found.makes(offset):
        kind, owner = MentionKind.USE, found.maker
        words = _arguments_of(found)
    if maker and maker == owner:
        words = words or _arguments_of(found)
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


def _arguments_of(found: DeclarationText) -> tuple[str, ...]:
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
    file: str, macro: Macro, word: str, pattern: re.Pattern[str], read: _Reader
) -> Iterator[Mention]:
    text = blanked(macro.body)
    for found in pattern.finditer(macro.body):
        if found[0][0] in "\"'":
            if not _calls(found[0], word):
                continue
            role: _Role | None = (surroundings(text, found.start()), (), True)
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
