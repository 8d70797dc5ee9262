"""Many configurations for the benchmarks.

Two kinds, both reproducible from their seed:

* :func:`randconfigs`: real ones, as the kernel's own ``make randconfig`` gives them;
* :func:`random_set`: a ConfigSet of any size with every bool and tristate symbol of a
  given configuration switched at random, dependencies ignored. No kernel could be built
  from most of them; as a load for the engine they are worse than what occurs.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path

from analyzer.configset.configset import Column, ConfigSet
from analyzer.configset.dotconfig import DotConfig

KEPT = frozenset(
    {"64BIT", "X86", "X86_64", "X86_32", "MMU", "SMP", "CC_IS_GCC", "CC_IS_CLANG", "MODULES"}
)
"""Symbols left as they are: without them the headers end in ``#error`` at once."""


def randconfigs(tree: Path, folder: Path, count: int) -> tuple[Path, ...]:
    """``count`` x86-64 configurations made by the kernel's ``make randconfig``.

    They are kept in ``folder``; seeds are 1 to ``count``. Raises
    ``subprocess.CalledProcessError`` when the kernel's make fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = tuple(folder / f"random-{seed}.config" for seed in range(1, count + 1))
    lacking = [(seed, path) for seed, path in enumerate(paths, 1) if not path.exists()]
    if not lacking:
        return paths
    with tempfile.TemporaryDirectory(prefix="kimpact-randconfig-") as objects:
        fixed = Path(objects) / "fixed"
        fixed.write_text("CONFIG_64BIT=y\n")
        for seed, path in lacking:
            subprocess.run(
                ["make", "-s", "-C", str(tree), f"O={objects}", "ARCH=x86_64", "randconfig"],
                env={**os.environ, "KCONFIG_SEED": str(seed), "KCONFIG_ALLCONFIG": str(fixed)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=True,
            )
            text = (Path(objects) / ".config").read_text()
            partial = path.with_suffix(".partial")
            partial.write_text(text)
            partial.rename(path)
            print(f"\rrandconfig {seed} of {count}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return paths


def random_set(
    base: DotConfig, count: int, seed: int = 1, kept: Collection[str] = KEPT
) -> ConfigSet:
    """``count`` configurations with the symbols of ``base`` at random values.

    A tristate symbol (``m`` in ``base``) takes y, m or n, a bool y or n, each equally
    often; numbers and strings, and the symbols in ``kept``, stay as ``base`` has them.
    """
    chance = random.Random(seed)
    everywhere = (1 << count) - 1
    columns: dict[str, Column] = {}
    for symbol, text in sorted(base.values.items()):
        if symbol in kept or text not in ("y", "m", "n"):
            entries: Sequence[tuple[int, str]] = [(everywhere, text)] if text != "n" else []
        elif text == "m":
            first, second = chance.getrandbits(count), chance.getrandbits(count)
            entries = [(first & second, "m"), (first & ~second, "y")]
        else:
            entries = [(chance.getrandbits(count), "y")]
        columns[symbol] = Column(tuple((mask, value) for mask, value in entries if mask))
    names = [f"random-{number}" for number in range(count)]
    return ConfigSet(names, names, columns)
