"""One small answer with most of what a report can show, for the renderers' tests."""

from __future__ import annotations

from fake_program import FakeProgram, configs

from analyzer.callgraph.program import OutCertainty, OutKind, RefKind
from analyzer.diagnostics import Diagnostics
from analyzer.location import Location
from analyzer.paths.answer import Question, answer
from analyzer.paths.platforms import OnePlatform
from analyzer.paths.result import Kernel, PathsResult
from analyzer.progress import Silent

ROWS = [
    {"PARAVIRT": "y", "PT_RECLAIM": "y"},
    {"PARAVIRT": "y"},
    {"PT_RECLAIM": "y"},
    {},
]


def program() -> FakeProgram:
    """A free path with a macro, a choice by symbol, a slot, recursion, an absent function."""
    p = FakeProgram()
    everywhere, pv, no_pv = 0b1111, 0b0011, 0b1100
    inside = Location("asm/pv.h", 13)
    root = p.define("free_range", everywhere, "mm/memory.o", 19, static=True)
    macro = p.define("free_tlb", everywhere, "mm/memory.o", 62, file="tlb.h", kind=RefKind.MACRO)
    by_slot = p.define("release", pv, "mm/memory.o", 14, file="asm/pv.h")
    straight = p.define("release", no_pv, "mm/memory.o", 24, file="asm/pv.h")
    native = p.define("native_release", everywhere, "mm/memory.o", 90)
    table = p.define("remove_table", 0b0111, "mm/gather.o", 60)
    page = p.define("page_free", 0b0111, "mm/page.o", 7)
    gone = p.define("gone", 0b1000, "mm/gone.o", 5, absent="not built: CONFIG_PT_RECLAIM=n")
    p.call(root, macro, line=29, guards=("!(empty(old))",))
    p.call(root, macro, line=33, guards=("!(empty(old))",))
    p.call(root, gone, 0b1000, line=34)
    p.call(macro, by_slot, pv, line=64)
    p.call(macro, straight, no_pv, line=64)
    p.call(
        by_slot,
        native,
        pv,
        line=16,
        kind=OutKind.INDIRECT,
        certainty=OutCertainty.CANDIDATE,
        slot="ops.release",
        conditionals=(("defined(CONFIG_PARAVIRT)", inside),),
    )
    p.call(by_slot, None, pv, name="hook", line=17, kind=OutKind.INDIRECT)
    p.call(straight, native, line=26, conditionals=(("!defined(CONFIG_PARAVIRT)", inside),))
    p.call(native, table, 0b0111, line=91)
    p.call(native, native, line=92)
    p.call(table, page, line=61)
    return p


def case(
    to: str | None = None, rows: list[dict[str, str]] | None = None, depth: int | None = None
) -> PathsResult:
    diagnostics = Diagnostics()
    diagnostics.warning("parse-loss", "lost two lines", Location("mm/x.c", 3))
    chosen = ROWS if rows is None else rows
    return answer(
        program(),
        Question(("free_range",), to, depth),
        configs(chosen),
        Kernel("6.12.0-mini", "x86"),
        platforms=OnePlatform(len(chosen)),
        diagnostics=diagnostics,
        progress=Silent(),
    )
