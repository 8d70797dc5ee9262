"""Every ``.config`` that kimpact resolves is the one that ``conf`` writes, byte for byte.

``kconfig_cases.py`` has the configurations; ``make differential PARTS=symbols`` takes more
random ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from pytest import TempPathFactory  # noqa: PT013

from analyzer.configset.dotconfig import parse_dotconfig
from analyzer.kconfig.resolve import ProbePolicy, resolve
from analyzer.kconfig.toolchain import CLANG, GCC
from kconfig_cases import (
    MODES,
    Answer,
    Subject,
    defconfigs,
    from_scratch,
    other_compiler,
    randconfigs,
    subject_of,
    switched_and_merged,
    tinyconfig,
)
from kernels.trees import KernelTree

pytestmark = pytest.mark.oracle

RANDOM_SEEDS = range(1, 11)


@pytest.fixture(scope="module")
def subject(kernel: KernelTree, oracle_folder: Path, tmp_path_factory: TempPathFactory) -> Subject:
    scratch = tmp_path_factory.mktemp("conf")
    return subject_of(kernel, oracle_folder, scratch, GCC, tuple(MODES))


def assert_same(answers: Sequence[Answer]) -> None:
    """Compare by lines, so that a failure names the symbols."""
    differences = {
        one.case.name: sorted(set(one.expected.splitlines()) ^ set(one.actual.splitlines()))[:20]
        for one in answers
        if one.actual != one.expected
    }
    assert answers
    assert differences == {}


def test_made_from_scratch(subject: Subject) -> None:
    assert_same(from_scratch(subject))


def test_defconfig(subject: Subject) -> None:
    assert_same(defconfigs(subject))


def test_tinyconfig(subject: Subject) -> None:
    assert_same(tinyconfig(subject))


def test_randconfigs_and_damage(subject: Subject) -> None:
    assert_same(randconfigs(subject, RANDOM_SEEDS))


def test_switched_and_merged(subject: Subject) -> None:
    assert_same(switched_and_merged(subject))


def test_clang_and_what_a_configuration_records_of_it(
    kernel: KernelTree, subject: Subject, oracle_folder: Path, tmp_path: Path
) -> None:
    clang = subject_of(kernel, oracle_folder, tmp_path, CLANG, ["x86"])
    with_gcc = subject.models["x86"]
    answers = other_compiler(clang, with_gcc)
    assert_same(answers)
    text = answers[0].expected
    assert "CONFIG_CC_IS_CLANG=y\n" in text
    source = parse_dotconfig(text, "config", "clang")
    assert resolve(with_gcc, [source], ProbePolicy.PROFILE).text(0) != text
