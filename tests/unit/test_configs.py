"""``kimpact configs``: what differs, in which order, for few and for many configurations."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path

import jsonschema
import pytest
from kconfig_case import model_of

from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import DotConfig
from analyzer.configset.folder import config_files, read_configs
from analyzer.contrast.answer import compare
from analyzer.contrast.influence import dependents
from analyzer.contrast.result import ConfigsResult
from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.paths.result import ConfigInfo
from analyzer.report.configs import print_configs
from analyzer.report.json_configs import configs_json

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "schema" / "configs-1.json"


def configs(*texts: str) -> ConfigSet:
    """``A=y B=m`` each, named c0, c1, …"""
    return ConfigSet.of(
        DotConfig.of_values(f"c{n}", f"c{n}.config", dict(i.split("=") for i in text.split()))
        for n, text in enumerate(texts)
    )


def result(given: ConfigSet, only: Sequence[str] | None = None) -> ConfigsResult:
    diagnostics = Diagnostics()
    found = compare(given, only, None, diagnostics)
    infos = tuple(map(ConfigInfo, given.names, given.files))
    return ConfigsResult(
        infos,
        found.groups,
        found.symbols,
        None,
        None,
        only is not None,
        tuple(diagnostics),
    )


def table(answer: ConfigsResult, *, show_all: bool = False) -> list[str]:
    stream = io.StringIO()
    print_configs(answer, stream, ascii_only=True, show_all=show_all)
    return stream.getvalue().splitlines()


FEW = configs("A=y SAME=y B=m N=5 W=y", "A=y SAME=y B=y N=7 W=y", "SAME=y B=m N=5 V=y")


def test_switches_come_first_then_modules_then_numbers() -> None:
    found = result(FEW)
    assert [(each.name, each.values) for each in found.symbols] == [
        ("V", ((0b100, "y"), (0b011, "n"))),
        ("A", ((0b011, "y"), (0b100, "n"))),
        ("W", ((0b011, "y"), (0b100, "n"))),
        ("B", ((0b101, "m"), (0b010, "y"))),
        ("N", ((0b101, "5"), (0b010, "7"))),
    ]
    assert found.groups == (1, 2, 4)


def test_a_table_of_few() -> None:
    assert table(result(FEW)) == [
        "3 configurations: 5 symbols differ",
        "",
        "symbol | c0 | c1 | c2",
        "-------+----+----+---",
        "V      | n  | n  | y",
        "A      | y  | y  | n",
        "W      | y  | y  | n",
        "B      | m  | y  | m",
        "N      | 5  | 7  | 5",
    ]


def test_symbols_asked_for_are_shown_in_that_order_also_where_they_agree() -> None:
    found = result(FEW, ["N", "SAME", "N", "SAMF"])
    assert [(each.name, each.differs) for each in found.symbols] == [
        ("N", True),
        ("SAME", False),
        ("SAMF", False),
    ]
    assert found.groups == (0b101, 0b010)
    assert table(found) == [
        "3 configurations: of 3 symbols 1 differs",
        "",
        "(1) c0, c2",
        "symbol | (1) 2 configurations | c1",
        "-------+----------------------+---",
        "N      | 5                    | 7",
        "SAME   | y                    | y",
        "SAMF   | n                    | n",
        "",
        "warning: no configuration has a value for SAMF; nearest: SAME [unknown-symbol]",
    ]


def test_many_symbols_with_the_same_values_share_a_line() -> None:
    drivers = " ".join(f"D{number:02}=m" for number in range(60))
    sizes = " ".join(f"S{number}={number}" for number in range(3))
    given = configs(f"{drivers} {sizes} T=1", "A=y T=2")
    first = ", ".join(f"D{number:02}" for number in range(16))
    assert table(result(given))[2:] == [
        "c0  | c1 | number | symbols",
        "----+----+--------+" + "-" * 91,
        "n   | y  |      1 | A",
        f"m   | n  |     60 | {first} and 44 more",
        "set | n  |      3 | S0=0, S1=1, S2=2",
        "1   | 2  |      1 | T",
    ]
    assert table(result(given), show_all=True)[5].endswith("D57, D58, D59")


def test_with_many_configurations_values_are_counted() -> None:
    given = configs(*[f"{'A=y ' if n % 2 else ''}N={n % 10} M{n}=y" for n in range(30)])
    lines = table(result(given))
    assert lines[0] == "30 configurations: 32 symbols differ"
    assert lines[4] == "A       | n in 15, y in 15"
    assert lines[5] == "M0      | n in 29, y in c0"
    assert lines[-1].startswith("N       | 0 in 3, 1 in 3, 2 in 3")
    assert lines[-1].endswith(" and 4 more values")


def test_nothing_differs() -> None:
    same = configs("A=y", "A=y")
    assert table(result(same)) == ["2 configurations: no symbol differs"]
    assert result(configs("A=y")).symbols == ()


def test_dependents_count_what_a_difference_goes_into() -> None:
    model = model_of(
        "config TOP\n\tbool\nconfig MIDDLE\n\tdef_bool TOP\nconfig LOW\n\tdef_bool MIDDLE\n"
        "config SAME\n\tdef_bool LOW\nconfig PAST\n\tdef_bool SAME\n"
        "config SELECTS\n\tdef_bool TOP\n\tselect LOW\n"
    )
    names = ["TOP", "MIDDLE", "LOW", "PAST", "SELECTS", "NOT_THERE"]
    assert dependents(model, names) == {
        "TOP": 3,
        "MIDDLE": 1,
        "LOW": 0,
        "PAST": 0,
        "SELECTS": 1,
    }


def test_with_a_kernel_causes_come_first() -> None:
    model = model_of("config Z\n\tbool\nconfig A\n\tdef_bool Z\nconfig B\n\tdef_bool Z\n")
    found = compare(configs("Z=y A=y B=y", ""), None, model, Diagnostics())
    assert [(each.name, each.dependents) for each in found.symbols] == [
        ("Z", 2),
        ("A", 0),
        ("B", 0),
    ]
    assert {each.type.value for each in found.symbols if each.type is not None} == {"bool"}


def test_json_follows_the_schema() -> None:
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    document = json.loads(configs_json(result(FEW, ["A", "NO"])))
    jsonschema.validate(document, schema)
    assert document["symbols"][0] == {
        "name": "A",
        "type": None,
        "differs": True,
        "dependents": None,
        "values": [{"value": "y", "mask": "0x3"}, {"value": "n", "mask": "0x4"}],
    }


def written(folder: Path, **files: str) -> Path:
    folder.mkdir()
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return folder


def test_a_folder_stands_for_its_configurations(tmp_path: Path) -> None:
    folder = written(
        tmp_path / "f",
        b__config="CONFIG_B=y\n",
        a__config="CONFIG_A=y\n",
        __config="CONFIG_DOT=y\n",
        __hidden="CONFIG_H=y\n",
        README="These are configurations.\n",
        empty="",
    )
    (folder / "sub").mkdir()
    alone = tmp_path / "z.config"
    alone.write_text("")
    diagnostics = Diagnostics()
    found = list(read_configs(config_files([alone, folder]), diagnostics))
    assert [Path(each.file).name for each in found] == [
        "z.config",
        ".config",
        "a.config",
        "b.config",
    ]
    assert [each.code for each in diagnostics] == ["no-config", "no-config"]
    assert "README: passed over: not a kernel .config" in next(iter(diagnostics)).message


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "no configuration in this folder"),
        ({"README": "These are words.\n"}, "none of the files is a configuration"),
    ],
)
def test_a_folder_without_any(tmp_path: Path, files: dict[str, str], message: str) -> None:
    folder = written(tmp_path / "f", **files)
    with pytest.raises(BadInput, match=message):
        list(read_configs(config_files([folder]), Diagnostics()))


def test_a_file_named_must_be_one(tmp_path: Path) -> None:
    path = tmp_path / "README"
    path.write_text("These are words.\n")
    with pytest.raises(BadInput, match="not a kernel"):
        list(read_configs(config_files([path]), Diagnostics()))
    with pytest.raises(BadInput, match="no such configuration file"):
        list(read_configs(config_files([tmp_path / "missing"]), Diagnostics()))
