"""Parts of a bound piece as the source writes them: named constants by their names.

The parser sees what macros expand to. A reader of a condition wants ``KVM_FEATURE_X``, not
``9``: tokens that an object-like macro brings are shown as the outermost such macro. The
tokens of function-like macros stay, unless a hole stands for the whole use.
"""

from __future__ import annotations

from analyzer.csource.provenance import Provenance
from analyzer.csource.scope import Bound
from analyzer.csource.spelling import spell
from analyzer.preprocessor.macro import Macro
from analyzer.preprocessor.token import MacroOrigin, Origin


def written(bound: Bound, low: int, high: int) -> str:
    """The tokens from ``low`` up to ``high`` of ``bound`` on one line."""
    provenance = bound.origin
    if not isinstance(provenance, Provenance):
        return spell(bound.raw[low:high])
    tokens: list[str] = []
    last: Macro | None = None
    for position in range(low, high):
        macro = _constant(provenance.origins[position])
        if macro is None:
            tokens.append(bound.raw[position])
        elif macro is not last:
            tokens.append(macro.name)
        last = macro
    return spell(tokens)


def _constant(origin: Origin) -> Macro | None:
    """The outermost object-like macro that a token comes from."""
    found = None
    while isinstance(origin, MacroOrigin):
        if origin.macro.parameters is None:
            found = origin.macro
        if origin.outer is None:
            break
        origin = origin.outer
    return found
