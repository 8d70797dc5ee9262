"""Searching for paths: what an opened analysis needs for it, kept from one question to the next."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from analyzer.callgraph.image import VMLINUX
from analyzer.callgraph.linked import LinkedProgram
from analyzer.callgraph.mentions import Mentions
from analyzer.callgraph.users import Users
from analyzer.effects.code import Code
from analyzer.effects.roots import RootAnalysis
from analyzer.paths.answer import Question, answer
from analyzer.paths.names import parse_name
from analyzer.paths.platforms import OnePlatform, Platforms
from analyzer.paths.result import PathsResult
from analyzer.pipeline.sessions import Analysis
from analyzer.platforms.ahead import BootsAhead
from analyzer.platforms.answers import BootAnswers
from analyzer.platforms.boot import Boot
from analyzer.platforms.dispatch import BootDispatcher
from analyzer.platforms.knowledge import boot_knowledge
from analyzer.platforms.shown import Shown
from analyzer.platforms.written import announced
from analyzer.requests import PathsRequest

if TYPE_CHECKING:
    from analyzer.callgraph.session import Session
    from analyzer.kbuild.objects import ObjectFile


class PathSearch:
    """Answers questions for paths in one program; platforms that have been booted stay so.

    To be used as a context manager: another process boots them.
    """

    __slots__ = ("_analysis", "_boots", "_listing", "_platforms", "_program", "_users")

    def __init__(
        self,
        analysis: Analysis,
        program: LinkedProgram,
        platforms: Platforms,
        boots: BootsAhead | None = None,
    ) -> None:
        self._analysis = analysis
        self._program = program
        self._platforms = platforms
        self._boots = boots
        self._users: Users | None = None
        self._listing = _Listed(analysis.session.listing)
        analysis.session.listing = self._listing

    @classmethod
    def booting(cls, analysis: Analysis, only: tuple[str, ...] = ()) -> PathSearch:
        """Platforms are booted when a path goes through a slot; ``only`` these, none for all.

        Raises :class:`BadInput` for a platform that the tree does not know.
        """
        program = LinkedProgram(analysis.session)
        boots = _boots(analysis, program)
        return cls(analysis, program, _platforms(analysis.session, program, boots, only), boots)

    @classmethod
    def unbooted(cls, analysis: Analysis) -> PathSearch:
        """No platform is booted: a slot holds all that it may hold anywhere."""
        program = LinkedProgram(analysis.session)
        return cls(analysis, program, OnePlatform(len(analysis.session.configs)))

    @property
    def session(self) -> Session:
        """What is searched."""
        return self._analysis.session

    def boot_ahead(self) -> None:
        """Have another process begin to boot the platforms as soon as the objects are known, if
        there is a second processor for it; it answers if a path goes through a slot."""
        if self._boots is not None and len(os.sched_getaffinity(0)) > 1:
            self._listing.then(self._boots.start)

    def __enter__(self) -> PathSearch:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._boots is not None:
            self._boots.stop()

    def knows(self, function: str) -> bool:
        """Whether there is a function or macro of that name (or ``file:name``) anywhere."""
        named = parse_name(function)
        if named.file is not None and not self._analysis.tree.is_file(named.file):
            return False
        return any(ref.location is not None for ref in self._program.find(named.name, named.file))

    def users(self) -> Users:
        """Who calls or uses what."""
        if self._users is None:
            self._users = Users(self._analysis.session, self._program)
        return self._users

    def namesakes(self, name: str) -> list[str]:
        """The functions and macros of a name, each as ``file:name``, in the order found."""
        refs = self._program.find(name, None)
        files = [ref.location.file for ref in refs if ref.location is not None]
        return [f"{file}:{name}" for file in dict.fromkeys(files)]

    def paths(self, request: PathsRequest) -> PathsResult:
        """The call paths that ``request`` asks for; its inputs and platforms are not looked at.

        Raises :class:`BadInput` for a name that is unknown or ambiguous.
        """
        analysis = self._analysis
        session = analysis.session
        return answer(
            self._program,
            Question(
                request.functions, request.to, request.depth, request.show_all, request.object
            ),
            session.configs,
            analysis.kernel,
            platforms=self._platforms,
            diagnostics=analysis.diagnostics,
            progress=analysis.progress,
            effects=lambda axis: RootAnalysis(Code(self._program, session, axis)),
        )


def _boots(analysis: Analysis, program: LinkedProgram) -> BootsAhead:
    """What boots the platforms, in another process."""
    session = analysis.session

    def boot() -> BootAnswers:
        knowledge = boot_knowledge(session.knowledge)
        mentions = Mentions(session, program.texts(VMLINUX))
        made = Boot(session, program, program.image(VMLINUX), mentions, knowledge)
        return BootAnswers(made, Shown(made, mentions, knowledge).label)

    trees = (analysis.tree, *((session.objtree,) if session.objtree else ()))
    return BootsAhead(session, trees, boot)


class _Listed:
    """Asks for the list of objects once, and then has something ``following`` begun."""

    __slots__ = ("_following", "_known", "_listing")

    def __init__(self, listing: Callable[[], Sequence[ObjectFile]]) -> None:
        self._listing = listing
        self._known: Sequence[ObjectFile] | None = None
        self._following: list[Callable[[], None]] = []

    def __call__(self) -> Sequence[ObjectFile]:
        if self._known is None:
            self._known = self._listing()
            for begin in self._following:
                begin()
        return self._known

    def then(self, begin: Callable[[], None]) -> None:
        """Have something begun when the objects are known, at once if they are."""
        if self._known is None:
            self._following.append(begin)
        else:
            begin()


def _platforms(
    session: Session, program: LinkedProgram, boots: BootsAhead, only: tuple[str, ...]
) -> BootDispatcher:
    """What tells platforms apart; they are booted when a path goes through a slot."""

    def known() -> Iterator[str]:
        knowledge = boot_knowledge(session.knowledge)
        return (each.name for each in announced(session.tree, session.arch, knowledge))

    return BootDispatcher(program, boots, session.configs, only, known)
