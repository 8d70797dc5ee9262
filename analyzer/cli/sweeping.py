"""``kimpact sweep``: many questions in one run."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from analyzer.cli.configurations import configs_given
from analyzer.cli.exit_status import ExitStatus
from analyzer.cli.options import Commands, Parser, command_of, positive
from analyzer.errors import BadInput

if TYPE_CHECKING:
    from analyzer.sweep.apart import Outcome
    from analyzer.sweep.plan import Task

_TEXT = """\
Ask many questions in one run: review each PATCH on each tree, or, without patches,
search the paths of each function on each tree, always in all configurations at once.
Results are written as they come, one JSON object a line. A run that was stopped goes on
where it was when it is started again with the same output; a process or worker that is
lost costs its tasks only. With --scheduler the tasks go to a Dask cluster (extra
'dask': pip install 'kimpact[dask]'); with --parquet the results are also written as a
table at the end (extra 'parquet'). Exit status 1 says that some task has failed;
patches that do not apply are results.
"""

_EXAMPLES = """\
examples:
  kimpact sweep *.patch --kernel linux --config-dir configs -o results.jsonl
  kimpact sweep --function do_exit --kernel linux linux-6.12 --config .config -o r.jsonl
  kimpact sweep *.patch --kernel /n/linux --config /n/c -o r.jsonl --scheduler host:8786
  kimpact sweep *.patch --kernel linux --config .config -o r.jsonl --parquet r.parquet
"""


def add_sweeping(commands: Commands[Parser]) -> None:
    """Add this command to a command line."""
    command = command_of(commands, "sweep", "ask many questions in one run", _TEXT, _EXAMPLES)
    command.add_argument(
        "patches", nargs="*", type=Path, metavar="PATCH", help="diffs, messages or mailboxes"
    )
    asked = command.add_argument_group("what to ask")
    asked.add_argument(
        "--function",
        dest="functions",
        nargs="+",
        action="extend",
        default=[],
        metavar="FUNCTION",
        help="functions whose paths are searched, or from which patches are looked at",
    )
    asked.add_argument(
        "--only-given",
        action="store_true",
        help="look at no configurations beside those given, when patches are reviewed",
    )
    asked.add_argument(
        "--platform",
        dest="platforms",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME",
        help="look at these platforms only",
    )
    group = command.add_argument_group("what to analyse")
    group.add_argument(
        "--kernel",
        dest="kernels",
        required=True,
        nargs="+",
        action="extend",
        type=Path,
        metavar="DIR",
        help="source trees",
    )
    group.add_argument(
        "--config",
        dest="configs",
        nargs="+",
        action="extend",
        default=[],
        type=Path,
        metavar="FILE",
        help="configurations: .config files, also .xz or .gz (default: the first tree's own)",
    )
    group.add_argument(
        "--config-dir",
        dest="config_dirs",
        nargs="+",
        action="extend",
        default=[],
        type=Path,
        metavar="DIR",
        help="folders of configurations: every file in them that is one, sorted by name",
    )
    group.add_argument(
        "--arch", default="x86", metavar="ARCH", help="architecture (default: %(default)s)"
    )
    group.add_argument(
        "--toolchain",
        type=Path,
        metavar="FILE",
        help="recorded answers to what the tree asks the compiler",
    )
    group.add_argument(
        "--knowledge",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="more on what kernel functions mean, as in docs/knowledge.md; may be repeated",
    )
    group.add_argument(
        "--no-cache", action="store_true", help="neither use nor keep results of earlier runs"
    )
    how = command.add_argument_group("how")
    how.add_argument(
        "-o",
        "--output",
        required=True,
        type=Path,
        metavar="FILE",
        help="where to write; what is there already is not asked again",
    )
    how.add_argument(
        "--parquet",
        type=Path,
        metavar="FILE",
        help="write all results in the output as a Parquet table, too, at the end",
    )
    how.add_argument(
        "--jobs", type=positive, metavar="N", help="tasks at a time (default: one per processor)"
    )
    how.add_argument(
        "--scheduler", metavar="ADDRESS", help="the scheduler of a Dask cluster that does the work"
    )


def run_sweep(options: argparse.Namespace, stdout: TextIO, stderr: TextIO) -> ExitStatus:
    """Ask what is not answered yet; raises :class:`BadInput` for what cannot be asked."""
    from analyzer.cli.progress import TerminalProgress
    from analyzer.requests import Inputs
    from analyzer.sweep.apart import Status
    from analyzer.sweep.plan import Plan, tasks
    from analyzer.sweep.results import ResultFile

    write_table = _table_writer(options)
    options.kernel = options.kernels[0]
    plan = Plan(
        tuple(path.resolve() for path in options.kernels),
        tuple(path.resolve() for path in options.patches),
        tuple(dict.fromkeys(options.functions)),
        Inputs(
            options.kernel,
            tuple(path.resolve() for path in configs_given(options, stderr)),
            options.arch,
            toolchain=None if options.toolchain is None else options.toolchain.resolve(),
            cache=not options.no_cache,
            knowledge=tuple(path.resolve() for path in options.knowledge),
        ),
        options.only_given,
        tuple(dict.fromkeys(options.platforms)),
    )
    every = tasks(plan)
    results = ResultFile(options.output)
    left = [task for task in every if task.key not in results.finished]
    counts = dict.fromkeys(Status, 0)
    try:
        with TerminalProgress(stderr) as progress:
            progress.stage("sweeping")
            for done, (task, outcome) in enumerate(_outcomes(options, left), 1):
                results.add(task, outcome)
                counts[outcome.status] += 1
                progress.advance(done, len(left))
    finally:
        results.close()
    if write_table is not None:
        write_table(options.output, options.parquet)
    told = ", ".join(f"{counts[status]} {status.value}" for status in Status)
    stdout.write(f"{len(every)} tasks: {len(every) - len(left)} known, {told}\n")
    return ExitStatus.FINDING if counts[Status.FAILED] else ExitStatus.DONE


def _table_writer(options: argparse.Namespace) -> Callable[[Path, Path], None] | None:
    """What makes a table of the results, if that is wanted; asked for before any task is begun."""
    if options.output.suffix == ".parquet":
        message = "results are written as JSON lines: name another file, and add --parquet FILE"
        raise BadInput(message, str(options.output))
    if options.parquet is None:
        return None
    if not options.parquet.absolute().parent.is_dir():
        raise BadInput("cannot be written: there is no such folder", str(options.parquet))
    if options.parquet.resolve() == options.output.resolve():
        raise BadInput("the table and the results need a file each", str(options.parquet))
    try:
        from analyzer.sweep.table import write_table
    except ModuleNotFoundError as error:
        if not error.name or error.name.startswith("analyzer"):
            raise
        raise BadInput(
            "the package 'pyarrow' is missing: pip install 'kimpact[parquet]' brings it"
        ) from None
    return write_table


def _outcomes(options: argparse.Namespace, left: list[Task]) -> Iterator[tuple[Task, Outcome]]:
    if options.scheduler is None:
        from analyzer.sweep.local import run_local

        return run_local(left, options.jobs or os.cpu_count() or 1)
    try:
        from analyzer.sweep.cluster import run_on
    except ModuleNotFoundError as error:
        if not error.name or error.name.startswith("analyzer"):
            raise
        raise BadInput(
            "the package 'distributed' is missing: pip install 'kimpact[dask]' brings it"
        ) from None
    return run_on(options.scheduler, left)
