"""Finding the symbols that make a difference, with a made-up space and made-up sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from analyzer.configset.configset import mask_of
from analyzer.configset.dotconfig import DotConfig
from analyzer.diagnostics import Diagnostics
from analyzer.matrix.relevant import Discovery, Relevant, Surveyed
from analyzer.matrix.result import Role, Statement, Verdict
from analyzer.matrix.space import Tried, Witness

Values = dict[str, str]
Rule = Callable[[Values], Values | None]
"""What becomes of values that are asked for; None where they cannot be had."""


class MadeUpSpace:
    """Symbols of one letter; ``rule`` completes what is asked for."""

    def __init__(self, base: Values, rule: Rule, prompts: str) -> None:
        self.base = DotConfig.of_values("base", "base", base)
        self._rule = rule
        self._prompts = prompts

    def try_all(self, asked: Sequence[Mapping[str, str]]) -> list[Tried]:
        return [self._tried({**self.base.values, **one}, one) for one in asked]

    def _tried(self, values: Values, asked: Mapping[str, str]) -> Tried:
        done = self._rule(values)
        if done is None or any(done[name] != value for name, value in asked.items()):
            return Tried(Verdict.IMPOSSIBLE, None, (Statement("no"),))
        return Tried(Verdict.POSSIBLE, Witness(DotConfig.of_values("base", "base", done), ""))

    def values(self, name: str) -> tuple[str, ...]:
        del name
        return ("n", "y")

    def varies(self, name: str) -> bool:
        return len(name) == 1

    def has_prompt(self, name: str) -> bool:
        return name in self._prompts


def found(
    base: Values,
    paths: Callable[[Values], str],
    mentions: Callable[[Values], Iterable[str]],
    rule: Rule = dict,
    prompts: str = "ABCDE",
) -> Relevant:
    """What comes out if ``paths`` names the paths in a configuration and ``mentions`` the
    symbols that its sources ask for."""

    def survey(configs: Sequence[DotConfig]) -> Surveyed:
        classes: dict[str, list[int]] = {}
        asked: dict[str, tuple[Statement, ...]] = {}
        for number, config in enumerate(configs):
            classes.setdefault(paths(config.values), []).append(number)
            for name in mentions(config.values):
                asked[name] = (Statement(f"asks {name}"),)
        return Surveyed(tuple(map(mask_of, classes.values())), asked)

    space = MadeUpSpace(base, rule, prompts)
    return Discovery(space.base, space, survey, Diagnostics()).run()


def varied(result: Relevant) -> str:
    return "".join(one.name for one in result.vary)


def roles(result: Relevant) -> dict[str, Role]:
    return {one.name: one.role for one in result.considered}


def test_only_what_makes_a_difference_is_varied() -> None:
    result = found({"A": "y", "B": "y"}, lambda v: v["A"], lambda _: "AB")
    assert varied(result) == "A"
    assert roles(result) == {"B": Role.NO_EFFECT}
    assert result.vary[0].evidence == (Statement("asks A"),)


def test_what_another_value_brings_up_is_tried_too() -> None:
    """B is only asked for where A is off, and C where B is off as well."""
    result = found(
        {"A": "y", "B": "y", "C": "y"},
        lambda v: "a" if v["A"] == "y" else f"b{v['B']}" if v["B"] == "y" else f"c{v['C']}",
        lambda v: "A" if v["A"] == "y" else "AB" if v["B"] == "y" else "ABC",
    )
    assert varied(result) == "ABC"


def test_a_symbol_with_a_prompt_is_taken_before_one_that_follows_it() -> None:
    def rule(values: Values) -> Values:
        return {**values, "S": values["A"]}

    result = found({"A": "y", "S": "y"}, lambda v: v["S"], lambda _: "SA", rule=rule, prompts="A")
    assert varied(result) == "A"
    assert roles(result) == {"S": Role.FOLLOWS}


def test_what_cannot_change_is_said_with_the_reason() -> None:
    def rule(values: Values) -> Values | None:
        return None if values["A"] == "n" else values

    result = found({"A": "y"}, lambda v: v["A"], lambda _: "A", rule=rule)
    assert varied(result) == ""
    (one,) = result.considered
    assert one.role is Role.FIXED
    assert one.why == (Statement("no"),)


def test_the_symbol_of_a_module_stands_for_its_own() -> None:
    result = found({"A": "y"}, lambda v: v["A"], lambda _: ["A_MODULE"])
    assert varied(result) == "A"
