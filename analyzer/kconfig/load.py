"""Load the Kconfig files of a tree into a model."""

from __future__ import annotations

import gc

from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.kconfig.build import Identity, build_model
from analyzer.kconfig.model import KconfigModel
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
    source_arch = _SOURCE_ARCHITECTURES.get(arch, arch)
    if not tree.is_file(f"arch/{source_arch}/Kconfig"):
        missing = f"arch/{source_arch}/Kconfig"
        raise BadInput(f"no architecture {arch!r}: {missing} is missing", tree.label)
    version = str(kernel_version(tree))
    makefile = (tree.read("scripts/Makefile.clang") or b"").decode("utf-8", "replace")
    environment = {
        "CLANG_FLAGS": toolchain.clang_flags(makefile),
        **toolchain.environment,
        "ARCH": arch,
        "SRCARCH": source_arch,
        "KERNELVERSION": version,
        "srctree": "$(srctree)",
    }
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
        return build_model(reader, Identity(arch, version, toolchain.name))
    finally:
        if collecting:
            gc.enable()
