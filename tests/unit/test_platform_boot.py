"""Booting small kernels on their platforms: what a slot holds, and under which guards."""

from __future__ import annotations

from pathlib import Path

import pytest
from platform_case import SETUP, held, slots_of, sources

from analyzer.errors import BadInput
from analyzer.slots.result import SlotsResult

MOON_FUNCTIONS = "void wait_moon(void) { }\nvoid kick_moon(void) { }\nvoid halt_moon(void) { }\n"
HOOK = ".init.platform = moon_init,"


def moon(
    folder: Path, body: str, *slots: str, before: str = "", more: dict[str, str] | None = None
) -> SlotsResult:
    """A kernel whose hypervisor runs ``body`` in its hook."""
    guests = f"{MOON_FUNCTIONS}{before}\nstatic void __init moon_init(void)\n{{{body}}}\n"
    return slots_of(folder, sources(guests, HOOK, more=more), *(slots or ("ops",)))


def test_a_hook_of_the_detected_platform_is_called(tmp_path: Path) -> None:
    body = "ops.lock.wait = wait_moon; if (asked(7)) ops.lock.kick = kick_moon;"
    result = moon(tmp_path, body)
    assert [p.name for p in result.platforms] == ["native", "mars", "moon-base"]
    assert held(result, "ops.lock.wait", "moon-base") == ["wait_moon"]
    assert held(result, "ops.lock.kick", "moon-base") == ["noop", "kick_moon if asked(7)"]
    for other in ("native", "mars"):
        assert held(result, "ops.lock.wait", other) == ["noop"]
        assert held(result, "ops.lock.kick", other) == ["noop"]
    assert held(result, "ops.halt", "moon-base") == ["idle"]


def test_a_hook_set_by_a_hook_is_called_after_it(tmp_path: Path) -> None:
    before = "static void __init moon_irqs(void) { ops.halt = halt_moon; }"
    result = moon(tmp_path, "setup_hooks.irqs = moon_irqs;", "ops", before=before)
    assert held(result, "ops.halt", "moon-base") == ["halt_moon"]
    assert held(result, "ops.halt", "native") == ["idle"]


def test_guards_are_conjoined_along_hooks(tmp_path: Path) -> None:
    before = "static void __init moon_irqs(void) { if (asked(8)) ops.halt = halt_moon; }"
    body = "if (asked(7)) setup_hooks.irqs = moon_irqs;"
    result = moon(tmp_path, body, "ops", before=before)
    assert held(result, "ops.halt", "moon-base") == ["idle", "halt_moon if asked(7) && asked(8)"]


def test_a_structure_copy_replaces_all_members(tmp_path: Path) -> None:
    before = "static const struct lock_ops theirs __initconst = { .wait = wait_moon };"
    result = moon(tmp_path, "ops.lock = theirs;", before=before)
    assert held(result, "ops.lock.wait", "moon-base") == ["wait_moon"]
    assert held(result, "ops.lock.kick", "moon-base") == ["null"]
    assert held(result, "ops.lock.kick", "mars") == ["noop"]


def test_a_merge_copy_takes_the_members_that_are_set(tmp_path: Path) -> None:
    before = """
static const struct lock_ops theirs __initconst = { .kick = kick_moon };
static void __init merge(const void *src, void *target, unsigned int size)
{
	unsigned int i, n = size / sizeof(void *);
	const void * const *from = (const void * const *)src;
	const void **to = (const void **)target;

	for (i = 0; i < n; i++)
		if (from[i])
			to[i] = from[i];
}
"""
    result = moon(tmp_path, "merge(&theirs, &ops.lock, sizeof(theirs));", before=before)
    assert held(result, "ops.lock.kick", "moon-base") == ["kick_moon"]
    assert held(result, "ops.lock.wait", "moon-base") == ["noop"]


def test_a_condition_that_ends_in_a_dead_boot_is_no_guard(tmp_path: Path) -> None:
    result = moon(tmp_path, "if (!asked(7)) panic(); ops.halt = halt_moon;")
    assert held(result, "ops.halt", "moon-base") == ["halt_moon"]


def test_a_return_before_the_store_is_a_guard(tmp_path: Path) -> None:
    result = moon(tmp_path, "if (!asked(7)) return; ops.halt = halt_moon;")
    assert held(result, "ops.halt", "moon-base") == ["idle", "halt_moon if asked(7)"]


