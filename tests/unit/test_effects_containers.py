"""Objects that are stored somewhere: what becomes of them when they are taken out again."""

from __future__ import annotations

import pytest
from effects_case import Case, case_of

TEXT = """
extern int ready;
struct gather { int nr; struct obj **items; struct batch *batch; struct obj *tagged[4]; };
struct cache { struct obj *spare; };
struct backwards { struct obj *owner; };
struct either { struct obj *one; };
struct shared { struct obj *held; };
struct far { struct obj *away; };
struct job { struct obj *object; };
struct pair { struct obj *first; };
struct list_head waiting;
struct obj *parked;
struct obj *forgotten;
void elsewhere(struct obj *o);
void store_elsewhere(struct far *f, struct obj *o) { f->away = o; }

/* a batch that goes to an RCU callback as a whole */
static void batch_free(struct batch *b)
{
	for (int i = 0; i < b->nr; i++)
		kfree(b->items[i]);
	kfree(b);
}
static void batch_rcu(struct rcu_head *h) { batch_free(container_of(h, struct batch, rcu)); }
static void batch_later(struct batch *b) { call_rcu(&b->rcu, batch_rcu); }
static void batch_flush(struct gather *g)
{
	if (g->batch)
		batch_later(g->batch);
}
void batched(struct gather *g, struct obj *o)
{
	g->batch->items[g->batch->nr++] = o;
	if (g->batch->nr == 8)
		batch_flush(g);
}

/* an array whose elements are released by whoever flushes */
void gather_flush(struct gather *g)
{
	struct obj **all = g->tagged;

	touch();
	release_pages(all, g->nr);
}
void gathered(struct gather *g, struct obj *o) { g->tagged[g->nr++] = o; }
static int put_in(struct gather *g, struct obj *o) { g->tagged[g->nr++] = o; return g->nr > 3; }
void gathered_or_flushed(struct gather *g, struct obj *o) { if (put_in(g, o)) gather_flush(g); }

/* in one place released by a callback, in another one not */
static void either_rcu(struct rcu_head *h) { kfree(((struct either *)h)->one); }
void either_later(struct rcu_head *h) { call_rcu(h, either_rcu); }
void either_now(struct either *e) { kfree(e->one); }
void mixed(struct either *e, struct obj *o) { e->one = o; }

/* elements that go to RCU one by one */
static void freed(struct rcu_head *h) { kfree(container_of(h, struct obj, rcu)); }
void shared_drain(struct shared *s) { call_rcu(&s->held->rcu, freed); }
void one_by_one(struct shared *s, struct obj *o) { s->held = o; }

/* a list */
static void add(struct list_head *new, struct list_head *head)
{
	new->next = head->next;
	head->next = new;
}
void listed(struct obj *o) { add(&o->list, &waiting); }
void drain(void)
{
	while (waiting.next != &waiting)
		kfree(container_of(waiting.next, struct obj, list));
}

/* a list that a function of another object keeps */
void far_add(struct list_head *new, struct list_head *head);
struct linked { struct list_head link; };
void listed_far(struct linked *l) { far_add(&l->link, &waiting); }
void drain_far(void) { kfree(container_of(waiting.next, struct linked, link)); }

/* a variable at file scope */
void park(struct obj *o) { parked = o; }
void unpark(void) { kfree(parked); }
void park_and_forget(struct obj *o) { forgotten = o; }

/* on the stack of the function itself */
static void pair_free(struct pair *p) { kfree(p->first); }
static void pair_set(struct pair *p, struct obj *o) { p->first = o; }
void on_the_stack(struct obj *o) { struct pair p; pair_set(&p, o); pair_free(&p); }
void on_the_stack_twice(struct obj *o) { struct pair p = { .first = o }; kfree(p.first); }

/* nobody takes it out, or only looks at it */
void kept(struct cache *c, struct obj *o) { c->spare = o; }
int look(struct cache *c) { return c->spare->kind; }
void kept_and_freed(struct cache *c, struct obj *o) { c->spare = o; kfree(o); }
void kept_or_freed(struct cache *c, struct obj *o) { if (ready) c->spare = o; else kfree(o); }
void own_member(struct obj *o) { o->next = o; o->rcu.next = &o->rcu; kfree(o); }
static void note(struct backwards *b, struct obj *o) { b->owner = o; }
void noted_and_freed(struct backwards *b, struct obj *o) { note(b, o); kfree(o); }

/* a job on another processor, with what it needs on the stack */
static void run(void *info) { struct job *j = info; kfree(j->object); }
void on_each(struct obj *o) { struct job j; j.object = o; smp_call_function(run, &j, 1); }
"""
OTHER = """
struct far { struct obj *away; };
void far_free(struct far *f) { kfree(f->away); }
void elsewhere(struct obj *o) { kfree(o); }
void far_add(struct list_head *new, struct list_head *head)
{
	asm volatile("xchg %0, %1" : "+r" (new), "+m" (head->next));
}
"""


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return case_of(tmp_path_factory.mktemp("containers"), TEXT, OTHER)


