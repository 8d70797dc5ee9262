"""The command behind ``make differential``; the package's docstring says how to start it."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path

from full.causes import explained, read_causes
from full.model import Case, Part, Settings
from full.parts import PARTS
from full.store import Stored, load, program_digest, save
from full.summary import line, summary
from kernels.trees import HOW_TO_GET_ONE, cache_folder, find_trees, kernels_folder


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="full", description="How kimpact agrees with the kernel's tools and with GCC."
    )
    parser.add_argument("--parts", type=_words, default=[], help="only these, such as edges,lines")
    parser.add_argument("--kernels", type=_words, default=[], help="only these, such as 6.1,6.12")
    parser.add_argument("--cases", type=_words, default=[], help="only cases of these names")
    parser.add_argument("--jobs", type=int, default=2, help="processes (default: 2)")
    parser.add_argument("--again", action="store_true", help="run finished cases again")
    parser.add_argument("--list", action="store_true", help="show results only, run nothing")
    parser.add_argument(
        "--out", type=Path, default=cache_folder() / "differential", help="folder of the results"
    )
    return parser.parse_args(arguments)


def _words(text: str) -> list[str]:
    return [word for word in text.replace(",", " ").split() if word]


def chosen(options: argparse.Namespace) -> list[tuple[Part, Case]]:
    """The cases that the options ask for, part by part; raises ``ValueError`` for none."""
    trees = [
        tree
        for tree in find_trees(kernels_folder())
        if not options.kernels or {tree.version, str(tree.major)} & set(options.kernels)
    ]
    if not trees:
        raise ValueError(HOW_TO_GET_ONE)
    unknown = set(options.parts) - {part.name for part in PARTS}
    if unknown:
        raise ValueError(f"no such part: {' '.join(sorted(unknown))}")
    return [
        (part, case)
        for part in PARTS
        if not options.parts or part.name in options.parts
        for case in part.cases(trees)
        if not options.cases or case.name in options.cases
    ]


def run(case: Case, options: argparse.Namespace) -> Stored:
    """Run one case and keep its outcome."""
    oracle = cache_folder() / "oracle"
    oracle.mkdir(parents=True, exist_ok=True)
    before = _processor_seconds()
    with tempfile.TemporaryDirectory(prefix="kimpact-differential-") as scratch:
        outcome = case.run(Settings(oracle, Path(scratch), options.jobs))
    return save(case, options.out, outcome, _processor_seconds() - before)


def _processor_seconds() -> float:
    times = os.times()
    return times.user + times.children_user


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if every goal is met, 1 if not, 2 if there is nothing to compare."""
    options = _options(arguments)
    try:
        cases = chosen(options)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    causes = read_causes()
    done: list[tuple[Part, Case, Stored]] = []
    failed: list[Case] = []
    for part, case in cases:
        stored = None if options.again and not options.list else load(case, options.out)
        if stored is None and not options.list:
            try:
                stored = run(case, options)
            except Exception:  # noqa: BLE001  one case that fails must not end the others
                traceback.print_exc()
                failed.append(case)
                continue
        if stored is not None:
            stored = stored.with_outcome(explained(stored.outcome, part.name, case.name, causes))
            print(line(part, case, stored), flush=True)
            done.append((part, case, stored))
    print(summary(done, failed, program_digest()))
    missed = any(not part.reached(stored.outcome) for part, _, stored in done)
    return 1 if missed or failed else 0


if __name__ == "__main__":
    sys.exit(main())
