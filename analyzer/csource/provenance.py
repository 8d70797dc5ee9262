"""Where the tokens of a bound piece come from: lines, macros, and the uses in its holes."""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.preprocessor.token import Origin, Token


@dataclass(frozen=True, slots=True, eq=False)
class Provenance:
    """Where the tokens of a bound piece come from.

    ``file`` is where the declaration stands. ``origins`` run parallel to the texts, and so
    do ``lines`` (1-based, of the token or of the use that brought it; none in an expansion).
    ``uses`` are, for each hole, the tokens of the macro use.
    """

    file: str
    origins: tuple[Origin, ...]
    lines: tuple[int, ...]
    uses: tuple[tuple[Token, ...], ...] = ()
