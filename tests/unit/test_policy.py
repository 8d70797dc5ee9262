"""Policies: reading them, conditions over configurations, and checking the miniature kernel."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from analyzer.cli.main import main
from analyzer.configset.condition import where
from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import parse_dotconfig
from analyzer.errors import BadInput
from analyzer.impact.policy import read_policy

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures"
CONFIGS = [str(path) for path in sorted((FIXTURES / "configs").glob("*.config"))]
FUNCTION = 'function = "mm/mmu_gather.c:tlb_remove_table"'
HUNK = (
    "From: A Developer <dev@example.org>",
    "Subject: [PATCH] free a single table at once",
    "",
    "--- a/mm/mmu_gather.c",
    "+++ b/mm/mmu_gather.c",
    "@@ -43,5 +43,4 @@ static void table_wait_nothing(void *unused)",
    " static void table_free_one(void *table)",
    " {",
    "-\ton_each_cpu(table_wait_nothing, NULL, 1);",
    " \ttable_free_now(table);",
    " }",
    "",
)
BROKEN = ("", "A &&", "&& A", "(A", "A)", "A B", "A==y", "A;", "!" * 300)


def configs(*texts: str) -> ConfigSet:
    """Each text is ``A=y B=250``."""
    return ConfigSet.of(
        parse_dotconfig("".join(f"CONFIG_{one}\n" for one in text.split()), f"c{n}", f"c{n}")
        for n, text in enumerate(texts)
    )


@pytest.mark.parametrize(
    ("condition", "mask"),
    [
        ("A", 0b011),
        ("!A", 0b100),
        ("A=y", 0b001),
        ("A = m", 0b010),
        ("A != y", 0b110),
        ("A=n", 0b100),
        ("HZ=250", 0b101),
        ("HZ!=250", 0b010),
        ("A && HZ=250", 0b001),
        ("A || B", 0b111),
        ("!(A && HZ=250)", 0b110),
        ("!A && B || A=m", 0b110),
        ("CONFIG_B", 0b100),
        ("UNKNOWN", 0),
        ('NAME="x"', 0b100),
    ],
)
def test_conditions(condition: str, mask: int) -> None:
    three = configs("A=y HZ=250", "A=m HZ=100", 'B=y HZ=250 NAME="x"')
    assert where(condition, three) == mask


@pytest.mark.parametrize("condition", BROKEN)
def test_what_is_no_condition(condition: str) -> None:
    with pytest.raises(BadInput, match="not a condition"):
        where(condition, configs("A=y"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "consists of"),
        ("x = 1", "consists of"),
        ("[[rule]]\nnever = ['immediate-free']", "names no function"),
        (f"[[rule]]\n{FUNCTION}", "asserts nothing"),
        (f"[[rule]]\n{FUNCTION}\nnever = ['imediate-free']", "no such effect: 'imediate-free'"),
        (f"[[rule]]\n{FUNCTION}\nnever = 'immediate-free'", "'never' is unknown or of the wrong"),
        (f"[[rule]]\n{FUNCTION}\nforbids = ['x']", "'forbids' is unknown"),
        ("[[rule]", "not TOML"),
    ],
)
def test_what_is_no_policy(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(text)
    with pytest.raises(BadInput, match=said):
        read_policy(path)


def checked(
    policy: str, folder: Path, capsys: pytest.CaptureFixture[str], *more: str
) -> tuple[int, str, str]:
    (folder / "rules.toml").write_text(policy)
    arguments = ["--policy", str(folder / "rules.toml"), "--kernel", str(FIXTURES / "minikernel")]
    arguments += ["--knowledge", str(FIXTURES / "knowledge.toml"), "--config", *CONFIGS]
    status = main(["check", *more, *arguments, "--no-cache"])
    output = capsys.readouterr()
    return int(status), output.out, output.err


BY_RCU = f"""
[[rule]]
name = "no table is freed at once"
{FUNCTION}
when = "MMU_GATHER_RCU_TABLE_FREE"
never = ["immediate-free"]
"""


def test_a_rule_that_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, text, errors = checked(BY_RCU, tmp_path, capsys)
    assert (status, errors) == (0, "")
    assert "1 of 1 rules kept" in text


def test_a_patch_that_breaks_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    patch = tmp_path / "a.patch"
    patch.write_text("\n".join(HUNK))
    status, text, _ = checked(BY_RCU, tmp_path, capsys, str(patch))
    assert status == 1
    assert "free a single table at once  0 of 1 rules kept" in text
    assert "broken: no table is freed at once  immediate-free" in text
    assert "table_free_one  mm/mmu_gather.c:73  when !tlb->mm->users" in text


def document(
    policy: str, folder: Path, capsys: pytest.CaptureFixture[str], *more: str
) -> dict[str, Any]:
    _, text, errors = checked(policy, folder, capsys, *more, "--format", "json")
    assert text, errors
    found = json.loads(text)
    schema = json.loads((ROOT / "docs" / "schema" / "check-1.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(found, schema)
    assert isinstance(found, dict)
    return found


def test_the_document_names_the_path(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules = f'[[rule]]\n{FUNCTION}\navoids = ["on_each_cpu"]\n'
    found = document(rules, tmp_path, capsys)
    assert found["kept"] is False
    (violation,) = found["trees"][0]["violations"]
    names = [step["name"] for step in violation["path"]]
    assert names == ["tlb_remove_table", "table_free_one", "on_each_cpu"]
    assert violation["path"][0]["call"] == {"file": None, "line": None}


def test_what_has_to_be_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules = f'[[rule]]\n{FUNCTION}\nmust = ["grace-period-then-free"]\n'
    found = document(rules, tmp_path, capsys)
    assert {one["what"] for one in found["trees"][0]["violations"]} == {"no grace-period-then-free"}


def test_only_these_effects(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules = f'[[rule]]\n{FUNCTION}\nwhen = "PARAVIRT"\nonly = ["rcu-callback-free"]\n'
    found = document(rules, tmp_path, capsys)
    assert {one["what"] for one in found["trees"][0]["violations"]} == {"ipi-then-free"}


def test_a_misspelt_function_is_no_rule_that_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, text, errors = checked(BY_RCU.replace('_table"', '_tabel"'), tmp_path, capsys)
    assert (status, text) == (2, "")
    assert "no function is called mm/mmu_gather.c:tlb_remove_tabel" in errors


# A review with a policy


OTHER = f"""
[[rule]]
name = "nothing is lost from sight"
{FUNCTION}
never = ["unknown"]
"""
BACK = (
    "\n".join(HUNK)
    .replace("@@ -43,5 +43,4 @@", "@@ -43,4 +43,5 @@")
    .replace("-\ton_each", "+\ton_each")
)
TOUCH = """\
--- a/mm/mmu_gather.c
+++ b/mm/mmu_gather.c
@@ -39,3 +39,4 @@
 static void table_wait_nothing(void *unused)
 {
+\t(void)unused;
 }
