"""Reading Kconfig files with kconfiglib, adapted to the language of today's kernels.

kconfiglib 14.1.0 knows the language as of Linux 5.9. Added here, each by normalising one
line before or after kconfiglib tokenises it, so that file and line stay exact:

- a bare ``modules`` (Linux 5.13 dropped the word ``option`` before it);
- ``transitional`` (Linux 6.18) on a symbol that only carries an old name's value over;
- ``depends on A if B`` (Linux 6.19), which means ``A || B=n``
  (``menu_add_dep()`` in ``scripts/kconfig/menu.c``).

Changed on purpose: files come from a SourceTree and nowhere else, ``$(shell,...)`` is
answered from a toolchain profile, environment variables from an explicit mapping, and no
module named by the environment is imported. ``source`` takes one literal path, as in the
kernel, and the sourced file continues the token stream, as in ``lexer.l``.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import kconfiglib
from kconfiglib import AND, EQUAL, NOT, OR, UNEQUAL, KconfigError, MenuNode, Symbol

from analyzer.errors import BadInput, InternalError
from analyzer.kconfig.macros import MacroReader
from analyzer.kconfig.probes import Probes
from analyzer.location import Location
from analyzer.tree.outside import absence
from analyzer.tree.source_tree import SourceTree

MAX_BLOCKS = 100
"""How deep ``menu``, ``choice`` and ``if`` may be nested; a kernel goes to about ten."""

MAX_FILES = 20_000
"""How many ``source`` statements are followed; a kernel has about 1,500."""

Expr = Any
"""kconfiglib's form: a Symbol, or a tuple of an operator and its operands."""

