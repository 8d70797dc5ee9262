"""Which functions can lead to a store into given objects: searched backwards, in the texts.

The boot of a kernel reaches tens of thousands of functions; a walk of it needs only those
from which a store to the objects of interest can be reached. Starting at the writers of an
object, whoever mentions a writer is taken in, and so on: by a call, by storing it into a
member (then the functions that call through that member count too, and so do all other
writers of it), by naming it in an object's initialiser. This takes in more than it must,
which costs time and nothing else; what it cannot see is a name pasted together by a macro.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass

from analyzer.callgraph.mentions import Mention, MentionKind, Mentions
from analyzer.tree.source_tree import SourceTree

ASSEMBLY = "assembly"
"""The way of an entry that assembly calls."""
MAX_USERS = 60
"""Functions that use one beyond which it is taken for general machinery."""
FEW_USERS = 8
"""Functions that use one up to which it is followed whatever it is."""
MAX_FUNCTIONS = 2_000
"""Functions after which the search gives up; the walk then says that it is incomplete."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A function that something other than C code starts; ``way`` is the macro that
    registers it (``early_initcall``) or "assembly", with the label in ``words``."""

    function: str
    way: str
    words: tuple[str, ...]
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Relevance:
    """``functions`` to walk into, by name; ``objects`` whose values matter; how they start.

    ``complete`` is False if the search was cut off.
    """

    functions: frozenset[str]
    objects: frozenset[str]
    entries: tuple[Entry, ...]
    complete: bool


class RelevanceSearch:
    """Searches one link image; what it found for one object is kept for the next."""

    __slots__ = (
        "_called",
        "_done",
        "_entries",
        "_functions",
        "_general",
        "_marked",
        "_members",
        "_mentions",
        "_objects",
        "_texts",
        "_tree",
        "_waiting",
    )

    def __init__(self, mentions: Mentions, tree: SourceTree) -> None:
        self._mentions = mentions
        self._tree = tree
        self._texts: dict[str, str] = {}
        self._marked: dict[tuple[str, str], bool] = {}
        self._general: dict[str, None] = {}
        self._called: set[tuple[str, str]] = set()
        self._functions: dict[str, None] = {}
        self._objects: dict[str, None] = {}
        self._entries: dict[Entry, None] = {}
        self._members: dict[tuple[str, ...], None] = {}
        self._done: set[tuple[str, str]] = set()
        self._waiting: list[tuple[str, str]] = []

    def add(self, objects: Iterable[tuple[str, tuple[str, ...]]]) -> Relevance:
        """Search for what can store into ``objects``: names with the member path of interest
        (empty: all of it)."""
        for name, path in objects:
            self._object(name, path)
        while self._waiting and len(self._functions) < MAX_FUNCTIONS:
            name, file = self._waiting.pop()
            self._mentioned(name, file)
        return Relevance(
            frozenset(self._functions),
            frozenset(self._objects),
            tuple(self._entries),
            not self._waiting,
        )

    def try_add(self, name: str, growth: int) -> Relevance | None:
        """Search for what can store into ``name``; None, and nothing is remembered, if that
        would take more than ``growth`` functions."""
        return self._tried(lambda: self._object(name, ()), growth)

    def try_calls(self, word: str, callees: Container[str], growth: int) -> Relevance | None:
        """Search for what can call one of ``callees`` with ``word`` as an argument; see
        :meth:`try_add`."""

        def begin() -> None:
            for mention in self._mentions.of(word):
                if any(argument.callee in callees for argument in mention.arguments):
                    self._writer(mention)

        return self._tried(begin, growth)

    def _tried(self, begin: Callable[[], None], growth: int) -> Relevance | None:
        kept = (
            set(self._called),
            dict(self._functions),
            dict(self._objects),
            dict(self._entries),
            dict(self._members),
            set(self._done),
        )
        limit = len(self._functions) + growth
        begin()
        while self._waiting and len(self._functions) <= limit:
            self._mentioned(*self._waiting.pop())
        if not self._waiting:
            return self.add(())
        self._waiting.clear()
        self._called, self._functions, self._objects = kept[:3]
        self._entries, self._members, self._done = kept[3:]
        return None

    # --- objects ----------------------------------------------------------------------

    def _object(self, name: str, path: tuple[str, ...]) -> None:
        """All that may write to ``name`` or the part of it at ``path``."""
        if any((name, *path[:length]) in self._members for length in range(len(path) + 1)):
            return
        self._members[name, *path] = None
        self._objects.setdefault(name)
        for mention in self._mentions.writes_to_root(name):
            written = mention.member[1:]
            shared = min(len(written), len(path))
            if written[:shared] == path[:shared]:
                self._writer(mention)
        if not self._is_object(name):
            for mention in self._mentions.of(name):
                if self._may_write(name, mention):
                    self._writer(mention)

    def _writer(self, mention: Mention) -> None:
        if mention.kind in (MentionKind.FUNCTION, MentionKind.MACRO):
            self._take(mention)
        elif mention.kind is MentionKind.OBJECT and mention.owner:
            self._objects.setdefault(mention.owner)

    # --- functions --------------------------------------------------------------------

    def _take(self, mention: Mention) -> None:
        """The function or macro in which something is mentioned matters."""
        owner = mention.owner
        if not owner:
            return
        if mention.maker:
            entry = Entry(owner, mention.maker, mention.words, mention.file, mention.line)
            self._entries.setdefault(entry)
            return
        if mention.kind is MentionKind.FUNCTION:
            self._functions.setdefault(owner)
        file = mention.file if self._mentions.defined_static(mention.file, owner) else ""
        if file.endswith(".h"):
            file = ""
        self._wait(owner, file)

    def _wait(self, name: str, file: str) -> None:
        if (name, file) not in self._done:
            self._done.add((name, file))
            self._waiting.append((name, file))

    def _mentioned(self, name: str, file: str) -> None:
        """Whoever mentions ``name``, a static name of ``file`` if that is given."""
        found = [
            mention
            for mention in self._mentions.of(name)
            if not (file and mention.file != file)
            and (file or not mention.file.endswith(".c") or not self._other(mention, name))
        ]
        if self._is_general(name, found):
            self._general.setdefault(name)
            return
        for mention in found:
            match mention.kind:
                case MentionKind.FUNCTION | MentionKind.MACRO:
                    self._take(mention)
                    if mention.member:
                        self._stored(name, mention.member, mention.file)
                case MentionKind.OBJECT:
                    self._named_in(name, mention)
                case MentionKind.USE:
                    self._used(name, mention)
                case MentionKind.ASSEMBLY:
                    words = (mention.owner,)
                    entry = Entry(name, ASSEMBLY, words, mention.file, mention.line)
                    self._entries.setdefault(entry)
                case _:
                    pass

    def _is_general(self, name: str, found: Sequence[Mention]) -> bool:
        """Whether so many functions use ``name`` that it is no part of setting a machine up,
        or it does not come back (``panic``): no boot goes on from there."""
        users = {mention.owner for mention in found if mention.kind is MentionKind.FUNCTION}
        if len(users) <= FEW_USERS:
            return False
        if len(users) > MAX_USERS:
            return True
        declared = re.compile(
            rf"\b__noreturn\b[^;{{}}]*\b{name}\s*\(|\b{name}\s*\([^;{{}}]*__noreturn"
        )
        files = {found.file for found in self._mentions.every(name) if not found.called}
        return any(declared.search(self._text(file)) for file in files)

    def _other(self, mention: Mention, name: str) -> bool:
        """Whether ``name`` is a static function of its own in the mention's file."""
        return self._mentions.defined_static(mention.file, name)

    def _used(self, name: str, mention: Mention) -> None:
        """An argument of a macro at file scope: registered there, or named in an object."""
        entry = Entry(name, mention.owner, mention.words, mention.file, mention.line)
        self._entries.setdefault(entry)

    def _named_in(self, name: str, mention: Mention) -> None:
        """``name`` stands in an initialiser: who calls the member counts if it is for boot
        only, and who uses the object as a whole if either is.

        What stays for good and is stored in a table for run time is called at run time.
        """
        owner = mention.owner
        if not (self.for_boot(name, mention.file) or self.for_boot(owner, mention.file)):
            return
        self._objects.setdefault(owner)
        if mention.member and self.for_boot(name, mention.file):
            self._calls(mention.member[-1], owner)
        self._used_whole(owner, mention.file)

    def for_boot(self, name: str, file: str) -> bool:
        """Whether a declaration of ``name`` is marked as dropped after boot (``__init``)."""
        key = (name, file)
        known = self._marked.get(key)
        if known is None:
            known = self._marked[key] = self._is_marked(name, file)
        return known

    def _is_marked(self, name: str, file: str) -> bool:
        marked = re.compile(
            rf"\b__(?:init|initdata|initconst|head)\b[^;{{}}=]*\b{name}\b"
            rf"|\b{name}\b[^;{{}}=(]*\b__(?:initdata|initconst)\b"
        )
        declared = (
            found.file
            for found in self._mentions.every(name)
            if found.kind in (MentionKind.DECLARATION, MentionKind.OBJECT)
        )
        files = dict.fromkeys((file, *declared))
        return any(marked.search(self._text(each)) for each in files)

    def _used_whole(self, name: str, file: str) -> None:
        """Who names an object in another initialiser, stores its address or hands it over."""
        if (name, "&") in self._done:
            return
        self._done.add((name, "&"))
        static = self._mentions.defined_static(file, name)
        for mention in self._mentions.of(name):
            if static and mention.file != file:
                continue
            if mention.kind is MentionKind.OBJECT and mention.owner != name:
                self._objects.setdefault(mention.owner)
                self._wait(
                    mention.owner,
                    mention.file
                    if self._mentions.defined_static(mention.file, mention.owner)
                    else "",
                )
            elif mention.kind is MentionKind.FUNCTION and (mention.member or mention.arguments):
                self._take(mention)

    def _stored(self, name: str, path: tuple[str, ...], file: str) -> None:
        """``name`` is stored into a member of an object: who calls through it, and who else
        writes it, if it is for boot only."""
        root = path[0]
        if not self._mentions.declares(file, root):
            return
        if not self.for_boot(name, file):
            return
        self._object(root, path[1:])
        if len(path) > 1:
            self._calls(path[-1], root)
        else:
            self._wait(root, "")

    def _is_object(self, name: str) -> bool:
        """Whether a variable of that name is declared at file scope somewhere."""
        every = self._mentions.every(name)
        return any(m.kind is MentionKind.DECLARATION or m.owner == name for m in every)

    def _calls(self, member: str, holder: str) -> None:
        """Who calls through ``member``: of an object at file scope by its name, or in a file
        that names the structure that ``holder`` is."""
        tag = self._tag_of(holder)
        if (member, tag) in self._called:
            return
        self._called.add((member, tag))
        word = member.encode()
        through = re.compile(rb"(\w+)(?:\s*(?:\.|->)\s*\w+)*\s*(?:\.|->)\s*%s\b" % word)
        typed = re.compile(rb"\bstruct\s+%s\b" % tag.encode())
        externs = self._mentions.externs()

        def keep(text: bytes) -> bool:
            if tag and typed.search(text):
                return True
            return any(root.decode("latin-1") in externs for root in through.findall(text))

        for mention in self._mentions.called_through(member, keep):
            if mention.kind in (MentionKind.FUNCTION, MentionKind.MACRO):
                text = self._text(mention.file)
                named = self._named_path(mention.file, text, mention.line, member)
                if named is not None:
                    self._take(mention)
                    self._object(named[0], named[1:])
                elif tag and re.search(rf"\bstruct\s+{tag}\b", text):
                    self._take(mention)

    def _named_path(self, file: str, text: str, line: int, member: str) -> tuple[str, ...] | None:
        """The object at file scope and the path through which ``member`` is called at a line,
        None if the call does not start from such an object."""
        lines = text.splitlines()
        if line > len(lines):
            return None
        through = rf"(\w+(?:\s*(?:\.|->)\s*\w+)*\s*(?:\.|->)\s*{member})\b"
        found = re.search(through, lines[line - 1])
        if found is None:
            return None
        path = tuple(re.findall(r"\w+", found[1]))
        return path if self._mentions.declares(file, path[0]) else None

    def _tag_of(self, name: str) -> str:
        """The tag of the structure that an object is declared with, empty if not found."""
        for mention in self._mentions.every(name):
            if mention.kind in (MentionKind.DECLARATION, MentionKind.OBJECT):
                declared = rf"\bstruct\s+(\w+)\s+(?:__\w+\s+)*\**\s*{name}\b"
                found = re.search(declared, self._text(mention.file))
                if found is not None:
                    return found[1]
        return ""

    def _may_write(self, name: str, mention: Mention) -> bool:
        """Whether what a macro made under a name may be written by whom it is handed to
        together with a value (``static_call_update(key, function)``)."""
        if mention.called or not any(argument.index == 0 for argument in mention.arguments):
            return False
        lines = self._text(mention.file).splitlines()[mention.line - 1 : mention.line + 1]
        return re.search(rf"\(\s*&?{name}\s*,", " ".join(lines)) is not None

    def _text(self, file: str) -> str:
        known = self._texts.get(file)
        if known is None:
            known = self._texts[file] = (self._tree.read(file) or b"").decode("latin-1")
        return known
