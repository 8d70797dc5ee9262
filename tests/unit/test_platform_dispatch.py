"""What a boot found in slots, in the terms of the call graph; a boot written by hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fake_program import configs

from analyzer.callgraph.dispatch import Dispatched
from analyzer.callgraph.program import OutGuard
from analyzer.csource.sites import Target
from analyzer.errors import BadInput
from analyzer.location import Location
from analyzer.platforms.answers import BootAnswers
from analyzer.platforms.dispatch import BootDispatcher
from analyzer.platforms.knowledge import boot_knowledge
from analyzer.platforms.values import BootGuard, FunctionValue, Held, NumberValue, UnknownValue
from analyzer.platforms.written import announced
from analyzer.primitives.knowledge import load_knowledge
from analyzer.tree.source_tree import DirectoryTree

FREE = Target("ops.mmu.free", "ops", "mmu_ops", "free")
HERE, THERE = Location("pv.c", 3), Location("kvm.c", 8)


@dataclass
class FakePlatform:
    name: str
    mask: int


@dataclass
class FakeBooted:
    platform: FakePlatform


@dataclass
class FakeBoot:
    """``slots``: object and path -> platform -> what it holds."""

    platforms: tuple[FakePlatform, ...]
    slots: dict[tuple[str, tuple[str, ...]], dict[str, list[Held]]] = field(default_factory=dict)
    covered: list[list[tuple[str, tuple[str, ...]]]] = field(default_factory=list)

    def cover(self, objects: Iterable[tuple[str, tuple[str, ...]]]) -> None:
        self.covered.append(list(objects))

    def held(self, name: str, path: tuple[str, ...]) -> list[tuple[FakeBooted, list[Held]]]:
        known = self.slots.get((name, path), {})
        return [(FakeBooted(p), known.get(p.name, [])) for p in self.platforms]


class FakeLinked:
    """Counts how often it is told that more is known."""

    def __init__(self) -> None:
        self.told = 0

    knowledge = load_knowledge()

    def dispatch_with(self, dispatcher: object) -> None:
        del dispatcher
        self.told += 1


class Counted(BootAnswers):
    """Notes in a case when it was first asked for platforms."""

    def __init__(self, case: Case) -> None:
        self._case = case
        boot: Any = case.boot
        super().__init__(boot, lambda guard: "other" if guard.text else "")

    def support(self) -> Sequence[tuple[str, int]]:
        self._case.made += 1
        return super().support()


class Case:
    def __init__(
        self,
        boot: FakeBoot,
        only: Sequence[str] = (),
        known: Sequence[str] = (),
        rows: int = 2,
    ) -> None:
        self.boot = boot
        self.linked: Any = FakeLinked()
        self.made = 0
        self.dispatcher = BootDispatcher(
            self.linked,
            Counted(self),
            configs([{}] * rows),
            only,
            lambda: known,
        )

    def held(self, target: Target = FREE) -> Sequence[Dispatched] | None:
        """What a slot holds after it was settled."""
        assert self.dispatcher.held(target) is None
        assert self.dispatcher.settle([target.path])
        return self.dispatcher.held(target)


def booted(**slots: list[Held]) -> FakeBoot:
    """``ops.mmu.free`` by platform (``_`` for ``-``); KVM only in the second configuration."""
    platforms = (FakePlatform("native", 0b11), FakePlatform("xen-pv", 0), FakePlatform("kvm", 0b10))
    by_name = {name.replace("_", "-"): held for name, held in slots.items()}
    return FakeBoot(platforms, {("ops", ("mmu", "free")): by_name})


def function(name: str, mask: int, *guards: BootGuard, place: Location = HERE) -> Held:
    return Held(mask, FunctionValue(name, "pv.o"), guards, place)


def test_nothing_is_booted_before_a_slot_is_settled() -> None:
    case = Case(booted(native=[function("f", 0b11)]))
    assert case.dispatcher.held(FREE) is None
    assert not case.dispatcher.settle(["never.seen"])
    assert case.made == 0
    assert case.dispatcher.axis.names == ("",)
    assert case.dispatcher.support == ()
    assert case.dispatcher.settle(["ops.mmu.free", "never.seen"])
    assert not case.dispatcher.settle(["ops.mmu.free"])
    assert case.made == 1
    assert case.boot.covered == [[("ops", ("mmu", "free"))]]
    assert case.linked.told == 2


def test_platforms_are_told_apart_where_some_configuration_has_them() -> None:
    case = Case(booted(), known=["kvm", "acrn"])
    case.held()
    assert case.dispatcher.axis.names == ("native", "kvm")
    assert case.dispatcher.axis.there == 0b10_11
    assert list(case.dispatcher.support) == [
        ("native", 0b11),
        ("xen-pv", 0),
        ("kvm", 0b10),
        ("acrn", 0),
    ]


def test_the_only_value_is_certain_and_platforms_with_one_mask_are_together() -> None:
    boot = booted(native=[function("f", 0b11)], kvm=[function("f", 0b10)])
    assert Case(boot).held() == (
        Dispatched("f", "pv.o", 0b11, ("native",), (), HERE, True),
        Dispatched("f", "pv.o", 0b10, ("kvm",), (), HERE, True),
    )
    everywhere = booted(native=[function("f", 0b10)], kvm=[function("f", 0b10)])
    assert Case(everywhere).held() == (
        Dispatched("f", "pv.o", 0b10, ("native", "kvm"), (), HERE, True),
    )


def test_values_under_conditions_are_candidates_with_the_conditions_of_the_boot() -> None:
    guard = BootGuard("kvm_has(X)", False, ("a",))
    negated = BootGuard("nopv", True, ("b",))
    compared = BootGuard("cpus == 1", True, ("c",))
    boot = booted(
        kvm=[function("f", 0b10), function("g", 0b10, guard, negated, compared, place=THERE)]
    )
    guards = (
        OutGuard("kvm_has(X)", "at boot: other"),
        OutGuard("!nopv", "at boot: other"),
        OutGuard("!(cpus == 1)", "at boot: other"),
    )
    assert Case(boot).held() == (
        Dispatched("f", "pv.o", 0b10, ("kvm",), (), HERE, False),
        Dispatched("g", "pv.o", 0b10, ("kvm",), guards, THERE, False),
    )


def test_an_alternative_in_other_configurations_leaves_a_value_certain() -> None:
    found = Case(booted(native=[function("f", 0b01), function("g", 0b10)])).held()
    assert found is not None
    assert [(one.function, one.mask, one.certain) for one in found] == [
        ("f", 0b01, True),
        ("g", 0b10, True),
    ]


def test_what_is_empty_or_not_known() -> None:
    boot = booted(native=[Held(0b11, NumberValue(0))], kvm=[Held(0b10, UnknownValue("x"))])
    assert Case(boot).held() == (Dispatched(None, "", 0b10, ("kvm",), (), None, True),)


def test_static_calls_are_slots_by_their_trampoline() -> None:
    boot = booted()
    boot.slots["steal_clock", ("func",)] = {"kvm": [function("kvm_clock", 0b10)]}
    found = Case(boot).held(Target("__SCT__steal_clock"))
    assert found is not None
    assert [(one.function, one.platforms) for one in found] == [("kvm_clock", ("kvm",))]


@pytest.mark.parametrize(
    "target",
    [
        Target("ops->free", None),
        Target("p->ops.free", "p"),
        Target("table[].free", "table"),
        Target("hook", "hook"),
        Target("other.free", "ops"),
    ],
)
def test_what_is_no_part_of_one_object_is_never_settled(target: Target) -> None:
    case = Case(booted())
    assert case.dispatcher.held(target) is None
    assert not case.dispatcher.settle([target.path])
    assert case.made == 0


def test_chosen_platforms_are_told_apart_from_the_start() -> None:
    case = Case(booted(native=[function("f", 0b11)], kvm=[function("g", 0b10)]), ["kvm"])
    assert case.dispatcher.axis.names == ("kvm",)
    assert list(case.dispatcher.support) == [("kvm", 0b10)]
    found = case.held()
    assert found is not None
    assert [one.function for one in found] == ["g"]
    assert case.made == 1


def test_a_chosen_platform_that_is_not_configured() -> None:
    case = Case(booted(), ["xen-pv", "acrn"], known=["acrn"])
    assert case.dispatcher.axis.names == ()
    assert list(case.dispatcher.support) == [("xen-pv", 0), ("acrn", 0)]


def test_an_unknown_platform_is_bad_input_with_the_known_names() -> None:
    with pytest.raises(BadInput) as caught:
        Case(booted(), ["kvn"], known=["acrn"])
    assert str(caught.value) == "unknown platform 'kvn' (known: native, xen-pv, kvm, acrn)"


def test_platforms_that_sources_announce_whether_built_or_not(tmp_path: Path) -> None:
    folder = tmp_path / "arch" / "x86" / "kernel"
    folder.mkdir(parents=True)
    (folder / "a.c").write_text(
        'const __initconst struct hypervisor_x86 x86_hyper_ms = {\n\t.name = "Microsoft Hyper-V",\n'
        "\t.detect\t= find,\n};\n"
        "struct hypervisor_x86 x86_hyper_Odd = {\n\t.detect = find,\n};\n"
        'struct other x = { .name = "no" };\n'
    )
    (folder / "b.c").write_text("extern struct hypervisor_x86 *x86_hyper;\n")
    (tmp_path / "arch" / "arm").mkdir()
    (tmp_path / "arch" / "arm" / "c.c").write_text("struct hypervisor_x86 elsewhere = {};\n")
    knowledge = boot_knowledge(load_knowledge())
    found = [each.name for each in announced(DirectoryTree(tmp_path), "x86", knowledge)]
    assert found == ["hyperv", "x86-hyper-odd"]
