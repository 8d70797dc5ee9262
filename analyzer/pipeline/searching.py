"""Searching for paths: what an opened analysis needs for it, kept from one question to the next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analyzer.callgraph.image import VMLINUX
from analyzer.callgraph.linked import LinkedProgram
from analyzer.callgraph.mentions import Mentions
from analyzer.effects.code import Code
from analyzer.effects.roots import RootAnalysis
from analyzer.paths.answer import Question, answer
from analyzer.paths.names import parse_name
from analyzer.paths.platforms import OnePlatform, Platforms
from analyzer.paths.result import PathsResult
from analyzer.pipeline.sessions import Analysis
from analyzer.platforms.boot import Boot
from analyzer.platforms.dispatch import BootDispatcher, Label
from analyzer.platforms.knowledge import boot_knowledge
from analyzer.platforms.shown import Shown
from analyzer.platforms.written import announced
from analyzer.requests import PathsRequest

if TYPE_CHECKING:
    from analyzer.callgraph.session import Session


class PathSearch:
    """Answers questions for paths in one program; platforms that have been booted stay so."""

    __slots__ = ("_analysis", "_platforms", "_program")

    def __init__(self, analysis: Analysis, program: LinkedProgram, platforms: Platforms) -> None:
        self._analysis = analysis
        self._program = program
        self._platforms = platforms

    @classmethod
    def booting(cls, analysis: Analysis, only: tuple[str, ...] = ()) -> PathSearch:
        """Platforms are booted when a path goes through a slot; ``only`` these, none for all.

        Raises :class:`BadInput` for a platform that the tree does not know.
        """
        program = LinkedProgram(analysis.session)
        return cls(analysis, program, _platforms(analysis.session, program, only))

    @classmethod
    def unbooted(cls, analysis: Analysis) -> PathSearch:
        """No platform is booted: a slot holds all that it may hold anywhere."""
        program = LinkedProgram(analysis.session)
        return cls(analysis, program, OnePlatform(len(analysis.session.configs)))

    def knows(self, function: str) -> bool:
        """Whether there is a function or macro of that name (or ``file:name``) anywhere."""
        named = parse_name(function)
        return any(ref.location is not None for ref in self._program.find(named.name, named.file))

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


def _platforms(session: Session, program: LinkedProgram, only: tuple[str, ...]) -> BootDispatcher:
    """What tells platforms apart; they are booted when a path goes through a slot."""
    knowledge = boot_knowledge(session.knowledge)

    def boot() -> tuple[Boot, Label]:
        mentions = Mentions(session, program.texts(VMLINUX))
        made = Boot(session, program, program.image(VMLINUX), mentions, knowledge)
        return made, Shown(made, mentions, knowledge).label

    def known() -> Iterator[str]:
        return (each.name for each in announced(session.tree, session.arch, knowledge))

    return BootDispatcher(program, boot, session.configs, only, known)
