"""kimpact as a tool server for assistants (Model Context Protocol, over stdio).

``served`` says which files a server may read, ``questions`` turns a tool's arguments into a
request, ``calls`` has it answered by a process of its own (``task``), ``server`` speaks the
protocol through the official SDK. ``docs/mcp.md`` is the page for users.
"""
