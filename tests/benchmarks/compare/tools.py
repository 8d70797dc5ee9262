"""The tools: what each needs, how it is prepared, and how the question is put to it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from compare import readings
from compare.facts import ROOTS, Answer, Pair
from compare.running import Failed, Meter

INDEXED = ("arch/x86", "include", "kernel", "lib", "mm", "drivers/hv", "drivers/xen")
UNITS = (
    "mm/memory",
    "mm/mmu_gather",
    "arch/x86/mm/pgtable",
    "arch/x86/xen/mmu_pv",
    "arch/x86/kernel/paravirt",
)
MOST_QUERIES = 400
KIMPACT = str(Path(sys.executable).with_name("kimpact"))


@dataclass(frozen=True, slots=True)
class Setting:
    """The kernel, its configuration as text, and what only some tools need.

    ``patch`` is for those that read patches, ``copy`` a tree for those that write into it.
    """

    kernel: Path
    config: Path
    dotconfig: str
    patch: Path | None = None
    copy: Path | None = None


class Tool(Protocol):
    """One tool. ``needs`` are commands and the packages that have them."""

    name: str
    needs: tuple[tuple[str, str], ...]
    version: tuple[str, ...]

    def prepare(self, setting: Setting, work: Path, meter: Meter) -> None:
        """Make in ``work`` what the question needs."""

    def ask(self, setting: Setting, work: Path, meter: Meter) -> Answer:
        """Put the question."""


def followed(callees: Callable[[str], list[str]]) -> tuple[frozenset[Pair], str]:
    """Follow an index breadth first from both roots, up to a number of queries for each."""
    pairs: set[Pair] = set()
    capped = False
    for root in ROOTS:
        queue = [root]
        for asked, name in enumerate(queue):
            if asked == MOST_QUERIES:
                capped = True
                break
            found = dict.fromkeys(callees(name))
            pairs.update((name, callee) for callee in found)
            queue += [callee for callee in found if callee not in queue]
    return frozenset(pairs), f"stopped at {MOST_QUERIES} queries a root" if capped else ""


def list_files(setting: Setting, work: Path, suffixes: tuple[str, ...]) -> Path:
    """The list of files to index."""
    files = [
        str(path)
        for folder in INDEXED
        for path in sorted((setting.kernel / folder).rglob("*"))
        if path.suffix in suffixes
    ]
    listed = work / "files"
    listed.write_text("".join(f"{name}\n" for name in files))
    return listed


class Kimpact(Tool):
    """This project."""

    name = "kimpact"
    needs = ()
    version = (KIMPACT, "--version")

    def prepare(self, setting: Setting, work: Path, meter: Meter) -> None:
        """Nothing to prepare."""

    def ask(self, setting: Setting, work: Path, meter: Meter) -> Answer:
        command = [KIMPACT, "paths", f"mm/memory.c:{ROOTS[0]}"]
        command += ["--kernel", str(setting.kernel), "--config", str(setting.config), "--no-cache"]
        text = meter.run([*command, "--format", "json"], work)
        return Answer(readings.pairs_of_kimpact(text[: text.rindex("}") + 1]), text)


class Cscope(Tool):
    """An index of names, asked for the functions called by each function in turn."""

    name = "cscope"
    needs = (("cscope", "cscope"),)
    version = ("cscope", "-V")

    def prepare(self, setting: Setting, work: Path, meter: Meter) -> None:
        listed = list_files(setting, work, (".c", ".h", ".S"))
        meter.run(["cscope", "-b", "-q", "-k", f"-i{listed}", "-fcscope.out"], work)

    def ask(self, setting: Setting, work: Path, meter: Meter) -> Answer:
        def callees(name: str) -> list[str]:
            query = ["cscope", "-d", "-k", "-fcscope.out", "-L", "-2", name]
            return readings.callees_of_cscope(meter.run(query, work))

        pairs, note = followed(callees)
        return Answer(pairs, "", note)


class CodeQuery(Tool):
    """A database of what cscope and ctags found; it does not take assembly."""

    name = "codequery"
    needs = (
        ("cqmakedb", "codequery"),
        ("cqsearch", "codequery"),
        ("cscope", "cscope"),
        ("ctags", "universal-ctags"),
    )
    version = ("cqsearch", "-v")

    def prepare(self, setting: Setting, work: Path, meter: Meter) -> None:
        listed = list_files(setting, work, (".c", ".h"))
        meter.run(["cscope", "-b", "-c", "-k", f"-i{listed}", "-fcscope.out"], work)
        meter.run(["ctags", "--fields=+i", "-n", "-L", str(listed), "-f", "tags"], work)
        database = ["cqmakedb", "-s", "code.db", "-c", "cscope.out", "-t", "tags", "-p"]
        meter.run(database, work)

    def ask(self, setting: Setting, work: Path, meter: Meter) -> Answer:
        def callees(name: str) -> list[str]:
            query = ["cqsearch", "-s", "code.db", "-p", "7", "-e", "-t", name]
            return readings.callees_of_codequery(meter.run(query, work))

        pairs, note = followed(callees)
        return Answer(pairs, "", note)


@dataclass(frozen=True, slots=True)
class Build:
    """A build folder of the kernel, apart from its sources."""

    setting: Setting
    folder: Path
    compiler: str = "gcc"

    def prepare(self, meter: Meter) -> None:
        """Complete the configuration and make what compiling one unit needs."""
        self.folder.mkdir(parents=True)
        (self.folder / ".config").write_text(self.setting.dotconfig)
        self.make(meter, "", "olddefconfig")
        self.make(meter, "", "prepare")

    def make(self, meter: Meter, flags: str, *targets: str) -> None:
        """Run the kernel's own make with one job."""
        command = ["make", "-C", str(self.setting.kernel), f"O={self.folder}", "ARCH=x86", "-j1"]
        command += [f"CC={self.compiler}", f"KCFLAGS=-Wno-error {flags}".rstrip(), *targets]
        meter.run(command, self.setting.kernel)


