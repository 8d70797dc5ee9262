"""``make kernels``: which package and which source entries are chosen, and finding trees."""

from __future__ import annotations

from pathlib import Path

import pytest

from kernels import patches
from kernels.apt import (
    distribution_entries,
    entries_of_suite,
    machine_entries,
    parse_deb822,
    parse_one_line,
)
from kernels.install import install, present, wanted_package
from kernels.patches import newest_first
from kernels.trees import find_trees, kernels_folder, wanted_trees

DEB822 = """\
# a comment
Types: deb deb-src
URIs: http://archive.invalid/debian
Suites: bookworm
 bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/x.gpg

Types: deb
URIs: http://other.invalid/tool
Suites: nodistro
Components: main

Types: deb
URIs: http://archive.invalid/old
Suites: bookworm
Components: main
Enabled: no
"""


def make_tree(folder: Path, version: str) -> Path:
    tree = folder / f"linux-source-{version}"
    tree.mkdir(parents=True)
    major, minor = version.split(".")
    (tree / "Makefile").write_text(f"VERSION = {major}\nPATCHLEVEL = {minor}\nSUBLEVEL = 3\n")
    (tree / "Kbuild").touch()
    (tree / "Kconfig").touch()
    return tree


def test_newest_package_of_a_major_version() -> None:
    names = ["linux-source-7.2", "linux-source-7.10", "linux-source-6.12", "linux-source-7.2-rt"]
    assert wanted_package(names, "7") == "linux-source-7.10"
    assert wanted_package(names, "6.12") == "linux-source-6.12"
    assert wanted_package(names, "8") is None
    assert wanted_package(["linux-source-6.8.0"], "6.8") == "linux-source-6.8.0"


def test_suite_is_replaced_and_the_rest_of_the_stanza_kept() -> None:
    entries = tuple(parse_deb822(DEB822))
    assert [entry.suites for entry in entries] == [
        ("bookworm", "bookworm-updates"),
        ("nodistro",),
    ]
    (later,) = entries_of_suite(entries, "testing", "bookworm")
    assert later.text.splitlines() == [
        "Types: deb",
        "URIs: http://archive.invalid/debian",
        "Suites: testing",
        "Components: main",
        "Signed-By: /usr/share/keyrings/x.gpg",
    ]
    assert [entry.suites[0] for entry in distribution_entries(entries, "bookworm")] == ["bookworm"]


def test_one_line_sources() -> None:
    text = (
        "deb [signed-by=/x.gpg] http://archive.invalid/debian bookworm main contrib # why\n"
        "deb-src http://archive.invalid/debian bookworm main\n"
        "deb http://archive.invalid/security bookworm-security main\n"
    )
    entries = tuple(parse_one_line(text))
    assert [entry.suites[0] for entry in entries] == ["bookworm", "bookworm-security"]
    assert [entry.text for entry in entries_of_suite(entries, "testing", "bookworm")] == [
        "deb [signed-by=/x.gpg] http://archive.invalid/debian testing main contrib"
    ]
    assert distribution_entries(entries, "bookworm") == entries


def test_sources_of_both_formats_are_read(tmp_path: Path) -> None:
    parts = tmp_path / "sources.list.d"
    parts.mkdir()
    (tmp_path / "sources.list").write_text("deb http://archive.invalid/debian sid main\n")
    (parts / "more.sources").write_text(DEB822)
    assert [entry.suffix for entry in machine_entries(tmp_path)] == ["list", "sources", "sources"]


def test_trees_are_found_in_version_order(tmp_path: Path) -> None:
    make_tree(tmp_path, "6.12")
    make_tree(tmp_path, "6.2")
    make_tree(tmp_path, "7.1")
    (tmp_path / "linux-source-7.3").mkdir()
    configs = tmp_path / "linux-config-6.12"
    configs.mkdir()
    for name in ("config.amd64_none_amd64.xz", "config.amd64_none_cloud-amd64.xz"):
        (configs / name).touch()
    trees = find_trees(tmp_path)
    assert [tree.version for tree in trees] == ["6.2", "6.12", "7.1"]
    cloud = trees[1].config("cloud")
    assert cloud is not None
    assert cloud.name == "config.amd64_none_cloud-amd64.xz"
    assert trees[1].config("none_amd64") == configs / "config.amd64_none_amd64.xz"
    assert trees[0].config("cloud") is None


def test_a_single_tree_may_be_named(tmp_path: Path) -> None:
    tree = make_tree(tmp_path, "6.12")
    assert [found.version for found in find_trees(tree)] == ["6.12"]
    assert find_trees(tmp_path / "nowhere") == ()


def test_folder_of_the_kernels() -> None:
    assert kernels_folder({"KIMPACT_KERNELS": "/k"}) == Path("/k")
    assert kernels_folder({"XDG_CACHE_HOME": "/c"}) == Path("/c/kimpact/kernels")
    assert kernels_folder({}) == Path("~/.cache/kimpact/kernels").expanduser()


def test_what_is_there_is_not_fetched_again(tmp_path: Path) -> None:
    make_tree(tmp_path, "6.12")
    make_tree(tmp_path, "7.2")
    said: list[str] = []
    assert present(tmp_path, "7") == "7.2"
    assert install(("6.12", "7"), tmp_path, said.append) == ()
    assert said == [
        f"kernel 6.12: already in {tmp_path}",
        f"kernel 7.2: already in {tmp_path}",
    ]


def test_of_each_release_the_newest_package_is_asked_for_first() -> None:
    versions = ("6.1.4-1", "6.12.8-1", "7.2.13-1", "6.1.176-1", "6.12.101-1", "7.2.9-1", "6.1.99-2")
    assert newest_first(versions) == (
        ("6.1.176-1", "6.1.99-2", "6.1.4-1"),
        ("6.12.101-1", "6.12.8-1"),
        ("7.2.13-1", "7.2.9-1"),
    )


def test_patches_that_are_there_are_not_fetched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KIMPACT_PATCHES", str(tmp_path))
    monkeypatch.setattr(patches, "fetch", None)
    (tmp_path / "6.12.8-1").mkdir()
    (tmp_path / "6.12.8-1" / "a.patch").touch()
    assert patches.main() == 0
    assert capsys.readouterr().out == f"1 patches: already in {tmp_path}\n"


@pytest.mark.parametrize(
    ("versions", "found"),
    [
        ("", ["6.1", "6.12", "7.2"]),
        ("6.12 7", ["6.12", "7.2"]),
        ("6", ["6.1", "6.12"]),
        ("5.10", []),
    ],
)
def test_versions_are_picked_by_name(tmp_path: Path, versions: str, found: list[str]) -> None:
    for major, minor in ((7, 2), (6, 12), (6, 1)):
        tree = tmp_path / f"linux-source-{major}.{minor}"
        tree.mkdir()
        for name in ("Kbuild", "Kconfig"):
            (tree / name).touch()
        (tree / "Makefile").write_text(f"VERSION = {major}\nPATCHLEVEL = {minor}\n")
    environment = {"KIMPACT_KERNELS": str(tmp_path), "KIMPACT_VERSIONS": versions}
    assert [tree.version for tree in wanted_trees(environment)] == found
