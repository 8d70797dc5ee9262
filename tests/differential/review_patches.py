"""Reviews many real patches and says what became of each.

    PYTHONPATH=tests python tests/differential/review_patches.py \
        --kernel DIR --config FILE --series FOLDER/series [--reverse]
    PYTHONPATH=tests python tests/differential/review_patches.py --kernel DIR --config FILE PATCH...

Each patch is reviewed on what the ones before made of the tree (a linked copy of it). With
``--reverse`` the patches are taken back, the last one first, for a tree that has them already.
What the kernels of ``make kernels`` lack is left out of a patch, and said. A patch that is for
another tree is refused with a line, which is an answer, and passed over. Anything but an answer
(a traceback, an internal error, no end within the time) is a failure, and the exit status is 1.
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
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from kernels.install import LEFT_OUT
from kernels.patched import apply, linked_copy
from kernels.patches import series_of

_RUN = "from analyzer.cli.main import entry_point; entry_point()"
_HUNK = re.compile(r"@@ -(\S+) \+(\S+) @@(.*)", re.S)
_INDEX = re.compile(r"index (\w+)\.\.(\w+)(.*)", re.S)
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
    for line, inside in _lines(text):
        if inside:
            sign = line[:1]
            out.append({"-": "+", "+": "-"}.get(sign, sign) + line[1:])
        elif (hunk := _HUNK.match(line)) is not None:
            out.append(f"@@ -{hunk[2]} +{hunk[1]} @@{hunk[3]}")
        elif line.startswith("--- "):
            old = line[4:]
        elif line.startswith("+++ "):
            out += [f"--- {_side(line[4:], 'a')}", f"+++ {_side(old, 'b')}"]
        elif (index := _INDEX.match(line)) is not None:
            out.append(f"index {index[2]}..{index[1]}{index[3]}")
        else:
            start = next((one for one in _PAIRS if line.startswith(one)), None)
            out.append(line if start is None else _PAIRS[start] + line[len(start) :])
    return "".join(out)


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """The lines, and whether each is one of a hunk's."""
    left = right = 0
    for line in text.splitlines(keepends=True):
        inside = bool(left or right)
        if inside:
            sign = line[:1]
            left -= sign in (" ", "-", "\n")
            right -= sign in (" ", "+", "\n")
        elif (hunk := _HUNK.match(line)) is not None:
            left, right = (_count(hunk[1]), _count(hunk[2]))
        yield line, inside


def _count(span: str) -> int:
    return int(span.partition(",")[2] or 1)


def _side(name: str, prefix: str) -> str:
    return name if name.startswith("/dev/null") else re.sub(r"^[^/]+/", f"{prefix}/", name)


def without_left_out(text: str) -> tuple[str, list[str]]:
    """A patch without the files that ``make kernels`` leaves out, and these."""
    parts: list[list[str]] = [[]]
    for line, inside in _lines(text):
        whole = len(parts) == 1 or any(one.startswith("@@ ") for one in parts[-1])
        starts = line.startswith(("diff --git ", "Index: ")) or (
            re.match(r"--- \S", line) is not None and whole
        )
        if starts and not inside:
            parts.append([])
        parts[-1].append(line)
    out: list[str] = []
    left: list[str] = []
    for part in parts:
        names = {line.split()[1] for line in part if re.match(r"(---|\+\+\+) \S", line)}
        names.discard("/dev/null")
        plain = {name.partition("/")[2] for name in names}
        gone = [name for name in plain if any(fnmatch(f"x/{name}", one) for one in _PATTERNS)]
        left += gone
        out += [] if gone else part
    return "".join(out), sorted(left)


_PATTERNS = (*LEFT_OUT, *(f"{one}/*" for one in LEFT_OUT))


def outcome(arguments: list[str], limit: float) -> tuple[str, str]:
    """What the command made of a patch: a word, and more."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", _RUN, "review", *arguments, "--format", "json"],
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
    found = [
        f"{len(review[part])} {part}"
        for part in ("functions", "symbols", "objects", "entries", "coverage", "claims")
    ]
    remarks = Counter(one["code"] for one in review["diagnostics"])
    found += [f"{count} {code}" for code, count in sorted(remarks.items())]
    return "reviewed", ", ".join(found)


def main() -> int:
    """Go through the patches; 1 if any failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("patches", nargs="*", type=Path)
    parser.add_argument("--kernel", required=True, type=Path)
    parser.add_argument("--config", required=True)
    parser.add_argument("--series", type=Path)
    parser.add_argument("--reverse", action="store_true")
    parser.add_argument("--skip", type=int, default=0, help="only apply this many first")
    parser.add_argument("--limit", type=float, default=600, help="seconds for one patch")
    options = parser.parse_args()
    patches = list(options.patches)
    if options.series is not None:
        patches += series_of(options.series)
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as work:
        tree = linked_copy(options.kernel, Path(work) / "linux")
        ordered = patches[::-1] if options.reverse else patches
        for number, patch in enumerate(ordered):
            text = patch.read_text(encoding="utf-8", errors="surrogateescape")
            text, left = without_left_out(text)
            given = Path(work) / patch.name
            given.write_text(
                reversed_diff(text) if options.reverse else text,
                encoding="utf-8",
                errors="surrogateescape",
            )
            if number < options.skip:
                apply(tree, given, fuzz=2, if_it_fits=True)
                continue
            begun = time.monotonic()
            arguments = [str(given), "--kernel", str(tree), "--config", options.config]
            word, more = outcome(arguments, options.limit)
            counts[word] += 1
            without = f" (without {', '.join(left)})" if left else ""
            spent = time.monotonic() - begun
            print(f"{word:9} {spent:5.0f} s  {patch.name}{without}: {more}", flush=True)
            if word != "refused":
                apply(tree, given, fuzz=2, if_it_fits=True)
    print(", ".join(f"{count} {word}" for word, count in sorted(counts.items())))
    return int(bool(counts["failed"] or counts["no end"]))


if __name__ == "__main__":
    sys.exit(main())
