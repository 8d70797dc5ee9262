"""Constants of a miniature ``bounds.c``: counted, measured, conditional, undecidable."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import parse_dotconfig
from analyzer.csource.source_cache import SourceCache
from analyzer.csource.types import X86_64
from analyzer.csource.unit import TranslationUnit
from analyzer.diagnostics import Diagnostics
from analyzer.generated.autoconf import Autoconf
from analyzer.generated.constants import EvaluatedConstants, OpenedUnit
from analyzer.generated.headers import GeneratedHeaders
from analyzer.preprocessor.compiler import bundled_profile
from analyzer.preprocessor.filetexts import FileTexts
from analyzer.preprocessor.macro import parse_define
from analyzer.preprocessor.rows import WalkMemo
from analyzer.preprocessor.sources import SearchPath, Sources, required
from analyzer.preprocessor.table import MacroTable
from analyzer.preprocessor.walk import Walker
from analyzer.tree.source_tree import DirectoryTree

FILES = {
    "Kbuild": (
        "include/generated/bounds.h: kernel/bounds.s FORCE\n"
        "\t$(call filechk,offsets,__LINUX_BOUNDS_H__)\n"
    ),
    "include/linux/kbuild.h": (
        "#define DEFINE(sym, val) \\\n"
        '\tasm volatile("\\n.ascii \\"->" #sym " %0 " #val "\\"" : : "i" (val))\n'
        '#define BLANK() asm volatile("\\n.ascii \\"->\\"" : : )\n'
        "#define OFFSET(sym, str, mem) DEFINE(sym, __builtin_offsetof(struct str, mem))\n"
    ),
    "include/linux/zones.h": (
        "enum zone {\n"
        "#ifdef CONFIG_DMA\n\tDMA,\n#endif\n"
        "\tNORMAL,\n\tMOVABLE,\n\tCOUNT_OF_ZONES,\n};\n"
        "struct lock {\n\tint word;\n"
        "#ifdef CONFIG_DEBUG\n\tvoid *owner;\n#endif\n"
        "};\n"
        "#define declare_struct(name, ...) struct __VA_ARGS__ name\n"
        "declare_struct(made) {\n\tint first;\n\tlong long second;\n};\n"
        "typedef unsigned long long __attribute__((aligned(4))) low_t;\n"
        "typedef struct made high_t __attribute__((__aligned__(sizeof(struct made) * 2)));\n"
        "struct both {\n\tchar a;\n\tlow_t low;\n\tconst high_t high;\n};\n"
    ),
    "kernel/bounds.c": (
        "#include <linux/kbuild.h>\n#include <linux/zones.h>\n"
        '#include "more.c"\n'
        "int main(void)\n{\n"
        "\tDEFINE(ZONES, COUNT_OF_ZONES);\n\tBLANK();\n"
        "#ifdef CONFIG_SMP\n\tDEFINE(CPUS, CONFIG_NR_CPUS * 2);\n#endif\n"
        "\tDEFINE(LOCK_SIZE, sizeof(struct lock));\n"
        "\tDEFINE(MASK, ~(sizeof(struct lock) - 1));\n"
        "\tDEFINE(MADE, sizeof(struct made));\n"
        "\tDEFINE(LOW, __builtin_offsetof(struct both, low));\n"
        "\tDEFINE(HIGH, __builtin_offsetof(struct both, high));\n"
        "\tDEFINE(BOTH, sizeof(struct both));\n"
        "\tDEFINE(NOT_KNOWN, sizeof(struct nowhere));\n"
        "\treturn 0;\n}\n"
    ),
    "kernel/more.c": (
        "static void more(void)\n{\n#define ENTRY(x) OFFSET(LOCK_ ## x, lock, x)\n"
        "\tENTRY(word);\n#undef ENTRY\n}\n"
    ),
}


class Opener:
    def __init__(self, tree: DirectoryTree, configs: ConfigSet) -> None:
        self.tree = tree
        self.configs = configs
        self.sources: Sources | None = None

    def __call__(self, source: str) -> Sequence[OpenedUnit]:
        assert self.sources is not None
        every = self.configs.all
        profile = bundled_profile("x86_64")
        table = MacroTable(profile.entries(every))
        for macro in Autoconf(self.configs):
            for mask, text in macro.definitions:
                table.define(parse_define(f"{macro.name} {text}", "autoconf.h", 0), mask)
        search = SearchPath(self.sources, [(every, "include"), (every, "kernel")], every)
        walker = Walker(table, search, profile, WalkMemo(), Diagnostics())
        walker.walk(required(self.sources, source), every)
        unit = TranslationUnit(source, every, table, walker.inclusions, SourceCache())
        return [OpenedUnit(unit, X86_64, every)]


def provider(
    folder: Path, *configs: str
) -> tuple[GeneratedHeaders, EvaluatedConstants, Diagnostics]:
    for path, text in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    tree = DirectoryTree(folder)
    configset = ConfigSet.of(
        parse_dotconfig(text, f"{index}.config", str(index)) for index, text in enumerate(configs)
    )
    opener = Opener(tree, configset)
    constants = EvaluatedConstants(tree, opener)
    diagnostics = Diagnostics()
    headers = GeneratedHeaders(tree, "x86", configset, diagnostics, offsets=constants)
    opener.sources = Sources(tree, headers, configset.all, FileTexts())
    return headers, constants, diagnostics


CONFIGS = (
    "CONFIG_DMA=y\nCONFIG_SMP=y\nCONFIG_NR_CPUS=64\n",
    "CONFIG_DEBUG=y\nCONFIG_NR_CPUS=1\n",
    "CONFIG_DMA=y\nCONFIG_SMP=y\nCONFIG_NR_CPUS=8\n",
)


def test_constants_have_a_value_per_group(tmp_path: Path) -> None:
    _, constants, _ = provider(tmp_path, *CONFIGS)
    found = {each.name: dict(each.values) for each in constants("kernel/bounds.c")}
    assert found == {
        "LOCK_word": {7: 0},
        "ZONES": {5: 3, 2: 2},
        "CPUS": {1: 128, 4: 16},
        "LOCK_SIZE": {5: 4, 2: 16},
        "MASK": {5: -4, 2: -16},
        "MADE": {7: 16},
        "LOW": {7: 4},
        "HIGH": {7: 32},
        "BOTH": {7: 64},
        "NOT_KNOWN": {7: None},
    }


def test_constants_say_where_they_are(tmp_path: Path) -> None:
    _, constants, _ = provider(tmp_path, *CONFIGS)
    places = {each.name: (each.file, each.line) for each in constants("kernel/bounds.c")}
    assert places["ZONES"] == ("kernel/bounds.c", 6)
    assert places["LOCK_SIZE"] == ("kernel/bounds.c", 11)


def test_what_is_undecided_is_left_out_and_said(tmp_path: Path) -> None:
    headers, _, diagnostics = provider(tmp_path, CONFIGS[0])
    bounds = headers.header("include/generated/bounds.h")
    assert bounds is not None
    assert [line for line in bounds[0][1].splitlines() if "_H__" not in line] == [
        "#define ZONES 3",
        "#define CPUS 128",
        "#define LOCK_SIZE 4",
        "#define MASK -4",
        "#define MADE 16",
        "#define LOW 4",
        "#define HIGH 32",
        "#define BOTH 64",
        "#define LOCK_word 0",
        "#endif",
    ]
    [remark] = diagnostics
    assert remark.code == "offset-undecided"
    assert str(remark.location) == "kernel/bounds.c:17"
    assert "1 of 10 constants" in remark.message
    assert remark.message.endswith("NOT_KNOWN")
