"""The comparison of dispatch slots with hand-written tables, on made-up tables and answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from slot_compare import compare, read_answer, report
from slot_truth import TABLES, BadTable, SlotTable, SlotTruth, When, load_table, read_table

HEAD = """
kernel = "1.0"
platforms = ["native", "box"]
[decided]
box = ["in_box"]
[guard]
fast = { mentions = ["BOX_FAST", "box_is_fast"], class = ["hypervisor feature"] }
nofast = { mentions = ["nofast"], class = ["boot parameter"] }
[files]
"a.c" = ["plain", "boxed", "other", "thunk"]
"b.c" = ["thunk"]
[aka]
thunk = ["behind"]
"""

SLOT = """
[[slot]]
name = "ops.call"
entries = [
  { on = ["native"], value = "plain", when = "always" },
  { on = ["box"], value = "plain", when = "kept" },
  { on = ["box"], value = "boxed", when = "guarded", guards = ["fast", "nofast"], NEVER },
]
""".replace("NEVER", 'never = ["dead"]')

FAST = ("kvm_has(BOX_FAST)", "hypervisor feature")
NOFAST = ("!nofast", "boot parameter")


def entry(
    platform: str, function: str | None, *guards: tuple[str, str | None], file: str | None = "a.c"
) -> dict[str, Any]:
    """One entry of an answer."""
    shown = [{"text": text, "label": label} for text, label in guards]
    return {
        "platform": platform,
        "function": function,
        "file": file,
        "line": 1,
        "mask": "0x1",
        "guards": shown,
    }


def differences(table: SlotTable, *entries: dict[str, Any], slot: str = "ops.call") -> list[str]:
    """What the comparison says about an answer with one slot."""
    document = {"slots": [{"slot": slot, "entries": list(entries)}]}
    found = compare(table, table.slots, read_answer(json.loads(json.dumps(document))))
    return [f"{item.platform}: {item.text}" for item in found]


def table(slots: str = SLOT) -> SlotTable:
    return read_table(HEAD + slots)


GOOD = (entry("native", "plain"), entry("box", "plain"), entry("box", "boxed", FAST, NOFAST))


def test_an_equal_answer_has_no_differences() -> None:
    assert differences(table(), *GOOD) == []


def test_more_guards_other_platforms_and_a_guarded_rest_are_fine() -> None:
    assert not differences(
        table(),
        entry("native", "plain"),
        entry("box", "plain", ("!(BOX_FAST && !nofast)", None)),
        entry("box", "boxed", ("ready", None), FAST, NOFAST),
        entry("crate", "odd"),
    )


def test_missing_and_impossible_functions() -> None:
    assert differences(table(), entry("native", "plain"), entry("box", "odd")) == [
        "box: plain is missing (a.c, kept)",
        "box: boxed is missing (a.c, guarded)",
        "box: odd cannot be held",
    ]


def test_a_value_with_a_condition_that_has_none_and_the_other_way_round() -> None:
    found = [entry("native", "plain", FAST), entry("box", "plain"), entry("box", "boxed")]
    assert differences(table(), *found) == [
        "native: plain is held without a condition",
        "box: boxed is held only under a condition",
    ]


def test_guards_are_found_by_whole_words_and_classed() -> None:
    found = [*GOOD[:2], entry("box", "boxed", ("BOX_FASTER", None), ("nofast", "other"))]
    assert differences(table(), *found) == [
        "box: boxed: no guard mentions BOX_FAST or box_is_fast",
        "box: boxed: the guard on nofast is of class boot parameter, not other",
    ]


def test_labels_may_say_more_than_the_class() -> None:
    found = [
        *GOOD[:2],
        entry("box", "boxed", ("box_is_fast()", "Hypervisor-feature FAST"), NOFAST),
    ]
    assert differences(table(), *found) == []


def test_guards_that_must_not_be_left() -> None:
    found = [*GOOD[:2], entry("box", "boxed", FAST, NOFAST, ("in_box()", None), ("!dead", None))]
    assert differences(table(), *found) == [
        "box: boxed does not depend on dead",
        "box: boxed: the platform decides in_box()",
    ]


def test_the_platform_decides_only_what_mentions_nothing_else() -> None:
    found = [*GOOD[:2], entry("box", "boxed", FAST, ("in_box() && !nofast", "boot parameter"))]
    assert differences(table(), *found) == []


def test_several_stores_of_one_function_count_together() -> None:
    both = [*GOOD[:2], entry("box", "boxed", FAST), entry("box", "boxed", NOFAST)]
    assert differences(table(), *both) == []
    assert differences(table(), *both, entry("box", "boxed")) == [
        "box: boxed is held only under a condition"
    ]


def test_the_file_is_where_the_function_is_defined() -> None:
    found = [entry("native", "plain", file="z.c"), *GOOD[1:]]
    assert differences(table(), *found) == ["native: plain is defined in a.c, not z.c"]
    found = [entry("native", "plain", file=None), *GOOD[1:]]
    assert differences(table(), *found) == ["native: plain is defined in a.c, not no file"]


def test_other_names_and_either_file() -> None:
    thunks = table(
        '[[slot]]\nname = "ops.call"\n'
        'entries = [{ on = ["native", "box"], value = "thunk", when = "either" }]\n'
    )
    found = [entry("native", "behind", file="b.c"), entry("box", "thunk", FAST)]
    assert differences(thunks, *found) == []


def test_judged_values_may_be_there_or_not() -> None:
    judged = table(
        SLOT.replace(
            '"always" }',
            '"always" },\n  { on = ["native"], value = "other", when = "guarded", judged = true }',
        )
    )
    assert differences(judged, *GOOD) == []
    assert differences(judged, *GOOD, entry("native", "other", FAST)) == []


@pytest.mark.parametrize("spelling", [None, "NULL", "0"])
def test_null_is_a_value(spelling: str | None) -> None:
    null = table(
        '[[slot]]\nname = "ops.call"\n'
        'entries = [{ on = ["native", "box"], value = "NULL", when = "always" }]\n'
    )
    found = [entry("native", spelling, file=None), entry("box", "NULL", file=None)]
    assert differences(null, *found) == []
    assert differences(null, found[0]) == ["box: NULL is missing (always)"]


def test_extra_functions_only_where_marked() -> None:
    assert differences(table(), *GOOD, entry("native", "odd")) == ["native: odd cannot be held"]
    extra = table(SLOT + 'extra = ["odd"]\n')
    assert differences(extra, *GOOD, entry("native", "odd")) == []


def test_slots_that_are_not_there() -> None:
    assert differences(table(), *GOOD, slot="ops.other") == ["None: not in the answer"]
    gone = table('[[slot]]\nname = "ops.call"\nabsent = true\n')
    assert differences(gone, *GOOD) == ["None: there is no such slot here"]
    assert differences(gone, slot="ops.call") == []
    assert differences(gone, slot="ops.other") == []


def test_other_configurations_and_later_stores_are_left_out() -> None:
    masked = entry("native", "odd") | {"mask": "0x2"}
    later = entry("native", "odd") | {"later": True}
    assert differences(table(), *GOOD, masked, later) == []


def test_a_platform_without_values_holds_none() -> None:
    text = (
        SLOT
        + """
