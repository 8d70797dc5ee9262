"""What holds for N configurations at once, restricted to one, is what that one gives alone.

Random sources with conditionals over symbols, definitions that come and go, macros that
use each other, and functions whose bodies the conditionals cut; then the macro table, the
active text, its expansion, and the unit's functions and edges are compared bit by bit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from unit_case import graph_of

from analyzer.callgraph.model import UnitGraph
from preprocess_case import Walked, walk

SYMBOLS = ("A", "B", "C", "D")
MACROS = ("m0", "m1", "m2", "m3")
HEADER = """#ifndef HEADER
#define HEADER 1
#define JOIN(a, b) a ## b
#else
#define AGAIN 1
#endif
"""

Config = Mapping[str, str]

configs = st.lists(
    st.fixed_dictionaries(
        {symbol: st.sampled_from(("n", "y", "m", "7", "0", '"s"')) for symbol in SYMBOLS}
    ),
    min_size=2,
    max_size=6,
)


@st.composite
def condition(draw: DrawFn, depth: int = 2) -> str:
    symbol = draw(st.sampled_from(SYMBOLS))
    macro = draw(st.sampled_from(MACROS))
    choices = [
        f"defined(CONFIG_{symbol})",
        f"!defined(CONFIG_{symbol}_MODULE)",
        f"defined {macro}",
        f"defined(CONFIG_{symbol}) && CONFIG_{symbol} + 1 > 1",
        "defined AGAIN",
        f"({macro} + 1)",
    ]
    if depth:
        left, right = draw(condition(depth - 1)), draw(condition(depth - 1))
        choices += [f"({left}) && ({right})", f"({left}) || ({right})", f"!({left})"]
        choices += [f"(({left}) ? ({right}) : ({left}))"]
    return draw(st.sampled_from(choices))


@st.composite
def words(draw: DrawFn) -> str:
    """A few tokens that an expression may consist of."""
    atoms = ("1", "x", *MACROS, "m3(2)", "m3(m0)", "JOIN(x, 1)", "JOIN(m, 0)", "__LINE__")
    return " + ".join(draw(st.lists(st.sampled_from(atoms), min_size=1, max_size=3)))


@st.composite
def lines(draw: DrawFn, leaf: st.SearchStrategy[str], depth: int = 2, least: int = 1) -> list[str]:
    """Directives and leaves, conditionals balanced, ``least`` of them or some more."""
    found: list[str] = []
    for _ in range(draw(st.integers(least, least + 3))):
        kind = draw(st.integers(0, 8))
        if kind in (0, 8) and depth:
            found.append(f"#if {draw(condition())}")
            found += draw(lines(leaf, depth - 1))
            if draw(st.booleans()):
                found.append(f"#elif {draw(condition())}")
                found += draw(lines(leaf, depth - 1))
            if draw(st.booleans()):
                found.append("#else")
                found += draw(lines(leaf, depth - 1))
            found.append("#endif")
        elif kind in (1, 2):
            name = draw(st.sampled_from(MACROS))
            parameter = "(p)" if name == "m3" else ""
            found.append(f"#define {name}{parameter} ({draw(words())})")
        elif kind == 3:
            found.append(f"#undef {draw(st.sampled_from(MACROS))}")
        elif kind == 4:
            found.append('#include "header.h"')
        else:
            found.append(draw(leaf))
    return found


def autoconf(given: Sequence[Config]) -> dict[str, tuple[tuple[int, str], ...]]:
    """Symbols as the macros of ``autoconf.h``, with masks."""
    where: dict[str, dict[str, int]] = {}
    for bit, config in enumerate(given):
        for symbol, value in config.items():
            if value == "n":
                continue
            name = f"CONFIG_{symbol}_MODULE" if value == "m" else f"CONFIG_{symbol}"
            text = "1" if value in ("y", "m") else value
            texts = where.setdefault(name, {})
            texts[text] = texts.get(text, 0) | 1 << bit
    return {
        name: tuple((mask, text) for text, mask in texts.items()) for name, texts in where.items()
    }


def walked(source: str, given: Sequence[Config]) -> Walked:
    files = {"header.h": HEADER}
    return walk(source, files, mask=(1 << len(given)) - 1, base=autoconf(given))


def table(one: Walked, bit: int) -> dict[str, str]:
    """What each macro is at the end."""
    return {
        name: macro.body
        for name in (*MACROS, "HEADER", "JOIN", "AGAIN", *(f"CONFIG_{name}" for name in SYMBOLS))
        for mask, macro in one.table.now(name)
        if mask >> bit & 1
    }


text_lines = lines(st.builds("text {} ;".format, words()))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(text_lines, configs)
def test_walking_and_expanding(source: list[str], given: list[Config]) -> None:
    text = "\n".join([*source, ""])
    together = walked(text, given)
    for bit, config in enumerate(given):
        alone = walked(text, [config])
        assert table(together, bit) == table(alone, 0)
        assert together.text(bit) == alone.text()
        assert together.expanded(bit) == alone.expanded()


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(text_lines, configs)
def test_masks_of_a_macro_are_disjoint_and_inside(source: list[str], given: list[Config]) -> None:
    together = walked("\n".join([*source, ""]), given)
    for name in (*MACROS, "HEADER", "JOIN", "AGAIN"):
        for time in range(together.table.time + 1):
            seen = 0
            for mask, _ in together.table.at(name, time):
                assert mask
                assert mask & seen == 0
                seen |= mask
            assert seen & ~together.mask == 0
    for inclusion in together.inclusions:
        for visit in inclusion.visits:
            assert visit.mask
            assert visit.mask & ~inclusion.mask == 0


STATEMENTS = (
    "a();",
    "b(m0);",
    "m1;",
    "m2;",
    "m3(c());",
    "m3(m3(1));",
    "if (m0) a(); else b();",
    "if (x) { m1; }",
    "while (more()) m2;",
    "JOIN(f, 2)();",
    "pointer->member(m0);",
    "EACH(x) d(m0);",
    "return;",
    "goto out;",
    "if (x) goto back;",
    "out: out();",
    "back: back();",
    "GUARD(out) e();",
    "switch (x) { case 1: a(); break; case m0: m1; default: goto out; }",
)
BODIES = (
    "1",
    "call_1()",
    "(call_2() + m2)",
    "do { call_3(m0); } while (0)",
    "({ call_4(); x; })",
    "f1",
    "",
    "x, m0",
    "if (x) call_5()",
)


@st.composite
def function_lines(draw: DrawFn) -> str:
    kind = draw(st.integers(0, 4))
    if kind == 0:
        name = draw(st.sampled_from(MACROS))
        return f"#define {name}{'(p)' if name == 'm3' else ''} {draw(st.sampled_from(BODIES))}"
    return draw(st.sampled_from(STATEMENTS))


@st.composite
def units(draw: DrawFn) -> str:
    """A few functions, their headers and bodies cut by conditionals."""
    parts = [
        '#include "header.h"',
        "#define EACH(i) for (i = first(); i; i = next(i))",
        "#define GUARD(label) for (; 1; ({ goto label; })) if (0) { label: break; } else",
        "#define MAKE(name) static void name(int x) { made(); } void name##_too(void)",
        "struct ops { void (*member)(int); } *pointer;",
    ]
    for number in range(draw(st.integers(1, 3))):
        if draw(st.booleans()):
            parts += [f"#if {draw(condition())}", f"static void f{number}(int x)", "#else"]
            parts += [f"int f{number}(long x)", "#endif", "{"]
        else:
            parts += [f"void f{number}(int x)", "{"]
        parts += draw(lines(function_lines(), 2, 4))
        parts.append("}")
        parts += draw(lines(st.sampled_from(("int v;", f"MAKE(n{number})", "enum { E, F };")), 1))
    return "\n".join([*parts, ""])


def facts(graph: UnitGraph, bit: int) -> set[str]:
    """The graph restricted to configuration ``bit``, a line for every fact."""
    found = {
        f"function {f.name} {f.location} {f.static} {f.inline}"
        for f in graph.functions
        if f.mask >> bit & 1
    }
    found |= {f"edge {e.caller} {e.callee}" for e in graph.edges if e.mask >> bit & 1}
    found |= {f"indirect {c.caller} {c.line}" for c in graph.indirect_calls if c.mask >> bit & 1}
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(units(), configs)
def test_functions_and_edges(source: str, given: list[Config]) -> None:
    files = {"header.h": HEADER}
    for contract in (True, False):
        together = graph_of(source, given, files, contract=contract)
        for bit, config in enumerate(given):
            alone = facts(graph_of(source, [config], files, contract=contract), 0)
            several = facts(together, bit)
            assert (several - alone, alone - several) == (set(), set()), (bit, source)
