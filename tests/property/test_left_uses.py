"""Macro uses that are left in an expansion change nothing of what is expanded.

Random macros that use each other, defined differently in each configuration (or in some
only), with ``#``, ``##``, empty and comma-carrying replacement lists, names that only a
following parenthesis makes a use, and attributes; random statements use them. The woven
text of all configurations at once, holes filled, must in each be the plain expansion for
that one. Of the sources that are C, also the calls and the macros that bring them must be
the same as for one alone.
"""

from __future__ import annotations

from random import Random

import pytest
from unit_case import graph_of

from analyzer.callgraph.model import UnitGraph
from preprocess_case import Woven, flattened, walk, weave

CONFIGS = 4
OBJECTS = ("A", "B", "C", "D", "E")
FUNCTIONS = ("f", "g", "h", "k", "m")
STATEMENTS = ("E", "m")
"""In a source that is C, the macros that are statements."""
PROGRAMS = 200


class Source:
    """One random source; ``P0`` to ``P3`` are defined in one configuration each.

    ``proper``: it is C in each of them (undeclared names aside).
    """

    def __init__(self, seed: int, proper: bool) -> None:
        self._random = Random(seed)
        self._proper = proper
        self._arity = {name: self._random.randint(0, 2) for name in FUNCTIONS}
        lines: list[str] = []
        names = [*OBJECTS, *FUNCTIONS]
        self._random.shuffle(names)
        for name in names:
            lines += self._definitions(name)
        body = "\n".join(self._statement() for _ in range(4))
        self.text = "\n".join(lines) + f"\nint user(int t)\n{{\n{body}\nreturn 0;\n}}\n"

    def _definitions(self, name: str) -> list[str]:
        """The same definition everywhere, or another one in each half or configuration."""
        shared = self._definition(name)
        kind = self._random.random()
        if kind < 0.4:
            return [shared]
        lines: list[str] = []
        for bit in range(CONFIGS):
            if self._random.random() < 0.75:
                own = shared if self._random.random() < 0.4 else self._definition(name)
                lines += [f"#ifdef P{bit}", own, "#endif"]
        return lines

    def _definition(self, name: str) -> str:
        if name in self._arity:
            names = ["x", "y"][: self._arity[name]]
            return f"#define {name}({', '.join(names)}) {self._replacement(name, names)}"
        return f"#define {name} {self._replacement(name, [])}"

    def _replacement(self, name: str, names: list[str]) -> str:
        choose = self._random.random()
        if self._proper:
            if name in STATEMENTS:
                body = f"{self._statement(names)} {self._statement(names)}"
                return f"do {{ {body} }} while (0)"
            if choose < 0.2 and names:
                return f"used(#{names[0]})"
            choose = 0.3 + 0.7 * choose
        elif choose < 0.1:
            return self._random.choice(
                ("", "t, 1", "f", "g", "__attribute__((unused))", '"a"', "+ 1", "if (t)")
            )
        elif choose < 0.2 and names:
            name = self._random.choice(names)
            return self._random.choice((f"#{name}", f"called_ ## {name}", f"a ## {name}(t)"))
        elif choose < 0.3:
            return f"do {{ {self._statement(names)} {self._statement(names)} }} while (0)"
        if choose < 0.4:
            return f"({{ {self._statement(names)} {self._expression(names, 1)}; }})"
        return self._expression(names, 2)

    def _statement(self, names: list[str] | None = None) -> str:
        inner = self._expression(names or [], 2)
        if self._proper and self._random.random() < 0.3:
            return f"{self._statement_use(names or [])};"
        pattern = self._random.choice(
            (
                "{};",
                "{};",
                "t = {};",
                "if ({}) call(t);",
                "while ({}) {{ call(1); }}",
                "return_to({});",
                "{{ int a[] = {{ {}, 2 }}; }}",
            )
        )
        return pattern.format(inner)

    def _statement_use(self, names: list[str]) -> str:
        name = self._random.choice(STATEMENTS)
        arguments = [self._expression(names, 1) for _ in range(self._arity.get(name, 0))]
        return f"{name}({', '.join(arguments)})" if name in self._arity else name

    def _expression(self, names: list[str], depth: int) -> str:
        kind = self._random.random()
        if kind < 0.25 or not depth:
            some = ["t", "1", "0x10", *names, *names, *OBJECTS[:4], *FUNCTIONS[:2]]
            return self._random.choice(some if self._proper else [*some, "E"])
        if kind < 0.6:
            name = self._random.choice(FUNCTIONS[:4] if self._proper else FUNCTIONS)
            count = self._arity[name]
            arguments = [self._expression(names, depth - 1) for _ in range(count)]
            return f"{name}({', '.join(arguments)})"
        one, other = (self._expression(names, depth - 1) for _ in range(2))
        return self._random.choice(
            (f"({one})", f"{one} + {other}", f"call_{kind:.1f}({one})".replace(".", ""), f"!{one}")
        )


def filled(woven: list[Woven], bit: int) -> list[str]:
    (one,) = [each for each in woven if each.mask >> bit & 1]
    return flattened(one, bit)


@pytest.mark.parametrize("seed", range(PROGRAMS))
def test_the_text_is_what_each_configuration_expands_to(seed: int) -> None:
    base = {f"P{bit}": ((1 << bit, ""),) for bit in range(CONFIGS)}
    walked = walk(Source(seed, proper=False).text, mask=(1 << CONFIGS) - 1, base=base)
    together = weave(walked)
    for bit in range(CONFIGS):
        assert filled(together, bit) == walked.expanded(bit)


def facts(graph: UnitGraph, bit: int) -> set[str]:
    found = {
        f"function {f.name} {f.location.file}:{f.location.line} {f.macro}"
        for f in graph.functions
        if f.mask >> bit & 1
    }
    found |= {f"edge {e.caller} {e.callee}" for e in graph.edges if e.mask >> bit & 1}
    return found | {
        f"indirect {c.caller} {c.line}" for c in graph.indirect_calls if c.mask >> bit & 1
    }


@pytest.mark.parametrize("seed", range(PROGRAMS))
def test_calls_and_the_macros_that_bring_them_are_the_same(seed: int) -> None:
    text = Source(seed, proper=True).text
    for bit in range(CONFIGS):
        text = text.replace(f"#ifdef P{bit}\n", f"#ifdef CONFIG_P{bit}\n")
    configs = [{f"P{bit}": "y"} for bit in range(CONFIGS)]
    together = graph_of(text, configs, contract=False)
    for bit, config in enumerate(configs):
        alone = facts(graph_of(text, [config], contract=False), 0)
        assert facts(together, bit) == alone
