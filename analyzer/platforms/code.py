"""The linked program as a boot walk sees it, and what its objects hold at first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from analyzer.callgraph.analysis import (
    Definition,
    InitialObject,
    UnitAnalysis,
    site_location,
)
from analyzer.callgraph.assembly import label_line
from analyzer.callgraph.image import VMLINUX
from analyzer.callgraph.linked import LinkedProgram
from analyzer.callgraph.mentions import Mentions
from analyzer.callgraph.program import FunctionRef
from analyzer.callgraph.session import Session
from analyzer.configset.configset import Mask
from analyzer.csource.action import FunctionActions
from analyzer.csource.operand import Aggregate, Element, Field, Literal, Operand, Step
from analyzer.kbuild.objects import ObjectFile
from analyzer.location import Location
from analyzer.platforms.axis import Axis
from analyzer.platforms.evaluate import Evaluation, Frame
from analyzer.platforms.values import ANY_ELEMENT, UNKNOWN, Cell, Held, ObjectKey, Path

MAX_DEFINERS = 12
"""Sources looked into for the definition of an object."""


@dataclass(frozen=True, slots=True)
class Defined:
    """An object's definition in a unit."""

    item: ObjectFile
    analysis: UnitAnalysis
    initial: InitialObject


class LinkedCode:
    """Functions and objects of the kernel image."""

    __slots__ = (
        "_defined",
        "_items",
        "_key",
        "_mentions",
        "_open",
        "_pasting",
        "_program",
        "_session",
        "announcers",
        "axis",
    )

    def __init__(
        self, program: LinkedProgram, session: Session, mentions: Mentions, key: str
    ) -> None:
        """``key`` is what the names of static calls' keys begin with."""
        self._program = program
        self._key = key
        self._session = session
        self._mentions = mentions
        self.axis = Axis(len(session.configs.names), ())
        """Over which the masks are; set when the platforms are known."""
        self.announcers: tuple[ObjectFile, ...] = ()
        """The objects that announce platforms; set when these are known."""
        self._items: dict[str, ObjectFile | None] = {}
        self._open: dict[str, None] = {}
        self._pasting: dict[str, bool] = {}
        self._defined: dict[tuple[str, str], tuple[Defined, ...]] = {}

    def functions(
        self, name: str, unit: str, mask: Mask
    ) -> Iterator[tuple[ObjectFile, UnitAnalysis, Definition, Mask]]:
        """What ``name`` means in a unit (empty: anywhere in the image), where ``mask``."""
        for ref in self.refs(name, unit, self.axis.configs(mask)):
            target = self.item(ref.unit) if ref.location else None
            if target is None or ref.absent is not None:
                continue
            analysis = self.analysis(target)
            for definition in analysis.definitions(name):
                share = self.axis.spread(definition.mask & ref.mask) & mask
                if share and definition.location == ref.location:
                    yield target, analysis, definition, share

    def refs(self, name: str, unit: str, mask: Mask) -> Sequence[FunctionRef]:
        """The definitions of ``name`` as a unit means it, in the configurations ``mask``."""
        item = self.item(unit) if unit else None
        if item is None:
            refs = list(self._program.external(name, VMLINUX, unit, mask))
        else:
            refs = list(self._program.resolve(self.analysis(item), item, name, mask))
        if any(ref.location is None for ref in refs):
            return [found for ref in refs for found in self._pasted(ref)]
        return refs

    def _pasted(self, ref: FunctionRef) -> Sequence[FunctionRef]:
        """A function without a definition under its name in a source of its own: assembly that
        another one includes, or made by a macro at file scope with the end of the name."""
        if ref.location is not None:
            return (ref,)
        word = re.escape(ref.name.encode())
        label = re.compile(rb"^\s*(?:%s\s*:|\w+\s*\(\s*%s\b)" % (word, word), re.MULTILINE)
        for file in self._mentions.files_with(ref.name, label):
            line = label_line(self._mentions.text(file), ref.name) if file[-2:] == ".S" else None
            if line is not None:
                return (replace(ref, location=Location(file, line)),)
        for found in re.finditer(r"^|(?<=_)(?=\w{4})", ref.name):
            part = ref.name[found.start() :]
            if not self._is_put_before(ref.name[: found.start()]):
                continue
            use = re.compile(
                rb"^(?!EXPORT)\w+[ \t]*\([^;{}()\n]*\b%s\b" % part.encode(), re.MULTILINE
            )
            for file in self._mentions.files_with(part, use):
                if part == ref.name:
                    text = self._mentions.text(file)
                    made = use.search(text)
                    line = text.count(b"\n", 0, 0 if made is None else made.start()) + 1
                    return (replace(ref, location=Location(file, line)),)
                for item in self._mentions.objects_of(file):
                    thunk = self.analysis(item).assembly(ref.name)
                    if thunk is not None:
                        place = site_location(((thunk.bound, thunk.at),))
                        return (replace(ref, unit=item.path, location=place, absent=None),)
        return (ref,)

    def _is_put_before(self, beginning: str) -> bool:
        """Whether some macro makes names of other ones by what stands before them:
        ``beginning`` itself, or its end if several are put together. Always if it is empty."""
        for found in re.finditer(r"^|(?<=_)(?=\w)", beginning):
            if self._pastes(beginning[found.start() :]):
                return True
        return not beginning

    def _pastes(self, word: str) -> bool:
        """Whether a macro puts ``word`` before something else."""
        known = self._pasting.get(word)
        if known is None:
            pastes = re.compile(rb"(?<![\w$])%s(?:\s*##|\")" % re.escape(word.encode()))
            known = self._pasting[word] = bool(self._mentions.files_with(word, pastes))
        return known

    def text(self, function: str) -> bytes:
        """The sources that define a function with external linkage, one after the other."""
        files = (
            ref.location.file
            for ref in self.refs(function, "", self._session.configs.all)
            if ref.location is not None
        )
        return b"\n".join(map(self._mentions.text, files))

    def item(self, path: str) -> ObjectFile | None:
        """An object file by its path."""
        if path not in self._items:
            self._items[path] = self._session.kbuild.object(path)
        return self._items[path]

    def analysis(self, item: ObjectFile) -> UnitAnalysis:
        self._open.setdefault(item.path)
        return self._session.analysis(item)

    def is_near(self, name: str, unit: str) -> bool:
        """Whether a unit itself defines ``name``, in its source or a header, or one of the
        units that announce platforms does."""
        item = self.item(unit) if unit in self._open else None
        if item is None:
            return False
        if self.analysis(item).definitions(name):
            return True
        return any(self._has(announcer, name) for announcer in self.announcers)

    def _has(self, item: ObjectFile, name: str) -> bool:
        """Whether an object's own source defines an external function."""
        return any(
            definition.location.file == item.source and not definition.static
            for definition in self.analysis(item).definitions(name)
        )

    # --- objects ----------------------------------------------------------------------

    def defined(self, name: str, unit: str) -> tuple[Defined, ...]:
        """The definitions of an object: in ``unit``, or with external linkage if empty."""
        key = (name, unit)
        known = self._defined.get(key)
        if known is None:
            known = self._defined[key] = tuple(self._find(name, unit))
        return known

    def _find(self, name: str, unit: str) -> Iterator[Defined]:
        if unit:
            item = self.item(unit)
            if item is not None:
                analysis = self.analysis(item)
                for initial in analysis.objects(name):
                    yield Defined(item, analysis, initial)
            return
        left = self._session.configs.all
        for item in self._definers(name):
            if not left:
                return
            analysis = self.analysis(item)
            for initial in analysis.objects(name):
                if not initial.static and initial.mask & left:
                    left &= ~initial.mask
                    yield Defined(item, analysis, initial)

    def _definers(self, name: str) -> Iterable[ObjectFile]:
        """Objects whose source seems to define a variable."""
        plain = name.removeprefix(self._key)
        word = re.escape(plain.encode())
        defined = re.compile(
            rb"^(?!extern\b|typedef\b|static\b|return\b|#)\w[^;(){}=#]*\b%s\b\s*(?:\[[^\]]*\]\s*)*"
            rb"(?:__\w+(?:\([^)]*\))?\s*)*[=;,]"
            rb"|^\w[^;(){}=#]*\(\s*\*\s*(?:__\w+\s+)*%s\s*\)"
            rb"|^(?!EXPORT)\w+\s*\((?:[^;(){}=]*,)?\s*%s\s*[,)]" % (word, word, word),
            re.MULTILINE,
        )
        found: dict[str, ObjectFile] = {}
        for file in self._mentions.files_with(plain, defined):
            if file.endswith(".c"):
                # A source may be included by another one instead of being compiled itself.
                items = self._mentions.objects_of(file) or self._mentions.reading(file)[:1]
                for item in items:
                    found.setdefault(item.path, self.item(item.path) or item)
        return list(found.values())[:MAX_DEFINERS]


