"""Who mentions a name, in texts that are neither preprocessed nor parsed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from analyzer.callgraph.image import VMLINUX, ImageSearch
from analyzer.callgraph.mentions import Mention, MentionKind, Mentions
from analyzer.callgraph.session import Session
from analyzer.callgraph.surroundings import Argument, blanked, surroundings
from analyzer.callgraph.texts import ImageTexts
from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import read_dotconfig
from analyzer.diagnostics import Diagnostics
from analyzer.tree.source_tree import DirectoryTree

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"

HEADER = """#ifndef MENTIONED_H
#define MENTIONED_H
struct ops { int (*run)(int); struct { void (*stop)(void); } inner; };
void target(void);
static inline void from_header(void) { target(); }
#define WRAP(x) do { \\
	from_macro_start(); \\
	target(); } while (0)
#define SHADOW(target) target()
#ifdef __ASSEMBLY__
	call target
#endif
#endif
"""
SOURCE = """#include "mentioned.h"
#include "part.c"
/* target() in a comment */
static int helper(int x);
extern struct ops copy;
__printf(1, 2) static int __weak helper(int x)
{
	log("target() is not called here");
	return x;
}
static const struct ops the_ops __initconst = {
	.run = helper,
#ifdef CONFIG_PARAVIRT
	.inner = { .stop = target, },
#endif
};
static void (*positional[])(void) = { other, target };
void install(struct ops *ops, struct holder *h)
{
	struct ops local = { .inner.stop = target };
	int target_count = 0;

	if (ops) {
		h->ops[3].inner.stop = WRAPPED(target);
	}
	copy = the_ops;
	copy.run = ops->run;
	merge(&copy, &the_ops);
	later(&h->head, (void *)target);
	outer(1, inner(helper(2), target));
	h->target(1);
	goto target;
	ops->run(3);
	PASSED(inner.stop, ops);
	PASSED(ops->inner.stop, 1);
	asm volatile("call target" : : : "memory");
	h->result = helper(7);
}
SYSCALL_DEFINE2(do_it, int, x, int, y)
{
	return helper(x);
}
early_initcall(helper);
early_param("it", helper);
EXPORT_SYMBOL_GPL(target);
asm(".text\\n"
    "thunk_label:\\n\\tcall target\\n");
"""
PART = """static void in_part(void) { target(); }
"""
ASSEMBLY = """#include <asm/head.h>
SYM_FUNC_START(entry)
	call target	/* target */
	jmp	1f
SYM_FUNC_END(entry)
SYM_FUNC_START(target)
	ret
SYM_FUNC_END(target)
EXPORT_SYMBOL(target)
plain:
	.quad target
