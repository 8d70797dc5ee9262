"""Every ``.config`` that kimpact resolves is the one that ``conf`` writes, byte for byte.

For each kernel tree: the configurations made from scratch, those of ``make defconfig`` and
``make tinyconfig``, ten random ones, the distribution's own, and what ``olddefconfig``
makes of configurations with symbols switched and lines damaged. All inputs of one kind are
resolved at once, as one set of configurations.
"""

from __future__ import annotations

import lzma
import os
import random
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest import TempPathFactory  # noqa: PT013

from analyzer.configset.configurations import Configurations
from analyzer.configset.dotconfig import parse_dotconfig
from analyzer.diagnostics import Diagnostics
from analyzer.kconfig.evaluate import evaluate
from analyzer.kconfig.load import load
from analyzer.kconfig.model import KconfigModel
from analyzer.kconfig.modes import Mode, with_mode
from analyzer.kconfig.render import dotconfig_text
from analyzer.kconfig.resolve import ProbePolicy, resolve
from analyzer.kconfig.toolchain import CLANG, GCC, bundled_toolchain
from analyzer.kconfig.uservalues import user_values
from analyzer.tree.source_tree import DirectoryTree
from differential.kconfig_reference import Case, ReferenceConf, build_reference
from kernels.trees import KernelTree

pytestmark = pytest.mark.oracle

MODES = {
    "x86": tuple(Mode),
    "x86_64": (Mode.ALLNOCONFIG, Mode.ALLMODCONFIG),
    "i386": (Mode.ALLNOCONFIG, Mode.ALLMODCONFIG),
}
NOTHING = Configurations([parse_dotconfig("", "", "")])
RANDOM_SEEDS = range(1, 1 + int(os.environ.get("KIMPACT_RANDCONFIGS", "10")))
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


@pytest.fixture(scope="module")
def subject(kernel: KernelTree, oracle_folder: Path, tmp_path_factory: TempPathFactory) -> Subject:
    return subject_of(kernel, oracle_folder, tmp_path_factory, GCC, tuple(MODES))


def subject_of(
    kernel: KernelTree,
    oracle_folder: Path,
    tmp_path_factory: TempPathFactory,
    profile: str,
    architectures: Sequence[str],
) -> Subject:
    toolchain = bundled_toolchain(profile)
    folder = oracle_folder / "kconfig" / kernel.version
    reference = build_reference(kernel.path, folder, toolchain)
    tree = DirectoryTree(kernel.path)
    diagnostics = Diagnostics()
    models = {arch: load(tree, arch, toolchain, diagnostics) for arch in architectures}
    assert [str(item) for item in diagnostics] == []
    return Subject(kernel, tree, models, reference, tmp_path_factory.mktemp("conf"))


def resolved(model: KconfigModel, texts: Sequence[str]) -> list[str]:
    """What ``olddefconfig`` makes of each text according to kimpact, all in one go."""
    sources = [parse_dotconfig(text, "", f"c{i}") for i, text in enumerate(texts)]
    resolution = resolve(model, sources, ProbePolicy.PROFILE)
    return [resolution.text(i) for i in range(len(texts))]


def assert_same(cases: Sequence[Case], actual: Sequence[str], expected: Sequence[str]) -> None:
    """Compare by lines, so that a failure names the symbols."""
    differences = {
        case.name: sorted(set(want.splitlines()) ^ set(got.splitlines()))[:20]
        for case, got, want in zip(cases, actual, expected, strict=True)
        if got != want
    }
    assert differences == {}


def test_made_from_scratch(subject: Subject) -> None:
    cases: list[Case] = []
    actual: list[str] = []
    for arch, modes in MODES.items():
        model = subject.models[arch]
        for mode in modes:
            cases.append(Case(f"{mode.value}-{arch}", mode.value, arch=arch))
            values = evaluate(
                model,
                with_mode(model, user_values(model, NOTHING), mode),
            )
            actual.append(dotconfig_text(model, values, 0))
    assert_same(cases, actual, subject.expected(cases))


def test_defconfig(subject: Subject) -> None:
    paths = [f"arch/x86/configs/{name}_defconfig" for name in ("x86_64", "i386")]
    cases = [Case(Path(path).name, f"defconfig={subject.kernel.path / path}") for path in paths]
    actual = resolved(subject.models["x86"], [subject.source(path) for path in paths])
    assert_same(cases, actual, subject.expected(cases))


def test_tinyconfig(subject: Subject) -> None:
    model = subject.models["x86"]
    base = subject.source(TINY_BASE)
    seed = user_values(model, Configurations([parse_dotconfig(base, "", "")]))
    actual = dotconfig_text(model, evaluate(model, with_mode(model, seed, Mode.ALLNOCONFIG)), 0)
    first = Case("tiny1", "allnoconfig", variables={"KCONFIG_ALLCONFIG": TINY_BASE})
    expected = subject.expected([first])
    assert_same([first], [actual], expected)
    fragments = [subject.source(path) for path in TINY if (subject.kernel.path / path).is_file()]
    second = Case("tiny2", "olddefconfig", merged(expected[0], *fragments))
    assert_same([second], resolved(model, [second.text or ""]), subject.expected([second]))


def test_randconfigs_and_damage(subject: Subject) -> None:
    cases = [
        Case(f"rand{seed}", "randconfig", variables={"KCONFIG_SEED": str(seed)})
        for seed in RANDOM_SEEDS
    ]
    texts = subject.expected(cases)
    assert_same(cases, resolved(subject.models["x86"], texts), texts)
    damaged = [
        Case(f"damaged{seed}", "olddefconfig", damage(text, seed))
        for seed, text in zip(RANDOM_SEEDS, texts, strict=True)
        if seed % 2
    ]
    actual = resolved(subject.models["x86"], [case.text or "" for case in damaged])
    assert_same(damaged, actual, subject.expected(damaged))


def test_switched_and_merged(subject: Subject) -> None:
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
    actual = resolved(subject.models["x86"], list(inputs.values()))
    assert_same(cases, actual, subject.expected(cases))


def test_clang_and_what_a_configuration_records_of_it(
    kernel: KernelTree, subject: Subject, oracle_folder: Path, tmp_path_factory: TempPathFactory
) -> None:
    """With clang's answers, and then once more where gcc's profile stands behind."""
    clang = subject_of(kernel, oracle_folder, tmp_path_factory, CLANG, ["x86"])
    model = clang.models["x86"]
    cases = [Case("clang-allno", "allnoconfig"), Case("clang-allmod", "allmodconfig")]
    actual = [
        dotconfig_text(
            model,
            evaluate(
                model,
                with_mode(model, user_values(model, NOTHING), mode),
            ),
            0,
        )
        for mode in (Mode.ALLNOCONFIG, Mode.ALLMODCONFIG)
    ]
    expected = clang.expected(cases)
    assert_same(cases, actual, expected)
    assert "CONFIG_CC_IS_CLANG=y\n" in actual[0]
    sources = [parse_dotconfig(text, "config", "clang") for text in expected]
    with_gcc = subject.models["x86"]
    kept = resolve(with_gcc, sources, ProbePolicy.RECORDED)
    assert_same(cases, [kept.text(i) for i in range(len(cases))], expected)
    assert resolve(with_gcc, sources, ProbePolicy.PROFILE).text(0) != expected[0]


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
