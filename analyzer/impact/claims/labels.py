"""What the words in brackets mean: configurations and platforms, an effect, a branch.

Platform names are the analysis's own, compared without case, spaces and hyphens ("Xen PV" is
``xen-pv``; "Xen" is each that begins so). Effects go by the words of one table. What is
neither, nor a reference to another part of the drawing, is the words of a branch.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analyzer.configset.configset import ConfigSet, Mask

_EFFECT_WORDS: tuple[tuple[frozenset[str], tuple[str, ...]], ...] = (
    (frozenset(("ipi", "ipis")), ("ipi-then-free", "ipi")),
    (frozenset(("grace",)), ("grace-period-then-free", "grace-period-wait")),
    (frozenset(("synchronize_rcu",)), ("grace-period-then-free", "grace-period-wait")),
    (frozenset(("rcu", "call_rcu", "kfree_rcu")), ("rcu-callback-free",)),
    (frozenset(("batch", "batched", "batches", "gathered")), ("gather-free",)),
    (frozenset(("immediately", "immediate", "directly")), ("immediate-free", "reference-drop")),
    (frozenset(("synchronously", "synchronous")), ("immediate-free", "ipi-then-free")),
    (frozenset(("refcount", "reference")), ("reference-drop",)),
    (frozenset(("tlb",)), ("tlb-flush",)),
)
"""The first line with one of a label's words tells the effects it may mean."""

RELEASES = (
    *("immediate-free", "gather-free", "rcu-callback-free", "ipi-then-free"),
    *("grace-period-then-free", "reference-drop", "unknown"),
)
"""What can become of an object: where one of these is claimed, the others contradict it."""

_NATIVE = ("baremetal", "metal", "nonvirtualized")
_FILLING = frozenset(
    "if when only in for under with a an the is are case cases running on guest guests "
    "hypervisor hypervisors vm vms kernel kernels set enabled".split()
)
_PARTS = re.compile(r"[,;/]|\|\||\bor\b")
_ATOMS = re.compile(r"&&|\+|\band\b|\bon\b|\bwith\b")
_REFERENCE = re.compile(r"\b(?:see|as|same as|like)\b.*\b(?:above|below|before)\b|^(?:above|\^+)$")
_SYMBOL = re.compile(
    r"(?P<no>!|not |without |no )?\s*CONFIG_(?P<name>\w+)\s*"
    r"(?P<say>=\s*[ymn]|!=\s*[yn]|(?:is |being )?(?P<neg>not )?"
    r"(?P<word>enabled|set|selected|on|disabled|unset|off|y|n|m))?"
)
_OFF = frozenset(("disabled", "unset", "off", "n"))
_NOT = re.compile(r"(?:!|not |non-|except |without )\s*")


@dataclass(frozen=True, slots=True)
class SymbolTest:
    """A symbol's test: ``value`` is ``y``, ``m``, ``n``, or ``set`` for ``y`` or ``m``."""

    symbol: str
    value: str

    def where(self, configs: ConfigSet) -> Mask:
        """The configurations in which it holds."""
        column = configs.column(self.symbol)
        if self.value == "set":
            return column.present
        if self.value == "n":
            return configs.all & ~column.present
        return column.where(self.value)


@dataclass(frozen=True, slots=True)
class Where:
    """Configurations in which all ``tests`` hold, on ``platforms`` (None: on all)."""

    text: str
    tests: tuple[SymbolTest, ...]
    platforms: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Effect:
    """Any of ``names`` is meant."""

    text: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """What is below is drawn elsewhere."""

    text: str


@dataclass(frozen=True, slots=True)
class Branch:
    """The words of a condition in C, or of nothing that is known."""

    text: str


Meaning = Where | Effect | Reference | Branch


def meanings(text: str, platforms: Sequence[str]) -> tuple[Meaning, ...]:
    """What a label's parts mean; ``platforms`` are all that the analysis has names for."""
    whole = " ".join(text.rstrip(": ").split())
    if _REFERENCE.search(whole.lower()):
        return (Reference(whole),)
    parts = [part.strip() for part in _PARTS.split(whole)]
    read = [_meaning(part, platforms) for part in parts if part]
    if any(isinstance(each, Branch) for each in read) and len(read) > 1:
        alone = _effect(whole)
        if not any(isinstance(each, Where) for each in read):
            return (alone if alone is not None else Branch(whole),)
    return tuple(read)


