"""Headers that say which kernel this is and who built it.

The version comes from the top Makefile, local versions from the configuration and from
``localversion*`` files (``scripts/setlocalversion``). User, host, date and linker are not in
the sources: a fixed text stands for them.
"""

from __future__ import annotations

from analyzer.configset.configset import ConfigSet, Mask
from analyzer.configset.dotconfig import unquote
from analyzer.generated.parts import Variants
from analyzer.tree.source_tree import SourceTree
from analyzer.tree.version import KernelVersion

UNKNOWN = "unknown"
"""What stands for the builder, the host and the linker."""

_BUILD_NUMBER = "#1"


def version_header(version: KernelVersion, makefile: str) -> str:
    """``linux/version.h``; the three separate numbers where ``makefile`` writes them."""
    lines = [
        f"#define LINUX_VERSION_CODE {version.code}",
        "#define KERNEL_VERSION(a,b,c) (((a) << 16) + ((b) << 8) + ((c) > 255 ? 255 : (c)))",
    ]
    # "kbuild: add VERSION components to version.h": detected by what the Makefile echoes.
    if "LINUX_VERSION_MAJOR" in makefile:
        lines += [
            f"#define LINUX_VERSION_MAJOR {version.version}",
            f"#define LINUX_VERSION_PATCHLEVEL {version.patchlevel}",
            f"#define LINUX_VERSION_SUBLEVEL {version.sublevel or 0}",
        ]
    return _text(lines)


def release_header(version: KernelVersion, tree: SourceTree, configs: ConfigSet) -> Variants:
    """``utsrelease.h``; revision suffixes from git are not part of it."""
    local = ""
    for name in tree.listdir(""):
        if name.startswith("localversion") and "~" not in name and not name.endswith("/"):
            local += (tree.read(name) or b"").decode("utf-8", "surrogateescape").rstrip("\n")
    return tuple(
        (mask, f'#define UTS_RELEASE "{version}{local}{suffix}"\n')
        for mask, suffix in _strings(configs, "LOCALVERSION")
    )


def compile_header(machines: Variants, configs: ConfigSet) -> Variants:
    """``compile.h``; ``machines`` is ``UTS_MACHINE`` by configuration."""
    return tuple(
        (
            mask & where,
            _text(
                [
                    f'#define UTS_MACHINE "{machine}"',
                    f'#define LINUX_COMPILE_BY "{UNKNOWN}"',
                    f'#define LINUX_COMPILE_HOST "{UNKNOWN}"',
                    f'#define LINUX_COMPILER "{compiler}, {UNKNOWN}"',
                ]
            ),
        )
        for mask, compiler in _strings(configs, "CC_VERSION_TEXT")
        for where, machine in machines
        if mask & where
    )


def package_header() -> str:
    """``package.h`` of Debian's trees, for a build outside of its package."""
    return '#define LINUX_PACKAGE_ID ""\n'


def build_version_header(flags: Variants) -> Variants:
    """``utsversion.h`` without its date; ``flags`` are words such as ``SMP PREEMPT``."""
    return tuple(
        (mask, f'#define UTS_VERSION "{" ".join([_BUILD_NUMBER, *text.split()])}"\n')
        for mask, text in flags
    )


def _strings(configs: ConfigSet, symbol: str) -> list[tuple[Mask, str]]:
    """The text between the quotes of a string symbol, escapes kept; empty where unset."""
    column = configs.column(symbol)
    merged: dict[str, Mask] = {}
    for mask, text in column.entries:
        inner = text[1:-1] if unquote(text) != text or text == '""' else text
        merged[inner] = merged.get(inner, 0) | mask
    rest = configs.all & ~column.present
    if rest:
        merged[""] = merged.get("", 0) | rest
    return [(mask, text) for text, mask in merged.items()]


def _text(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"
