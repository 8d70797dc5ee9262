"""Questions whose answers are kept: by all that was asked before, and once for all processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest

from analyzer.cache import ResultCache
from analyzer.cache.turns import Turns
from analyzer.diagnostics import Diagnostic, Diagnostics
from analyzer.errors import BadInput
from analyzer.pipeline.ledger import Keeping, Ledger, Opened
from analyzer.progress import Silent
from analyzer.tree.source_tree import DirectoryTree, Stamp

FORK = multiprocessing.get_context("fork")
KEY = "0f" * 32


class Counter:
    """A service whose answers depend on how often it was asked; it reads a file each time."""

    def __init__(self, folder: Path) -> None:
        self.tree = DirectoryTree(folder)
        self.diagnostics = Diagnostics()
        self.asked = 0
        self.diagnostics.note("opened", "there is a service")

    def next(self, name: str) -> tuple[str, int]:
        self.asked += 1
        text = (self.tree.read("a.c") or b"").decode()
        self.diagnostics.note("asked", f"{name} {self.asked}")
        return f"{name}{text}", self.asked


class Case:
    """A folder with one file, a cache, and ledgers that use it as one run each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "tree"
        self.folder.mkdir()
        (self.folder / "a.c").write_text("x")
        self.cache = ResultCache(folder / "cache")
        self.log = folder / "log"
        self.read: dict[str, dict[str, Stamp]] = {}
        self.name: tuple[str, ...] = ("one",)

    def open(self) -> Opened[Counter]:
        with self.log.open("a") as stream:
            stream.write("opened\n")
        made = Counter(self.folder)
        return Opened(made, made.diagnostics, lambda: [(made.tree.root, made.tree.stamps)])

    def run(self, *, kept: bool = True) -> Ledger[Counter]:
        keeping = Keeping(self.cache, lambda: self.name, self.read.__setitem__)
        return Ledger("tests", self.open, keeping if kept else None, Silent())

    def opened(self) -> int:
        """How often the service was opened since the last time that this was asked."""
        count = len(self.log.read_text().splitlines()) if self.log.exists() else 0
        self.log.unlink(missing_ok=True)
        return count


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


def ask(ledger: Ledger[Counter], *names: str) -> list[tuple[str, int]]:
    return [ledger.ask((name,), tuple[str, int], lambda one, n=name: one.next(n)) for name in names]  # type: ignore[misc]


def told(ledger: Ledger[Counter]) -> list[Diagnostic]:
    return list(ledger.remarks())


def test_what_was_answered_is_not_asked_again(case: Case) -> None:
    first, again, without = case.run(), case.run(), case.run(kept=False)
    expected = [("ax", 1), ("bx", 2)]
    assert ask(first, "a", "b") == expected
    assert case.opened() == 1
    assert ask(again, "a", "b") == expected
    assert case.opened() == 0
    assert ask(without, "a", "b") == expected
    assert told(again) == told(first) == told(without)
    assert set(case.read[str(case.folder)]) == {"", "a.c"}


def test_an_answer_is_for_the_same_questions_before_it(case: Case) -> None:
    ask(case.run(), "a", "b")
    case.opened()
    assert ask(case.run(), "b") == [("bx", 1)]
    assert case.opened() == 1


def test_a_new_question_finds_the_service_as_if_all_had_been_put_to_it(case: Case) -> None:
    ask(case.run(), "a", "b")
    case.opened()
    again, without = case.run(), case.run(kept=False)
    assert ask(again, "a", "b", "c") == ask(without, "a", "b", "c")
    assert told(again) == told(without)
    assert case.opened() == 2
    last = case.run()
    assert ask(last, "a", "b", "c") == [("ax", 1), ("bx", 2), ("cx", 3)]
    assert told(last) == told(without)
    assert case.opened() == 0


def test_a_changed_file_and_another_name_are_asked_anew(case: Case) -> None:
    ask(case.run(), "a")
    (case.folder / "a.c").write_text("other")
    assert ask(case.run(), "a") == [("aother", 1)]
    case.name = ("two",)
    case.opened()
    assert ask(case.run(), "a") == [("aother", 1)]
    assert case.opened() == 1


def test_what_is_asked_of_the_service_itself_ends_the_keeping(case: Case) -> None:
    ask(case.run(), "a", "b")
    case.opened()
    run = case.run()
    assert ask(run, "a") == [("ax", 1)]
    assert run.service().next("z") == ("zx", 2)
    assert ask(run, "b") == [("bx", 3)]
    assert ask(case.run(), "a", "b") == [("ax", 1), ("bx", 2)]


