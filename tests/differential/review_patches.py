"""Reviews many real patches and says what became of each.

    python tests/differential/review_patches.py --kernel DIR --config FILE PATCH...

A patch that is for another tree is refused with a line, which is an answer; ``--reverse`` takes
the patches back instead, for a tree that has them already. Anything but an answer (a traceback,
an internal error, no end within the time) is a failure, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

_HUNK = re.compile(r"@@ -(\S+) \+(\S+) @@(.*)", re.S)
_PAIRS = {
    "rename from ": "rename to ",
    "rename to ": "rename from ",
    "new file mode ": "deleted file mode ",
    "deleted file mode ": "new file mode ",
    "old mode ": "new mode ",
    "new mode ": "old mode ",
}


def reversed_diff(text: str) -> str:
    """A unified diff that takes ``text`` back; what stands before the first diff is kept."""
    out: list[str] = []
    old = ""
    left = right = 0
    for line in text.splitlines(keepends=True):
        if left or right:
            sign = line[:1]
            left -= sign in (" ", "-", "\n")
            right -= sign in (" ", "+", "\n")
            out.append({"-": "+", "+": "-"}.get(sign, sign) + line[1:])
        elif (hunk := _HUNK.match(line)) is not None:
            left, right = (_count(hunk[1]), _count(hunk[2]))
            out.append(f"@@ -{hunk[2]} +{hunk[1]} @@{hunk[3]}")
        elif line.startswith("--- "):
            old = line[4:]
        elif line.startswith("+++ "):
            out += [f"--- {_side(line[4:], 'a')}", f"+++ {_side(old, 'b')}"]
        else:
            start = next((one for one in _PAIRS if line.startswith(one)), None)
            out.append(line if start is None else _PAIRS[start] + line[len(start) :])
    return "".join(out)


def _count(span: str) -> int:
    return int(span.partition(",")[2] or 1)


def _side(name: str, prefix: str) -> str:
    return name if name.startswith("/dev/null") else re.sub(r"^[^/]+/", f"{prefix}/", name)


def outcome(arguments: list[str], limit: float) -> tuple[str, str]:
    """What the command made of a patch: a word, and more."""
    command = [str(Path(sys.executable).parent / "kimpact"), "review", *arguments]
    try:
        done = subprocess.run(
            [*command, "--format", "json"],
            capture_output=True,
            text=True,
            timeout=limit,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return "no end", f"after {limit:.0f} s"
    if done.returncode == 2 and done.stderr.count("\n") == 1:
        return "refused", done.stderr.strip()
    if done.returncode != 0 or "Traceback" in done.stderr:
        return "failed", done.stderr.strip()[-400:]
    review = json.loads(done.stdout)["reviews"][-1]
    found = [f"{len(review[part])} {part}" for part in ("functions", "symbols", "entries")]
    return "reviewed", ", ".join(found)


def main() -> int:
    """Go through the patches; 1 if any failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("patches", nargs="+", type=Path)
    parser.add_argument("--kernel", required=True)
    parser.add_argument("--config", required=True)
    parser.add_argument("--reverse", action="store_true")
    parser.add_argument("--limit", type=float, default=300, help="seconds for one patch")
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as work:
        for patch in options.patches:
            given = patch
            if options.reverse:
                given = Path(work) / patch.name
                given.write_text(reversed_diff(patch.read_text(errors="surrogateescape")),
                                 errors="surrogateescape")  # fmt: skip
            begun = time.monotonic()
            arguments = [str(given), "--kernel", options.kernel, "--config", options.config]
            word, more = outcome(arguments, options.limit)
            counts[word] += 1
            print(f"{word:9} {time.monotonic() - begun:5.0f} s  {patch.name}: {more}", flush=True)
    print(", ".join(f"{count} {word}" for word, count in sorted(counts.items())))
    return int(bool(counts["failed"] or counts["no end"]))


if __name__ == "__main__":
    sys.exit(main())
