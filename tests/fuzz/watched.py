"""One harness under atheris: ``python -m fuzz.watched NAME [libFuzzer's arguments]``."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["analyzer", "kconfiglib", "unidiff"]):
    from fuzz.harnesses import one_input

name = sys.argv.pop(1)
atheris.Setup(sys.argv, lambda data: one_input(name, data))
atheris.Fuzz()
