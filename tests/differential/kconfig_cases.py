"""Configurations that kimpact and the kernel's own ``conf`` both complete.

For one kernel tree: the configurations made from scratch, those of ``make defconfig`` and
``make tinyconfig``, random ones, the distribution's own, and what ``olddefconfig`` makes of
configurations with symbols switched and lines damaged. All inputs of one kind are resolved at
once, as one set of configurations.
"""

from __future__ import annotations

import lzma
import random
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from analyzer.configset.configurations import Configurations
from analyzer.configset.dotconfig import parse_dotconfig
from analyzer.diagnostics import Diagnostics
from analyzer.kconfig.evaluate import evaluate
from analyzer.kconfig.load import load
from analyzer.kconfig.model import KconfigModel
from analyzer.kconfig.modes import Mode, with_mode
from analyzer.kconfig.render import dotconfig_text
from analyzer.kconfig.resolve import ProbePolicy, resolve
from analyzer.kconfig.toolchain import bundled_toolchain
from analyzer.kconfig.uservalues import user_values
from analyzer.tree.source_tree import DirectoryTree
from kconfig_reference import Case, ReferenceConf, build_reference
from kernels.trees import KernelTree

MODES = {
    "x86": tuple(Mode),
    "x86_64": (Mode.ALLNOCONFIG, Mode.ALLMODCONFIG),
    "i386": (Mode.ALLNOCONFIG, Mode.ALLMODCONFIG),
}
NOTHING = Configurations([parse_dotconfig("", "", "")])
TINY_BASE = "kernel/configs/tiny-base.config"
TINY = ("kernel/configs/tiny.config", "arch/x86/configs/tiny.config")
FRAGMENTS = ("kvm_guest", "xen", "debug", "hardening")
LINE = re.compile(r"^(?:# )?CONFIG_(\w+)(?:=.*| is not set)$", re.MULTILINE)

SWITCHED = {
    "paravirt": "HYPERVISOR_GUEST=y PARAVIRT=y PARAVIRT_SPINLOCKS=y XEN=y XEN_PV=y KVM_GUEST=y",
    "no-guest": "HYPERVISOR_GUEST=n",
    "hyperv-module": "HYPERVISOR_GUEST=y PARAVIRT=y HYPERV=m",
    "no-smp": "SMP=n",
    "rt": "EXPERT=y PREEMPT_RT=y PREEMPT_NONE=y",
    "32-bit": "64BIT=n X86_32=y HIGHMEM64G=y X86_PAE=y",
    "no-modules": "MODULES=n",
    "expert": "EXPERT=y BUG=n PRINTK=n FUTEX=n MULTIUSER=n",
    "pt-reclaim": "PT_RECLAIM=n NUMA=n",
    "out-of-range": "NR_CPUS=99999999 LOG_BUF_SHIFT=1 PHYSICAL_START=zz",
    "choice": "HZ_100=y HZ_300=y HZ_250=n KERNEL_XZ=y KERNEL_GZIP=n",
    "choice-refused": "HZ_100=n HZ_250=n HZ_300=n HZ_1000=n",
    "modular": "KVM=m IPV6=m EXT4_FS=m SMP=m",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What both sides write for one case."""

    case: Case
    actual: str
    expected: str


@dataclass(frozen=True)
class Subject:
    """One tree: kimpact's models of it by architecture, and the reference."""

    kernel: KernelTree
    tree: DirectoryTree
    models: dict[str, KconfigModel]
    reference: ReferenceConf
    scratch: Path

    def expected(self, cases: Sequence[Case]) -> list[str]:
        """What the reference writes for each case."""
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(lambda c: self.reference.run(c, self.scratch / c.name), cases))

    def source(self, path: str) -> str:
        """A file of the tree."""
        return (self.kernel.path / path).read_text("utf-8", "surrogateescape")

    def answers(self, cases: Sequence[Case], actual: Sequence[str]) -> list[Answer]:
        """Both sides' answers to ``cases``."""
        expected = self.expected(cases)
        return [Answer(*row) for row in zip(cases, actual, expected, strict=True)]


def subject_of(
    kernel: KernelTree,
    oracle_folder: Path,
    scratch: Path,
    profile: str,
    architectures: Sequence[str],
) -> Subject:
    """Load the tree for ``architectures``, and build the reference unless it is there."""
    toolchain = bundled_toolchain(profile)
    folder = oracle_folder / "kconfig" / kernel.version
    reference = build_reference(kernel.path, folder, toolchain)
    tree = DirectoryTree(kernel.path)
    diagnostics = Diagnostics()
    models = {arch: load(tree, arch, toolchain, diagnostics) for arch in architectures}
    assert [str(item) for item in diagnostics] == []
    return Subject(kernel, tree, models, reference, scratch)


def resolved(model: KconfigModel, texts: Sequence[str]) -> list[str]:
    """What ``olddefconfig`` makes of each text according to kimpact, all in one go."""
    sources = [parse_dotconfig(text, "", f"c{i}") for i, text in enumerate(texts)]
    resolution = resolve(model, sources, ProbePolicy.PROFILE)
    return [resolution.text(i) for i in range(len(texts))]


def made(model: KconfigModel, mode: Mode) -> str:
    """What ``make allnoconfig`` and its like write."""
    values = evaluate(model, with_mode(model, user_values(model, NOTHING), mode))
    return dotconfig_text(model, values, 0)


