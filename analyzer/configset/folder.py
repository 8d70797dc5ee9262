"""Reading many configurations: what a user means who names files and folders of them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from analyzer.configset.dotconfig import DotConfig, read_dotconfig
from analyzer.configset.lines import LineTable
from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput

_HEAD = 1 << 16
"""Bytes of a file in which an assignment is looked for."""
_PACKED = (b"\xfd7zXZ\x00", b"\x1f\x8b")
_ASSIGNMENT = rb"(?m)^(?:# )?CONFIG_\w+(?:=| is not set)"


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A file to read; ``named`` by the user, else found in a folder that was."""

    path: Path
    named: bool


def config_files(paths: Iterable[Path]) -> tuple[ConfigFile, ...]:
    """``paths`` with each folder replaced by the files right in it, sorted by name.

    Hidden files of a folder are left out, but for ``.config``. Raises :class:`BadInput` for
    a folder that cannot be read or has no files.
    """
    found: list[ConfigFile] = []
    for path in paths:
        if not path.is_dir():
            found.append(ConfigFile(path, named=True))
            continue
        inside = [ConfigFile(path / name, named=False) for name in _names(path)]
        if not inside:
            raise BadInput("no configuration in this folder", str(path))
        found += inside
    return tuple(found)


def _names(folder: Path) -> list[str]:
    try:
        names = [entry.name for entry in os.scandir(folder) if entry.is_file()]
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", str(folder)) from None
    return sorted(name for name in names if not name.startswith(".") or name == ".config")


def looks_like_config(path: Path) -> bool:
    """Whether a file's beginning is that of a configuration, or packed.

    Raises :class:`BadInput` for one that cannot be read.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", str(path)) from None
    if head.startswith(_PACKED):
        return True
    return b"\0" not in head and re.search(_ASSIGNMENT, head) is not None


def read_configs(files: Iterable[ConfigFile], diagnostics: Diagnostics) -> Iterator[DotConfig]:
    """The configurations one by one, so that none needs to be held.

    A file found in a folder that is no configuration is passed over with a remark. Raises
    :class:`BadInput` as ``read_dotconfig`` does for one named, or if none is left.
    """
    usable = False
    table = LineTable()
    for file in files:
        try:
            config = read_dotconfig(file.path, table=table)
        except BadInput as error:
            if file.named:
                raise
            _pass_over(file, error.message, diagnostics)
            continue
        if not file.named and next(config.lines(), None) is None:
            _pass_over(file, "it has no assignment", diagnostics)
            continue
        usable = True
        yield config
    if not usable:
        raise BadInput("none of the files is a configuration")


def _pass_over(file: ConfigFile, reason: str, diagnostics: Diagnostics) -> None:
    diagnostics.warning("no-config", f"{file.path}: passed over: {reason}")
