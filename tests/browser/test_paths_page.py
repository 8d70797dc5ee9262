"""The page of ``paths`` says what the terminal says, for whatever the reader chooses."""

from __future__ import annotations

from pathlib import Path

import pytest

from browser_case import OpenPage, mini, mini_configs, printed_trees, trees_on

ALL = mini_configs()
QUESTIONS = [(("free_pte_range",), ALL), (("free_pte_range", "--to", "page_release"), ALL[:1])]


@pytest.mark.parametrize(("question", "configs"), QUESTIONS, ids=["below", "to"])
def test_a_choice_shows_what_the_command_says_for_it_alone(
    open_page: OpenPage, question: tuple[str, ...], configs: tuple[Path, ...]
) -> None:
    trees = printed_trees(mini("paths", *question))
    assert len(trees) > 1
    page = open_page(mini("paths", *question, "--format", "html"))
    assert trees_on(page) == trees
    for config in configs:
        page.locator("#config").select_option(label=config.stem)
        for platform in ("", "native", "moonbase"):
            if platform == "moonbase" and not config.stem.startswith("paravirt"):
                continue
            chosen = ("--platform", platform) if platform else ()
            alone = mini("paths", *question, *chosen, configs=(config,))
            page.locator(f"input[name=platform][value='{platform}']").check()
            assert trees_on(page) == printed_trees(alone), (config.stem, platform)
