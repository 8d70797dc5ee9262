"""A configuration of another architecture is refused, a fragment is not."""

from __future__ import annotations

import pytest

from analyzer.configset.architecture import require_architecture
from analyzer.configset.dotconfig import parse_dotconfig
from analyzer.errors import BadInput

KNOWN = ("arm64", "um", "x86")


def check(text: str, arch: str = "x86") -> None:
    require_architecture([parse_dotconfig(text, "a.config", "a")], arch, KNOWN)


@pytest.mark.parametrize(
    ("text", "arch"),
    [
        ("CONFIG_X86=y\n", "x86"),
        ("# Linux/x86_64 5.4.0 Kernel Configuration\nCONFIG_X86=y\n", "x86"),
        ("# Linux/i386 5.4.0 Kernel Configuration\nCONFIG_SMP=y\n", "x86"),
        ("CONFIG_PT_RECLAIM=y\n", "x86"),
        ("CONFIG_X86=y\nCONFIG_UM=y\n", "x86"),
        ("CONFIG_ARM64=y\n", "arm64"),
    ],
)
def test_accepted(text: str, arch: str) -> None:
    check(text, arch)


@pytest.mark.parametrize(
    ("text", "arch", "message"),
    [
        (
            "CONFIG_SMP=y\nCONFIG_ARM64=y\n",
            "x86",
            "a.config:2: a configuration of architecture arm64, not x86 "
            "(CONFIG_ARM64=y without CONFIG_X86=y)",
        ),
        (
            "# Linux/s390 6.1.0 Kernel Configuration\nCONFIG_SMP=y\n",
            "x86",
            "a.config: a configuration of architecture s390, not x86 (says its header)",
        ),
        (
            "CONFIG_X86=y\n",
            "arm64",
            "a.config:1: a configuration of architecture x86, not arm64 "
            "(CONFIG_X86=y without CONFIG_ARM64=y)",
        ),
    ],
)
def test_refused(text: str, arch: str, message: str) -> None:
    with pytest.raises(BadInput) as error:
        check(text, arch)
    assert str(error.value) == message
