"""Whether a configuration is one of the architecture that is analysed.

A ``.config`` says so twice: in the header comment that ``scripts/kconfig`` writes
(``mainmenu "Linux/$(ARCH) …"`` in the top ``Kconfig``), and in the symbol that every
architecture's ``Kconfig`` sets to ``y`` under its own name (``CONFIG_ARM64=y``).
"""

from __future__ import annotations

from collections.abc import Iterable

from analyzer.configset.dotconfig import DotConfig
from analyzer.errors import BadInput

_DIRECTORY = {"i386": "x86", "x86_64": "x86", "sparc32": "sparc", "sparc64": "sparc"}
"""``ARCH`` names that share another's directory (``SRCARCH`` in the top ``Makefile``)."""


def source_arch(arch: str) -> str:
    """The directory under ``arch/`` that ``ARCH=arch`` is built from."""
    return _DIRECTORY.get(arch, arch)


def require_architecture(config: DotConfig, arch: str, known: Iterable[str]) -> None:
    """Raise :class:`BadInput` if ``config`` is one of another architecture than ``arch``.

    ``known`` are the directories under ``arch/``. A fragment that says nothing about the
    architecture is accepted.
    """
    wanted = source_arch(arch)
    own = f"CONFIG_{wanted.upper()}"
    if config.values.get(wanted.upper()) == "y":
        return
    for directory in sorted(known):
        symbol = directory.upper()
        if directory != wanted and config.values.get(symbol) == "y":
            raise BadInput(
                f"a configuration of architecture {directory}, not {arch} (CONFIG_{symbol}=y "
                f"without {own}=y)",
                config.file,
                config.lines.get(symbol),
            )
    if config.arch is not None and source_arch(config.arch) != wanted:
        raise BadInput(
            f"a configuration of architecture {config.arch}, not {arch} (says its header)",
            config.file,
        )
