"""Small Kconfig trees for the tests: files in a dictionary, and what becomes of them."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from analyzer.configset.dotconfig import parse_dotconfig
from analyzer.diagnostics import Diagnostics
from analyzer.kconfig.load import load
from analyzer.kconfig.model import KconfigModel
from analyzer.kconfig.resolve import ProbePolicy, Resolution, resolve
from analyzer.kconfig.toolchain import Toolchain

BASE = {
    "Makefile": "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 3\nEXTRAVERSION =\n",
    "arch/x86/Kconfig": "",
}
NO_TOOLCHAIN = Toolchain("none", {}, {})
HEADING = "#\n# Automatically generated file; DO NOT EDIT.\n# Main menu\n#\n"


class DictTree:
    """A SourceTree of texts by path."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = {path: text.encode() for path, text in files.items()}

    @property
    def label(self) -> str:
        return "mini"

    def read(self, path: str) -> bytes | None:
        return self._files.get(path)

    def is_file(self, path: str) -> bool:
        return path in self._files

    def listdir(self, path: str) -> tuple[str, ...]:
        prefix = f"{path}/" if path else ""
        inside = [name[len(prefix) :] for name in self._files if name.startswith(prefix)]
        return tuple(sorted({n.split("/")[0] + ("/" if "/" in n else "") for n in inside}))


def tree_of(kconfig: str, **files: str) -> DictTree:
    """A tree whose top Kconfig is ``kconfig``; other files by path with ``__`` for ``/``."""
    named = {path.replace("__", "/"): textwrap.dedent(text) for path, text in files.items()}
    return DictTree({**BASE, **named, "Kconfig": textwrap.dedent(kconfig)})


def model_of(
    kconfig: str,
    toolchain: Toolchain = NO_TOOLCHAIN,
    diagnostics: Diagnostics | None = None,
    **files: str,
) -> KconfigModel:
    """The model of a mini tree."""
    given = Diagnostics() if diagnostics is None else diagnostics
    return load(tree_of(kconfig, **files), "x86", toolchain, given)


def resolution_of(
    model: KconfigModel, *configs: str, policy: ProbePolicy = ProbePolicy.PROFILE
) -> Resolution:
    """All ``configs`` (``A=y B=m``, or whole files) resolved as one set."""
    sources = []
    for number, text in enumerate(configs):
        if "CONFIG_" not in text:
            text = "".join(f"CONFIG_{item}\n" for item in text.split())
        sources.append(parse_dotconfig(text, f"c{number}", f"c{number}"))
    return resolve(model, sources, policy)


def lines_of(model: KconfigModel, *configs: str) -> list[str]:
    """For each configuration its symbols as ``A=y B=n C="x"``, those that are written."""
    resolution = resolution_of(model, *configs)
    return [shown(resolution.text(number)) for number in range(len(configs))]


def shown(text: str) -> str:
    """The assignments of a ``.config``, shortened."""
    return " ".join(
        f"{name}={value}" for name, value in parse_dotconfig(text, "", "").values.items()
    )
