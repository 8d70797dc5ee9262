"""The pages of the commands: what ``--format html`` prints (:mod:`analyzer.report.page`)."""

from __future__ import annotations

from analyzer.callers.result import CallersResult
from analyzer.contrast.result import ConfigsResult
from analyzer.explain.result import ExplainResult
from analyzer.impact.claim_words import verdict_text
from analyzer.impact.result import Entry, PatchReview, ReviewResult
from analyzer.impact.verdicts import CheckResult
from analyzer.impact.words import (
    change_text,
    coverage_text,
    edges_text,
    effects_text,
    file_text,
    function_text,
    remedy_text,
    run_text,
    runs_text,
    still_text,
    summary,
    title_of,
    values_text,
    where_text,
    within_text,
)
from analyzer.matrix.result import MatrixResult
from analyzer.paths.result import ConfigInfo, Node, PathsResult
from analyzer.report.callers import entry_words
from analyzer.report.json import callers_values, paths_values, slots_values
from analyzer.report.json_check import check_values
from analyzer.report.json_configs import configs_values
from analyzer.report.json_explain import explain_values
from analyzer.report.json_matrix import matrix_values
from analyzer.report.json_parts import Value
from analyzer.report.json_review import review_values
from analyzer.report.page import page
from analyzer.slots.result import SlotsResult


def paths_page(result: PathsResult) -> str:
    """The page of ``kimpact paths``."""
    return page(paths_values(result), f"paths of {_roots(result.roots, result.nodes)}")


def callers_page(result: CallersResult) -> str:
    """The page of ``kimpact callers``: the document, with its entries in words."""
    words: list[Value] = [entry_words(entry) for entry in result.entries]
    title = f"callers of {_roots(result.roots, result.nodes)}"
    return page({**callers_values(result), "words": words}, title)


def slots_page(result: SlotsResult) -> str:
    """The page of ``kimpact slots``."""
    return page(slots_values(result), "dispatch slots")


def matrix_page(result: MatrixResult) -> str:
    """The page of ``kimpact matrix``."""
    return page(matrix_values(result), f"combinations for {', '.join(result.functions)}")


def explain_page(result: ExplainResult) -> str:
    """The page of ``kimpact explain``."""
    names = dict.fromkeys(each.name for each in result.explanations)
    return page(explain_values(result), f"why {', '.join(names)}")


def configs_page(result: ConfigsResult) -> str:
    """The page of ``kimpact configs``."""
    return page(configs_values(result), f"{len(result.configs)} configurations compared")


def check_page(result: CheckResult) -> str:
    """The page of ``kimpact check``."""
    return page(check_values(result), "rules about paths")


def review_page(result: ReviewResult) -> str:
    """The page of ``kimpact review``: the document, with what is said of it in words."""
    words: list[Value] = [_words(result, number) for number in range(len(result.reviews))]
    return page({**review_values(result), "words": words}, title_of(0, result.reviews, _as_is))


def _roots(roots: tuple[str, ...], nodes: tuple[Node, ...]) -> str:
    names = {node.id: node.name for node in nodes}
    return ", ".join(dict.fromkeys(names[root] for root in roots))


def _as_is(text: str) -> str:
    """The page makes texts harmless when it shows them."""
    return text


def _words(result: ReviewResult, number: int) -> Value:
    """What is said of one patch; the lists are as long as those of its document."""
    review, configs = result.reviews[number], result.configs
    return {
        "title": title_of(number, result.reviews, _as_is),
        "summary": summary(review, _as_is),
        "entries": [_entry(entry) for entry in review.entries],
        "files": [file_text(file, _as_is) for file in review.files],
        "functions": [function_text(each, configs, _as_is) for each in review.functions],
        "symbols": _symbols(review, configs),
        "objects": [
            f"{each.path}: {', '.join(values_text(each.values, configs, _as_is))}"
            for each in review.objects
        ],
        "coverage": coverage_text(review),
        "lines": ["" if each.mask else remedy_text(each, _as_is) for each in review.coverage],
        "to_run": f"To try it, {runs_text(review, configs, _as_is)}",
        "runs": [run_text(run, configs, _as_is) for run in review.runs],
        "claims": [verdict_text(claim, configs, _as_is) for claim in review.claims],
    }


def _symbols(review: PatchReview, configs: tuple[ConfigInfo, ...]) -> list[Value]:
    return [
        ", ".join(
            [f"CONFIG_{each.name}: {each.kind.value}", *values_text(each.values, configs, _as_is)]
        )
        for each in review.symbols
    ]


def _entry(entry: Entry) -> list[Value]:
    return [
        {
            "where": where_text(change, _as_is),
            "before": effects_text(change.before, _as_is),
            "after": effects_text(change.after, _as_is),
            "paths": edges_text(change)
            + (f" ({within_text(change, _as_is)})" if change.within else ""),
            "heading": change_text(change, _as_is)
            if change.effects_change
            else still_text(change, _as_is),
        }
        for change in entry.transitions
    ]