def _meaning(part: str, platforms: Sequence[str]) -> Meaning:
    return _where(part, platforms) or _effect(part) or Branch(part)


def _effect(part: str) -> Effect | None:
    words = set(re.findall(r"\w+", part.lower()))
    for known, names in _EFFECT_WORDS:
        if words & known:
            return Effect(part, names)
    return None


def _where(part: str, platforms: Sequence[str]) -> Where | None:
    tests: list[SymbolTest] = []
    named: tuple[str, ...] | None = None
    for atom in _ATOMS.split(part):
        words = atom.strip()
        if not words.strip("()") or set(words.lower().split()) <= _FILLING:
            continue
        test = _test(words)
        if test is not None:
            tests.append(test)
            continue
        found = _platforms(words, platforms)
        if found is None:
            return None
        named = found if named is None else tuple(name for name in named if name in found)
    if not tests and named is None:
        return None
    return Where(part, tuple(tests), named)


def _test(words: str) -> SymbolTest | None:
    stripped = words.strip("()")
    for filler in ("if ", "when ", "only "):
        stripped = stripped.removeprefix(filler)
    found = _SYMBOL.fullmatch(stripped.strip().removesuffix(" is"))
    if found is None:
        return None
    no = bool(found["no"]) ^ bool(found["neg"])
    say = (found["say"] or "").replace(" ", "")
    value = "set"
    if say.startswith("!="):
        no ^= True
        value = say[2:]
    elif say.startswith("="):
        value = say[1:]
    elif found["word"] in _OFF:
        no ^= True
    if value == "n":
        no, value = not no, "set"
    return SymbolTest(found["name"], "n" if no else value)


def _platforms(words: str, platforms: Sequence[str]) -> tuple[str, ...] | None:
    lowered = words.lower().strip("() ")
    negated = _NOT.match(lowered)
    if negated is not None:
        lowered = lowered[negated.end() :]
    told = [word for word in lowered.split() if word not in _FILLING]
    key = _key(" ".join(told))
    if not key:
        return None
    found = list(_matching(key, platforms))
    if not found:
        return None
    if negated is not None:
        found = [name for name in platforms if name not in found]
    return tuple(found)


def _matching(key: str, platforms: Sequence[str]) -> Iterator[str]:
    exact = [name for name in platforms if _key(name) == key]
    if not exact and key in _NATIVE:
        exact = [name for name in platforms if name == "native"]
    if not exact:
        exact = [name for name in platforms if name.lower().split("-")[0] == key]
    yield from exact


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


# --- branches ---------------------------------------------------------------------------

_SLOW = frozenset(("slow", "slowpath"))
_FAST = frozenset(("fast", "fastpath"))
_VAGUE = frozenset("no free the path if when on in of a an is case not memory available".split())


def says_branch(words: str, label: str | None, text: str) -> bool:
    """Whether ``words`` are those of a guard: its label's or its condition's."""
    told, known = _words(words), _words(label or "")
    for kind in (_SLOW, _FAST):
        if told & kind:
            return bool(known & kind) and told - kind - _VAGUE <= known
    if label is not None and (told - _VAGUE) and (told - _VAGUE) <= known | _words(text):
        return True
    return bool(told - _VAGUE) and _squeezed(words) in {_squeezed(text), _squeezed(f"!({text})")}


def denies_branch(words: str, label: str | None) -> bool:
    """Whether a guard's label says that it is the other branch."""
    told, known = _words(words), _words(label or "")
    return bool((told & _SLOW and known & _FAST) or (told & _FAST and known & _SLOW))


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.lower()))


def _squeezed(text: str) -> str:
    stripped = re.sub(r"^(?:if|when)\b|[\s:]", "", text.strip())
    return stripped.strip("()") if stripped.startswith("(") and stripped.endswith(")") else stripped
