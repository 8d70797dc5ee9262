"""``--format html``: one file with a JSON document, and the script and style that show it.

The page needs no network and asks for none: its policy (CSP) allows the one script and the one
style that it carries, by their hashes, and nothing else. The script lies in ``html/``, one file
for each concept, and is put together here without a build step; it makes elements and sets
their text, so that what a tree or a patch says is never markup.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Mapping
from importlib.resources import files

from analyzer.report.json_parts import Value

PARTS = (
    "masks",
    "words",
    "dom",
    "choice",
    "unfold",
    "chains",
    "telling",
    "tree_view",
    "address",
    "switches",
    "remarks",
    "search",
    "frame",
    "paths_page",
    "callers_page",
    "slots_page",
    "matrix_page",
    "explain_page",
    "configs_page",
    "check_page",
    "diff_view",
    "review_page",
    "main",
)
"""The parts of the script, in order: the pages of all commands, of which the document's schema
chooses one."""

_OUTSIDE_TEXT = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def page(document: Mapping[str, Value], title: str) -> str:
    """The text of a page that shows ``document``, a document of ``docs/schema/``."""
    script = _script()
    style = _part("style.css")
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        "<!DOCTYPE html>\n"
        '<html lang="en" data-theme="auto">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="generator" content="kimpact">\n'
        f"<title>{html.escape(title)}</title>\n"
        f"<style>{style}</style>\n</head>\n<body>\n"
        "<noscript>This page needs JavaScript; --format tree says the same as text.</noscript>\n"
        f'<script type="application/json" id="document">{embedded(document)}</script>\n'
        f"<script>{script}</script>\n</body>\n</html>\n"
    )


def embedded(document: Mapping[str, Value]) -> str:
    """A document as JSON that nothing in it can end or leave, wherever in a page it stands."""
    text = json.dumps(document, ensure_ascii=True, separators=(",", ":"))
    return text.translate(_OUTSIDE_TEXT)


def _script() -> str:
    texts = "\n".join(_part(f"{name}.js") for name in PARTS)
    return f'"use strict";\n(() => {{\n{texts}}})();\n'


def _part(name: str) -> str:
    return (files("analyzer.report") / "html" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
