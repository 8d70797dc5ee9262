"""Tasks on a Dask cluster: handed to its scheduler, which gives those of a lost worker to others.

Trees, patches and configurations must have the same paths on every worker.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from distributed import Client, Future, KilledWorker, as_completed

from analyzer.errors import BadInput
from analyzer.sweep.apart import Outcome, Status
from analyzer.sweep.local import tried
from analyzer.sweep.plan import Task

CONNECT_SECONDS = 30


def run_on(address: str, tasks: Sequence[Task]) -> Iterator[tuple[Task, Outcome]]:
    """The outcomes, in the order in which they come.

    Raises :class:`BadInput` for a scheduler that cannot be reached.
    """
    try:
        client = Client(address, timeout=CONNECT_SECONDS)
    except (OSError, ValueError) as error:
        raise BadInput(f"no scheduler can be reached there: {error}", address) from None
    with client:
        asked = {client.submit(tried, task, key=f"kimpact-{task.key}"): task for task in tasks}
        for future in as_completed(asked):
            # Taken out: else the workers would keep all answers to the end.
            yield asked.pop(future), _outcome(future)
            del future


def _outcome(future: Future[Outcome]) -> Outcome:
    try:
        found: Outcome = future.result()
    except KilledWorker as error:
        return Outcome(Status.FAILED, 0.0, error=f"its workers were lost: {error}")
    return found
