"""The commands and their options.

Nothing heavy is imported here: ``--version``, ``--help`` and usage errors are answered
before any part of the analysis is loaded.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NoReturn

from analyzer import __version__
from analyzer.errors import BadInput

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
Show which combinations of CONFIG symbols can be had at all in this tree, and which paths a
function takes in each: a table with a letter for the paths, and what becomes of the object
on each platform. What cannot be had is proved from the Kconfig files. Without --vary the
symbols are looked for that make a difference to the paths. Without --config the tree's default
configuration is what the combinations are made from.
"""

_MATRIX_EXAMPLES = """\
examples:
  kimpact matrix mm/memory.c:free_pte_range --kernel linux --config .config
  kimpact matrix free_pgtables --vary SMP,PARAVIRT --kernel linux --config .config
  kimpact matrix do_exit --vary SMP --write-configs out --kernel linux --config .config
"""

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

_REVIEW_TEXT = """\
Say what patches change before they are merged: which functions differ as compiled, which paths
change in which configurations and on which platforms, what becomes of the object before and
after, which added lines nothing compiles, what to build and boot to exercise all of it, and
whether the changelog is true. Beside the configurations given, one is looked at for each
combination of the symbols that matter to the change. Patches are applied in memory.
"""

_REVIEW_EXAMPLES = """\
examples:
  kimpact review 0001-fix.patch --kernel linux --config .config
  kimpact review series.mbox --kernel linux --config-dir configs --format markdown
  kimpact review --range v6.12..topic --kernel linux --config .config --root do_exit
  kimpact review - --format b4 --kernel linux --config .config < message.eml
"""

_CHECK_TEXT = """\
Check a policy: rules about what paths may do, such as "in every configuration with
PT_RECLAIM, nothing on the way from zap_pte_range frees the page without RCU". Without a PATCH
the tree itself is checked, else what each patch makes of it. A violation is shown with a path
that breaks the rule; exit status 1 says that there is one. docs/policy.md has the format.
"""

_CHECK_EXAMPLES = """\
examples:
  kimpact check --policy rules.toml --kernel linux --config-dir configs
  kimpact check --policy rules.toml --kernel linux --config .config 0001-fix.patch
  kimpact check --policy rules.toml --kernel linux --config .config --range v6.12..topic
"""

_CALLGRAPH_TEXT = """\
Write the functions and direct calls of translation units as JSON: the raw material for
checking kimpact against a compiler. FILE is a source or an object of the tree, or a
directory ending in '/' for everything built in it.
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

_STATUS_TEXT = """\
exit status:
  0    the question was answered
  1    a finding that you asked to fail on
  2    bad input or usage; one line on stderr says what
  101  an error of kimpact itself
  130  interrupted
