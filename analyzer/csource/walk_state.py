"""The state of one function's evaluation, and recording what it finds.

The walk itself is split by what is walked: calls (``calls``), other expressions and
conditions (``expressions``), branches (``branches``), all other statements (``walk``).
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from analyzer.configset.configset import Mask
from analyzer.csource import syntax as c
from analyzer.csource.alternatives import FeatureTest
from analyzer.csource.constant import Folder
from analyzer.csource.environment import Environment
from analyzer.csource.scope import Bound
from analyzer.csource.sites import CallSite, GuardFact, GuardWay, Passed, Place, SiteKind, Target


class WalkState(ABC):
    """Where the walk is, under which guards, and what it has found so far.

    Walking methods take the mask under which evaluation starts and return the mask under
    which it completes.
    """

    def __init__(self, environment: Environment, folder: Folder) -> None:
        self.environment = environment
        self.folder = folder
        self.bound: Bound
        self.outer: Place = ()
        self.present: Mask = 0
        """The configurations whose text has the code being walked, reached or not."""
        self.guards: tuple[GuardFact, ...] = ()
        self.sites: list[CallSite] = []
        self.labels: dict[str, Mask] = {}
        """Where each label is jumped to, over all jumps seen so far."""
        self.lost: list[tuple[Mask, Bound, c.Span]] = []

    @abstractmethod
    def walk(self, expr: c.Expr, mask: Mask) -> Mask:
        """Evaluate an expression for its side effects."""

    @abstractmethod
    def condition(self, expr: c.Expr, mask: Mask) -> tuple[Mask, Mask]:
        """Evaluate as a condition: where it can be true, and where false.

        A configuration in both is decided at run time, in none does not get past it.
        """

    @abstractmethod
    def sequence(self, body: tuple[c.Statement, ...], mask: Mask) -> Mask:
        """Walk statements in the scope that is open; the mask in which their end is reached."""

    @abstractmethod
    def block(self, body: tuple[c.Statement, ...], mask: Mask) -> Mask:
        """Walk statements in a scope of their own."""

    def guard(
        self,
        condition: c.Expr,
        span: c.Span,
        negated: bool,
        mask: Mask,
        operator: str | None = None,
        way: GuardWay = GuardWay.BRANCH,
    ) -> GuardFact:
        """A guard of ``condition``, an expression of the bound being walked."""
        del condition
        return GuardFact(self.bound, span, negated, mask, operator, way=way)

    def restart(self) -> None:  # noqa: B027 (a hook, not for every walk)
        """A round over the function begins; what earlier ones found is void."""

    def leaving(  # noqa: B027 (a hook)
        self, body: tuple[c.Statement, ...], mask: Mask
    ) -> None:
        """The scope of ``body`` is about to be left."""

    def initialised(  # noqa: B027 (a hook)
        self, declarator: c.Declarator, mask: Mask
    ) -> None:
        """A local has been declared and its initialiser walked."""

    def emit(
        self,
        kind: SiteKind,
        name: str,
        mask: Mask,
        at: int,
        target: Target | None = None,
        arguments: int = 0,
        passes: tuple[Passed, ...] = (),
        when: tuple[FeatureTest, ...] = (),
    ) -> None:
        """Record a site under the guards of this point."""
        if mask:
            where = (*self.outer, (self.bound, at))
            self.sites.append(
                CallSite(kind, name, mask, where, self.guards, target, arguments, passes, when)
            )

    def inside(self, at: int, alternative: Bound, share: Mask) -> tuple[Bound, Place, Mask]:
        """Step into an expansion; give the result to :meth:`outside` afterwards."""
        before = self.bound, self.outer, self.present
        self.outer = (*self.outer, (self.bound, at))
        self.bound = alternative
        self.present &= share
        return before

    def outside(self, before: tuple[Bound, Place, Mask]) -> None:
        self.bound, self.outer, self.present = before

    def function_mask(self, name: str, mask: Mask) -> Mask:
        """Where in ``mask`` the name is a function (declared in or outside this one)."""
        found, rest = self.environment.locals_of(name, mask)
        function = self.environment.global_name(name).function & rest if rest else 0
        for share, local in found:
            if local.is_function:
                function |= share
        return function
