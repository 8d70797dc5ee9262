"""The preprocessing tokens of C text in tests, without comments and directives."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r'(?:L|u8|u|U)?"(?:\\.|[^"\\])*"|(?:L|u|U)?\'(?:\\.|[^\'\\])*\'|[A-Za-z_$]\w*'
    r"|\.?\d(?:[eEpP][+-]|[\w.])*|\.\.\.|<<=|>>=|->|\+\+|--|<<|>>|[<>=!+\-*/%&|^]=|&&|\|\||\S"
)


def tokens(text: str) -> list[str]:
    """C17 6.4, by the longest match."""
    return _TOKEN.findall(text)
