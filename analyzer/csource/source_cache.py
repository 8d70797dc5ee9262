"""What depends on the text of files only, made once and shared by the units of a run.

Nothing here knows of configurations or trees: several sessions may share it too, on the same
tree with other configurations, or on a tree in which most files are the same.
"""

from __future__ import annotations

from collections.abc import Sequence

from analyzer.csource.expansion import ExpansionStore
from analyzer.csource.parse import CParser
from analyzer.csource.phrase import PhraseParser
from analyzer.csource.places import WORD
from analyzer.csource.syntax import Piece
from analyzer.preprocessor.compiler import CompilerProfile, bundled_profile
from analyzer.preprocessor.filetexts import FileTexts
from analyzer.preprocessor.macro import Macro
from analyzer.preprocessor.outline import Outline
from analyzer.preprocessor.skeleton import Skeleton
from analyzer.preprocessor.token import Token, scan
from analyzer.preprocessor.words import words_in

AUTOCONF_FILE = "include/generated/autoconf.h"


class SourceCache:
    """What depends on file contents only, shared by all who read the same contents."""

    __slots__ = (
        "_configured",
        "_declaring",
        "_enumerating",
        "_profiles",
        "_spelled",
        "_tagging",
        "_words",
        "expansions",
        "outlines",
        "parser",
        "phrases",
        "pieces",
        "texts",
        "tokens",
    )

    def __init__(self) -> None:
        self.texts = FileTexts()
        self._profiles: dict[str, CompilerProfile] = {}
        self._configured: dict[tuple[str, str], Macro] = {}
        self.parser = CParser()
        self.expansions = ExpansionStore()
        self.phrases = PhraseParser(self.parser)
        self.outlines: dict[Skeleton, Outline] = {}
        self._declaring: dict[str, list[Skeleton]] = {}
        self._tagging: dict[str, list[Skeleton]] = {}
        self._enumerating: dict[str, list[Skeleton]] = {}
        self._spelled: dict[Skeleton, frozenset[bytes]] = {}
        self._words: dict[Macro, frozenset[str]] = {}
        self.pieces: dict[tuple[tuple[str, ...], frozenset[str]], Piece] = {}
        """By the tokens and those of them that are typedef names: C is read by both."""
        self.tokens: dict[tuple[Skeleton, int, int, int], tuple[Token, ...]] = {}

    def profile(self, arch: str) -> CompilerProfile:
        """The bundled compiler profile for ``x86_64`` or ``i386``."""
        known = self._profiles.get(arch)
        if known is None:
            known = self._profiles[arch] = bundled_profile(arch)
        return known

    def configured(self, name: str, text: str) -> Macro:
        """The macro that ``autoconf.h`` makes of a symbol with that value: the same one in all
        configurations, for macros are told apart by identity."""
        known = self._configured.get((name, text))
        if known is None:
            known = Macro(name, None, False, text, AUTOCONF_FILE, 1)
            self._configured[name, text] = known
        return known

    def outline(self, skeleton: Skeleton) -> Outline:
        known = self.outlines.get(skeleton)
        if known is None:
            known = self.outlines[skeleton] = self.texts.outline(skeleton)
            for name in known.names:
                self._declaring.setdefault(name, []).append(skeleton)
            for name in known.tags:
                self._tagging.setdefault(name, []).append(skeleton)
            for name in known.enumerators:
                self._enumerating.setdefault(name, []).append(skeleton)
        return known

    def declaring(self, name: str) -> Sequence[Skeleton]:
        """The files outlined so far that may declare an ordinary name."""
        return self._declaring.get(name, ())

    def tagging(self, name: str) -> Sequence[Skeleton]:
        """Those that may have the body of a struct, union or enum of that tag."""
        return self._tagging.get(name, ())

    def enumerating(self, name: str) -> Sequence[Skeleton]:
        """Those that may have an enum with that enumerator."""
        return self._enumerating.get(name, ())

    def words(self, macro: Macro) -> frozenset[str]:
        """The words of a macro's replacement list."""
        known = self._words.get(macro)
        if known is None:
            known = self._words[macro] = frozenset(WORD.findall(macro.body))
        return known

    def spelled(self, skeleton: Skeleton) -> frozenset[bytes]:
        """The words of a file's text, directives and comments left out."""
        known = self._spelled.get(skeleton)
        if known is None:
            texts = (item.value for item in skeleton.items if isinstance(item.value, str))
            data = "\n".join(texts).encode("latin-1", "replace")
            known = self._spelled[skeleton] = words_in(data)
        return known

    def scan(self, skeleton: Skeleton, item: int, start: int, end: int) -> tuple[Token, ...]:
        """The tokens of a TEXT item between two offsets (``end`` -1: to its end)."""
        key = (skeleton, item, start, end)
        known = self.tokens.get(key)
        if known is None:
            entry = skeleton.items[item]
            text = entry.value
            assert isinstance(text, str)
            line = entry.line + text.count("\n", 0, start)
            known = tuple(scan(text[start : len(text) if end < 0 else end], line))
            self.tokens[key] = known
        return known
