"""Pages of commands in Markdown, for the documentation."""

from __future__ import annotations

from collections.abc import Iterator

from analyzer.report.command_page import Argument, CommandPage, Manual

# At the end: a site takes a page's title from its first line.
_MADE = "<!-- Made from the parser by 'make documents'; do not edit. -->"


def index_markdown(manual: Manual) -> str:
    """The list of commands and the exit statuses."""
    lines = [
        *("# Commands", "", manual.summary, ""),
        *("| command | what it does |", "| --- | --- |"),
    ]
    for page in manual.commands:
        lines.append(f"| [`{page.name}`]({file_name(page)}) | {_cell(page.summary)} |")
    lines += ["", "## Exit status", "", "| status | meaning |", "| --- | --- |"]
    lines += [f"| {one.status} | {_cell(one.meaning)} |" for one in manual.statuses]
    return "\n".join([*lines, "", _MADE, ""])


def page_markdown(page: CommandPage) -> str:
    """One command."""
    lines = [f"# {page.name}", ""]
    lines += ["    " + page.synopsis, ""]
    for paragraph in page.description:
        lines += [_text(paragraph), ""]
    for group in page.groups:
        lines += [f"## {group.title[:1].upper()}{group.title[1:]}", ""]
        for argument in group.arguments:
            lines += [*_argument(argument), ""]
    if page.examples:
        lines += ["## Examples", "", *(f"    {line}" for line in page.examples), ""]
    return "\n".join([*lines, _MADE, ""])


def file_name(page: CommandPage) -> str:
    """The file of a page: the command's words after the program's, joined by hyphens."""
    return "-".join(page.name.split()[1:]) + ".md"


def _argument(argument: Argument) -> Iterator[str]:
    spelled = [f"{name} {argument.value}".strip() for name in argument.names]
    head = ", ".join(f"`{one}`" for one in spelled or [argument.value])
    need = " (required)" if argument.required else ""
    yield f"{head}{need}"
    yield f":   {_text(argument.help) or 'No further help.'}"


def _text(text: str) -> str:
    for mark in ("\\", "*", "_", "<", "[", "`", "|"):
        text = text.replace(mark, f"\\{mark}")
    return text


def _cell(text: str) -> str:
    return _text(text)
