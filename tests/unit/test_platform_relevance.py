"""What a boot has to come by: searched backwards in the texts of small kernels."""

from __future__ import annotations

from pathlib import Path

from platform_case import session_of, sources

from analyzer.callgraph.image import VMLINUX, ImageSearch
from analyzer.callgraph.mentions import Mentions
from analyzer.callgraph.texts import ImageTexts
from analyzer.platforms.features import Features
from analyzer.platforms.ownership import Ownership
from analyzer.platforms.parameters import Parameters
from analyzer.platforms.relevance import RelevanceSearch

USERS = 70

MANY = "".join(f"void user_{n}(void) {{ general(); }}\n" for n in range(USERS))
TEXT = f"""
#include "guests.h"
struct table extra;
int flag;
static int quiet;
static void __init leaf(void) {{ extra.halt = idle; }}
void __init middle(void) {{ leaf(); }}
void general(void) {{ extra.halt = noop; }}
{MANY}
static void running(void) {{ extra.lock.wait = noop; }}
struct setup tables = {{ .irqs = running }};
void late(void) {{ setup_hooks.irqs = running; }}
static int parse_flag(char *text) {{ flag = 1; return 0; }}
early_param("flag", parse_flag);
static int parse_quiet(char *text) {{ return 0; }}
early_param("quiet", parse_quiet);
int use_quiet(void) {{ return quiet; }}
void caps(void) {{ setup_clear_cpu_cap(FEATURE_LEAP); }}
"""


def mentions(folder: Path) -> Mentions:
    session = session_of(folder, sources(more={"extra.c": TEXT}))
    return Mentions(session, ImageTexts(session, ImageSearch(session, VMLINUX)))


def search(folder: Path) -> RelevanceSearch:
    found = mentions(folder)
    return RelevanceSearch(
        found, session_of(folder / "again", sources(more={"extra.c": TEXT})).tree
    )


def test_callers_of_writers_matter(tmp_path: Path) -> None:
    found = search(tmp_path).add([("extra", ("halt",))])
    assert {"leaf", "middle"} <= found.functions
    assert found.complete


def test_a_function_that_everybody_calls_is_not_followed(tmp_path: Path) -> None:
    found = search(tmp_path).add([("extra", ("halt",))])
    assert "general" in found.functions
    assert not [name for name in found.functions if name.startswith("user_")]


def test_what_is_stored_to_run_later_does_not_lead_on(tmp_path: Path) -> None:
    found = search(tmp_path).add([("extra", ("lock", "wait"))])
    assert "running" in found.functions
    assert "tables" not in found.objects
    assert "setup_hooks" not in found.objects


def test_a_search_that_grows_too_much_leaves_no_trace(tmp_path: Path) -> None:
    relevance = search(tmp_path)
    before = relevance.add([("ops", ("halt",))])
    assert relevance.try_add("extra", 0) is None
    assert relevance.add(()) == before
    more = relevance.try_add("extra", 10)
    assert more is not None
    assert "leaf" in more.functions


def test_who_calls_a_function_with_a_word_matters(tmp_path: Path) -> None:
    found = search(tmp_path).try_calls("FEATURE_LEAP", {"setup_clear_cpu_cap"}, 10)
    assert found is not None
    assert "caps" in found.functions


def test_a_parameter_sets_what_its_handler_writes(tmp_path: Path) -> None:
    parameters = Parameters(mentions(tmp_path), ["early_param"])
    assert parameters.sets("flag")
    assert not parameters.sets("quiet")
    assert not parameters.sets("extra")


def test_features_have_the_names_that_they_are_set_by(tmp_path: Path) -> None:
    features = Features(mentions(tmp_path), ["setup_clear_cpu_cap"])
    assert list(features.names(7)) == ["FEATURE_LEAP"]
    assert not features.names(8)


def test_what_belongs_to_hypervisors(tmp_path: Path) -> None:
    owner = Ownership(mentions(tmp_path), ["arch/x86/kernel/guests.c"])
    assert owner.owns("moon_base")
    assert not owner.owns("idle")
    assert not owner.owns("flag")
