"""The answer of ``kimpact review`` as plain facts, for every renderer alike.

The fields mirror the JSON contract ``kimpact/review/1`` (``docs/schema/``). Masks are over the
configurations of the review, the same before and after; bit *i* is ``ReviewResult.configs[i]``.
Locations are in the tree before or after, as the field's name says.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from analyzer.configset.configset import Mask
from analyzer.diagnostics import Diagnostic
from analyzer.impact.policy import Rule, Violation
from analyzer.location import Location
from analyzer.paths.result import ConfigInfo, EdgeKind, Guard, Kernel, PathsResult, Support


class ChangeKind(enum.Enum):
    """What became of something between the trees."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class FileKind(enum.Enum):
    """What a patch does to a file."""

    MODIFIED = "modified"
    ADDED = "added"
    DELETED = "deleted"
    RENAMED = "renamed"
    COPIED = "copied"
    MODE = "mode"
    BINARY = "binary"


class Unread(enum.Enum):
    """Why a file of a patch is not looked into."""

    ELSEWHERE = "no kernel of this architecture is built from it"
    NO_SOURCE = "neither C, assembly, Kconfig nor a directory's makefile"


@dataclass(frozen=True, slots=True)
class Hunk:
    """Changed lines of a file with some around them: each begins with ``-``, ``+`` or a blank.

    ``old_start`` and ``new_start`` are the numbers of the first line on either side.
    """

    old_start: int
    new_start: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file of the patch; ``old`` and ``new`` are its paths, None where it is not there.

    ``silent``: nothing but comments and white space differs. ``added`` and ``removed`` count
    lines. ``unread`` says why the file was not looked into, None if it was.
    """

    old: str | None
    new: str | None
    kind: FileKind
    added: int
    removed: int
    silent: bool
    unread: Unread | None = None
    hunks: tuple[Hunk, ...] = ()


@dataclass(frozen=True, slots=True)
class FunctionChange:
    """A function or macro whose definition differs, and in which configurations it does; or,
    among declarations, an object, a type, a prototype or a macro used at file scope.

    ``before`` and ``after`` are where it is defined; with several alternative definitions, the
    first one that differs. ``added`` and ``removed`` are masks where only one side has it.
    """

    name: str
    macro: bool
    before: Location | None
    after: Location | None
    changed: Mask
    added: Mask
    removed: Mask

    @property
    def kind(self) -> ChangeKind:
        """What became of it, all configurations taken together."""
        if self.before is None:
            return ChangeKind.ADDED
        return ChangeKind.REMOVED if self.after is None else ChangeKind.CHANGED


@dataclass(frozen=True, slots=True)
class SymbolChange:
    """A CONFIG symbol whose Kconfig entries differ.

    ``values`` are ``(mask, before, after)`` for the configurations whose value differs.
    """

    name: str
    kind: ChangeKind
    before: Location | None
    after: Location | None
    values: tuple[tuple[Mask, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ObjectChange:
    """An object that is built otherwise: ``values`` are ``(mask, before, after)`` with
    ``built in``, ``module`` or ``not built``."""

    path: str
    values: tuple[tuple[Mask, str, str], ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One edge of a path by names, the same in both trees if it is the same edge.

    ``location`` is the call site on its side.
    """

    caller: str
    callee: str | None
    name: str
    kind: EdgeKind
    slot: str | None
    context: str | None
    guards: tuple[Guard, ...]
    location: Location


@dataclass(frozen=True, slots=True)
class Transition:
    """Configurations and platforms in which a root's paths go from one class to another.

    ``platforms`` is empty where none are told apart. ``before`` and ``after`` are effects, None
    where the root is not there. ``gone`` and ``new`` are the edges that only one side has; both
    are empty, and the effects equal, where nothing changes. ``within`` are the labels of guards
    that stand on every route to an edge that changes: the change is on that branch only.
    """

    mask: Mask
    platforms: tuple[str, ...]
    when: str
    before: tuple[str, ...] | None
    after: tuple[str, ...] | None
    gone: tuple[Step, ...]
    new: tuple[Step, ...]
    within: tuple[str, ...] = ()

    @property
    def there(self) -> bool:
        """Whether the root is there on any side."""
        return self.before is not None or self.after is not None

    @property
    def effects_change(self) -> bool:
        """Whether what becomes of the object changes."""
        return self.before != self.after

    @property
    def paths_change(self) -> bool:
        """Whether any edge changes."""
        return bool(self.gone or self.new)


