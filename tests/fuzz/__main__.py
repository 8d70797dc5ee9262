"""Run harnesses under atheris, one after the other; the package's docstring says how."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from fuzz.harnesses import HARNESSES, LARGEST
from kernels.trees import cache_folder

CORPUS = Path(__file__).with_name("corpus")
SLOW = 30
"""Seconds after which an input counts as one that does not end."""
MEMORY = 3000
"""Megabytes that a harness may take."""


def main() -> int:
    """0 if nothing was found, 1 if something was."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="for each harness (default: 60)")
    parser.add_argument("harness", nargs="*", help=f"of {', '.join(HARNESSES)} (default: all)")
    options = parser.parse_args()
    found = False
    for name in options.harness or HARNESSES:
        if name not in HARNESSES:
            parser.error(f"no harness {name!r}")
        kept = cache_folder() / "fuzz" / name
        kept.mkdir(parents=True, exist_ok=True)
        limits = [f"-max_total_time={options.seconds}", f"-timeout={SLOW}"]
        limits += [f"-rss_limit_mb={MEMORY}", f"-max_len={LARGEST >> 4}", "-print_final_stats=1"]
        words = CORPUS / f"{name}.dict"
        limits += [f"-dict={words}"] if words.exists() else []
        done = subprocess.run(
            [
                *(sys.executable, "-m", "fuzz.watched", name, *limits),
                *(f"-artifact_prefix={kept.parent}/{name}-", str(kept), str(CORPUS / name)),
            ],
            check=False,
        )
        print(f"{name}: {'nothing found' if not done.returncode else 'FOUND SOMETHING'}")
        found |= bool(done.returncode)
    return int(found)


if __name__ == "__main__":
    sys.exit(main())
