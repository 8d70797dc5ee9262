"""Wishes on a kernel's defconfig: is every fragment right, is every "cannot" true?

    python tests/differential/space_wants.py [--count 200] [--cannot 20] [--seed 1] [VERSION…]

(with ``tests`` on the Python path). For each kernel tree found, symbols are drawn from those
that stand in the completed defconfig, and as many from all symbols of the tree, each with a
value other than the present one. Every fragment offered is merged into the defconfig and
completed by the kernel's own ``conf``. Of what cannot be had a sample is looked for in 300
random configurations of ``conf`` and in 300 with all that the symbol depends on set at random,
or in all of these where they are few.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from analyzer.configset.configurations import Configurations
from analyzer.configset.dotconfig import DotConfig, parse_dotconfig
from analyzer.diagnostics import Diagnostics
from analyzer.kconfig.evaluate import evaluate
from analyzer.kconfig.expressions import Op
from analyzer.kconfig.load import load
from analyzer.kconfig.model import KconfigModel, Symbol, SymbolType
from analyzer.kconfig.render import written_text
from analyzer.kconfig.space.cone import Cones
from analyzer.kconfig.space.space import Space
from analyzer.kconfig.space.verdict import Impossible, Possible, Verdict
from analyzer.kconfig.toolchain import GCC, bundled_toolchain
from analyzer.kconfig.uservalues import user_values
from analyzer.tree.source_tree import DirectoryTree
from kconfig_reference import Case, ReferenceConf, build_reference
from kernels.trees import cache_folder, find_trees, kernels_folder

DEFCONFIG = "arch/x86/configs/x86_64_defconfig"
RANDOM_CONFIGS = 300
EXHAUSTIVE_AT_MOST = 4000
LEVELS = ("n", "m", "y")
Assignment = tuple[str, str]


@dataclass(frozen=True)
class Laboratory:
    """A tree with its model, its ``conf`` and its completed defconfig."""

    tree: Path
    model: KconfigModel
    reference: ReferenceConf
    base: str
    scratch: Path

    def space(self) -> Space:
        """The space around the defconfig."""
        return Space(self.model, self.parsed())

    def parsed(self) -> DotConfig:
        """The defconfig."""
        return parse_dotconfig(self.base, "defconfig", "defconfig")

    def conf(self, cases: Sequence[Case]) -> list[str]:
        """What ``conf`` makes of each case."""
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(lambda c: self.reference.run(c, self.scratch / c.name), cases))


@dataclass(frozen=True)
class Wish:
    """A symbol, a value other than its own, and the verdict on it."""

    name: str
    value: str
    verdict: Verdict


def laboratory(tree: Path, folder: Path, scratch: Path) -> Laboratory:
    """Load the tree, build its ``conf`` in ``folder`` and complete its defconfig with that."""
    toolchain = bundled_toolchain(GCC)
    reference = build_reference(tree, folder, toolchain)
    model = load(DirectoryTree(tree), "x86", toolchain, Diagnostics())
    base = reference.run(Case("base", f"defconfig={tree / DEFCONFIG}"), scratch / "base")
    return Laboratory(tree, model, reference, base, scratch)


def wishes(lab: Laboratory, count: int, seed: int, *, everywhere: bool) -> list[Wish]:
    """``count`` random wishes, on symbols of the defconfig or of the whole tree."""
    draw = random.Random(seed)
    values = lab.parsed().values
    pool = [s for s in lab.model.symbols if s.definitions and (everywhere or s.name in values)]
    space = lab.space()
    found: list[Wish] = []
    for symbol in draw.sample(pool, count):
        value = other_value(draw, symbol, values.get(symbol.name, "n"))
        found.append(Wish(symbol.name, value, space.want(symbol.name, value)))
    return found


def other_value(draw: random.Random, symbol: Symbol, present: str) -> str:
    """A value that the symbol does not have."""
    if symbol.type is SymbolType.BOOL:
        return "n" if present == "y" else "y"
    if symbol.type is SymbolType.TRISTATE:
        return draw.choice([level for level in LEVELS if level != present])
    if symbol.type is SymbolType.STRING:
        return '"other"'
    number = draw.randrange(200)
    text = hex(number) if symbol.type is SymbolType.HEX else str(number)
    return text if text != present else "200"


def missed(lab: Laboratory, granted: Sequence[Wish]) -> list[str]:
    """The wishes whose fragment does not lead there according to ``conf``."""
    cases = [
        Case(f"want{number}", "olddefconfig", merged(lab.base, wish.verdict))
        for number, wish in enumerate(granted)
    ]
    result: list[str] = []
    for wish, text in zip(granted, lab.conf(cases), strict=True):
        got = parse_dotconfig(text, "", "").values.get(wish.name, "n")
        if got != wish.value:
            result.append(f"{wish.name}={wish.value}: {got}")
        elif isinstance(wish.verdict, Possible) and wish.verdict.text != text:
            result.append(f"{wish.name}={wish.value}: another configuration")
    return result


def merged(base: str, verdict: Verdict) -> str:
    """As ``merge_config.sh`` does it: lines of the same symbols go, the fragment is added."""
    lines = verdict.fragment if isinstance(verdict, Possible) else ()
    names = {line.symbol for line in lines}
    kept = [line for line in base.splitlines() if not names & set(_assigned(line))]
    return "\n".join([*kept, *map(str, lines)]) + "\n"


def _assigned(line: str) -> Iterable[str]:
    return parse_dotconfig(line, "", "").values


def random_configs(lab: Laboratory) -> list[dict[str, str]]:
    """Random configurations made by ``conf``."""
    cases = [
        Case(f"rand{seed}", "randconfig", variables={"KCONFIG_SEED": str(seed)})
        for seed in range(1, RANDOM_CONFIGS + 1)
    ]
    return [parse_dotconfig(text, "", "").values for text in lab.conf(cases)]


def found_after_all(lab: Laboratory, wish: Wish, randoms: Sequence[dict[str, str]]) -> str | None:
    """How a wish called impossible can be had; None if no search finds a way."""
    absent = "n" if lab.model.type_of(wish.name).is_logical else None
    for number, config in enumerate(randoms, 1):
        if config.get(wish.name, absent) == wish.value:
            return f"randconfig with seed {number}"
    index = lab.model.by_name[wish.name]
    configs = list(_varied(lab, index, random.Random(wish.name)))
    given = Configurations(map(_config, configs))
    values = evaluate(lab.model, user_values(lab.model, given))
    for number, config in enumerate(configs):
        bit = 1 << number
        if not lab.model.symbols[index].type.is_logical and not values.written[index] & bit:
            continue
        if written_text(lab.model, values, index, bit) == wish.value:
            return f"lines {config[len(_base(lab)) :]}"
    return None


def _config(assignments: Iterable[Assignment]) -> DotConfig:
    text = "".join(f"CONFIG_{name}={value}\n" for name, value in assignments)
    return parse_dotconfig(text, "", "")


def _base(lab: Laboratory) -> list[Assignment]:
    return [(line.symbol, line.exact) for line in lab.parsed().lines()]


def _varied(lab: Laboratory, index: int, draw: random.Random) -> Iterator[list[Assignment]]:
    """The defconfig with everything set otherwise that the symbol depends on."""
    base = _base(lab)
    columns = [
        (symbol.name, _levels(symbol))
        for symbol in _settable(lab.model, index)
        if symbol.type.is_logical
    ]
    total = 1
    for _, levels in columns:
        total *= len(levels)
    if total <= EXHAUSTIVE_AT_MOST:
        for chosen in itertools.product(*(levels for _, levels in columns)):
            yield base + [(name, v) for (name, _), v in zip(columns, chosen, strict=True)]
        return
    for number in range(RANDOM_CONFIGS):
        share = (0.1, 0.5, 0.9)[number % 3]
        own = [(n, draw.choice(levels)) for n, levels in columns if draw.random() < share]
        draw.shuffle(own)
        yield base + own


def _levels(symbol: Symbol) -> tuple[str, ...]:
    return LEVELS if symbol.type is SymbolType.TRISTATE else ("n", "y")


def _settable(model: KconfigModel, index: int) -> list[Symbol]:
    """The symbols with a prompt on which the value of ``index`` depends."""
    found: dict[int, None] = {}
    for number in Cones(model).distances([model.symbol_nodes[index]]):
        op, operand, *_ = model.nodes[number]
        if op == Op.SYMBOL:
            found[operand] = None
        elif op == Op.CHOICE:
            found.update(dict.fromkeys(model.choices[operand].members))
    return [model.symbols[one] for one in found if model.symbols[one].prompts]


def main(arguments: Sequence[str]) -> int:
    """Print the table of the accuracy page; 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description="wishes on a kernel's defconfig against conf")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--cannot", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("versions", nargs="*", default=["6.12"])
    asked = parser.parse_args(arguments)
    wrong = 0
    for tree in find_trees(kernels_folder()):
        if tree.version not in asked.versions:
            continue
        folder = cache_folder() / "oracle" / "kconfig" / tree.version
        with tempfile.TemporaryDirectory() as scratch:
            lab = laboratory(tree.path, folder, Path(scratch))
            randoms = random_configs(lab) if asked.cannot else []
            for everywhere in (False, True):
                tried = wishes(lab, asked.count, asked.seed, everywhere=everywhere)
                wrong += _report(lab, tree.version, tried, randoms, everywhere, asked.cannot)
    return 1 if wrong else 0


def _report(
    lab: Laboratory,
    version: str,
    tried: Sequence[Wish],
    randoms: Sequence[dict[str, str]],
    everywhere: bool,
    cannot: int,
) -> int:
    counts = Counter(type(wish.verdict).__name__ for wish in tried)
    granted = [wish for wish in tried if isinstance(wish.verdict, Possible)]
    denied = [wish for wish in tried if isinstance(wish.verdict, Impossible)]
    sample = denied if len(denied) <= cannot else random.Random(0).sample(denied, cannot)
    failures = missed(lab, granted)
    refuted = [
        f"{wish.name}={wish.value}: {how}"
        for wish in sample
        if (how := found_after_all(lab, wish, randoms)) is not None
    ]
    what = "all symbols of the tree" if everywhere else "symbols of the defconfig"
    print(f"{version}, {what}: {len(tried)} wishes, {dict(counts)}")
    print(f"  fragments that conf does not confirm: {len(failures)} {failures}")
    print(f"  of {len(sample)} called impossible found after all: {len(refuted)} {refuted}")
    return len(failures) + len(refuted)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
