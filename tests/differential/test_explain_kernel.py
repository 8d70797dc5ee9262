"""``kimpact explain`` on a real kernel's Kconfig files and the distribution's configurations.

What is shown is checked against the kernel's own ``conf`` where it says something about
values, and against the tree where it says which statement decides: with the line gone, it
must not decide any more.
"""

from __future__ import annotations

import lzma
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest import TempPathFactory  # noqa: PT013

from analyzer.configset.dotconfig import parse_dotconfig
from analyzer.diagnostics import Diagnostics
from analyzer.explain.answer import Question, explain
from analyzer.explain.result import Explanation, State, Statement, StatementKind
from analyzer.kconfig.explain import why
from analyzer.kconfig.load import load
from analyzer.kconfig.model import KconfigModel, SymbolType
from analyzer.kconfig.packed import pack, unpack
from analyzer.kconfig.resolve import ProbePolicy, Resolution, resolve
from analyzer.kconfig.toolchain import bundled_toolchain
from analyzer.tree.source_tree import DirectoryTree
from kconfig_reference import Case, ReferenceConf, build_reference
from kernels.trees import KernelTree

SYMBOLS = 400
REMOVED = 60
LEVELS = {"n": 0, "m": 1, "y": 2}
DECIDING_WORDS = {
    "selected by": StatementKind.SELECT,
    "implied by": StatementKind.IMPLY,
    "depends on": StatementKind.DEPENDS,
    "default ": StatementKind.DEFAULT,
    "taken ": StatementKind.CHOICE,
    "the choice takes": StatementKind.CHOICE,
    "set in the configuration": StatementKind.PROMPT,
    "not set in the configuration": StatementKind.PROMPT,
}


@dataclass(frozen=True)
class Subject:
    """One tree with the distribution's configurations resolved, and an explanation of each
    of some symbols, all of a choice or with a range or an imply among them."""

    tree: DirectoryTree
    model: KconfigModel
    resolution: Resolution
    texts: tuple[str, ...]
    explanations: tuple[Explanation, ...]


@pytest.fixture(scope="module")
def subject(kernel: KernelTree) -> Subject:
    if not kernel.configs:
        pytest.skip("the distribution's configurations are not there")
    tree = DirectoryTree(kernel.path)
    model = load(tree, "x86", bundled_toolchain(), Diagnostics())
    texts = [lzma.decompress(path.read_bytes()).decode() for path in kernel.configs]
    # One that the tree changes: symbols are off that others select or depend on.
    off = ("CONFIG_PARAVIRT=", "CONFIG_NET=", "CONFIG_PCI=", "CONFIG_CRC32=", "CONFIG_HZ_250=")
    texts.append("\n".join(line for line in texts[0].splitlines() if not line.startswith(off)))
    names = [path.name for path in kernel.configs] + ["changed"]
    sources = [parse_dotconfig(text, name, name) for name, text in zip(names, texts, strict=True)]
    resolution = resolve(model, sources, ProbePolicy.PROFILE)
    question = Question(tuple(chosen(model)), 2, show_all=True)
    return Subject(tree, model, resolution, tuple(texts), explain(resolution, question))


def chosen(model: KconfigModel) -> list[str]:
    defined = [symbol for symbol in model.symbols if symbol.definitions]
    draw = random.Random(4)
    rare = [s for s in defined if s.choice is not None or s.ranges or s.implies]
    names = [symbol.name for symbol in draw.sample(defined, SYMBOLS)]
    names += [symbol.name for symbol in draw.sample(rare, 100)]
    known = ("PARAVIRT", "SMP", "HZ", "NET", "E1000E", "CRC32", "MODULES", "NR_CPUS")
    return list(dict.fromkeys([*names, *known]))


def test_a_packed_model_is_the_same(subject: Subject) -> None:
    assert unpack(pack(subject.model)) == subject.model


@pytest.mark.oracle
def test_values_are_those_of_conf(
    kernel: KernelTree,
    subject: Subject,
    oracle_folder: Path,
    tmp_path_factory: TempPathFactory,
) -> None:
    folder = oracle_folder / "kconfig" / kernel.version
    reference: ReferenceConf = build_reference(kernel.path, folder, bundled_toolchain())
    scratch = tmp_path_factory.mktemp("conf")
    for index, text in enumerate(subject.texts):
        written = reference.run(Case(f"c{index}", "olddefconfig", text), scratch / f"c{index}")
        expected = parse_dotconfig(written, "", "").values
        for each in subject.explanations:
            if not each.mask >> index & 1:
                continue
            if each.type.is_logical or each.name in expected:
                assert each.value == expected.get(each.name, "n"), each.name


def test_every_configuration_is_explained_once(subject: Subject) -> None:
    seen: dict[str, int] = {}
    for each in subject.explanations:
        assert not seen.get(each.name, 0) & each.mask
        seen[each.name] = seen.get(each.name, 0) | each.mask
    assert set(seen.values()) == {subject.resolution.values.everywhere()}


