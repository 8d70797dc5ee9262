"""From the parsed menu tree to the model: what ``menu_finalize()`` does in the kernel.

Conditions of menus, ``if`` blocks and choices are handed down to the entries in them,
``visible if`` to their prompts, ``select`` and ``imply`` are turned round to their targets.
The automatic submenus of ``menu.c`` are left out: they change no value and no line of a
written ``.config``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import kconfiglib
from kconfiglib import MenuNode

from analyzer.errors import BadInput
from analyzer.kconfig.expressions import ExpressionTable, N, Node, Op, Y
from analyzer.kconfig.model import (
    Choice,
    Default,
    Definition,
    Depends,
    Entry,
    EntryKind,
    KconfigModel,
    Origin,
    Probe,
    Prompt,
    Range,
    Resolver,
    Reverse,
    Symbol,
    SymbolType,
)
from analyzer.kconfig.ordering import evaluation_order
from analyzer.kconfig.reader import KconfigReader, Mark
from analyzer.location import Location

_TYPES = {
    kconfiglib.UNKNOWN: SymbolType.UNKNOWN,
    kconfiglib.BOOL: SymbolType.BOOL,
    kconfiglib.TRISTATE: SymbolType.TRISTATE,
    kconfiglib.INT: SymbolType.INT,
    kconfiglib.HEX: SymbolType.HEX,
    kconfiglib.STRING: SymbolType.STRING,
}
_OPS = {
    kconfiglib.EQUAL: Op.EQUAL,
    kconfiglib.UNEQUAL: Op.UNEQUAL,
    kconfiglib.LESS: Op.LESS,
    kconfiglib.LESS_EQUAL: Op.LESS_EQUAL,
    kconfiglib.GREATER: Op.GREATER,
    kconfiglib.GREATER_EQUAL: Op.GREATER_EQUAL,
}
_DEFAULT_TOKENS = frozenset({kconfiglib._T_DEFAULT, *kconfiglib._DEF_TOKEN_TO_TYPE})
_PROMPT_TOKENS = frozenset({kconfiglib._T_PROMPT, *kconfiglib._TYPE_TOKENS})


@dataclass(frozen=True, slots=True)
class Identity:
    """What the model says about itself: architecture, kernel version, profile, resolver."""

    arch: str
    version: str
    toolchain: str
    resolver: Resolver


@dataclass(frozen=True, slots=True)
class _Context:
    """What an entry inherits from around it."""

    depends: tuple[Depends, ...]
    full: Node
    visible_if: tuple[Depends, ...]
    choice: int | None


class _Draft:
    """The properties of one symbol or choice while its entries are being collected."""

    __slots__ = ("choice", "defaults", "definitions", "implies", "prompts", "ranges", "selects")

    def __init__(self) -> None:
        self.choice: int | None = None
        self.definitions: list[Definition] = []
        self.prompts: list[Prompt] = []
        self.defaults: list[Default] = []
        self.ranges: list[Range] = []
        self.selects: list[Reverse] = []
        self.implies: list[Reverse] = []


def build_model(reader: KconfigReader, identity: Identity) -> KconfigModel:
    """The model of a parsed tree; :class:`BadInput` if symbols depend on themselves."""
    return _Builder(reader, identity).model()


class _Builder:
    def __init__(self, reader: KconfigReader, identity: Identity) -> None:
        self._reader = reader
        self._identity = identity
        self._table = ExpressionTable()
        self._symbols: list[Any] = []
        self._nodes_of_symbols: list[Node] = []
        self._index: dict[Any, int] = {}
        self._drafts: list[_Draft] = []
        self._choices: list[Any] = []
        self._choice_index: dict[Any, int] = {}
        self._choice_drafts: list[_Draft] = []
        self._members: list[dict[int, None]] = []
        self._probes: list[Probe] = []
        self._converted: dict[int, Node] = {}
        self._probe_nodes: dict[Any, Node] = {}
        self._entries: list[Entry] = []
        for constant in (reader.n, reader.m, reader.y):
            self._number(constant)
        self._modules = reader.modules_symbol or reader.n

    def model(self) -> KconfigModel:
        identity = self._identity
        top = self._reader.top_node
        self._block(top, _Context((), Y, (), None))
        choices = tuple(self._choice(i) for i in range(len(self._choices)))
        symbols: list[Symbol] = []
        while len(symbols) < len(self._symbols):
            symbols.append(self._symbol(len(symbols)))
        modules = self._index.get(self._reader.modules_symbol)
        nodes = tuple(self._table.nodes)
        return KconfigModel(
            arch=identity.arch,
            version=identity.version,
            title=top.prompt[0],
            toolchain=identity.toolchain,
            resolver=identity.resolver,
            nodes=nodes,
            order=evaluation_order(nodes, symbols, choices, self._nodes_of_symbols, modules),
            symbols=tuple(symbols),
            symbol_nodes=tuple(self._nodes_of_symbols),
            choices=choices,
            probes=tuple(self._probes),
            entries=tuple(self._entries),
            by_name={s.name: i for i, s in enumerate(symbols) if not s.constant},
            modules=modules,
            files=tuple(dict.fromkeys(self._reader.files)),
        )

    # Symbols and expressions

    def _number(self, symbol: Any) -> int:
        index = self._index.get(symbol)
        if index is None:
            index = self._index[symbol] = len(self._symbols)
            self._symbols.append(symbol)
            self._drafts.append(_Draft())
            self._nodes_of_symbols.append(self._table.node(Op.SYMBOL, index))
        return index

    def _leaf(self, symbol: Any) -> Node:
        if symbol is self._reader.modules:
            symbol = self._modules
        leaf = self._reader.leaves.get(symbol.name)
        if leaf is None:
            return self._nodes_of_symbols[self._number(symbol)]
        node = self._probe_nodes.get(symbol)
        if node is None:
            node = self._table.node(Op.PROBE, len(self._probes))
            self._probe_nodes[symbol] = node
            self._probes.append(Probe(leaf.command, leaf.value))
        return node

    def _operand(self, symbol: Any) -> Node:
        """A leaf of a comparison: there a probe is just its text."""
        leaf = self._reader.leaves.get(symbol.name)
        return self._leaf(symbol if leaf is None else self._reader.const_syms[leaf.value])

    def _node(self, expr: Any) -> Node:
        if not isinstance(expr, tuple):
            return self._leaf(expr)
        operator = expr[0]
        if operator == kconfiglib.AND:
            return self._table.both(self._node(expr[1]), self._node(expr[2]))
        if operator == kconfiglib.OR:
            return self._table.any_of((self._node(expr[1]), self._node(expr[2])))
        if operator == kconfiglib.NOT:
            return self._table.negation(self._node(expr[1]))
        return self._table.node(_OPS[operator], self._operand(expr[1]), self._operand(expr[2]))

    # The menu tree

    def _block(self, parent: MenuNode, context: _Context) -> None:
        node = parent.list
        while node:
            self._visit(node, context)
            node = node.next

    def _visit(self, node: MenuNode, context: _Context) -> None:
        marks = self._reader.marks.get(node, [])
        item = node.item
        inner = self._inner(marks, context, _origin(item))
        if item is None:
            self._block(node, inner)
        elif item == kconfiglib.MENU:
            own = tuple(
                Depends(self._node(mark.expr), mark.location, Origin.MENU)
                for mark in marks
                if mark.token == kconfiglib._T_VISIBLE
            )
            title = Entry(EntryKind.MENU, -1, node.prompt[0], self._all_of(inner.full, own))
            self._entries.append(title)
            self._block(node, _Context(inner.depends, inner.full, (*inner.visible_if, *own), None))
            self._entries.append(Entry(EntryKind.MENU_END, -1, title.title, title.visible))
        elif item == kconfiglib.COMMENT:
            self._entries.append(Entry(EntryKind.COMMENT, -1, node.prompt[0], inner.full))
        elif isinstance(item, kconfiglib.Choice):
            self._visit_choice(node, marks, inner)
        else:
            self._visit_symbol(node, marks, inner)

    def _inner(self, marks: list[Mark], context: _Context, origin: Origin) -> _Context:
        own = [
            Depends(self._node(mark.expr), mark.location, origin)
            for mark in marks
            if mark.token in (kconfiglib._T_DEPENDS, kconfiglib._T_IF)
        ]
        if not own:
            return context
        full = self._all_of(context.full, own)
        return _Context((*context.depends, *own), full, context.visible_if, context.choice)

    def _all_of(self, full: Node, own: Iterable[Depends]) -> Node:
        for depends in own:
            full = self._table.both(full, depends.expression)
        return full

    def _visit_choice(self, node: MenuNode, marks: list[Mark], inner: _Context) -> None:
        choice = node.item
        index = self._choice_index.get(choice)
        if index is None:
            index = self._choice_index[choice] = len(self._choices)
            self._choices.append(choice)
            self._choice_drafts.append(_Draft())
            self._members.append({})
            self._table.node(Op.CHOICE, index)
        draft = self._choice_drafts[index]
        self._take(draft, node, marks, inner)
        full = inner.full
        if self._identity.resolver.choices_have_modes:
            full = self._table.node(Op.MODE, index)
        self._block(node, _Context(inner.depends, full, inner.visible_if, index))

    def _visit_symbol(self, node: MenuNode, marks: list[Mark], inner: _Context) -> None:
        index = self._number(node.item)
        draft = self._drafts[index]
        if inner.choice is not None and draft.choice is None:
            draft.choice = inner.choice
            self._members[inner.choice][index] = None
        self._take(draft, node, marks, inner)
        for kind, pairs, token in (
            ("selects", node.selects, kconfiglib._T_SELECT),
            ("implies", node.implies, kconfiglib._T_IMPLY),
        ):
            places = [mark for mark in marks if mark.token == token]
            for (target, condition), mark in zip(pairs, places, strict=True):
                own = self._node(condition)
                strength = self._table.both(
                    self._nodes_of_symbols[index], self._table.both(inner.full, own)
                )
                reverse = Reverse(index, strength, own, mark.location)
                getattr(self._drafts[self._number(target)], kind).append(reverse)
        self._entries.append(Entry(EntryKind.SYMBOL, index, "", Y))

    def _take(self, draft: _Draft, node: MenuNode, marks: list[Mark], inner: _Context) -> None:
        """Collect what a symbol and a choice have in common from one of their entries."""
        both = self._table.both
        location = Location(node.filename, node.linenr)
        draft.definitions.append(Definition(location, inner.full, inner.depends))
        prompts = [*self._reader.extra_prompts.get(node, ()), *filter(None, (node.prompt,))]
        places = [mark for mark in marks if mark.token in _PROMPT_TOKENS]
        for (text, condition), mark in zip(prompts, places, strict=True):
            own = self._node(condition)
            visible = self._all_of(Y, inner.visible_if)
            full = both(both(inner.full, own), visible)
            draft.prompts.append(Prompt(text, full, own, inner.visible_if, mark.location))
        places = [mark for mark in marks if mark.token in _DEFAULT_TOKENS]
        for (value, condition), mark in zip(node.defaults, places, strict=True):
            own = self._node(condition)
            full = both(inner.full, own)
            draft.defaults.append(Default(self._node(value), full, own, mark.location, mark.probed))
        places = [mark for mark in marks if mark.token == kconfiglib._T_RANGE]
        for (low, high, condition), mark in zip(node.ranges, places, strict=True):
            own = self._node(condition)
            bounds = self._number(low), self._number(high)
            draft.ranges.append(Range(*bounds, both(inner.full, own), own, mark.location))

    # The facts

    def _choice(self, index: int) -> Choice:
        choice, draft = self._choices[index], self._choice_drafts[index]
        members = tuple(self._members[index])
        kind = choice.orig_type or next(
            (self._symbols[m].orig_type for m in members if self._symbols[m].orig_type),
            kconfiglib.BOOL,
        )
        for member in members:
            self._reader._set_type(self._symbols[member], kind)
        return Choice(
            location=draft.definitions[0].location,
            title=draft.prompts[0].text if draft.prompts else "",
            members=members,
            defaults=tuple(draft.defaults),
            prompt=self._table.any_of(prompt.condition for prompt in draft.prompts),
            has_mode=self._identity.resolver.choices_have_modes,
            tristate=kind == kconfiglib.TRISTATE,
            optional=choice.is_optional,
        )

    def _symbol(self, index: int) -> Symbol:
        symbol, draft = self._symbols[index], self._drafts[index]
        any_of = self._table.any_of
        kind = _TYPES[symbol.orig_type]
        if kind is SymbolType.UNKNOWN and draft.definitions and draft.choice is not None:
            raise BadInput(
                f"config {symbol.name} has no type",
                draft.definitions[0].location.file,
                draft.definitions[0].location.line,
            )
        if symbol in self._reader.transitional:
            _check_transitional(draft)
        return Symbol(
            name=symbol.name,
            type=kind if draft.definitions or symbol.is_constant else SymbolType.UNKNOWN,
            constant=symbol.is_constant,
            transitional=symbol in self._reader.transitional,
            choice=draft.choice,
            definitions=tuple(draft.definitions),
            prompts=tuple(draft.prompts),
            defaults=tuple(draft.defaults),
            ranges=tuple(draft.ranges),
            selects=tuple(draft.selects),
            implies=tuple(draft.implies),
            direct=_direct(draft.definitions, self._table),
            selected=any_of(reverse.strength for reverse in draft.selects) if draft.selects else N,
            implied=any_of(reverse.strength for reverse in draft.implies) if draft.implies else N,
        )


def _origin(item: Any) -> Origin:
    """What a condition of this menu node was written at."""
    if item is None:
        return Origin.IF
    if item == kconfiglib.MENU:
        return Origin.MENU
    return Origin.CHOICE if isinstance(item, kconfiglib.Choice) else Origin.ENTRY


def _direct(definitions: list[Definition], table: ExpressionTable) -> Node:
    """``dir_dep``: an entry without any condition adds nothing to it (``expr_alloc_or()``)."""
    conditions = [entry.full_depends for entry in definitions if entry.depends]
    return table.any_of(conditions) if conditions else Y


def _check_transitional(draft: _Draft) -> None:
    """``transitional_check_sanity()`` in ``parser.y``: type and help text, nothing else."""
    places = [prompt.location for prompt in draft.prompts]
    places += [default.location for default in draft.defaults]
    places += [bounds.location for bounds in draft.ranges]
    places += [entry.location for entry in draft.definitions if entry.depends]
    if places:
        message = "a transitional symbol can only have a type and a help text"
        raise BadInput(message, places[0].file, places[0].line)
