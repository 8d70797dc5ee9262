"""The frame of ``make differential``: results that are kept, causes, figures, exit status."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from full import __main__ as command
from full.causes import explained, read_causes
from full.model import Case, Difference, Outcome, Part, Settings
from full.parts import PARTS
from full.store import load, path_of, save
from kernels.trees import KernelTree


class Counting:
    """A part of two cases that counts how often they are run; the second one differs."""

    def __init__(self, second: Outcome) -> None:
        self.runs: list[str] = []
        self._second = second

    def part(self) -> Part:
        return Part("edges", "counted", self._cases, max_extra=0.2)

    def _cases(self, kernels: Sequence[KernelTree]) -> list[Case]:
        first = Outcome("edges", 10, 10)
        return [
            Case("edges", name, kernel, lambda _, n=name, o=outcome: self._run(n, o))
            for kernel in kernels
            for name, outcome in (("one", first), ("two", self._second))
        ]

    def _run(self, name: str, outcome: Outcome) -> Outcome:
        self.runs.append(name)
        return outcome


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One kernel, 6.12, an empty cache."""
    tree = KernelTree(6, 12, tmp_path / "linux", ())
    monkeypatch.setattr(command, "find_trees", lambda _: (tree,))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "out"


def run(out: Path, counting: Counting, monkeypatch: pytest.MonkeyPatch, *options: str) -> int:
    monkeypatch.setattr(command, "PARTS", (counting.part(),))
    return command.main(["--out", str(out), *options])


def test_a_finished_case_is_not_run_again_unless_asked(
    start: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    counting = Counting(Outcome("edges", 10, 9, 0, (Difference("a.o", "missing: f -> g"),)))
    assert run(start, counting, monkeypatch, "--cases", "one") == 0
    assert run(start, counting, monkeypatch) == 1
    assert counting.runs == ["one", "two"]
    assert run(start, counting, monkeypatch, "--again", "--cases", "two") == 1
    assert counting.runs == ["one", "two", "two"]
    assert run(start, counting, monkeypatch, "--list") == 1
    assert counting.runs == ["one", "two", "two"]
    said = capsys.readouterr().out
    assert "edges 6.12 one: 10 of 10 edges (100.000%): ok" in said
    assert "edges 6.12 two: 9 of 10 edges (90.000%): NOT REACHED" in said
    assert "    a.o: missing: f -> g" in said
    content = json.loads((start / "edges-6.12-two.json").read_text())
    assert (content["total"], content["agreed"], content["kernel"]) == (10, 9, "6.12")


def test_a_case_that_fails_does_not_end_the_others(
    start: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: Settings) -> Outcome:
        raise ValueError("no gcc here")

    def cases(kernels: Sequence[KernelTree]) -> list[Case]:
        good = Case("edges", "good", kernels[0], lambda _: Outcome("edges", 1, 1))
        return [Case("edges", "bad", kernels[0], fail), good]

    monkeypatch.setattr(command, "PARTS", (Part("edges", "", cases),))
    assert command.main(["--out", str(start)]) == 1
    said = capsys.readouterr()
    assert "edges 6.12 good: 1 of 1 edges" in said.out
    assert "did not finish: edges 6.12 bad" in said.out
    assert "no gcc here" in said.err


@pytest.mark.parametrize(
    ("options", "text"),
    [(["--parts", "egdes"], "no such part: egdes"), (["--kernels", "5.4"], "make kernels")],
)
def test_nothing_to_compare(
    start: Path, options: list[str], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["--out", str(start), *options]) == 2
    assert text in capsys.readouterr().err


def test_results_are_read_as_written(tmp_path: Path) -> None:
    outcome = Outcome("lines", 3, 2, 1, (Difference("a.c", "only gcc [1]", "known"),), "1 object")
    case = Case("lines", "all yes", None, lambda _: outcome)
    stored = save(case, tmp_path, outcome, 1.25)
    assert path_of(case, tmp_path).name == "lines-all-yes.json"
    assert load(case, tmp_path) == stored
    assert load(Case("lines", "other", None, lambda _: outcome), tmp_path) is None


def test_causes_explain_differences_of_their_part(tmp_path: Path) -> None:
    file = tmp_path / "causes.toml"
    file.write_text(
        '[[difference]]\npart = "edges"\npattern = "^a.o: extra: .* -> memcpy "\ncause = "a copy"\n'
    )
    differences = (
        Difference("a.o", "extra: f -> memcpy (x)"),
        Difference("a.o", "extra: f -> g (x)"),
        Difference("b.o", "extra: f -> memcpy (x)", "said before"),
    )
    outcome = Outcome("edges", 100, 100, 3, differences)
    told = explained(outcome, "edges", "random", read_causes(file))
    assert [one.cause for one in told.differences] == ["a copy", "", "said before"]
    assert [
        one.cause for one in explained(outcome, "lines", "random", read_causes(file)).differences
    ] == [
        "",
        "",
        "said before",
    ]


def test_a_cause_may_hold_for_some_cases_only(tmp_path: Path) -> None:
    file = tmp_path / "causes.toml"
    file.write_text(
        '[[difference]]\npart = "edges"\npattern = "f -> g"\ncase = "random"\ncause = "a check"\n'
    )
    outcome = Outcome("edges", 10, 9, 0, (Difference("a.o", "missing: f -> g"),))
    for name, cause in (("random-guest", "a check"), ("defconfig", "")):
        told = explained(outcome, "edges", name, read_causes(file))
        assert [one.cause for one in told.differences] == [cause]


def test_a_goal_is_missed_by_an_unexplained_difference_or_too_many_extra() -> None:
    part = Part("edges", "", lambda _: (), max_extra=0.2)
    known = Difference("a.o", "extra: f -> memcpy", "a copy")
    assert part.reached(Outcome("edges", 1000, 1000, 2, (known, known)))
    assert not part.reached(Outcome("edges", 1000, 1000, 3, (known,) * 3))
    assert not part.reached(Outcome("edges", 1000, 999, 0, (Difference("a.o", "missing"),)))


def test_the_causes_of_the_suite_name_its_parts() -> None:
    names = [part.name for part in PARTS]
    assert len(set(names)) == len(names)
    assert {cause.part for cause in read_causes()} <= set(names)
