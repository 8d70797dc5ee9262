"""``kimpact``: the entry point, and what each kind of failure looks like from outside.

Whatever goes wrong, stderr gets one line that begins with ``kimpact: `` and the exit
status says whose fault it was (:class:`ExitStatus`). ``KIMPACT_DEBUG=1`` adds the
traceback of an internal error.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence

from analyzer.cli.arguments import parser
from analyzer.cli.exit_status import ExitStatus
from analyzer.errors import BadInput
from analyzer.report.visible import one_line


def entry_point() -> None:
    """The console script."""
    # An analysis makes millions of objects that live to its end: looking for garbage
    # among them costs a sixth of the run and finds none. Many units are another matter
    # (analyzer.callgraph.batch).
    gc.disable()
    sys.exit(main(sys.argv[1:]))


def main(arguments: Sequence[str]) -> ExitStatus:
    """Run one command line; the exit status is returned, never raised."""
    try:
        options = parser().parse_args(arguments)
        # Imported late: --version, --help and usage errors need none of it.
        from analyzer.cli.commands import run

        status = run(options, sys.stdout, sys.stderr)
        sys.stdout.flush()
    except BadInput as error:
        _complain(f"error: {error}")
        return ExitStatus.BAD_INPUT
    except KeyboardInterrupt:
        _complain("interrupted")
        return ExitStatus.INTERRUPTED
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


def _complain(message: str) -> None:
    text = f"kimpact: {one_line(message)}\n"
    sys.stderr.write(text.encode("ascii", "backslashreplace").decode("ascii"))
