"""Load the Kconfig files of a tree into a model."""

from __future__ import annotations

import gc

from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.kconfig.build import Identity, build_model
from analyzer.kconfig.model import KconfigModel, Resolver
from analyzer.kconfig.probes import Probes
from analyzer.kconfig.reader import KconfigReader
from analyzer.kconfig.toolchain import Toolchain
from analyzer.tree.source_tree import SourceTree
from analyzer.tree.version import kernel_version

_SOURCE_ARCHITECTURES = {"i386": "x86", "x86_64": "x86"}
"""``ARCH`` names that share another's directory (top ``Makefile``, ``SRCARCH``)."""


def load(
    tree: SourceTree, arch: str, toolchain: Toolchain, diagnostics: Diagnostics
) -> KconfigModel:
    """Read everything from the tree's top ``Kconfig`` on, for ``ARCH=arch``.

    Raises :class:`BadInput` with file and line where the files cannot be understood.
    A probe without an answer in ``toolchain`` becomes a diagnostic.
    """
    environment = kconfig_environment(tree, arch, toolchain)
    if toolchain.assumed:
        diagnostics.note(
            "toolchain-assumed",
            f"toolchain profile {toolchain.name} does not say {', '.join(toolchain.assumed)}; "
            "taken from the bundled profile of the same compiler",
        )
    collecting = gc.isenabled()
    gc.disable()
    try:
        reader = KconfigReader(tree, environment, Probes(toolchain, diagnostics))
        version = environment["KERNELVERSION"]
        identity = Identity(arch, version, toolchain.name, tree_resolver(tree))
        return build_model(reader, identity)
    finally:
        if collecting:
            gc.enable()


def kconfig_environment(tree: SourceTree, arch: str, toolchain: Toolchain) -> dict[str, str]:
    """What the top Makefile exports for the Kconfig files, ``srctree`` left as ``$(srctree)``.

    :class:`BadInput` if the tree has no such architecture or is no kernel tree.
    """
    source_arch = _SOURCE_ARCHITECTURES.get(arch, arch)
    entry = f"arch/{source_arch}/Kconfig"
    version = str(kernel_version(tree))
    if not tree.is_file(entry):
        raise BadInput(f"no architecture {arch!r}: {entry} is missing", tree.label)
    makefile = (tree.read("scripts/Makefile.clang") or b"").decode("utf-8", "replace")
    return {
        "CLANG_FLAGS": toolchain.clang_flags(makefile),
        **toolchain.environment,
        "ARCH": arch,
        "SRCARCH": source_arch,
        "KERNELVERSION": version,
        "srctree": "$(srctree)",
    }


def tree_resolver(tree: SourceTree) -> Resolver:
    """Which resolver the tree brings along; one without any counts as today's.

    Recognised by what its sources name: the list ``choice_members`` (Linux 6.11, "kconfig:
    refactor choice value calculation"), and ``symbol_empty``, the initial value of everything
    that is no bool until Linux 6.10, and the counter ``conf_unsaved``, raised when a value is
    forgotten.
    """
    header = tree.read("scripts/kconfig/expr.h")
    source = tree.read("scripts/kconfig/symbol.c")
    reading = tree.read("scripts/kconfig/confdata.c")
    return Resolver(
        choices_have_modes=header is not None and b"choice_members" not in header,
        empty_numbers=source is not None and b"symbol_empty" in source,
        drops_numbers=reading is not None and b"conf_unsaved" in reading,
    )