class Cflow(Tool):
    """A call tree of the preprocessed units."""

    name = "GNU cflow"
    needs = (("cflow", "cflow"), ("make", "make"), ("gcc", "gcc"))
    version = ("cflow", "--version")

    def prepare(self, setting: Setting, work: Path, meter: Meter) -> None:
        build = Build(setting, work / "build")
        build.prepare(meter)
        build.make(meter, "", *(f"{unit}.i" for unit in UNITS))

    def ask(self, setting: Setting, work: Path, meter: Meter) -> Answer:
        pairs: set[Pair] = set()
        words = ["__attribute__:wrapper", "__asm__:wrapper", "asm:wrapper", "__inline__:=inline"]
        symbols = [f"--symbol={word}" for word in [*words, "__inline:=inline", "typeof:wrapper"]]
        for root in ROOTS:
            units = [f"{unit}.i" for unit in UNITS]
            command = ["cflow", "--omit-arguments", *symbols, "--main", root, *units]
            pairs |= readings.pairs_of_cflow(meter.run(command, work / "build"))
        return Answer(frozenset(pairs), "")


class Gcc(Tool):
    """GCC's own call graph, before inlining."""

    name = "GCC -fdump-ipa-cgraph"
    needs = (("make", "make"), ("gcc", "gcc"))
    version = ("gcc", "--version")

    def prepare(self, setting: Setting, work: Path, meter: Meter) -> None:
        Build(setting, work / "build").prepare(meter)

    def ask(self, setting: Setting, work: Path, meter: Meter) -> Answer:
        build = Build(setting, work / "build")
        build.make(meter, "-fdump-ipa-cgraph", *(f"{unit}.o" for unit in UNITS))
        dumps = sorted(build.folder.rglob("*.cgraph"))
        if not dumps:
            raise Failed("no dump was written")
        texts = [path.read_text(errors="replace") for path in dumps]
        return Answer(frozenset().union(*map(readings.pairs_of_gcc, texts)), "")


class Clang(Tool):
    """LLVM's call graph of what clang makes of each unit, before its passes."""

    name = "clang, opt print-callgraph"
    needs = (("make", "make"), ("clang-14", "clang-14"), ("opt", "llvm"))
    version = ("clang-14", "--version")

    def prepare(self, setting: Setting, work: Path, meter: Meter) -> None:
        Build(setting, work / "build", "clang-14").prepare(meter)

    def ask(self, setting: Setting, work: Path, meter: Meter) -> Answer:
        build = Build(setting, work / "build", "clang-14")
        build.make(meter, "-Xclang -disable-llvm-passes", *(f"{unit}.ll" for unit in UNITS))
        pairs: set[Pair] = set()
        for unit in UNITS:
            command = ["opt", "-passes=print-callgraph", "-disable-output", f"{unit}.ll"]
            pairs |= readings.pairs_of_llvm(meter.run(command, build.folder))
        return Answer(frozenset(pairs), "")


class Kmax(Tool):
    """Which configurations build a unit; it has no call graph."""

    name = "kmax (klocalizer)"
    needs = (("klocalizer", "kmax, from PyPI"),)
    version = ("klocalizer", "--version")

    def prepare(self, setting: Setting, work: Path, meter: Meter) -> None:
        """What it needs is made when it is asked."""

    def ask(self, setting: Setting, work: Path, meter: Meter) -> Answer:
        if setting.copy is None:
            raise Failed("may write into the tree: name a copy with --copy")
        (work / "base.config").write_text(setting.dotconfig)
        command = ["klocalizer", "-a", "x86_64", "--linux-ksrc", str(setting.copy)]
        command += ["--disable-downloading-formulas", "--formulas", str(work / "formulas")]
        command += ["--repair", "x86_64:base.config", "--include", "mm/mmu_gather.o"]
        text = meter.run([*command, "-o", "out.config"], work)
        return Answer(frozenset(), text, "answers with a configuration that builds the unit")


class Checkpatch(Tool):
    """What b4 runs by default on a patch."""

    name = "b4's default check (checkpatch)"
    needs = (("perl", "perl"),)
    version = ("perl", "-e", "print $^V")

    def prepare(self, setting: Setting, work: Path, meter: Meter) -> None:
        """Nothing to prepare."""

    def ask(self, setting: Setting, work: Path, meter: Meter) -> Answer:
        if setting.patch is None:
            raise Failed("reads patches only: name one with --patch")
        meter.accepted = frozenset({0, 1})
        script = str(setting.kernel / "scripts/checkpatch.pl")
        options = ["-q", "--terse", "--no-summary", "--mailback", str(setting.patch)]
        text = meter.run(["perl", script, *options], setting.kernel)
        return Answer(frozenset(), text, f"{len(text.splitlines())} remarks on style")


TOOLS: tuple[Callable[[], Tool], ...] = (
    Kimpact,
    Cscope,
    Gcc,
    Cflow,
    Clang,
    CodeQuery,
    Checkpatch,
    Kmax,
)