def test_a_goto_around_the_store_is_a_guard(tmp_path: Path) -> None:
    body = "if (asked(7)) goto out; ops.halt = halt_moon; out: ops.lock.wait = wait_moon;"
    result = moon(tmp_path, body)
    assert held(result, "ops.halt", "moon-base") == ["idle", "halt_moon if !asked(7)"]
    assert held(result, "ops.lock.wait", "moon-base") == ["wait_moon"]


def test_the_cases_of_a_switch_are_guards(tmp_path: Path) -> None:
    body = "switch (asked(7)) { case 1: ops.halt = halt_moon; break; default: break; }"
    result = moon(tmp_path, body)
    assert held(result, "ops.halt", "moon-base") == ["idle", "halt_moon if asked(7) == 1"]


def test_both_branches_leave_nothing_of_before(tmp_path: Path) -> None:
    result = moon(tmp_path, "if (asked(7)) ops.halt = halt_moon; else ops.halt = noop;")
    assert held(result, "ops.halt", "moon-base") == [
        "halt_moon if asked(7)",
        "noop if !asked(7)",
    ]


def test_a_chain_that_returns_at_its_end_is_a_disjunction(tmp_path: Path) -> None:
    body = """
	if (asked(7)) {
		noop();
	} else if (asked(8)) {
		noop();
	} else {
		return;
	}
	ops.halt = halt_moon;
"""
    result = moon(tmp_path, body)
    assert held(result, "ops.halt", "moon-base")[1] == "halt_moon if asked(7) || asked(8)"


def test_conjunctions_are_several_guards(tmp_path: Path) -> None:
    result = moon(tmp_path, "if (asked(7) && !(asked(8) || asked(9))) ops.halt = halt_moon;")
    assert held(result, "ops.halt", "moon-base")[1] == (
        "halt_moon if asked(7) && !asked(8) && !asked(9)"
    )


def test_a_predicate_reads_as_what_it_tests(tmp_path: Path) -> None:
    before = "#define LEAF 7\nstatic int fit(void) { return asked(LEAF) && !asked(8); }"
    result = moon(tmp_path, "if (fit()) ops.halt = halt_moon;", before=before)
    assert held(result, "ops.halt", "moon-base")[1] == "halt_moon if asked(LEAF) && !asked(8)"


def test_what_the_platform_itself_decides_is_dropped(tmp_path: Path) -> None:
    body = "if (moon_base()) ops.halt = halt_moon; if (!moon_base()) ops.lock.wait = noop;"
    result = moon(tmp_path, body)
    assert held(result, "ops.halt", "moon-base") == ["halt_moon"]


def test_constants_and_what_the_boot_stored_decide(tmp_path: Path) -> None:
    before = "int moon_mode;"
    body = "moon_mode = 2; if (moon_mode == 2) ops.halt = halt_moon; if (0) ops.lock.wait = noop;"
    result = moon(tmp_path, body, before=before)
    assert held(result, "ops.halt", "moon-base") == ["halt_moon"]


def test_a_value_goes_over_a_local_under_a_guard(tmp_path: Path) -> None:
    body = "if (asked(7)) { void (*found)(void); found = halt_moon; ops.halt = found; }"
    result = moon(tmp_path, body)
    assert held(result, "ops.halt", "moon-base") == ["idle", "halt_moon if asked(7)"]


def test_alternatives_of_one_store_stay_together(tmp_path: Path) -> None:
    before = "static int pick(void) { if (asked(7)) return 0; return -2; }"
    body = "int ret = pick(); if (!ret) ops.halt = halt_moon;"
    result = moon(tmp_path, body, before=before)
    assert held(result, "ops.halt", "moon-base") == ["idle", "halt_moon if !ret"]


def test_what_an_earlier_entry_may_have_set_is_not_known(tmp_path: Path) -> None:
    entry = "\t.globl early\nearly:\n\tcall prepare\n\tret\n"
    start = """
#include "guests.h"
int prepared;
void prepare(void);
void __init prepare(void) { prepared = 1; }
"""
    result = moon(
        tmp_path,
        "if (prepared) ops.halt = halt_moon;",
        "ops.halt",
        before="extern int prepared;",
        more={"entry.S": entry, "start.c": start},
    )
    assert held(result, "ops.halt", "moon-base") == ["idle", "halt_moon if prepared"]


