"""Ask the tools about the page-table free path: ``make comparison``.

Nothing is installed: a tool that is missing is named with its package. What a tool answered is
kept in the work folder and not measured again; remove its folder to have it measured anew.
"""

from __future__ import annotations

import argparse
import json
import lzma
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from compare.facts import Findings, check
from compare.running import Failed, Meter, megabytes
from compare.tools import TOOLS, Setting, Tool
from kernels.trees import kernels_folder

HEADINGS = (
    "to the hook",
    "through the slot",
    "to the release",
    "into the RCU callback",
    "only this config",
    "names the platform",
    "conditions",
)


@dataclass(frozen=True, slots=True)
class Row:
    """What one tool took and found; seconds, and megabytes on disk."""

    name: str
    version: str
    prepare_processor: float
    prepare_wall: float
    ask_processor: float
    ask_wall: float
    commands: int
    disk: float
    edges: int
    note: str
    findings: Findings | None


def measure(tool: Tool, setting: Setting, work: Path) -> Row:
    """Prepare and ask one tool; what fails becomes the row's note."""
    missing = sorted({package for command, package in tool.needs if not shutil.which(command)})
    preparing, asking = Meter(), Meter()
    if missing:
        note = f"not measured: missing {', '.join(missing)}"
        return Row(tool.name, "", 0, 0, 0, 0, 0, 0, 0, note, None)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    version = ""
    try:
        version = Meter().run(tool.version, work).strip().splitlines()[0]
        tool.prepare(setting, work, preparing)
        answer = tool.ask(setting, work, asking)
        (work / "pairs.txt").write_text("".join(f"{a} {b}\n" for a, b in sorted(answer.pairs)))
        note, edges = answer.note, len(answer.pairs)
        findings = check(answer)
    except Failed as error:
        note, edges, findings = f"failed: {' '.join(str(error).split())}"[-300:], 0, None
    return Row(
        tool.name,
        version,
        preparing.processor,
        preparing.wall,
        asking.processor,
        asking.wall,
        asking.commands,
        megabytes(work),
        edges,
        note,
        findings,
    )


def kept(tool: Tool, setting: Setting, work: Path) -> Row:
    """The row of a run before, or a new one, written down."""
    record = work / "row.json"
    if record.is_file():
        data = json.loads(record.read_text())
        found = data.pop("findings")
        return Row(**data, findings=None if found is None else Findings(**found))
    row = measure(tool, setting, work)
    if row.findings is not None:
        record.write_text(json.dumps(asdict(row)))
    return row


def markdown(rows: Sequence[Row]) -> Iterator[str]:
    """Two tables: what is in the answers, and what they took."""
    yield f"| tool | {' | '.join(HEADINGS)} |"
    yield "| --- |" + " --- |" * len(HEADINGS)
    for row in rows:
        if row.findings is None:
            cells = ["–"] * len(HEADINGS)
        else:
            values = [getattr(row.findings, each.name) for each in fields(row.findings)]
            cells = ["yes" if value else "no" for value in values]
        yield f"| {row.name} | {' | '.join(cells)} |"
    yield ""
    yield (
        "| tool | preparation: processor (wall) | question: processor (wall) | commands asked |"
        + (" disk | call edges | version, remark |")
    )
    yield "| --- |" + " --- |" * 6
    for row in rows:
        spent = (
            f"{row.prepare_processor:.1f} s ({row.prepare_wall:.1f} s)",
            f"{row.ask_processor:.1f} s ({row.ask_wall:.1f} s)",
            str(row.commands),
            f"{row.disk:.0f} MB",
            str(row.edges),
            "; ".join(filter(None, (row.version, row.note))).replace("|", "\\|"),
        )
        yield f"| {row.name} | {' | '.join(spent)} |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print the tables."""
    kernels = kernels_folder()
    parser = argparse.ArgumentParser(prog="compare", description=__doc__)
    parser.add_argument("--kernel", type=Path, default=kernels / "linux-source-6.12")
    default = kernels / "linux-config-6.12" / "config.amd64_none_amd64.xz"
    parser.add_argument("--config", type=Path, default=default)
    parser.add_argument("--patch", type=Path, help="a patch for the tools that read patches")
    parser.add_argument(
        "--copy", type=Path, help="a copy of the kernel, for tools that write there"
    )
    parser.add_argument("--work", type=Path, required=True, help="folder for indexes and builds")
    parser.add_argument("--tools", default="", help="only those with one of these words: A,B")
    parser.add_argument("--markdown", type=Path, help="write the tables to this file")
    options = parser.parse_args(arguments)
    if not options.kernel.is_dir() or not options.config.is_file():
        parser.error("no kernel or configuration there: run make kernels")
    text = lzma.decompress(options.config.read_bytes()).decode()
    patch = options.patch.resolve() if options.patch else None
    copy = options.copy.resolve() if options.copy else None
    setting = Setting(options.kernel.resolve(), options.config.resolve(), text, patch, copy)
    words = options.tools.lower().split(",")
    rows = []
    for make in TOOLS:
        tool = make()
        if any(word in tool.name.lower() for word in words):
            print(f"{tool.name} …", file=sys.stderr, flush=True)
            folder = options.work.resolve() / type(tool).__name__.lower()
            rows.append(kept(tool, setting, folder))
    lines = "".join(f"{line}\n" for line in markdown(rows))
    if options.markdown:
        options.markdown.write_text(lines)
    else:
        print(lines, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