def from_scratch(subject: Subject) -> list[Answer]:
    """``allnoconfig`` and its like, for each architecture."""
    cases: list[Case] = []
    actual: list[str] = []
    for arch, modes in MODES.items():
        for mode in modes:
            cases.append(Case(f"{mode.value}-{arch}", mode.value, arch=arch))
            actual.append(made(subject.models[arch], mode))
    return subject.answers(cases, actual)


def defconfigs(subject: Subject) -> list[Answer]:
    """``make defconfig`` and ``make i386_defconfig``."""
    paths = [f"arch/x86/configs/{name}_defconfig" for name in ("x86_64", "i386")]
    cases = [Case(Path(path).name, f"defconfig={subject.kernel.path / path}") for path in paths]
    texts = [subject.source(path) for path in paths]
    return subject.answers(cases, resolved(subject.models["x86"], texts))


def tinyconfig(subject: Subject) -> list[Answer]:
    """``make tinyconfig``, in its two steps."""
    model = subject.models["x86"]
    seed = user_values(model, Configurations([parse_dotconfig(subject.source(TINY_BASE), "", "")]))
    actual = dotconfig_text(model, evaluate(model, with_mode(model, seed, Mode.ALLNOCONFIG)), 0)
    first = Case("tiny1", "allnoconfig", variables={"KCONFIG_ALLCONFIG": TINY_BASE})
    (before,) = subject.answers([first], [actual])
    fragments = [subject.source(path) for path in TINY if (subject.kernel.path / path).is_file()]
    second = Case("tiny2", "olddefconfig", merged(before.expected, *fragments))
    return [before, *subject.answers([second], resolved(model, [second.text or ""]))]


def randconfigs(subject: Subject, seeds: Sequence[int]) -> list[Answer]:
    """Random configurations, which must stay as they are, and every other one damaged."""
    cases = [
        Case(f"rand{seed}", "randconfig", variables={"KCONFIG_SEED": str(seed)}) for seed in seeds
    ]
    texts = subject.expected(cases)
    actual = resolved(subject.models["x86"], texts)
    found = [Answer(*row) for row in zip(cases, actual, texts, strict=True)]
    damaged = [
        Case(f"damaged{seed}", "olddefconfig", damage(text, seed))
        for seed, text in zip(seeds, texts, strict=True)
        if seed % 2
    ]
    inputs = [case.text or "" for case in damaged]
    return [*found, *subject.answers(damaged, resolved(subject.models["x86"], inputs))]


def switched_and_merged(subject: Subject) -> list[Answer]:
    """The default with symbols switched and fragments merged; the distribution's own."""
    base = subject.expected(
        [Case("base", f"defconfig={subject.kernel.path}/arch/x86/configs/x86_64_defconfig")]
    )[0]
    inputs = {"empty": ""}
    for name, switches in SWITCHED.items():
        inputs[name] = merged(base, "".join(f"CONFIG_{one}\n" for one in switches.split()))
    for fragment in FRAGMENTS:
        paths = (f"kernel/configs/{fragment}.config", f"arch/x86/configs/{fragment}.config")
        parts = [subject.source(path) for path in paths if (subject.kernel.path / path).is_file()]
        if parts:
            inputs[fragment] = merged(base, *parts)
    for path in subject.kernel.configs:
        text = lzma.decompress(path.read_bytes()).decode("utf-8", "surrogateescape")
        inputs[path.stem] = text
        inputs[f"{path.stem}-damaged"] = damage(text, 7)
    cases = [Case(name, "olddefconfig", text) for name, text in inputs.items()]
    return subject.answers(cases, resolved(subject.models["x86"], list(inputs.values())))


def other_compiler(clang: Subject, gcc: KconfigModel) -> list[Answer]:
    """With clang's answers, and then once more where gcc's profile stands behind: what the
    configuration records of its compiler has to win."""
    modes = (Mode.ALLNOCONFIG, Mode.ALLMODCONFIG)
    cases = [Case(f"clang-{mode.value}", mode.value) for mode in modes]
    first = clang.answers(cases, [made(clang.models["x86"], mode) for mode in modes])
    sources = [parse_dotconfig(one.expected, "config", "clang") for one in first]
    kept = resolve(gcc, sources, ProbePolicy.RECORDED)
    again = [
        Answer(Case(f"{one.case.name}-kept", one.case.mode), kept.text(index), one.expected)
        for index, one in enumerate(first)
    ]
    return [*first, *again]


def merged(base: str, *fragments: str) -> str:
    """``merge_config.sh -m``: a fragment's lines replace those of the same symbol."""
    for fragment in fragments:
        names = set(LINE.findall(fragment))
        kept = [
            line
            for line in base.splitlines()
            if (hit := LINE.match(line)) is None or hit[1] not in names
        ]
        base = "\n".join([*kept, *fragment.splitlines()]) + "\n"
    return base


def damage(text: str, seed: int) -> str:
    """A configuration that nobody would write: lines lost, doubled, switched, ill-typed."""
    draw = random.Random(seed)
    out: list[str] = []
    for line in text.splitlines():
        hit = LINE.match(line)
        fate = draw.random()
        if hit is None or fate < 0.8:
            out.append(line)
        elif fate < 0.86:
            out.append(f"CONFIG_{hit[1]}={draw.choice(['y', 'n', 'm', '', 'maybe', '0x', '7'])}")
        elif fate < 0.9:
            out.append(f"# CONFIG_{hit[1]} is not set")
        elif fate < 0.93:
            out += [line, f"CONFIG_{hit[1]}=y"]
        elif fate < 0.95:
            out.insert(draw.randrange(len(out) + 1), line)
    return "\n".join([*out, "CONFIG_NOBODY_DEFINES_THIS=y", "not an assignment", ""])
