"""Edges of a drawing against paths: where they hold, on what conditions, what is there instead."""

from __future__ import annotations

from typing import TypedDict

from claims_case import EVERYWHERE, NO_PV, NO_RCU, PV, RCU, Paths, claims, rows, tree_of

from analyzer.diagnostics import Diagnostic, Severity
from analyzer.impact.claims.check import check_changelog
from analyzer.impact.claims.reader import read_changelog
from analyzer.impact.result import ClaimKind, Standing
from analyzer.paths.result import (
    Certainty,
    EdgeKind,
    Limit,
    LimitReason,
    NodeKind,
    PathsResult,
)

HOLDS, HOLDS_IF = Standing.HOLDS, Standing.HOLDS_IF
FAILS, UNDECIDED = Standing.DOES_NOT_HOLD, Standing.UNDECIDED

SLOT = "ops.free"


class _Through(TypedDict):
    kind: EdgeKind
    slot: str


def slotted() -> Paths:
    """Without PV a direct call; with it a slot that Xen PV always replaces, and KVM and Hyper-V
    under conditions."""
    p = Paths()
    p.node("free_it")
    p.node("PVCALL", PV, kind=NodeKind.MACRO)
    p.call("free_it", "free_slot")
    p.call("free_slot", "rm_table", NO_PV)
    p.call("free_slot", "PVCALL", PV, kind=EdgeKind.MACRO)
    through: _Through = {"kind": EdgeKind.INDIRECT, "slot": SLOT}
    maybe = Certainty.CANDIDATE
    p.call("PVCALL", "native_rm", PV, "native xen-hvm", **through)
    p.call("PVCALL", "native_rm", PV, "kvm hyperv", certainty=maybe, **through)
    p.call("PVCALL", "rm_table", PV, "xen-pv", **through)
    for platform, text in (("kvm", "kvm_has(FLUSH)"), ("hyperv", "hints & FLUSH")):
        p.call(
            "PVCALL",
            "rm_table",
            PV,
            platform,
            certainty=maybe,
            guards=[(text, "at boot: hypervisor feature")],
            **through,
        )
    p.call("native_rm", "rm_table", PV & RCU, "native xen-hvm kvm hyperv")
    p.call("native_rm", "rm_page", PV & NO_RCU, "native xen-hvm kvm hyperv")
    return p


DRAWING = """\
free_it
  free_slot
    rm_table [!CONFIG_PV, Xen PV, Hyper-V, KVM]
    native_rm [CONFIG_PV on native]
      rm_table [see above]
"""


def test_a_drawing_with_a_slot() -> None:
    assert rows(claims(DRAWING, tree_of(slotted()))) == [
        ("free_it -> free_slot", HOLDS, None),
        ("free_slot -> rm_table", HOLDS, "in between: PVCALL"),
        ("rm_table [!CONFIG_PV]", HOLDS, None),
        ("rm_table [Xen PV]", HOLDS, None),
        ("rm_table [Hyper-V]", HOLDS_IF, "when hints & FLUSH"),
        ("rm_table [KVM]", HOLDS_IF, "when kvm_has(FLUSH)"),
        ("free_slot -> native_rm", HOLDS, "in between: PVCALL"),
        ("native_rm [CONFIG_PV on native]", HOLDS, None),
        (
            "free_slot -> native_rm",
            HOLDS,
            "also on xen-hvm; on hyperv, kvm unless ops.free is replaced",
        ),
        ("native_rm -> rm_table", HOLDS_IF, "RCU"),
        ("rm_table [see above]", HOLDS, None),
    ]


def test_where_it_holds() -> None:
    found = {(c.text, c.kind): c for c in claims(DRAWING, tree_of(slotted()))}
    kvm = found["rm_table [KVM]", ClaimKind.LABEL]
    assert (kvm.mask, kvm.platforms, kvm.line) == (PV, ("kvm",), 3)
    edge = found["free_slot -> rm_table", ClaimKind.EDGE]
    assert (edge.mask, edge.platforms) == (EVERYWHERE, ("native", "xen-pv", "hyperv", "kvm"))
    beside = found["free_slot -> native_rm", ClaimKind.LEFT_OUT]
    assert beside.platforms == ("xen-hvm", "hyperv", "kvm")


