"""``kimpact review`` and ``kimpact check``: their parts are loaded when one of them runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.progress import Progress
from analyzer.requests import CheckRequest, ReviewRequest

if TYPE_CHECKING:
    from analyzer.impact.result import ReviewResult
    from analyzer.impact.verdicts import CheckResult


def run_review(request: ReviewRequest, progress: Progress) -> ReviewResult:
    """What patches change, for whom.

    Raises :class:`BadInput` for patches that cannot be read or do not apply, input that cannot
    be used, and a root that is unknown or ambiguous.
    """
    from analyzer.pipeline.reviewing import review_series

    return review_series(request, progress)


def run_check(request: CheckRequest, progress: Progress) -> CheckResult:
    """Whether a tree, and the trees that patches make of it, keep the rules of a policy.

    Raises :class:`BadInput` as :func:`run_review` does, and for a policy that is none.
    """
    from analyzer.pipeline.checking import check_policy

    return check_policy(request, progress)
