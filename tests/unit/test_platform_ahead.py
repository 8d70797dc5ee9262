"""A boot in another process: its answers, remarks and the files it read come over."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from analyzer.callgraph.dispatch import Dispatched
from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.platforms.ahead import BootsAhead
from analyzer.platforms.answers import SlotKey
from analyzer.tree.source_tree import DirectoryTree

SLOT: SlotKey = ("ops", ("free",))


@dataclass
class FakeSession:
    diagnostics: Diagnostics
    listed: int = 0

    def listing(self) -> Sequence[object]:
        self.listed += 1
        return ()


class FakeAnswers:
    """Reads a file and makes a remark at every step."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._step("made")

    def prepare(self) -> None:
        self._step("prepared")

    def support(self) -> Sequence[tuple[str, int]]:
        return [("native", os.getpid())]

    def held(
        self, slots: Sequence[SlotKey], platforms: Collection[str]
    ) -> Sequence[tuple[Dispatched, ...]]:
        if not platforms:
            raise BadInput("no platform")
        self._step("asked")
        return [(Dispatched(name, "", 1, tuple(platforms), (), None, True),) for name, _ in slots]

    def _step(self, name: str) -> None:
        self._case.session.diagnostics.note("step", name)
        self._case.tree.read(f"{name}.c")


class Case:
    def __init__(self, folder: Path) -> None:
        for name in ("before", "made", "prepared", "asked"):
            (folder / f"{name}.c").write_text("")
        self.tree = DirectoryTree(folder)
        self.session = FakeSession(Diagnostics())
        self.tree.read("before.c")
        self.session.diagnostics.note("step", "before")
        session: Any = self.session
        make: Any = lambda: FakeAnswers(self)  # noqa: E731
        self.boots = BootsAhead(session, (self.tree,), make)

    def steps(self) -> list[str]:
        return [remark.message for remark in self.session.diagnostics]

    def files(self) -> list[str]:
        return [path for path in self.tree.stamps if path.endswith(".c")]


def test_nothing_comes_over_before_a_question(tmp_path: Path) -> None:
    case = Case(tmp_path)
    with case.boots:
        case.boots.start()
        assert case.steps() == ["before"]


def test_answers_bring_what_was_remarked_and_read(tmp_path: Path) -> None:
    case = Case(tmp_path)
    with case.boots:
        case.boots.start()
        ((name, process),) = case.boots.support()
        assert name == "native"
        assert process != os.getpid()
        assert case.steps() == ["before", "made", "prepared"]
        assert case.files() == ["before.c", "made.c", "prepared.c"]
        ((held,),) = case.boots.held([SLOT], ["native"])
        assert (held.function, held.platforms) == ("ops", ("native",))
    assert case.steps() == ["before", "made", "prepared", "asked"]
    assert case.files() == ["before.c", "made.c", "prepared.c", "asked.c"]


def test_it_need_not_be_started(tmp_path: Path) -> None:
    case = Case(tmp_path)
    with case.boots:
        assert case.session.listed == 0
        assert [name for name, _ in case.boots.support()] == ["native"]
        # Before the fork: two processes cannot wait for one answer of a third.
        assert case.session.listed == 1


def test_bad_input_is_raised_here(tmp_path: Path) -> None:
    case = Case(tmp_path)
    with case.boots, pytest.raises(BadInput, match="no platform"):
        case.boots.held([SLOT], [])
