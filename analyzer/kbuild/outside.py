"""What makefile functions learn from outside the makefiles: files, and the compiler.

Files come from the tree under analysis. Commands are never run: ``$(shell …)`` and the
probes of ``scripts/Makefile.compiler`` are answered by :class:`CompilerProfile`, and
what it does not know is empty, with a diagnostic.
"""

from __future__ import annotations

import fnmatch
import re

from analyzer.configset.configset import Mask
from analyzer.diagnostics import Diagnostics
from analyzer.kbuild.frame import tree_path
from analyzer.kbuild.functions import TEXT_FUNCTIONS
from analyzer.kbuild.probes import CompilerProfile, choose, option_support
from analyzer.kbuild.values import Value, concat, joined, variants, words
from analyzer.location import Location
from analyzer.tree.outside import REFUSED, leads_out
from analyzer.tree.source_tree import SourceTree

_FIND = re.compile(r"find (\S+) -name ['\"\\]?([^\s'\"]+)['\"]?(?: -type f)?(?: 2>/dev/null)?$")


class Outside:
    """Answers for one tree and the compilers of one ConfigSet.

    ``unanswered`` are the makefiles with a command whose output is not known.
    """

    __slots__ = ("_diagnostics", "profile", "tree", "unanswered")

    def __init__(
        self, tree: SourceTree, profile: CompilerProfile, diagnostics: Diagnostics
    ) -> None:
        self.tree = tree
        self.profile = profile
        self._diagnostics = diagnostics
        self.unanswered: set[str] = set()

    def probe(
        self, name: str, arguments: list[Value], within: Mask, place: Location
    ) -> Value | None:
        """Compiler questions of ``scripts/Makefile.compiler``; None if ``name`` is none."""
        padded: list[Value] = [*arguments, "", "", ""]
        if name in ("cc-option", "as-option", "cc-ldoption"):
            support = option_support(self.profile, padded[0], within)
            return choose(support, padded[0], padded[1], within)
        if name == "cc-option-yn":
            return choose(option_support(self.profile, padded[0], within), "y", "n", within)
        if name == "cc-disable-warning":
            stripped = TEXT_FUNCTIONS["strip"]([padded[0]], within)
            return concat([(within, "-Wno-"), (within, stripped)], within)
        if name == "__cc-option":
            support = option_support(self.profile, padded[2], within)
            return choose(support, padded[2], padded[3], within)
        if name == "ld-option":
            return padded[0]
        if name in ("as-instr", "try-run"):
            self._diagnostics.note(
                "kbuild-probe-assumed",
                f"`{name}` is not run: taken to succeed",
                place,
            )
            return padded[1]
        if name in ("rustc-option", "rustc-option-yn", "cc-cross-prefix"):
            return ""
        return None

    def shell(self, command: Value, within: Mask, place: Location) -> Value:
        """The output of ``command`` where it is known without running it, else empty."""
        parts: list[tuple[Mask, Value]] = []
        for mask, text in variants(command, within):
            answer = self.profile.shell(text, mask)
            if answer is None and (hit := _FIND.match(text.strip())) is not None:
                answer = " ".join(self._find(tree_path(hit[1]), hit[1], hit[2]))
            if answer is None:
                self.unanswered.add(place.file)
                self._diagnostics.note(
                    "kbuild-shell-not-run",
                    f"`$(shell {' '.join(text.split())[:80]})` is not run: taken as empty",
                    place,
                )
                answer = ""
            parts.append((mask, answer))
        return concat(parts, within)

    def _find(self, path: str, written: str, pattern: str) -> list[str]:
        """What ``find written -name pattern -type f`` lists in the source tree, sorted."""
        found: list[str] = []
        for name in self.tree.listdir(path):
            if name.endswith("/"):
                found += self._find(f"{path}/{name[:-1]}", f"{written}/{name[:-1]}", pattern)
            elif fnmatch.fnmatchcase(name, pattern):
                found.append(f"{written}/{name}")
        return found

    def read_file(self, operation: Value, within: Mask, place: Location) -> Value:
        """``$(file < NAME)``: the file without its last newline; nothing is written."""
        parts: list[tuple[Mask, Value]] = []
        for mask, text in variants(operation, within):
            text = text.strip()
            path = tree_path(text[1:].strip()) if text[:1] == "<" else None
            raw = None if path is None else self.tree.read(path)
            if path is not None and raw is None and leads_out(self.tree, path):
                self._diagnostics.warning("kbuild-file-refused", f"{path} {REFUSED}", place)
            content = "" if raw is None else raw.decode("utf-8", "surrogateescape")
            parts.append((mask, content.removesuffix("\n")))
        return concat(parts, within)

    def wildcard(self, patterns: Value, within: Mask) -> Value:
        """``$(wildcard …)`` against the tree."""
        parts: list[tuple[Mask, str]] = []
        for mask, pattern in words(patterns, within):
            parts.extend((mask, found) for found in self._matches(pattern))
        return joined(parts, within)

    def _matches(self, pattern: str) -> list[str]:
        head, _, last = pattern.rpartition("/")
        folders = [head]
        if any(char in head for char in "*?["):
            folders = self._matches(head)
        prefixes = [folder + "/" if "/" in pattern else "" for folder in folders]
        if not any(char in last for char in "*?["):
            return [prefix + last for prefix in prefixes if self._exists(tree_path(prefix + last))]
        found: list[str] = []
        for prefix in prefixes:
            names = [name.rstrip("/") for name in self.tree.listdir(tree_path(prefix or "."))]
            found += [prefix + name for name in names if fnmatch.fnmatchcase(name, last)]
        return found

    def _exists(self, path: str) -> bool:
        return self.tree.is_file(path) or bool(self.tree.listdir(path))