def test_the_premise_bounds_what_is_claimed() -> None:
    text = f"With CONFIG_RCU=y, this is called:\n\n{DRAWING}"
    assert ("native_rm -> rm_table", HOLDS, None) in rows(claims(text, tree_of(slotted())))
    text = f"With CONFIG_NOWHERE=y, this is called:\n\n{DRAWING}"
    why = "no configuration of the analysis has what the text speaks of"
    assert rows(claims(text, tree_of(slotted())))[0] == ("free_it", UNDECIDED, why)


def test_without_labels_an_edge_is_claimed_everywhere() -> None:
    text = "free_it\n  free_slot\n    rm_table\n"
    (_, edge) = rows(claims(text, tree_of(slotted())), ClaimKind.EDGE)
    assert edge[:2] == ("free_slot -> rm_table", HOLDS_IF)
    assert edge[2] is not None
    # Ways over names that are not drawn count, those over the native function too.
    assert "on kvm" not in edge[2].split(";")[0]


def test_ways_over_other_names_of_the_drawing_are_no_edges() -> None:
    p = Paths()
    p.chain("top_a mid_b low_c")
    text = "top_a()\n  mid_b()\n  low_c()\n"
    assert rows(claims(text, tree_of(p))) == [
        ("top_a -> mid_b", HOLDS, None),
        ("mid_b -> low_c", HOLDS, None),
        ("top_a -> low_c", FAILS, "in between: mid_b"),
    ]


def test_names_that_are_left_out_between() -> None:
    p = Paths()
    p.chain("top_a x1 x2 x3 x4 x5 x6 x7 low_c")
    (row,) = rows(claims("top_a() -> low_c()", tree_of(p)))
    assert row == ("top_a -> low_c", HOLDS, "in between: x1, x2, x3, x4, x5 and 2 more")


def test_an_edge_that_is_not_there() -> None:
    p = Paths()
    p.chain("top_a mid_b")
    p.chain("top_a low_c")
    p.chain("low_c last_d")
    assert rows(claims("top_a() -> mid_b() -> low_c()", tree_of(p))) == [
        ("top_a -> mid_b", HOLDS, None),
        ("mid_b -> low_c", FAILS, "the edge is not in the source"),
        ("top_a -> low_c", HOLDS, None),
    ]
    assert rows(claims("top_a() -> low_c() -> mid_b()", tree_of(p)))[1] == (
        "low_c -> mid_b",
        FAILS,
        "the edge is not in the source: low_c calls last_d",
    )


def test_the_other_way_round() -> None:
    p = Paths()
    p.chain("top_a mid_b low_c")
    found = rows(claims("top_a()\n  low_c()\n    mid_b()\n", tree_of(p)), ClaimKind.EDGE)
    assert found[-1] == (
        "low_c -> mid_b",
        FAILS,
        "it is the other way round: mid_b calls low_c",
    )


def test_a_name_that_the_tree_has_not() -> None:
    p = Paths()
    p.chain("top_a mid_b")
    tree = tree_of(p, missing=["gone_c"])
    assert rows(claims("top_a() -> gone_c() -> low_d()", tree))[:1] == [
        (
            "top_a -> gone_c",
            FAILS,
            "no function or macro of this name in the tree: top_a calls mid_b",
        ),
    ]


def test_a_root_that_the_tree_has_not() -> None:
    tree = tree_of(Paths(), missing=["top_a"])
    why = "no function or macro of this name in the tree"
    assert rows(claims("top_a() -> mid_b()", tree)) == [("top_a", FAILS, why)]
    tree = tree_of(Paths(), missing=["top_a"], removed=["top_a"])
    assert rows(claims("top_a() -> mid_b()", tree)) == [("top_a", FAILS, "the patch removes it")]


