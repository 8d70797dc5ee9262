"""Another process answers in the order in which it is asked, errors included."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from analyzer.errors import BadInput, InternalError
from analyzer.worker import Worker, answers


class Service:
    """Remembers what it was asked."""

    def __init__(self) -> None:
        self.seen: list[int] = []


def _note(service: Service, number: int, *, twice: int = 0) -> tuple[int, list[int]]:
    service.seen += [number, twice] if twice else [number]
    return os.getpid(), service.seen


def _fail(_service: Service) -> None:
    raise BadInput("no such thing", "a.c", 3)


def _leave(_service: Service) -> None:
    os._exit(3)


def _unusable() -> Service:
    raise BadInput("nothing to serve")


@pytest.fixture
def worker() -> Iterator[Worker[Service]]:
    made = Worker(Service)
    yield made
    made.stop()


def test_answers_come_from_one_other_process(worker: Worker[Service]) -> None:
    first = worker.ask(_note, 1)
    second = worker.ask(_note, 2, twice=3)
    process, seen = second.result()
    assert process != os.getpid()
    assert seen == [1, 2, 3]
    assert first.result() == (process, [1])
    assert second.result() == (process, [1, 2, 3])


def test_an_error_is_raised_here_and_ends_nothing(worker: Worker[Service]) -> None:
    failed = worker.ask(_fail)
    good = worker.ask(_note, 1)
    assert good.result()[1] == [1]
    with pytest.raises(BadInput, match=r"^a\.c:3: no such thing$"):
        failed.result()


def test_a_service_that_cannot_be_made_fails_every_question() -> None:
    worker = Worker(_unusable)
    for _ in range(2):
        with pytest.raises(BadInput, match="nothing to serve"):
            worker.ask(_fail).result()
    worker.stop()


def _pause(_service: Service) -> None:
    signal.pause()


def _stay(_service: Service) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _process(_service: Service) -> int:
    return os.getpid()


def _square(service: Service, number: int) -> tuple[int, int]:
    service.seen.append(number)
    return os.getpid(), number * number


def test_a_question_to_a_process_that_is_gone_is_an_internal_error(
    worker: Worker[Service],
) -> None:
    with pytest.raises(InternalError):
        worker.ask(_leave).result()
    with pytest.raises(InternalError, match="ended before it had answered"):
        worker.ask(_note, 1).result()


def test_a_process_is_ended_whatever_it_does(
    worker: Worker[Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analyzer.worker._PATIENCE", 0.1)
    process = worker.ask(_process).result()
    worker.ask(_stay)
    worker.ask(_pause)
    worker.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def _spin(_service: Service) -> None:
    while True:
        pass


def test_a_process_ends_soon_after_the_one_that_started_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("analyzer.worker._LOOK", 0.05)
    reading, writing = os.pipe()
    middle = os.fork()
    if not middle:
        worker = Worker(Service)
        os.write(writing, str(worker.ask(_process).result()).encode())
        worker.ask(_spin)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(middle, 0)
    process = int(os.read(reading, 20))
    for _ in range(600):
        if not _running(process):
            break
        time.sleep(0.05)
    assert not _running(process)


def _running(process: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_several_processes_answer_in_the_order_of_the_items() -> None:
    workers = [Worker(Service) for _ in range(3)]
    try:
        found = list(answers(workers, _square, range(40)))
        assert [square for _, square in found] == [number * number for number in range(40)]
        assert 1 < len({process for process, _ in found}) <= 3
        assert list(answers(workers, _square, [])) == []
    finally:
        for worker in workers:
            worker.stop()


def test_a_process_of_several_that_fails() -> None:
    workers = [Worker(Service) for _ in range(2)]
    try:
        with pytest.raises(BadInput, match="odd"):
            list(answers(workers, _even, range(10)))
    finally:
        for worker in workers:
            worker.stop()


def _even(_service: Service, number: int) -> int:
    if number % 2:
        raise BadInput("odd")
    return number


def test_a_process_that_is_gone_is_an_internal_error(worker: Worker[Service]) -> None:
    asked = worker.ask(_leave)
    with pytest.raises(InternalError, match="ended before it had answered"):
        asked.result()
