"""A ``.config`` as the kernel writes it, byte for byte.

``conf_write()`` in ``scripts/kconfig/confdata.c``: the menu tree in order, titles of visible
menus and comments, a symbol's line at its first entry.
"""

from __future__ import annotations

from analyzer.kconfig.evaluate import Values
from analyzer.kconfig.model import EntryKind, KconfigModel, Symbol, SymbolType


def dotconfig_text(model: KconfigModel, values: Values, index: int) -> str:
    """The ``.config`` of configuration ``index``."""
    bit = 1 << index
    out = [f"#\n# Automatically generated file; DO NOT EDIT.\n# {model.title}\n#\n"]
    done: set[int] = set()
    need_newline = False
    for entry in model.entries:
        if entry.kind is EntryKind.SYMBOL:
            number = entry.symbol
            if number in done:
                continue
            done.add(number)
            if not values.written[number] & bit:
                continue
            if need_newline:
                out.append("\n")
                need_newline = False
            out.append(_line(model, values, number, bit))
        elif values.m[entry.visible] & bit:
            if entry.kind is EntryKind.MENU_END:
                out.append(f"# end of {entry.title}\n")
                need_newline = True
            else:
                out.append(f"\n#\n# {entry.title}\n#\n")
                need_newline = False
    return "".join(out)


def _line(model: KconfigModel, values: Values, number: int, bit: int) -> str:
    symbol = model.symbols[number]
    if symbol.type is SymbolType.UNKNOWN:
        return ""
    text = written_text(model, values, number, bit)
    if text == "n" and symbol.type.is_logical:
        return f"# CONFIG_{symbol.name} is not set\n"
    return f"CONFIG_{symbol.name}={text}\n"


def written_text(model: KconfigModel, values: Values, number: int, bit: int) -> str:
    """The value as it stands after ``=``: logical ones as a letter, strings quoted."""
    symbol = model.symbols[number]
    if symbol.type.is_logical:
        node = model.symbol_nodes[number]
        return "y" if values.y[node] & bit else "m" if values.m[node] & bit else "n"
    text = next(
        (text for mask, text in values.texts.get(number, ()) if mask & bit), _default(symbol)
    )
    return quoted(symbol, text)


def quoted(symbol: Symbol, text: str) -> str:
    """The text of an int, hex or string symbol as it stands in a ``.config``."""
    if symbol.type is SymbolType.STRING:
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return text


def _default(symbol: Symbol) -> str:
    return symbol.name if symbol.type is SymbolType.UNKNOWN else ""
