"""Much of everything: answered with bounded memory, in time that grows with the amount.

Every run has the limits of :mod:`hostile_case` (processor time, address space).
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hostile_case import ASKED, CONFIG, KIMPACT, Hostile

HEADER = "#include <linux/mm.h>\n"


@pytest.fixture
def hostile(tmp_path: Path) -> Hostile:
    return Hostile(tmp_path)


def function(name: str, storage: str = "") -> str:
    return f"{storage}void {name}(void *page)\n{{\n\tpage_release(page);\n}}\n"


def many_functions(hostile: Hostile, number: int, last: str = "") -> None:
    text = "".join(function(f"many{i}", "static " if last else "") for i in range(number))
    hostile.write("mm/many.c", HEADER + text + last)
    hostile.write("mm/Makefile", "obj-y := memory.o release.o many.o\n")


@pytest.mark.slow
@pytest.mark.parametrize("number", [10_000])
def test_a_function_with_many_callers(number: int, hostile: Hostile) -> None:
    many_functions(hostile, number)
    shown = hostile.run("callers", "page_release", *hostile.given(), "--format", "json")
    assert shown.status == 0
    names = {node["name"] for node in shown.document["nodes"]}
    assert {f"many{i}" for i in range(number)} <= names


@pytest.mark.slow
@pytest.mark.parametrize("number", [10_000])
def test_a_function_that_calls_many(number: int, hostile: Hostile) -> None:
    calls = "".join(f"\tmany{i}(page);\n" for i in range(number))
    many_functions(hostile, number, f"void all(void *page)\n{{\n{calls}}}\n")
    shown = hostile.paths(asked="mm/many.c:all")
    assert shown.status == 0
    assert {("all", f"many{i}") for i in range(number)} <= shown.calls
    assert shown.codes["search-cap"].startswith("the search stopped after looking into 4000 ")


@pytest.mark.parametrize("number", [10_000])
def test_many_configurations(number: int, hostile: Hostile) -> None:
    values = (("y", "n"), ("n", "n"), ("y", "y"))
    configs: list[Path] = []
    for index in range(number):
        reclaim, trick = values[index % 3]
        text = CONFIG.replace("CONFIG_RECLAIM=y", f"CONFIG_RECLAIM={reclaim}")
        text = text.replace("# CONFIG_TRICK is not set", f"CONFIG_TRICK={trick}")
        path = hostile.folder / f"c{index}.config"
        path.write_text(text)
        configs.append(path)
    shown = hostile.run("paths", ASKED, *hostile.given(*configs), "--format", "json")
    assert shown.status == 0
    assert len(shown.document["configs"]) == number
    freed = next(e for e in shown.document["edges"] if e["name"] == "free_one")
    assert int(freed["mask"], 16) == sum(1 << i for i in range(number) if i % 3 != 1)


def files(hostile: Hostile, number: int) -> None:
    """``number`` sources in a hundred folders, none of them built."""
    for folder in range(100):
        place = hostile.tree / f"drivers/d{folder}"
        place.mkdir(parents=True)
        for index in range(number // 100):
            (place / f"f{index}.c").write_bytes(b"int x;\n")


def built_files(hostile: Hostile, number: int) -> None:
    """The same, each of them an object."""
    files(hostile, number)
    hostile.write("Kbuild", "obj-y += mm/ drivers/\n")
    hostile.write("drivers/Makefile", "".join(f"obj-y += d{i}/\n" for i in range(100)))
    objects = " ".join(f"f{index}.o" for index in range(number // 100))
    for folder in range(100):
        hostile.write(f"drivers/d{folder}/Makefile", f"obj-y := {objects}\n")


@pytest.mark.slow
@pytest.mark.parametrize("make", [files, built_files])
def test_a_tree_of_many_files(make: Callable[[Hostile, int], None], hostile: Hostile) -> None:
    make(hostile, 100_000)
    hostile.answered()
    shown = hostile.run("callers", "page_release", *hostile.given(), "--format", "json")
    assert shown.status == 0
    assert {"free_one", "free_all"} <= {node["name"] for node in shown.document["nodes"]}


@pytest.mark.slow
def test_a_long_patch(hostile: Hostile) -> None:
    number = 100_000
    head = f"--- a/mm/memory.c\n+++ b/mm/memory.c\n@@ -1,1 +1,{number + 1} @@\n {HEADER}"
    lines = "".join(f"+int filler_{index};\n" for index in range(number))
    shown = hostile.run(
        "review", "-", *hostile.given(), "--format", "json", stdin=(head + lines).encode()
    )
    assert shown.status == 0


@pytest.mark.slow
def test_many_runs_at_once_on_one_cache(hostile: Hostile) -> None:
    command = [*KIMPACT, "paths", ASKED, *hostile.given(), "--format", "json"]
    home = {"PATH": "/usr/bin:/bin", "XDG_CACHE_HOME": str(hostile.folder / "xdg")}
    runs = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=home)
        for _ in range(20)
    ]
    ended = [(*run.communicate(timeout=600), run.returncode) for run in runs]
    alone = hostile.paths()
    assert {(out.decode(), err.decode(), status) for out, err, status in ended} == {
        (alone.out, "", 0)
    }
    kept = sorted((hostile.folder / "xdg/kimpact/results").iterdir())
    assert kept
    assert not [path for path in kept if path.name.startswith((".", "tmp"))]
