"""Made-up paths for the tests of claims: functions by name, edges between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from fake_program import configs

from analyzer.configset.configset import Mask
from analyzer.diagnostics import Diagnostic
from analyzer.impact.claims.check import AnalysedTree, check_changelog
from analyzer.impact.claims.reader import read_changelog
from analyzer.impact.result import Claim, ClaimKind, Standing
from analyzer.location import Location
from analyzer.paths.result import (
    Certainty,
    ConfigInfo,
    Edge,
    EdgeKind,
    Guard,
    Kernel,
    Limit,
    Node,
    NodeKind,
    PathClass,
    PathsResult,
    Support,
)

ROWS = ({"PV": "y", "RCU": "y"}, {"PV": "y"}, {"RCU": "y"}, {})
"""Every combination of two symbols: 0b0011 has PV, 0b0101 has RCU."""

EVERYWHERE, PV, NO_PV, RCU, NO_RCU = 0b1111, 0b0011, 0b1100, 0b0101, 0b1010

SUPPORT = (
    ("native", EVERYWHERE),
    *(("xen-pv", PV), ("xen-hvm", PV), ("hyperv", PV), ("kvm", PV), ("vmware", 0)),
)

Row = tuple[str, Standing, str | None]


class Paths:
    """Paths below the first function that is named."""

    def __init__(self, support: Sequence[tuple[str, Mask]] = SUPPORT) -> None:
        self.support = support
        self.nodes: dict[str, Node] = {}
        self.edges: list[Edge] = []
        self.limits: list[Limit] = []
        self.diagnostics: list[Diagnostic] = []
        self.classes: list[PathClass] = []

    def node(
        self,
        name: str,
        mask: Mask = EVERYWHERE,
        *effects: str,
        kind: NodeKind = NodeKind.FUNCTION,
        absent: str | None = None,
    ) -> None:
        """A function or macro."""
        place = Location("a.c", len(self.nodes) + 1)
        self.nodes[name] = Node(f"n{len(self.nodes)}", name, kind, place, mask, effects, absent)

    def call(
        self,
        source: str,
        target: str | None,
        mask: Mask = EVERYWHERE,
        on: str = "",
        *,
        kind: EdgeKind = EdgeKind.CALL,
        certainty: Certainty = Certainty.EXACT,
        slot: str | None = None,
        guards: Sequence[tuple[str, str | None]] = (),
    ) -> None:
        """An edge; what it names is defined if it is not yet. ``on`` are platforms."""
        for name in filter(None, (source, target)):
            if name not in self.nodes:
                self.node(name)
        self.edges.append(
            Edge(
                source=self.nodes[source].id,
                target=None if target is None else self.nodes[target].id,
                name=target or "hook",
                kind=kind,
                certainty=certainty,
                location=Location("a.c", 100 + len(self.edges)),
                mask=mask,
                platforms=tuple(on.split()) or tuple(n for n, where in self.support if where),
                slot=slot,
                guards=tuple(Guard(text, label) for text, label in guards),
            )
        )

    def chain(self, names: str, mask: Mask = EVERYWHERE) -> None:
        """Calls from each of ``names`` to the next."""
        each = names.split()
        for source, target in pairwise(each):
            self.call(source, target, mask)

    def happens(self, *effects: str, mask: Mask = EVERYWHERE, on: str = "") -> None:
        """A class in which ``effects`` happen."""
        platforms = tuple(on.split()) or tuple(n for n, where in self.support if where)
        self.classes.append(PathClass(mask, platforms, "", effects, ()))

    def result(self) -> PathsResult:
        """The paths as facts."""
        return PathsResult(
            kernel=Kernel("6.12.0", "x86"),
            configs=tuple(ConfigInfo(f"c{n}", f"c{n}.config") for n in range(len(ROWS))),
            roots=("n0",),
            nodes=tuple(self.nodes.values()),
            edges=tuple(self.edges),
            classes=tuple(self.classes),
            limits=tuple(self.limits),
            diagnostics=tuple(self.diagnostics),
            symbols=(("PV", ()), ("RCU", ())),
            platforms=tuple(name for name, where in self.support if where),
            support=tuple(Support(name, where) for name, where in self.support),
        )


def tree_of(
    paths: Paths,
    missing: Iterable[str] = (),
    removed: Iterable[str] = (),
    routes: Callable[[str, str], PathsResult | None] | None = None,
) -> AnalysedTree:
    """A tree with these paths below every root, and all names but the ``missing`` ones."""
    gone = set(missing)
    return AnalysedTree(
        configs(list(ROWS)),
        lambda _: paths.result(),
        lambda name: name not in gone and not name.startswith("sys_"),
        lambda name: name not in gone,
        frozenset(removed),
        routes,
    )


def claims(text: str, tree: AnalysedTree) -> list[Claim]:
    """What is said of a changelog."""
    return list(check_changelog(read_changelog(text), tree))


def rows(found: Iterable[Claim], *kinds: ClaimKind) -> list[Row]:
    """The texts of claims of some kinds, or all but mentions, what they come to, and why."""
    wanted = kinds or (ClaimKind.EDGE, ClaimKind.LABEL, ClaimKind.LEFT_OUT)
    return [(claim.text, claim.standing, claim.why) for claim in found if claim.kind in wanted]
