"""The values of the CONFIG symbols that a condition mentions, within a class."""

from __future__ import annotations

import re

from analyzer.configset.configset import Mask

Symbols = tuple[tuple[str, tuple[tuple[Mask, str], ...]], ...]
"""``PathsResult.symbols``: name -> masked values, unset elsewhere."""

_CONFIG_NAME = re.compile(r"\bCONFIG_(\w+)")


def values_in(text: str, mask: Mask, symbols: Symbols) -> tuple[str, ...]:
    """``PARAVIRT=y`` for each symbol in ``text``; ``X=y/n`` where ``mask`` has both."""
    known = dict(symbols)
    result: dict[str, None] = {}
    for mentioned in _CONFIG_NAME.findall(text):
        name = mentioned if mentioned in known else mentioned.removesuffix("_MODULE")
        if name in known:
            result.setdefault(f"{name}={_value(known[name], mask)}")
    return tuple(result)


def _value(entries: tuple[tuple[Mask, str], ...], mask: Mask) -> str:
    texts: dict[str, None] = {}
    rest = mask
    for where, text in entries:
        if where & mask:
            texts.setdefault(text)
            rest &= ~where
    if rest:
        texts.setdefault("n")
    return "/".join(texts)
