"""Derived headers against those that the kernel's own ``make`` leaves in a build folder.

For each kernel tree and a few configurations, ``make prepare0`` runs in a folder of its own
(kept between runs). All configurations of a tree are then derived at once, and for each
of them every generated header must have the same lines, blanks and comments aside.
"""

from __future__ import annotations

import lzma
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from analyzer.callgraph.opening import Opener
from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import read_dotconfig
from analyzer.diagnostics import Diagnostics
from analyzer.generated.autoconf import autoconf_definitions
from analyzer.generated.constants import EvaluatedConstants, OpenedUnit
from analyzer.generated.headers import GeneratedHeaders
from analyzer.tree.source_tree import DirectoryTree
from kernels.locking import exclusive
from kernels.trees import KernelTree

CONFIGURATIONS = ("defconfig", "tinyconfig", "wide", "cloud")
WIDE = "XEN X86_X32_ABI HZ_300 PREEMPT LRU_GEN NUMA HYPERVISOR_GUEST PARAVIRT IA32_EMULATION"
FOLDERS = ("include/generated", "arch/x86/include/generated")
AUTOCONF = "include/generated/autoconf.h"
COMPILE = "include/generated/compile.h"
BOUNDS = "include/generated/bounds.h"
COMPUTED = re.compile(r"(bounds|-offsets)\.h$")
OPTIONS = (
    "-Iarch/x86/include",
    "-Iarch/x86/include/generated",
    "-Iinclude",
    "-Iarch/x86/include/uapi",
    "-Iarch/x86/include/generated/uapi",
    "-Iinclude/uapi",
    "-Iinclude/generated/uapi",
    "-include include/linux/compiler-version.h",
    "-include include/linux/kconfig.h",
    "-include include/linux/compiler_types.h",
    "-D__KERNEL__",
)
"""What every source of the kernel is compiled with, as far as constants depend on it."""
ZERO_WORD = re.compile(r"^#define((?:REQUIRED|DISABLED)_MASK\d+)0x0+U$", re.MULTILINE)
HEX_SYMBOL = re.compile(r"^config (\w+)\n(?:\s+#.*\n|\s*\n)*\s+hex\b", re.MULTILINE)
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
PART = re.compile(r'^#include "([\w.-]+\.parts/\w+)"$', re.MULTILINE)
DEFINE = re.compile(r"^#define (\S+) (.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Reference:
    """Build folders of one tree, one per configuration, in order."""

    tree: Path
    folders: tuple[Path, ...]


@pytest.fixture(scope="module")
def reference(kernel: KernelTree, oracle_folder: Path) -> Reference:
    folders: list[Path] = []
    for name in CONFIGURATIONS:
        if name == "cloud" and kernel.config("cloud-amd64") is None:
            continue
        folder = oracle_folder / "generated" / kernel.version / name
        with exclusive(folder):
            if not (folder / "done").is_file():
                prepare(kernel, name, folder)
        folders.append(folder)
    return Reference(kernel.path, tuple(folders))


def prepare(kernel: KernelTree, name: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "make.log"
    dotconfig = folder / ".config"
    packed = kernel.config("cloud-amd64")
    if name == "cloud" and packed is not None:
        dotconfig.write_bytes(lzma.decompress(packed.read_bytes()))
    else:
        make(kernel, folder, "defconfig" if name == "wide" else name, log)
    if name == "wide":
        with dotconfig.open("a", encoding="utf-8") as stream:
            stream.writelines(f"CONFIG_{symbol}=y\n" for symbol in WIDE.split())
            stream.write('CONFIG_LOCALVERSION="-wide"\n')
    make(kernel, folder, "olddefconfig", log)
    make(kernel, folder, "prepare0", log)
    (folder / "done").touch()


def make(kernel: KernelTree, folder: Path, goal: str, log: Path) -> None:
    with log.open("a", encoding="utf-8") as stream:
        done = subprocess.run(
            ["make", "-C", str(kernel.path), f"O={folder}", "ARCH=x86", "-j2", goal],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            env={**os.environ, "LANG": "C.UTF-8"},
            check=False,
        )
    assert done.returncode == 0, f"make {goal} failed, see {log}"


class Units:
    """Opens sources for the constants that they compute."""

    def __init__(self, configs: ConfigSet) -> None:
        self.flags = [(configs.all, option) for option in OPTIONS]
        self.flags.append((configs.column("X86_32").y, "-m32"))
        self.opener: Opener | None = None

    def __call__(self, source: str) -> list[OpenedUnit]:
        assert self.opener is not None
        opened = self.opener.open_plain(source, self.flags)
        return [OpenedUnit(opened.unit, abi, mask) for mask, abi, _ in opened.evaluators]


@dataclass(frozen=True)
class Derived:
    configs: ConfigSet
    provider: GeneratedHeaders
    diagnostics: Diagnostics

    def text(self, path: str, index: int) -> str | None:
        """The header in configuration ``index`` with its parts put in."""
        for mask, text in self.provider.header(path) or ():
            if mask >> index & 1:
                for part in PART.findall(text):
                    whole = self.text(f"{path.rpartition('/')[0]}/{part}", index)
                    text = text.replace(f'#include "{part}"', whole or "")
                return text
        return None


@pytest.fixture(scope="module")
def derived(reference: Reference) -> Derived:
    configs = ConfigSet.of(
        read_dotconfig(folder / ".config", folder.name) for folder in reference.folders
    )
    diagnostics = Diagnostics()
    tree = DirectoryTree(reference.tree)
    units = Units(configs)
    constants = EvaluatedConstants(tree, units)
    provider = GeneratedHeaders(tree, "x86", configs, diagnostics, offsets=constants)
    units.opener = Opener(tree, configs, provider)
    return Derived(configs, provider, diagnostics)


def headers_in(folder: Path) -> set[str]:
    return {
        str(path.relative_to(folder))
        for base in FOLDERS
        for path in (folder / base).rglob("*.h")
        if path.is_file()
    }


def lines(text: str) -> list[str]:
    """What a header says: no comments, no blanks, no guard; sorted, as order is free."""
    joined = COMMENT.sub(" ", text).replace("\\\n", " ")
    squeezed = ["".join(line.split()) for line in joined.splitlines()]
    # A test over all words may ask for those that are 0 in this configuration: no difference.
    for zero in ZERO_WORD.findall("\n".join(squeezed)):
        number = re.sub(r"\D", "", zero)
        squeezed = [line.replace(f"((x)>>5)=={number}?{zero}:", "") for line in squeezed]
    return sorted(line for line in squeezed if line and not line.startswith("#endif"))


@pytest.mark.oracle
def test_every_header_is_the_same(reference: Reference, derived: Derived) -> None:
    for index, folder in enumerate(reference.folders):
        compared = 0
        for path in sorted(headers_in(folder)):
            text = derived.text(path, index)
            assert text is not None, f"{path} is not derived for {folder.name}"
            if path in (AUTOCONF, COMPILE) or COMPUTED.search(path):
                continue
            made = (folder / path).read_text(encoding="utf-8")
            assert lines(text) == lines(made), f"{path} differs for {folder.name}"
            compared += 1
        assert compared > 20


@pytest.mark.oracle
def test_no_header_is_made_that_make_would_not(reference: Reference, derived: Derived) -> None:
    everything = set().union(*(headers_in(folder) for folder in reference.folders))
    everything |= {
        f"arch/x86/include/generated/{uapi}asm/{path.name}"
        for uapi in ("", "uapi/")
        for base in ("include/asm-generic", "include/uapi/asm-generic")
        for path in (reference.tree / base).glob("*.h")
    }
    for index, folder in enumerate(reference.folders):
        made = headers_in(folder)
        for path in sorted(everything - made):
            assert derived.text(path, index) is None, f"{path} derived for {folder.name}"


@pytest.mark.oracle
def test_autoconf_is_the_same(reference: Reference, derived: Derived) -> None:
    hexadecimal = {
        symbol
        for path in reference.tree.rglob("Kconfig*")
        if path.is_file()
        for symbol in HEX_SYMBOL.findall(path.read_text(encoding="utf-8"))
    }
    found = autoconf_definitions(derived.configs, hexadecimal.__contains__)
    for index, folder in enumerate(reference.folders):
        mine = {
            macro.name: text
            for macro in found
            for mask, text in macro.definitions
            if mask >> index & 1
        }
        theirs = dict(DEFINE.findall((folder / AUTOCONF).read_text(encoding="utf-8")))
        assert mine == theirs


@pytest.mark.oracle
def test_compile_header_names_the_machine(reference: Reference, derived: Derived) -> None:
    for index, folder in enumerate(reference.folders):
        mine = dict(DEFINE.findall(derived.text(COMPILE, index) or ""))
        made = re.sub(r"\t+", " ", (folder / COMPILE).read_text(encoding="utf-8"))
        theirs = dict(DEFINE.findall(made))
        assert mine.keys() == theirs.keys()
        assert mine["UTS_MACHINE"] == theirs["UTS_MACHINE"]


@pytest.mark.oracle
def test_bounds_are_the_compilers(reference: Reference, derived: Derived) -> None:
    for index, folder in enumerate(reference.folders):
        mine = values(derived.text(BOUNDS, index) or "")
        assert mine == values((folder / BOUNDS).read_text(encoding="utf-8")), folder.name


@pytest.mark.oracle
def test_no_offset_is_wrong(reference: Reference, derived: Derived) -> None:
    for index, folder in enumerate(reference.folders):
        for path in sorted(headers_in(folder)):
            if not COMPUTED.search(path):
                continue
            theirs = values((folder / path).read_text(encoding="utf-8"))
            for name, value in values(derived.text(path, index) or "").items():
                assert value == theirs.get(name), f"{name} of {path} for {folder.name}"


def values(text: str) -> dict[str, int]:
    """The numbers that a header of computed constants defines."""
    return {
        name: int(value.split()[0])
        for name, value in DEFINE.findall(text)
        if re.match(r"-?\d+\b", value)
    }
