"""What belongs to hypervisors: functions and variables of files that only their boots walk.

A name belongs to them if one of these files defines it, if it is a header's function that
uses such a name, or a variable that is written only in functions that these files call.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from analyzer.callgraph.mentions import MentionKind, Mentions

MAX_NESTING = 3
"""Functions of headers inside functions of headers that are looked into."""
MAX_WORDS = 40
"""Words of such a function that are looked up."""
_WORD = re.compile(rb"[A-Za-z_]\w*")


class Ownership:
    """Answers for one set of files."""

    __slots__ = ("_files", "_known", "_mentions")

    def __init__(self, mentions: Mentions, files: Iterable[str]) -> None:
        """``files`` are walked on the boot of hypervisors only."""
        self._mentions = mentions
        self._files = frozenset(files)
        self._known: dict[str, bool] = {}

    def owns(self, name: str) -> bool:
        """Whether function or variable ``name`` belongs to a hypervisor."""
        return self._owns(name, 0)

    def _owns(self, name: str, depth: int) -> bool:
        known = self._known.get(name)
        if known is None:
            self._known[name] = False
            known = self._known[name] = self._look(name, depth)
        return known

    def _look(self, name: str, depth: int) -> bool:
        word = re.escape(name.encode())
        defined = re.compile(
            rb"^(?!extern\b|return\b)\w[^;(){}=#]*\b%s\s*(?:\([^;{}]*\)[^;{}()]*\{|(?:\[[^\]]*\]|__\w+|\s)*[=;])"
            % word,
            re.MULTILINE,
        )
        files = self._mentions.files_with(name, defined)
        if any(file in self._files for file in files):
            return True
        headers = [file for file in files if file.endswith(".h")]
        if headers and depth < MAX_NESTING:
            return any(self._uses_owned(name, header, depth) for header in headers)
        return bool(files) and not headers and self._written_by_owned(name)

    def _uses_owned(self, name: str, header: str, depth: int) -> bool:
        body = re.compile(
            rb"^\w[^\n;{}]*\b%s\s*\([^;{}]*\)[^;{}]*(\{.*?^\})" % re.escape(name.encode()),
            re.MULTILINE | re.DOTALL,
        )
        for found in body.finditer(self._mentions.text(header)):
            words = dict.fromkeys(_WORD.findall(found[1]))
            for word in list(words)[:MAX_WORDS]:
                if len(word) > 3 and self._owns(word.decode("latin-1"), depth + 1):
                    return True
        return False

    def _written_by_owned(self, name: str) -> bool:
        writers = {
            mention.owner
            for mention in self._mentions.writes_to_root(name)
            if mention.kind is MentionKind.FUNCTION
        }
        callers = {
            mention.file
            for writer in writers
            for mention in self._mentions.of(writer)
            if mention.kind is MentionKind.FUNCTION
        }
        return bool(callers) and callers <= self._files