def test_groups_say_what_each_configuration_would_say_alone(subject: Subject) -> None:
    for index, source in enumerate(subject.resolution.given):
        alone = resolve(subject.model, [source], ProbePolicy.PROFILE)
        names = tuple(dict.fromkeys(each.name for each in subject.explanations))[::7]
        single = explain(alone, Question(names, 2, show_all=True))
        together = {each.name: each for each in subject.explanations if each.mask >> index & 1}
        for each in single:
            other = together[each.name]
            assert (each.value, each.text, each.location) == (
                *(other.value, other.text, other.location),
            )
            assert each.statements == other.statements
            assert (each.links, each.recorded) == (other.links, other.recorded)


def test_what_is_in_force_gives_the_value(subject: Subject) -> None:
    """No statement in force is overruled, and what fails adds nothing."""
    for each in subject.explanations:
        for statement in each.statements:
            level = LEVELS[statement.value]
            assert (level > 0) == (statement.state is not State.FAILS) or (
                statement.kind is StatementKind.CHOICE
            ), (each.name, statement)
            if statement.kind is StatementKind.SELECT and level:
                forced = 2 if each.type is SymbolType.BOOL else level
                assert LEVELS[each.value] >= forced, (each.name, statement)
        if each.type.is_logical and each.value != "n":
            assert any(s.state is State.IN_FORCE for s in each.statements), each.name
        defaults = [s for s in each.statements if s.kind is StatementKind.DEFAULT]
        assert sum(s.state is State.IN_FORCE for s in defaults) <= 1


def test_a_statement_decides_and_its_kind_is_what_the_sentence_says(subject: Subject) -> None:
    for each in subject.explanations:
        deciding = [statement for statement in each.statements if statement.decides]
        for words, kind in DECIDING_WORDS.items():
            if each.text.startswith(words):
                assert kind in {statement.kind for statement in deciding}, (each.name, each.text)
        failing = [s for s in deciding if s.kind is StatementKind.DEPENDS]
        if each.text.startswith("depends on"):
            assert [s.state for s in failing] == [State.FAILS], each.name
        if each.text.startswith("selected by"):
            selecting = [s for s in deciding if s.kind is StatementKind.SELECT]
            assert [s.state for s in selecting] == [State.IN_FORCE], each.name


class WithoutLines:
    """The tree with some lines left empty."""

    def __init__(self, tree: DirectoryTree, places: Sequence[tuple[str, int]]) -> None:
        self._tree = tree
        self._lines: dict[str, set[int]] = {}
        for file, line in places:
            self._lines.setdefault(file, set()).add(line)

    @property
    def label(self) -> str:
        return self._tree.label

    def read(self, path: str) -> bytes | None:
        raw = self._tree.read(path)
        gone = self._lines.get(path)
        if raw is None or gone is None:
            return raw
        lines = raw.split(b"\n")
        return b"\n".join(b"" if n in gone else line for n, line in enumerate(lines, 1))

    def is_file(self, path: str) -> bool:
        return self._tree.is_file(path)

    def listdir(self, path: str) -> tuple[str, ...]:
        return self._tree.listdir(path)


def test_with_its_line_gone_a_statement_decides_no_more(subject: Subject) -> None:
    """Selects, defaults and failing dependencies of one line each, all taken out at once."""
    removable = (StatementKind.SELECT, StatementKind.DEFAULT, StatementKind.DEPENDS)
    taken: dict[str, Statement] = {}
    for each in subject.explanations:
        for statement in each.statements:
            line = line_of(subject.tree, statement)
            if (
                statement.decides
                and statement.kind in removable
                and statement.state is not State.UNUSED
                and line.startswith(("select ", "default ", "depends on "))
                and not line.endswith("\\")
                and each.mask & 1
            ):
                taken.setdefault(each.name, statement)
    chosen_names = sorted(taken)[:: max(1, len(taken) // REMOVED)]
    places = [(taken[n].location.file, taken[n].location.line) for n in chosen_names]
    model = load(WithoutLines(subject.tree, places), "x86", bundled_toolchain(), Diagnostics())
    source = subject.resolution.given[0]
    resolution = resolve(model, [source], ProbePolicy.PROFILE)
    assert len(chosen_names) > REMOVED // 2
    for name in chosen_names:
        before, after = why(subject.resolution, name, 0), why(resolution, name, 0)
        assert before.location == taken[name].location
        assert after.location != before.location, (name, str(after))


def line_of(tree: DirectoryTree, statement: Statement) -> str:
    raw = tree.read(statement.location.file)
    assert raw is not None
    return raw.split(b"\n")[statement.location.line - 1].decode("utf-8", "replace").strip()
