"""What is answered: possible with a witness, impossible with a proof, or undecided."""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.configset.dotconfig import DotConfig
from analyzer.location import Location


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a fragment: ``value`` as after ``=`` (``n`` for ``is not set``)."""

    symbol: str
    value: str

    def __str__(self) -> str:
        if self.value == "n":
            return f"# CONFIG_{self.symbol} is not set"
        return f"CONFIG_{self.symbol}={self.value}"


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of a proof: a statement, where it stands, and what ``follows`` with those before.

    ``follows`` has values (``X86=y``); it is empty where the step contradicts what was asked
    or what was concluded before.
    """

    text: str
    location: Location | None
    follows: tuple[str, ...] = ()

    def __str__(self) -> str:
        text = self.text if self.location is None else f"{self.text} at {self.location}"
        return f"{text}, so {', '.join(self.follows)}" if self.follows else text


@dataclass(frozen=True, slots=True)
class Possible:
    """``fragment`` merged into the base and completed gives ``config``, which has the values.

    ``text`` is that complete ``.config``; completing it again changes nothing. An empty
    fragment says that the base has the values as it is.
    """

    fragment: tuple[Line, ...]
    text: str
    config: DotConfig


@dataclass(frozen=True, slots=True)
class Impossible:
    """No configuration has the values; ``reasons`` read as an argument, none is to spare.

    ``probes`` says who answered the shell probes: with other answers it might be possible.
    """

    reasons: tuple[Reason, ...]
    probes: str


@dataclass(frozen=True, slots=True)
class Undecided:
    """Neither a witness nor a proof was found; ``why`` in one sentence."""

    why: str


Verdict = Possible | Impossible | Undecided