def test_a_detection_may_return_what_it_tested_over_a_variable(tmp_path: Path) -> None:
    files = sources(
        MOON_FUNCTIONS + "static void __init moon_init(void)\n"
        "{ if (moon_base()) ops.halt = halt_moon; }\n",
        HOOK,
    )
    files["guests.c"] = files["guests.c"].replace(
        "{ return moon_base(); }", "{ u32 base = moon_base(); if (!base) return 0; return base; }"
    )
    result = slots_of(tmp_path, files, "ops.halt")
    assert held(result, "ops.halt", "moon-base") == ["halt_moon"]


def test_guards_have_classes(tmp_path: Path) -> None:
    before = """
static int no_moon;
static int parse_no_moon(char *text) { no_moon = 1; return 0; }
early_param("no_moon", parse_no_moon);
static u32 __init moon_leaf(u32 leaf) { return asked(leaf); }
"""
    body = """
	if (!no_moon)
		ops.halt = halt_moon;
	if (moon_leaf(3))
		ops.lock.wait = wait_moon;
	if (boot_cpu_has(FEATURE_LEAP))
		ops.lock.kick = kick_moon;
"""
    result = moon(tmp_path, body, before=before)
    labels = {
        slot.name: entry.guards[0].label
        for slot in result.slots
        for entry in slot.entries
        if entry.platform == "moon-base" and entry.guards
    }
    assert labels == {
        "ops.halt": "boot parameter",
        "ops.lock.wait": "hypervisor feature",
        "ops.lock.kick": "CPU feature",
    }


@pytest.mark.parametrize(
    ("change", "expected"),
    [("", "halt_moon if boot_cpu_has(FEATURE_LEAP)"), ("force", "halt_moon"), ("clear", "idle")],
)
def test_a_cpu_feature_that_was_set_decides(tmp_path: Path, change: str, expected: str) -> None:
    body = "if (boot_cpu_has(FEATURE_LEAP)) ops.halt = halt_moon;"
    if change:
        body = f"setup_{change}_cpu_cap(FEATURE_LEAP); {body}"
    result = moon(tmp_path, body)
    assert held(result, "ops.halt", "moon-base")[-1] == expected


def test_initcalls_come_after_in_the_order_of_their_levels(tmp_path: Path) -> None:
    calls = """
#include "guests.h"
static int last(void) { ops.halt = halt_moon; return 0; }
late_initcall(last);
static int first(void) { ops.halt = noop; return 0; }
early_initcall(first);
"""
    result = moon(tmp_path, "", "ops", more={"calls.c": calls})
    assert held(result, "ops.halt", "native") == ["halt_moon"]


def test_a_wrapped_thunk_is_shown_as_what_it_calls(tmp_path: Path) -> None:
    before = "THUNK(wait_moon);\nvoid __saved_wait_moon(void);"
    result = moon(tmp_path, "ops.thunk = SAVED(wait_moon);", before=before)
    assert held(result, "ops.thunk", "moon-base") == ["wait_moon"]
    assert held(result, "ops.thunk", "native") == ["noop"]


def test_the_key_of_a_static_call_is_a_slot(tmp_path: Path) -> None:
    calls = '#include "guests.h"\nDEFINE_STATIC_CALL(clock, idle);\n'
    before = "extern struct static_call_key __SCK__clock;"
    body = "if (asked(7)) static_call_update(clock, halt_moon);"
    result = moon(tmp_path, body, "clock", before=before, more={"clock.c": calls})
    assert held(result, "clock", "moon-base") == ["idle", "halt_moon if asked(7)"]
    assert held(result, "clock", "native") == ["idle"]


def test_a_table_may_be_defined_in_a_source_that_another_one_includes(tmp_path: Path) -> None:
    inner = '#include "guests.h"\nstruct lock_ops extra = { .wait = noop };\n'
    outer = '#include "guests.h"\n#include "inner.c"\n'
    files = sources(MOON_FUNCTIONS, more={"outer.c": outer})
    files["inner.c"] = inner
    result = slots_of(tmp_path, files, "extra.wait", included=["inner.c"])
    assert held(result, "extra.wait", "native") == ["noop"]


