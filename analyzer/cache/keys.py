"""What an entry is called: a hash over all that was asked, and over what answered it.

The tool is part of it (its version, and the state of its files and of the libraries that read
sources), and so is the schema of entries: another kimpact never meets what this one has kept.
"""

from __future__ import annotations

import hashlib
import os
import sys
from importlib.machinery import PathFinder
from pathlib import Path

import analyzer
from analyzer.cache.store import SCHEMA

READERS = ("kconfiglib", "pysat", "tree_sitter", "tree_sitter_c", "unidiff")
"""Libraries that an answer depends on."""


def key_of(*parts: str | bytes) -> str:
    """A name for what was asked: a hash over ``parts``, the schema and this kimpact."""
    digest = hashlib.sha256()
    for part in (str(SCHEMA), _program_stamp(), *parts):
        data = part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    return digest.hexdigest()


def _program_stamp() -> str:
    """This version, and how its files and those of its libraries look."""
    folder = Path(analyzer.__file__).parent
    state = [analyzer.__version__, sys.version]
    for directory, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            if name.endswith((".py", ".json", ".toml")):
                state.append(_look(os.path.join(directory, name), name))
    for library in READERS:
        found = PathFinder.find_spec(library)
        if found is not None and found.origin is not None:
            state.append(_look(found.origin, library))
    return "\n".join(state)


def _look(path: str, name: str) -> str:
    found = os.stat(path)
    return f"{name}:{found.st_mtime_ns}:{found.st_size}"