SYM_DATA(initial, .quad target)
"""


@pytest.fixture(scope="module")
def mentions(tmp_path_factory: pytest.TempPathFactory) -> Mentions:
    tree = tmp_path_factory.mktemp("mentions") / "linux"
    shutil.copytree(FIXTURES / "minikernel", tree)
    files = {
        "mentioned.h": HEADER,
        "mentioned.c": SOURCE,
        "part.c": PART,
        "entry.S": ASSEMBLY,
        "other.c": "static void target(void) { }\nvoid use(void) { target(); }\n",
    }
    for name, text in files.items():
        (tree / "mm" / name).write_text(text)
    with (tree / "mm" / "Makefile").open("a") as makefile:
        makefile.write("obj-y += mentioned.o entry.o\nobj-m += other.o\n")
    configs = ConfigSet.of([read_dotconfig(FIXTURES / "configs" / "plain.config")])
    session = Session(DirectoryTree(tree), "x86", configs, Diagnostics())
    return Mentions(session, ImageTexts(session, ImageSearch(session, VMLINUX)))


def at(mentions: Mentions, name: str, file: str, line: int) -> Mention:
    (found,) = [m for m in mentions.every(name) if (m.file, m.line) == (f"mm/{file}", line)]
    return found


def places(found: object) -> list[tuple[str, int, str, str]]:
    assert isinstance(found, (list, tuple))
    return [(m.file.removeprefix("mm/"), m.line, m.kind.value, m.owner) for m in found]


def test_where_a_name_stands(mentions: Mentions) -> None:
    assert [place for place in places(mentions.of("target")) if "/" not in place[0]] == [
        ("entry.S", 3, "assembly", "entry"),
        ("entry.S", 9, "use", "EXPORT_SYMBOL"),
        ("entry.S", 11, "assembly", "plain"),
        ("entry.S", 12, "assembly", "initial"),
        ("mentioned.c", 14, "object", "the_ops"),
        ("mentioned.c", 17, "object", "positional"),
        ("mentioned.c", 20, "function", "install"),
        ("mentioned.c", 24, "function", "install"),
        ("mentioned.c", 29, "function", "install"),
        ("mentioned.c", 30, "function", "install"),
        ("mentioned.c", 36, "function", "install"),
        ("mentioned.c", 45, "use", "EXPORT_SYMBOL_GPL"),
        ("mentioned.c", 47, "assembly", "thunk_label"),
        ("mentioned.h", 5, "function", "from_header"),
        ("mentioned.h", 8, "macro", "WRAP"),
        ("mentioned.h", 11, "assembly", ""),
        ("part.c", 1, "function", "in_part"),
    ]


def test_declarations_are_told_apart(mentions: Mentions) -> None:
    every = mentions.every("helper")
    found = [m.line for m in every if m.kind is MentionKind.DECLARATION]
    assert found == [4, 6]
    assert {m.owner for m in mentions.of("x")} >= {"helper"}


def test_objects_of_a_mention(mentions: Mentions) -> None:
    source = at(mentions, "target", "mentioned.c", 20)
    assert source.item is not None
    assert source.item.path == "mm/mentioned.o"
    assert at(mentions, "target", "mentioned.h", 5).item is None
    assert at(mentions, "target", "part.c", 1).item is None
    assert [item.path for item in mentions.reading("mm/part.c")] == ["mm/mentioned.o"]
    assert [item.path for item in mentions.objects_of("mm/mentioned.c")] == ["mm/mentioned.o"]


def test_what_is_stored_where(mentions: Mentions) -> None:
    assert at(mentions, "target", "mentioned.c", 14).member == ("inner", "stop")
    assert at(mentions, "target", "mentioned.c", 17).member == ()
    assert at(mentions, "target", "mentioned.c", 20).member == ("local", "inner", "stop")
    wrapped = at(mentions, "target", "mentioned.c", 24)
    assert wrapped.member == ("h", "ops", "inner", "stop")
    assert wrapped.arguments == (Argument("WRAPPED", 0),)
    assert at(mentions, "helper", "mentioned.c", 37).member == ()


def test_calls_and_arguments(mentions: Mentions) -> None:
    passed = at(mentions, "target", "mentioned.c", 29)
    assert (passed.called, passed.arguments) == (False, (Argument("later", 1),))
    nested = at(mentions, "target", "mentioned.c", 30)
    assert nested.arguments == (Argument("inner", 1), Argument("outer", 1))
    called = at(mentions, "helper", "mentioned.c", 30)
    assert called.called
    assert called.arguments == (Argument("inner", 0), Argument("outer", 1))
    assert at(mentions, "target", "mentioned.c", 36).called
    assert at(mentions, "target", "mentioned.h", 8).called
    assert at(mentions, "target", "mentioned.c", 47).called


def test_uses_of_macros_at_file_scope(mentions: Mentions) -> None:
    made = at(mentions, "helper", "mentioned.c", 41)
    assert (made.kind, made.owner, made.maker) == (
        MentionKind.FUNCTION,
        "SYSCALL_DEFINE2",
        "SYSCALL_DEFINE2",
    )
    assert made.words == ("do_it", "int", "x", "y")
    uses = [m for m in mentions.of("helper") if m.kind is MentionKind.USE]
    assert [(m.owner, m.words) for m in uses] == [
        ("early_initcall", ("helper",)),
        ("early_param", ("helper",)),
    ]


def test_calls_through_a_member(mentions: Mentions) -> None:
    found = mentions.calls_through("run")
    assert [(m.line, m.called) for m in found] == [(27, False), (33, True)]
    assert found[0].member == ()
    passed = mentions.calls_through("stop")
    assert [(m.line, m.arguments) for m in passed] == [
        (34, (Argument("PASSED", 0),)),
        (35, (Argument("PASSED", 0),)),
    ]


def test_writes_to_a_member(mentions: Mentions) -> None:
    found = mentions.writes_to_member("stop")
    assert [(m.line, m.member, m.words) for m in found] == [
        (14, ("inner", "stop"), ("target",)),
        (20, ("local", "inner", "stop"), ("target",)),
        (24, ("h", "ops", "inner", "stop"), ("WRAPPED", "target")),
    ]


def test_writes_to_a_variable(mentions: Mentions) -> None:
    found = mentions.writes_to_root("copy")
    assert [(m.line, m.member, m.words, m.arguments) for m in found] == [
        (26, ("copy",), ("the_ops",), ()),
        (27, ("copy", "run"), ("ops", "run"), ()),
        (28, (), (), (Argument("merge", 0),)),
    ]
    defined = mentions.writes_to_root("the_ops")
    assert [(m.line, m.kind.value, m.owner) for m in defined] == [
        (11, "object", "the_ops"),
        (28, "function", "install"),
    ]


def test_static_names_belong_to_their_file(mentions: Mentions) -> None:
    assert mentions.defined_static("mm/mentioned.c", "helper")
    assert mentions.defined_static("mm/other.c", "target")
    assert not mentions.defined_static("mm/mentioned.c", "install")
    assert not mentions.defined_static("mm/mentioned.h", "target")


def test_texts_with_brackets_in_literals() -> None:
    text = blanked("{ f(')', \"}{\", g)")
    assert surroundings(text, text.index("g"), 1).arguments == (Argument("f", 2),)
    text = blanked("{ x = (struct s){ .a = { 0 }, .b = g } }")
    assert surroundings(text, text.index("g"), 1).member == ("x", "b")
    text = blanked("{ return a == g; }")
    assert surroundings(text, text.index("g"), 1).member == ()
