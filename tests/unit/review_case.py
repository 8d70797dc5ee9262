"""A made-up review with most of what one can show: a series of two patches.

The first makes lone pages go through RCU where PT_RECLAIM is set: on bare metal another way is
taken, on guests only the slow path changes. The second removes a function, adds lines that no
configuration compiles and touches a comment; its changelog is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace

from fake_program import configs

from analyzer.configset.configset import ConfigSet, Mask
from analyzer.diagnostics import Diagnostic, Severity
from analyzer.impact.policy import Rule, Violation
from analyzer.impact.result import (
    ChangeKind,
    Claim,
    ClaimKind,
    Entry,
    FileChange,
    FileKind,
    FunctionChange,
    LineCoverage,
    ObjectChange,
    PatchReview,
    PolicyReview,
    ReviewResult,
    RuleBreach,
    RuleStanding,
    Run,
    Standing,
    SymbolChange,
)
from analyzer.impact.transitions import transitions
from analyzer.location import Location
from analyzer.paths.result import (
    Certainty,
    ConfigInfo,
    Edge,
    EdgeKind,
    Guard,
    Kernel,
    Node,
    NodeKind,
    PathClass,
    PathsResult,
    Support,
)

KERNEL = Kernel("6.12.0-mini", "x86")
ROWS = [
    {"PARAVIRT": "y", "PT_RECLAIM": "y"},
    {"PARAVIRT": "y"},
    {"PT_RECLAIM": "y"},
    {},
]
NAMES = ("paravirt-reclaim", "paravirt", "reclaim", "plain")
PARAVIRT, PT_RECLAIM, ALL = 0b0011, 0b0101, 0b1111
NATIVE = ("native",)
GUESTS = ("xen-pv", "hyperv", "kvm")
SUPPORT = (Support("native", ALL), *(Support(name, PARAVIRT) for name in GUESTS))
SLOW = (Guard("*batch == NULL", "no-memory slow path"),)
GATHER, RCU, IPI = "gather-free", "rcu-callback-free", "ipi-then-free"


def config_set() -> ConfigSet:
    made = configs(ROWS)
    columns = {name: made.column(name) for name in made.symbols()}
    return ConfigSet(NAMES, [f"{name}.config" for name in NAMES], columns)


def config_infos() -> tuple[ConfigInfo, ...]:
    return tuple(ConfigInfo(name, f"{name}.config") for name in NAMES)


@dataclass
class Drawing:
    """Puts a :class:`PathsResult` together by hand."""

    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)

    def node(
        self,
        name: str,
        place: str,
        mask: Mask = ALL,
        effects: tuple[str, ...] = (),
        kind: NodeKind = NodeKind.FUNCTION,
    ) -> str:
        file, line = place.split(":")
        key = f"n{len(self.nodes)}"
        self.nodes[name + str(mask)] = Node(
            key, name, kind, Location(file, int(line)), mask, effects
        )
        return key

    def call(
        self,
        source: str,
        target: str,
        place: str,
        mask: Mask = ALL,
        platforms: tuple[str, ...] = (),
        guards: tuple[Guard, ...] = (),
        kind: EdgeKind = EdgeKind.CALL,
        slot: str | None = None,
        context: str | None = None,
    ) -> None:
        file, line = place.split(":")
        name = next(node.name for node in self.nodes.values() if node.id == target)
        self.edges.append(
            Edge(
                source,
                target,
                name,
                kind,
                Certainty.EXACT,
                Location(file, int(line)),
                mask,
                platforms,
                slot,
                context,
                guards,
            )
        )

    def result(self, parts: Sequence[tuple[Mask, tuple[str, ...], tuple[str, ...]]]) -> PathsResult:
        """``parts`` are the classes: configurations, platforms, effects."""
        classes = []
        for mask, platforms, effects in parts:
            reached = {"n0"}
            inside = [
                edge
                for edge in self.edges
                if edge.mask & mask and (not edge.platforms or set(edge.platforms) & set(platforms))
            ]
            while True:
                more = {edge.target for edge in inside if edge.source in reached} - reached
                if not more:
                    break
                reached |= {name for name in more if name}
            edges = [n for n, e in enumerate(self.edges) if e in inside and e.source in reached]
            classes.append(PathClass(mask, platforms, "", effects, tuple(edges)))
        return PathsResult(
            KERNEL,
            config_infos(),
            ("n0",),
            tuple(self.nodes.values()),
            tuple(self.edges),
            tuple(classes),
            (),
            (),
            symbols=(("PARAVIRT", ((PARAVIRT, "y"),)), ("PT_RECLAIM", ((PT_RECLAIM, "y"),))),
            platforms=tuple(
                name for name in NATIVE + GUESTS if any(name in part[1] for part in parts)
            ),
            support=SUPPORT,
        )


def _paths(after: bool) -> PathsResult:
    d = Drawing()
    root = d.node("free_pte_range", "mm/memory.c:15")
    tlb = d.node("pte_free_tlb", "include/asm-generic/tlb.h:46", kind=NodeKind.MACRO)
    release = d.node("release_table", "arch/x86/mm/pgtable.c:18")
    native = d.node("native_release_table", "arch/x86/mm/pgtable.c:24")
    d.call(root, tlb, "mm/memory.c:24", guards=(Guard("!pmd_empty(old)"),), kind=EdgeKind.MACRO)
    d.call(tlb, release, "include/asm-generic/tlb.h:46")
    slot = {"kind": EdgeKind.INDIRECT, "slot": "pv_ops.mmu.release_table"}
    d.call(release, native, "arch/x86/mm/pgtable.c:21", PARAVIRT, NATIVE, **slot)  # type: ignore[arg-type]
    d.call(release, native, "arch/x86/mm/pgtable.c:21", ALL & ~PARAVIRT)
    batched = ALL & ~PT_RECLAIM if after else ALL
    page = d.node("remove_page", "include/asm-generic/tlb.h:23")
    flush = d.node("flush_batch", "mm/gather.c:15", effects=(GATHER,))
    d.call(native, page, "arch/x86/mm/pgtable.c:27", batched)
    d.call(page, flush, "include/asm-generic/tlb.h:26", batched)
    table = d.node("remove_table", "mm/gather.c:68")
    d.call(release, table, "arch/x86/mm/pgtable.c:21", PARAVIRT, GUESTS, **slot)  # type: ignore[arg-type]
    if after:
        d.call(native, table, "arch/x86/mm/pgtable.c:31", PT_RECLAIM)
    one = d.node("table_free_one", "mm/gather.c:43")
    now = d.node("table_free_now", "mm/gather.c:24", effects=(IPI,))
    sync = d.node("sync_with_walkers", "mm/gather.c:30", effects=("ipi",))
    later = d.node("table_free_later", "mm/gather.c:49")
    rcu = d.node("table_free_rcu", "mm/gather.c:34", effects=(RCU,))
    d.call(table, one, "mm/gather.c:74", guards=SLOW)
    if after:
        lone = d.node("__table_free_one", "mm/gather.c:41", ALL & ~PT_RECLAIM)
        d.call(one, lone, "mm/gather.c:46", ALL & ~PT_RECLAIM)
        d.call(lone, sync, "mm/gather.c:42", ALL & ~PT_RECLAIM)
        d.call(lone, now, "mm/gather.c:43", ALL & ~PT_RECLAIM)
        by_rcu = d.node("__table_free_one", "arch/x86/include/asm/tlb.h:20", PT_RECLAIM)
        end = d.node("__table_free_one_rcu", "arch/x86/include/asm/tlb.h:12", PT_RECLAIM, (RCU,))
        d.call(one, by_rcu, "mm/gather.c:46", PT_RECLAIM)
        d.call(
            by_rcu,
            end,
            "arch/x86/include/asm/tlb.h:23",
            PT_RECLAIM,
            kind=EdgeKind.CALLBACK,
            context="rcu",
        )
    else:
        d.call(one, sync, "mm/gather.c:45")
        d.call(one, now, "mm/gather.c:46")
    d.call(table, later, "mm/gather.c:78", guards=(Guard("*batch != NULL", "fast path"),))
    d.call(later, rcu, "mm/gather.c:51", kind=EdgeKind.CALLBACK, context="rcu")
    if not after:
        guests = (PARAVIRT, GUESTS, (RCU, IPI))
        return d.result(
            [(PARAVIRT, NATIVE, (GATHER,)), guests, (ALL & ~PARAVIRT, NATIVE, (GATHER,))]
        )
    return d.result(
        [
            (0b0001, NATIVE, (RCU,)),
            (0b0001, GUESTS, (RCU,)),
            (0b0010, NATIVE, (GATHER,)),
            (0b0010, GUESTS, (RCU, IPI)),
            (0b0100, NATIVE, (RCU,)),
            (0b1000, NATIVE, (GATHER,)),
        ]
    )


def entry() -> Entry:
    before, after = _paths(False), _paths(True)
    found = transitions(before, after, config_set())
    return Entry("free_pte_range", False, before, after, found)


def first_patch() -> PatchReview:
    pgtable, gather = "arch/x86/mm/pgtable.c", "mm/gather.c"
    tlb = "arch/x86/include/asm/tlb.h"
    return PatchReview(
        title="x86: mm: free page table pages by RCU",
        author="A Developer <dev@example.org>",
        files=(
            FileChange(tlb, tlb, FileKind.MODIFIED, 20, 0, False),
            FileChange(pgtable, pgtable, FileKind.MODIFIED, 9, 1, False),
            FileChange("include/mm_types.h", "include/mm_types.h", FileKind.MODIFIED, 3, 1, True),
            FileChange(gather, gather, FileKind.MODIFIED, 8, 1, False),
        ),
        functions=(
            FunctionChange(
                "native_release_table",
                False,
                Location(pgtable, 24),
                Location(pgtable, 25),
                PT_RECLAIM,
                0,
                0,
            ),
            FunctionChange(
                "table_free_one", False, Location(gather, 43), Location(gather, 45), ALL, 0, 0
            ),
            FunctionChange("__table_free_one", False, None, Location(gather, 41), 0, ALL, 0),
            FunctionChange(
                "__table_free_one_rcu", False, None, Location(tlb, 12), 0, PT_RECLAIM, 0
            ),
            FunctionChange("__table_free_one", True, None, Location(tlb, 27), 0, PT_RECLAIM, 0),
        ),
        symbols=(),
        objects=(),
        entries=(entry(),),
        coverage=(
            LineCoverage(tlb, 12, 27, PT_RECLAIM),
            LineCoverage(pgtable, 25, 32, PT_RECLAIM),
            LineCoverage(gather, 41, 47, ALL),
        ),
        runs=(Run(0, "native", 31, 2), Run(0, "kvm", 31, 1), Run(1, "kvm", 7, 1)),
        claims=(
            Claim(
                "remove_table [!CONFIG_PARAVIRT, Xen PV, Hyper-V, KVM]",
                31,
                Standing.HOLDS_IF,
                "hyperv has the hint HV_REMOTE_TLB_FLUSH",
                PT_RECLAIM,
                ("native", *GUESTS),
            ),
            Claim("remove_table_one [frees via RCU]", 35, Standing.HOLDS, None, PT_RECLAIM),
            Claim("remove_table -> table_free_rcu", 36, Standing.HOLDS, "through table_free_later"),
            Claim(
                "release_table -> native_release_table",
                38,
                Standing.HOLDS,
                "!PARAVIRT",
                kind=ClaimKind.LEFT_OUT,
            ),
        ),
        diagnostics=(),
    )


def second_patch() -> PatchReview:
    early, x86 = "mm/early.c", "arch/x86/Kconfig"
    return PatchReview(
        title="mm: drop the early variant",
        author="A Developer <dev@example.org>",
        files=(
            FileChange(early, early, FileKind.MODIFIED, 5, 14, False),
            FileChange(x86, x86, FileKind.MODIFIED, 1, 6, False),
            FileChange("mm/Makefile", "mm/Makefile", FileKind.MODIFIED, 1, 1, False),
            FileChange("mm/old.c", "mm/new.c", FileKind.RENAMED, 0, 0, True),
            FileChange(None, "Documentation/early.png", FileKind.BINARY, 0, 0, False),
        ),
        functions=(
            FunctionChange("free_early", False, Location(early, 40), None, 0, 0, ALL),
            FunctionChange(
                "early_init", False, Location(early, 60), Location(early, 46), ALL, 0, 0
            ),
        ),
        symbols=(
            SymbolChange(
                "EARLY_FREE", ChangeKind.REMOVED, Location(x86, 80), None, ((ALL, "y", "n"),)
            ),
        ),
        objects=(ObjectChange("mm/debug.o", ((0b1000, "built in", "not built"),)),),
        entries=(
            Entry(
                "free_early",
                True,
                replace(_removed(), symbols=()),
                None,
                transitions(_removed(), None, config_set()),
            ),
        ),
        coverage=(
            LineCoverage(early, 46, 47, ALL),
            LineCoverage(early, 50, 51, 0, ("CONFIG_DEBUG_EARLY=y", "CONFIG_DEBUG_VM=y")),
            LineCoverage(early, 55, 55, 0, (), "#if 0 around it is never true"),
        ),
        runs=(Run(3, None, 2, 1),),
        claims=(
            Claim(
                "early_done() frees the table at once",
                9,
                Standing.DOES_NOT_HOLD,
                "there is no function early_done after the patch",
            ),
            Claim("this makes boot faster", 10, Standing.UNDECIDED, "no claim about paths"),
        ),
        diagnostics=(
            Diagnostic(
                Severity.WARNING,
                "binary-hunk",
                "contents not looked into",
                Location("Documentation/early.png", 1),
            ),
        ),
    )


def _removed() -> PathsResult:
    d = Drawing()
    root = d.node("free_early", "mm/early.c:40")
    page = d.node("free_at_once", "mm/page.c:7", effects=("immediate-free",))
    d.call(root, page, "mm/early.c:44")
    return d.result([(ALL, (), ("immediate-free",))])


def whole() -> PatchReview:
    first, second = first_patch(), second_patch()
    return PatchReview(
        title="free page table pages by RCU",
        author="A Developer <dev@example.org>",
        files=(*first.files, *second.files),
        functions=(*first.functions, *second.functions),
        symbols=second.symbols,
        objects=second.objects,
        entries=(*first.entries, *second.entries),
        coverage=(*first.coverage, *second.coverage),
        runs=(Run(0, "native", 33, 2), Run(0, "kvm", 33, 1), Run(3, "native", 9, 1)),
        claims=(),
        diagnostics=(),
    )


def review_of(*reviews: PatchReview) -> ReviewResult:
    return ReviewResult(
        kernel=KERNEL,
        configs=config_infos(),
        platforms=NATIVE + GUESTS,
        support=(*SUPPORT, Support("vmware", 0)),
        reviews=reviews,
        diagnostics=(
            Diagnostic(Severity.WARNING, "parse-loss", "lost two lines", Location("mm/x.c", 3)),
        ),
    )


RULES = (
    Rule("tables go by RCU", "free_pte_range", "PT_RECLAIM", None, (), (IPI,), None, (), ()),
    Rule("early tables stay", "free_early", None, None, (), (), (), (), ()),
)


def with_policy(review: PatchReview, *standings: RuleStanding) -> PatchReview:
    """A review in which the first rule is broken by a way of two calls."""
    d = Drawing()
    root = d.node("free_pte_range", "mm/memory.c:15")
    table = d.node("remove_table", "mm/gather.c:68")
    now = d.node("table_free_now", "mm/gather.c:24", effects=(IPI,))
    d.call(root, table, "mm/memory.c:24")
    d.call(table, now, "mm/gather.c:74", guards=SLOW)
    violation = Violation(
        "tables go by RCU",
        IPI,
        0b0001,
        ("hyperv", "kvm"),
        "PARAVIRT && PT_RECLAIM",
        tuple(d.edges),
        tuple(d.nodes.values()),
    )
    breaches = tuple(RuleBreach(standing, violation) for standing in standings)
    return replace(review, policy=PolicyReview(breaches, ("early tables stay",)))


def series() -> ReviewResult:
    result = review_of(
        with_policy(first_patch(), RuleStanding.INTRODUCED),
        with_policy(second_patch(), RuleStanding.STAYS),
        with_policy(whole(), RuleStanding.INTRODUCED),
    )
    return replace(result, rules=RULES)


def one_patch() -> ReviewResult:
    return review_of(first_patch())


def comment_only() -> ReviewResult:
    silent = FileChange("include/mm_types.h", "include/mm_types.h", FileKind.MODIFIED, 3, 1, True)
    return review_of(
        PatchReview(
            title="mm: reword a comment",
            author=None,
            files=(silent,),
            functions=(),
            symbols=(),
            objects=(),
            entries=(),
            coverage=(),
            runs=(),
            claims=(),
            diagnostics=(),
        )
    )


HOSTILE = (
    "\x1b[31m</code><script>alert(1)</script>\n# head\r`code` ```\n| a \\| b |"
    " @octocat #1 https://evil.example/ [x](javascript:1) ![i](u) <!-- \u202e -->\nFrom x"
    '\nReviewed-by: E <e@evil.example>\nFixes: 0123456789ab ("x") {0}'
)


OURS = frozenset({"code", "id", "roots", "source", "target", "node", "arch", "version"})
"""Fields whose texts kimpact makes itself."""


def hostile() -> ReviewResult:
    """The series with something nasty behind every name and text."""
    spoilt = _spoil(series())
    assert isinstance(spoilt, ReviewResult)
    return spoilt


def _spoil(value: object) -> object:
    if isinstance(value, str):
        return value + HOSTILE
    if isinstance(value, tuple):
        return tuple(_spoil(one) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        names = [one.name for one in fields(value) if one.name not in OURS]
        return replace(value, **{name: _spoil(getattr(value, name)) for name in names})
    return value
