"""A program over wide masks, its classes, and how slots on paths are settled."""

from __future__ import annotations

from fake_program import FakeProgram, configs
from hypothesis import given
from hypothesis import strategies as st
from report_case import SUPPORT, FakePlatforms, axis_of, slot_case, slot_program

from analyzer.callgraph.program import OutCertainty, OutKind
from analyzer.diagnostics import Diagnostics
from analyzer.paths import answer as answering
from analyzer.paths.answer import MAX_ROUNDS, MAX_SLOTS, Question, answer
from analyzer.paths.classes import groups_of
from analyzer.paths.platforms import OnePlatform, WideProgram
from analyzer.paths.result import Kernel, PathClass, PathsResult
from analyzer.progress import Silent

NATIVE, XEN, HYPERV, KVM = range(4)
"""The platforms of ``SUPPORT`` that are there."""


def bits(*pairs: tuple[int, int]) -> int:
    """The wide mask of (configuration, platform) pairs, with three configurations."""
    return sum(1 << (platform * 3 + config) for config, platform in pairs)


def test_definitions_are_wherever_their_configurations_have_a_platform() -> None:
    wide = WideProgram(slot_program(), axis_of(3, SUPPORT))
    (root,) = wide.find("root", None)
    natives = [(c, NATIVE) for c in range(3)]
    guests = [(0, XEN), (0, HYPERV), (1, HYPERV), (0, KVM), (1, KVM)]
    assert root.mask == bits(*natives, *guests)


def test_edges_are_on_their_platforms_where_the_caller_is() -> None:
    program = slot_program()
    wide = WideProgram(program, axis_of(3, SUPPORT))
    (root,) = wide.find("root", None)
    found = [(edge.name, edge.mask) for edge in wide.edges_of(root)]
    assert found == [
        ("plain", bits((2, NATIVE))),
        ("plain", bits((0, NATIVE), (1, NATIVE))),
        ("plain", bits((0, HYPERV), (1, HYPERV), (0, KVM), (1, KVM))),
        ("table", bits((0, KVM), (1, KVM))),
        ("table", bits((0, HYPERV), (1, HYPERV))),
        ("table", bits((0, XEN))),
    ]
    assert all(
        edge.target is not None and edge.target.mask == edge.mask for edge in wide.edges_of(root)
    )
    assert program.asked[-1] == ("root", 0b111)


def test_a_caller_on_fewer_platforms_has_fewer_edges() -> None:
    from analyzer.callgraph.program import narrowed  # noqa: PLC0415

    wide = WideProgram(slot_program(), axis_of(3, SUPPORT))
    (root,) = wide.find("root", None)
    only = narrowed(root, bits((0, XEN)))
    assert [edge.name for edge in wide.edges_of(only)] == ["table"]


def classes(result: PathsResult) -> list[tuple[int, tuple[str, ...], tuple[int, ...]]]:
    return [(each.mask, each.platforms, each.edges) for each in result.classes]


def test_classes_are_products_of_configurations_and_platforms() -> None:
    assert classes(slot_case()) == [
        (0b011, ("native",), (1, 6, 7)),
        (0b011, ("hyperv",), (2, 4, 6, 7, 8)),
        (0b011, ("kvm",), (2, 3, 6, 7, 8)),
        (0b100, ("native",), (0, 6, 7)),
        (0b001, ("xen-pv",), (5, 7, 8)),
    ]


def test_groups_are_what_the_configurations_have_in_common_on_all_platforms() -> None:
    result = slot_case()
    assert [(group.mask, group.when) for group in result.groups] == [
        (0b001, "XEN"),
        (0b010, "SMP && !XEN"),
        (0b100, "!SMP"),
    ]


def test_configurations_without_any_of_the_platforms_are_in_no_group() -> None:
    two = configs([{"A": "y"}, {}])
    only = PathClass(0b01, ("kvm",), "A", (), ())
    assert [(g.mask, g.when) for g in groups_of(two, [only], ["A"])] == [(0b01, "A")]
    assert groups_of(two, [], ["A"]) == ()


