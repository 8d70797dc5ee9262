"""Checking a policy: on the tree as it is, or after each patch of a series."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.impact.policy import Rule, read_policy
from analyzer.impact.ruled import broken
from analyzer.impact.verdicts import CheckResult, TreeVerdict
from analyzer.paths.result import ConfigInfo
from analyzer.pipeline.sessions import kernel_of
from analyzer.pipeline.versions import Versions, applied
from analyzer.progress import Progress
from analyzer.requests import CheckRequest


def check_policy(request: CheckRequest, progress: Progress) -> CheckResult:
    """Whether the tree, or each tree of a series, keeps the rules.

    Raises :class:`BadInput` for input that cannot be used, and for a rule whose function is in
    none of the trees.
    """
    diagnostics = Diagnostics()
    inputs = request.inputs
    rules = read_policy(request.policy)
    subject = applied(inputs, request.changes, diagnostics, progress)
    trees: list[TreeVerdict] = []
    with Versions(inputs, request.platforms, subject, diagnostics, progress) as versions:
        numbers = range(1, len(subject.patches) + 1) if subject.patches else range(1)
        for number in numbers:
            message = None if not number else subject.patches[number - 1].patch.message
            title = None if message is None else message.subject or f"patch {number}"
            found, absent = broken(rules, versions.at(number), diagnostics)
            trees.append(TreeVerdict(title, found, absent))
            for remark in versions.at(number).remarks():
                diagnostics.add(remark)
            versions.close(number)
        configs = tuple(ConfigInfo(one.name, one.file) for one in versions.configs)
    require_functions(rules, [tree.absent for tree in trees])
    kernel = kernel_of(subject.base, inputs.arch)
    remarks = tuple(dict.fromkeys(diagnostics))
    return CheckResult(kernel, configs, rules, tuple(trees), remarks)


def require_functions(rules: Sequence[Rule], absent: Sequence[Collection[str]]) -> None:
    """Raise :class:`BadInput` for a rule that is among the ``absent`` of every tree."""
    for rule in rules:
        if all(rule.name in names for names in absent):
            raise BadInput(f"{rule.name}: no function is called {rule.function}")
