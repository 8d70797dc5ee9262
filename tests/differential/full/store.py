"""Results on disk, one file a case, so that a run can be stopped and taken up again.

``RESULT.json`` has the outcome, when and with what it was made, and every difference. It is
written when the case is finished, complete or not at all.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import analyzer
from full.model import Case, Difference, Outcome

RESULT_FORMAT = "kimpact-agreement/1"


@dataclass(frozen=True, slots=True)
class Stored:
    """An outcome with the circumstances: ``program`` is a digest of kimpact's sources,
    ``user_seconds`` the processor time of all processes."""

    outcome: Outcome
    made: str
    program: str
    user_seconds: float

    def with_outcome(self, outcome: Outcome) -> Stored:
        """The same circumstances of another outcome."""
        return replace(self, outcome=outcome)


def program_digest() -> str:
    """A short digest of kimpact's sources, knowledge files included."""
    top = Path(analyzer.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(top.rglob("*")):
        if path.suffix in (".py", ".toml", ".json"):
            digest.update(f"{path.relative_to(top)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def path_of(case: Case, folder: Path) -> Path:
    """The result file of ``case``."""
    return folder / (re.sub(r"[^\w.-]+", "-", case.label) + ".json")


def load(case: Case, folder: Path) -> Stored | None:
    """The kept result of ``case``, None if there is none."""
    path = path_of(case, folder)
    if not path.exists():
        return None
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if content.get("format") != RESULT_FORMAT:
        return None
    differences = tuple(Difference(**one) for one in content["differences"])
    return Stored(
        Outcome(
            content["facts"],
            content["total"],
            content["agreed"],
            content["extra"],
            differences,
            content["remark"],
        ),
        content["made"],
        content["program"],
        content["user_seconds"],
    )


def save(case: Case, folder: Path, outcome: Outcome, user_seconds: float) -> Stored:
    """Keep the outcome of ``case``."""
    made = datetime.datetime.now(datetime.UTC).isoformat(timespec="minutes")
    stored = Stored(outcome, made, program_digest(), round(user_seconds, 1))
    content = {
        "format": RESULT_FORMAT,
        "part": case.part,
        "kernel": case.version,
        "case": case.name,
        "made": made,
        "program": stored.program,
        "user_seconds": stored.user_seconds,
        **asdict(outcome),
        "percent": round(outcome.percent, 4),
        "extra_percent": round(outcome.extra_percent, 4),
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = path_of(case, folder)
    partial = path.with_suffix(".new")
    partial.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    partial.rename(path)
    return stored
