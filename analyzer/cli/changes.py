"""The commands that ask about changes: review and check."""

from __future__ import annotations

from pathlib import Path

from analyzer.cli.options import (
    Commands,
    Parser,
    command_of,
    input_options,
    output_options,
    platform_options,
)

_REVIEW_TEXT = """\
Say what patches change before they are merged: which functions differ as compiled,
which paths change in which configurations and on which platforms, what becomes of the
object before and after, which added lines nothing compiles, what to build and boot to
exercise all of it, and whether the changelog is true. Beside the configurations given,
one is looked at for each combination of the symbols that matter to the change. Patches
are applied in memory.
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
PT_RECLAIM, nothing on the way from zap_pte_range frees the page without RCU". Without a
PATCH the tree itself is checked, else what each patch makes of it. A violation is shown
with a path that breaks the rule; exit status 1 says that there is one. docs/policy.md
has the format.
"""

_CHECK_EXAMPLES = """\
examples:
  kimpact check --policy rules.toml --kernel linux --config-dir configs
  kimpact check 0001-fix.patch --policy rules.toml --kernel linux --config .config
  kimpact check --policy rules.toml --kernel linux --config .config --range v6.12..topic
"""


def add_changes(commands: Commands[Parser]) -> None:
    """Add these commands to a command line."""
    _review(commands)
    _check(commands)


def _review(commands: Commands[Parser]) -> None:
    command = command_of(
        commands, "review", "say what a patch changes", _REVIEW_TEXT, _REVIEW_EXAMPLES
    )
    patch_options(command)
    input_options(command)
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
    search.add_argument(
        "--policy",
        type=Path,
        metavar="FILE",
        help="check rules about paths too, before and after each patch (docs/policy.md)",
    )
    platform_options(search)
    output = command.add_argument_group("output")
    output.add_argument(
        "--format",
        choices=("tree", "html", "json", "markdown", "mail", "terse", "sarif", "b4"),
        default="tree",
        help="a report for people (default), a page for a browser (docs/html.md), JSON as in "
        "docs/schema/review-1.json, a comment in Markdown, a mail to reply with, lines as of "
        "checkpatch, SARIF 2.1.0, or what b4 reads",
    )
    output.add_argument(
        "--ascii", dest="ascii_only", action="store_true", help="draw the report in plain ASCII"
    )
    output.add_argument(
        "--fail-on",
        dest="gates",
        nargs="+",
        action="extend",
        choices=("path-change", "coverage", "claim", "policy"),
        default=[],
        help="exit with status 1 if paths change, an added line is compiled by no configuration, "
        "a claim of the changelog does not hold, or a rule of --policy is broken after a patch",
    )


def _check(commands: Commands[Parser]) -> None:
    command = command_of(commands, "check", "check rules about paths", _CHECK_TEXT, _CHECK_EXAMPLES)
    patch_options(command)
    input_options(command)
    search = command.add_argument_group("what to check")
    search.add_argument(
        "--policy", required=True, type=Path, metavar="FILE", help="the rules, as TOML"
    )
    platform_options(search)
    output_options(command, "report", "check")


def patch_options(command: Parser) -> None:
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