"""


def reviewed(
    policy: str, folder: Path, capsys: pytest.CaptureFixture[str], patches: list[str], *more: str
) -> tuple[int, str, str]:
    (folder / "rules.toml").write_text(policy)
    names: list[str] = []
    for number, text in enumerate(patches):
        names.append(str(folder / f"{number}.patch"))
        Path(names[-1]).write_text(text)
    arguments = ["--policy", str(folder / "rules.toml"), "--kernel", str(FIXTURES / "minikernel")]
    arguments += ["--knowledge", str(FIXTURES / "knowledge.toml"), "--config", *CONFIGS]
    status = main(["review", *names, *arguments, "--no-cache", "--only-given", *more])
    output = capsys.readouterr()
    return int(status), output.out, output.err


def standings(review: dict[str, Any]) -> set[tuple[str, str, str]]:
    return {(one["standing"], one["rule"], one["what"]) for one in review["policy"]["breaches"]}


def test_a_patch_that_breaks_a_rule_fails_where_asked_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = BY_RCU + OTHER
    status, text, errors = reviewed(rules, tmp_path, capsys, ["\n".join(HUNK)])
    assert (status, errors) == (0, "")
    assert "1 of 2 rules of the policy kept" in text
    assert "rule 'no table is freed at once' is broken" in text
    assert "immediate-free (introduced)" in text
    assert "1 rule newly broken" in text
    status, _, _ = reviewed(
        rules, tmp_path, capsys, ["\n".join(HUNK)], "--fail-on", "coverage", "policy"
    )
    assert status == 1


def test_the_documents_of_a_review_with_a_policy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a series the second patch mends what the first breaks."""
    patches = ["\n".join(HUNK), BACK]
    status, text, _ = reviewed(
        BY_RCU, tmp_path, capsys, patches, "--fail-on", "policy", "--format", "json"
    )
    assert status == 1
    found = json.loads(text)
    schema = json.loads((ROOT / "docs" / "schema" / "review-1.json").read_text("utf-8"))
    jsonschema.validate(found, schema)
    rule = "no table is freed at once"
    assert [standings(one) for one in found["reviews"]] == [
        {("introduced", rule, "immediate-free")},
        {("kept now", rule, "immediate-free")},
        set(),
    ]
    (finding,) = [one for one in found["findings"] if one["kind"] == "policy"]
    assert (finding["level"], finding["review"]) == ("error", 0)
    assert (finding["file"], finding["line"]) == ("mm/mmu_gather.c", 43)
    assert "tlb_remove_table -> table_free_one" in finding["message"]