def test_a_root_that_is_built_in_some_configurations() -> None:
    p = Paths()
    p.node("top_a", RCU)
    p.call("top_a", "mid_b", RCU)
    assert rows(claims("top_a() -> mid_b()", tree_of(p))) == [
        ("top_a", HOLDS_IF, "RCU"),
        ("top_a -> mid_b", HOLDS, None),
    ]


def test_nothing_is_said_of_what_is_no_call_tree() -> None:
    locks = ["lock_a", "lock_b", "lock_c"]
    tree = tree_of(Paths(), missing=locks)
    assert rows(claims("  lock_a\n    lock_b\n      lock_c\n", tree)) == []


def test_recursion_and_a_macro_of_the_same_name() -> None:
    p = Paths()
    p.call("top_a", "low_b")
    p.call("low_b", "low_b")
    assert rows(claims("top_a() -> low_b() -> low_b()", tree_of(p))) == [
        ("top_a -> low_b", HOLDS, None),
        ("low_b -> low_b", HOLDS, None),
    ]


# --- what was not followed --------------------------------------------------------------


def test_what_is_not_followed_is_not_decided() -> None:
    p = Paths()
    p.chain("top_a mid_b")
    p.limits = [Limit(p.nodes["mid_b"].id, LimitReason.OBJECT, EVERYWHERE)]
    assert rows(claims("top_a() -> mid_b() -> low_c()", tree_of(p)))[-1] == (
        "mid_b -> low_c",
        UNDECIDED,
        "mid_b is not followed",
    )
    p = Paths()
    p.node("top_a")
    p.node("mid_b", EVERYWHERE, absent="defined in assembly")
    p.chain("top_a mid_b")
    assert rows(claims("top_a() -> mid_b() -> low_c()", tree_of(p)))[-1] == (
        "mid_b -> low_c",
        UNDECIDED,
        "mid_b is not followed: defined in assembly",
    )


def test_an_unknown_target_is_not_decided() -> None:
    p = Paths()
    p.call("top_a", None, PV)
    p.call("top_a", "low_b", NO_PV)
    (row,) = rows(claims("top_a() -> low_b()", tree_of(p)))
    assert row == (
        "top_a -> low_b",
        HOLDS_IF,
        "!PV; not decidable (what hook leads to is not known) where PV",
    )


def test_a_function_further_down_that_is_not_followed_hides_no_edge() -> None:
    p = Paths()
    p.chain("top_a mid_b")
    p.chain("top_a low_c")
    p.chain("mid_b deep_d")
    p.limits = [Limit(p.nodes["deep_d"].id, LimitReason.OBJECT, EVERYWHERE)]
    found = rows(claims("top_a() -> mid_b() -> low_c()", tree_of(p)), ClaimKind.EDGE)
    assert found[-1] == (
        "mid_b -> low_c",
        FAILS,
        "the edge is not in the source: mid_b calls deep_d",
    )


def test_calls_that_are_left_out_are_not_decided_unless_routes_are() -> None:
    p = Paths()
    p.chain("top_a mid_b")
    p.diagnostics = [Diagnostic(Severity.NOTE, "besides", "7 calls not shown")]
    text = "top_a()\n  mid_b()\n  low_c()\n"
    why = "calls without a part in what becomes of the object are left out"
    assert rows(claims(text, tree_of(p)))[-1] == ("top_a -> low_c", UNDECIDED, why)
    asked: list[tuple[str, str]] = []

    def routes(root: str, name: str) -> PathsResult:
        asked.append((root, name))
        full = Paths()
        full.call("top_a", "low_c", PV)
        return full.result()

    found = rows(claims(text, tree_of(p, routes=routes)))
    assert found[-1] == ("top_a -> low_c", HOLDS_IF, "PV")
    assert asked == [("top_a", "low_c")]


def test_one_of_several_targets() -> None:
    p = Paths(support=())
    p.call(
        "top_a",
        "low_b",
        kind=EdgeKind.INDIRECT,
        certainty=Certainty.CANDIDATE,
        slot="file_ops.read",
    )
    (row,) = rows(claims("top_a() -> low_b()", tree_of(p)))
    why = "as one of several that file_ops.read may hold"
    assert row == ("top_a -> low_b", HOLDS_IF, why)


