"""Tasks on this machine: a few at a time, each in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from analyzer.sweep.apart import Outcome, Running, Status, run_apart
from analyzer.sweep.plan import Task

TRIES = 3
"""Times that a task is tried whose process is lost."""

Run = Callable[[Task, Running], Outcome]


def run_local(
    tasks: Sequence[Task], jobs: int, run: Run | None = None
) -> Iterator[tuple[Task, Outcome]]:
    """The outcomes, in the order in which they come; ``jobs`` tasks at a time.

    When it is closed or interrupted before the end, what is at work is ended.
    """
    running = Running()
    pool = ThreadPoolExecutor(jobs)
    try:
        asked = {pool.submit(tried, task, running, run): task for task in tasks}
        for future in as_completed(asked):
            # Taken out: else all answers would stay in memory to the end.
            yield asked.pop(future), future.result()
            del future
    finally:
        running.stop()
        pool.shutdown(cancel_futures=True)


def tried(task: Task, running: Running | None = None, run: Run | None = None) -> Outcome:
    """The outcome of a task, asked again a few times if its process is lost."""
    running = running or Running()
    ask = run or _apart
    outcome = ask(task, running)
    for _ in range(TRIES - 1):
        if outcome.status is not Status.FAILED or running.stopped:
            break
        outcome = ask(task, running)
    return outcome


def _apart(task: Task, running: Running) -> Outcome:
    return run_apart(task, running=running)
