"""The man page, in the man macros of roff (man(7), groff_man(7))."""

from __future__ import annotations

from collections.abc import Iterator

from analyzer.report.command_page import Argument, CommandPage, Manual


def man_page(manual: Manual) -> str:
    """``kimpact.1``: every command on one page."""
    name = manual.name
    lines = [
        '.\\" Made from the parser by "make documents"; do not edit.',
        f'.TH {name.upper()} 1 "" "{name} {manual.version}" "User Commands"',
        ".SH NAME",
        f"{name} \\- {_text(manual.summary)}",
        ".SH SYNOPSIS",
        f".B {name}",
        ".I COMMAND",
        "[\\fIARGUMENT\\fR]...",
        ".SH COMMANDS",
    ]
    for page in manual.commands:
        lines += _page(page)
    lines.append(".SH EXIT STATUS")
    for one in manual.statuses:
        lines += [".TP", f".B {one.status}", _text(one.meaning)]
    return "\n".join([*lines, ""])


def _page(page: CommandPage) -> Iterator[str]:
    yield f'.SS "{_text(page.name)}"'
    yield _text(page.synopsis)
    for paragraph in page.description:
        yield ".PP"
        yield _text(paragraph)
    for group in page.groups:
        yield ".PP"
        yield f".I {_text(group.title[:1].upper() + group.title[1:])}:"
        for argument in group.arguments:
            yield from _argument(argument)
    if page.examples:
        yield ".PP"
        yield ".I Examples:"
        yield ".PP"
        yield ".nf"
        for line in page.examples:
            yield f".RS 4\n{_text(line)}\n.RE"
        yield ".fi"


def _argument(argument: Argument) -> Iterator[str]:
    value = f"\\fI{_text(argument.value)}\\fR" if argument.value else ""
    names = [f"\\fB{_text(name)}\\fR" for name in argument.names]
    head = ", ".join(f"{name} {value}".strip() for name in names) or value
    yield ".TP"
    yield head + (" (required)" if argument.required else "")
    yield _text(argument.help) or "\\&"


def _text(text: str) -> str:
    """``text`` as it is: nothing in it is a request or an escape of roff."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq")
    escaped = escaped.replace("'", "\\(aq").replace("^", "\\(ha").replace("~", "\\(ti")
    return f"\\&{escaped}" if escaped.startswith(".") else escaped
