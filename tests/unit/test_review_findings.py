"""The findings of a review, the branch a change is confined to, and the words for both."""

from __future__ import annotations

from dataclasses import replace

import pytest
from review_case import (
    ALL,
    GUESTS,
    NATIVE,
    SLOW,
    Drawing,
    comment_only,
    config_set,
    entry,
    first_patch,
    hostile,
    one_patch,
    review_of,
    second_patch,
    series,
    whole,
)

from analyzer.impact.claim_words import (
    doubtful,
    holding,
    undrawn,
    undrawn_text,
    verdict_text,
)
from analyzer.impact.findings import Finding, FindingKind, Gate, Level, failing, findings
from analyzer.impact.result import Entry, FunctionChange, Standing
from analyzer.impact.transitions import transitions
from analyzer.impact.within import within
from analyzer.impact.words import (
    effects_text,
    listed,
    place_of,
    remedy_text,
    summary,
)
from analyzer.location import Location
from analyzer.paths.result import Guard


def kinds(found: tuple[Finding, ...]) -> list[tuple[int, str, str]]:
    return [(one.patch, one.kind.value, one.level.value) for one in found]


def test_a_patch_has_a_finding_for_each_change_line_and_claim() -> None:
    assert kinds(findings(review_of(second_patch()))) == [
        (0, "claim", "ERROR"),
        (0, "effect-change", "WARNING"),
        (0, "coverage", "WARNING"),
        (0, "coverage", "WARNING"),
        (0, "claim", "CHECK"),
    ]
    assert kinds(findings(one_patch())) == [
        (0, "effect-change", "WARNING"),
        (0, "effect-change", "WARNING"),
        (0, "path-change", "CHECK"),
        (0, "claim", "CHECK"),
    ]


def test_of_a_series_the_whole_comes_first_and_nothing_twice() -> None:
    assert kinds(findings(series())) == [
        (2, "policy", "ERROR"),
        (2, "effect-change", "WARNING"),
        (2, "effect-change", "WARNING"),
        (2, "effect-change", "WARNING"),
        (2, "coverage", "WARNING"),
        (2, "coverage", "WARNING"),
        (2, "path-change", "CHECK"),
        (0, "claim", "CHECK"),
        (1, "claim", "ERROR"),
        (1, "claim", "CHECK"),
    ]


def test_what_a_later_patch_takes_back_is_a_finding_of_its_own_patch() -> None:
    undone = replace(whole(), entries=())
    found = findings(review_of(first_patch(), second_patch(), undone))
    assert [one.patch for one in found if one.kind is FindingKind.EFFECT_CHANGE] == [0, 0, 1]


def test_a_comment_has_no_findings() -> None:
    assert findings(comment_only()) == ()


def test_places_are_changed_functions_then_new_calls_then_the_entry() -> None:
    review = first_patch()
    assert [one.location for one in findings(review_of(review))[:2]] == [
        Location("mm/gather.c", 45),
        Location("arch/x86/mm/pgtable.c", 25),
    ]
    bare = replace(review, functions=())
    assert findings(review_of(bare))[1].location == Location("arch/x86/mm/pgtable.c", 31)
    (gone,) = (one for one in findings(review_of(second_patch())) if one.removed)
    assert gone.location == Location("mm/early.c", 44)
    # A function of the same name that is elsewhere is no place of this change.
    other = FunctionChange("elsewhere", False, None, Location("x.c", 1), ALL, 0, 0)
    there = findings(review_of(replace(review, functions=(other, *review.functions))))
    assert there[0].location == Location("mm/gather.c", 45)