"""


class Parser(argparse.ArgumentParser):
    """Reports usage errors as :class:`BadInput` instead of printing and exiting."""

    def error(self, message: str) -> NoReturn:
        raise BadInput(f"{message} (see '{self.prog} --help')")


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line; ``command`` names the chosen command."""
    top = Parser(
        prog="kimpact",
        description="True call paths of Linux kernel functions, per configuration, "
        "from sources alone.",
        epilog=_STATUS_TEXT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"kimpact {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _paths(commands)
    _callers(commands)
    _slots(commands)
    _matrix(commands)
    _review(commands)
    _check(commands)
    _explain(commands)
    _configs(commands)
    _callgraph(commands)
    _resolve(commands)
    _toolchain(commands)
    _demo(commands)
    return top


_Commands = argparse._SubParsersAction


def _command(
    commands: _Commands[Parser], name: str, help_text: str, text: str, end: str = ""
) -> Parser:
    return commands.add_parser(
        name,
        help=help_text,
        description=text,
        epilog=end,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def _paths(commands: _Commands[Parser]) -> None:
    command = _command(
        commands, "paths", "show the call paths of a function", _PATHS_TEXT, _PATHS_EXAMPLES
    )
    command.add_argument(
        "functions",
        nargs="+",
        metavar="FUNCTION",
        help="a function's or macro's name, or FILE:NAME where the name alone is ambiguous",
    )
    _inputs(command)
    search = command.add_argument_group("what to search")
    search.add_argument(
        "--to", metavar="FUNCTION", help="show only the routes to this function (or FILE:NAME)"
    )
    search.add_argument(
        "--depth",
        type=_positive,
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
    _platforms(search)
    _output(command, "tree", "paths")


def _callers(commands: _Commands[Parser]) -> None:
    command = _command(
        commands, "callers", "show the callers of a function", _CALLERS_TEXT, _CALLERS_EXAMPLES
    )
    command.add_argument(
        "functions",
        nargs="+",
        metavar="FUNCTION",
        help="a function's name, or FILE:NAME where the name alone is ambiguous",
    )
    _inputs(command)
    search = command.add_argument_group("what to search")
    search.add_argument(
        "--depth",
        type=_positive,
        metavar="N",
        help="follow callers N edges back (a macro in between is an edge too)",
    )
    search.add_argument(
        "--all",
        dest="show_all",
        action="store_true",
        help="follow every caller to the end, whatever it takes",
    )
    _output(command, "tree", "callers")


def _slots(commands: _Commands[Parser]) -> None:
    command = _command(
        commands, "slots", "show what dispatch slots hold", _SLOTS_TEXT, _SLOTS_EXAMPLES
    )
    command.add_argument(
        "slots", nargs="*", metavar="SLOT", help="a table, a part of one, a slot or a static call"
    )
    _inputs(command)
    search = command.add_argument_group("what to show")
    _platforms(search)
    _output(command, "table", "slots")


def _matrix(commands: _Commands[Parser]) -> None:
    command = _command(
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
    _inputs(command)
    search = command.add_argument_group("what to combine")
    search.add_argument(
        "--vary",
        type=_symbols,
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
    _platforms(search)
    _output(command, "table", "matrix")


def _review(commands: _Commands[Parser]) -> None:
    command = _command(
        commands, "review", "say what a patch changes", _REVIEW_TEXT, _REVIEW_EXAMPLES
    )
    _patches(command)
    _inputs(command)
    search = command.add_argument_group("what to look at")
    search.add_argument(
        "--root",
        dest="roots",
        nargs="+",
        action="extend",
        default=[],
        metavar="FUNCTION",
        help="functions from which to look (default: those that the patch changes)",
    )
    search.add_argument(
        "--only-given",
        action="store_true",
        help="look at no configurations beside those given",
    )
    search.add_argument(
        "--object", metavar="ARG", help="tell what becomes of this argument, as for 'paths'"
    )
    _platforms(search)
    output = command.add_argument_group("output")
    output.add_argument(
        "--format",
        choices=("tree", "json", "markdown", "mail", "terse", "sarif", "b4"),
        default="tree",
        help="a report for people (default), JSON as in docs/schema/review-1.json, a comment "
        "in Markdown, a mail to reply with, lines as of checkpatch, SARIF 2.1.0, or what b4 reads",
    )
    output.add_argument(
        "--ascii", dest="ascii_only", action="store_true", help="draw the report in plain ASCII"
    )
    output.add_argument(
        "--fail-on",
        dest="gates",
        nargs="+",
        action="extend",
        choices=("path-change", "coverage", "claim"),
        default=[],
        help="exit with status 1 if paths change, an added line is compiled by no configuration, "
        "or a claim of the changelog does not hold",
    )


def _check(commands: _Commands[Parser]) -> None:
    command = _command(commands, "check", "check rules about paths", _CHECK_TEXT, _CHECK_EXAMPLES)
    _patches(command)
    _inputs(command)
    search = command.add_argument_group("what to check")
    search.add_argument(
        "--policy", required=True, type=Path, metavar="FILE", help="the rules, as TOML"
    )
    _platforms(search)
    _output(command, "report", "check")


def _patches(command: Parser) -> None:
    command.add_argument(
        "patches",
        nargs="*",
        type=Path,
        metavar="PATCH",
        help="a diff, a message or a mailbox with a series, '-' for standard input",
    )
    command.add_argument(
        "--range",
        metavar="A..B",
        help="the commits that B has and A has not, of the git repository that --kernel names",
    )


def _explain(commands: _Commands[Parser]) -> None:
    command = _command(
        commands, "explain", "show why a symbol has its value", _EXPLAIN_TEXT, _EXPLAIN_EXAMPLES
    )
    command.add_argument(
        "symbols", nargs="+", metavar="SYMBOL", help="a symbol, with or without CONFIG_"
    )
    group = _tree(command)
    group.add_argument(
        "--resolve",
        action="store_true",
        help="the configurations are fragments: do not report what they leave out as changed",
    )
    search = command.add_argument_group("what to show")
    search.add_argument(
        "--depth",
        type=_positive,
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
    _output(command, "tree", "explain")


def _configs(commands: _Commands[Parser]) -> None:
    command = _command(
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
        choices=("table", "json"),
        default="table",
        help="a table for people (default), or JSON as in docs/schema/configs-1.json",
    )
    output.add_argument(
        "--ascii", dest="ascii_only", action="store_true", help="draw the table in plain ASCII"
    )


def _callgraph(commands: _Commands[Parser]) -> None:
    command = _command(commands, "callgraph", "write the call graph of files", _CALLGRAPH_TEXT)
    command.add_argument("files", nargs="+", metavar="FILE", help="relative to the tree")
    _inputs(command)
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


def _resolve(commands: _Commands[Parser]) -> None:
    command = _command(commands, "resolve", "complete configurations", _RESOLVE_TEXT)
    _tree(command)
    command.add_argument(
        "-o",
        "--output",
        required=True,
        type=Path,
        metavar="DIR|FILE",
        help="where to write: a folder, or a file if there is one configuration",
    )


def _toolchain(commands: _Commands[Parser]) -> None:
    group = _command(
        commands,
        "toolchain",
        "record what a tree asks the compiler",
        "Toolchain profiles: the recorded answers to what a tree's Kconfig files ask.",
    )
    actions = group.add_subparsers(dest="action", metavar="ACTION", required=True)
    command = _command(actions, "record", "make a profile", _RECORD_TEXT, _RECORD_EXAMPLES)
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
        type=_assignment,
        action="append",
        default=[],
        metavar="VAR=COMMAND",
        help="another tool by its variable in the top Makefile: AR, NM, OBJCOPY, RUSTC, "
        "BINDGEN, PAHOLE or PYTHON3",
    )


def _demo(commands: _Commands[Parser]) -> None:
    command = _command(
        commands,
        "demo",
        "run 'paths' on the miniature kernel that comes with kimpact",
        "Run 'paths' on the miniature kernel that comes with kimpact, in four configurations.",
    )
    command.add_argument("--format", choices=("tree", "json"), default="tree")
    command.add_argument("--ascii", dest="ascii_only", action="store_true")


def _tree(command: Parser) -> argparse._ArgumentGroup:
    group = command.add_argument_group("what to analyse")
    group.add_argument(
        "--kernel", required=True, type=Path, metavar="DIR", help="the kernel's source tree"
    )
    group.add_argument(
        "--config",
        dest="configs",
        nargs="+",
        action="extend",
        default=[],
        type=Path,
        metavar="FILE",
        help="configurations: .config files, plain or as .xz or .gz",
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
        "--jobs", type=_positive, metavar="N", help="processes (default: one per processor)"
    )
    group.add_argument(
        "--no-cache", action="store_true", help="neither use nor keep results of earlier runs"
    )
    return group


def _inputs(command: Parser) -> None:
    group = _tree(command)
    group.add_argument(
        "--objtree",
        type=Path,
        metavar="DIR",
        help="an out-of-tree build folder whose generated headers are used",
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
        "--resolve",
        action="store_true",
        help="complete the configurations first, as 'make olddefconfig' would",
    )


def _platforms(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--platform",
        dest="platforms",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME",
        help="look at these platforms only (native, xen-pv, xen-hvm, hyperv, kvm, vmware and "
        "what else the tree knows)",
    )


def _output(command: Parser, shape: str, schema: str) -> None:
    group = command.add_argument_group("output")
    group.add_argument(
        "--format",
        choices=("tree", "json"),
        default="tree",
        help=f"a {shape} for people (default), or JSON as in docs/schema/{schema}-1.json",
    )
    group.add_argument(
        "--ascii", dest="ascii_only", action="store_true", help=f"draw the {shape} in plain ASCII"
    )


def _symbols(text: str) -> list[str]:
    names = [name.strip().removeprefix("CONFIG_") for name in text.split(",")]
    if not all(name.isidentifier() or name.isalnum() for name in names):
        raise argparse.ArgumentTypeError(f"'{text}' is no list of CONFIG symbols")
    return names


def _assignment(text: str) -> tuple[str, str]:
    variable, equals, command = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"'{text}' is not of the form VAR=COMMAND")
    return variable, command


def _positive(text: str) -> int:
    if not text.isdecimal() or not text.isascii() or not 0 < int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number from 1 to 1000000")
    return int(text)
