"""What becomes of an object: each rule of the definition, and what must not count."""

from __future__ import annotations

import pytest
from effects_case import Case, case_of

TEXT = """
extern int ready;
extern struct obj *global;
struct table { struct obj *entry; struct obj *kept; };
struct owner { struct batch *batch; struct obj *last; };

void at_once(struct obj *o) { kfree(o); }
static void release(void *p) { kfree(p); }
void by_callee(int x, struct obj *o) { release(o); }
void by_local(struct obj *o) { void *p = o; struct obj *q; q = p; kfree(q); }
void not_any_more(struct obj *o, struct obj *p) { o = p; kfree(o); }
static unsigned long encode(struct obj *o, int flags) { return (unsigned long)o | flags; }
static struct obj *decode(unsigned long e) { return (struct obj *)(e & ~3UL); }
void by_encoding(struct obj *o) { unsigned long e = encode(o, 1); kfree(decode(e)); }
static int flags_of(struct obj *o) { return (unsigned long)o & 3; }
void only_its_flags(struct obj *o) { kfree((void *)(long)flags_of(o)); }
void by_conversion(struct obj *o) { kfree(page_address(o)); }
void by_choice(struct obj *o) { kfree(ready ? o : NULL); }
void something_else(struct obj *o) { kfree(o->next); }
void only_looked_at(struct obj *o) { o->kind++; touch(); }
void an_element(struct obj *o) { struct obj *all[1]; all[0] = o; release_pages(all, 1); }
void of_elements(struct obj **all, int n) { for (int i = 0; i < n; i++) kfree(all[i]); }
void a_local(struct owner *owner) { struct obj *taken = owner->last; kfree(taken); }
void in_both_branches(struct obj *o) { if (ready) kfree(o); else put_page(o); }

static void note_object(struct obj *o) { global = o; }
void noted_and_freed(struct obj *o) { note_object(o); kfree(o); }

void may_be_last(struct obj *o) { put_page(o); }
static void kref_release(struct kref *k) { kfree(container_of(k, struct obj, kref)); }
void counted(struct obj *o) { kref_put(&o->kref, kref_release); }

static void freed(struct rcu_head *h) { kfree(container_of(h, struct obj, rcu)); }
static void dropped(struct rcu_head *h) { put_page(container_of(h, struct obj, rcu)); }
static void only_counted(struct rcu_head *h) { touch(); }
void by_rcu(struct obj *o) { call_rcu(&o->rcu, freed); }
void drop_by_rcu(struct obj *o) { call_rcu(&o->rcu, dropped); }
void rcu_without_release(struct obj *o) { call_rcu(&o->rcu, only_counted); }
void rcu_of_another(struct obj *o) { call_rcu(&o->next->rcu, freed); }
void without_callback(struct obj *o) { kvfree_call_rcu(&o->rcu, o); }
static void head_freed(struct rcu_head *h) { struct obj *o = (struct obj *)h; kfree(o); }
void nested(struct obj *o) { if (ready) by_rcu(o); else by_callee(1, o); }
void unknown_callback(struct obj *o, void (*f)(struct rcu_head *)) { call_rcu(&o->rcu, f); }

static void run_later(struct obj *o, void (*f)(struct rcu_head *)) { call_rcu(&o->rcu, f); }
void by_wrapper(struct obj *o) { run_later(o, freed); }
static void run_now(struct obj *o, void (*f)(void *)) { f(o); }
void by_function(struct obj *o) { run_now(o, release); }
void by_wrapper_of_nothing(struct obj *o) { run_later(o, only_counted); }

static void work(struct work_struct *w) { kfree(container_of(w, struct obj, work)); }
void by_work(struct obj *o) { o->work.func = work; queue_work(NULL, &o->work); }
static void rcu_work(struct work_struct *w)
{
	struct obj *o = container_of(w, struct obj, work);
	call_rcu(&o->rcu, freed);
}
void by_work_then_rcu(struct obj *o) { o->work.func = rcu_work; queue_work(NULL, &o->work); }

static void nothing(void *unused) { }
static void broadcast(void) { smp_call_function(nothing, NULL, 1); }
static void sometimes(void) { if (ready) smp_call_function(nothing, NULL, 1); }
static void no_wait(void) { smp_call_function(nothing, NULL, 0); }
void after_ipi(struct obj *o) { broadcast(); kfree(o); }
void after_ipi_drop(struct obj *o) { smp_call_function(nothing, NULL, 1); put_page(o); }
void before_ipi(struct obj *o) { kfree(o); broadcast(); }
void after_some_ipi(struct obj *o) { sometimes(); kfree(o); }
void after_ipi_in_branch(struct obj *o) { if (ready) { broadcast(); kfree(o); } }
void after_ipi_in_other_branch(struct obj *o) { if (ready) broadcast(); else kfree(o); }
void after_return(struct obj *o) { if (!ready) return; broadcast(); kfree(o); }
void without_wait(struct obj *o) { no_wait(); kfree(o); }
static void last(struct obj *o) { kfree(o); }
void callee_after_ipi(struct obj *o) { broadcast(); last(o); }
void after_grace_period(struct obj *o) { synchronize_rcu(); kfree(o); }
void flush_all(int which);
#define flush_tlb_mm(mm) \\
	flush_all(1)
static void flush(void) { flush_all(2); }
void after_flush(struct obj *o) { flush(); kfree(o); }
void ipi_then_rcu(struct obj *o) { broadcast(); call_rcu(&o->rcu, freed); }
"""


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return case_of(tmp_path_factory.mktemp("effects"), TEXT)


