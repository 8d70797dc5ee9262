"""Effects of functions in one source text, built into a copy of the miniature kernel."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from analyzer.callgraph.linked import LinkedProgram
from analyzer.callgraph.program import narrowed
from analyzer.callgraph.session import Session
from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import read_dotconfig
from analyzer.configset.widening import PlatformAxis, Widening
from analyzer.diagnostics import Diagnostics
from analyzer.effects.code import Code
from analyzer.effects.roots import RootAnalysis, RootEffects
from analyzer.tree.source_tree import DirectoryTree

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"

PRELUDE = """
#define NULL ((void *)0)
#define container_of(p, type, member) \\
	((type *)((void *)(p) - __builtin_offsetof(type, member)))
typedef unsigned long size_t;
struct rcu_head { struct rcu_head *next; void (*func)(struct rcu_head *); };
struct list_head { struct list_head *next, *prev; };
struct work_struct { long data; void (*func)(struct work_struct *); };
struct kref { int count; };
struct obj {
	int kind;
	int references;
	struct rcu_head rcu;
	struct list_head list;
	struct work_struct work;
	struct kref kref;
	struct obj *next;
};
struct batch { struct rcu_head rcu; int nr; struct obj *items[8]; };

void kfree(const void *object);
void kvfree_call_rcu(struct rcu_head *head, void *object);
void kfree_bulk(size_t count, void **objects);
void put_page(struct obj *page);
void release_pages(struct obj **pages, int count);
void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *));
void synchronize_rcu(void);
void smp_call_function(void (*func)(void *), void *info, int wait);
int kref_put(struct kref *kref, void (*release)(struct kref *));
int queue_work(void *queue, struct work_struct *work);
void *page_address(const struct obj *page);
void touch(void);
"""


@dataclass
class Case:
    """The functions of ``mm/case.c``; the second configuration (bit 1) has PARAVIRT."""

    session: Session
    program: LinkedProgram
    analysis: RootAnalysis
    axis: PlatformAxis

    def effects(self, name: str, object: str | None = None) -> RootEffects:
        """The whole answer for one function."""
        found = self.program.find(name, "mm/case.c")
        assert found, name
        refs = [narrowed(ref, self.axis.spread(ref.mask)) for ref in found]
        scopes = [frozenset(("mm/case.o",)), frozenset(("mm/case.o", "mm/other.o"))]
        return self.analysis.of(refs, object, scopes)

    def of(self, name: str, object: str | None = None) -> dict[str, int]:
        """Effect -> mask."""
        return dict(self.effects(name, object).effects)

    def labels(self, name: str, object: str | None = None) -> dict[str, set[str]]:
        """What happens in which function."""
        found: dict[str, set[str]] = {}
        for ref, effect in self.effects(name, object).labels:
            found.setdefault(ref.name, set()).add(effect)
        return found

    def edges(self, name: str, object: str | None = None) -> set[tuple[str, str]]:
        """The edges that carry the object or wait before it is given up."""
        carries = self.effects(name, object).carries
        return {(carry.source.name, carry.name) for carry in carries}

    def lost(self, name: str, object: str | None = None) -> list[tuple[str, int, str]]:
        """Function, line (in the text without the prelude) and reason."""
        ahead = PRELUDE.count("\n")
        return [
            (lost.at.name, lost.where.line - ahead, lost.text)
            for lost in self.effects(name, object).lost
        ]


def case_of(folder: Path, text: str, other: str = "", platforms: int = 1) -> Case:
    """``text`` as ``mm/case.c`` and ``other`` as ``mm/other.c``, with the prelude each."""
    tree = folder / "linux"
    shutil.copytree(FIXTURES / "minikernel", tree)
    (tree / "mm" / "case.c").write_text(PRELUDE + text)
    (tree / "mm" / "other.c").write_text(PRELUDE + other)
    with (tree / "mm" / "Makefile").open("a") as makefile:
        makefile.write("obj-y += case.o other.o\n")
    configs = ConfigSet.of(
        read_dotconfig(FIXTURES / "configs" / f"{name}.config") for name in ("plain", "paravirt")
    )
    session = Session(DirectoryTree(tree), "x86", configs, Diagnostics())
    program = LinkedProgram(session)
    axis = axis_of(platforms)
    return Case(session, program, RootAnalysis(Code(program, session, axis)), axis)


def axis_of(platforms: int) -> PlatformAxis:
    """Two configurations, each on all of so many platforms."""
    widening = Widening(2, platforms)
    names = tuple(f"platform{number}" for number in range(platforms))
    return PlatformAxis(widening, names, widening.everything)