@pytest.mark.parametrize(
    ("name", "effects"),
    [
        ("batched", {"rcu-callback-free"}),
        ("gathered", {"gather-free"}),
        ("gathered_or_flushed", {"gather-free"}),
        ("mixed", {"gather-free"}),
        ("one_by_one", {"rcu-callback-free"}),
        ("listed", {"gather-free"}),
        ("park", {"gather-free"}),
        ("on_the_stack", {"immediate-free"}),
        ("on_the_stack_twice", {"immediate-free"}),
        ("kept_and_freed", {"immediate-free"}),
        ("own_member", {"immediate-free"}),
        ("noted_and_freed", {"immediate-free"}),
        ("on_each", {"ipi-callback-free"}),
    ],
)
def test_what_becomes_of_elements(case: Case, name: str, effects: set[str]) -> None:
    assert set(case.of(name)) == effects
    assert case.lost(name) == []


def test_what_nobody_takes_out_is_unknown_and_says_where(case: Case) -> None:
    assert case.of("kept", "o") == {"unknown": 0b11}
    ((function, line, text),) = case.lost("kept", "o")
    assert function == "kept"
    assert "cache.spare" in text
    assert TEXT.splitlines()[line - 1].startswith("void kept(")
    assert case.of("park_and_forget", "o") == {"unknown": 0b11}


def test_what_is_lost_on_one_way_only_is_said_too(case: Case) -> None:
    assert case.of("kept_or_freed") == {"immediate-free": 0b11, "unknown": 0b11}


def test_the_batch_is_told_at_the_function_that_hands_it_over(case: Case) -> None:
    assert case.labels("batched") == {
        "batch_later": {"rcu-callback-free"},
        "batch_free": {"immediate-free"},
    }
    assert case.edges("batched") >= {
        ("batched", "batch_flush"),
        ("batch_flush", "batch_later"),
        ("batch_later", "batch_rcu"),
        ("batch_rcu", "batch_free"),
        ("batch_free", "kfree"),
    }


def test_gathering_is_told_where_it_is_stored_and_where_it_is_released(case: Case) -> None:
    assert case.labels("gathered_or_flushed") == {
        "put_in": {"gather-free"},
        "gather_flush": {"gather-free"},
    }
    assert case.edges("gathered_or_flushed") == {
        ("gathered_or_flushed", "put_in"),
        ("gathered_or_flushed", "gather_flush"),
        ("gather_flush", "release_pages"),
    }


def test_a_list_helper_may_be_in_another_object(case: Case) -> None:
    assert case.of("listed_far") == {"gather-free": 0b11}


def test_elements_are_looked_for_in_other_objects_too(case: Case) -> None:
    assert case.of("store_elsewhere", "o") == {"gather-free": 0b11}