def test_what_cannot_be_answered_is_not_kept(case: Case) -> None:
    def fails(service: Counter) -> int:
        service.next("bad")
        raise BadInput("no such thing")

    for _ in range(2):
        run = case.run()
        with pytest.raises(BadInput, match="no such thing"):
            run.ask(("bad",), int, fails)
        assert ask(run, "a") == [("ax", 2)]
        assert case.opened() == 1


def test_processes_find_out_the_same_once(case: Case) -> None:
    """Four that ask at the same time: one does the work, the others wait for it."""
    together = FORK.Barrier(4)
    answers = FORK.Queue()

    def slow(service: Counter) -> tuple[str, int]:
        time.sleep(0.2)
        return service.next("a")

    def work() -> None:
        run = case.run()
        together.wait()
        answers.put(run.ask(("a",), tuple[str, int], slow))

    processes = [FORK.Process(target=work) for _ in range(4)]
    for each in processes:
        each.start()
    assert [answers.get(timeout=60) for _ in processes] == [("ax", 1)] * 4
    for each in processes:
        each.join()
    assert case.opened() == 1


def test_processes_do_not_wait_one_after_the_other_for_what_is_not_kept(case: Case) -> None:
    """A full disk, say: those that have waited in vain for the first go on together."""
    case.cache = ResultCache(case.folder.parent / "cache", limit=0)
    at_work, most = FORK.Value("i", 0), FORK.Value("i", 0)
    together = FORK.Barrier(4)

    def slow(service: Counter) -> tuple[str, int]:
        with at_work.get_lock():
            at_work.value += 1
            most.value = max(most.value, at_work.value)
        time.sleep(0.5)
        with at_work.get_lock():
            at_work.value -= 1
        return service.next("a")

    def work() -> None:
        run = case.run()
        together.wait()
        assert run.ask(("a",), tuple[str, int], slow) == ("ax", 1)

    processes = [FORK.Process(target=work) for _ in range(4)]
    for each in processes:
        each.start()
    for each in processes:
        each.join()
    assert [each.exitcode for each in processes] == [0] * 4
    assert most.value > 1


def test_nobody_waits_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analyzer.cache.turns.MAX_WAIT", 0.1)
    turns = Turns(tmp_path / "turns")
    has = FORK.Event()

    def hold() -> None:
        with turns.taken(KEY):
            has.set()
            time.sleep(60)

    holder = FORK.Process(target=hold)
    holder.start()
    assert has.wait(60)
    with turns.taken(KEY):
        assert holder.is_alive()
    holder.kill()
    holder.join()


def test_a_turn_is_free_when_its_holder_is_gone(tmp_path: Path) -> None:
    turns = Turns(tmp_path / "turns")
    has, may_end = FORK.Event(), FORK.Event()

    def hold() -> None:
        with turns.taken(KEY):
            has.set()
            may_end.wait(60)

    for end in (may_end.set, None):
        has.clear()
        may_end.clear()
        holder = FORK.Process(target=hold)
        assert turns.free(KEY)
        holder.start()
        assert has.wait(60)
        assert not turns.free(KEY)
        assert turns.free("f" * 64), "another key is another turn"
        if end is None:
            assert holder.pid is not None
            os.kill(holder.pid, signal.SIGKILL)
        else:
            end()
        with turns.taken(KEY):
            pass
        holder.join()
    assert (tmp_path / "turns").read_bytes() == b""


def test_what_is_forked_meanwhile_has_no_turn(tmp_path: Path) -> None:
    """Else a second process would keep others waiting when the first is gone."""
    turns = Turns(tmp_path / "turns")
    with turns.taken(KEY):
        child = FORK.Process(target=time.sleep, args=(60,))
        child.start()
    other = FORK.Process(target=lambda: os._exit(0 if turns.free(KEY) else 1))
    other.start()
    other.join()
    assert other.exitcode == 0
    assert child.is_alive()
    child.kill()
    child.join()


def test_without_a_file_nobody_waits(tmp_path: Path) -> None:
    (tmp_path / "full").write_text("in the way")
    turns = Turns(tmp_path / "full" / "turns")
    with turns.taken(KEY):
        assert turns.free(KEY)
