"""The configurations that a command line names: files, and folders of them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TextIO

from analyzer.errors import BadInput


def configs_given(options: argparse.Namespace, stderr: TextIO) -> tuple[Path, ...]:
    """The files of ``--config``, then those of each ``--config-dir``.

    What lies in a folder and is no configuration is passed over with a remark. Raises
    :class:`BadInput` if there is no configuration at all, or none in one of the folders.
    """
    paths: list[Path] = list(options.configs)
    for folder in options.config_dirs:
        paths += _inside(folder, stderr)
    if not paths:
        raise BadInput(
            "a configuration is needed: --config FILE or --config-dir DIR "
            f"(see 'kimpact {options.command} --help')"
        )
    return tuple(paths)


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
