"""Constants for assembly: left alone until a conditional asks for one of them."""

from __future__ import annotations

import shutil
from pathlib import Path

from analyzer.callgraph.deferred import DeferredConstants
from analyzer.callgraph.session import Session
from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import read_dotconfig
from analyzer.diagnostics import Diagnostics
from analyzer.generated.offsets import Constant
from analyzer.preprocessor.skeleton import make_skeleton
from analyzer.tree.source_tree import DirectoryTree

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"

OFFSETS = """
#include <linux/kbuild.h>
#include <asm/measured.h>
struct task { long first; int second; };
#include "asm-offsets_64.c"
static void common(void)
{
	OFFSET(TASK_second, task, second);
#ifdef CONFIG_PARAVIRT
	DEFINE(TASK_paravirt, 3);
#endif
}
"""
MORE = """
#define ENTRY(name) OFFSET(regs_ ## name, task, name)
int main(void)
{
	ENTRY(first);
	return 0;
}
"""
KBUILD = """#define DEFINE(sym, val) \\
	asm volatile("\\n.ascii \\"->" #sym " %0 " #val "\\"" : : "i" (val))
#define OFFSET(sym, str, mem) DEFINE(sym, __builtin_offsetof(struct str, mem))
"""
RULE = """
include/generated/asm-offsets.h: arch/x86/kernel/asm-offsets.s FORCE
	$(call filechk,offsets,__ASM_OFFSETS_H__)
"""
MEASURED = "#include <generated/asm-offsets.h>\n"
PLAIN = """#include <asm/measured.h>
void plain(void) { asm("mov " "TASK_second"); }
"""
ASKING = """#include <asm/measured.h>
void low(void); void high(void); void paravirt(void);
void asking(void)
{
#if TASK_second > 4
	high();
#else
	low();
#endif
#ifdef TASK_paravirt
	paravirt();
#endif
#if regs_first
	low();
#endif
}
"""


def session(folder: Path) -> Session:
    tree = folder / "linux"
    shutil.copytree(FIXTURES / "minikernel", tree)
    files = {
        "arch/x86/kernel/asm-offsets.c": OFFSETS,
        "arch/x86/kernel/asm-offsets_64.c": MORE,
        "arch/x86/include/asm/measured.h": MEASURED,
        "include/linux/kbuild.h": KBUILD,
        "mm/plain.c": PLAIN,
        "mm/asking.c": ASKING,
    }
    for name, text in files.items():
        (tree / name).write_text(text)
    with (tree / "mm/Makefile").open("a") as makefile:
        makefile.write("obj-y += plain.o asking.o\n")
    with (tree / "Kbuild").open("a") as kbuild:
        kbuild.write(RULE)
    configs = ConfigSet.of(
        read_dotconfig(FIXTURES / "configs" / f"{name}.config") for name in ("plain", "paravirt")
    )
    return Session(DirectoryTree(tree), "x86", configs, Diagnostics())


def calls(made: Session, source: str, name: str) -> dict[str, int]:
    (item,) = made.objects(source)
    found: dict[str, int] = {}
    for definition in made.analysis(item).definitions(name):
        for site in definition.facts.sites:
            if site.name:
                found[site.name] = found.get(site.name, 0) | site.mask
    return found


def test_a_conditional_sees_the_constants(tmp_path: Path) -> None:
    made = session(tmp_path)
    assert calls(made, "mm/plain.c", "plain") == {}
    assert calls(made, "mm/asking.c", "asking") == {"high": 0b11, "paravirt": 0b10}
    assert not [d for d in made.diagnostics if "offset" in d.message]


def test_what_nobody_asks_for_is_not_computed(tmp_path: Path) -> None:
    asked: list[str] = []

    def compute(source: str) -> list[Constant]:
        asked.append(source)
        return [Constant("TASK_second", ((1, 8),), source, 1)]

    for name, text in (("asm-offsets.c", OFFSETS), ("asm-offsets_64.c", MORE)):
        (tmp_path / name).write_text(text)
    (tmp_path / "k").mkdir()
    for path in tmp_path.glob("asm*"):
        path.rename(tmp_path / "k" / path.name)
    constants = DeferredConstants(DirectoryTree(tmp_path), compute)
    assert constants("k/bounds.c") != ()
    assert asked == ["k/bounds.c"]
    assert constants("k/asm-offsets.c") == ()
    assert not constants.demanded([make_skeleton(b"#ifdef OFFSET\n#endif\n", "a.h")])
    assert asked == ["k/bounds.c"]
    text = b"#if A && (defined(B) || regs_first + 1 > 2)\n#endif\n"
    assert constants.demanded([make_skeleton(text, "b.h")])
    assert asked == ["k/bounds.c", "k/asm-offsets.c"]
    assert constants("k/asm-offsets.c")[0].values == ((1, 8),)
    assert not constants.demanded([make_skeleton(text, "b.h")])
