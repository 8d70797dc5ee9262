"""The linked program as a boot walk sees it, and what its objects hold at first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from analyzer.callgraph.analysis import Definition, InitialObject, UnitAnalysis
from analyzer.callgraph.image import VMLINUX, ImageSearch
from analyzer.callgraph.linked import LinkedProgram
from analyzer.callgraph.mentions import MentionKind, Mentions
from analyzer.callgraph.session import Session
from analyzer.configset.configset import Mask
from analyzer.csource.action import FunctionActions
from analyzer.csource.operand import Aggregate, Element, Field, Literal, Operand, Step
from analyzer.kbuild.objects import ObjectFile
from analyzer.platforms.evaluate import Evaluation, Frame
from analyzer.platforms.values import ANY_ELEMENT, Held, ObjectKey, Path

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

    __slots__ = ("_defined", "_image", "_mentions", "_open", "_program", "_session")

    def __init__(
        self, program: LinkedProgram, session: Session, image: ImageSearch, mentions: Mentions
    ) -> None:
        self._program = program
        self._session = session
        self._image = image
        self._mentions = mentions
        self._open: dict[str, None] = {}
        self._defined: dict[tuple[str, str], tuple[Defined, ...]] = {}

    def functions(
        self, name: str, unit: str, mask: Mask
    ) -> Iterator[tuple[ObjectFile, UnitAnalysis, Definition, Mask]]:
        """What ``name`` means in a unit (empty: anywhere in the image), where ``mask``."""
        item = self._session.kbuild.object(unit) if unit else None
        if item is None:
            refs = list(self._program.external(name, VMLINUX, unit, mask))
        else:
            refs = list(self._program.resolve(self.analysis(item), item, name, mask))
        for ref in refs:
            target = self._session.kbuild.object(ref.unit) if ref.location else None
            if target is None or ref.absent is not None:
                continue
            analysis = self.analysis(target)
            for definition in analysis.definitions(name):
                share = definition.mask & ref.mask
                if share and definition.location == ref.location:
                    yield target, analysis, definition, share

    def analysis(self, item: ObjectFile) -> UnitAnalysis:
        self._open.setdefault(item.path)
        return self._session.analysis(item)

    def is_open(self, name: str, unit: str) -> bool:
        """Whether ``name`` is defined in a unit that has been opened."""
        item = self._session.kbuild.object(unit) if unit in self._open else None
        if item is None:
            return False
        if self.analysis(item).definitions(name):
            return True
        return any(self._has(path, name) for path in list(self._open))

    def _has(self, path: str, name: str) -> bool:
        """Whether an opened unit's own source defines a function."""
        item = self._session.kbuild.object(path)
        return item is not None and any(
            definition.location.file == item.source
            for definition in self._session.analysis(item).definitions(name)
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
            item = self._session.kbuild.object(unit)
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
        """Objects whose source may define a variable, likely ones first."""
        word = re.sub(r"^__SC[KT]__", "", name)
        found: dict[str, ObjectFile] = {}
        for mention in self._mentions.every(word):
            item = mention.item
            if item is None or not item.source.endswith(".c"):
                continue
            own = mention.kind is MentionKind.OBJECT and mention.owner == name
            declared = mention.kind in (MentionKind.DECLARATION, MentionKind.USE)
            if own or declared:
                found.setdefault(item.path, item)
        ordered = sorted(found.values(), key=lambda item: not self._sets(item, word))
        return [self._session.kbuild.object(item.path) or item for item in ordered[:MAX_DEFINERS]]

    def _sets(self, item: ObjectFile, name: str) -> bool:
        data = self._session.tree.read(item.source) or b""
        word = re.escape(name.encode())
        return re.search(rb"\b%s\b[^;(]*=|DEFINE\w*\(\s*%s\b" % (word, word), data) is not None


class InitialValues:
    """What objects hold before the boot begins, by leaf."""

    __slots__ = ("_code", "_evaluation", "_objects", "_tags")

    def __init__(
        self, code: LinkedCode, objects: frozenset[str], tags: frozenset[str | None]
    ) -> None:
        """``objects``: those whose writers the walk comes by, and structures of ``tags``; of
        the others only constant ones are known."""
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
                result += [(path, held) for held in self._values(operand, frame, initial)]
        return result

    def _values(self, operand: Operand, frame: Frame, initial: InitialObject) -> list[Held]:
        assert self._evaluation is not None
        return [
            Held(held.mask, held.value, held.guards, initial.location)
            for held in self._evaluation.values(operand, frame, initial.mask)
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
