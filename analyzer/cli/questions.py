"""The commands that ask about functions and slots: paths, callers, slots, matrix, callgraph."""

from __future__ import annotations

from pathlib import Path

from analyzer.cli.options import (
    GRAPHS,
    Commands,
    Parser,
    command_of,
    input_options,
    output_options,
    platform_options,
    positive,
    symbol_list,
)

_PATHS_TEXT = """\
Show which call paths a function takes in each of the given configurations.

Without --to and --depth everything is followed that is compiled into the same object
as FUNCTION or into an object that it calls directly; functions of further objects are
shown and not followed. Calls into logging, tracing and their like are left out, and
calls that lead to nothing of interest are folded into a number. Configurations with
identical paths are shown together, with the symbols that set them apart. What a call
through a dispatch slot reaches is told for each platform, bare metal and hypervisors.
"""

_PATHS_EXAMPLES = """\
examples:
  kimpact paths kernel/fork.c:copy_process --kernel linux --config .config
  kimpact paths free_pgtables --platform kvm --kernel linux --config .config
  kimpact paths ext4_writepages --to submit_bio --kernel linux --config configs/*
  kimpact paths do_exit --depth 2 --kernel linux --config config.xz --format json
"""

_CALLERS_TEXT = """\
Show who calls a function in each of the given configurations, up to where control enters
the kernel: system calls, initcalls, interrupts, ops tables, exported symbols. Macros in
between are shown like functions. Without --all and --depth the answer is limited to what
fits a screen or two; what was left out is said.
"""

_CALLERS_EXAMPLES = """\
examples:
  kimpact callers schedule --kernel linux --config .config
  kimpact callers mm/mmap.c:do_mmap --depth 3 --kernel linux --config configs/*
  kimpact callers do_exit --all --kernel linux --config config.xz --format json
"""

_SLOTS_TEXT = """\
Show which function each dispatch slot holds on each platform once the kernel has booted:
bare metal and every hypervisor that the tree supports. SLOT is a table ('x86_init'), a
part of one ('x86_init.irqs'), a slot ('smp_ops.smp_prepare_cpus') or the key of a static
call ('x86_idle'). Without SLOT the tables that platforms write to are listed.
"""

_SLOTS_EXAMPLES = """\
examples:
  kimpact slots x86_init.irqs --kernel linux --config .config
  kimpact slots x86_idle smp_ops --platform kvm --kernel linux --config configs/*
  kimpact slots pv_ops --kernel linux --config config.xz --format json
"""

_MATRIX_TEXT = """\
Show which combinations of CONFIG symbols can be had at all in this tree, and which
paths a function takes in each: a table with a letter for the paths, and what becomes of
the object on each platform. What cannot be had is proved from the Kconfig files.
Without --vary the symbols are looked for that make a difference to the paths. Without
--config the tree's default configuration is what the combinations are made from.
"""

_MATRIX_EXAMPLES = """\
examples:
  kimpact matrix kernel/fork.c:copy_process --kernel linux --config .config
  kimpact matrix free_pgtables --vary SMP,PARAVIRT --kernel linux --config .config
  kimpact matrix do_exit --vary SMP --write-configs out --kernel linux --config .config
"""

_CALLGRAPH_TEXT = """\
Write the functions and direct calls of translation units as JSON: the raw material for
checking kimpact against a compiler. FILE is a source or an object of the tree, or a
directory ending in '/' for everything built in it.
"""


def add_questions(commands: Commands[Parser]) -> None:
    """Add these commands to a command line."""
    _paths(commands)
    _callers(commands)
    _slots(commands)
    _matrix(commands)
    _callgraph(commands)


def _paths(commands: Commands[Parser]) -> None:
    command = command_of(
        commands, "paths", "show the call paths of a function", _PATHS_TEXT, _PATHS_EXAMPLES
    )
    command.add_argument(
        "functions",
        nargs="+",
        metavar="FUNCTION",
        help="a function's or macro's name, or FILE:NAME where the name alone is ambiguous",
    )
    input_options(command)
    search = command.add_argument_group("what to search")
    search.add_argument(
        "--to", metavar="FUNCTION", help="show only the routes to this function (or FILE:NAME)"
    )
    search.add_argument(
        "--depth",
        type=positive,
        metavar="N",
        help="follow calls N edges deep, into other objects too",
    )
    search.add_argument(
        "--all",
        dest="show_all",
        action="store_true",
        help="show every call and macro use, and follow boundaries such as logging too",
    )
    search.add_argument(
        "--object",
        metavar="ARG",
        help="tell what becomes of this argument of FUNCTION (its name, or its position from "
        "0), of what it points to (*ARG), or of a local variable; without it, of the argument "
        "that is given up",
    )
    platform_options(search)
    output_options(command, "tree", "paths", GRAPHS)


def _callers(commands: Commands[Parser]) -> None:
    command = command_of(
        commands, "callers", "show the callers of a function", _CALLERS_TEXT, _CALLERS_EXAMPLES
    )
    command.add_argument(
        "functions",
        nargs="+",
        metavar="FUNCTION",
        help="a function's name, or FILE:NAME where the name alone is ambiguous",
    )
    input_options(command)
    search = command.add_argument_group("what to search")
    search.add_argument(
        "--depth",
        type=positive,
        metavar="N",
        help="follow callers N edges back (a macro in between is an edge too)",
    )
    search.add_argument(
        "--all",
        dest="show_all",
        action="store_true",
        help="follow every caller to the end, whatever it takes",
    )
    output_options(command, "tree", "callers")


def _slots(commands: Commands[Parser]) -> None:
    command = command_of(
        commands, "slots", "show what dispatch slots hold", _SLOTS_TEXT, _SLOTS_EXAMPLES
    )
    command.add_argument(
        "slots", nargs="*", metavar="SLOT", help="a table, a part of one, a slot or a static call"
    )
    input_options(command)
    search = command.add_argument_group("what to show")
    platform_options(search)
    output_options(command, "table", "slots", GRAPHS)


def _matrix(commands: Commands[Parser]) -> None:
    command = command_of(
        commands,
        "matrix",
        "show combinations of symbols and their paths",
        _MATRIX_TEXT,
        _MATRIX_EXAMPLES,
    )
    command.add_argument(
        "functions",
        nargs="+",
        metavar="FUNCTION",
        help="a function's name, or FILE:NAME where the name alone is ambiguous",
    )
    input_options(command)
    search = command.add_argument_group("what to combine")
    search.add_argument(
        "--vary",
        type=symbol_list,
        action="extend",
        default=[],
        metavar="SYMBOL,SYMBOL...",
        help="the symbols to combine (default: those that make a difference to the paths)",
    )
    search.add_argument(
        "--write-configs",
        type=Path,
        metavar="DIR",
        help="write a complete .config for every combination that can be had",
    )
    search.add_argument(
        "--object", metavar="ARG", help="tell what becomes of this argument, as for 'paths'"
    )
    platform_options(search)
    output_options(command, "table", "matrix")


def _callgraph(commands: Commands[Parser]) -> None:
    command = command_of(commands, "callgraph", "write the call graph of files", _CALLGRAPH_TEXT)
    command.add_argument("files", nargs="+", metavar="FILE", help="relative to the tree")
    input_options(command)
    output = command.add_argument_group("output")
    output.add_argument(
        "--contract-macros",
        action="store_true",
        help="let a call inside a macro count for the function that uses the macro",
    )
    output.add_argument(
        "--format",
        choices=("json",),
        default="json",
        help="JSON as in docs/schema/callgraph-1.json",
    )
