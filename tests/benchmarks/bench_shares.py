"""Which share of a review goes into the tree before the patch.

    python bench_shares.py KERNEL CONFIG PATCH...

Reviews each patch in this process and counts its processor seconds by the tree that they were
spent on, found by whose methods are at work. The platforms of a tree are booted by another
process, those of both trees one after the other: these seconds are told apart.
"""

from __future__ import annotations

import functools
import inspect
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from analyzer.callgraph.session import Session
from analyzer.impact.side import Side
from analyzer.pipeline import run_review
from analyzer.pipeline.base import Base
from analyzer.pipeline.opened import Version
from analyzer.pipeline.versions import Versions
from analyzer.progress import Silent
from analyzer.requests import Changes, Inputs, ReviewRequest
from analyzer.tree.source_tree import DirectoryTree

BASE, PATCHED, OTHER = "before", "after", "neither"


class Shares:
    """Processor seconds of this process by owner; of calls inside calls the innermost counts."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._stack = [OTHER]
        self._since = time.process_time()

    def enter(self, owner: str) -> None:
        self._charge()
        self._stack.append(owner)

    def leave(self) -> None:
        self._charge()
        self._stack.pop()

    def _charge(self) -> None:
        now = time.process_time()
        self.seconds[self._stack[-1]] += now - self._since
        self._since = now

    def watch(self, kind: type, owner: Callable[..., str]) -> None:
        """Count the methods of ``kind``; ``owner`` gets their arguments."""
        for name, method in list(vars(kind).items()):
            if inspect.isfunction(method) and not name.startswith("__"):
                setattr(kind, name, self._counted(method, owner))

    def _counted(self, method: Callable[..., Any], owner: Callable[..., str]) -> Callable[..., Any]:
        if inspect.isgeneratorfunction(method):

            @functools.wraps(method)
            def stepwise(*arguments: Any, **named: Any) -> Iterator[Any]:
                whose = owner(*arguments)
                items = method(*arguments, **named)
                while True:
                    self.enter(whose)
                    try:
                        item = next(items)
                    except StopIteration:
                        return
                    finally:
                        self.leave()
                    yield item

            return stepwise

        @functools.wraps(method)
        def at_once(*arguments: Any, **named: Any) -> Any:
            self.enter(owner(*arguments))
            try:
                return method(*arguments, **named)
            finally:
                self.leave()

        return at_once


def of_session(session: Session, *_: object) -> str:
    """The side whose tree it is; a patched tree is laid over the base."""
    return BASE if isinstance(session.tree, DirectoryTree) else PATCHED


def of_versions(_: Versions, number: object = None, *__: object) -> str:
    """By the number of the tree, where the method has one."""
    return OTHER if not isinstance(number, int) else PATCHED if number else BASE


def main() -> int:
    """Entry point."""
    kernel, config, *patches = map(Path, sys.argv[1:])
    shares = Shares()
    shares.watch(Session, of_session)
    shares.watch(Side, lambda side, *_: of_session(side.session))
    shares.watch(Base, lambda *_: BASE)
    shares.watch(Version, lambda version, *_: of_session(version.side.session))
    shares.watch(Versions, of_versions)
    print("| patch | before | after | neither | boots of both | peak memory |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    booted = 0.0
    for patch in patches:
        shares.enter(OTHER)
        shares.seconds.clear()
        run_review(
            ReviewRequest(Inputs(kernel, (config,), cache=False), Changes((patch,))), Silent()
        )
        shares.leave()
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        others = usage.ru_utime + usage.ru_stime
        told = [f"{shares.seconds[owner]:.1f} s" for owner in (BASE, PATCHED, OTHER)]
        told.append(f"{others - booted:.1f} s")
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        told.append(f"{max(own, usage.ru_maxrss) * 1024 / 1e6:.0f} MB")
        print(f"| {patch.stem} | {' | '.join(told)} |", flush=True)
        booted = others
    return 0


if __name__ == "__main__":
    sys.exit(main())