class InitialValues:
    """What objects hold before the boot begins, by leaf."""

    __slots__ = ("_code", "_evaluation", "_objects", "_tags", "_unsure")

    def __init__(
        self,
        code: LinkedCode,
        objects: frozenset[str],
        tags: frozenset[str | None],
        unsure: frozenset[Cell],
    ) -> None:
        """``objects``: those whose writers the walk comes by, and structures of ``tags``; of
        the others only constant ones are known. ``unsure``: cells that may have been written
        before."""
        self._unsure = unsure
        self._tags = tags
        self._code = code
        self._objects = objects
        self._evaluation: Evaluation | None = None

    def attach(self, evaluation: Evaluation) -> None:
        """Name who evaluates initialisers."""
        self._evaluation = evaluation

    def __call__(self, key: ObjectKey) -> list[tuple[Path, Held]] | None:
        if "." in key.name or key.frame:
            return None
        known = key.name in self._objects or key.tag in self._tags
        if not key.unit and not known:
            return None
        found = self._code.defined(key.name, key.unit)
        if not found or not (known or all(one.initial.constant for one in found)):
            return None
        result: list[tuple[Path, Held]] = []
        for one in found:
            frame = Frame(0, one.item, one.analysis, FunctionActions("", (), ()))
            initial = one.initial
            for steps, operand in _leaves(initial.value):
                path = tuple(_step(step) for step in steps)
                if Cell(key, path) not in self._unsure:
                    result += [(path, held) for held in self._values(operand, frame, initial)]
            mask = self._code.axis.spread(initial.mask)
            result += [
                (cell.path, Held(mask, UNKNOWN)) for cell in self._unsure if cell.object == key
            ]
        return result

    def _values(self, operand: Operand, frame: Frame, initial: InitialObject) -> list[Held]:
        assert self._evaluation is not None
        mask = self._code.axis.spread(initial.mask)
        return [
            Held(held.mask, held.value, held.guards, initial.location)
            for held in self._evaluation.values(operand, frame, mask)
        ]


def _leaves(operand: Operand) -> Iterator[tuple[tuple[Step, ...], Operand]]:
    if isinstance(operand, Aggregate):
        for steps, value in operand.items:
            for more, leaf in _leaves(value):
                yield steps + more, leaf
    else:
        yield (), operand


def _step(step: Step) -> str:
    if isinstance(step, Field):
        return step.name
    assert isinstance(step, Element)
    return f"[{step.index.value}]" if isinstance(step.index, Literal) else ANY_ELEMENT
