"""Whether a configuration is one of the architecture that is analysed.

A ``.config`` says so twice: in the header comment that ``scripts/kconfig`` writes
(``mainmenu "Linux/$(ARCH) …"`` in the top ``Kconfig``), and in the symbol that every
architecture's ``Kconfig`` sets to ``y`` under its own name (``CONFIG_ARM64=y``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import DotConfig
from analyzer.configset.mask import bits_of
from analyzer.errors import BadInput

_DIRECTORY = {"i386": "x86", "x86_64": "x86", "sparc32": "sparc", "sparc64": "sparc"}
"""``ARCH`` names that share another's directory (``SRCARCH`` in the top ``Makefile``)."""


def source_arch(arch: str) -> str:
    """The directory under ``arch/`` that ``ARCH=arch`` is built from."""
    return _DIRECTORY.get(arch, arch)


def require_architecture(configs: Sequence[DotConfig], arch: str, known: Iterable[str]) -> None:
    """Raise :class:`BadInput` if one of ``configs`` is of another architecture than ``arch``.

    ``known`` are the directories under ``arch/``. A fragment that says
    nothing about the architecture is accepted.
    """
    columns = ConfigSet.of(configs)
    wanted = source_arch(arch)
    own = columns.column(wanted.upper()).y
    for directory in sorted(known):
        symbol = directory.upper()
        if directory != wanted and (others := columns.column(symbol).y & ~own):
            config = configs[next(bits_of(others))]
            raise BadInput(
                f"a configuration of architecture {directory}, not {arch} (CONFIG_{symbol}=y "
                f"without CONFIG_{wanted.upper()}=y)",
                config.file,
                config.line_of(symbol),
            )
    for index, config in enumerate(configs):
        claimed = config.arch
        if claimed is not None and source_arch(claimed) != wanted and not own >> index & 1:
            raise BadInput(
                f"a configuration of architecture {claimed}, not {arch} (says its header)",
                config.file,
            )
