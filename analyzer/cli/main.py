"""``kimpact``: the entry point, and what each kind of failure looks like from outside.

Whatever goes wrong, stderr gets one line that begins with ``kimpact: `` and the exit
status says whose fault it was (:class:`ExitStatus`). ``KIMPACT_DEBUG=1`` adds the
traceback of an internal error.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

from analyzer.cli.exit_status import ExitStatus
from analyzer.errors import BadInput


class _Ended(BaseException):
    """The process is to end because of signal ``number``."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(number)


def entry_point() -> None:
    """The console script."""
    try:
        # An analysis makes millions of objects that live to its end: looking for garbage
        # among them costs a sixth of the run and finds none. Many units are another matter
        # (analyzer.callgraph.batch).
        gc.disable()
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, _end)
        status = main(sys.argv[1:])
    except KeyboardInterrupt:
        status = _interrupted()
    except _Ended as end:
        # What was opened is closed by now: end as any process does that gets the signal.
        signal.signal(end.number, signal.SIG_DFL)
        os.kill(os.getpid(), end.number)
    if status is ExitStatus.INTERRUPTED:
        # What is still to be put in order takes no time and is not interrupted again.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(status)


def main(arguments: Sequence[str]) -> ExitStatus:
    """Run one command line; the exit status is returned, never raised."""
    try:
        # Imported late: --version, --help and usage errors need nothing of an analysis.
        from analyzer.cli.arguments import parser

        options = parser().parse_args(arguments)
        from analyzer.cli.commands import run

        status = run(options, sys.stdout, sys.stderr)
        sys.stdout.flush()
    except BadInput as error:
        _complain(f"error: {error}")
        return ExitStatus.BAD_INPUT
    except KeyboardInterrupt:
        return _interrupted()
    except BrokenPipeError:
        # The reader has seen enough (`| head`); Python must not try to flush at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitStatus.DONE
    except SystemExit as end:
        # argparse ends --help and --version this way.
        return ExitStatus.DONE if not end.code else ExitStatus.BAD_INPUT
    except Exception as error:  # noqa: BLE001 (the last line of defence, and it reports)
        if os.environ.get("KIMPACT_DEBUG") == "1":
            import traceback

            traceback.print_exc()
        _complain(
            f"internal error: {type(error).__name__}: {error} (a bug in kimpact: please report "
            "it to the project with this line; KIMPACT_DEBUG=1 shows the traceback)"
        )
        return ExitStatus.INTERNAL_ERROR
    return status


def _interrupted() -> ExitStatus:
    _complain("interrupted")
    return ExitStatus.INTERRUPTED


def _end(number: int, _: FrameType | None) -> NoReturn:
    raise _Ended(number)


def _complain(message: str) -> None:
    from analyzer.report.visible import one_line

    text = f"kimpact: {one_line(message)}\n"
    sys.stderr.write(text.encode("ascii", "backslashreplace").decode("ascii"))
