"""``asm/cpufeaturemasks.h``: which CPU features a configuration requires or rules out.

``cpufeatures.h`` numbers the features as word * 32 + bit and says how many words there are
(``NCAPINTS``); the configuration has ``X86_REQUIRED_FEATURE_x`` and
``X86_DISABLED_FEATURE_x``. The header gives a mask macro per word and a test for a number
(``arch/x86/tools/cpufeaturemasks.awk``, added by "x86/cpufeatures: Generate the
<asm/cpufeaturemasks.h> header based on build config").
"""

from __future__ import annotations

import re

from analyzer.configset.configset import ConfigSet, Mask
from analyzer.errors import BadInput
from analyzer.generated.parts import PartedHeader, Variants, parted

_FEATURE = re.compile(
    r"^#define[ \t]+X86_FEATURE_(\w+)[ \t]+"
    r"\([ \t]*(\d+)[ \t]*\*[ \t]*32[ \t]*\+[ \t]*(\d+)[ \t]*\)",
    re.MULTILINE,
)
_WORDS = re.compile(r"^#define[ \t]+NCAPINTS[ \t]+(\d+)", re.MULTILINE)
_GUARD = "_ASM_X86_CPUFEATUREMASKS_H"
_WORD_BITS = 32


def cpu_feature_masks(
    path: str, where: Mask, source: str, source_path: str, configs: ConfigSet
) -> PartedHeader:
    """The header ``path``, made in ``where`` from the text of ``cpufeatures.h``.

    Raises :class:`BadInput` when ``source`` does not say how many words there are.
    """
    hit = _WORDS.search(source)
    if hit is None:
        raise BadInput("no NCAPINTS in the CPU feature list", source_path)
    count = int(hit[1])
    # Of two names for one number the later one counts, as for the kernel's script.
    features = {
        int(feature[2]) * _WORD_BITS + int(feature[3]): feature[1]
        for feature in _FEATURE.finditer(source)
    }
    macros: list[tuple[str, Variants]] = []
    for kind in ("REQUIRED", "DISABLED"):
        used: list[int] = []
        for word in range(count):
            values = _values(kind, word, features, configs, where)
            if any(value for _, value in values):
                used.append(word)
            name = f"{kind}_MASK{word}"
            macros.append(
                (name, tuple((mask, f"#define {name} 0x{value:08x}U") for mask, value in values))
            )
        macros.append((f"{kind}_MASK_BIT_SET", ((where, _test(kind, used)),)))
    return parted(path, where, [f"#ifndef {_GUARD}", f"#define {_GUARD}"], macros, ["#endif"])


def _values(
    kind: str, word: int, features: dict[int, str], configs: ConfigSet, where: Mask
) -> list[tuple[Mask, int]]:
    """The values of one mask macro, each with the configurations that have it."""
    values = {0: where}
    for bit in range(_WORD_BITS):
        name = features.get(word * _WORD_BITS + bit)
        on = 0 if name is None else configs.column(f"X86_{kind}_FEATURE_{name}").y & where
        if not on:
            continue
        split: dict[int, Mask] = {}
        for value, mask in values.items():
            if mask & on:
                split[value | 1 << bit] = mask & on
            if mask & ~on:
                split[value] = mask & ~on
        values = split
    return sorted((mask, value) for value, mask in values.items())


def _test(kind: str, used: list[int]) -> str:
    """The macro that tests a feature number.

    It asks every word that is not 0 in some configuration; where it is 0, its answer is the
    same 0 as if it were not asked.
    """
    asked = "".join(f"((x) >> 5) == {word} ? {kind}_MASK{word} : " for word in used)
    return f"#define {kind}_MASK_BIT_SET(x) (({asked}0) & (1U << ((x) & 31)))"
