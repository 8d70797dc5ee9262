"""Many configurations: their lines are kept once, and what is said twice counts as it should."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from analyzer.configset.configset import ConfigSet
from analyzer.configset.configurations import Configurations
from analyzer.configset.dotconfig import DotConfig, parse_dotconfig
from analyzer.configset.lines import LineTable
from analyzer.configset.mask import bits_of, mask_of, repeated


def configs(*texts: str, shared: bool = True) -> Configurations:
    table = LineTable()
    return Configurations(
        parse_dotconfig(text, f"c{n}", f"c{n}", table if shared else None)
        for n, text in enumerate(texts)
    )


def test_the_last_assignment_counts() -> None:
    both = configs("CONFIG_A=y\n# CONFIG_A is not set\n", "# CONFIG_A is not set\nCONFIG_A=y\n")
    assert [one.values for one in both] == [{"A": "n"}, {"A": "y"}]
    assert ConfigSet.of(both).column("A").y == 0b10
    assert both.assigned("A") == {"y": 0b10, "n": 0b01}


def test_the_same_line_twice_is_said_once() -> None:
    column = ConfigSet.of(configs("CONFIG_A=7\nCONFIG_A=7\n")).column("A")
    assert column.entries == ((1, "7"),)


def test_configurations_of_several_tables_are_put_together() -> None:
    apart = configs("CONFIG_A=y\n", "CONFIG_A=y\nCONFIG_B=m\n", shared=False)
    result = ConfigSet.of(apart)
    assert result.column("A").y == 0b11
    assert result.column("B").m == 0b10


def test_the_line_of_an_assignment() -> None:
    config = parse_dotconfig("#\n\nCONFIG_A=y\nCONFIG_A=n\n", "c", "c")
    assert config.line_of("A") == 4
    assert config.line_of("B") is None


def test_white_space_at_the_end_belongs_to_the_exact_text_only() -> None:
    (line,) = parse_dotconfig("CONFIG_A=5 \r\n", "c", "c").lines()
    assert (line.text, line.exact) == ("5", "5 ")


SAID = st.sampled_from(
    ["CONFIG_A=y", "CONFIG_A=m", "# CONFIG_A is not set", "CONFIG_B=3", "CONFIG_B=4", "", "# words"]
)


@given(st.lists(st.lists(SAID, max_size=6), max_size=6))
def test_the_columns_are_those_of_each_configuration(texts: list[list[str]]) -> None:
    many = configs(*("\n".join(text) for text in texts))
    together = ConfigSet.of(many)
    for index, one in enumerate(many):
        alone = ConfigSet.of([one])
        for symbol in "AB":
            assert together.text(symbol, index) == alone.text(symbol, 0)
            assert together.text(symbol, index) == one.values.get(symbol, "n")


@given(st.lists(st.sets(st.integers(0, 70)), max_size=5))
def test_masks(sets: list[set[int]]) -> None:
    masks = [mask_of(one) for one in sets]
    assert [set(bits_of(mask)) for mask in masks] == sets
    assert set(bits_of(repeated(masks))) == {
        bit for bit in range(71) if sum(bit in one for one in sets) > 1
    }


def test_values_can_be_given() -> None:
    config = DotConfig.of_values("c", "c.config", {"A": "y", "B": '"text"'})
    assert config.values == {"A": "y", "B": '"text"'}
