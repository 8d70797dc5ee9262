"""Macro uses in whole units: what they bring, and where their text ends."""

from __future__ import annotations

from unit_case import edges_of, graph_of


def test_a_definition_may_end_in_a_continued_blank_line() -> None:
    source = "#define CALL(x) g(x)\t\\\n\nvoid f(void) { CALL(1); }\n"
    assert edges_of(source) == {("f", "g"): 1}


def test_file_and_date_are_strings() -> None:
    source = 'void f(void) { g("at " __FILE__ ":" "3", 1); h(__DATE__ " " __TIME__); }\n'
    assert edges_of(source) == {("f", "g"): 1, ("f", "h"): 1}


def test_an_expansion_that_ends_in_a_macro_name_takes_the_arguments_that_follow() -> None:
    source = """
#define make(x) inner(x)
#define pick(name) int name = make
void f(void) { pick(a)(1); }
"""
    assert edges_of(source) == {("f", "inner"): 1}


def test_the_macro_that_was_used_is_not_expanded_again_by_what_follows() -> None:
    source = """
#define again(x) again
void f(void) { again(1)(2); }
"""
    assert edges_of(source) == {("f", "again"): 1}


def test_a_name_without_its_parenthesis_closed_ends_the_search() -> None:
    source = """
#define make(x) inner(x)
#define start make
void f(void) { g(); }
int x = start (
"""
    assert ("f", "g") in edges_of(source)


def test_attributes_before_a_declaration_belong_to_it() -> None:
    source = """
void f(void)
{
    do { __attribute__((__noreturn__)) extern void stop(void); stop(); } while (0);
    never();
}
"""
    assert edges_of(source) == {("f", "stop"): 1}


def test_macros_are_functions_of_their_own_unless_contracted() -> None:
    source = "#define CALL(x) g(x)\nvoid f(void) { CALL(1); }\n"
    graph = graph_of(source, contract=False)
    assert {(edge.caller, edge.callee) for edge in graph.edges} == {("f", "CALL"), ("CALL", "g")}


def test_a_file_scope_macro_may_have_another_name() -> None:
    source = """
#define MAKE(name) static void do_##name(void) { g(); }
#define MAKE_RCU MAKE
MAKE_RCU(it)
void f(void) { do_it(); }
"""
    assert edges_of(source) == {("f", "do_it"): 1, ("do_it", "g"): 1}


def test_macros_in_an_enum_make_enumerators() -> None:
    source = """
#define EACH(macro) macro(one), macro(two),
#define NAME(name) KIND_##name
enum kind { EACH(NAME) KIND_last };
void f(void) { if (KIND_two == 1 && KIND_last == 2) yes(); else no(); }
"""
    assert edges_of(source) == {("f", "yes"): 1}


def test_a_definition_replaces_one_for_inlining_only() -> None:
    source = """
extern inline __attribute__((gnu_inline)) void f(void) { inlined(); }
void f(void) { real(); }
extern inline __attribute__((gnu_inline)) void h(void) { only(); }
void k(void) { h(); }
"""
    assert edges_of(source) == {("f", "real"): 1, ("k", "h"): 1, ("h", "only"): 1}


def test_a_condition_asked_again_is_decided_in_each_configuration() -> None:
    source = """
#ifdef CONFIG_A
#define ASKED(x) ((x) > 1)
#define AGAIN(x) ((x) > 1)
#else
#define ASKED(x) ((x) < 2)
#define AGAIN(x) ((x) < 3)
#endif
#define INNER(x) (AGAIN(x) ? first(x) : second(x))
#define OUTER(x) (ASKED(x) ? (int)(1 << INNER(x)) : third(x))
int __attribute__((const)) first(int), second(int), third(int);
int f(int x) { return OUTER(x); }
"""
    both = edges_of(source, ({"A": "y"}, {}))
    assert both == {("f", "first"): 0b11, ("f", "second"): 0b10, ("f", "third"): 0b11}
    assert ("f", "second") not in edges_of(source, ({"A": "y"},))
    assert ("f", "second") in edges_of(source, ({},))
