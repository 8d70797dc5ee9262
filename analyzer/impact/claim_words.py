"""What a review says of the claims of a changelog, in words (:mod:`analyzer.impact.words`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from analyzer.impact.result import Claim, ClaimKind, Standing
from analyzer.impact.words import Quote, configs_text
from analyzer.paths.result import ConfigInfo

_STANDINGS = {
    Standing.HOLDS: "holds",
    Standing.HOLDS_IF: "holds only",
    Standing.DOES_NOT_HOLD: "does not hold",
    Standing.UNDECIDED: "cannot be decided",
}
_PLACING = ("on ", "when ", "where ", "if ", "unless ", "in ")


def verdict_text(claim: Claim, configs: Sequence[ConfigInfo], quote: Quote) -> str:
    """What is to be said of a claim: ``does not hold: there is no function f``."""
    word = _STANDINGS[claim.standing]
    why = quote(claim.why) if claim.why else ""
    if claim.kind is ClaimKind.LEFT_OUT:
        return f"is there too, but not drawn{why and f' ({why})'}"
    if claim.standing is Standing.HOLDS:
        return f"{word}{why and f' ({why})'}"
    if claim.standing is not Standing.HOLDS_IF:
        return f"{word}{why and f': {why}'}"
    if claim.why:
        return f"{word} {why}" if claim.why.startswith(_PLACING) else f"{word} if {why}"
    where = []
    if claim.mask and claim.mask != (1 << len(configs)) - 1:
        where.append(f"in {configs_text(configs, claim.mask, quote)}")
    if claim.platforms:
        where.append(f"on {', '.join(map(quote, claim.platforms))}")
    return f"{word} {' '.join(where)}" if where else "holds in part"


_WEIGHTS = (Standing.DOES_NOT_HOLD, Standing.HOLDS_IF, Standing.UNDECIDED, Standing.HOLDS)


def doubtful(claims: Iterable[Claim]) -> list[Claim]:
    """The claims that do not simply hold, false ones first."""
    found = [claim for claim in claims if claim.standing is not Standing.HOLDS]
    return sorted(found, key=lambda claim: _WEIGHTS.index(claim.standing))


def undrawn(claims: Iterable[Claim]) -> list[Claim]:
    """The calls that a drawing could have shown and does not."""
    return [claim for claim in claims if claim.kind is ClaimKind.LEFT_OUT]


def undrawn_text(claim: Claim, quote: Quote) -> str:
    """A call that a drawing leaves out, and where it is."""
    return quote(claim.text) + (f" ({quote(claim.why)})" if claim.why else "")


def holding(claims: Iterable[Claim]) -> list[Claim]:
    """The claims that hold."""
    found = (claim for claim in claims if claim.standing is Standing.HOLDS)
    return [claim for claim in found if claim.kind is not ClaimKind.LEFT_OUT]