[[variant]]
name = "no box"
changes = { BOX = "n" }
[[variant.slot]]
name = "ops.call"
entries = [{ on = ["native"], value = "plain", when = "always" }]
"""
    )
    variants = table(text)
    document = {"slots": [{"slot": "ops.call", "entries": list(GOOD)}]}
    found = compare(variants, variants.variants[0].slots, read_answer(document))
    assert [item.text for item in found] == ["plain cannot be held", "boxed cannot be held"]


def test_the_report() -> None:
    document = {"slots": [{"slot": "ops.call", "entries": [GOOD[0], entry("box", "boxed", FAST)]}]}
    answer = read_answer(document)
    assert report(compare(table(), table().slots, answer), answer) == (
        "ops.call on box:\n"
        "    found boxed (if kvm_has(BOX_FAST) [hypervisor feature])\n"
        "  - plain is missing (a.c, kept)\n"
        "  - boxed: no guard mentions nofast\n"
        "2 differences in 1 slots"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("plain", "nowhere"), "ops.call: no file for nowhere"),
        (('"fast", ', '"slow", '), "ops.call: no such guard: slow"),
        (('on = ["native"]', 'on = ["nativ"]'), "ops.call: no such platform: nativ"),
        (('on = ["native"]', 'on = ["box"]'), "ops.call: plain twice on box"),
        (("when", "judged = true, whenn"), "ops.call: no such key: whenn"),
        (('"guarded"', '"either"'), "ops.call: boxed has guards but is not guarded"),
        (
            ('  { on = ["native"], value = "plain", when = "always" },\n', ""),
            "ops.call: not every platform has a value",
        ),
        (("entries", "absent = true\nentries"), "ops.call: either absent or with entries"),
    ],
)
def test_bad_tables(change: tuple[str, str], message: str) -> None:
    with pytest.raises(BadTable) as error:
        table(SLOT.replace(*change))
    assert str(error.value) == message


def ideal(slots: tuple[SlotTruth, ...], *, judged: bool) -> dict[str, Any]:
    """The answer that is exactly what a table says."""
    answer: list[dict[str, Any]] = []
    for slot in slots:
        entries = [
            entry(
                platform,
                value.names[-1],
                *[(min(guard.mentions) + "(x)", min(guard.classes)) for guard in value.guards],
                *([("c", None)] if value.when is When.GUARDED else []),
                file=max(value.files, default=None),
            )
            for platform, values in slot.values.items()
            for value in values
            if judged or not value.judged
        ]
        answer.append({"slot": slot.name, "entries": entries})
    return {"slots": answer}


@pytest.mark.parametrize("path", sorted(TABLES.glob("*.toml")), ids=lambda path: path.stem)
def test_the_tables_keep_their_rules(path: Path) -> None:
    loaded = load_table(path)
    assert loaded.kernel == path.stem
    assert len(loaded.slots) >= 20
    for slots in (loaded.slots, *(variant.slots for variant in loaded.variants)):
        for judged in (True, False):
            assert compare(loaded, slots, read_answer(ideal(slots, judged=judged))) == []
