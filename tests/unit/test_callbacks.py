"""Callback edges: functions handed to what runs them later or elsewhere."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from analyzer.callers.answer import Question, answer
from analyzer.callgraph.linked import LinkedProgram
from analyzer.callgraph.program import OutCertainty, OutEdge, OutGuard, OutKind, RefKind
from analyzer.callgraph.session import Session
from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import read_dotconfig
from analyzer.diagnostics import Diagnostics
from analyzer.paths.result import EdgeKind, Kernel
from analyzer.progress import Silent
from analyzer.tree.source_tree import DirectoryTree

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"

LATER = """
struct rcu_head { struct rcu_head *next; void (*func)(struct rcu_head *); };
typedef void (*rcu_callback_t)(struct rcu_head *head);
struct work_struct { long data; void (*func)(struct work_struct *); };
struct delayed_work { struct work_struct work; };
struct timer_list { void (*function)(struct timer_list *); };
struct notifier_block { int (*notifier_call)(struct notifier_block *); int priority; };
typedef void (*smp_call_func_t)(void *info);
struct runner { rcu_callback_t run; };
#define NULL ((void *)0)

void call_srcu(void *domain, struct rcu_head *head, rcu_callback_t func);
void on_each_cpu_cond_mask(int (*cond)(int), smp_call_func_t func, void *info, int wait, int m);
int queue_work(void *wq, struct work_struct *work);
int schedule_delayed_work(struct delayed_work *work, int delay);
int raw_notifier_chain_register(void *head, struct notifier_block *nb);
void init_timer_key(struct timer_list *t, void (*f)(struct timer_list *), int flags);

#define call_it(head, func) call_srcu(NULL, head, func)
#define INIT_WORK(_w, _f) do { (_w)->data = 0; (_w)->func = (_f); } while (0)
#define DECLARE_DELAYED_WORK(n, f) struct delayed_work n = { .work = { .data = 1, .func = f } }
#define timer_setup(t, f, flags) init_timer_key((t), (f), (flags))

struct rcu_head head;
struct runner runner;
int feature;

static void freed(struct rcu_head *h) { }
static void other(struct rcu_head *h) { }
static void worked(struct work_struct *w) { }
static void ticked(struct timer_list *t) { }
static int notified(struct notifier_block *nb) { return 0; }
static void poked(void *info) { }
static int wanted(int cpu) { return 1; }

static DECLARE_DELAYED_WORK(lazy, worked);
static struct notifier_block block = { .notifier_call = notified, .priority = 1 };
static struct work_struct idle;

void set_runner(void) { runner.run = other; }

void by_name(int x)
{
	if (x > 1)
		call_srcu(NULL, &head, freed);
}
void by_address(void) { call_srcu(NULL, &head, &freed); }
void by_macro(void) { call_it(&head, freed); }
void by_choice(int x) { call_srcu(NULL, &head, x ? freed : other); }
void by_local(int x)
{
	rcu_callback_t f = freed;

	if (x)
		f = other;
	call_srcu(NULL, &head, f);
}
void by_slot(void) { call_srcu(NULL, &head, runner.run); }
void by_parameter(rcu_callback_t f) { call_srcu(NULL, &head, f); }
void by_nothing(void) { on_each_cpu_cond_mask(NULL, poked, NULL, 1, 0); }
void by_two(void) { on_each_cpu_cond_mask(wanted, poked, NULL, 1, 0); }
#ifdef CONFIG_PARAVIRT
#define CHOSEN freed
#else
#define CHOSEN other
#endif
void by_configuration(void) { call_srcu(NULL, &head, CHOSEN); }

void by_local_and_configuration(void)
{
#ifdef CONFIG_PARAVIRT
	rcu_callback_t f = freed;
#else
	rcu_callback_t f = other;
#endif
	call_srcu(NULL, &head, f);
}

static inline void defer(struct rcu_head *h, rcu_callback_t f) { call_srcu(NULL, h, f); }
static void defer_twice(rcu_callback_t f) { defer(&head, f); }
static int apply(int (*f)(int)) { return f(1); }
void by_wrapper(void) { defer_twice(freed); }
void not_deferred(void) { apply(wanted); }

