"""Lower statements, declarations and function definitions (C17 6.7, 6.8, 6.9)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from analyzer.csource.dialect import ASM_WORDS
from analyzer.csource.lower_type import TypeLowering
from analyzer.csource.syntax import (
    Asm,
    Block,
    Break,
    Case,
    Continue,
    Declaration,
    Declarator,
    DoWhile,
    Expr,
    Expression,
    For,
    FunctionDefinition,
    FunctionType,
    Goto,
    If,
    Label,
    Lost,
    Return,
    Span,
    Statement,
    StaticAssert,
    Switch,
    While,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_ASSERT: Final = frozenset({"_Static_assert", "static_assert"})


class StatementLowering(TypeLowering):
    """Statements. A node can give no statement (``;``) or two (a label and what it labels)."""

    __slots__ = ()

    def body(self, node: Node) -> tuple[Statement, ...]:
        return self.sequence(node.children[1:-1])

    def sequence(self, nodes: Iterable[Node]) -> tuple[Statement, ...]:
        """The statements of sibling nodes."""
        found: list[Statement] = []
        for node in nodes:
            self._append(node, found)
        return tuple(found)

    def _append(self, node: Node, found: list[Statement]) -> None:
        handler = _STATEMENTS.get(node.type)
        if handler is None:
            found.append(self.lost(node))
            return
        statement = handler(self, node)
        if statement is not None:
            found.append(statement)
        if node.type == "labeled_statement":
            self._append(node.children[2], found)

    def one(self, node: Node) -> Statement:
        """A node where exactly one statement stands, as the branch of an ``if``."""
        found: list[Statement] = []
        self._append(node, found)
        return found[0] if len(found) == 1 else Block(tuple(found))

    def lost(self, node: Node) -> Lost:
        """What tree-sitter could not read, with the calls inside."""
        span = self.span(node)
        self.unread.append(span)
        return Lost(tuple([Expression(part) for part in self.found_inside(node)]), span)

    def _nothing(self, node: Node) -> None:
        del node

    def _block(self, node: Node) -> Statement:
        return Block(self.body(node))

    def _expression(self, node: Node) -> Statement | None:
        children = node.children
        if children[0].type == ";":
            return None
        inner = children[0]
        if inner.type == "call_expression":
            at = self.at(inner)
            word = self.texts[at]
            if word in ASM_WORDS and at in self.aside.asms:
                return self._asm(inner, at)
            if word in _ASSERT:
                return StaticAssert(self.expression(inner.children[1].children[1]))
        return Expression(self.expression(inner))

    def _asm(self, node: Node, at: int) -> Statement:
        said = self.aside.asms[at]
        operands = [self.expression(child) for child in node.children[1].children[3:-1:2]]
        count = len(said.outputs)
        if len(operands) != count + len(said.inputs):
            return self.lost(node)
        return Asm(
            said.template,
            tuple(zip(said.outputs, operands[:count], strict=True)),
            tuple(zip(said.inputs, operands[count:], strict=True)),
            said.labels,
            at,
        )

    def _condition(self, node: Node) -> tuple[Expr, Span]:
        """A condition without its parentheses, and its span."""
        inner = node.children[1]
        if inner.type == "compound_statement":
            return self.expression(node), self.span(node)
        return self.expression(inner), self.span(inner)

    def _if(self, node: Node) -> Statement:
        children = node.children
        condition, span = self._condition(children[1])
        outer = (condition, self.one(children[2]), span)
        branches: list[tuple[Expr, Statement, Span]] = []
        otherwise: Statement | None = None
        while len(children) > 3:  # `else if` chains can be long
            branch = children[3].children[1]
            if branch.type != "if_statement" or branch.has_error:
                otherwise = self.one(branch)
                break
            children = branch.children
            condition, span = self._condition(children[1])
            branches.append((condition, self.one(children[2]), span))
        for condition, then, span in reversed(branches):
            otherwise = If(condition, then, otherwise, span)
        return If(outer[0], outer[1], otherwise, outer[2])

    def _while(self, node: Node) -> Statement:
        children = node.children
        condition, span = self._condition(children[1])
        return While(condition, self.one(children[2]), span)

    def _do(self, node: Node) -> Statement:
        children = node.children
        condition, span = self._condition(children[3])
        return DoWhile(self.one(children[1]), condition, span)

    def _for(self, node: Node) -> Statement:
        children = node.children
        init: Statement | None = None
        position = 2
        first = children[position]
        if first.type in ("declaration", "type_definition"):
            init = self.one(first)
            position += 1
        else:
            if first.type != ";":
                init = Expression(self.expression(first))
                position += 1
            position += 1
        condition: Expr | None = None
        span = (self.at(node), self.at(node) + 1)
        if children[position].type != ";":
            condition = self.expression(children[position])
            span = self.span(children[position])
            position += 1
        position += 1
        step: Expr | None = None
        if children[position].type != ")":
            step = self.expression(children[position])
        return For(init, condition, step, self.one(children[-1]), span)

    def _switch(self, node: Node) -> Statement:
        children = node.children
        value, span = self._condition(children[1])
        return Switch(value, self.one(children[2]), span)

    def _case(self, node: Node) -> Statement:
        children = node.children
        if children[0].type == "default":
            at = self.at(node)
            return Case(None, None, self.sequence(children[2:]), (at, at + 1))
        value = children[1]
        low: Expr
        high: Expr | None = None
        if value.type == "binary_expression" and self._is_range(value):
            low = self.expression(value.children[0])
            high = self.expression(value.children[2])
        else:
            low = self.expression(value)
        return Case(low, high, self.sequence(children[3:]), self.span(value))

    def _is_range(self, node: Node) -> bool:
        return self.texts[self.at(node.children[1])] == "..."

    def _label(self, node: Node) -> Statement:
        return Label(self.texts[self.at(node)])

    def _goto(self, node: Node) -> Statement:
        return Goto(self.texts[self.at(node.children[1])], None)

    def _return(self, node: Node) -> Statement:
        children = node.children
        value = self.expression(children[1]) if len(children) == 3 else None
        if self.texts[self.at(node)] == "goto":
            return Goto(None, value)
        return Return(value)

    def _break(self, node: Node) -> Statement:
        del node
        return Break()

    def _continue(self, node: Node) -> Statement:
        del node
        return Continue()

    # --- declarations ---

    def _declaration(self, node: Node) -> Statement:
        children = node.children
        start = self.at(node)
        specifiers = self.specifiers(children)
        declarators: list[Declarator] = []
        end = self.end(node)
        rest = [child for child in children[specifiers.rest :] if child.is_named]
        if not rest:
            attributes = self.claim_before(start) + self.claim(start, end)
            return Declaration(specifiers.storage, specifiers.type, attributes, (), start)
        begin = self.at(rest[0])
        inits: list[tuple[Node, Node | None]] = []
        for child in rest:
            if child.type == "init_declarator":
                parts = child.children
                inits.append((parts[0], parts[2]))
            else:
                inits.append((child, None))
        declared = [self.declarator(child, specifiers.type) for child, _ in inits]
        # GCC: what stands before the first declarator belongs to all of them
        attributes = self.claim(self.leading(start), begin)
        for (child, value), (name, type_, at) in zip(inits, declared, strict=True):
            own = self.claim(begin, self.at(value) if value is not None else self._separator(child))
            initial = self.expression(value) if value is not None else None
            declarators.append(Declarator(name or "", type_, initial, own, at))
            begin = self.end(value) if value is not None else self.end(child)
        return Declaration(
            specifiers.storage, specifiers.type, attributes, tuple(declarators), start
        )

    def _separator(self, node: Node) -> int:
        """The index of the ``,`` or ``;`` behind a declarator."""
        follower = node.next_sibling
        return self.at(follower) if follower is not None else self.end(node)

    def _tag_only(self, node: Node) -> Statement:
        start = self.at(node)
        specifiers = self.specifiers([node])
        attributes = self.claim_before(start) + self.claim(start, self.end(node) + 1)
        return Declaration((), specifiers.type, attributes, (), start)

    def _function_definition(self, node: Node) -> Statement:
        children = node.children
        specifiers = self.specifiers(children)
        declarator = children[specifiers.rest]
        name, type_, at = self.declarator(declarator, specifiers.type)
        body = children[-1]
        attributes = self.claim(self.leading(self.at(node)), self.at(body))
        if name is None or not isinstance(type_, FunctionType):
            return self.lost(node)
        return FunctionDefinition(name, type_, specifiers.storage, attributes, self.body(body), at)


_STATEMENTS: Final[dict[str, Callable[[StatementLowering, Node], Statement | None]]] = {
    "compound_statement": StatementLowering._block,
    "expression_statement": StatementLowering._expression,
    "if_statement": StatementLowering._if,
    "while_statement": StatementLowering._while,
    "do_statement": StatementLowering._do,
    "for_statement": StatementLowering._for,
    "switch_statement": StatementLowering._switch,
    "case_statement": StatementLowering._case,
    "labeled_statement": StatementLowering._label,
    "goto_statement": StatementLowering._goto,
    "return_statement": StatementLowering._return,
    "break_statement": StatementLowering._break,
    "continue_statement": StatementLowering._continue,
    "declaration": StatementLowering._declaration,
    "type_definition": StatementLowering._declaration,
    "struct_specifier": StatementLowering._tag_only,
    "union_specifier": StatementLowering._tag_only,
    "enum_specifier": StatementLowering._tag_only,
    "primitive_type": StatementLowering._tag_only,
    "sized_type_specifier": StatementLowering._tag_only,
    "function_definition": StatementLowering._function_definition,
    ";": StatementLowering._nothing,
}
