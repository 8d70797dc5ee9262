"""The configurations that a command line names: files, and folders of them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TextIO

from analyzer.errors import BadInput


def configs_given(options: argparse.Namespace, stderr: TextIO) -> tuple[Path, ...]:
    """The files of ``--config``, then those of each ``--config-dir``; of neither, the tree's own.

    What lies in a folder and is no configuration is passed over with a remark; that the tree's own
    is taken is one, too. Raises :class:`BadInput` if there is no configuration at all, or none in
    one of the folders.
    """
    paths: list[Path] = list(options.configs)
    for folder in options.config_dirs:
        paths += _inside(folder, stderr)
    if paths:
        return tuple(paths)
    own = own_config(options.kernel)
    if own is None:
        raise BadInput(
            "a configuration is needed: --config FILE or --config-dir DIR "
            f"(see 'kimpact {options.command} --help')"
        )
    _note(f"no configuration is named: {own} is taken", "own-config", stderr)
    return (own,)


def own_config(kernel: Path) -> Path | None:
    """The ``.config`` at the top of a tree that was configured in place, else None.

    A link that leads out of the tree is none.
    """
    path = kernel / ".config"
    if path.is_file() and path.resolve().is_relative_to(kernel.resolve()):
        return path
    return None


def _note(message: str, code: str, stderr: TextIO) -> None:
    from analyzer.diagnostics import Diagnostics
    from analyzer.report.remarks import print_remarks

    remarks = Diagnostics()
    remarks.note(code, message)
    print_remarks(remarks, stderr)


def _inside(folder: Path, stderr: TextIO) -> list[Path]:
    from analyzer.configset.folder import config_files, looks_like_config
    from analyzer.diagnostics import Diagnostics
    from analyzer.report.remarks import print_remarks

    if not folder.is_dir():
        what = "not a directory" if folder.exists() else "no such directory"
        raise BadInput(what, str(folder))
    remarks = Diagnostics()
    found: list[Path] = []
    for file in config_files([folder]):
        if looks_like_config(file.path):
            found.append(file.path)
        else:
            remarks.note("no-config", f"{file.path}: passed over: no configuration")
    if not found:
        raise BadInput("no configuration in this folder", str(folder))
    print_remarks(remarks, stderr)
    return found
