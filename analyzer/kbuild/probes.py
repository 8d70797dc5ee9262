"""What the makefiles ask the compiler, answered without running anything.

``$(call cc-option,…)`` and its kin (``scripts/Makefile.compiler``) start the compiler;
``$(shell …)`` starts anything. Here the answers come from the configuration, which
records the compiler and its version, and from the table below: an option counts as
supported by GCC unless the table says since which version, or that only clang has it.
"""

from __future__ import annotations

import re

from analyzer.configset.configset import ConfigSet, Mask
from analyzer.configset.dotconfig import unquote
from analyzer.kbuild.values import Value, concat, variants
from analyzer.numerals import whole

ASSUMED_GCC = 120200
"""``CONFIG_GCC_VERSION`` where a configuration does not record its compiler: gcc 12.2."""

_GCC_SINCE: tuple[tuple[str, int], ...] = (
    ("-fstrict-flex-arrays", 130000),
    ("-fmin-function-alignment", 140000),
    ("-fzero-init-padding-bits", 150000),
    ("-fdiagnostics-show-context", 160000),
    ("-mapx", 140000),
    ("-mno-apx", 140000),
    ("-mindirect-branch-cs-prefix", 110300),
    ("-mharden-sls", 110300),
    ("-ftrivial-auto-var-init", 120000),
    ("-fzero-call-used-regs", 110000),
)
"""GCC's release notes ("Changes") for 11 to 16; by the start of the option."""

_CLANG_ONLY = (
    "-mllvm",
    "-mretpoline",
    "-mstack-alignment",
    "-faddrsig",
    "-fno-addrsig",
    "-fexperimental",
    "-fsanitize-trap",
    "-fsanitize=kcfi",
    "-fsplit-lto-unit",
    "-fdebug-info-for-profiling",
    "-fdiagnostics-show-inlining-chain",
    "-enable-trivial",
    "-Wthread-safety",
    "--target",
    "-fcomplete-member-pointers",
)
_GCC_ONLY = (
    "-fno-allow-store-data-races",
    "-fconserve-stack",
    "-fno-conserve-stack",
    "-mindirect-branch=",
    "-mindirect-branch-register",
    "-mpreferred-stack-boundary",
    "-mskip-rax-setup",
    "-mno-fp-ret-in-387",
    "-maccumulate-outgoing-args",
    "-fno-code-hoisting",
    "-fno-tree-loop-im",
    "-fplugin",
    "-mrecord-mcount",
    "-femit-struct-debug-detailed",
    "-falign-jumps",
    "-mstack-protector-guard-symbol",
)

# `--param=allow-store-data-races` went away with GCC 10 (-fallow-store-data-races instead).
_GCC_BEFORE: tuple[tuple[str, int], ...] = (("--param=allow-store-data-races", 100000),)

_OTHER_TARGETS = re.compile(
    r"-m(abi=altivec|altivec|no-outline-atomics|no-single-pic-base|fpu=|thumb|arm$|nop-mcount)"
)
_HOST_ONLY = ("mkdir ", "getconf LFS_", "uname -m")
"""Commands that only matter to programs for the build machine, or to a missing ``ARCH``."""

_VERSION_SHELL = re.compile(r"--version\b")
_COMPARE_SHELL = re.compile(r"test (-?\d+) -(ge|gt|le|lt|eq) (-?\d+) && echo (\w+)$")


class CompilerProfile:
    """The compiler of each configuration, and which options it takes."""

    __slots__ = ("_clang", "_configs", "_gcc_versions")

    def __init__(self, configs: ConfigSet) -> None:
        self._configs = configs
        self._clang = configs.column("CC_IS_CLANG").y
        known: list[tuple[Mask, int]] = []
        seen = self._clang
        for mask, text in configs.column("GCC_VERSION").entries:
            if text.isdecimal() and whole(text) > 0:
                known.append((mask & ~self._clang, whole(text)))
                seen |= mask
        self._gcc_versions = known
        rest = configs.all & ~seen
        if rest:
            self._gcc_versions.append((rest, ASSUMED_GCC))

    @property
    def unrecorded(self) -> Mask:
        """The configurations that do not say which compiler they are for."""
        return self._configs.all & ~self._clang & ~self._configs.column("GCC_VERSION").present

    def supports(self, options: str) -> Mask:
        """Where the compiler accepts all of ``options``, blank-separated, none empty."""
        result = self._configs.all
        for option in options.split():
            result &= self._supports_one(option)
        return result

    def _supports_one(self, option: str) -> Mask:
        if _OTHER_TARGETS.match(option):
            return 0
        gcc = 0
        if not option.startswith(_CLANG_ONLY):
            since = next((low for head, low in _GCC_SINCE if option.startswith(head)), 0)
            before = next((high for head, high in _GCC_BEFORE if option.startswith(head)), 1 << 60)
            for mask, version in self._gcc_versions:
                if since <= version < before:
                    gcc |= mask
        clang = 0 if option.startswith((*_GCC_ONLY, "--param")) else self._clang
        return gcc | clang

    def shell(self, command: str, within: Mask) -> Value | None:
        """The output of a shell command that the configuration records; None if unknown."""
        command = command.strip()
        if (hit := _COMPARE_SHELL.match(command)) is not None:
            left, right = int(hit[1]), int(hit[3])
            holds = {
                "ge": left >= right,
                "gt": left > right,
                "le": left <= right,
                "lt": left < right,
                "eq": left == right,
            }[hit[2]]
            return hit[4] if holds else ""
        if _VERSION_SHELL.search(command) and "rustc" not in command:
            column = self._configs.column("CC_VERSION_TEXT")
            return concat([(mask, unquote(text)) for mask, text in column.entries], within)
        if command.startswith(_HOST_ONLY):
            return ""
        return None


def choose(support: Mask, yes: Value, no: Value, within: Mask) -> Value:
    """``yes`` in ``support``, ``no`` elsewhere."""
    return concat([(support, yes), (within & ~support, no)], within)


def option_support(profile: CompilerProfile, options: Value, within: Mask) -> Mask:
    """Where the compiler takes ``options``; an empty list of options is taken."""
    result = 0
    for mask, text in variants(options, within):
        result |= mask & profile.supports(text)
    return result
