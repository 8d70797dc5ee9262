"""What belongs to hypervisors: functions and variables of files that only their boots walk.

A name belongs to them if one of these files defines it, or a file whose functions only these
files use; a header's function belongs to them if it uses such a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from analyzer.callgraph.mentions import MentionKind, Mentions
from analyzer.callgraph.texts import is_header, is_source

MAX_FUNCTIONS = 4
"""Functions of a file beyond which it is not asked who uses them."""
_WORD = re.compile(r"[A-Za-z_]\w*")
_DEFINED = re.compile(
    rb"^(?!extern\b|return\b|typedef\b|EXPORT)\w[^;(){}=#\n]*?\b(\w+)\s*(?:\[[^\]\n]*\]\s*)*"
    rb"(?:__\w+\s*)*([=;(])",
    re.MULTILINE,
)
"""A file-scope name at its definition or declaration, with what follows."""


class Ownership:
    """Answers for one set of files."""

    __slots__ = ("_files", "_known", "_mentions", "_names")

    def __init__(self, mentions: Mentions, files: Iterable[str]) -> None:
        """``files`` are walked on the boot of hypervisors only."""
        self._mentions = mentions
        self._files = frozenset(files)
        self._names = {
            name for file in self._files for name, _ in self._defined(file) if file.endswith(".c")
        }
        self._known: dict[str, bool] = {}

    def owns(self, name: str) -> bool:
        """Whether function or variable ``name`` belongs to a hypervisor."""
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self._look(name)
        return known

    def _look(self, name: str) -> bool:
        if name in self._names:
            return True
        if name in self._mentions.externs():
            return self._is_theirs(name)
        word = re.escape(name.encode())
        body = re.compile(
            rb"^\w[^\n;{}]*\b%s\s*\([^;{}]*\)[^;{}]*(\{.*?^\})" % word, re.MULTILINE | re.DOTALL
        )
        inline = re.compile(rb"\b%s\s*\([^;{}]*\)[^;{}()]*\{" % word)
        for file in self._mentions.files_with(name, inline, is_header):
            for found in body.finditer(self._mentions.text(file)):
                words = dict.fromkeys(_WORD.findall(found[1].decode("latin-1")))
                externs = self._mentions.externs()
                if any(w in self._names or (w in externs and self.owns(w)) for w in words):
                    return True
        return False

    def _is_theirs(self, variable: str) -> bool:
        """Whether a variable is defined in a file whose functions only these files use."""
        word = re.escape(variable.encode())
        defined = re.compile(
            rb"^(?!extern\b|return\b)\w[^;(){}=#\n]*\b%s\b\s*(?:\[[^\]\n]*\]\s*)*(?:__\w+\s*)*[=;]"
            % word,
            re.MULTILINE,
        )
        ending = re.compile(rb"%s\s*(?:\[[^\]\n]*\]\s*)*(?:__\w+\s*)*[=;]" % word)
        likely = self._mentions.files_with(variable, ending, is_source)
        files = [file for file in likely if defined.search(self._mentions.text(file))]
        return len(files) == 1 and self._used_by_them(files[0])

    def _used_by_them(self, file: str) -> bool:
        functions = [name for name, after in self._defined(file) if after == b"("]
        functions = [name for name in dict.fromkeys(functions) if len(name) > 2]
        if not functions or len(functions) > MAX_FUNCTIONS:
            return False
        users = {
            mention.file
            for name in functions
            for mention in self._mentions.of(name)
            if mention.kind is MentionKind.FUNCTION
        }
        return bool(users - {file}) and users - {file} <= self._files

    def _defined(self, file: str) -> list[tuple[str, bytes]]:
        found = _DEFINED.findall(self._mentions.text(file))
        return [(name.decode("latin-1"), after) for name, after in found]
