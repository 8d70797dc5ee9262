"""One small answer with most of what a report can show, for the renderers' tests."""

from __future__ import annotations

from collections.abc import Sequence

from fake_program import FakeProgram, configs

from analyzer.callgraph.program import OutCertainty, OutKind, RefKind
from analyzer.configset.configset import Mask
from analyzer.configset.widening import PlatformAxis, Widening
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


class FakePlatforms:
    """Tells platforms apart from the start, and notes which slots it is asked for."""

    def __init__(self, configs: int, support: Sequence[tuple[str, Mask]]) -> None:
        self.axis = axis_of(configs, support)
        self.support = support
        self.asked: list[str] = []

    def settle(self, slots: Sequence[str]) -> bool:
        new = [slot for slot in slots if slot not in self.asked]
        self.asked += new
        return bool(new)


def axis_of(configs: int, support: Sequence[tuple[str, Mask]]) -> PlatformAxis:
    """The axis of the platforms that some configuration has."""
    present = [(name, mask) for name, mask in support if mask]
    there = sum(mask << (number * configs) for number, (_, mask) in enumerate(present))
    return PlatformAxis(Widening(configs, len(present)), tuple(name for name, _ in present), there)


SUPPORT = (("native", 0b111), ("xen-pv", 0b001), ("hyperv", 0b011), ("kvm", 0b011), ("vmware", 0))


def slot_program() -> FakeProgram:
    """A slot with a value everywhere, one that a platform always puts there, one that others
    may put there; without guests the call is direct."""
    p = FakeProgram()
    everywhere, guests = 0b111, 0b011
    root = p.define("root", everywhere, line=1)
    plain = p.define("plain", everywhere, line=20)
    table = p.define("table", everywhere, line=30)
    shared = p.define("shared", everywhere, line=40)
    p.call(root, plain, 0b100, line=2)
    through = {"kind": OutKind.INDIRECT, "slot": "ops.free", "line": 3}
    sure, maybe = OutCertainty.EXACT, OutCertainty.CANDIDATE
    p.call(root, plain, guests, certainty=sure, platforms=("native",), **through)
    p.call(root, plain, guests, certainty=maybe, platforms=("hyperv", "kvm"), **through)
    p.call(
        root,
        table,
        guests,
        certainty=maybe,
        platforms=("kvm",),
        guards=("kvm_has(FLUSH)", "cpus > 1"),
        conditionals=(("CONFIG_SMP", Location("kvm.c", 9)),),
        **through,
    )
    p.call(
        root,
        table,
        guests,
        certainty=maybe,
        platforms=("hyperv",),
        guards=("hv.hints & FLUSH",),
        **through,
    )
    p.call(root, table, guests, certainty=sure, platforms=("xen-pv",), **through)
    p.call(plain, shared, line=21)
    p.call(table, shared, line=31)
    p.call(shared, p.define("rest", everywhere, line=50), line=41)
    return p


def slot_case() -> PathsResult:
    """:func:`slot_program` in three configurations: all guests, some, none."""
    chosen = [{"PV": "y", "XEN": "y", "SMP": "y"}, {"PV": "y", "SMP": "y"}, {}]
    return answer(
        slot_program(),
        Question(("root",)),
        configs(chosen),
        Kernel("6.12.0-mini", "x86"),
        platforms=FakePlatforms(3, SUPPORT),
        diagnostics=Diagnostics(),
        progress=Silent(),
    )