def test_of_several_changed_functions_the_nearest_to_the_root_counts() -> None:
    """``native_release_table`` calls what is new on bare metal; its callees changed as well."""
    review = first_patch()
    back = replace(review, functions=tuple(reversed(review.functions)))
    native = findings(review_of(back))[1]
    assert "on native" in native.message
    assert native.location == Location("arch/x86/mm/pgtable.c", 25)
    steps = entry().transitions[1]
    assert steps.new[0].caller == "native_release_table"
    mixed = replace(steps, new=tuple(reversed(steps.new)))
    late = replace(back, entries=(replace(entry(), transitions=(mixed,)),))
    assert findings(review_of(late))[0].location == native.location
    # A function that only other configurations have is no place of the change.
    gone = tuple(replace(one, changed=0b1000) for one in review.functions[:1])
    elsewhere = replace(review, functions=gone)
    assert findings(review_of(elsewhere))[1].location == steps.new[0].location


def test_lines_have_a_first_and_a_last() -> None:
    found = [one for one in findings(series()) if one.kind is FindingKind.COVERAGE]
    assert [(one.location, one.last) for one in found] == [
        (Location("mm/early.c", 50), 51),
        (Location("mm/early.c", 55), 55),
    ]
    assert "CONFIG_DEBUG_EARLY=y" in found[0].message
    assert "never true" in found[1].message


def test_keys_do_not_depend_on_lines() -> None:
    keys = {one.key for one in findings(one_patch())}
    assert len(keys) == len(findings(one_patch()))
    review = first_patch()
    functions = tuple(
        replace(one, after=Location(one.after.file, one.after.line + 7)) if one.after else one
        for one in review.functions
    )
    assert {one.key for one in findings(review_of(replace(review, functions=functions)))} == keys


@pytest.mark.parametrize(
    ("gate", "expected"),
    [
        (Gate.PATH_CHANGE, ["effect-change"] * 3 + ["path-change"]),
        (Gate.COVERAGE, ["coverage"] * 2),
        (Gate.CLAIM, ["claim"]),
    ],
)
def test_gates(gate: Gate, expected: list[str]) -> None:
    failed = failing(findings(series()), [gate])
    assert [one.kind.value for one in failed] == expected
    assert gate is not Gate.CLAIM or failed[0].level is Level.ERROR


def test_no_gate_fails_on_nothing() -> None:
    assert failing(findings(series()), []) == ()
    assert failing(findings(comment_only()), list(Gate)) == ()
    # A condition that the changelog leaves out is said, and does not fail.
    assert failing(findings(one_patch()), [Gate.CLAIM]) == ()


def test_a_change_below_a_guard_is_within_its_branch() -> None:
    found = {(one.when, one.platforms): one.within for one in entry().transitions}
    assert found["PARAVIRT && PT_RECLAIM", GUESTS] == ("no-memory slow path",)
    assert found["PT_RECLAIM", NATIVE] == ()
    assert found["!PT_RECLAIM", NATIVE] == ()


def test_every_route_counts_and_the_edges_own_guard_too() -> None:
    d = Drawing()
    root, left = d.node("root", "a.c:1"), d.node("left", "a.c:2")
    right, end = d.node("right", "a.c:3"), d.node("end", "a.c:4")
    fast = (Guard("batch", "fast path"),)
    d.call(root, left, "a.c:1", guards=SLOW)
    d.call(root, right, "a.c:1", guards=fast)
    d.call(left, end, "a.c:2")
    d.call(right, end, "a.c:3", guards=(Guard("x"),))
    d.call(end, root, "a.c:4", guards=SLOW)
    paths = d.result([(ALL, (), ())])
    edges = range(5)
    assert within(paths, edges, {2}) == ("no-memory slow path",)
    assert within(paths, edges, {3}) == ("fast path",)
    assert within(paths, edges, {2, 3}) == ()
    assert within(paths, edges, {4}) == ("no-memory slow path",)
    assert within(paths, edges, {0}) == ("no-memory slow path",)


def test_the_summary_is_one_line_whatever_changes() -> None:
    assert summary(comment_only().reviews[0], str) == (
        "no impact: only comments and white space differ"
    )
    review = first_patch()
    inside = replace(review, entries=())
    assert summary(inside, str) == "no path changes; 5 functions differ"
    unseen = replace(inside, functions=())
    assert summary(unseen, str).startswith("no impact seen: ")
    assert "\n" not in summary(hostile().reviews[1], lambda text: text.replace("\n", " "))
    one = replace(inside, functions=review.functions[:1])
    assert summary(one, str) == "no path changes; 1 function differs"


