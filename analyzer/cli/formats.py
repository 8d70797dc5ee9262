"""The formats of reviews and graphs: each is a renderer of its own, loaded when asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from analyzer.errors import InternalError

if TYPE_CHECKING:
    from analyzer.impact.result import ReviewResult
    from analyzer.report.graph import Drawing


def show_review(result: ReviewResult, name: str, stdout: TextIO, *, ascii_only: bool) -> None:
    """Write ``result`` in the format ``name`` of the command line."""
    if name == "tree":
        from analyzer.report.review import print_review

        print_review(result, stdout, ascii_only=ascii_only)
    elif name == "json":
        from analyzer.report.json_review import review_json

        stdout.write(review_json(result))
    elif name == "html":
        from analyzer.report.pages import review_page

        stdout.write(review_page(result))
    elif name == "markdown":
        from analyzer.report.markdown import review_markdown

        stdout.write(review_markdown(result))
    elif name == "mail":
        from analyzer.report.mail import review_mail

        stdout.write(review_mail(result))
    elif name == "terse":
        from analyzer.report.terse import review_terse

        stdout.write(review_terse(result))
    elif name == "sarif":
        from analyzer.report.sarif import review_sarif

        stdout.write(review_sarif(result))
    elif name == "b4":
        from analyzer.report.b4 import review_b4

        stdout.write(review_b4(result))
    else:
        raise InternalError(f"no renderer for {name}")


def show_no_review(stdout: TextIO) -> None:
    """Tell b4 that there is nothing to say."""
    from analyzer.report.b4 import NOTHING

    stdout.write(NOTHING)


def show_graph(drawing: Drawing, name: str, stdout: TextIO) -> None:
    """Write a graph in the format ``name`` of the command line.

    Raises :class:`analyzer.errors.BadInput` where what draws it is not installed.
    """
    if name == "dot":
        from analyzer.report.dot import dot_text

        stdout.write(dot_text(drawing))
    elif name == "mermaid":
        from analyzer.report.mermaid import mermaid_text

        stdout.write(mermaid_text(drawing))
    elif name == "svg":
        from analyzer.report.svg import svg_text

        stdout.write(svg_text(drawing))
    else:
        raise InternalError(f"no renderer for {name}")
