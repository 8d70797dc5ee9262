"""``kimpact mcp``: the tool server for assistants."""

from __future__ import annotations

import argparse
import gc
import sys
from pathlib import Path
from typing import TextIO

from analyzer.cli.configurations import own_config
from analyzer.cli.exit_status import ExitStatus
from analyzer.cli.options import Commands, Parser, command_of, positive
from analyzer.errors import BadInput

_TEXT = """\
Serve the questions as tools for assistants, over standard input and output, in the
Model Context Protocol: paths, callers, slots, explain, matrix, review and configs, and
check if there is a policy. Needs the extra 'mcp': pip install 'kimpact[mcp]'. Tools
read the kernel trees, the configurations and the folders of configurations named here,
and no other file. docs/mcp.md says how to register the server.
"""

_EXAMPLES = """\
examples:
  kimpact mcp --kernel linux --config .config
  kimpact mcp --kernel linux linux-6.12 --config-dir configs --policy rules.toml
"""


def add_serving(commands: Commands[Parser]) -> None:
    """Add this command to a command line."""
    command = command_of(commands, "mcp", "serve tools for assistants", _TEXT, _EXAMPLES)
    group = command.add_argument_group("what may be read")
    group.add_argument(
        "--kernel",
        dest="kernels",
        required=True,
        nargs="+",
        type=Path,
        metavar="DIR",
        help="source trees; tools call them by the name of the folder, the first is the default",
    )
    group.add_argument(
        "--config",
        dest="configs",
        nargs="+",
        action="extend",
        default=[],
        type=Path,
        metavar="FILE",
        help="configurations: what a tool looks at that names none",
    )
    group.add_argument(
        "--config-dir",
        dest="config_dirs",
        nargs="+",
        action="extend",
        default=[],
        type=Path,
        metavar="DIR",
        help="folders of configurations that tools may name; the default without --config",
    )
    group.add_argument(
        "--policy",
        dest="policies",
        nargs="+",
        action="extend",
        default=[],
        type=Path,
        metavar="FILE",
        help="rules for the tool 'check', which is there only with them",
    )
    how = command.add_argument_group("how it is analysed")
    how.add_argument(
        "--arch", default="x86", metavar="ARCH", help="architecture (default: %(default)s)"
    )
    how.add_argument(
        "--toolchain",
        type=Path,
        metavar="FILE",
        help="recorded answers to what the tree asks the compiler",
    )
    how.add_argument(
        "--knowledge",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="more on what kernel functions mean, as in docs/knowledge.md; may be repeated",
    )
    how.add_argument(
        "--jobs", type=positive, metavar="N", help="processes (default: one per processor)"
    )
    how.add_argument(
        "--no-cache", action="store_true", help="neither use nor keep results of earlier runs"
    )


def run_mcp(options: argparse.Namespace, _stdout: TextIO, stderr: TextIO) -> ExitStatus:
    """Serve until standard input ends.

    Raises :class:`BadInput` for paths that cannot be used, and where the SDK is missing.
    """
    from analyzer.mcp.served import Served, resolved
    from analyzer.requests import Inputs

    kernels = tuple(resolved(path, folder=True) for path in options.kernels)
    for kernel in kernels:
        _require_kernel(kernel)
    dirs = tuple(resolved(path, folder=True) for path in options.config_dirs)
    served = Served(
        kernels,
        tuple(resolved(path) for path in options.configs) or _inside(dirs) or _own(kernels[0]),
        dirs,
        tuple(resolved(path) for path in options.policies),
        Inputs(
            kernels[0],
            (),
            options.arch,
            toolchain=options.toolchain,
            jobs=options.jobs,
            cache=not options.no_cache,
            knowledge=tuple(options.knowledge),
        ),
    )
    try:
        from analyzer.mcp.server import serve
    except ModuleNotFoundError as error:
        if not error.name or error.name.startswith("analyzer"):
            raise
        raise BadInput(
            "the package 'mcp' is missing: pip install 'kimpact[mcp]' brings it"
        ) from None
    if sys.stdin.isatty():
        stderr.write("kimpact: waiting for a client on standard input; Ctrl-C ends\n")
    # The server lives long and makes little.
    gc.enable()
    serve(served)
    return ExitStatus.DONE


def _require_kernel(path: Path) -> None:
    from analyzer.tree.source_tree import DirectoryTree
    from analyzer.tree.version import kernel_version

    kernel_version(DirectoryTree(path))


def _own(kernel: Path) -> tuple[Path, ...]:
    own = own_config(kernel)
    return () if own is None else (own.resolve(),)


def _inside(folders: tuple[Path, ...]) -> tuple[Path, ...]:
    from analyzer.configset.folder import config_files, looks_like_config

    return tuple(
        file.path
        for folder in folders
        for file in config_files([folder])
        if file.path.resolve().is_relative_to(folder) and looks_like_config(file.path)
    )
