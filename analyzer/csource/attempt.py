"""Finding out which uses inside a macro use are left when it is expanded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from analyzer.csource.expansion import Expansion, ExpansionStore, Need
from analyzer.preprocessor.expand import TakenApart
from analyzer.preprocessor.macro import Macro
from analyzer.preprocessor.table import SEVERAL, SharedGroup
from analyzer.preprocessor.token import LEFT, ArgumentOrigin, MacroOrigin, Origin, Token

if TYPE_CHECKING:
    from analyzer.csource.expansions import Expansions


class Again(Exception):
    """The attempt must be made anew: it now knows better what to leave."""


class Attempt:
    """The attempts to expand a use for a group: which uses inside it are left.

    Left are the uses of macros that the group disagrees on. Where such a use cannot be left
    (it is no phrase of C by itself, or is taken apart), the use around it is left instead,
    if there is one inside the use that is being expanded: ``_around`` are their names.
    ``created`` are the uses left here. The use itself may contain others (``inherits``).
    """

    __slots__ = (
        "_apart",
        "_around",
        "_expansions",
        "_head",
        "_here",
        "_store",
        "_time",
        "created",
        "group",
        "inherits",
        "needs",
        "spared",
    )

    def __init__(
        self,
        expansions: Expansions,
        store: ExpansionStore,
        time: int,
        use: Sequence[Token],
    ) -> None:
        self._store = store
        self._expansions = expansions
        self._time = time
        self._apart: set[int] = set()
        self._around: dict[str, bool] = {}
        """Macros whose uses are to be left; False: tried, and they cannot."""
        self._here = ""
        self.inherits = any(token[1] & LEFT for token in use)
        self._head = use[0][0]
        self.group: SharedGroup
        self.created: dict[int, Origin]
        self.needs: dict[int, Need]
        self.spared: set[str]

    @property
    def may_have_left(self) -> bool:
        """Whether tokens of what comes out may stand for uses."""
        return self.inherits or bool(self.created)

    def expansion(self, out: Sequence[Token]) -> Expansion:
        """The expansion, once an attempt has come to its end."""
        return Expansion(out, self.group, self.needs, self.spared, self.may_have_left)

    def begin(self, group: SharedGroup) -> None:
        """Start (anew) with ``group``."""
        self.group = group
        group.settle(self._head)
        self.created = {}
        self.needs = {}
        self.spared = set()

    def take_apart(self, taken: TakenApart) -> None:
        """A use that was left cannot be: leave the one around it, or expand it."""
        self._apart.add(taken.number)
        origin = self.created[taken.number]
        by: tuple[str, Origin | None] | None = taken.by
        while by is not None:
            name, user = by
            if _beside(user, origin) and name not in self._around:
                self._around[name] = True  # it is an argument of this one
                return
            by = (user.macro.name, user.outer) if isinstance(user, MacroOrigin) else None
        self._leave_around(origin)

    def _leave_around(self, origin: Origin) -> bool:
        """Have the use left in which a token of this origin is written; False if there is
        none that could be."""
        while isinstance(origin, MacroOrigin):
            if isinstance(origin.outer, ArgumentOrigin) and not origin.outer.position:
                return False  # the replacement list of the use itself
            name = origin.macro.name
            if name not in self._around:
                self._around[name] = True
                return True
            if origin.outer is None:
                return False
            origin = origin.outer
        return False

    # --- what the expander asks -----------------------------------------------

    def lookup(self, name: str) -> Macro | None:
        """What a name means in the group; SEVERAL also for one whose uses are to be left."""
        if self._around.get(name) and name != self._here:
            return SEVERAL
        self._here = ""
        return self.group.lookup(name)

    def kinds(self, name: str) -> tuple[bool, bool]:
        return self.group.kinds(name)

    def spare(self, name: str) -> None:
        self.spared.add(name)

    def expand_here(self, name: Token) -> None:
        text, _, origin = name
        if self.group.lookup(text) is not SEVERAL:
            self._here = text
            return
        if self._leave_around(origin):
            raise Again
        self.group.settle(text)
        self._here = text

    def leave(self, use: Sequence[Token], disabled: Collection[str]) -> int | None:
        number = self._store.number(use)
        expansions, time, mask = self._expansions, self._time, self.group.mask
        if number in self._apart or expansions.would_recur(number, use[0][0]):
            return None
        try:
            with expansions.inside(number, disabled):
                alternatives = expansions.of_left(number, time, mask).alternatives
        except TakenApart as taken:
            taken.by = (use[0][0], use[0][2])
            raise
        if len(alternatives) == 1 and not alternatives[0][1].left:
            return None
        if (
            disabled and expansions.uses_any(disabled, number, time, mask)
        ) or not expansions.phrases_only(alternatives, time):
            self._apart.add(number)
            return None
        self.created[number] = use[0][2]
        before = self.needs.get(number, Need())
        self.needs[number] = before._replace(disabled=before.disabled | frozenset(disabled))
        return number

    def argument(self, number: int) -> bool:
        answer = self._expansions.of_left(number, self._time, self.group.mask)
        if not self._expansions.one_argument(answer.alternatives, self._time):
            return False
        self.needs[number] = self.needs.get(number, Need())._replace(argument=True)
        return True


def _beside(user: Origin | None, used: Origin) -> bool:
    """Whether the name of a macro and what stands in its arguments were written together:
    in the same replacement list, or both in the arguments of the use that is expanded."""
    if isinstance(user, ArgumentOrigin) and isinstance(used, ArgumentOrigin):
        return 0 < user.position < used.position
    return user == used
