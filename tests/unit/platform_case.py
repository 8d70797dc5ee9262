"""A small kernel with hypervisors, given as sources, and what its slots hold on each.

The sources replace the set-up code of the miniature kernel: ``start_kernel()`` calls their
``setup_arch()``, and ``head_64.S`` jumps to ``start_kernel()``. ``HEADER`` is what they
include; ``GUESTS`` are two descriptors with a detection loop.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from analyzer.callgraph.session import Session
from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import DotConfig, read_dotconfig
from analyzer.diagnostics import Diagnostics
from analyzer.paths.result import Kernel
from analyzer.progress import Progress
from analyzer.slots.answer import Question, answer
from analyzer.slots.result import SlotEntry, SlotsResult
from analyzer.tree.source_tree import DirectoryTree

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"

HEADER = """
typedef unsigned int u32;
typedef unsigned long size_t;
#define NULL ((void *)0)
#define __init __attribute__((__section__(".init.text")))
#define __initdata __attribute__((__section__(".init.data")))
#define __initconst __attribute__((__section__(".init.rodata")))
#define __ro_after_init
#define __noreturn __attribute__((__noreturn__))
#define early_param(str, fn) static int (*__setup_##fn)(char *) = fn
#define early_initcall(fn) static int (*__initcall_##fn)(void) = fn
#define late_initcall(fn) static int (*__late_##fn)(void) = fn
struct lock_ops { void (*wait)(void); void (*kick)(void); };
struct wrapped { void *func; };
struct table { struct lock_ops lock; void (*halt)(void); struct wrapped thunk; };
extern struct table ops;
struct init_hooks { void (*platform)(void); void (*late)(void); };
struct setup { struct init_hooks hyper; void (*irqs)(void); };
extern struct setup setup_hooks;
struct hypervisor_x86 {
	const char *name;
	u32 (*detect)(void);
	struct init_hooks init;
};
extern const struct hypervisor_x86 moon, mars;
void idle(void); void wait_moon(void); void kick_moon(void); void halt_moon(void);
void wait_mars(void); void noop(void);
u32 moon_base(void); u32 mars_base(void); u32 asked(u32 leaf);
void detect_platform(void); void late_platform(void); void run_irqs(void);
void setup_arch(void);
void panic(void) __noreturn;
void set_bit(int bit, unsigned long *bits);
#define setup_force_cpu_cap(cap) do { set_bit(cap, boot_cpu.x86_capability); } while (0)
void setup_clear_cpu_cap(int cap);
int test_bit(int bit, unsigned long *bits);
struct cpu { unsigned long x86_capability[4]; };
extern struct cpu boot_cpu;
#define FEATURE_LEAP 7
#define boot_cpu_has(cap) test_bit(cap, boot_cpu.x86_capability)
#define THUNK(f) asm(".text\\n" "__saved_" #f ": push %rcx\\n call " #f "\\n pop %rcx\\n ret\\n")
#define SAVED(f) ((struct wrapped){ __saved_##f })
struct static_call_key { void *func; };
#define DEFINE_STATIC_CALL(name, f) struct static_call_key __SCK__##name = { .func = f }
#define static_call_update(name, f) ({ __static_call_update(&__SCK__##name, f); })
void __static_call_update(struct static_call_key *key, void *func);
"""

CORE = """
#include "guests.h"
void noop(void) { }
void idle(void) { }
void __saved_noop(void);
THUNK(noop);
struct table ops = {
	.lock = { .wait = noop, .kick = noop }, .halt = idle, .thunk = SAVED(noop),
};
struct setup setup_hooks __initdata = { .hyper = { noop, noop }, .irqs = noop };
static const struct hypervisor_x86 * const all[] = { &moon, &mars };
void detect_platform(void)
{
	const struct hypervisor_x86 *found = NULL, * const *p;
	u32 most = 0;

	for (p = all; p < all + 2; p++) {
		u32 score = (*p)->detect();
		if (score > most) {
			most = score;
			found = *p;
		}
	}
	if (!found)
		return;
	if (found->init.platform)
		setup_hooks.hyper.platform = found->init.platform;
	if (found->init.late)
		setup_hooks.hyper.late = found->init.late;
}
void panic(void) { for (;;) ; }
void __static_call_update(struct static_call_key *key, void *func) { key->func = func; }
"""

GUESTS = """
#include "guests.h"
u32 moon_base(void) { return asked(1); }
u32 mars_base(void) { return asked(2); }
static u32 __init moon_detect(void) { return moon_base(); }
static u32 __init mars_detect(void) { return mars_base(); }
%s
const struct hypervisor_x86 moon __initconst = { .name = "Moon Base", .detect = moon_detect, %s };
const struct hypervisor_x86 mars __initconst = { .name = "MARS", .detect = mars_detect, %s };
"""

SETUP = """
#include "guests.h"
void setup_arch(void)
{
	detect_platform();
	setup_hooks.hyper.platform();
	setup_hooks.hyper.late();
	setup_hooks.irqs();
}
"""


class _Quiet(Progress):
    def stage(self, text: str) -> None:
        """Nobody looks."""


def sources(
    guests: str = "",
    moon: str = "",
    mars: str = "",
    *,
    setup: str = SETUP,
    more: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The files of a kernel; ``moon`` and ``mars`` are further members of the descriptors."""
    return {
        "guests.h": HEADER,
        "core.c": CORE,
        "guests.c": GUESTS % (guests, moon, mars),
        "setup.c": setup,
        **(more or {}),
    }


def slots_of(
    folder: Path,
    files: Mapping[str, str],
    *slots: str,
    platforms: Sequence[str] = (),
    configs: Sequence[Mapping[str, str]] = ({},),
    included: Sequence[str] = (),
) -> SlotsResult:
    """The answer for a kernel made of ``files`` in ``arch/x86/kernel``, of which others
    include those in ``included``."""
    session = session_of(folder, files, configs=configs, included=included)
    return answer(
        session,
        Question(slots, tuple(platforms)),
        Kernel("6.12.0", "x86"),
        diagnostics=session.diagnostics,
        progress=_Quiet(),
    )


def session_of(
    folder: Path,
    files: Mapping[str, str],
    *,
    configs: Sequence[Mapping[str, str]] = ({},),
    included: Sequence[str] = (),
) -> Session:
    """A session on that kernel."""
    tree = folder / "kernel"
    shutil.copytree(FIXTURES / "minikernel", tree)
    place = tree / "arch" / "x86" / "kernel"
    (place / "moonbase.c").unlink()
    for name, text in files.items():
        (place / name).write_text(text)
    objects = " ".join(
        f"{Path(name).stem}.o" for name in files if name[-2:] != ".h" and name not in included
    )
    (place / "Makefile").write_text(f"obj-y += head_$(BITS).o {objects}\n")
    plain = read_dotconfig(FIXTURES / "configs" / "plain.config")
    chosen = ConfigSet.of(
        DotConfig.of_values(f"c{number}", f"c{number}.config", {**plain.values, **values})
        for number, values in enumerate(configs)
    )
    return Session(DirectoryTree(tree), "x86", chosen, Diagnostics())


def held(result: SlotsResult, slot: str, platform: str) -> list[str]:
    """What a slot holds on a platform: ``function`` or ``function if guard && guard``."""
    (found,) = [each for each in result.slots if each.name == slot]
    return [spelled(entry) for entry in found.entries if entry.platform == platform]


def spelled(entry: SlotEntry) -> str:
    """``function if guard``, the value's kind where there is no function."""
    text = entry.function or entry.kind.value
    guards = " && ".join(guard.text for guard in entry.guards)
    return f"{text} if {guards}" if guards else text
