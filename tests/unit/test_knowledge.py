"""Knowledge files: what the bundled one says, how the user's add to it, and their errors."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

import pytest

from analyzer.errors import BadInput
from analyzer.primitives.knowledge import Knowledge, load_knowledge, parse_knowledge
from analyzer.primitives.model import (
    Callback,
    Failure,
    Form,
    Holder,
    PredicateKind,
    ReferenceDrop,
    Release,
    Wait,
)
from analyzer.primitives.reading import Entry
from analyzer.primitives.tables import TABLES, facts_of

HEAD = 'schema = "kimpact/knowledge/1"\n'
CONTEXT = '[[context]]\nname = "later"\ntext = "later"\n'


@pytest.fixture(scope="module")
def bundled() -> Knowledge:
    return load_knowledge()


def user(tmp_path: Path, text: str, name: str = "mine.toml") -> Path:
    path = tmp_path / name
    path.write_text(HEAD + text)
    return path


def test_a_callback_says_which_arguments_are_what(bundled: Knowledge) -> None:
    assert bundled.callbacks("call_rcu") == (Callback("call_rcu", 1, "rcu", data=0),)
    (ipi,) = bundled.callbacks("smp_call_function")
    assert (ipi.context, ipi.waits, ipi.waits_argument) == ("ipi", False, 2)
    handler, thread = bundled.callbacks("request_threaded_irq")
    assert [handler.function, thread.function] == [1, 2]
    assert bundled.callbacks("kfree") == ()


def test_a_context_says_what_has_happened_before(bundled: Knowledge) -> None:
    assert bundled.context("rcu").grace_period
    assert not bundled.context("ipi").grace_period
    assert bundled.context("last-reference").here


def test_a_member_that_holds_a_callback(bundled: Knowledge) -> None:
    assert bundled.holder("work_struct", "func") == Holder("work_struct", "func", "workqueue")
    assert bundled.holder("work_struct", "entry") is None
    (starter,) = bundled.starters("queue_work")
    assert (starter.object, starter.struct) == (1, "work_struct")


def test_what_gives_memory_back(bundled: Knowledge) -> None:
    assert bundled.releases("__free_pages") == (Release("__free_pages", 0, Form.PAGE, "page"),)
    (deferred,) = bundled.releases("kvfree_call_rcu")
    assert (deferred.object, deferred.after) == (1, "rcu")
    assert bundled.reference_drops("kref_put") == (ReferenceDrop("kref_put", 0, Form.POINTER, 1),)
    (sync,) = bundled.synchronisations("synchronize_rcu")
    assert sync.effect is Wait.GRACE_PERIOD
    conversion = bundled.conversion("page_ptdesc")
    assert conversion is not None
    assert (conversion.source, conversion.result) == (Form.PAGE, Form.PTDESC)


def test_allocations_with_and_without_profiling(bundled: Knowledge) -> None:
    for name in ("get_free_pages", "get_free_pages_noprof"):
        allocation = bundled.allocation(name)
        assert allocation is not None
        assert allocation.failure is Failure.ZERO


def test_conditions_and_boot(bundled: Knowledge) -> None:
    predicate = bundled.predicate("boot_cpu_has")
    assert predicate is not None
    assert (predicate.kind, predicate.word) == (PredicateKind.CPU_FEATURE, "CPU feature {}")
    initcall = bundled.initcall("core_initcall")
    assert initcall is not None
    assert initcall.level == "1"
    parameter = bundled.boot_parameter("early_param")
    assert parameter is not None
    assert (parameter.target, parameter.early) == (1, True)


def test_a_platform_is_named_after_its_descriptor(bundled: Knowledge) -> None:
    names = [bundled.platform(name) for name in ("Xen PV", "KVM", "Microsoft Hyper-V", "Bhyve")]
    assert names == ["xen-pv", "kvm", "hyperv", "bhyve"]
    assert [each.name for each in bundled.descriptors()] == ["hypervisor_x86"]


def test_boundaries_by_name_and_by_file(bundled: Knowledge) -> None:
    assert bundled.boundary("_printk", None) == "logging"
    assert bundled.boundary("__kasan_kfree_large", "mm/kasan/common.c") == "sanitizer"
    assert bundled.boundary("anything", "include/linux/kasan-checks.h") == "sanitizer"
    assert bundled.boundary("kfree", "mm/slub.c") is None


def test_a_later_file_overrides_and_adds(tmp_path: Path) -> None:
    first = user(
        tmp_path,
        '[[callback]]\nnames = ["call_rcu", "run_later"]\nfunction = 2\ncontext = "workqueue"\n',
    )
    second = user(
        tmp_path,
        '[[callback]]\nnames = ["run_later"]\nfunction = 3\ncontext = "timer"\n'
        '[[boundary]]\nfamily = "logging"\nnames = ["my_log"]\n',
        "more.toml",
    )
    known = load_knowledge((first, second))
    assert known.callbacks("call_rcu") == (Callback("call_rcu", 2, "workqueue"),)
    assert known.callbacks("run_later") == (Callback("run_later", 3, "timer"),)
    assert known.callbacks("call_srcu") != ()
    assert known.boundary("my_log", None) == "logging"
    assert known.boundary("_printk", None) == "logging"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[callbacks]]\n", "[[callbacks]]: unknown table (known: context, callback, "),
        ("callback = 3\n", "[[callback]]: expected entries headed [[callback]]"),
        ('[[callback]]\nfunction = 1\ncontext = "rcu"\n',
         "[[callback]] entry 1, key 'names': expected a list of texts, got nothing"),
        ('[[callback]]\nnames = ["f"]\nfunction = "one"\ncontext = "rcu"\n',
         "[[callback]] entry 1, key 'function': expected the index of an argument, from 0, "
         "got 'one'"),
        ('[[callback]]\nnames = ["f"]\nfunction = true\ncontext = "rcu"\n',
         "[[callback]] entry 1, key 'function': expected the index of an argument, from 0, "
         "got True"),
        ('[[callback]]\nnames = ["f"]\nfunction = 1\ncontext = "rcu"\nwhen = 1\n',
         "[[callback]] entry 1, key 'when': unknown key (known: also-here, context, data, "),
        ('[[callback]]\nnames = ["f g"]\nfunction = 1\ncontext = "rcu"\n',
         "[[callback]] entry 1, key 'names': 'f g' is not a C identifier"),
        ('[[callback]]\nnames = ["f"]\nfunction = 1\ncontext = "nowhere"\n',
         "f: no [[context]] is called 'nowhere'"),
        ('[[callback]]\nnames = ["f"]\nfunction = 1\ncontext = "rcu"\nwaits = true\n'
         "waits-argument = 2\n",
         "[[callback]] entry 1, key 'waits-argument': cannot be given together with waits"),
        ('[[release]]\nnames = ["f"]\nobject = 0\nform = "brick"\nmemory = "page"\n',
         "[[release]] entry 1, key 'form': expected one of pointer, address, "),
        ('[[release]]\nnames = ["f"]\nobject = 0\nform = "page"\nmemory = "Page Frame"\n',
         "[[release]] entry 1, key 'memory': expected lower-case words joined by hyphens"),
        ('[[starter]]\nnames = ["f"]\nobject = 0\nstruct = "brick"\n',
         "f: no [[holder]] is a struct brick"),
        ('[[boundary]]\nfamily = "x"\n', "[[boundary]] entry 1: neither names nor files"),
        ('[[predicate]]\nnames = ["f"]\nkind = "hint"\nargument = 0\nword = "w"\n',
         "[[predicate]] entry 1, key 'otherwise': expected a text, got nothing"),
        ('[[boot-parameter]]\nmacros = ["f"]\nparameter = 0\nkind = "handler"\n',
         "[[boot-parameter]] entry 1, key 'target': a handler is needed"),
    ],
)  # fmt: skip
def test_an_error_names_file_table_and_key(tmp_path: Path, text: str, message: str) -> None:
    path = user(tmp_path, text)
    with pytest.raises(BadInput) as caught:
        load_knowledge((path,))
    assert str(caught.value).startswith(f"{path}: {message}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"[[callback", "no TOML: "),
        (b"\xff\xfe", "no UTF-8 text: byte 0"),
        (b"", 'no knowledge file: expected schema = "kimpact/knowledge/1"'),
        (b"[[context]]\n" + b"x = " + b"[" * 5000, "no TOML: "),
    ],
)
def test_a_file_that_is_no_knowledge_file(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(data)
    with pytest.raises(BadInput) as caught:
        load_knowledge((path,))
    assert str(caught.value).startswith(f"{path}: {message}")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read: No such file"):
        load_knowledge((tmp_path / "none.toml",))


def test_a_text_by_itself_needs_its_own_contexts() -> None:
    entry = '[[callback]]\nnames = ["f"]\nfunction = 0\ncontext = "later"\n'
    known = parse_knowledge(HEAD + CONTEXT + entry, "text")
    assert known.callbacks("f") == (Callback("f", 0, "later"),)
    with pytest.raises(BadInput, match="no \\[\\[context\\]\\] is called 'later'"):
        parse_knowledge(HEAD + entry, "text")


DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "knowledge.md"
ROW = re.compile(r"\| `([a-z-]+)` \| (.*?) \| ")


def test_the_document_describes_every_table_with_its_keys() -> None:
    rows = dict(ROW.findall(DOCUMENT.read_text()))
    assert list(rows) == list(TABLES)
    for table, keys in rows.items():
        documented = set(re.findall(r"`([a-z-]+)`", keys))
        with pytest.raises(BadInput, match="unknown key") as caught:
            facts_of(table, Entry("f", table, 1, {**SAMPLES[table], "no-such-key": 1}))
        known = str(caught.value).partition("(known: ")[2].rstrip(")").split(", ")
        assert documented == set(known), table


def test_the_document_example_is_a_knowledge_file(tmp_path: Path) -> None:
    text = DOCUMENT.read_text().partition("    schema")[2].partition("\nA file is TOML")[0]
    path = tmp_path / "example.toml"
    path.write_text(dedent("    schema" + text))
    known = load_knowledge((path,))
    assert known.callbacks("my_defer") == (Callback("my_defer", 1, "workqueue", data=0),)
    assert known.boundary("f", "drivers/my/log_core.c") == "logging"


SAMPLES: dict[str, dict[str, object]] = {
    "context": {"name": "c", "text": "t"},
    "callback": {"names": ["f"], "function": 0, "context": "c"},
    "holder": {"structs": ["s"], "member": "m", "context": "c"},
    "starter": {"names": ["f"], "object": 0, "struct": "s"},
    "release": {"names": ["f"], "object": 0, "form": "page", "memory": "page"},
    "reference-drop": {"names": ["f"], "object": 0, "form": "page"},
    "synchronisation": {"names": ["f"], "effect": "ipi"},
    "conversion": {"names": ["f"], "object": 0, "from": "page", "to": "folio"},
    "allocation": {"names": ["f"], "memory": "page", "failure": "null"},
    "predicate": {"names": ["f"], "kind": "hint", "argument": 0, "word": "w", "otherwise": "o"},
    "boot-parameter": {"macros": ["f"], "parameter": 0, "kind": "variable"},
    "initcall": {"macros": ["f"], "level": "1", "function": 0},
    "platform-descriptor": {"struct": "s", "detect": "d", "label": "l"},
    "platform": {"descriptor": "D", "name": "d"},
    "static-call": {"key": "k", "trampoline": "t", "member": "m", "update": "u", "function": 2},
    "cpu-feature": {"prefix": "p", "word": "w", "otherwise": "o"},
    "boundary": {"family": "f", "names": ["g"]},
}
