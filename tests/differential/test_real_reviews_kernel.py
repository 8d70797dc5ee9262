"""Reviews of real patches to ``arch/x86`` and ``mm`` say what was read in the sources.

``real_reviews.py`` says where the patches come from (``make patches``) and how the facts are
written down. A series of them also has to say of each tree what an analysis of that tree alone
does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from analyzer.errors import BadInput
from analyzer.impact.result import (
    Entry,
    FunctionChange,
    PatchReview,
    ReviewResult,
    Standing,
    Step,
    Transition,
)
from analyzer.pipeline import run_paths, run_review
from analyzer.progress import Silent
from analyzer.requests import Changes, Inputs, PathsRequest, ReviewRequest
from kernels.patched import apply, linked_copy
from kernels.patches import HOW_TO_GET_THEM
from kernels.trees import KernelTree
from real_reviews import Facts, facts_for

pytestmark = pytest.mark.slow

SCRATCH = "6.12"
"""The kernel on which trees are analysed from scratch."""

COUNTS = {"6.1": 4, "6.12": 3, "7.2": 3}


@dataclass(frozen=True)
class Group:
    """Patches that are reviewed as a series, or one alone."""

    facts: tuple[Facts, ...]
    patches: tuple[Path, ...]
    inputs: Inputs
    result: ReviewResult


@dataclass(frozen=True)
class Reviewed:
    """The patches of one kernel: what is true of each, and what their reviews say."""

    kernel: KernelTree
    groups: tuple[Group, ...]

    def pairs(self) -> Iterator[tuple[Facts, PatchReview]]:
        for group in self.groups:
            yield from zip(group.facts, group.result.reviews, strict=False)

    def names(self, facts: Facts, mask: int) -> list[str]:
        """The given configurations in a mask, as the facts call them."""
        return [name for index, name in enumerate(facts.given) if mask >> index & 1]


@pytest.fixture(scope="module")
def reviewed(kernel: KernelTree, tmp_path_factory: pytest.TempPathFactory) -> Reviewed:
    facts = facts_for(kernel.version)
    if not facts:
        pytest.skip(f"no patches were checked for Linux {kernel.version}")
    work = tmp_path_factory.mktemp("reviews")
    groups = []
    for series in dict.fromkeys(one.series for one in facts):
        groups.append(_group(kernel, [one for one in facts if one.series == series], work))
    return Reviewed(kernel, tuple(groups))


def _group(kernel: KernelTree, facts: Sequence[Facts], work: Path) -> Group:
    patches: list[Path] = []
    for one in facts:
        text = one.text()
        if text is None:
            pytest.skip(f"{one.patch} for {one.kernel} is missing: {HOW_TO_GET_THEM}")
        patches.append(work / f"{one.name}.patch")
        patches[-1].write_text(text, encoding="utf-8", errors="surrogateescape")
    configs = [kernel.config(name) for name in facts[0].given]
    found = tuple(path for path in configs if path is not None)
    if len(found) != len(configs):
        pytest.skip(f"needs the distribution's configurations {', '.join(facts[0].given)}")
    inputs = Inputs(kernel.path, found, cache=False)
    request = ReviewRequest(inputs, Changes(tuple(patches)))
    try:
        result = run_review(request, Silent())
    except BadInput as error:
        pytest.skip(f"the package's patches are for another Linux {kernel.version}: {error}")
    return Group(tuple(facts), tuple(patches), inputs, result)


def test_there_are_facts_for_ten_patches() -> None:
    assert {kernel: len(facts_for(kernel)) for kernel in COUNTS} == COUNTS
    assert sum(COUNTS.values()) == 10


def test_the_functions_that_differ_and_where(reviewed: Reviewed) -> None:
    for facts, review in reviewed.pairs():
        functions = [one for one in review.functions if not one.macro]
        macros = [one for one in review.functions if one.macro]
        for word, found in (
            ("functions", functions),
            ("macros", macros),
            ("declarations", review.declarations),
        ):
            expected = facts.table.get(word, {})
            assert becomes(reviewed, facts, found) == expected, (facts.name, word)


def becomes(
    reviewed: Reviewed, facts: Facts, found: Iterable[FunctionChange]
) -> dict[str, dict[str, list[str]]]:
    """What becomes of each name, in which configurations."""
    result: dict[str, dict[str, list[str]]] = {}
    for one in found:
        parts = {"changed": one.changed, "added": one.added, "removed": one.removed}
        where = {word: reviewed.names(facts, mask) for word, mask in parts.items() if mask}
        result[one.name] = where or {one.kind.value: []}
    return result


def test_the_symbols_and_their_values(reviewed: Reviewed) -> None:
    for facts, review in reviewed.pairs():
        found = {
            one.name: {
                "kind": one.kind.value,
                "values": [
                    f"{name}: {before} -> {after}"
                    for mask, before, after in one.values
                    for name in reviewed.names(facts, mask)
                ],
            }
            for one in review.symbols
        }
        assert found == facts.table.get("symbols", {}), facts.name


def test_the_paths_that_change_and_where(reviewed: Reviewed) -> None:
    for facts, review in reviewed.pairs():
        expected: Mapping[str, list[dict[str, list[str]]]] = facts.table.get("entries", {})
        assert {entry.name for entry in review.entries} == set(expected), facts.name
        for entry in review.entries:
            found = changing(entry)
            assert len(found) == len(expected[entry.name]), facts.name
            for change, fact in zip(found, expected[entry.name], strict=True):
                assert reviewed.names(facts, change.mask) == fact["where"], facts.name
                only = entry.name if "own" in fact else None
                assert steps(change.gone, only) == fact["gone"], facts.name
                assert steps(change.new, only) == fact["new"], facts.name
                assert change.before == change.after, facts.name


def changing(entry: Entry) -> list[Transition]:
    return [one for one in entry.transitions if one.paths_change or one.effects_change]


def steps(found: Iterable[Step], caller: str | None) -> list[str]:
    """Calls in words, of one caller only if any is named; without guards then."""
    if caller is not None:
        return sorted({f"{one.caller} {one.name}" for one in found if one.caller == caller})
    words = []
    for one in found:
        key = [part for guard in one.guards for part in guard.text.split(" && ")]
        static = [part for part in key if "_enabled" in part]
        when = f" when {' and '.join(static)}" if static else ""
        words.append(f"{one.caller} {one.name}{when}")
    return sorted(words)


def test_the_lines_that_are_compiled(reviewed: Reviewed) -> None:
    """All added lines of these patches are, in all of the given configurations."""
    for facts, review in reviewed.pairs():
        counted = sum(one.last - one.first + 1 for one in review.coverage)
        assert counted == facts.table["lines"], facts.name
        for one in review.coverage:
            assert reviewed.names(facts, one.mask) == list(facts.given), (facts.name, one)


def test_what_holds_of_the_changelogs(reviewed: Reviewed) -> None:
    for facts, review in reviewed.pairs():
        found = {f"{one.text.strip()} {one.standing.value}" for one in review.claims}
        assert found == set(facts.table["claims"]), facts.name
        assert not any(one.standing is Standing.DOES_NOT_HOLD for one in review.claims)


def test_every_file_was_looked_into(reviewed: Reviewed) -> None:
    for facts, review in reviewed.pairs():
        assert [file for file in review.files if file.unread or file.silent] == [], facts.name


def test_a_series_says_what_each_tree_alone_does(reviewed: Reviewed, tmp_path: Path) -> None:
    """Each tree is made with GNU patch and analysed from scratch."""
    if reviewed.kernel.version != SCRATCH:
        pytest.skip(f"looked at on Linux {SCRATCH}")
    (series,) = [group for group in reviewed.groups if len(group.patches) > 1]
    assert len(series.result.configs) == len(series.inputs.configs)
    tree = linked_copy(reviewed.kernel.path, tmp_path / "linux")
    inputs = Inputs(tree, series.inputs.configs, cache=False)
    alone = series.result.reviews[:-1]
    compared = 0
    for number in range(len(alone) + 1):
        sides = []
        if number < len(alone):
            sides += [(entry, entry.before) for entry in alone[number].entries]
        if number:
            apply(tree, series.patches[number - 1], fuzz=2)
            sides += [(entry, entry.after) for entry in alone[number - 1].entries]
        for entry, side in sides:
            scratch = run_paths(PathsRequest(inputs, (root_of(entry),)), Silent())
            assert side is not None
            assert side.nodes == scratch.nodes
            assert side.edges == scratch.edges
            assert side.classes == scratch.classes
            compared += 1
    assert compared == 4


def root_of(entry: Entry) -> str:
    side = entry.after or entry.before
    assert side is not None
    node = next(node for node in side.nodes if node.id in side.roots)
    assert node.location is not None
    return f"{node.location.file}:{node.name}"
