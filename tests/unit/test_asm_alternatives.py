"""Asm statements that are patched by CPU feature: who is called with which features."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from analyzer.callgraph.linked import LinkedProgram
from analyzer.callgraph.program import OutCertainty, OutEdge
from analyzer.callgraph.session import Session
from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import read_dotconfig
from analyzer.csource.alternatives import asm_code
from analyzer.diagnostics import Diagnostics
from analyzer.tree.source_tree import DirectoryTree

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"


def entry(flags: str, kind: str = ".4byte", new: str = "774f") -> str:
    """An entry for the code at label 771."""
    fields = rf" .long 771b - .\n .long {new} - .\n {kind} {flags}\n .byte 3-2\n .byte 2-1\n"
    return rf".pushsection .altinstructions,\"a\"\n{fields}.popsection\n"


def code(text: str, label: str = "774") -> str:
    """A replacement."""
    return rf".pushsection .altinstr_replacement, \"ax\"\n{label}:\n\t{text}\n775:\n.popsection\n"


def shown(template: str) -> list[str]:
    """Each code that calls something, with the features it needs."""
    return [
        " ".join(
            [
                *[f"{'!' if test.negated else ''}{test.number}" for test in one.when],
                *[line.strip() for line in one.text.splitlines() if "call" in line],
            ]
        )
        for one in asm_code(template)
        if "call" in one.text
    ]


NOTE = r"911: .pushsection .notes, \"M\", @progbits, 8; .long 911b - ., 2; .popsection"
OLD = r"771:\n\tcall old\n772:\n"


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (r"call plain; nop\n", ["call plain; nop"]),
        (OLD + entry("( 3*32+16)") + code("call new"), ["!112 call old", "112 call new"]),
        (
            OLD + entry("(((1 << 0) << 16) | (( 3*32+16)))") + code("call new"),
            ["112 call old", "!112 call new"],
        ),
        (OLD + entry("5", ".word") + code("call new"), ["!5 call old", "5 call new"]),
        (
            OLD + entry("((1 << 15) | 5)", ".word", "6641f") + code("call new", "6641"),
            ["5 call old", "!5 call new"],
        ),
        (
            OLD + entry("7") + code("call first") + entry("9") + code("call second"),
            ["!7 !9 call old", "7 !9 call first", "9 call second"],
        ),
        (OLD + entry("9") + code("nop"), ["!9 call old"]),
        (
            r"771:\n\tcall *%[slot];\n" + entry("(((1 << 1) << 16) | 21)") + code("call filler"),
            ["call *%[slot]"],
        ),
        (
            r"771:\n\tcall *%[slot];\n"
            + entry("(((1 << 1) << 16) | 21)")
            + code("call filler")
            + entry("8")
            + code("nop"),
            ["!8 call *%[slot]"],
        ),
        (
            OLD + entry("9") + code(NOTE + r"\n6: call new\n\tcall more"),
            ["!9 call old", "9 call new call more"],
        ),
        (
            r"771:\n\t"
            + NOTE
            + r"\n\tcall *%[slot]\n"
            + entry("(((1 << 1) << 16) | 21)").replace(r"\"a\"\n", r"\"aM\", @progbits, 14\n", 1)
            + code("call filler").replace("774:", NOTE + r"\n774:", 1),
            ["call *%[slot]"],
        ),
        (OLD + entry("%c[feature]") + code("call new"), ["!None call old", "None call new"]),
    ],
)
def test_code_and_the_features_it_needs(template: str, expected: list[str]) -> None:
    assert shown(template) == expected


HEADER = r"""
#define X86_FEATURE_FAST ( 3*32+16) /* "" quick */
#define X86_FEATURE_ALWAYS ( 3*32+21)
#define STRING_(x...) #x
#define STRING(x...) STRING_(x)
#define ALTERNATIVE(old, new, feature) "771:\n\t" old "\n772:\n" \
	".pushsection .altinstructions,\"a\"\n .long 771b - .\n .long 774f - .\n" \
	" .4byte " STRING(feature) "\n .byte 1\n.popsection\n" \
	".pushsection .altinstr_replacement, \"ax\"\n774:\n\t" new "\n775:\n.popsection\n"
#define DIRECT(feature) (((1 << 1) << 16) | (feature))
struct ops { void (*run)(void); };
struct ops the_ops;
extern void slow(void); extern void quick(void);
static void here(void) { }
void set(void) { the_ops.run = here; }
void pick(void)
{
	asm volatile(ALTERNATIVE("call %c[old]", "call %c[new]", X86_FEATURE_FAST)
		: : [old] "i" (slow), [new] "i" (quick));
}
void through(void)
{
	asm volatile(ALTERNATIVE("call *%[slot];", "call filler", DIRECT(X86_FEATURE_ALWAYS))
		: : [slot] "m" (the_ops.run));
}
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> LinkedProgram:
    tree = tmp_path_factory.mktemp("patched") / "linux"
    shutil.copytree(FIXTURES / "minikernel", tree)
    (tree / "mm" / "patched.c").write_text(HEADER)
    with (tree / "mm" / "Makefile").open("a") as makefile:
        makefile.write("obj-y += patched.o\n")
    configs = ConfigSet.of([read_dotconfig(FIXTURES / "configs" / "plain.config")])
    return LinkedProgram(Session(DirectoryTree(tree), "x86", configs, Diagnostics()))


def edges(program: LinkedProgram, name: str) -> list[OutEdge]:
    (ref,) = program.find(name, "mm/patched.c")
    return list(program.edges_of(ref))


def test_both_callees_are_candidates_with_the_feature_as_guard(program: LinkedProgram) -> None:
    found = edges(program, "pick")
    assert {edge.certainty for edge in found} == {OutCertainty.CANDIDATE}
    assert [(edge.name, [(one.text, one.label) for one in edge.guards]) for edge in found] == [
        ("slow", [("!X86_FEATURE_FAST", "no CPU feature X86_FEATURE_FAST")]),
        ("quick", [("X86_FEATURE_FAST", "CPU feature X86_FEATURE_FAST")]),
    ]


def test_the_form_of_a_direct_call_is_no_callee(program: LinkedProgram) -> None:
    (edge,) = edges(program, "through")
    assert (edge.name, edge.slot, edge.guards) == ("here", "the_ops.run", ())
