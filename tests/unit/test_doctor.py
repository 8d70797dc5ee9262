"""``kimpact doctor``: what it finds, what it misses, and its exit status."""

from __future__ import annotations

import json
import os
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import jsonschema
import pytest

from analyzer.cli.main import main
from analyzer.doctor import installed, kept, kernel
from analyzer.doctor.result import DoctorResult, Finding, Health

ROOT = Path(__file__).resolve().parents[2]
TREE = ROOT / "fixtures" / "minikernel"
CONFIG = ROOT / "fixtures" / "configs" / "plain.config"
GOOD, ABSENT, BROKEN = Health.GOOD, Health.ABSENT, Health.BROKEN


def test_an_installation_that_has_all_it_needs(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    arguments = ["doctor", "--kernel", str(TREE), "--config", str(CONFIG)]
    assert main([*arguments, "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    jsonschema.validate(document, json.loads((ROOT / "docs/schema/doctor-1.json").read_text()))
    found = {(one["area"], one["name"]): one for one in document["findings"]}
    assert document["healthy"]
    assert found["kernel", "tree"]["found"] == f"Linux 6.12.0-mini in {TREE}"
    assert found["kernel", "architecture"]["found"] == "x86 (the tree has 1)"
    assert found["libraries", "tree-sitter-c"]["health"] == "good"
    assert found["extras", "mcp"]["health"] == "good"
    assert found["cache", "contents"]["found"] == "empty"
    assert main(arguments) == 0
    shown = capsys.readouterr().out
    assert "  tree              Linux 6.12.0-mini" in shown
    assert shown.endswith("\nall that is needed is there\n")


def test_a_tree_and_a_configuration_that_are_none(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    other = tmp_path / "arm.config"
    other.write_text("# Linux/arm64 6.1.0 Kernel Configuration\nCONFIG_SMP=y\n")
    missing = str(tmp_path / "missing")
    assert main(["doctor", "--kernel", str(tmp_path), "--config", str(CONFIG), missing]) == 1
    shown = capsys.readouterr().out
    assert "! tree" in shown
    assert "not a kernel source tree" in shown
    assert "! configuration" in shown
    assert shown.endswith("\n2 to mend, marked with '!'\n")
    assert main(["doctor", "--kernel", str(TREE), "--config", str(other)]) == 1
    assert "a configuration of architecture arm64, not x86" in capsys.readouterr().out


def test_without_a_kernel_nothing_is_broken() -> None:
    (tree,) = kernel.kernel(None, "x86")
    (config,) = kernel.configurations((), None, "x86")
    assert (tree.health, config.health) == (ABSENT, ABSENT)
    assert "--kernel DIR" in tree.advice
    assert "--config FILE" in config.advice


def test_an_architecture_that_the_tree_does_not_have() -> None:
    found = {one.name: one for one in kernel.kernel(TREE, "vax")}
    assert found["architecture"].health is BROKEN
    assert found["architecture"].advice == "--arch: x86"


def test_a_library_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    real = installed.version

    def version(name: str) -> str:
        if name in ("rich", "mcp"):
            raise PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(installed, "version", version)
    libraries = {one.name: one for one in installed.libraries()}
    assert libraries["rich"] == Finding(
        "libraries", "rich", BROKEN, "not found", "pip install rich"
    )
    assert libraries["unidiff"].health is GOOD
    extras = {one.name: one for one in installed.extras()}
    assert extras["mcp"] == Finding(
        "extras", "mcp", ABSENT, "without mcp", "pip install 'kimpact[mcp]'"
    )
    assert not {"all", "dev", "docs"} & set(extras)


def test_tools_are_looked_for_and_not_needed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "gcc").write_text("#!/bin/sh\necho 99.1\n")
    (tmp_path / "clang").write_text("#!/bin/sh\nexit 1\n")
    for name in ("gcc", "clang"):
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = {one.name: one for one in installed.tools()}
    assert found["gcc"].found == "99.1"
    assert (found["clang"].health, found["git"].health) == (ABSENT, ABSENT)
    assert "--range" in found["git"].advice


def test_what_the_cache_holds(tmp_path: Path) -> None:
    environment = {"XDG_CACHE_HOME": str(tmp_path)}
    folder = tmp_path / "kimpact"
    (folder / "results").mkdir(parents=True)
    (folder / "results" / "a").write_bytes(b"x" * (1 << 20))
    (folder / "kernels").mkdir()
    (folder / "kernels" / "big").write_bytes(b"x" * (1 << 20))
    place, contents = kept.cache(environment)
    assert (place.found, contents.found) == (str(folder), "1 entry, 1.0 MiB")


def test_a_cache_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (found,) = kept.cache({"XDG_CACHE_HOME": str(tmp_path / "file")})
    assert found.health is BROKEN
    assert "is no folder" in found.found
    if os.getuid() != 0:
        (tmp_path / "closed").mkdir(mode=0o500)
        (found,) = kept.cache({"XDG_CACHE_HOME": str(tmp_path / "closed")})
        assert "cannot be written" in found.found


def test_healthy_means_that_nothing_is_broken() -> None:
    absent = Finding("a", "b", ABSENT, "")
    assert DoctorResult((absent,)).healthy
    assert not DoctorResult((absent, Finding("a", "c", BROKEN, ""))).healthy
