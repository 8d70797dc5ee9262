"""Reviewing a series: patch by patch, and as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from analyzer.configset.dotconfig import DotConfig
from analyzer.diagnostics import Diagnostics
from analyzer.impact.policy import Rule, Violation, read_policy
from analyzer.impact.result import PatchReview, ReviewResult
from analyzer.impact.review import Subject, review, support_of, unread_review
from analyzer.impact.ruled import Ruled, broken, compared
from analyzer.impact.words import effects_seen
from analyzer.patch.apply import AppliedPatch
from analyzer.paths.result import ConfigInfo
from analyzer.pipeline.checking import require_functions
from analyzer.pipeline.kept import kept_or
from analyzer.pipeline.sessions import Stamps, kernel_of
from analyzer.pipeline.versions import Applied, Versions, applied
from analyzer.progress import Progress
from analyzer.requests import ReviewRequest
from analyzer.tree.source_tree import DirectoryTree

OBJECT_CODES = frozenset({"object-lost"})
"""Remarks on what becomes of an object; of no use where a review does not tell that."""

WHOLE = "the whole series"


def review_series(request: ReviewRequest, progress: Progress) -> ReviewResult:
    """Look at a series patch by patch and, if it has several, as a whole.

    The answer of an earlier run is used if nothing that it came from has changed. Raises
    :class:`BadInput` for patches that cannot be read or do not apply, input that cannot be
    used, a root that is unknown or ambiguous, and a policy that is none.
    """
    diagnostics = Diagnostics()
    rules = () if request.policy is None else read_policy(request.policy)
    subject = applied(request.inputs, request.changes, diagnostics, progress)
    options = [str(request.only_given), str(request.object), *request.platforms]
    asked = ["review", subject.digest, *map(str, request.changes.patches), "", *options, ""]
    asked += [*request.roots, "", *map(repr, rules)]

    def derive(_: DirectoryTree, __: Sequence[DotConfig]) -> tuple[ReviewResult, Stamps]:
        return _reviews(request, rules, subject, diagnostics, progress)

    return kept_or(request.inputs, asked, ReviewResult, derive)


def _reviews(
    request: ReviewRequest,
    rules: tuple[Rule, ...],
    subject: Applied,
    diagnostics: Diagnostics,
    progress: Progress,
) -> tuple[ReviewResult, Stamps]:
    inputs = request.inputs
    reviews: list[PatchReview] = []
    verdicts = _Verdicts(rules)
    with Versions(inputs, request.platforms, subject, diagnostics, progress) as versions:
        if not request.only_given:
            versions.add_witnesses()
        for number, patch in enumerate(subject.patches):
            about = _subject(request, patch, number)
            reviews.append(_reviewed(about, versions, number, number + 1, verdicts))
            if number:
                versions.close(number)
        if len(subject.patches) > 1:
            files = subject.joined()
            whole = Subject(WHOLE, None, files, request.roots, request.object)
            reviews.append(_reviewed(whole, versions, 0, len(subject.patches), verdicts))
        configs = tuple(ConfigInfo(one.name, one.file) for one in versions.configs)
        stamps = versions.stamps()
    require_functions(rules, verdicts.absent())
    support = support_of([entry for one in reviews for entry in one.entries])
    result = ReviewResult(
        kernel=kernel_of(subject.base, inputs.arch),
        configs=configs,
        platforms=tuple(each.platform for each in support if each.mask),
        support=support,
        reviews=tuple(reviews),
        diagnostics=tuple(diagnostics),
        rules=rules,
    )
    return result, stamps


class _Verdicts:
    """What the trees of a series, by number, make of the rules."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self.rules = rules
        self._known: dict[int, tuple[tuple[Violation, ...], tuple[str, ...]]] = {}

    def of(
        self, number: int, version: Ruled, diagnostics: Diagnostics
    ) -> tuple[tuple[Violation, ...], tuple[str, ...]]:
        """Where a tree breaks the rules, and those whose function it lacks."""
        if number not in self._known:
            self._known[number] = broken(self.rules, version, diagnostics)
        return self._known[number]

    def absent(self) -> list[tuple[str, ...]]:
        """The rules that each tree has no function for."""
        return [absent for _, absent in self._known.values()]


def _subject(request: ReviewRequest, patch: AppliedPatch, number: int) -> Subject:
    message = patch.patch.message
    title = message.subject or f"patch {number + 1} ({patch.patch.name})"
    return Subject(
        title,
        message.author or None,
        patch.files,
        request.roots,
        request.object,
        "\n".join((message.subject, "", *message.lines)),
    )


def _reviewed(
    subject: Subject, versions: Versions, old: int, new: int, verdicts: _Verdicts
) -> PatchReview:
    if not verdicts.rules:
        unread = unread_review(subject, versions.kbuild(new))
        if unread is not None:
            return unread
    diagnostics = Diagnostics()
    before, after = versions.at(old), versions.opened(new)
    found = review(subject, before, after, diagnostics)
    if verdicts.rules:
        one, _ = verdicts.of(old, before, diagnostics)
        two, absent = verdicts.of(new, after, diagnostics)
        found = replace(found, policy=compared(one, two, absent, after.configs))
    remarks = [*diagnostics, *before.remarks(), *after.remarks()]
    if not effects_seen(found):
        remarks = [one for one in remarks if one.code not in OBJECT_CODES]
    return replace(found, diagnostics=tuple(dict.fromkeys(remarks)))
