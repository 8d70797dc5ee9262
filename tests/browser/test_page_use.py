"""Using a page: keyboard, search, links, theme, printing; access for all; hostile texts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from report_case import case, slot_case
from review_case import HOSTILE, hostile, one_patch, series

from analyzer.paths.result import Conditional, Guard, PathsResult
from analyzer.report.pages import paths_page, review_page
from browser_case import OpenPage, mini, trees_on

SERIOUS = ("serious", "critical")


def current(page: Any) -> str:
    """The name in the row that is selected."""
    text: str = page.locator(".row[aria-selected=true] .name").first.inner_text()
    return text


def shown(page: Any) -> int:
    """How many rows of the first tree can be seen."""
    return sum(row.is_visible() for row in page.locator(".tree").first.locator(".row").all())


def test_keys_walk_and_fold_the_tree(open_page: OpenPage) -> None:
    page = open_page(paths_page(slot_case()))
    page.locator(".row").first.focus()
    assert current(page) == "root"
    page.keyboard.press("ArrowDown")
    assert current(page) == "plain"
    page.keyboard.press("ArrowRight")
    assert current(page) == "shared"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert current(page) == "plain"
    page.keyboard.press("e")
    everything = shown(page)
    page.keyboard.press("ArrowLeft")
    assert shown(page) < everything
    assert page.locator(".row[aria-selected=true]").get_attribute("aria-expanded") == "false"
    page.keyboard.press("w")
    assert shown(page) == 1
    page.keyboard.press("e")
    assert shown(page) == everything
    page.keyboard.press("End")
    page.keyboard.press("Home")
    assert current(page) == "root"


def test_conditions_are_shown_on_demand(open_page: OpenPage) -> None:
    page = open_page(paths_page(case()))
    condition = page.get_by_text("when !(empty(old))").first
    assert not condition.is_visible()
    page.locator(".row").nth(1).locator(".head").click()
    assert condition.is_visible()
    page.locator(".row").nth(1).locator(".head").click()
    assert not condition.is_visible()
    page.keyboard.press("c")
    assert condition.is_visible()
    assert "conditions=1" in page.url


def test_a_class_without_a_path_says_so(open_page: OpenPage) -> None:
    page = open_page(paths_page(case("page_free")))
    headings = page.locator("details.class .heading strong").all_inner_texts()
    assert headings == [
        "2 of 4 configurations take this path",
        "1 of 4 configurations takes this path",
        "1 of 4 configurations has no path to page_free",
    ]
    assert page.locator("details.class").last.locator(".row").count() == 0


def test_see_above_leads_there(open_page: OpenPage) -> None:
    page = open_page(paths_page(slot_case()))
    again = page.locator(".remark.again").first
    name = again.locator("xpath=../span[contains(@class, 'name')]").first.inner_text()
    again.click()
    assert current(page) == name
    assert page.locator(".row[aria-selected=true] .again").count() == 0


def test_search_finds_what_is_folded_and_what_is_a_condition(open_page: OpenPage) -> None:
    page = open_page(paths_page(case()))
    page.keyboard.press("w")
    page.keyboard.press("/")
    page.keyboard.type("page_free")
    assert page.locator(".matches").inner_text() == "2 matches"
    page.keyboard.press("Enter")
    assert page.locator(".matches").inner_text() == "1 of 2 matches"
    assert current(page) == "page_free"
    # Parts that were never opened are searched too.
    page.locator("#search").fill("lost two lines")
    assert page.locator(".matches").inner_text() == "1 match"
    page.keyboard.press("Enter")
    assert page.get_by_text("lost two lines").is_visible()
    page.locator("#search").fill("empty(old)")
    page.keyboard.press("Enter")
    assert page.get_by_text("when !(empty(old))").first.is_visible()
    page.locator("#search").fill("no such thing")
    assert page.locator(".matches").inner_text() == "0 matches"


def test_a_link_leads_to_what_was_seen(open_page: OpenPage) -> None:
    text = paths_page(slot_case())
    page = open_page(text)
    page.locator("input[name=platform][value=xen-pv]").check()
    page.locator("#search").fill("shared")
    page.locator(".row", has_text="shared").locator(".head").first.click()
    address = "#" + page.url.partition("#")[2]
    assert address != "#"
    other = open_page(text, address)
    assert other.locator("input[name=platform][value=xen-pv]").is_checked()
    assert other.locator("#search").input_value() == "shared"
    assert current(other) == "shared"
    assert trees_on(other) == trees_on(page)


@pytest.mark.parametrize(
    "address",
    ["#platform=nowhere&config=none&CONFIG_X=y&at=n99&theme=%3Cb%3E", "#%", "#CONFIG_=&q="],
)
def test_a_link_with_nonsense_is_a_link_to_the_page(open_page: OpenPage, address: str) -> None:
    page = open_page(paths_page(slot_case()), address)
    assert page.locator(".count").inner_text().startswith("3 of 3")
    assert trees_on(page) == trees_on(open_page(paths_page(slot_case())))


def test_a_switch_moves_what_follows_from_it(open_page: OpenPage) -> None:
    page = open_page(mini("paths", "free_pte_range", "--format", "html"))
    values = {
        symbol: page.get_by_role("radiogroup", name=symbol)
        for symbol in ("PARAVIRT", "MMU_GATHER_RCU_TABLE_FREE")
    }
    values["PARAVIRT"].locator("label[data-value=n]").click()
    assert page.locator(".count strong").inner_text() == "2 of 4 configurations"
    assert "# CONFIG_PARAVIRT is not set" in page.locator(".fragment").inner_text()
    # With this platform configured nowhere without it, the platform wins and the value goes.
    page.locator("input[name=platform][value=moonbase]").check()
    assert values["PARAVIRT"].locator("input").first.is_checked()
    assert "PARAVIRT" in page.locator(".note").inner_text()
    assert "CONFIG_PARAVIRT=y" in page.locator(".fragment").inner_text()
    page.locator("#clear").click()
    assert page.locator(".count strong").inner_text() == "4 of 4 configurations"


def test_switches_are_used_with_keys(open_page: OpenPage) -> None:
    page = open_page(mini("paths", "free_pte_range", "--format", "html"))
    page.locator("#platform-0").focus()
    page.keyboard.press("ArrowDown")
    assert page.locator("input[name=platform][value=native]").is_checked()
    assert page.evaluate("document.activeElement.id") == "platform-1"


def test_light_dark_and_as_the_system_has_it(open_page: OpenPage) -> None:
    page = open_page(paths_page(case()), color_scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    page.keyboard.press("t")
    light = page.evaluate(ground)
    assert light != dark
    page.keyboard.press("t")
    assert page.evaluate(ground) == dark
    assert "theme=dark" in page.url


def test_on_paper_everything_is_said(open_page: OpenPage) -> None:
    page = open_page(paths_page(case()))
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("details:not([open])").count() == 0
    assert page.get_by_text("when !(empty(old))").first.is_visible()
    assert not page.locator(".tools").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", ["paths", "review"])
def test_axe_finds_nothing_serious(open_page: OpenPage, kind: str, scheme: str) -> None:
    text = paths_page(slot_case()) if kind == "paths" else review_page(one_patch())
    page = open_page(text, "#conditions=1", color_scheme=scheme, bypass_csp=True)
    found = Axe().run(page).response["violations"]
    serious = [one for one in found if one["impact"] in SERIOUS]
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in serious] == []


def spoilt() -> PathsResult:
    result = case()
    bad = Guard(HOSTILE, HOSTILE)
    return replace(
        result,
        configs=tuple(replace(one, name=one.name + HOSTILE) for one in result.configs),
        nodes=tuple(replace(one, name=one.name + HOSTILE) for one in result.nodes),
        edges=tuple(
            replace(
                edge,
                name=HOSTILE,
                guards=(bad,),
                conditionals=(Conditional(HOSTILE, edge.location),),
                slot=HOSTILE,
            )
            for edge in result.edges
        ),
        symbols=tuple((name + HOSTILE, values) for name, values in result.symbols),
        classes=tuple(replace(one, effects=(HOSTILE,)) for one in result.classes),
    )


def test_hostile_texts_are_text(open_page: OpenPage) -> None:
    for text in (paths_page(spoilt()), review_page(hostile())):
        assert text.count("<script") == 2
        page = open_page(text, "#conditions=1")
        page.keyboard.press("e")
        assert page.locator(".row").count() > 5
        assert page.evaluate("document.scripts.length") == 2
        assert page.locator("main script, main img, main a, aside a").count() == 0
        assert "\u202e" not in page.locator("body").inner_text()
        assert "\\u202e" in page.locator("main").inner_text()


def test_a_page_may_run_nothing_but_its_own_script(open_page: OpenPage) -> None:
    page = open_page(paths_page(case()))
    policy = page.locator("meta[http-equiv]").get_attribute("content")
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy


def test_the_filters_of_a_review(open_page: OpenPage) -> None:
    page = open_page(review_page(series()))
    before = page.locator("details.transition").count()
    page.locator("#show-paths").uncheck()
    assert 0 < page.locator("details.transition").count() < before
    assert "show=effects" in page.url
    page.locator("#show-paths").check()
    page.get_by_role("radiogroup", name="PT_RECLAIM").locator("label[data-value=n]").click()
    headings = page.locator("details.transition .expression").all_inner_texts()
    assert headings
    assert not any("&& PT_RECLAIM" in heading for heading in headings)