@dataclass(frozen=True, slots=True)
class Entry:
    """A function from which the change was looked at, and its paths on both sides.

    ``before`` or ``after`` is None where the function is not in that tree. ``given``: it was
    asked for by name. Transitions that change nothing are among ``transitions`` too.
    """

    name: str
    given: bool
    before: PathsResult | None
    after: PathsResult | None
    transitions: tuple[Transition, ...]


@dataclass(frozen=True, slots=True)
class LineCoverage:
    """Consecutive added lines of ``file`` (after) that the same configurations compile.

    ``first`` and ``last`` are line numbers. ``mask`` is 0 where none does; ``fragment`` are
    then the lines of the smallest change to the first configuration that would, empty if none
    was found; ``reason`` says why there is none.
    """

    file: str
    first: int
    last: int
    mask: Mask
    fragment: tuple[str, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """Build one configuration and boot it on a platform: ``lines`` added lines are compiled,
    ``transitions`` changed transitions are taken."""

    config: int
    platform: str | None
    lines: int
    transitions: int


class Standing(enum.Enum):
    """What is to be said of a claim."""

    HOLDS = "holds"
    HOLDS_IF = "holds only if"
    DOES_NOT_HOLD = "does not hold"
    UNDECIDED = "not decidable"


class ClaimKind(enum.Enum):
    """What a claim is about."""

    EDGE = "edge"
    """A call that is drawn, or the root of a drawing."""
    LABEL = "label"
    """Words in brackets: a condition, platforms, a branch, what becomes of the object."""
    MENTION = "mention"
    """That a function or symbol is there."""
    LEFT_OUT = "left out"
    """A call that the drawing could have shown and does not; it always holds."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that the changelog says: ``text`` as written, ``line`` in the message.

    ``why`` explains a standing that is not simply ``holds``, and says what lies between the
    names of a call that does; ``mask`` and ``platforms`` are where it holds.
    """

    text: str
    line: int
    standing: Standing
    why: str | None = None
    mask: Mask = 0
    platforms: tuple[str, ...] = ()
    kind: ClaimKind = ClaimKind.EDGE


class RuleStanding(enum.Enum):
    """What a patch has to do with a broken rule."""

    INTRODUCED = "introduced"
    """The tree after breaks it, the tree before does not."""
    STAYS = "broken before too"
    ENDED = "kept now"
    """The tree before breaks it, the tree after does not."""


@dataclass(frozen=True, slots=True)
class RuleBreach:
    """A rule that one of the trees breaks; ``violation`` is in the tree after, in that before
    if it is ended."""

    standing: RuleStanding
    violation: Violation


@dataclass(frozen=True, slots=True)
class PolicyReview:
    """What a patch does to the rules of a policy, what it introduces first.

    ``absent`` names the rules whose function is not in the tree after.
    """

    breaches: tuple[RuleBreach, ...]
    absent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PatchReview:
    """One patch of a series, or the series as a whole; ``title`` is its subject.

    ``declarations`` is what differs at file scope besides functions and macros. ``policy`` is
    None if no rules were given.
    """

    title: str
    author: str | None
    files: tuple[FileChange, ...]
    functions: tuple[FunctionChange, ...]
    symbols: tuple[SymbolChange, ...]
    objects: tuple[ObjectChange, ...]
    entries: tuple[Entry, ...]
    coverage: tuple[LineCoverage, ...]
    runs: tuple[Run, ...]
    claims: tuple[Claim, ...]
    diagnostics: tuple[Diagnostic, ...]
    policy: PolicyReview | None = None
    declarations: tuple[FunctionChange, ...] = ()

    @property
    def silent(self) -> bool:
        """Whether nothing that is compiled or configured differs."""
        differing = self.functions or self.declarations or self.symbols or self.objects
        return not differing and all(file.silent for file in self.files)


@dataclass(frozen=True, slots=True)
class ReviewResult:
    """``reviews`` are the patches in order; of more than one, the last is the whole series.

    ``kernel`` is that of the base; ``support`` says where each platform can be, before.
    ``rules`` are those of the policy that was asked for.
    """

    kernel: Kernel
    configs: tuple[ConfigInfo, ...]
    platforms: tuple[str, ...]
    support: tuple[Support, ...]
    reviews: tuple[PatchReview, ...]
    diagnostics: tuple[Diagnostic, ...]
    rules: tuple[Rule, ...] = ()