_LOCATED = re.compile(r"\n?(\S+?):(\d+): (?:error: )?(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Mark:
    """Where one property of a menu node stands, in the order kconfiglib stores them.

    ``token`` is kconfiglib's token of the statement; ``expr`` the expression of a
    ``depends on``, ``visible if`` or ``if``, else None; ``probed`` says that a shell
    probe or the toolchain's environment went into the line.
    """

    token: int
    location: Location
    expr: Expr | None
    probed: bool


class KconfigReader(MacroReader):
    """The parse of all Kconfig files of a tree.

    After construction ``top_node`` is the raw menu tree (``if`` nodes still in it,
    nothing propagated), ``marks`` the places of each node's properties,
    ``extra_prompts`` prompts that a later one in the same entry hides,
    ``modules_symbol`` the symbol with the ``modules`` attribute, ``transitional`` the
    symbols with that attribute, ``leaves`` the probe symbols by name.

    Raises :class:`BadInput` with file and line on a syntax error, a missing or
    endlessly recursive ``source``, or an ``error-if`` that holds.
    """

    def __init__(
        self, tree: SourceTree, environment: Mapping[str, str], probes: Probes, top: str = "Kconfig"
    ) -> None:
        super().__init__(environment, probes)
        self._tree = tree
        self.files: list[str] = []
        self._sourced: dict[str, str] = {}
        self.marks: dict[MenuNode, list[Mark]] = {}
        self.extra_prompts: dict[MenuNode, list[tuple[str, Expr]]] = {}
        self.modules_symbol: Symbol | None = None
        self.transitional: set[Symbol] = set()
        self._pending_source: str | None = None
        self._blocks: list[tuple[str, int, int]] = []
        self._reset_parser(top)
        self._read_all(top)

    def _reset_parser(self, top: str) -> None:
        """The state that kconfiglib's parsing methods rely on, without its set-up's imports."""
        self.warn = self.warn_to_stderr = False
        self.syms: dict[str, Symbol] = {}
        self.defined_syms: list[Symbol] = []
        self.choices: list[kconfiglib.Choice] = []
        self.menus: list[MenuNode] = []
        self.comments: list[MenuNode] = []
        self.named_choices: dict[str, kconfiglib.Choice] = {}
        self.defconfig_list = None
        self._parsing_kconfigs = True
        self.n, self.m, self.y = (self._tristate_constant(name) for name in "nmy")
        self.const_syms = {"n": self.n, "m": self.m, "y": self.y}
        self.modules = self._tristate_constant("the symbol with the attribute 'modules'")
        self._include_path: tuple[tuple[str, int], ...] = ()
        self._filestack: list[tuple[tuple[tuple[str, int], ...], Any]] = []
        self.filename, self.linenr, self._line = top, 0, ""
        self._reuse_tokens = False
        node = self.top_node = MenuNode()
        node.kconfig, node.item, node.is_menuconfig = self, kconfiglib.MENU, True
        node.visibility = node.dep = self.y
        node.prompt, node.parent, node.list = ("Main menu", self.y), None, None
        node.filename, node.linenr, node.include_path = top, 1, ()

    def _tristate_constant(self, name: str) -> Symbol:
        symbol = Symbol()
        symbol.kconfig, symbol.name, symbol.is_constant = self, name, True
        symbol.orig_type = kconfiglib.TRISTATE
        return symbol

    def _read_all(self, top: str) -> None:
        text = self._text_of(top)
        if text is None:
            raise BadInput(f"no {top} file at the top of the tree", self._tree.label)
        self._readline = text.readline
        self.files.append(top)
        try:
            self._parse_block(None, self.top_node, self.top_node).next = None
        except KconfigError as error:
            raise self._bad_input(str(error)) from None
        self.top_node.list = self.top_node.next
        self.top_node.next = None
        self._parsing_kconfigs = False

    def _bad_input(self, message: str) -> BadInput:
        located = _LOCATED.fullmatch(message)
        if located is not None and located[1] == self.filename:
            message = located[3]
        line = self._statement_line or self.linenr
        return BadInput(" ".join(message.split())[:400], self.filename, line)

    # Files

    def _text_of(self, path: str) -> io.StringIO | None:
        raw = self._tree.read(path)
        if raw is None:
            return None
        return io.StringIO(raw.decode("utf-8", "surrogateescape"), newline=None)

    def _next_line(self) -> bool:
        if self._reuse_tokens:
            self._reuse_tokens = False
            return True
        if self._pending_source is not None:
            path, self._pending_source = self._pending_source, None
            self._enter_file(path)
        self._statement_line = self.linenr + 1
        while not super()._next_line():
            self._check_blocks()
            if not self._filestack:
                return False
            self._leave_file()
            self._statement_line = self.linenr + 1
        return True

    def _line_after_help(self, line: str) -> None:
        self._statement_line = self.linenr
        super()._line_after_help(line)

    def _parse_help(self, node: MenuNode) -> None:
        """Pass over a help text: it ends at a line indented less than its first one."""
        margin, prefix, passed = 0, "\n", 0
        while line := self._readline():
            passed += 1
            if line.startswith(prefix) or line.isspace():
                continue
            expanded = line.expandtabs()
            indent = len(expanded) - len(expanded.lstrip())
            if indent == 0 or indent < margin:
                break
            if not margin:
                margin, prefix = indent, line[: len(line) - len(line.lstrip())]
        node.help = ""
        self.linenr += passed
        if line:
            self._line_after_help(line)

    def _enter_file(self, filename: str) -> None:
        here = f"{self.filename}:{self.linenr}"
        stack = [name for name, _ in self._include_path]
        if filename in (*stack, self.filename):
            way = ", ".join(f"{name}:{line}" for name, line in self._include_path)
            raise KconfigError(
                f"endless recursion: {filename!r} is sourced from within itself, by {way}, {here}"
            )
        if filename in self._sourced and self._refuses_repetition():
            raise KconfigError(
                f"repeated inclusion of {filename!r}, which {self._sourced[filename]} sources too"
            )
        self._sourced[filename] = here
        self.files.append(filename)
        if len(self.files) > MAX_FILES:
            raise KconfigError(f"more than {MAX_FILES} files are sourced")
        text = self._text_of(filename)
        if text is None:
            why = absence(self._tree, filename, "does not exist")
            raise KconfigError(f"the sourced file {filename!r} {why}")
        self._filestack.append((self._include_path, self._readline))
        self._include_path += ((self.filename, self.linenr),)
        self._readline = text.readline
        self.filename, self.linenr = filename, 0

    def _refuses_repetition(self) -> bool:
        """Whether the tree's own resolver stops at a file that is sourced twice (Linux 7)."""
        source = self._tree.read("scripts/kconfig/util.c")
        return source is not None and b"die_duplicated_include" in source

    def _check_blocks(self) -> None:
        """At the end of a file no block that it opened may still be open."""
        if self._blocks and self._blocks[-1][2] == len(self._filestack):
            self._statement_line = self._blocks[-1][1]
            raise KconfigError("the block that starts here does not end in this file")

    def _leave_file(self) -> None:
        self.filename, self.linenr = self._include_path[-1]
        self._include_path, self._readline = self._filestack.pop()

    # Statements

    def _parse_block(self, end_token: int | None, parent: MenuNode, prev: MenuNode) -> MenuNode:
        if end_token is None:
            return super()._parse_block(end_token, parent, prev)
        depth = len(self._filestack)
        if end_token is kconfiglib._T_ENDIF:
            line = self._statement_line
            probed = self._probed
            mark = Mark(kconfiglib._T_IF, self.location(), parent.dep, probed)
            self.marks[parent] = [mark]
        else:
            line = parent.linenr
        if len(self._blocks) == MAX_BLOCKS:
            self._statement_line = line
            raise KconfigError(f"more than {MAX_BLOCKS} blocks are nested")
        self._blocks.append((self.filename, line, depth))
        last = super()._parse_block(end_token, parent, prev)
        if len(self._filestack) != depth:
            raise KconfigError("the block that ends here starts in another file")
        self._blocks.pop()
        return last

    def _parse_props(self, node: MenuNode) -> None:
        self._node = node
        self.marks[node] = []
        super()._parse_props(node)
        self._node = None

    def _parse_cond(self) -> Expr:
        cond = super()._parse_cond()
        self._mark(None)
        return cond

    def _expect_expr_and_eol(self) -> Expr:
        expr = self._parse_expr(True)
        token = self._tokens[0]
        if token is kconfiglib._T_DEPENDS and self._check_token(kconfiglib._T_IF):
            expr = (OR, expr, self._compared(EQUAL, self._parse_expr(True)))
        if self._tokens[self._tokens_i] is not None:
            self._trailing_tokens_error()
        if token is not kconfiglib._T_IF:
            self._mark(expr)
        return expr

    def _mark(self, expr: Expr | None) -> None:
        if self._node is None:
            raise InternalError("a property outside a menu node")
        probed = self._probed
        self.marks[self._node].append(Mark(self._tokens[0], self.location(), expr, probed))

    def _compared(self, operator: int, expr: Expr) -> Expr:
        """``expr`` compared with ``n``, as ``expr_trans_compare()`` in ``expr.c`` does it.

        A negation swaps the operator, so ``!A = n`` is ``A != n`` also where A is ``m``.
        """
        if isinstance(expr, Symbol):
            return (operator, expr, self.n)
        if expr[0] == NOT:
            return self._compared(UNEQUAL if operator == EQUAL else EQUAL, expr[1])
        equal: Expr = (NOT, expr)
        if expr[0] in (AND, OR):
            joined = OR if expr[0] == AND else AND
            equal = (joined, self._compared(EQUAL, expr[1]), self._compared(EQUAL, expr[2]))
        return equal if operator == EQUAL else (NOT, equal)

    def _set_type(self, item: Any, new_type: int) -> None:
        """The first type given stays (``menu_set_type()``); kconfiglib lets the last one win."""
        if not item.orig_type:
            item.orig_type = new_type

    def _parse_prompt(self, node: MenuNode) -> None:
        if node.prompt is not None:
            self.extra_prompts.setdefault(node, []).append(node.prompt)
        super()._parse_prompt(node)

    # Lines

    def _tokenize(self, s: str) -> Any:
        self._line = s
        word = s.strip()
        if word == "transitional" and self._node is not None:
            self.transitional.add(self._symbol_with(word))
            return (None,)
        if word == "modules" and self._node is not None:
            self._set_modules(self._symbol_with(word))
            return (None,)
        tokens = super()._tokenize(s)
        first = tokens[0]
        if first is kconfiglib._T_SOURCE:
            return self._source(tokens)
        if first is kconfiglib._T_OPTION:
            if tokens[1:] != [kconfiglib._T_MODULES, None] or self._node is None:
                self._parse_error("this option is not known to the kernel's Kconfig")
            self._set_modules(self._symbol_with("modules"))
            return (None,)
        if first in _NOT_OF_THE_KERNEL:
            self._parse_error("this statement is not known to the kernel's Kconfig")
        if first in _PROPERTIES and self._node is not None:
            self._check_property(first, self._node.item)
        return tokens

    def _check_property(self, token: int, item: Any) -> None:
        if item in (kconfiglib.MENU, kconfiglib.COMMENT):
            if token is kconfiglib._T_VISIBLE and item == kconfiglib.MENU:
                return
            self._parse_error("a menu or comment cannot have this property")
        elif token is kconfiglib._T_VISIBLE:
            self._parse_error("only a menu can have 'visible if'")

    def _symbol_with(self, attribute: str) -> Symbol:
        symbol = None if self._node is None else self._node.item
        if not isinstance(symbol, Symbol):
            self._parse_error(f"only a symbol can be {attribute!r}")
        return symbol

    def _set_modules(self, symbol: Symbol) -> None:
        if self.modules_symbol is not None:
            self._parse_error(
                f"{symbol.name} redefines the attribute 'modules' of {self.modules_symbol.name}"
            )
        self.modules_symbol = symbol

    def _source(self, tokens: list[Any]) -> list[Any]:
        """Remember the file to enter; a ``mainmenu`` that changes nothing takes the place."""
        if len(tokens) != 3 or not isinstance(tokens[1], str):
            self._parse_error("one quoted path is expected after 'source'")
        path = tokens[1].removeprefix("$(srctree)/")
        self._pending_source = path
        return [kconfiglib._T_MAINMENU, self.top_node.prompt[0], None]

    def _warn(self, msg: str, filename: str | None = None, linenr: int | None = None) -> None:
        """kconfiglib's remarks on style; none of them changes a value."""


_NOT_OF_THE_KERNEL = frozenset(
    {
        kconfiglib._T_OSOURCE,
        kconfiglib._T_RSOURCE,
        kconfiglib._T_ORSOURCE,
    }
)
_PROPERTIES = frozenset(
    {
        *kconfiglib._TYPE_TOKENS,
        *kconfiglib._DEF_TOKEN_TO_TYPE,
        kconfiglib._T_DEFAULT,
        kconfiglib._T_HELP,
        kconfiglib._T_IMPLY,
        kconfiglib._T_OPTIONAL,
        kconfiglib._T_PROMPT,
        kconfiglib._T_RANGE,
        kconfiglib._T_SELECT,
        kconfiglib._T_VISIBLE,
    }
)
