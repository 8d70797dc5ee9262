"""What the default answer leaves out: boundaries, insides of primitives, folded calls."""

from __future__ import annotations

import io

from fake_program import FakeProgram, configs

from analyzer.callgraph.program import OutKind, RefKind
from analyzer.diagnostics import Diagnostics
from analyzer.paths.answer import Question, answer
from analyzer.paths.folding import fold
from analyzer.paths.platforms import OnePlatform
from analyzer.paths.result import Kernel, LimitReason, PathsResult
from analyzer.primitives.knowledge import Knowledge, parse_knowledge
from analyzer.progress import Silent
from analyzer.report.tree import print_paths

KNOWN = """
schema = "kimpact/knowledge/1"
[[context]]
name = "later"
text = "later"
[[callback]]
names = ["run_later"]
function = 0
context = "later"
[[release]]
names = ["free_it"]
object = 0
form = "pointer"
memory = "slab"
[[boundary]]
family = "logging"
names = ["log_*"]
files = ["lib/log/*"]
"""


def known() -> Knowledge:
    return parse_knowledge(KNOWN, "known.toml")


def ask(
    program: FakeProgram,
    root: str = "root",
    *,
    rows: int = 1,
    depth: int | None = None,
    show_all: bool = False,
) -> PathsResult:
    return answer(
        program,
        Question((root,), None, depth, show_all),
        configs([{}] * rows),
        Kernel("6.12", "x86"),
        platforms=OnePlatform(rows),
        diagnostics=Diagnostics(),
        progress=Silent(),
    )


def calls(result: PathsResult) -> list[str]:
    names = {node.id: node.name for node in result.nodes}
    return [f"{names[edge.source]}>{names[edge.target or '']}" for edge in result.edges]


def limits(result: PathsResult) -> list[tuple[str, LimitReason, int, int | None]]:
    names = {node.id: node.name for node in result.nodes}
    return [(names[one.node], one.reason, one.mask, one.hidden) for one in result.limits]


def tree(result: PathsResult) -> list[str]:
    stream = io.StringIO()
    print_paths(result, stream, ascii_only=True)
    body = stream.getvalue().split("\n\n")[1]
    return [line.rstrip() for line in body.splitlines()]


def mixed() -> FakeProgram:
    """A function that logs, reads a field by way of accessors, frees, and works on."""
    p = FakeProgram(knowledge=known())
    root = p.define("root", line=1)
    log = p.define("log_it", line=2)
    inside = p.define("inside_log", line=3)
    outer = p.define("get_field", file="include/x.h", line=4)
    inner = p.define("get_word", file="include/x.h", line=5)
    free = p.define("free_it", line=6)
    freeing = p.define("inside_free", line=7)
    work = p.define("work", line=8)
    p.call(root, log, line=11)
    p.call(log, inside, line=12)
    p.call(root, outer, line=13)
    p.call(outer, inner, line=14)
    p.call(root, free, line=15)
    p.call(free, freeing, line=16)
    p.call(root, work, line=17)
    p.call(work, inner, line=18)
    p.call(work, outer, line=19)
    return p


def test_the_default_tree_folds_what_leads_to_nothing_of_interest() -> None:
    result = ask(mixed())
    assert calls(result) == ["root>free_it", "root>work"]
    assert limits(result) == [
        ("free_it", LimitReason.PRIMITIVE, 1, None),
        ("root", LimitReason.FOLDED, 1, 1),
        ("work", LimitReason.FOLDED, 1, 2),
    ]
    assert tree(result) == [
        "root  a.c:1  + 1 call",
        "+-- free_it  (not followed: primitive)  a.c:6  from line 15",
        "`-- work  a.c:8  from line 17  + 2 calls",
    ]
    remarks = [(one.code, one.message) for one in result.diagnostics]
    assert remarks == [
        ("boundaries", "1 call into boundaries not shown: 1 logging (--all follows them)")
    ]


def test_all_opens_everything() -> None:
    result = ask(mixed(), show_all=True)
    assert {"root>log_it", "log_it>inside_log", "free_it>inside_free", "get_field>get_word"} <= set(
        calls(result)
    )
    assert limits(result) == []


def test_a_depth_goes_into_primitives_but_not_into_boundaries() -> None:
    result = ask(mixed(), depth=2)
    assert "free_it>inside_free" in calls(result)
    assert "root>log_it" not in calls(result)


def test_a_root_inside_a_boundary_or_a_primitive_is_followed() -> None:
    assert calls(ask(mixed(), "log_it")) == ["log_it>inside_log"]
    assert calls(ask(mixed(), "free_it")) == ["free_it>inside_free"]


def test_calls_within_the_family_of_the_root_are_shown() -> None:
    p = FakeProgram(knowledge=known())
    root = p.define("log_start")
    other = p.define("emit", file="lib/log/emit.c")
    p.call(root, other)
    assert calls(ask(p, "log_start")) == ["log_start>emit"]


def test_a_boundary_is_told_by_its_file_too() -> None:
    p = FakeProgram(knowledge=known())
    root = p.define("root")
    p.call(root, p.define("emit", file="lib/log/emit.c"))
    assert calls(ask(p)) == []


def test_an_accessor_that_reaches_something_stays_where_it_does() -> None:
    p = FakeProgram(knowledge=known())
    root = p.define("root", 0b11)
    accessor = p.define("accessor", 0b11, file="include/x.h")
    nothing = p.define("nothing", 0b11, file="include/x.h")
    p.call(root, accessor)
    p.call(accessor, p.define("real", 0b10), 0b10)
    p.call(accessor, nothing)
    result = ask(p, rows=2)
    names = {node.id: node.name for node in result.nodes}
    assert [(names[edge.target or ""], edge.mask) for edge in result.edges] == [
        ("accessor", 0b10),
        ("real", 0b10),
    ]
    assert limits(result) == [
        ("root", LimitReason.FOLDED, 0b01, 1),
        ("accessor", LimitReason.FOLDED, 0b10, 1),
    ]


def test_callbacks_choices_and_unknown_targets_stay() -> None:
    p = FakeProgram(knowledge=known())
    root = p.define("root")
    inline = p.define("inline", file="include/x.h")
    later = p.define("later", file="include/x.h")
    run = p.define("run_later", file="include/x.h")
    p.call(root, inline)
    p.call(inline, run)
    p.call(inline, later, kind=OutKind.CALLBACK)
    other = p.define("other", file="include/x.h")
    p.call(root, other)
    p.call(other, None, name="ops->call", kind=OutKind.INDIRECT)
    result = ask(p)
    assert [edge.name for edge in result.edges] == [
        "inline",
        "other",
        "run_later",
        "later",
        "ops->call",
    ]


def test_a_macro_that_only_logs_is_idle() -> None:
    p = FakeProgram(knowledge=known())
    root = p.define("root")
    macro = p.define("LOG", kind=RefKind.MACRO)
    p.call(root, macro)
    p.call(macro, p.define("log_it"))
    result = ask(p)
    assert calls(result) == []
    assert limits(result) == []
    assert [one.code for one in result.diagnostics] == ["boundaries", "idle-macros"]


def test_the_folding_step_counts_what_another_choice_does_not_show() -> None:
    p = mixed()
    root = next(iter(p.refs["root"]))
    key = (root.name, root.unit, root.kind, root.location, root.owner)
    folds = fold(
        {(key, 0): 0b111, (key, 1): 0b110, (key, 2): 0b001, (key, 3): 0b111},
        {(key, 0): 0b111, (key, 1): 0b010},
    )
    assert [(one.mask, one.count) for one in folds] == [(0b100, 1), (0b001, 1), (0b111, 1)]
