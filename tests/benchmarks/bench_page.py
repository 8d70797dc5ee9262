"""How large a page for many configurations is, and how fast it follows a switch.

``python tests/benchmarks/bench_page.py [NUMBER]``: a page of the miniature kernel for NUMBER
random configurations (1,000), opened in Chromium. A switch counts from the event until the page
is laid out anew. ``python tests/benchmarks/bench_page.py FILE`` measures a page that is there.
"""

from __future__ import annotations

import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
ROUNDS = 3

SYMBOLS = (
    *("PARAVIRT", "PT_RECLAIM", "SMP", "MOONBASE_GUEST", "TABLE_STATS", "DEBUG_TABLES"),
    *("MMU_GATHER_TABLE_FREE", "MMU_GATHER_RCU_TABLE_FREE", "HIGHPTE", "NUMA"),
)
"""What the configurations differ in; some are no symbols of the tree, as in any .config."""

SWITCH = """(input) => {
  const started = performance.now();
  input.click();
  document.body.offsetHeight;
  return performance.now() - started;
}"""


def configurations(folder: Path, number: int) -> None:
    """Write ``number`` configurations, the same in every run."""
    chance = random.Random(1)
    base = (FIXTURES / "configs" / "paravirt.config").read_text("utf-8").splitlines()
    kept = [line for line in base if not any(f"CONFIG_{name}=" in line for name in SYMBOLS)]
    for index in range(number):
        lines = [
            f"CONFIG_{name}=y" if chance.random() < 0.5 else f"# CONFIG_{name} is not set"
            for name in SYMBOLS
        ]
        text = "\n".join([*kept, *lines, ""])
        (folder / f"random-{index:04}.config").write_text(text, "utf-8")


def written(folder: Path, number: int) -> Path:
    """The page for ``number`` configurations."""
    configs = folder / "configs"
    configs.mkdir()
    configurations(configs, number)
    page = folder / "page.html"
    command = [sys.executable, "-c", "import analyzer.cli.main as cli; cli.entry_point()"]
    command += ["paths", "free_pte_range", "--format", "html", "--no-cache"]
    command += ["--kernel", str(FIXTURES / "minikernel"), "--config-dir", str(configs)]
    command += ["--knowledge", str(FIXTURES / "knowledge.toml")]
    with page.open("wb") as stream:
        subprocess.run(command, stdout=stream, check=True, cwd=ROOT)
    return page


def switches(page: Page) -> tuple[list[float], list[float]]:
    """Milliseconds that each switch takes, by the clock and of the page's thread."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def worked() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        total: float = sum(one["value"] for one in metrics if one["name"] == "TaskDuration")
        return 1000 * total

    clock: list[float] = []
    thread: list[float] = []
    for _ in range(ROUNDS):
        for index in range(page.locator("aside input[type=radio]").count()):
            control = page.locator("aside input[type=radio]").nth(index).element_handle()
            before = worked()
            clock.append(control.evaluate(SWITCH))
            thread.append(worked() - before)
    return clock, thread


def main(words: list[str]) -> None:
    """Measure and print."""
    program = shutil.which("chromium")
    if program is None:
        sys.exit("no chromium")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        given = words[0] if words else "1000"
        file = written(Path(folder), int(given)) if given.isdecimal() else Path(given).resolve()
        browser = driver.chromium.launch(executable_path=program, args=list(FLAGS))
        page = browser.new_page()
        page.goto(file.as_uri())
        loaded = page.evaluate("performance.getEntriesByType('navigation')[0].domComplete")
        configs = page.evaluate(
            "JSON.parse(document.getElementById('document').textContent).configs.length"
        )
        rows = page.locator(".row").count()
        print(f"{configs} configurations, {file.stat().st_size / 1e6:.2f} MB, {rows} rows shown")
        print(f"complete after {loaded:.0f} ms")
        for name, times in zip(("clock", "processor"), switches(page), strict=True):
            middle, most = statistics.median(times), max(times)
            print(f"a switch, {name}: {middle:.1f} ms in the middle, {most:.1f} ms at most")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
