"""The pages of the other commands, each made by its command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from browser_case import FIXTURES, OpenPage, kimpact, mini, mini_configs

PATCH = """\
From: A Developer <dev@example.org>
Subject: [PATCH] mini: free single tables after a grace period

With CONFIG_PT_RECLAIM, a table that finds no batch is freed by RCU too:

  tlb_remove_table
    table_free_one [frees via RCU]
---
--- a/mm/mmu_gather.c
+++ b/mm/mmu_gather.c
@@ -42,7 +42,14 @@

 static void table_free_one(void *table)
 {
+#ifdef CONFIG_PT_RECLAIM
+\tcall_rcu(&((struct page *)table)->rcu, table_free_rcu);
+#else
 \ton_each_cpu(table_wait_nothing, NULL, 1);
 \ttable_free_now(table);
+#endif
+#ifdef CONFIG_NO_SUCH_SYMBOL
+\tbarrier();
+#endif
 }

 static void table_free_later(struct page *page)
"""


@pytest.fixture(scope="module")
def review_text(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of a review of a patch that changes an effect and adds a dead line."""
    patch = tmp_path_factory.mktemp("review") / "0001.patch"
    patch.write_text(PATCH.replace("\n\n static", "\n \n static").replace("@@\n\n", "@@\n \n"))
    return mini("review", patch, "--only-given", "--format", "html")


def cells(page: Any, marks: str) -> list[list[str]]:
    """The texts of a table."""
    rows = page.locator(f"table.{marks} tbody tr").all()
    return [[cell.inner_text() for cell in row.locator("td").all()] for row in rows]


def embedded(page: Any) -> Any:
    """The document that a page carries."""
    return json.loads(page.locator("#document").text_content())


def test_a_review_shows_both_trees(open_page: OpenPage, review_text: str) -> None:
    page = open_page(review_text)
    ((name, where, before, after, _paths),) = cells(page, "changes")
    assert name == "table_free_one"
    assert where == "with PT_RECLAIM"
    assert (before, after) == ("freed after an IPI", "freed by RCU callback")
    first = page.locator("details.transition").first
    gone = first.locator(".before .row.gone .name").all_inner_texts()
    new = first.locator(".after .row.new .name").all_inner_texts()
    assert gone == ["on_each_cpu", "table_free_now"]
    assert new[0] == "table_free_rcu"
    assert first.locator(".before .row").count() == 3
    page.locator("#show-whole").check()
    assert page.locator("details.transition").first.locator(".after .row").count() >= 3
    assert "show=" in page.url


def test_the_diff_says_what_compiles_each_line(open_page: OpenPage, review_text: str) -> None:
    page = open_page(review_text)
    covers = {
        line.locator(".code-text").inner_text().strip(): line.locator(".cover").get_attribute(
            "class"
        )
        for line in page.locator(".line.added").all()
    }
    (rcu,) = (mark for text, mark in covers.items() if text.startswith("call_rcu"))
    assert rcu == "cover some"
    assert covers["barrier();"] == "cover never"
    assert covers["#endif"] == "cover "
    page.get_by_role("radiogroup", name="PT_RECLAIM").locator("label[data-value=y]").click()
    line = page.locator(".line.added", has_text="call_rcu")
    assert line.locator(".cover").get_attribute("class") == "cover all"
    page.get_by_role("radiogroup", name="PT_RECLAIM").locator("label[data-value=n]").click()
    assert line.locator(".cover").get_attribute("class") == "cover none"
    numbers = [one.inner_text() for one in line.locator(".number").all()]
    assert numbers == ["", "46"]


def test_claims_and_runs_are_there(open_page: OpenPage, review_text: str) -> None:
    page = open_page(review_text)
    document = embedded(page)
    assert len(cells(page, "claims")) == len(document["reviews"][0]["claims"])
    assert page.get_by_text("To try it").is_visible()


def test_slots(open_page: OpenPage) -> None:
    page = open_page(mini("slots", "pv_ops", "--format", "html"))
    rows = [row[:3] for row in cells(page, "slots")]
    assert rows[0][:2] == ["pv_ops.mmu.release_table", "native"]
    assert rows[0][2].startswith("native_release_table ")
    page.locator("input[name=platform][value=moonbase]").check()
    held = [row[2].split()[0] for row in cells(page, "slots")]
    assert held[:2] == ["native_release_table", "moonbase_release_table"]


def test_callers(open_page: OpenPage) -> None:
    page = open_page(mini("callers", "page_release", "--format", "html"))
    printed = mini("callers", "page_release")
    names = page.locator("details.class").first.locator(".row .name").all_inner_texts()
    tree = printed.split("\n\n")[1].split("\n")[2:]
    wanted = [line.lstrip("│├└─ ").split("  ")[0] for line in tree]
    assert names == [name for name in wanted if name and name[0] not in "[#" and " " not in name]
    assert page.get_by_text("[system call drop_tables (SYSCALL_DEFINE2)]").count() > 0


def test_matrix(open_page: OpenPage) -> None:
    given = ("--vary", "PARAVIRT,PT_RECLAIM", "--format", "html")
    page = open_page(mini("matrix", "free_pte_range", *given, configs=mini_configs()[:1]))
    rows = cells(page, "combinations")
    assert [row[:2] for row in rows] == [["y", "y"], ["y", "n"], ["n", "y"], ["n", "n"]]
    page.get_by_role("button", name="paths").last.click()
    assert page.locator(".count strong").inner_text().startswith("1 of ")
    assert "# CONFIG_PARAVIRT is not set" in page.locator(".fragment").inner_text()


def test_explain(open_page: OpenPage) -> None:
    tree = ("--kernel", FIXTURES / "minikernel", "--config", *mini_configs())
    page = open_page(kimpact("explain", "PT_RECLAIM", *tree, "--format", "html"))
    assert page.locator("details.class").count() == 2
    texts = page.locator(".row").all_inner_texts()
    assert any("depends on ARCH_SUPPORTS_PT_RECLAIM" in text for text in texts)


def test_configs(open_page: OpenPage) -> None:
    page = open_page(kimpact("configs", *mini_configs(), "--format", "html"))
    assert ["PARAVIRT"] in [row[:1] for row in cells(page, "compared")]
    page.get_by_label("Only symbols with").fill("reclaim")
    assert [row[0] for row in cells(page, "compared")] == ["PT_RECLAIM"]


def test_check(open_page: OpenPage, tmp_path: Path) -> None:
    policy = tmp_path / "rules.toml"
    policy.write_text(
        '[[rule]]\nname = "by RCU only"\nfunction = "free_pte_range"\nnever = ["gather-free"]\n'
    )
    page = open_page(mini("check", "--policy", policy, "--format", "html"))
    assert page.locator("h1 .subject").inner_text().endswith("violations")
    assert page.locator(".row").count() > 3
