"""The server: the protocol over stdio, as the official SDK speaks it."""

from __future__ import annotations

from collections.abc import Sequence

import anyio
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError
from mcp.types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    ToolAnnotations,
)
from mcp.types import Tool as ToolEntry
from pydantic import ValidationError

from analyzer import __version__
from analyzer.answering import ToolAnswer
from analyzer.errors import BadInput, InternalError
from analyzer.mcp.calls import Calls
from analyzer.mcp.questions import TOOLS, Asked, Tool
from analyzer.mcp.schemas import schema_of
from analyzer.mcp.served import Served
from analyzer.report.visible import one_line

_INSTRUCTIONS = """\
kimpact answers from the sources of a Linux kernel alone, without building it: which call path a
function takes, in which configurations, on which platform, what becomes of the object that it
releases, and what a patch changes about it. 'unknown' and remarks (diagnostics) in an answer are
part of it: they say what was not followed. A first call on a tree takes seconds to a minute, the
same call again less than a second.
"""


def serve(served: Served) -> None:
    """Answer on standard input and output until the input ends."""
    anyio.run(_serve, served)


def make_server(served: Served, calls: Calls) -> Server:
    """The server for what ``served`` says, not yet connected to anything."""
    tools = offered(served)
    by_name = {tool.name: tool for tool in tools}
    entries = [_entry(tool) for tool in tools]

    async def list_tools(
        _context: ServerRequestContext, _params: PaginatedRequestParams | None
    ) -> ListToolsResult:
        return ListToolsResult(tools=entries)

    async def call_tool(
        context: ServerRequestContext, params: CallToolRequestParams
    ) -> CallToolResult:
        tool = by_name.get(params.name)
        if tool is None:
            raise MCPError(INVALID_PARAMS, f"no such tool: {one_line(params.name)}")
        told = 0

        async def tell(stage: str) -> None:
            nonlocal told
            told += 1
            await context.session.report_progress(float(told), None, stage)

        try:
            asked = _asked(tool, params.arguments or {}, served)
            found = await calls.answer(asked, tell)
        except (BadInput, InternalError) as error:
            return _failed(one_line(str(error)))
        return _result(found)

    return Server(
        "kimpact",
        version=__version__,
        title="kimpact",
        instructions=_INSTRUCTIONS + _what(served),
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def offered(served: Served) -> Sequence[Tool]:
    """The tools that make sense for what was given: 'check' needs a policy."""
    return [tool for tool in TOOLS if tool.name != "check" or served.policies]


async def _serve(served: Served) -> None:
    server = make_server(served, Calls())
    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())


def _asked(tool: Tool, arguments: dict[str, object], served: Served) -> Asked:
    try:
        question = tool.question.model_validate(arguments)
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        raise BadInput("; ".join(wrong)) from None
    return question.asked(served)


def _entry(tool: Tool) -> ToolEntry:
    return ToolEntry(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.question.model_json_schema(),
        output_schema=schema_of(tool.name),
        annotations=ToolAnnotations(
            read_only_hint=True,
            destructive_hint=False,
            idempotent_hint=True,
            open_world_hint=False,
        ),
    )


def _result(found: ToolAnswer) -> CallToolResult:
    content = TextContent(type="text", text=found.text)
    return CallToolResult(content=[content], structured_content=found.document)


def _failed(line: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=line)], is_error=True)


def _what(served: Served) -> str:
    """What this server has, for the assistant's instructions."""
    trees = ", ".join(one_line(tree.name) for tree in served.kernels)
    configs = _names(served) or "none by default; name one"
    return f"Kernel trees: {trees}\nConfigurations: {configs}\n"


def _names(served: Served) -> str:
    names = [one_line(path.name) for path in served.configs]
    return ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