# --- what drawings leave open -----------------------------------------------------------


def test_an_arrow_that_is_not_indented_may_start_at_any_name_above() -> None:
    p = Paths()
    p.chain("top_a mid_b")
    p.chain("top_a low_c last_d")
    text = "top_a()\n-> mid_b()\n-> low_c()\n-> last_d()\n-> mid_b()\n"
    assert rows(claims(text, tree_of(p)), ClaimKind.EDGE) == [
        ("top_a -> mid_b", HOLDS, None),
        ("top_a -> low_c", HOLDS, None),
        ("low_c -> last_d", HOLDS, None),
        ("top_a -> mid_b", HOLDS, None),
    ]
    assert rows(claims("top_a()\n-> mid_b()\n-> low_z()\n", tree_of(p)))[-1] == (
        "mid_b -> low_z",
        FAILS,
        "the edge is not in the source",
    )


def test_an_arrow_between_two_names_may_mean_something_else() -> None:
    why = "the edge is not in the source: old_a calls new_c; the arrow may mean something else"
    p = Paths()
    p.chain("old_a new_c")
    p.node("other_d")
    assert rows(claims("  old_a() -> other_d()\n", tree_of(p))) == [
        ("old_a -> other_d", UNDECIDED, why)
    ]


def test_what_is_no_function_above_a_tree_is_left_out() -> None:
    p = Paths()
    p.chain("top_a mid_b")
    text = "Interrupt\n  -> top_a()\n    -> mid_b()\n"
    tree = tree_of(p, missing=["Interrupt"])
    assert rows(claims(text, tree)) == [("top_a -> mid_b", HOLDS, None)]
    text = "Interrupt\n  -> top_a()\n  -> mid_b()\n"
    assert rows(claims(text, tree)) == []


def test_a_tree_before_the_patch_is_held_against_that() -> None:
    old, new = Paths(), Paths()
    old.chain("top_a mid_b low_c")
    new.chain("top_a low_c last_d")
    changelog = read_changelog("Before this patch:\n\n  top_a()\n    mid_b()\n      low_c()\n")
    why = "the text speaks of the tree before the patch"
    assert rows(check_changelog(changelog, tree_of(new))) == [("top_a", UNDECIDED, why)]
    found = check_changelog(changelog, tree_of(new), tree_of(old))
    assert rows(found, ClaimKind.EDGE) == [
        ("top_a -> mid_b", HOLDS, None),
        ("mid_b -> low_c", HOLDS, None),
    ]


def test_what_held_before_the_patch_says_so() -> None:
    old, new = Paths(), Paths()
    old.chain("top_a mid_b low_c")
    new.chain("top_a low_c last_d")
    changelog = read_changelog("  top_a()\n    mid_b()\n      low_c()\n    last_d()\n")
    found = check_changelog(changelog, tree_of(new), tree_of(old))
    assert rows(found, ClaimKind.EDGE) == [
        (
            "top_a -> mid_b",
            FAILS,
            "the edge is not in the source: top_a calls low_c; it did before the patch",
        ),
        ("mid_b -> low_c", UNDECIDED, "mid_b is not reached"),
        ("top_a -> last_d", FAILS, "in between: low_c"),
    ]


# --- mentions ---------------------------------------------------------------------------


def test_mentions() -> None:
    tree = tree_of(Paths(), missing=["no_such", "NOT", "munmap", "old_one"], removed=["old_one"])
    text = "This calls it_is(), no_such() and old_one() for munmap(); CONFIG_IS, CONFIG_NOT."
    none = "no function or macro of this name in the tree"
    assert rows(claims(text, tree), ClaimKind.MENTION) == [
        ("it_is()", HOLDS, None),
        ("no_such()", FAILS, none),
        ("old_one()", HOLDS, "the patch removes it"),
        ("munmap()", UNDECIDED, f"{none}; it may be one of user space"),
        ("CONFIG_IS", HOLDS, None),
        ("CONFIG_NOT", FAILS, "no symbol of this name in the tree"),
    ]
