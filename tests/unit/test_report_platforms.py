# ruff: noqa: E501 (the expected lines are as long as the output's)
"""Platforms in a tree: said where they change, with what decides, and where they are missing."""

from __future__ import annotations

import io
from dataclasses import replace

from fake_program import FakeProgram, configs
from report_case import FakePlatforms, slot_case

from analyzer.callgraph.program import OutCertainty, OutKind
from analyzer.diagnostics import Diagnostics
from analyzer.paths.answer import Question, answer
from analyzer.paths.result import Kernel, PathsResult, Support
from analyzer.progress import Silent
from analyzer.report.drawn import drawn_classes
from analyzer.report.tree import print_paths

TREE = """\
root  (Linux 6.12.0-mini x86, 3 configurations)
platforms: native, xen-pv, hyperv, kvm
not configured: xen-pv in c1, c2
not configured: hyperv, kvm in c2
not configured: vmware

1 of 3 configurations takes these paths: XEN
  c0
root  a.c:1
+-- plain  (indirect through ops.free; on native; unless replaced on hyperv, kvm)  a.c:20  from line 3
|   `-- shared  a.c:40  from line 21
|       `-- rest  a.c:50  from line 41
`-- table  (indirect through ops.free; on xen-pv)  a.c:30  from line 3
    on kvm when kvm_has(FLUSH) and cpus > 1  #if CONFIG_SMP [SMP=y] kvm.c:9
    on hyperv when hv.hints & FLUSH
    `-- shared  (see above)  a.c:40  from line 31

1 of 3 configurations takes these paths: SMP && !XEN
  c1
root  a.c:1
+-- plain  (indirect through ops.free; on native; unless replaced on hyperv, kvm)  a.c:20  from line 3
|   `-- shared  a.c:40  from line 21
|       `-- rest  a.c:50  from line 41
`-- table  (indirect through ops.free)  a.c:30  from line 3
    on kvm when kvm_has(FLUSH) and cpus > 1  #if CONFIG_SMP [SMP=y] kvm.c:9
    on hyperv when hv.hints & FLUSH
    `-- shared  (see above)  a.c:40  from line 31

1 of 3 configurations takes these paths: !SMP
  c2
root  a.c:1
`-- plain  a.c:20  from line 2
    `-- shared  a.c:40  from line 21
        `-- rest  a.c:50  from line 41
"""


def shown(result: PathsResult) -> str:
    stream = io.StringIO()
    print_paths(result, stream, ascii_only=True)
    return "\n".join(line.rstrip() for line in stream.getvalue().split("\n"))


def ask(program: FakeProgram, *support: tuple[str, int]) -> PathsResult:
    """Paths from ``root`` in one configuration."""
    return answer(
        program,
        Question(("root",)),
        configs([{}]),
        Kernel("6.12", "x86"),
        platforms=FakePlatforms(1, support),
        diagnostics=Diagnostics(),
        progress=Silent(),
    )


def indirect(
    program: FakeProgram,
    caller: str,
    callee: str,
    *platforms: str,
    guards: tuple[str, ...] = (),
    sure: bool = False,
) -> None:
    """A call through a slot, to what it holds on some platforms."""
    source = program.refs[caller][0]
    known = program.refs.get(callee)
    program.call(
        source,
        known[0] if known else program.define(callee),
        kind=OutKind.INDIRECT,
        certainty=OutCertainty.EXACT if sure else OutCertainty.CANDIDATE,
        slot="ops.call",
        line=5,
        guards=guards,
        platforms=platforms,
    )


def lines(result: PathsResult) -> list[str]:
    """The tree's lines without places."""
    body = shown(result).split("\n\n")[1]
    return [line.split("  a.c")[0].rstrip() for line in body.rstrip("\n").splitlines()]


def test_one_slot_on_several_platforms_in_several_configurations() -> None:
    assert shown(slot_case()) == TREE


def test_a_platform_is_named_only_where_fewer_are_meant_than_above() -> None:
    program = FakeProgram()
    program.define("root", line=1)
    indirect(program, "root", "a", "kvm", "hyperv", sure=True)
    indirect(program, "root", "b", "native", sure=True)
    indirect(program, "a", "inner", "kvm", "hyperv", sure=True)
    indirect(program, "inner", "deep", "kvm", sure=True)
    indirect(program, "deep", "end", "native", "kvm", "hyperv", sure=True)
    result = ask(program, ("native", 1), ("hyperv", 1), ("kvm", 1))
    assert lines(result) == [
        "root",
        "+-- a  (indirect through ops.call; on hyperv, kvm)",
        "|   `-- inner  (indirect through ops.call)",
        "|       `-- deep  (indirect through ops.call; on kvm)",
        "|           `-- end  (indirect through ops.call)",
        "`-- b  (indirect through ops.call; on native)",
    ]


def test_what_is_there_unless_replaced_and_what_may_be_there() -> None:
    program = FakeProgram()
    program.define("root", line=1)
    indirect(program, "root", "plain", "native", "kvm")
    indirect(program, "root", "other", "native")
    indirect(program, "root", "own", "kvm", guards=("kvm_has(X)",))
    result = ask(program, ("native", 1), ("kvm", 1))
    assert lines(result) == [
        "root",
        "+-- plain  (indirect through ops.call; unless replaced on kvm; candidate on native)",
        "+-- other  (indirect through ops.call; candidate on native)",
        "`-- own  (indirect through ops.call; on kvm)",
        "    when kvm_has(X)",
    ]


def test_one_platform_alone_is_not_named_at_the_calls() -> None:
    program = FakeProgram()
    program.define("root", line=1)
    indirect(program, "root", "plain", "native")
    indirect(program, "root", "own", "native", guards=("wanted",))
    assert lines(ask(program, ("native", 1))) == [
        "root",
        "+-- plain  (indirect through ops.call; unless replaced)",
        "`-- own  (indirect through ops.call)",
        "    when wanted",
    ]


def test_a_platform_that_is_configured_nowhere_has_no_tree() -> None:
    program = FakeProgram()
    program.define("root", line=1)
    assert shown(ask(program, ("kvm", 0))) == ("root  (Linux 6.12 x86, c0)\nnot configured: kvm\n")


def test_a_drawn_class_has_the_platforms_of_its_configurations() -> None:
    drawn = drawn_classes(slot_case())
    assert [(each.mask, each.platforms, each.when) for each in drawn] == [
        (0b001, ("native", "xen-pv", "hyperv", "kvm"), "XEN"),
        (0b010, ("native", "hyperv", "kvm"), "SMP && !XEN"),
        (0b100, ("native",), "!SMP"),
    ]
    without = replace(slot_case(), platforms=(), support=())
    assert drawn_classes(without) == without.classes


def test_names_of_platforms_cannot_drive_the_terminal() -> None:
    result = replace(slot_case(), support=(Support("\x1b[2J", 0),))
    assert "not configured: \\x1b[2J\n" in shown(result)