void init_work(struct work_struct *w) { INIT_WORK(w, worked); }
void init_timer(struct timer_list *t) { timer_setup(t, ticked, 0); }
void start_global(void) { schedule_delayed_work(&lazy, 3); }
void start_uninitialised(void) { queue_work(NULL, &idle); }
void start_unknown(struct work_struct *w) { queue_work(NULL, w); }
void start_local(void)
{
	struct work_struct w = { .func = worked };

	queue_work(NULL, &w);
}
static struct work_struct bound;
struct device {
	struct work_struct work;
	struct delayed_work later;
	struct timer_list timer;
};
static void worked_too(struct work_struct *w) { }
void setup(struct device *dev, int x)
{
	INIT_WORK(&bound, worked);
	INIT_WORK(&dev->work, worked);
	if (x)
		dev->work.func = worked_too;
	INIT_WORK(&dev->later.work, worked);
	timer_setup(&dev->timer, ticked, 0);
}
void start_bound(void) { queue_work(NULL, &bound); }
void start_member(struct device *d) { queue_work(NULL, &d->work); }
void start_delayed_member(struct device *d) { schedule_delayed_work(&d->later, 1); }
int mod_timer(struct timer_list *t, unsigned long expires);
void start_timer(struct device *d) { mod_timer(&d->timer, 1); }
struct work_struct **works;
void start_by_pointer(int i) { queue_work(NULL, works[i]); }
static void add_block(struct notifier_block *nb) { raw_notifier_chain_register(NULL, nb); }
void by_registration(void) { add_block(&block); }
"""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """The miniature kernel with one more file, in two configurations: bit 1 has PARAVIRT."""
    tree = tmp_path_factory.mktemp("callbacks") / "linux"
    shutil.copytree(FIXTURES / "minikernel", tree)
    (tree / "mm" / "later.c").write_text(LATER)
    with (tree / "mm" / "Makefile").open("a") as makefile:
        makefile.write("obj-y += later.o\n")
    configs = ConfigSet.of(
        read_dotconfig(FIXTURES / "configs" / f"{name}.config") for name in ("plain", "paravirt")
    )
    return Session(DirectoryTree(tree), "x86", configs, Diagnostics())


@pytest.fixture(scope="module")
def program(session: Session) -> LinkedProgram:
    return LinkedProgram(session)


def edges(program: LinkedProgram, name: str) -> list[OutEdge]:
    (ref,) = program.find(name, "mm/later.c")
    return list(program.edges_of(ref))


def callbacks(program: LinkedProgram, name: str) -> list[tuple[str, str | None, str]]:
    """Name, context and certainty of the callback edges, those inside macros too."""
    found: list[tuple[str, str | None, str]] = []
    waiting = edges(program, name)
    while waiting:
        edge = waiting.pop(0)
        if edge.kind is OutKind.CALLBACK:
            assert (edge.target is None) is (edge.certainty is OutCertainty.UNKNOWN)
            found.append((edge.name, edge.context, edge.certainty.value))
        elif edge.target is not None and edge.target.kind is RefKind.MACRO:
            waiting = [*program.edges_of(edge.target), *waiting]
    return found


EXACT = [("freed", "rcu", "exact")]
EITHER = [("freed", "rcu", "candidate"), ("other", "rcu", "candidate")]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("by_name", EXACT),
        ("by_address", EXACT),
        ("by_macro", EXACT),
        ("by_choice", EITHER),
        ("by_local", EITHER),
        ("by_slot", [("other", "rcu", "candidate")]),
        ("by_parameter", [("f", "rcu", "unknown")]),
        ("by_nothing", [("poked", "ipi", "exact")]),
        ("by_two", [("poked", "ipi", "exact"), ("wanted", "caller", "exact")]),
        ("by_wrapper", EXACT),
        ("not_deferred", []),
        ("init_work", [("worked", "workqueue", "exact")]),
        ("init_timer", [("ticked", "timer", "exact")]),
        ("start_global", [("worked", "workqueue", "exact")]),
        ("start_uninitialised", [("idle.func", "workqueue", "unknown")]),
        ("start_bound", [("worked", "workqueue", "candidate")]),
        (
            "start_member",
            [("worked", "workqueue", "candidate"), ("worked_too", "workqueue", "candidate")],
        ),
        ("start_delayed_member", [("worked", "workqueue", "candidate")]),
        ("start_timer", [("ticked", "timer", "candidate")]),
        ("start_by_pointer", [("works[]->func", "workqueue", "unknown")]),
        ("start_unknown", [("w->func", "workqueue", "unknown")]),
        ("start_local", [("worked", "workqueue", "exact")]),
        ("by_registration", [("notified", "notifier", "exact")]),
    ],
)
def test_what_a_function_hands_over(
    program: LinkedProgram, name: str, expected: list[tuple[str, str, str]]
) -> None:
    assert callbacks(program, name) == expected


def test_the_callback_stands_next_to_the_call_under_its_guards(program: LinkedProgram) -> None:
    call, callback = edges(program, "by_name")
    assert (call.name, call.kind, call.context) == ("call_srcu", OutKind.CALL, None)
    assert callback.kind is OutKind.CALLBACK
    assert callback.location == call.location
    assert callback.guards == call.guards == (OutGuard("x > 1"),)
    assert callback.target is not None
    assert callback.target.location is not None
    assert callback.target.location.file == "mm/later.c"


def test_a_callback_inside_a_macro_leaves_through_the_macro(program: LinkedProgram) -> None:
    (macro,) = edges(program, "by_macro")
    assert (macro.name, macro.kind) == ("call_it", OutKind.MACRO)
    assert macro.target is not None
    inside = program.edges_of(macro.target)
    assert [(edge.name, edge.kind) for edge in inside] == [
        ("call_srcu", OutKind.CALL),
        ("freed", OutKind.CALLBACK),
    ]


@pytest.mark.parametrize("name", ["by_configuration", "by_local_and_configuration"])
def test_a_callback_has_the_configurations_of_its_name(program: LinkedProgram, name: str) -> None:
    found = [edge for edge in edges(program, name) if edge.context]
    found.sort(key=lambda edge: edge.mask)
    assert [(edge.name, edge.mask) for edge in found] == [("other", 0b01), ("freed", 0b10)]
    assert all(edge.certainty is OutCertainty.EXACT for edge in found)


def test_seen_from_the_callback_its_context_is_kept(session: Session) -> None:
    result = answer(
        session,
        Question(("mm/later.c:poked",), depth=1),
        Kernel("6.12", "x86"),
        diagnostics=Diagnostics(),
        progress=Silent(),
    )
    names = {node.id: node.name for node in result.nodes}
    assert [(names[e.source], e.kind, e.context) for e in result.edges] == [
        ("by_nothing", EdgeKind.CALLBACK, "ipi"),
        ("by_two", EdgeKind.CALLBACK, "ipi"),
    ]
