"""The tools: what each one takes, and the request that becomes of it.

The models give the input schemas; the descriptions in them are all that an assistant knows.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from analyzer.errors import BadInput
from analyzer.mcp.served import Served
from analyzer.requests import (
    CallersRequest,
    Changes,
    CheckRequest,
    ConfigsRequest,
    ExplainRequest,
    MatrixRequest,
    PathsRequest,
    ReviewRequest,
    SlotsRequest,
)

Request = (
    PathsRequest
    | CallersRequest
    | SlotsRequest
    | ExplainRequest
    | MatrixRequest
    | ReviewRequest
    | CheckRequest
    | ConfigsRequest
)
"""What a tool can ask for."""

_STDIN = Path("-")

Depth = Annotated[int, Field(ge=1, le=1_000_000)]
Functions = Annotated[
    list[str],
    Field(
        min_length=1,
        description="Functions or macros: NAME, or FILE:NAME (relative to the tree) where the "
        "name alone is ambiguous.",
    ),
]
Platforms = Annotated[
    list[str],
    Field(
        description="Look at these platforms only: native, xen-pv, xen-hvm, hyperv, kvm, vmware "
        "and what else the tree knows. Empty: all."
    ),
]
Object = Annotated[
    str | None,
    Field(
        description="The argument whose fate is told: its name or its position from 0, or *ARG "
        "for what it points to. Without it, the argument that the function gives up."
    ),
]
Patch = Annotated[
    str | None,
    Field(
        description="The text of the patch: a unified diff, a mail message, or a mailbox with a "
        "series. It is applied in memory."
    ),
]
Range = Annotated[
    str | None,
    Field(description="Instead of a patch, the commits A..B of the repository that the tree is."),
]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, and the text that it reads from standard input (a patch)."""

    request: Request
    text: str = ""


class Question(BaseModel):
    """What every tool takes."""

    model_config = ConfigDict(extra="forbid")

    kernel: Annotated[
        str | None,
        Field(description="The name of a kernel tree of this server. Without it, the first one."),
    ] = None

    @abstractmethod
    def asked(self, served: Served) -> Asked:
        """The request; raises :class:`BadInput` for what the server was not given."""


class ConfiguredQuestion(Question):
    """What every tool takes that looks at the kernel in given configurations."""

    configs: Annotated[
        list[str],
        Field(
            description="Configurations by name, among those of this server. Empty: all that it "
            "was given. Many at once cost little more than one."
        ),
    ] = []


class PathsQuestion(ConfiguredQuestion):
    functions: Functions
    to: Annotated[
        str | None, Field(description="Only the routes to this function (or FILE:NAME).")
    ] = None
    depth: Annotated[Depth | None, Field(description="Follow calls this many edges deep.")] = None
    show_all: Annotated[
        bool, Field(description="Show every call, also into logging, tracing and the like.")
    ] = False
    object: Object = None
    platforms: Platforms = []

    def asked(self, served: Served) -> Asked:
        inputs = served.inputs_for(self.kernel, self.configs)
        return Asked(
            PathsRequest(
                inputs,
                tuple(self.functions),
                self.to,
                self.depth,
                self.show_all,
                self.object,
                tuple(dict.fromkeys(self.platforms)),
            )
        )


class CallersQuestion(ConfiguredQuestion):
    functions: Functions
    depth: Annotated[Depth | None, Field(description="Follow callers this many edges back.")] = None
    show_all: Annotated[
        bool, Field(description="Follow every caller to the end, whatever it takes.")
    ] = False

    def asked(self, served: Served) -> Asked:
        inputs = served.inputs_for(self.kernel, self.configs)
        return Asked(CallersRequest(inputs, tuple(self.functions), self.depth, self.show_all))


class SlotsQuestion(ConfiguredQuestion):
    slots: Annotated[
        list[str],
        Field(
            description="Tables ('x86_init'), parts of one, slots ('smp_ops.cpu_die') or keys of "
            "static calls ('x86_idle'). Empty: list the tables that platforms write to."
        ),
    ] = []
    platforms: Platforms = []

    def asked(self, served: Served) -> Asked:
        inputs = served.inputs_for(self.kernel, self.configs)
        platforms = tuple(dict.fromkeys(self.platforms))
        return Asked(SlotsRequest(inputs, tuple(self.slots), platforms))


class ExplainQuestion(ConfiguredQuestion):
    symbols: Annotated[
        list[str],
        Field(min_length=1, description="Configuration symbols, with or without CONFIG_."),
    ]
    depth: Annotated[
        Depth, Field(description="Go this many symbols back behind the deciding statement.")
    ] = 3
    show_all: Annotated[
        bool, Field(description="List selects and implies that do not apply too.")
    ] = False
    want: Annotated[
        str | None,
        Field(
            description="A value (y, m, n or a text): find the fewest lines that give the symbols "
            "this value, or the proof that there are none."
        ),
    ] = None

    def asked(self, served: Served) -> Asked:
        inputs = served.inputs_for(self.kernel, self.configs)
        symbols = tuple(self.symbols)
        return Asked(ExplainRequest(inputs, symbols, self.depth, self.show_all, self.want))


