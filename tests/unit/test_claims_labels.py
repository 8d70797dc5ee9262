"""What the words in brackets mean, and whether that is so."""

from __future__ import annotations

from dataclasses import replace

import pytest
from claims_case import EVERYWHERE, NO_RCU, RCU, SUPPORT, Paths, claims, rows, tree_of

from analyzer.impact.claims.labels import (
    Branch,
    Effect,
    Meaning,
    Reference,
    SymbolTest,
    Where,
    denies_branch,
    meanings,
    says_branch,
)
from analyzer.impact.result import ClaimKind, Standing

HOLDS, HOLDS_IF = Standing.HOLDS, Standing.HOLDS_IF
FAILS, UNDECIDED = Standing.DOES_NOT_HOLD, Standing.UNDECIDED

PLATFORMS = tuple(name for name, _ in SUPPORT)


def symbols(meaning: Meaning) -> list[tuple[str, str]]:
    assert isinstance(meaning, Where)
    return [(test.symbol, test.value) for test in meaning.tests]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CONFIG_A", [("A", "set")]),
        ("!CONFIG_A", [("A", "n")]),
        ("if CONFIG_A", [("A", "set")]),
        ("without CONFIG_A", [("A", "n")]),
        ("CONFIG_A=y", [("A", "y")]),
        ("CONFIG_A = m", [("A", "m")]),
        ("CONFIG_A=n", [("A", "n")]),
        ("CONFIG_A != n", [("A", "set")]),
        ("CONFIG_A disabled", [("A", "n")]),
        ("CONFIG_A is not set", [("A", "n")]),
        ("CONFIG_A is enabled", [("A", "set")]),
        ("CONFIG_A is on", [("A", "set")]),
        ("CONFIG_A && !CONFIG_B", [("A", "set"), ("B", "n")]),
        ("CONFIG_A and CONFIG_B", [("A", "set"), ("B", "set")]),
    ],
)
def test_symbols(text: str, expected: list[tuple[str, str]]) -> None:
    (meaning,) = meanings(text, PLATFORMS)
    assert symbols(meaning) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Xen PV", ("xen-pv",)),
        ("xen-pv", ("xen-pv",)),
        ("XenPV guests", ("xen-pv",)),
        ("Xen", ("xen-pv", "xen-hvm")),
        ("Hyper-V", ("hyperv",)),
        ("on KVM", ("kvm",)),
        ("VMware", ("vmware",)),
        ("native", ("native",)),
        ("bare metal", ("native",)),
        ("not native", ("xen-pv", "xen-hvm", "hyperv", "kvm", "vmware")),
    ],
)
def test_platforms(text: str, expected: tuple[str, ...]) -> None:
    (meaning,) = meanings(text, PLATFORMS)
    assert isinstance(meaning, Where)
    assert meaning.platforms == expected


def test_several_parts() -> None:
    first, second, third = meanings("!CONFIG_A, CONFIG_B on KVM, frees via RCU", PLATFORMS)
    assert symbols(first) == [("A", "n")]
    assert isinstance(second, Where)
    assert (second.tests, second.platforms) == ((SymbolTest("B", "set"),), ("kvm",))
    assert isinstance(third, Effect)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("frees via RCU", "rcu-callback-free"),
        ("asynchronous free by RCU", "rcu-callback-free"),
        ("IPI + synchronous free", "ipi-then-free"),
        ("freed immediately", "immediate-free"),
        ("batched until the TLB flush", "gather-free"),
        ("after a grace period", "grace-period-then-free"),
        ("waits: synchronize_rcu()", "grace-period-wait"),
        ("flushes the TLB", "tlb-flush"),
        ("drops a reference", "reference-drop"),
    ],
)
def test_effects(text: str, name: str) -> None:
    (meaning,) = meanings(text, PLATFORMS)
    assert isinstance(meaning, Effect)
    assert name in meaning.names


def test_references_and_the_rest() -> None:
    for text in ("see above", "as above", "same as below", "above"):
        assert isinstance(meanings(text, PLATFORMS)[0], Reference)
    for text in ("no-free-memory slowpath:", "x == NULL", "Plan 9", "vmware-like"):
        assert isinstance(meanings(text, PLATFORMS)[0], Branch)


def test_branches() -> None:
    slow, fast = "no-memory slow path", "fast path"
    for words in ("slow path", "slowpath", "no-free-memory slowpath", "Slow path: no memory"):
        assert says_branch(words, slow, "!p"), words
        assert not says_branch(words, fast, "!p")
        assert denies_branch(words, fast)
    assert says_branch("fastpath", fast, "p")
    assert denies_branch("fastpath", slow)
    assert not says_branch("contended slow path", slow, "!p")
    assert says_branch("if (p->nr == MAX)", None, "p->nr == MAX")
    assert not says_branch("p", None, "p->nr == MAX")
    assert not says_branch("the path", slow, "!p")


# --- checked against paths --------------------------------------------------------------


def branching() -> Paths:
    p = Paths()
    p.call("top_a", "slow_b", guards=[("!p", None), ("!p", "no-memory slow path")])
    p.call("top_a", "fast_c", guards=[("p", "fast path"), ("p->nr == MAX", None)])
    return p