def test_a_rule_that_was_broken_before_is_said_to_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = f'[[rule]]\nname = "no IPI"\n{FUNCTION}\navoids = ["on_each_cpu"]\n'
    status, text, _ = reviewed(rules, tmp_path, capsys, [TOUCH], "--fail-on", "policy")
    assert status == 1
    assert "(broken before too)" in text
    assert "1 rule broken before and after" in text
    for format_, said in (
        ("terse", "WARNING: rule 'no IPI'"),
        ("markdown", "rule '`no IPI`' is broken"),
        ("mail", "rule 'no IPI' is broken"),
        ("sarif", '"ruleId": "policy"'),
        ("b4", "rule 'no IPI' is broken"),
    ):
        _, text, _ = reviewed(rules, tmp_path, capsys, [TOUCH], "--format", format_)
        assert said in text, format_


def test_to_fail_on_a_policy_needs_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    patch = tmp_path / "a.patch"
    patch.write_text(TOUCH)
    arguments = ["--kernel", str(FIXTURES / "minikernel"), "--config", *CONFIGS]
    status = main(["review", str(patch), "--fail-on", "policy", *arguments])
    assert int(status) == 2
    assert "--policy FILE" in capsys.readouterr().err


def test_a_misspelt_function_in_the_policy_of_a_review(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = BY_RCU.replace('_table"', '_tabel"')
    status, text, errors = reviewed(rules, tmp_path, capsys, [TOUCH])
    assert (status, text) == (2, "")
    assert "no function is called" in errors


def test_a_rule_about_no_configuration_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = BY_RCU.replace("MMU_GATHER_RCU_TABLE_FREE", "NO_SUCH_SYMBOL")
    _, text, _ = reviewed(rules, tmp_path, capsys, [TOUCH])
    assert "no configuration has NO_SUCH_SYMBOL, nothing is checked" in text
    _, text, _ = checked(rules, tmp_path, capsys)
    assert "no configuration has NO_SUCH_SYMBOL, nothing is checked" in text


def test_an_answer_is_not_kept_for_other_rules(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    policy, patch = tmp_path / "rules.toml", tmp_path / "a.patch"
    patch.write_text("\n".join(HUNK))
    arguments = ["review", str(patch), "--policy", str(policy), "--fail-on", "policy"]
    arguments += ["--kernel", str(FIXTURES / "minikernel"), "--config", *CONFIGS]
    arguments += ["--knowledge", str(FIXTURES / "knowledge.toml"), "--format", "terse"]
    policy.write_text(BY_RCU)
    assert int(main(arguments)) == 1
    first = capsys.readouterr().out
    assert int(main(arguments)) == 1
    assert capsys.readouterr().out == first
    policy.write_text(OTHER)
    assert int(main(arguments)) == 0
