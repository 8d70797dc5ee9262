"""What a review says of the rules of a policy, in words (:mod:`analyzer.impact.words`)."""

from __future__ import annotations

from collections.abc import Sequence

from analyzer.configset.describe import ALWAYS
from analyzer.impact.policy import Rule, Violation
from analyzer.impact.result import PatchReview, RuleBreach, RuleStanding
from analyzer.impact.words import Quote, counted


def broken(review: PatchReview) -> list[RuleBreach]:
    """Where the tree after a patch breaks rules, what the patch introduces first."""
    breaches = () if review.policy is None else review.policy.breaches
    return [one for one in breaches if one.standing is not RuleStanding.ENDED]


def policy_text(review: PatchReview, rules: Sequence[Rule]) -> str:
    """How many of the rules hold after a patch; empty if none were given."""
    if review.policy is None:
        return ""
    lost = {one.violation.rule for one in broken(review)}
    kept = sum(rule.name not in lost and rule.name not in review.policy.absent for rule in rules)
    return f"{kept} of {counted(len(rules), 'rule')} of the policy kept"


def breach_text(breach: RuleBreach, quote: Quote) -> str:
    """``rule 'x' is broken with PT_RECLAIM on kvm: immediate-free (introduced)``."""
    one = breach.violation
    when = "in every configuration" if one.when == ALWAYS else f"with {quote(one.when)}"
    on = f" on {', '.join(map(quote, one.platforms))}" if one.platforms else ""
    verb = "was" if breach.standing is RuleStanding.ENDED else "is"
    told = f"{quote(one.what)} ({breach.standing.value})"
    return f"rule '{quote(one.rule)}' {verb} broken {when}{on}: {told}"


def way_text(violation: Violation, quote: Quote) -> str:
    """The path that breaks a rule, name by name; empty if something is missing."""
    return " -> ".join(quote(node.name) for node in violation.nodes)


def absent_text(rule: str, quote: Quote) -> str:
    """That a rule's function is not there."""
    return f"rule '{quote(rule)}': its function is not in the tree after the patch"
