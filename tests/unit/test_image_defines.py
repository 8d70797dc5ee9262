"""Whether a source seems to define a function, told by its text."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from analyzer.callgraph.image import VMLINUX, ImageSearch
from analyzer.callgraph.session import Session
from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import read_dotconfig
from analyzer.diagnostics import Diagnostics
from analyzer.tree.source_tree import DirectoryTree

FIXTURES = Path(__file__).parents[2] / "fixtures"

SOURCE = """MAKE_ASM(first_of_all, 1)
DEFINE(one, int, other)
{
	return called(one);
}
  INDENTED(two) { }
int three(void) { return called(four, 1); }
lower_case(five) { }
#define renamed six
int renamed(void)
{
	DEFINE(seven);
	if (DEFINE(eight)) { }
	return 0;
}
RETURNS(nine) struct x { int y; };
PASTE(ten,
      more)
{
}
"""


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> ImageSearch:
    tree = tmp_path_factory.mktemp("defines") / "linux"
    shutil.copytree(FIXTURES / "minikernel", tree)
    (tree / "mm" / "made.c").write_text(SOURCE)
    configs = ConfigSet.of([read_dotconfig(FIXTURES / "configs" / "plain.config")])
    session = Session(DirectoryTree(tree), "x86", configs, Diagnostics())
    return ImageSearch(session, VMLINUX)


@pytest.mark.parametrize("name", ["first_of_all", "one", "other", "three", "six", "ten", "more"])
def test_what_is_defined(image: ImageSearch, name: str) -> None:
    assert image.defines("mm/made.c", name)


@pytest.mark.parametrize(
    "name", ["called", "four", "five", "seven", "eight", "nine", "absent", "hree"]
)
def test_what_is_only_mentioned(image: ImageSearch, name: str) -> None:
    assert not image.defines("mm/made.c", name)


def test_a_source_that_is_not_there(image: ImageSearch) -> None:
    assert not image.defines("mm/none.c", "one")


def test_sources_that_spell_all_words(image: ImageSearch) -> None:
    every = {item.source for item in image.objects()}
    assert "mm/made.c" not in every
    found = {item.source for item in image.spelling([b"free_pte_range", b"mm"])}
    assert found <= every
