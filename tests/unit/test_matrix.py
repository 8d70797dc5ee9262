"""``kimpact matrix`` on the miniature kernel, from end to end.

``python test_matrix.py`` writes the expected texts anew; read the difference before
committing it.
"""

from __future__ import annotations

import io
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from analyzer.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden"
TREE = ROOT / "fixtures" / "minikernel"
CONFIG = ROOT / "fixtures" / "configs" / "paravirt-reclaim.config"
FUNCTION = "mm/memory.c:free_pte_range"
CASES = {
    "matrix.txt": [FUNCTION],
    "matrix-varied.txt": [FUNCTION, "--vary", "PT_RECLAIM,CONFIG_PARAVIRT", "--ascii"],
}


def run(*arguments: str, tree: Path = TREE) -> tuple[int, str, str]:
    outputs = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = outputs
    try:
        status = main(["matrix", *arguments, "--kernel", str(tree), "--no-cache"])
        outputs[0].seek(0)
        text = outputs[0].read()
    finally:
        sys.stdout, sys.stderr = before
    return int(status), text, outputs[1].getvalue()


def text_of(arguments: list[str]) -> str:
    status, text, errors = run(*arguments, "--config", str(CONFIG))
    assert status == 0, errors
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def document(*arguments: str) -> Any:
    status, text, errors = run(*arguments, "--config", str(CONFIG), "--format", "json")
    assert status == 0, errors
    return json.loads(text)


@pytest.mark.parametrize("name", CASES)
def test_the_table_is_what_was_reviewed(name: str) -> None:
    assert text_of(CASES[name]) == (GOLDEN / name).read_text("utf-8")


def test_the_document_follows_the_schema_and_the_contract(tmp_path: Path) -> None:
    found = document(
        FUNCTION, "--vary", "MOONBASE_GUEST,PARAVIRT", "--write-configs", str(tmp_path)
    )
    schema = json.loads((ROOT / "docs" / "schema" / "matrix-1.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(found, schema)
    paths = json.loads((ROOT / "docs" / "schema" / "paths-1.json").read_text("utf-8"))
    jsonschema.validate(found["paths"], paths)
    assert found["vary"] == ["MOONBASE_GUEST", "PARAVIRT"]
    verdicts = {"".join(row["values"].values()): row["verdict"] for row in found["rows"]}
    assert verdicts == {"yy": "possible", "yn": "impossible", "ny": "possible", "nn": "possible"}
    (impossible,) = (row for row in found["rows"] if row["verdict"] == "impossible")
    assert impossible["reasons"][0]["file"] == "arch/x86/Kconfig"
    assert impossible["class"] is None
    for row in found["rows"]:
        if row["verdict"] == "possible":
            lines = Path(row["witness"]).read_text().splitlines()
            for symbol, value in row["values"].items():
                assert (f"CONFIG_{symbol}={value}" in lines) == (value == "y")


def test_every_row_of_a_class_has_its_expression() -> None:
    found = document(FUNCTION)
    for number, one in enumerate(found["classes"]):
        rows = [row for row in found["rows"] if row["class"] == number]
        assert rows
        mask = sum(1 << row["config"] for row in rows)
        assert int(one["mask"], 16) == mask
    assert {one["symbol"] for one in found["relevant"]} == set(found["vary"])
    assert all(one["evidence"] for one in found["relevant"])


def test_the_paths_are_those_of_the_witness_alone(tmp_path: Path) -> None:
    """What a row says is what ``paths`` says of the configuration that was written for it."""
    found = document(FUNCTION, "--vary", "PARAVIRT", "--write-configs", str(tmp_path))
    for row in found["rows"]:
        text = io.StringIO()
        before, sys.stdout = sys.stdout, text
        try:
            arguments = ["paths", FUNCTION, "--kernel", str(TREE), "--config", row["witness"]]
            assert int(main([*arguments, "--no-cache", "--format", "json"])) == 0
        finally:
            sys.stdout = before
        alone = {
            (tuple(each["platforms"]), tuple(each["effects"]))
            for each in json.loads(text.getvalue())["classes"]
        }
        outcomes = found["classes"][row["class"]]["outcomes"]
        together = {(name, tuple(o["effects"])) for o in outcomes for name in o["platforms"]}
        told = {(name, e) for names, e in alone for name in names}
        # A configuration alone may give no reason to tell platforms apart.
        assert (told or {("native", e) for _, e in alone}) == together


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--vary", "PARAVIT"], "defines PARAVIT (did you mean PARAVIRT"),
        (["--vary", "PARAVIRT,"], "no list of CONFIG symbols"),
        (["--vary", "CC_VERSION_TEXT"], "CC_VERSION_TEXT"),
    ],
)
def test_bad_input_is_one_line(arguments: list[str], said: str) -> None:
    status, text, errors = run(FUNCTION, *arguments, "--config", str(CONFIG))
    assert (status, text) == (2, "")
    assert said in errors
    assert errors.count("\n") == 1


def test_one_base_is_needed() -> None:
    status, _, errors = run(FUNCTION, "--config", str(CONFIG), str(CONFIG))
    assert status == 2
    assert "one base configuration" in errors


def test_without_one_the_trees_default_is_the_base(tmp_path: Path) -> None:
    tree = tmp_path / "linux"
    shutil.copytree(TREE, tree)
    (tree / "arch" / "x86" / "configs").mkdir()
    (tree / "arch" / "x86" / "configs" / "x86_64_defconfig").write_text("CONFIG_PT_RECLAIM=y\n")
    arguments = [FUNCTION, "--vary", "PARAVIRT", "--format", "json"]
    status, text, errors = run(*arguments, tree=tree)
    assert status == 0, errors
    found = json.loads(text)
    base = {"name": "x86_64_defconfig", "file": "arch/x86/configs/x86_64_defconfig"}
    assert found["base"] == base
    assert [row["values"] for row in found["rows"]] == [{"PARAVIRT": "y"}, {"PARAVIRT": "n"}]


if __name__ == "__main__":
    for name, case in CASES.items():
        (GOLDEN / name).write_text(text_of(case), "utf-8")
