"""Which sources may fill a member of one structure, told by their texts without opening them.

Members of different structures have the same names. Where a source writes ``.member =`` in
the initialiser of an object that is declared to be another structure, and nowhere else, its
unit need not be opened to know that it does not fill this one.
"""

from __future__ import annotations

import re

from analyzer.callgraph.filetext import DeclarationText, FileText
from analyzer.csource.places import WORD, whole_text
from analyzer.preprocessor.directive import Include, Op
from analyzer.preprocessor.skeleton import Item

_DECLARED = re.compile(
    r"\s*(?:(?:static|const)\s+)*struct\s+(\w+)\s+\w+\s*(?:\[[^\]]*\]\s*)?(?:__\w+\s*)*"
)
"""The head of an object's definition that leaves no doubt about its structure."""


def may_fill(text: FileText, member: str, tag: str) -> bool:
    """Whether a source may write ``member`` of structure ``tag``, by assignment or in an
    initialiser; False only if all that it writes under this name belongs to others."""
    if any(_is_source(item) for item in text.skeleton.items):
        return True
    if any(member in WORD.findall(macro.body) for macro in text.macros()):
        return True
    written = re.compile(rf"(?:\.|->)\s*{re.escape(member)}\s*=[^=]")
    for raw in text.outline.declarations:
        if member not in whole_text(text.skeleton, raw):
            continue
        found = text.around(raw.first, raw.start)
        if found is None or any(
            not _is_other(found[0], match.start(), tag) for match in written.finditer(found[0].text)
        ):
            return True
    return False


def _is_source(item: Item) -> bool:
    """Whether a directive may include another source, which may write as well."""
    include = item.value
    if item.op is not Op.INCLUDE or not isinstance(include, Include):
        return False
    return include.tokens is not None or include.name.endswith((".c", ".S"))


def _is_other(declaration: DeclarationText, offset: int, tag: str) -> bool:
    """Whether the member named at an offset belongs to the object that is declared, which is
    of another structure than ``tag``."""
    value = declaration.value
    declared = _DECLARED.fullmatch(declaration.text, 0, max(value, 0))
    if not 0 <= value < offset or declaration.body >= 0 or declared is None:
        return False
    depth = 0
    for number, char in enumerate(re.findall(r"[{}]", declaration.text[value:offset])):
        depth += 1 if char == "{" else -1
        if number and not depth:
            return False
    begins = declaration.text[:offset].rstrip().endswith(("{", ","))
    return begins and depth == 1 and declared[1] != tag