def test_a_summary_names_what_is_new_and_counts_the_rest() -> None:
    first = entry()
    new = Entry("fresh", False, None, first.after, transitions(None, first.after, config_set()))
    text = summary(replace(first_patch(), entries=(new,)), str)
    assert text == "adds fresh"
    several = tuple(replace(new, name=f"f{number}") for number in range(5))
    text = summary(replace(first_patch(), entries=several), str)
    assert text == "adds f0, f1, f2 and 2 more"
    changes = tuple(replace(one, before=None) for one in first.transitions[:1])
    partly = replace(first, transitions=changes)
    text = summary(replace(first_patch(), entries=(partly,)), str)
    assert text.startswith("adds free_pte_range with PARAVIRT && PT_RECLAIM on xen-pv")


def test_the_same_change_on_several_platforms_is_told_once() -> None:
    first = entry()
    one = replace(first.transitions[1], when="A")
    changes = tuple(replace(one, platforms=(name,)) for name in ("native", "kvm", "hyperv"))
    other = replace(one, platforms=("xen-pv",), within=("fast path",))
    text = summary(
        replace(first_patch(), entries=(replace(first, transitions=(*changes, other)),)), str
    )
    assert text == (
        "effects change with A on native, kvm, hyperv and with A on xen-pv (fast path only)"
    )


def test_false_claims_come_first() -> None:
    claims = (*first_patch().claims, *second_patch().claims)
    assert [one.standing.value for one in doubtful(claims)] == [
        "does not hold",
        "holds only if",
        "not decidable",
    ]
    assert [one.line for one in holding(claims)] == [35, 36]
    assert [undrawn_text(one, str) for one in undrawn(claims)] == [
        "release_table -> native_release_table (!PARAVIRT)"
    ]


def test_paths_without_effects_just_change() -> None:
    first = entry()
    changes = tuple(replace(one, before=(), after=()) for one in first.transitions)
    text = summary(replace(first_patch(), entries=(replace(first, transitions=changes),)), str)
    assert text.startswith("paths change with ")


def test_words_for_effects() -> None:
    effects = ("rcu-callback-free", "workqueue-callback-free", "unknown", "made up")
    assert effects_text(effects, str.upper) == (
        "freed by RCU callback, freed by workqueue callback, lost from sight, MADE UP"
    )
    assert effects_text((), str) == "no effect seen"
    assert effects_text(None, str) == "no such function"


def test_words_for_lines_and_claims() -> None:
    lines = second_patch().coverage
    assert [place_of(one, str) for one in lines] == [
        "mm/early.c:46-47",
        "mm/early.c:50-51",
        "mm/early.c:55",
    ]
    bare = replace(lines[2], reason=None)
    assert remedy_text(bare, str) == "no configuration was found that compiles them"
    configs = series().configs
    claim = first_patch().claims[0]
    assert verdict_text(replace(claim, mask=ALL, platforms=()), configs, str) == (
        "holds only if hyperv has the hint HV_REMOTE_TLB_FLUSH"
    )
    assert verdict_text(replace(claim, why=None, platforms=()), configs, str) == (
        "holds only in paravirt-reclaim, reclaim"
    )
    assert verdict_text(replace(claim, standing=Standing.HOLDS, why=None), configs, str) == "holds"
    assert verdict_text(replace(claim, why="on native"), configs, str) == "holds only on native"
    assert verdict_text(replace(claim, why="when x()"), configs, str) == "holds only when x()"
    assert verdict_text(first_patch().claims[2], configs, str) == "holds (through table_free_later)"
    assert verdict_text(first_patch().claims[3], configs, str) == (
        "is there too, but not drawn (!PARAVIRT)"
    )
    assert listed("abcd") == "a, b, c and 1 more"