@pytest.mark.parametrize(
    ("name", "effects"),
    [
        ("at_once", {"immediate-free"}),
        ("by_callee", {"immediate-free"}),
        ("by_local", {"immediate-free"}),
        ("by_encoding", {"immediate-free"}),
        ("by_conversion", {"immediate-free"}),
        ("by_choice", {"immediate-free"}),
        ("an_element", {"reference-drop"}),
        ("of_elements", {"immediate-free"}),
        ("in_both_branches", {"immediate-free", "reference-drop"}),
        ("may_be_last", {"reference-drop"}),
        ("counted", {"immediate-free", "reference-drop"}),
        ("by_rcu", {"rcu-callback-free"}),
        ("drop_by_rcu", {"rcu-callback-free"}),
        ("without_callback", {"rcu-callback-free"}),
        ("by_function", {"immediate-free"}),
        ("by_wrapper", {"rcu-callback-free"}),
        ("nested", {"immediate-free", "rcu-callback-free"}),
        ("by_work", {"workqueue-callback-free"}),
        ("by_work_then_rcu", {"rcu-callback-free"}),
        ("after_ipi", {"ipi-then-free"}),
        ("after_ipi_drop", {"ipi-then-free"}),
        ("before_ipi", {"immediate-free"}),
        ("after_some_ipi", {"immediate-free"}),
        ("after_ipi_in_branch", {"ipi-then-free"}),
        ("after_ipi_in_other_branch", {"immediate-free"}),
        ("after_return", {"ipi-then-free"}),
        ("without_wait", {"immediate-free"}),
        ("callee_after_ipi", {"ipi-then-free"}),
        ("after_grace_period", {"grace-period-then-free"}),
        ("ipi_then_rcu", {"rcu-callback-free"}),
    ],
)
def test_a_way_of_being_given_up(case: Case, name: str, effects: set[str]) -> None:
    assert set(case.of(name)) == effects
    assert set(case.of(name).values()) == {0b11}
    assert case.lost(name) == []


@pytest.mark.parametrize(
    "name", ["only_its_flags", "something_else", "only_looked_at", "rcu_of_another"]
)
def test_what_is_not_given_up_has_no_effects(case: Case, name: str) -> None:
    answer = case.effects(name)
    assert answer.effects == ()
    assert [ref.name for ref in answer.without] == [name]
    assert case.of(name, "o") == {}


def test_a_callback_that_does_not_release_is_no_effect(case: Case) -> None:
    assert case.of("rcu_without_release", "o") == {}
    assert case.of("by_wrapper_of_nothing", "o") == {}


def test_an_argument_that_is_overwritten_is_not_the_object(case: Case) -> None:
    assert case.of("not_any_more", "o") == {}
    assert case.of("not_any_more") == {"immediate-free": 0b11}
    assert [f.name for f in case.effects("not_any_more").followed] == ["p"]


def test_a_function_that_is_handed_in_is_not_the_object(case: Case) -> None:
    assert case.of("unknown_callback") == {}
    assert [f.name for f in case.effects("run_now").followed] == []


def test_the_object_is_named_by_name_position_and_local(case: Case) -> None:
    assert set(case.of("by_callee", "o")) == {"immediate-free"}
    assert set(case.of("by_callee", "1")) == {"immediate-free"}
    assert case.of("by_callee", "x") == {}
    assert set(case.of("a_local", "taken")) == {"immediate-free"}
    assert set(case.of("of_elements", "*all")) == {"immediate-free"}


def test_a_callback_that_cannot_be_told_is_unknown(case: Case) -> None:
    assert case.of("unknown_callback", "o") == {"unknown": 0b11}
    ((function, _, text),) = case.lost("unknown_callback", "o")
    assert function == "unknown_callback"
    assert "call_rcu()" in text


def test_effects_are_told_at_the_functions_they_happen_in(case: Case) -> None:
    assert case.labels("by_callee") == {"release": {"immediate-free"}}
    assert case.labels("by_rcu") == {"by_rcu": {"rcu-callback-free"}, "freed": {"immediate-free"}}
    assert case.labels("callee_after_ipi") == {
        "last": {"ipi-then-free"},
        "callee_after_ipi": {"ipi-then-free"},
        "broadcast": {"ipi"},
    }


def test_the_edges_that_carry_the_object_and_the_waits_before(case: Case) -> None:
    assert case.edges("callee_after_ipi") == {
        ("callee_after_ipi", "broadcast"),
        ("broadcast", "smp_call_function"),
        ("callee_after_ipi", "last"),
        ("last", "kfree"),
    }
    assert case.labels("after_flush") == {
        "flush": {"tlb-flush"},
        "after_flush": {"immediate-free"},
    }
    assert ("flush", "flush_all") in case.edges("after_flush")
    assert case.edges("by_rcu") == {("by_rcu", "freed"), ("freed", "kfree")}
    assert case.edges("before_ipi") == {("before_ipi", "kfree")}


def test_a_store_that_nothing_comes_of_carries_no_edge(case: Case) -> None:
    assert case.edges("noted_and_freed") == {("noted_and_freed", "kfree")}
