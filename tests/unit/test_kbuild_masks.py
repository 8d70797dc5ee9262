"""N configurations at once give what N runs of one configuration give."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from kbuild_case import evaluate, model, value

from analyzer.kbuild.values import concat, equal, joined, variants, words

SYMBOLS = "ABCD"
NAMES = ("obj-y", "obj-m", "obj-", "V", "W")

_symbol = st.sampled_from(SYMBOLS)
_name = st.one_of(
    st.sampled_from(("obj-y", "V", "W")), _symbol.map(lambda each: f"obj-$(CONFIG_{each})")
)
_word = st.one_of(
    st.sampled_from(("a.o", "b.o", "dir/", "$(V)", "$(W)x")),
    _symbol.map(lambda each: f"f$(CONFIG_{each}).o"),
    _symbol.map(lambda each: f"$(if $(CONFIG_{each}),yes.o,$(V))"),
    st.sampled_from(
        (
            "$(filter %.o,$(V))",
            "$(filter-out a.o,$(W))",
            "$(sort $(V) $(W))",
            "$(patsubst %.o,%.c,$(V))",
            "$(V:.o=.S)",
            "$(word 2,$(V))",
            "$(firstword $(W))",
            "$(lastword $(V))",
            "$(words $(W))",
            "$(addprefix p/,$(V))",
            "$(foreach i,$(V),<$(i)>)",
            "$(subst m,y,$(CONFIG_A))",
            "$(findstring a.o,$(V))",
            "$(or $(CONFIG_B),$(W))",
        )
    ),
)
_text = st.lists(_word, max_size=3).map(" ".join)
_operator = st.sampled_from((":=", "+=", "+=", "?="))
_assignment = st.tuples(_name, _operator, _text).map(" ".join)
_condition = st.one_of(
    _symbol.map(lambda each: f"ifdef CONFIG_{each}"),
    _symbol.map(lambda each: f"ifeq ($(CONFIG_{each}),m)"),
    st.sampled_from(("ifneq ($(filter a.o,$(V)),)", "ifeq ($(V),$(W))", "ifdef V")),
)
_block = st.tuples(_condition, st.lists(_assignment, max_size=3)).map(
    lambda parts: "\n".join([parts[0], *parts[1], "else", "V += else.o", "endif"])
)
_makefile = st.lists(st.one_of(_assignment, _block), min_size=1, max_size=10).map(
    lambda lines: "V :=\nW :=\nobj-y :=\nobj-m :=\n" + "\n".join(lines) + "\n"
)
_config = st.fixed_dictionaries({each: st.sampled_from("ymn") for each in SYMBOLS}).map(
    lambda values: " ".join(f"{name}={text}" for name, text in values.items())
)


@settings(max_examples=150, deadline=None)
@given(text=_makefile, configs=st.lists(_config, min_size=2, max_size=5))
def test_variables(text: str, configs: list[str]) -> None:
    together, _ = evaluate(text, *configs)
    for bit, config in enumerate(configs):
        alone, _ = evaluate(text, config)
        for name in NAMES:
            assert value(together, name, bit) == value(alone, name), (name, config)


@settings(max_examples=40, deadline=None)
@given(text=_makefile, configs=st.lists(_config, min_size=2, max_size=4))
def test_objects(text: str, configs: list[str]) -> None:
    names = ("a", "b", "fy", "fm", "f", "yes", "else")
    files = {f"mm/{name}.c": "" for name in names}
    files |= {"Kbuild": "obj-y += mm/\n", "mm/Makefile": text, "mm/dir/Makefile": "obj-y := d.o\n"}
    files["mm/dir/d.c"] = ""
    together = model(files, *configs).objects()
    for bit, config in enumerate(configs):
        alone = model(files, config).objects()
        seen = {
            each.path: (
                each.builtin >> bit & 1,
                [f.text for f in each.flags if f.mask >> bit & 1],
            )
            for each in together
            if each.built >> bit & 1
        }
        assert seen == {
            each.path: (each.builtin, [flag.text for flag in each.flags]) for each in alone
        }


_fragments = st.lists(st.tuples(st.integers(1, 15), st.text("ab \t", max_size=4)), max_size=6)


@given(fragments=_fragments)
def test_words_are_those_of_each_text(fragments: list[tuple[int, str]]) -> None:
    text = concat(fragments, 15)
    listed = words(text, 15)
    again = joined(listed, 15)
    for bit in range(4):
        plain = "".join(part for mask, part in fragments if mask >> bit & 1)
        assert [word for mask, word in listed if mask >> bit & 1] == plain.split()
        assert [part for mask, part in variants(text, 15) if mask >> bit & 1] == [plain]
        spaced = [part for mask, part in variants(again, 15) if mask >> bit & 1]
        assert spaced == [" ".join(plain.split())]


@given(left=_fragments, right=_fragments)
def test_equality_is_that_of_each_text(
    left: list[tuple[int, str]], right: list[tuple[int, str]]
) -> None:
    same = equal(concat(left, 15), concat(right, 15), 15)
    for bit in range(4):
        first = "".join(part for mask, part in left if mask >> bit & 1)
        second = "".join(part for mask, part in right if mask >> bit & 1)
        assert bool(same >> bit & 1) == (first == second)
