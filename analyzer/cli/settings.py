"""The commands that ask about configurations: explain, configs, resolve, toolchain."""

from __future__ import annotations

from pathlib import Path

from analyzer.cli.options import (
    Commands,
    Parser,
    assignment,
    command_of,
    output_options,
    positive,
    tree_options,
)

_EXPLAIN_TEXT = """\
Show why a configuration symbol has its value: the statement of the Kconfig files that
decides, what that rests on in turn, and every other prompt, dependency, select, imply,
default and range of the symbol with what becomes of it. The configurations are completed
first as 'make olddefconfig' would; a value that this changes is reported.
"""

_EXPLAIN_EXAMPLES = """\
examples:
  kimpact explain PT_RECLAIM --kernel linux --config .config
  kimpact explain CONFIG_HZ PREEMPT_RT --kernel linux --config configs/*
  kimpact explain MMU --all --depth 6 --kernel linux --config config.xz --format json
"""

_CONFIGS_TEXT = """\
Show which symbols differ between configurations, the most telling first. A folder stands
for the configurations in it. Of many symbols, those with the same values share a line; of
many configurations, those that agree share a column, or are counted by value. With a
kernel, the symbols that most of the others depend on come first among their like.
"""

_CONFIGS_EXAMPLES = """\
examples:
  kimpact configs old.config new.config
  kimpact configs configs/ --symbols HZ,PREEMPT_RT,NR_CPUS
  kimpact configs configs/ --kernel linux --for mm/mmap.c:do_mmap
"""

_RESOLVE_TEXT = """\
Complete configurations the way 'make olddefconfig' does, without running anything from
the tree: what the tree would ask a compiler is answered from a recorded profile.
"""

_RECORD_TEXT = """\
Record a toolchain profile: run what the tree's Kconfig files ask the compiler and the
other tools of this machine, and write the answers as JSON for --toolchain. This is the
only command that runs anything from a tree, and only with --run-tree-scripts.
"""

_RECORD_EXAMPLES = """\
examples:
  kimpact toolchain record --kernel linux --run-tree-scripts -o gcc.json
  kimpact toolchain record --kernel linux --run-tree-scripts --cc gcc-13 -o gcc-13.json
  kimpact toolchain record --kernel linux --run-tree-scripts --llvm -o clang.json
"""


def add_settings(commands: Commands[Parser]) -> None:
    """Add these commands to a command line."""
    _explain(commands)
    _configs(commands)
    _resolve(commands)
    _toolchain(commands)


def _explain(commands: Commands[Parser]) -> None:
    command = command_of(
        commands, "explain", "show why a symbol has its value", _EXPLAIN_TEXT, _EXPLAIN_EXAMPLES
    )
    command.add_argument(
        "symbols", nargs="+", metavar="SYMBOL", help="a symbol, with or without CONFIG_"
    )
    group = tree_options(command)
    group.add_argument(
        "--resolve",
        action="store_true",
        help="the configurations are fragments: do not report what they leave out as changed",
    )
    search = command.add_argument_group("what to show")
    search.add_argument(
        "--depth",
        type=positive,
        default=3,
        metavar="N",
        help="go N symbols back behind the deciding statement (default: %(default)s)",
    )
    search.add_argument(
        "--all",
        dest="show_all",
        action="store_true",
        help="list the selects and implies that do not apply too",
    )
    search.add_argument(
        "--want",
        metavar="VALUE",
        help="find the fewest lines that give the symbols this value (y, m, n, or a text), or the "
        "proof that there are none",
    )
    output_options(command, "tree", "explain")


def _configs(commands: Commands[Parser]) -> None:
    command = command_of(
        commands, "configs", "show how configurations differ", _CONFIGS_TEXT, _CONFIGS_EXAMPLES
    )
    command.add_argument(
        "configs",
        nargs="+",
        type=Path,
        metavar="DIR|FILE",
        help="configurations: .config files, plain or as .xz or .gz, or folders of them",
    )
    search = command.add_argument_group("what to show")
    search.add_argument(
        "--symbols",
        nargs="+",
        action="extend",
        default=[],
        metavar="A,B",
        help="these symbols only, also where they do not differ",
    )
    search.add_argument(
        "--for",
        dest="function",
        metavar="FUNCTION",
        help="only symbols in the conditions of this function's paths; needs --kernel",
    )
    search.add_argument(
        "--all", dest="show_all", action="store_true", help="show every line and every name"
    )
    group = command.add_argument_group("the kernel")
    group.add_argument("--kernel", type=Path, metavar="DIR", help="the kernel's source tree")
    group.add_argument(
        "--arch", default="x86", metavar="ARCH", help="architecture (default: %(default)s)"
    )
    group.add_argument(
        "--no-cache", action="store_true", help="neither use nor keep results of earlier runs"
    )
    output = command.add_argument_group("output")
    output.add_argument(
        "--format",
        choices=("table", "html", "json"),
        default="table",
        help="a table for people (default), a page for a browser (docs/html.md), or JSON as in "
        "docs/schema/configs-1.json",
    )
    output.add_argument(
        "--ascii", dest="ascii_only", action="store_true", help="draw the table in plain ASCII"
    )


def _resolve(commands: Commands[Parser]) -> None:
    command = command_of(commands, "resolve", "complete configurations", _RESOLVE_TEXT)
    tree_options(command)
    command.add_argument(
        "-o",
        "--output",
        required=True,
        type=Path,
        metavar="DIR|FILE",
        help="where to write: a folder, or a file if there is one configuration",
    )


def _toolchain(commands: Commands[Parser]) -> None:
    group = command_of(
        commands,
        "toolchain",
        "record what a tree asks the compiler",
        "Toolchain profiles: the recorded answers to what a tree's Kconfig files ask.",
    )
    actions = group.add_subparsers(dest="action", metavar="ACTION", required=True)
    command = command_of(actions, "record", "make a profile", _RECORD_TEXT, _RECORD_EXAMPLES)
    command.add_argument(
        "--kernel", required=True, type=Path, metavar="DIR", help="the kernel's source tree"
    )
    command.add_argument(
        "--run-tree-scripts",
        action="store_true",
        help="allow it: scripts of the tree and commands in its Kconfig files are run",
    )
    command.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="where to write (default: stdout)"
    )
    command.add_argument(
        "--arch", default="x86", metavar="ARCH", help="architecture (default: %(default)s)"
    )
    asked = command.add_argument_group("what is asked")
    asked.add_argument(
        "--llvm", action="store_true", help="clang and LLVM's tools, as make LLVM=1 (default: GNU)"
    )
    asked.add_argument("--cc", metavar="CC", help="the compiler's command")
    asked.add_argument("--ld", metavar="LD", help="the linker's command")
    asked.add_argument(
        "--tool",
        dest="tools",
        type=assignment,
        action="append",
        default=[],
        metavar="VAR=COMMAND",
        help="another tool by its variable in the top Makefile: AR, NM, OBJCOPY, RUSTC, "
        "BINDGEN, PAHOLE or PYTHON3",
    )
