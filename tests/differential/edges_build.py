"""Building the reference: objects of one kernel in one configuration, with GCC's dumps.

The tree is only read; everything is built in a work folder with ``O=``. Call edges depend
neither on debug information nor on warnings, hence ``KCFLAGS=-Wno-error -g0``.
"""

from __future__ import annotations

import lzma
import os
import re
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kernels.trees import KernelTree

_WRAPPER = Path(__file__).resolve().parent / "gccwrap"
_FAILED = re.compile(r"^make.*\*\*\* \[\S+?: (\S+\.o)\] Error", re.M)

_PARAVIRT = (
    "HYPERVISOR_GUEST PARAVIRT PARAVIRT_SPINLOCKS XEN XEN_PV XEN_PVHVM_GUEST XEN_PVH"
    " XEN_DOM0 HYPERV HYPERV_VMBUS KVM_GUEST"
)


class BuildFailed(Exception):
    """The kernel's own build stopped; the text names the log."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A named configuration: a make target or a distribution's file, then more symbols.

    ``base`` is a make target of the kernel (``defconfig``), or ``distribution:PART`` for
    the distribution configuration whose file name contains PART. ``seed`` is what
    ``randconfig`` starts from. ``enable`` and ``disable`` are set on top, before
    ``make olddefconfig`` completes it.
    """

    name: str
    base: str
    enable: tuple[str, ...] = ()
    disable: tuple[str, ...] = ()
    seed: int | None = None


_UNBUILDABLE = "WERROR COMPILE_TEST MODULE_SIG SYSTEM_TRUSTED_KEYRING GCC_PLUGINS RUST".split()
"""What a random configuration may have but this machine may not build, or not as the kernel
means it to be built."""

RECIPES: Mapping[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        Recipe("defconfig", "defconfig"),
        Recipe("tinyconfig", "tinyconfig"),
        Recipe("cloud", "distribution:cloud-amd64", disable=("WERROR",)),
        Recipe("paravirt", "defconfig", enable=tuple(_PARAVIRT.split()), disable=("WERROR",)),
        Recipe("i386-pae", "i386_defconfig", enable=("HIGHMEM64G", "X86_PAE")),
        Recipe(
            "random-guest",
            "randconfig",
            enable=("64BIT", "SMP", "HYPERVISOR_GUEST", "PARAVIRT", "XEN", "XEN_PV", "KVM_GUEST"),
            disable=tuple(_UNBUILDABLE),
            seed=612,
        ),
        Recipe("random", "randconfig", disable=tuple(_UNBUILDABLE), seed=7),
    )
}


@dataclass(frozen=True, slots=True)
class Build:
    """A finished build: folders, the resolved configuration, and what make said."""

    tree: Path
    objects: Path
    dumps: Path
    dotconfig: str
    targets: tuple[str, ...]
    failed: tuple[str, ...]
    prepare_seconds: float
    compile_seconds: float


class Builder:
    """make in a work folder of its own, over a tree that is only read."""

    def __init__(self, tree: Path, work: Path, jobs: int) -> None:
        """``work`` is emptied first."""
        self._tree = tree.resolve()
        self._work = work.resolve()
        self._objects = self._work / "obj"
        self._dumps = self._work / "dumps"
        self._log = self._work / "make.log"
        self._jobs = jobs
        shutil.rmtree(self._work, ignore_errors=True)
        self._objects.mkdir(parents=True)
        self._dumps.mkdir()

    def configure(self, kernel: KernelTree, recipe: Recipe) -> str:
        """Write the configuration of ``recipe``; returns the resolved ``.config``."""
        dotconfig = self._objects / ".config"
        kind, _, part = recipe.base.partition(":")
        if kind == "distribution":
            path = kernel.config(part)
            if path is None:
                raise BuildFailed(f"no distribution configuration {part} for {kernel.version}")
            with lzma.open(path, "rt", encoding="utf-8") as packed:
                dotconfig.write_text(packed.read())
        else:
            seed = {} if recipe.seed is None else {"KCONFIG_SEED": str(recipe.seed)}
            self._must("cannot be configured", kind, **seed)
        with dotconfig.open("a") as stream:
            stream.writelines(f"CONFIG_{symbol}=y\n" for symbol in recipe.enable)
            stream.writelines(f"# CONFIG_{symbol} is not set\n" for symbol in recipe.disable)
        self._must("cannot be configured", "olddefconfig")
        return dotconfig.read_text()

    def build(
        self, dotconfig: str, targets: Sequence[str], *, front_end_only: bool = False
    ) -> Build:
        """Compile ``targets`` (objects, or folders ending in ``/``) with dumps.

        ``front_end_only`` saves half of the time: objects of C sources are then empty
        (``gccwrap/gcc``).
        """
        started = time.monotonic()
        self._must("prepare stopped", "prepare")
        prepared = time.monotonic()
        compiler = shutil.which("gcc")
        if compiler is None:
            raise BuildFailed("no gcc in PATH")
        wrapped = {
            "PATH": f"{_WRAPPER}{os.pathsep}{os.environ['PATH']}",
            "ORACLE_GCC": compiler,
            "ORACLE_DUMPS": str(self._dumps),
        }
        quick: tuple[str, ...] = ()
        if front_end_only:
            wrapped["ORACLE_FRONT_END"] = "1"
            quick = ("objtool=true",)  # it does not take empty objects
        self._make("-k", *quick, *targets, **wrapped)
        done = time.monotonic()
        failed = sorted(set(_FAILED.findall(self._log.read_text(errors="replace"))))
        return Build(
            tree=self._tree,
            objects=self._objects,
            dumps=self._dumps,
            dotconfig=dotconfig,
            targets=tuple(targets),
            failed=tuple(failed),
            prepare_seconds=prepared - started,
            compile_seconds=done - prepared,
        )

    def remove(self) -> None:
        """Delete the work folder."""
        shutil.rmtree(self._work)

    def _must(self, message: str, *arguments: str, **environment: str) -> None:
        if self._make(*arguments, **environment) != 0:
            raise BuildFailed(f"{self._tree.name} {message}, see {self._log}")

    def _make(self, *arguments: str, **environment: str) -> int:
        command = ["make", "-C", str(self._tree), f"O={self._objects}", "ARCH=x86"]
        command += [f"-j{self._jobs}", "KCFLAGS=-Wno-error -g0", *arguments]
        with self._log.open("a") as log:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "LANG": "C.UTF-8", **environment},
                check=False,
            )
        return done.returncode


def all_targets(dotconfig: str) -> tuple[str, ...]:
    """Everything the full comparison covers, as far as the configuration builds it."""
    conditional = {"HYPERV": "arch/x86/hyperv/", "XEN": "arch/x86/xen/"}
    enabled = (
        target
        for symbol, target in conditional.items()
        if re.search(rf"^CONFIG_{symbol}=[ym]$", dotconfig, re.M)
    )
    return ("mm/", "arch/x86/mm/", "arch/x86/kernel/", *enabled)
