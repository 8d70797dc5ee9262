"""Who mentions a name in a link image: found in the texts, without opening a unit.

A mention is a place where a name stands as an ordinary identifier, in whatever branch of
whatever conditional: what may refer to a function, to be decided by evaluating the unit.
Names that a macro pastes together (``##``) or that only a generated file spells are not
found. A static function of the same name in another file is another function:
:meth:`Mentions.defined_static` tells.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from analyzer.callgraph.conditionals import conditionals_at
from analyzer.callgraph.filetext import FileText
from analyzer.callgraph.mention import (
    Mention,
    MentionKind,
    Reader,
    arguments_of,
    as_member,
    as_name,
    as_root,
    in_file,
)
from analyzer.callgraph.session import Session
from analyzer.callgraph.texts import ImageTexts
from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.kbuild.objects import ObjectFile
from analyzer.preprocessor.token import LITERAL

__all__ = ["Mention", "MentionKind", "Mentions"]


class Mentions:
    """The index of one image; answers are in the order of files, then lines."""

    __slots__ = ("_diagnostics", "_files", "_known", "_session", "_texts", "_writes")

    def __init__(self, session: Session, texts: ImageTexts) -> None:
        self._session = session
        self._diagnostics: Diagnostics = session.diagnostics
        self._texts = texts
        self._files: dict[str, FileText | None] = {}
        self._writes: dict[str, tuple[Mention, ...]] = {}
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
            pattern = re.compile(rf"(?<![\w$]){word}(?![\w$])|{LITERAL}")
            quick = re.compile(rb"(?<![\w$])%s(?![\w$])" % word.encode())
            found = self._search(name, pattern, quick, as_name, sources)
            known = self._known[key] = tuple(found)
        return known

    def calls_through(self, member: str) -> Sequence[Mention]:
        """Where ``.member`` or ``->member`` is read: ``called`` if it is called there;
        otherwise it may be an operand of a macro that calls it."""
        return [found for found in self._members(member) if not found.member]

    def called_through(self, member: str, keep: Callable[[bytes], bool]) -> Iterator[Mention]:
        """Where ``.member`` or ``->member`` is called, in the files whose text ``keep`` likes."""
        word = re.escape(member)
        pattern = re.compile(rf"(?:(?<=\.)|(?<=->)|(?<=\.\s)|(?<=->\s)){word}(?![\w$])|{LITERAL}")
        quick = re.compile(rb"(?:\.|->)\s*%s\s*\)?\s*\(" % word.encode())
        found = self._search(member, pattern, quick, as_member, keep=keep)
        return (one for one in found if one.called)

    def text(self, file: str) -> bytes:
        """The bytes of a file of the image."""
        return self._texts.text(file)

    def files_with(
        self, word: str, pattern: re.Pattern[bytes], wanted: Callable[[str], bool] | None = None
    ) -> Sequence[str]:
        """The files whose text has a match of ``pattern``; ``word`` is a whole word of every
        match. With ``wanted``, only the files of which it says so are looked at."""
        return self._texts.containing(word.encode(), pattern, wanted=wanted)

    def externs(self) -> frozenset[str]:
        """The objects that headers declare ``extern``."""
        return self._texts.externs()

    def writes_to_member(self, member: str) -> Sequence[Mention]:
        """Where ``.member =`` or ``->member =`` stands, in initialisers and assignments;
        ``words`` are the names in the value, ``member`` the path that is written."""
        return [found for found in self._members(member) if found.member]

    def writers(self, member: str) -> int:
        """How many sources of the image write a member of this name."""
        pattern = re.compile(rb"(?:\.|->)\s*%s\s*=[^=]" % re.escape(member.encode()))
        return sum(
            1
            for file in self._texts.containing(member.encode(), pattern)
            if self._texts.objects_of(file)
        )

    def writes_to_root(self, root: str) -> Sequence[Mention]:
        """Where variable ``root`` or a member of it is assigned (``member`` is the path,
        ``words`` the names in the value), or where its address is handed to a call."""
        known = self._writes.get(root)
        if known is None:
            word = re.escape(root)
            pattern = re.compile(rf"(?<![\w$]){word}(?![\w$])|{LITERAL}")
            quick = re.compile(
                rb"(?<![\w$])%s\s*(?:(?:\.|->)\s*\w+\s*|\[[^\]]*\]\s*|__\w+(?:\([^)]*\))?\s*)*=(?!=)"
                rb"|&\s*%s(?![\w$])" % (word.encode(), word.encode())
            )
            found = self._search(root, pattern, quick, as_root)
            known = self._writes[root] = tuple(found)
        return known

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
        return name in self._texts.externs()

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
        return found.maker, arguments_of(found)

    def objects_of(self, file: str) -> Sequence[ObjectFile]:
        """The objects of the image that are compiled from ``file``."""
        return self._texts.objects_of(file)

    def reading(self, file: str) -> Sequence[ObjectFile]:
        """The objects whose source includes ``file``, nearest first."""
        return self._texts.reading(file)

    def _members(self, member: str) -> Iterator[Mention]:
        word = re.escape(member)
        pattern = re.compile(rf"(?:(?<=\.)|(?<=->)|(?<=\.\s)|(?<=->\s)){word}(?![\w$])|{LITERAL}")
        quick = re.compile(rb"(?:\.|->)\s*%s(?![\w$])" % word.encode())
        return self._search(member, pattern, quick, as_member)

    def _search(
        self,
        word: str,
        pattern: re.Pattern[str],
        quick: re.Pattern[bytes],
        read: Reader,
        sources: Sequence[str] | None = None,
        keep: Callable[[bytes], bool] | None = None,
    ) -> Iterator[Mention]:
        for file in self._texts.containing(word.encode(), quick, sources):
            if keep is not None and not keep(self._texts.text(file)):
                continue
            text = self._file(file)
            if text is None:
                continue
            found = list(in_file(text, word, pattern, read))
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
                self._files[file] = FileText(skeleton, self._session.outline(skeleton))
        return self._files[file]