def test_a_platform_boots_from_the_entry_that_its_detection_asks_for(tmp_path: Path) -> None:
    entry = "\t.globl startup_moon\nstartup_moon:\n\tcall moon_start_kernel\n"
    start = """
#include "guests.h"
int from_moon;
void start_kernel(void);
void __init moon_start_kernel(void)
{
	from_moon = 1;
	ops.halt = halt_moon;
	start_kernel();
}
"""
    files = sources(
        MOON_FUNCTIONS,
        more={"entry.S": entry, "start.c": start},
    )
    files["guests.c"] = files["guests.c"].replace(
        "static u32 __init moon_detect(void) { return moon_base(); }",
        "extern int from_moon;\n"
        "static u32 __init moon_detect(void) { if (from_moon) return 1; return 0; }",
    )
    result = slots_of(tmp_path, files, "ops.halt")
    assert {p.name: p.entry for p in result.platforms} == {
        "native": "start_kernel",
        "mars": "start_kernel",
        "moon-base": "moon_start_kernel",
    }
    assert held(result, "ops.halt", "moon-base") == ["halt_moon"]
    assert held(result, "ops.halt", "mars") == ["idle"]


def test_the_entry_may_force_the_feature_that_its_platform_is_known_by(tmp_path: Path) -> None:
    entry = "\t.globl startup_moon\nstartup_moon:\n\tcall moon_start_kernel\n"
    start = """
#include "guests.h"
void start_kernel(void);
void __init moon_start_kernel(void)
{
	setup_force_cpu_cap(FEATURE_LEAP);
	ops.halt = halt_moon;
	start_kernel();
}
"""
    files = sources(MOON_FUNCTIONS, more={"entry.S": entry, "start.c": start})
    files["guests.c"] = files["guests.c"].replace(
        "{ return moon_base(); }", "{ if (boot_cpu_has(FEATURE_LEAP)) return 1; return 0; }"
    )
    result = slots_of(tmp_path, files, "ops.halt")
    assert {p.name: p.entry for p in result.platforms}["moon-base"] == "moon_start_kernel"
    assert held(result, "ops.halt", "moon-base") == ["halt_moon"]


def test_stores_that_no_boot_passes_come_later(tmp_path: Path) -> None:
    late = """
#include "guests.h"
void resume(void);
void resume(void) { ops.halt = halt_moon; }
"""
    result = moon(tmp_path, "", "ops.halt", more={"late.c": late})
    (slot,) = result.slots
    (entry,) = [entry for entry in slot.entries if entry.later]
    assert (entry.platform, entry.function) == (None, "halt_moon")
    assert str(entry.stored) == "arch/x86/kernel/late.c:4"
    assert held(result, "ops.halt", "native") == ["idle"]


def test_configurations_have_masks(tmp_path: Path) -> None:
    guests = (
        f"{MOON_FUNCTIONS}static void __init moon_init(void)\n{{\n#ifdef CONFIG_LEAP\n"
        "\tops.halt = halt_moon;\n#endif\n}\n"
    )
    result = slots_of(tmp_path, sources(guests, HOOK), "ops.halt", configs=({}, {"LEAP": "y"}, {}))
    (slot,) = result.slots
    found = {
        (entry.function, entry.mask) for entry in slot.entries if entry.platform == "moon-base"
    }
    assert found == {("idle", 0x5), ("halt_moon", 0x2)}


def test_one_platform_can_be_asked_for(tmp_path: Path) -> None:
    files = sources(MOON_FUNCTIONS)
    result = slots_of(tmp_path, files, "ops.halt", platforms=["mars"])
    (slot,) = result.slots
    assert [entry.platform for entry in slot.entries] == ["mars"]
    assert [platform.name for platform in result.platforms] == ["mars"]


def test_names_that_do_not_exist_are_bad_input(tmp_path: Path) -> None:
    files = sources(MOON_FUNCTIONS, setup=SETUP)
    with pytest.raises(BadInput, match="no table, slot or static call of that name: opps"):
        slots_of(tmp_path / "a", files, "opps")
    with pytest.raises(BadInput, match="ops has no member lokc \\(there are lock, halt, thunk\\)"):
        slots_of(tmp_path / "b", files, "ops.lokc")
    with pytest.raises(BadInput, match="no such platform: venus"):
        slots_of(tmp_path / "c", files, "ops", platforms=["venus"])


def test_without_a_question_the_tables_are_listed(tmp_path: Path) -> None:
    guests = f"{MOON_FUNCTIONS}static void __init moon_init(void) {{ ops.halt = halt_moon; }}\n"
    result = slots_of(tmp_path, sources(guests, HOOK))
    assert [(table.name, table.files) for table in result.tables] == [
        ("ops", ("arch/x86/kernel/guests.c",))
    ]
    assert result.slots == ()