class MatrixQuestion(Question):
    functions: Functions
    config: Annotated[
        str | None,
        Field(
            description="The configuration that combinations are made from. Without it, the only "
            "one of this server, or the tree's default if it has several."
        ),
    ] = None
    vary: Annotated[
        list[str],
        Field(description="Symbols to combine. Empty: those that make a difference to the paths."),
    ] = []
    object: Object = None
    platforms: Platforms = []

    def asked(self, served: Served) -> Asked:
        return Asked(
            MatrixRequest(
                served.base_inputs(self.kernel, self.config),
                tuple(self.functions),
                tuple(dict.fromkeys(name.removeprefix("CONFIG_") for name in self.vary)),
                None,
                self.object,
                tuple(dict.fromkeys(self.platforms)),
            )
        )


class ReviewQuestion(ConfiguredQuestion):
    patch: Patch = None
    range: Range = None
    roots: Annotated[
        list[str],
        Field(description="Functions from which to look. Empty: those that the patch changes."),
    ] = []
    only_given: Annotated[
        bool,
        Field(
            description="Look at no configurations beside those given. Otherwise one is added for "
            "each combination of the symbols that matter to the change."
        ),
    ] = False
    object: Object = None
    platforms: Platforms = []

    def asked(self, served: Served) -> Asked:
        if (self.patch is None) == (self.range is None):
            raise BadInput("give a 'patch' or a 'range', one of the two")
        request = ReviewRequest(
            served.inputs_for(self.kernel, self.configs),
            _changes(self.patch, self.range),
            tuple(dict.fromkeys(self.roots)),
            self.only_given,
            self.object,
            tuple(dict.fromkeys(self.platforms)),
        )
        return Asked(request, self.patch or "")


class CheckQuestion(ConfiguredQuestion):
    policy: Annotated[
        str | None,
        Field(description="A policy of this server by name. Without it, the first one."),
    ] = None
    patch: Patch = None
    range: Range = None
    platforms: Platforms = []

    def asked(self, served: Served) -> Asked:
        if self.patch is not None and self.range is not None:
            raise BadInput("give a 'patch' or a 'range', not both")
        request = CheckRequest(
            served.inputs_for(self.kernel, self.configs),
            served.policy(self.policy),
            _changes(self.patch, self.range),
            tuple(dict.fromkeys(self.platforms)),
        )
        return Asked(request, self.patch or "")


class ConfigsQuestion(ConfiguredQuestion):
    symbols: Annotated[
        list[str],
        Field(description="These symbols only, also where they do not differ. Empty: all."),
    ] = []
    function: Annotated[
        str | None,
        Field(description="Only symbols in the conditions of this function's paths."),
    ] = None

    def asked(self, served: Served) -> Asked:
        inputs = served.inputs_for(self.kernel, self.configs)
        return Asked(
            ConfigsRequest(
                inputs.configs,
                tuple(self.symbols),
                self.function,
                inputs.kernel,
                inputs.arch,
                inputs.cache,
            )
        )


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool: its name is the command's, its answer the command's JSON document."""

    name: str
    title: str
    description: str
    question: type[Question]


_MASKS = (
    " The structured result is kimpact's JSON document; masks in it are hexadecimal, bit i for "
    "configs[i]. The text is the same as a report."
)

TOOLS = (
    Tool(
        "paths",
        "Call paths of a kernel function",
        "The call paths from functions of a Linux kernel, in each configuration and on each "
        "platform, with files, lines, conditionals and guards, and what becomes of the object "
        "that the function is asked to release." + _MASKS,
        PathsQuestion,
    ),
    Tool(
        "callers",
        "Callers of a kernel function",
        "Who calls a function, up to system calls, initcalls, interrupts and other entries, in "
        "each configuration." + _MASKS,
        CallersQuestion,
    ),
    Tool(
        "slots",
        "What dispatch slots hold",
        "Which function each dispatch slot (ops table member, static call) holds on bare metal "
        "and on each hypervisor once it has booted, and under which conditions." + _MASKS,
        SlotsQuestion,
    ),
    Tool(
        "explain",
        "Why a configuration symbol has its value",
        "Which statement of the Kconfig files gives a symbol its value, and what that rests on; "
        "with 'want', how to get another value." + _MASKS,
        ExplainQuestion,
    ),
    Tool(
        "matrix",
        "Combinations of symbols and their paths",
        "Which combinations of configuration symbols can be had in the tree, with proof where "
        "not, and which paths a function takes in each." + _MASKS,
        MatrixQuestion,
    ),
    Tool(
        "review",
        "What a patch changes",
        "What a patch or series changes: functions as compiled, paths and effects in which "
        "configurations and on which platforms, lines that nothing compiles, what to build to "
        "test it, and whether the changelog's claims about calls hold." + _MASKS,
        ReviewQuestion,
    ),
    Tool(
        "check",
        "Check rules about paths",
        "Whether the tree, or what a patch makes of it, keeps the rules of a policy of this "
        "server." + _MASKS,
        CheckQuestion,
    ),
    Tool(
        "configs",
        "How configurations differ",
        "Which symbols differ between configurations, the most telling first." + _MASKS,
        ConfigsQuestion,
    ),
)


def _changes(patch: str | None, commits: str | None) -> Changes:
    return Changes(() if patch is None else (_STDIN,), commits)
