"""Small sources run through the preprocessor in tests: files as texts, symbols as masks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from analyzer.configset.configset import Mask
from analyzer.csource.expansion import ExpansionStore
from analyzer.csource.parse import CParser
from analyzer.csource.phrase import Phrase, PhraseParser
from analyzer.csource.source_cache import SourceCache
from analyzer.csource.unit import TranslationUnit
from analyzer.csource.weave import Weaver, Woven
from analyzer.diagnostics import Diagnostics
from analyzer.preprocessor.compiler import CompilerProfile
from analyzer.preprocessor.expand import Expander
from analyzer.preprocessor.filetexts import FileTexts
from analyzer.preprocessor.macro import Macro, parse_define
from analyzer.preprocessor.rows import WalkMemo
from analyzer.preprocessor.sources import SearchPath, Sources, required
from analyzer.preprocessor.table import Entry, Group, MacroTable
from analyzer.preprocessor.token import Token, scan
from analyzer.preprocessor.walk import Inclusion, Walker

PROFILE = CompilerProfile(
    "test", "x86_64", (), {"__has_attribute": frozenset(("cold", "__cold__"))}, frozenset()
)


@dataclass(frozen=True, slots=True)
class Texts:
    """A source tree of texts."""

    files: Mapping[str, str]

    @property
    def label(self) -> str:
        return "texts"

    def read(self, path: str) -> bytes | None:
        text = self.files.get(path)
        return None if text is None else text.encode("latin-1")

    def is_file(self, path: str) -> bool:
        return path in self.files

    def listdir(self, path: str) -> tuple[str, ...]:
        del path
        return ()


@dataclass(frozen=True, slots=True)
class Generated:
    """Headers that the tree does not hold, with masks."""

    headers: Mapping[str, tuple[tuple[Mask, str], ...]] = field(default_factory=dict)

    def header(self, path: str) -> tuple[tuple[Mask, str], ...] | None:
        return self.headers.get(path)


@dataclass(frozen=True, slots=True)
class Walked:
    """A source after the walk."""

    mask: Mask
    table: MacroTable
    inclusions: tuple[Inclusion, ...]
    diagnostics: Diagnostics

    def codes(self) -> list[str]:
        return [f"{one.code} {one.location}: {one.message}" for one in self.diagnostics]

    def active(self, bit: int) -> list[tuple[str, int, Token]]:
        """The tokens that configuration ``bit`` compiles, each with its file and time.

        Only whole files that do not stand inside another's text keep the order of C.
        """
        return [
            (inclusion.skeleton.file, visit.time, token)
            for inclusion in self.inclusions
            for visit in inclusion.visits
            if visit.mask >> bit & 1
            for token in scan(
                str(inclusion.skeleton.items[visit.item].value),
                inclusion.skeleton.items[visit.item].line,
            )
        ]

    def text(self, bit: int = 0) -> str:
        """The active tokens of one configuration, macros as written."""
        return " ".join(token[0] for _, _, token in self.active(bit))

    def expanded(self, bit: int = 0) -> list[str]:
        """The active tokens of one configuration, fully expanded, visit by visit."""
        texts: list[str] = []
        for inclusion in self.inclusions:
            for visit in inclusion.visits:
                if visit.mask >> bit & 1:
                    item = inclusion.skeleton.items[visit.item]
                    group = Group(self.table, visit.time, 1 << bit)
                    tokens = Expander(group.lookup).expand(scan(str(item.value), item.line))
                    texts += [token[0] for token in tokens]
        return texts

    def defined(self, name: str) -> Mask:
        return self.table.defined(name, self.table.time) & self.mask


def predefined(macros: Mapping[str, Sequence[tuple[Mask, str]]]) -> dict[str, Entry]:
    """What is defined before the first line: disjoint masks and replacement texts."""
    return {
        name: (
            0,
            tuple((mask, parse_define(f"{name} {text}", "<base>", 0)) for mask, text in given),
        )
        for name, given in macros.items()
    }


def walk(
    source: str,
    files: Mapping[str, str] | None = None,
    *,
    mask: Mask = 1,
    base: Mapping[str, Sequence[tuple[Mask, str]]] | None = None,
    directories: Sequence[tuple[Mask, str]] = (),
    generated: Mapping[str, tuple[tuple[Mask, str], ...]] | None = None,
) -> Walked:
    """Walk ``source`` as ``a.c``; ``directories`` are what ``-I`` gives (default: include)."""
    tree = Texts({"a.c": source, **(files or {})})
    sources = Sources(tree, Generated(generated or {}), mask, FileTexts())
    search = SearchPath(sources, tuple(directories) or ((mask, "include"),), mask)
    table = MacroTable(predefined(base or {}))
    diagnostics = Diagnostics()
    walker = Walker(table, search, PROFILE, WalkMemo(), diagnostics)
    walker.walk(required(sources, "a.c"), mask)
    return Walked(mask, table, tuple(walker.inclusions), diagnostics)


def expand(source: str) -> str:
    """``source`` expanded for one configuration, tokens joined by blanks."""
    return " ".join(walk(source).expanded())


def unit(walked: Walked) -> TranslationUnit:
    """File scope of a walked source."""
    return TranslationUnit("a.c", walked.mask, walked.table, walked.inclusions, SourceCache())


def weave(walked: Walked, mask: Mask | None = None) -> list[Woven]:
    """The whole of ``a.c``, woven for the parser; all conditionals must be the same there."""
    parts: list[tuple[tuple[Token, ...], int]] = []
    where = walked.mask if mask is None else mask
    for inclusion in walked.inclusions:
        for visit in inclusion.visits:
            if visit.mask & where:
                item = inclusion.skeleton.items[visit.item]
                parts.append((tuple(scan(str(item.value), item.line)), visit.time))
    weaver = Weaver(walked.table, ExpansionStore(), PhraseParser(CParser()), set(), walked.mask)
    return weaver.weave(parts, where)


def flattened(woven: Woven | Phrase, bit: int = 0) -> list[str]:
    """The tokens of a woven text in one configuration, holes filled."""
    texts: list[str] = []
    for index, (text, raw) in enumerate(zip(woven.texts, woven.raw, strict=True)):
        number = woven.holes.get(index)
        if number is not None:
            (phrase,) = [one for mask, one in woven.filling[number].alternatives if mask >> bit & 1]
            texts += flattened(phrase, bit)
        elif raw:
            texts.append(text)
    return texts


def macro(text: str) -> Macro:
    """A definition as it stands behind ``#define``."""
    return parse_define(text, "a.c", 1)