@given(st.lists(st.tuples(st.integers(1, 7), st.integers(1, 15)), max_size=5))
def test_every_configuration_and_platform_is_in_the_class_of_its_edges(
    calls: list[tuple[int, int]],
) -> None:
    """Against asking of each pair alone which calls there are."""
    names = ("native", "xen-pv", "hyperv", "kvm")
    program = FakeProgram()
    root = program.define("root", 0b111)
    for number, (mask, chosen) in enumerate(calls):
        program.call(
            root,
            program.define(f"f{number}", 0b111),
            mask,
            kind=OutKind.INDIRECT,
            certainty=OutCertainty.EXACT,
            slot="ops.x",
            platforms=tuple(name for n, name in enumerate(names) if chosen >> n & 1),
        )
    result = ask(program, FakePlatforms(3, SUPPORT), [{"A": "y"}, {"B": "y"}, {}])
    support = dict(SUPPORT)
    for config in range(3):
        for number, name in enumerate(names):
            if not support[name] >> config & 1:
                continue
            (mine,) = [
                each
                for each in result.classes
                if each.mask >> config & 1 and name in each.platforms
            ]
            assert {result.edges[index].name for index in mine.edges} == {
                f"f{n}"
                for n, (mask, chosen) in enumerate(calls)
                if mask >> config & 1 and chosen >> number & 1
            }


def ask(
    program: FakeProgram,
    platforms: answering.Platforms,
    rows: list[dict[str, str]],
    diagnostics: Diagnostics | None = None,
) -> PathsResult:
    return answer(
        program,
        Question(("root",)),
        configs(rows),
        Kernel("6.12", "x86"),
        platforms=platforms,
        diagnostics=Diagnostics() if diagnostics is None else diagnostics,
        progress=Silent(),
    )


def through_slots(count: int) -> FakeProgram:
    program = FakeProgram()
    root = program.define("root")
    for number in range(count):
        program.call(
            root,
            program.define(f"f{number}"),
            kind=OutKind.INDIRECT,
            certainty=OutCertainty.CANDIDATE,
            slot=f"ops.m{number}",
        )
    return program


def test_slots_on_the_paths_are_settled_together_and_once() -> None:
    platforms = FakePlatforms(1, (("native", 1),))
    diagnostics = Diagnostics()
    ask(through_slots(3), platforms, [{}], diagnostics)
    assert platforms.asked == ["ops.m0", "ops.m1", "ops.m2"]
    assert "slots-not-settled" not in [each.code for each in diagnostics]


def test_slots_beyond_the_cap_are_named_once() -> None:
    platforms = FakePlatforms(1, (("native", 1),))
    diagnostics = Diagnostics()
    result = ask(through_slots(MAX_SLOTS + 4), platforms, [{}], diagnostics)
    assert platforms.asked == [f"ops.m{number}" for number in range(MAX_SLOTS)]
    assert len(result.edges) == MAX_SLOTS + 4
    assert [each.message for each in diagnostics if each.code == "slots-not-settled"] == [
        "what 4 slots hold on each platform was not worked out: "
        f"ops.m{MAX_SLOTS}, ops.m{MAX_SLOTS + 1}, ops.m{MAX_SLOTS + 2} ..."
    ]


class Unfolding:
    """Each slot that is settled brings up the next one."""

    def __init__(self, program: FakeProgram) -> None:
        self.axis = OnePlatform(1).axis
        self.support = ()
        self.rounds: list[list[str]] = []
        self._program = program

    def settle(self, slots: list[str]) -> bool:
        self.rounds.append(list(slots))
        number = len(self.rounds)
        caller = self._program.refs[f"f{number - 1}"][0]
        self._program.call(
            caller,
            self._program.define(f"f{number}"),
            kind=OutKind.INDIRECT,
            certainty=OutCertainty.CANDIDATE,
            slot=f"ops.m{number}",
        )
        return True


def test_rounds_of_settling_end() -> None:
    program = through_slots(1)
    platforms = Unfolding(program)
    diagnostics = Diagnostics()
    ask(program, platforms, [{}], diagnostics)
    assert len(platforms.rounds) == MAX_ROUNDS
    assert platforms.rounds[-1] == ["ops.m0", "ops.m1", "ops.m2"]
    assert [each.message for each in diagnostics if each.code == "slots-not-settled"] == [
        "what 1 slot holds on each platform was not worked out: ops.m3"
    ]
