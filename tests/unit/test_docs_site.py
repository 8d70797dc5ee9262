"""The documentation as a site builds without a broken link, and what it names is there."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from analyzer.primitives.knowledge import load_knowledge

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    run = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return folder


def test_every_page_is_in_the_site(site: Path) -> None:
    pages = [path.relative_to(ROOT / "docs") for path in (ROOT / "docs").rglob("*.md")]
    missing = [page for page in pages if not (site / page.with_suffix(".html")).is_file()]
    assert missing == []
    assert (site / "images" / "review.svg").is_file()


def test_a_page_needs_nothing_from_elsewhere(site: Path) -> None:
    """Scripts, styles, fonts and pictures come with the site."""
    for page in site.rglob("*.html"):
        text = page.read_text("utf-8")
        assert re.findall(r"""<(?:script|img|iframe)[^>]*\ssrc=["']?(?:https?:)?//""", text) == []
        linked = re.findall(r"<link[^>]*>", text)
        assert [one for one in linked if "stylesheet" in one and "//" in one] == []


def test_definition_lists_of_commands_are_rendered(site: Path) -> None:
    text = (site / "commands" / "paths.html").read_text("utf-8")
    assert "<dt><code>--kernel DIR</code></dt>" in text


def test_links_of_the_readme_lead_to_files() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text)
    assert "docs/tutorial.md" in targets
    assert [one for one in targets if not (ROOT / one).is_file()] == []


def test_files_named_in_texts_are_there() -> None:
    """``docs/knowledge.md`` in help texts and pages, ``docs/schema/`` too."""
    sources = [
        *(ROOT / "analyzer").rglob("*.py"),
        *(ROOT / "docs").rglob("*.md"),
        ROOT / "README.md",
    ]
    named = {
        name
        for source in sources
        for name in re.findall(r"\bdocs/[\w./-]+\.(?:md|json|1)\b", source.read_text("utf-8"))
    }
    assert "docs/knowledge.md" in named
    assert sorted(name for name in named if not (ROOT / name).is_file()) == []


def test_knowledge_files_of_the_page_are_taken(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "knowledge.md").read_text("utf-8")
    blocks = re.findall(r"(?s)```toml\n(.*?)```", text)
    files = []
    for number, block in enumerate(blocks):
        tomllib.loads(block)
        path = tmp_path / f"{number}.toml"
        path.write_text(block)
        files.append(path)
        load_knowledge([path])
    known = load_knowledge(files)
    assert len(blocks) == 3
    assert [one.memory for one in known.releases("pool_put")] == ["pool"]
    assert len(known.callbacks("reaper_queue")) == 1
    assert known.context("reaper").text == "by the reaper thread"
    assert known.platform("Example Reference Board") == "reference"
    assert "board_desc" in [one.name for one in known.descriptors()]
