"""What could not be read is told, with its place; the rest of the function still counts."""

from __future__ import annotations

from unit_case import graph_of

from analyzer.diagnostics import Diagnostics
from analyzer.location import Location

SOURCE = """
void f(void)
{
    before();
    x = @@ 1;
    after();
}
void unused_text(void) { }
"""


def test_a_loss_is_a_diagnostic_with_its_place() -> None:
    diagnostics = Diagnostics()
    graph = graph_of(SOURCE, diagnostics=diagnostics)
    assert {(edge.caller, edge.callee) for edge in graph.edges} == {("f", "before"), ("f", "after")}
    (loss,) = [item for item in diagnostics if item.code == "parse-loss"]
    assert loss.location == Location("a.c", 5)
    assert "part of f() could not be read" in loss.message


def test_nothing_is_told_of_text_that_is_read() -> None:
    diagnostics = Diagnostics()
    graph_of("void f(void) { g(); }", diagnostics=diagnostics)
    assert not list(diagnostics)


def test_macros_bring_the_operands_of_an_asm_statement() -> None:
    source = """
#define ADDRESS "+m" (*(volatile char *) ((void *)(p) + ((n) >> 3))), "=r" (m)
#define TEMPLATE "call %P[to]; " "nop; " "nop; " "nop; " "nop; " "nop; " "nop; " "nop; "
void helper(void);
void f(long n, char *p)
{
    long m;
    asm volatile(TEMPLATE : ADDRESS : "Ir" (n), [to] "i" (helper) : "memory");
    after();
}
"""
    diagnostics = Diagnostics()
    graph = graph_of(source, diagnostics=diagnostics)
    assert not list(diagnostics)
    assert {(edge.caller, edge.callee) for edge in graph.edges} == {("f", "after")}


def test_a_declaration_goes_on_behind_its_macro() -> None:
    source = """
struct list { struct list *next, *previous; };
#define LIST(name) struct list name = { &(name), &(name) }
void f(struct list *p)
{
    LIST(mine), *other = get(p);
    put(&mine, other);
}
"""
    diagnostics = Diagnostics()
    graph = graph_of(source, diagnostics=diagnostics)
    assert not list(diagnostics)
    assert {(edge.caller, edge.callee) for edge in graph.edges} == {("f", "get"), ("f", "put")}