def test_headings() -> None:
    text = "top_a\n  [slowpath:]\n    slow_b\n  [fast path:]\n    fast_c\n"
    assert rows(claims(text, tree_of(branching())), ClaimKind.LABEL) == [
        ("slow_b [slowpath]", HOLDS, None),
        ("fast_c [fast path]", HOLDS, None),
    ]
    text = "top_a\n  [fast path:]\n    slow_b\n  [p->nr == MAX]\n    fast_c\n"
    assert rows(claims(text, tree_of(branching())), ClaimKind.LABEL) == [
        ("slow_b [fast path]", FAILS, "it is called when !p, !p (no-memory slow path)"),
        ("fast_c [p->nr == MAX]", HOLDS, None),
    ]
    text = "top_a\n  [contended:]\n    fast_c\n"
    why = "the words are not understood; it is called when p (fast path), p->nr == MAX"
    assert rows(claims(text, tree_of(branching())), ClaimKind.LABEL) == [
        ("fast_c [contended]", UNDECIDED, why)
    ]


def freeing() -> Paths:
    """Freed by RCU with it, after an IPI without; on Xen PV always batched."""
    p = Paths()
    p.node("top_a")
    p.node("free_b", EVERYWHERE, "rcu-callback-free", "ipi-then-free")
    p.node("gather_c", EVERYWHERE, "gather-free")
    p.node("flush_d", EVERYWHERE, "tlb-flush")
    p.call("top_a", "free_b", EVERYWHERE, "native kvm hyperv xen-hvm")
    p.call("top_a", "gather_c", EVERYWHERE, "xen-pv")
    p.call("top_a", "flush_d")
    p.happens("rcu-callback-free", mask=RCU, on="native kvm hyperv xen-hvm")
    p.happens("ipi-then-free", mask=NO_RCU, on="native kvm hyperv xen-hvm")
    p.happens("gather-free", on="xen-pv")
    return p


def label(text: str, paths: Paths) -> tuple[Standing, str | None]:
    (row,) = rows(claims(text, tree_of(paths)), ClaimKind.LABEL)
    return row[1:]


def test_effects_against_paths() -> None:
    p = freeing()
    assert label("top_a\n  free_b [frees via RCU]\n", p) == (
        HOLDS_IF,
        "RCU; ipi-then-free where !RCU",
    )
    lead = "With CONFIG_RCU=y it is:\n\n"
    assert label(f"{lead}top_a\n  free_b [frees via RCU]\n", p) == (HOLDS, None)
    assert label(f"{lead}top_a\n  free_b [freed immediately]\n", p) == (
        FAILS,
        "instead: rcu-callback-free",
    )
    assert label("top_a\n  flush_d [flushes the TLB]\n", p) == (HOLDS, None)
    assert label("top_a\n  gather_c [flushes the TLB]\n", p) == (
        FAILS,
        "nothing of the kind happens there",
    )


def test_effects_are_those_below_too() -> None:
    lead = "With CONFIG_RCU=y it is:\n\n"
    standing, why = label(f"{lead}top_a [frees via RCU]\n  free_b\n", freeing())
    assert (standing, why) == (
        HOLDS_IF,
        "on native, xen-hvm, hyperv, kvm; gather-free on xen-pv",
    )


def test_an_object_that_is_lost_is_not_decided() -> None:
    p = Paths()
    p.node("top_a")
    p.node("lose_b", EVERYWHERE, "unknown")
    p.call("top_a", "lose_b")
    p.happens("unknown")
    why = "not decidable: the object is lost"
    assert label("top_a\n  lose_b [frees via RCU]\n", p) == (UNDECIDED, why)


def test_effects_without_an_object_are_not_decided() -> None:
    p = Paths()
    p.chain("top_a free_b")
    why = "what becomes of the object is not known"
    assert label("top_a\n  free_b [frees via RCU]\n", p) == (UNDECIDED, why)


def test_a_platform_that_no_configuration_has() -> None:
    p = Paths()
    p.chain("top_a free_b")
    why = "no configuration of the analysis has this"
    assert label("top_a\n  free_b [VMware]\n", p) == (UNDECIDED, why)


def test_a_reference_to_nothing() -> None:
    p = Paths()
    p.chain("top_a free_b")
    why = "free_b is not drawn elsewhere"
    assert label("top_a\n  free_b [see above]\n", p) == (FAILS, why)


def test_headings_with_conditions() -> None:
    p = Paths()
    p.call("top_a", "with_b", RCU)
    p.call("top_a", "other_c", NO_RCU)
    text = "top_a\n  [CONFIG_RCU:]\n    with_b\n  [!CONFIG_RCU]\n    other_c\n"
    assert rows(claims(text, tree_of(p))) == [
        ("with_b [CONFIG_RCU]", HOLDS, None),
        ("top_a -> with_b", HOLDS, None),
        ("other_c [!CONFIG_RCU]", HOLDS, None),
        ("top_a -> other_c", HOLDS, None),
    ]
    text = "top_a\n  [CONFIG_RCU:]\n    other_c\n"
    assert rows(claims(text, tree_of(p)), ClaimKind.LABEL) == [
        ("other_c [CONFIG_RCU]", FAILS, "the edge is not in the source: top_a calls with_b")
    ]


def test_platforms_that_nothing_depends_on() -> None:
    p = Paths(support=())
    p.chain("top_a free_b")
    tree = replace(tree_of(p), platforms=("native", "kvm"))
    text = "top_a\n  free_b [KVM, bare metal]\n"
    assert rows(claims(text, tree), ClaimKind.LABEL) == [
        ("free_b [KVM]", HOLDS, None),
        ("free_b [bare metal]", HOLDS, None),
    ]
