"""Holds what a changelog says against the tree after the patch.

The caller says how the tree is asked; nothing here analyses anything. Orders of locks, files and
the like are drawn as calls are: nothing is said of a tree of names that are no functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from analyzer.configset.configset import ConfigSet
from analyzer.impact.claims.case import Case, Routes
from analyzer.impact.claims.drawing import Changelog, Drawing, Mention, MentionKind
from analyzer.impact.claims.edges import NO_SUCH, edge_claims, follow, root_claim
from analyzer.impact.claims.leftout import left_out
from analyzer.impact.claims.told import label_claims
from analyzer.impact.result import Claim, ClaimKind, Standing
from analyzer.paths.result import PathsResult

SYSTEM_CALL = "sys_"
"""What the function of a system call begins with (``__SYSCALL_DEFINEx``,
include/linux/syscalls.h)."""


@dataclass(frozen=True, slots=True)
class AnalysedTree:
    """The tree that a changelog speaks of.

    ``paths`` are those below a function, over ``configs``; None if the function is not found or
    cannot be told from another. ``function_exists`` asks for a function or macro,
    ``symbol_exists`` for a CONFIG symbol without ``CONFIG_``. ``removed`` are the functions,
    macros and symbols that the patch takes away: a text may well speak of these. ``routes`` are
    all routes from a root to a function, asked for where ``paths`` leave that out; without it,
    edges to such functions are not decidable. ``platforms`` are names of platforms that an
    answer may leave out because nothing depends on them.
    """

    configs: ConfigSet
    paths: Callable[[str], PathsResult | None]
    function_exists: Callable[[str], bool]
    symbol_exists: Callable[[str], bool]
    removed: frozenset[str] = frozenset()
    routes: Routes | None = None
    platforms: tuple[str, ...] = ()


def check_changelog(
    changelog: Changelog, tree: AnalysedTree, before: AnalysedTree | None = None
) -> tuple[Claim, ...]:
    """What is to be said of every claim of ``changelog``, in the order of its lines.

    ``tree`` is the one after the patch, ``before`` that before it, if it may be asked too.
    """
    found: list[Claim] = []
    for drawing in changelog.drawings:
        found += check_drawing(drawing, tree, before)
    found += check_mentions(changelog.mentions, tree)
    return tuple(sorted(found, key=lambda claim: claim.line))


def check_drawing(
    drawing: Drawing, tree: AnalysedTree, before: AnalysedTree | None = None
) -> tuple[Claim, ...]:
    """The claims of one call tree: its edges, its labels, and edges that it leaves out.

    A tree that is introduced as that before the patch is held against ``before``. Of one that
    is not, what does not hold but did before says so: the text may speak of what was wrong.
    """
    if drawing.before:
        if before is not None:
            return _checked(drawing, before)
        if not _is_call_tree(drawing, tree):
            return ()
        root = drawing.calls[0]
        why = "the text speaks of the tree before the patch"
        return (Claim(root.name, root.line, Standing.UNDECIDED, why),)
    found = _checked(drawing, tree)
    fails = {_key(claim) for claim in found if claim.standing is Standing.DOES_NOT_HOLD}
    if not fails or before is None:
        return found
    good = (Standing.HOLDS, Standing.HOLDS_IF)
    did = {_key(claim) for claim in _checked(drawing, before) if claim.standing in good}
    return tuple(
        replace(claim, why=f"{claim.why}; it did before the patch")
        if _key(claim) in fails & did
        else claim
        for claim in found
    )


def _key(claim: Claim) -> tuple[str, int, ClaimKind]:
    return claim.text, claim.line, claim.kind


def _checked(drawing: Drawing, tree: AnalysedTree) -> tuple[Claim, ...]:
    """The claims of one call tree, all about ``tree``."""
    rooted = _rooted(drawing, tree)
    if rooted is None or not _is_call_tree(rooted, tree):
        return ()
    root = rooted.calls[0]
    if not tree.function_exists(root.name):
        return (_missing(root.name, root.line, tree.removed),)
    result = tree.paths(root.name)
    if result is None:
        why = "its paths could not be looked at"
        return (Claim(root.name, root.line, Standing.UNDECIDED, why),)
    exists, routes = tree.function_exists, tree.routes
    return _claims(Case(rooted, result, tree.configs, exists, routes, tree.platforms))


def _rooted(drawing: Drawing, tree: AnalysedTree) -> Drawing | None:
    """The drawing below what is no function at its top: a system call, an interrupt, a command.
    None if nothing is left."""
    calls = drawing.calls
    while calls and not (calls[0].called or tree.function_exists(calls[0].name)):
        if sum(1 for call in calls if call.parent == 0) > 1:
            return None
        calls = tuple(
            replace(call, parent=call.parent - 1 if call.parent else None) for call in calls[1:]
        )
    return replace(drawing, calls=calls) if len(calls) > 1 else None


def _is_call_tree(drawing: Drawing, tree: AnalysedTree) -> bool:
    """Whether the names are meant as those of functions: some are, and if any is written
    without parentheses, most are."""
    names = {call.name: call.called for call in drawing.calls}
    known = sum(1 for name in names if tree.function_exists(name))
    return 2 * known > len(names) or (known > 0 and all(names.values()))


def _claims(case: Case) -> tuple[Claim, ...]:
    followed = follow(case)
    root = root_claim(case, followed[0])
    found = [] if root is None else [root]
    for index, (call, each) in enumerate(zip(case.calls, followed, strict=True)):
        if call.parent is not None:
            found += edge_claims(case, call, each)
        found += label_claims(case, index, each)
    found += left_out(case, followed)
    return tuple(sorted(found, key=lambda claim: claim.line))


def check_mentions(mentions: Iterable[Mention], tree: AnalysedTree) -> tuple[Claim, ...]:
    """Whether functions and symbols that a text mentions are there after the patch."""
    found: list[Claim] = []
    for mention in mentions:
        if mention.kind is MentionKind.SYMBOL:
            text = f"CONFIG_{mention.name}"
            if tree.symbol_exists(mention.name):
                claim = Claim(text, mention.line, Standing.HOLDS, kind=ClaimKind.MENTION)
            elif mention.name in tree.removed:
                claim = _removed(text, mention.line)
            else:
                why = "no symbol of this name in the tree"
                standing = Standing.DOES_NOT_HOLD
                claim = Claim(text, mention.line, standing, why, kind=ClaimKind.MENTION)
        else:
            claim = _function(mention, tree)
        found.append(claim)
    return tuple(found)


def _function(mention: Mention, tree: AnalysedTree) -> Claim:
    text, line = f"{mention.name}()", mention.line
    names = (mention.name, f"{SYSTEM_CALL}{mention.name}")
    if any(map(tree.function_exists, names)):
        return Claim(text, line, Standing.HOLDS, kind=ClaimKind.MENTION)
    if mention.name in tree.removed:
        return _removed(text, line)
    if "_" in mention.name:
        return Claim(text, line, Standing.DOES_NOT_HOLD, NO_SUCH, kind=ClaimKind.MENTION)
    why = f"{NO_SUCH}; it may be one of user space"
    return Claim(text, line, Standing.UNDECIDED, why, kind=ClaimKind.MENTION)


def _missing(name: str, line: int, removed: frozenset[str]) -> Claim:
    why = "the patch removes it" if name in removed else NO_SUCH
    return Claim(name, line, Standing.DOES_NOT_HOLD, why)


def _removed(text: str, line: int) -> Claim:
    why = "the patch removes it"
    return Claim(text, line, Standing.HOLDS, why, kind=ClaimKind.MENTION)
