"""Evaluation over several configurations: holes with one expansion per group of them."""

from __future__ import annotations

from analyzer.csource.sites import SiteKind
from csource_snippet import evaluate

ALL = 0b1111


def test_condition_that_differs_gives_each_branch_its_configurations() -> None:
    snippet = evaluate(
        "void a(void); void b(void); void f(void) { if (IS_ON) a(); else b(); }",
        {"IS_ON": [(0b0011, "1"), (0b1100, "0")]},
        ALL,
    )
    assert snippet.called() == {"a": 0b0011, "b": 0b1100}


def test_expansion_as_callee_and_as_statement() -> None:
    snippet = evaluate(
        "void a(int); void b(int); void f(void) { OP(1); BODY; }",
        {
            "OP": [(0b0001, "a"), (0b1110, "b")],
            "BODY": [(0b0011, "do { a(2); } while (0)"), (0b1100, "((void)0)")],
        },
        ALL,
    )
    assert snippet.called() == {"a": 0b0011, "b": 0b1110}
    first = snippet.sites()[0]
    assert [snippet.bound.texts[at] for bound, at in first.where if bound is snippet.bound] == [
        "OP"
    ]


def test_place_leads_through_the_macro_use_into_its_expansion() -> None:
    snippet = evaluate(
        "void a(int); void f(void) { BODY; }", {"BODY": [(1, "do { a(2); } while (0)")]}
    )
    (site,) = snippet.sites()
    (outer, at), (inner, inner_at) = site.where
    assert outer is snippet.bound
    assert outer.texts[at] == "BODY"
    assert inner.texts[inner_at] == "a"


def test_noreturn_in_one_configuration_ends_only_that_one() -> None:
    snippet = evaluate(
        "void stop(void) __attribute__((noreturn)); void a(void); void f(void) { CHECK; a(); }",
        {"CHECK": [(0b0001, "stop()"), (0b1110, "(void)0")]},
        ALL,
    )
    assert snippet.called() == {"stop": 0b0001, "a": 0b1110}
    assert snippet.facts["f"].returns == 0b1110


def test_declaration_from_an_expansion_is_in_scope_where_it_exists() -> None:
    snippet = evaluate(
        "void op(void); void f(void) { DECLARE; op(); }",
        {"DECLARE": [(0b0001, "void (*op)(void) = 0"), (0b0010, "int unrelated")]},
        0b0011,
    )
    kinds = {(site.kind, site.mask) for site in snippet.sites()}
    assert kinds == {(SiteKind.INDIRECT, 0b0001), (SiteKind.CALL, 0b0010)}


def test_guard_counts_only_where_it_is_decided_at_run_time() -> None:
    snippet = evaluate(
        "void a(void); int c; void f(void) { if (COND) a(); }",
        {"COND": [(0b0001, "1"), (0b0010, "c"), (0b0100, "0")]},
        0b0111,
    )
    (site,) = snippet.sites()
    assert site.mask == 0b0011
    assert [(guard.text, guard.negated, guard.mask) for guard in site.guards] == [
        ("COND", False, 0b0010)
    ]


def test_sizes_differ_between_configurations() -> None:
    snippet = evaluate(
        "void a(void); void b(void); struct s { int x; char pad[EXTRA]; };"
        "void f(void) { switch (sizeof(struct s)) { case 8: a(); break; default: b(); } }",
        {"EXTRA": [(0b0001, "4"), (0b0110, "8"), (0b1000, "3")]},
        ALL,
    )
    assert snippet.called() == {"a": 0b1001, "b": 0b0110}


def test_enumerator_values_differ_between_configurations() -> None:
    snippet = evaluate(
        "void a(void); enum e { first, second = FIRST_VALUE, third };"
        "void f(void) { if (third == 6) a(); }",
        {"FIRST_VALUE": [(0b0001, "5"), (0b0010, "6")]},
        0b0011,
    )
    assert snippet.called() == {"a": 0b0001}


def test_cost_does_not_depend_on_the_number_of_configurations() -> None:
    wide = (1 << 10_000) - 1
    half = (1 << 5_000) - 1
    snippet = evaluate(
        "void a(void); void b(void); void f(int n) { if (IS_ON && n) a(); else b(); }",
        {"IS_ON": [(half, "1"), (wide & ~half, "0")]},
        wide,
    )
    assert snippet.called() == {"a": half, "b": wide}
    assert len(snippet.sites()) == 2
