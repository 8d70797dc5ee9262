"""What functions spell, read off their texts: before an object is opened for their sake.

Nothing is preprocessed: all branches of conditionals count, and macros are not looked into.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from analyzer.callgraph.program import FunctionRef
from analyzer.callgraph.session import Session
from analyzer.csource.places import whole_text

_WORD = re.compile(r"[A-Za-z_]\w*")


class Spelled:
    """Remembers the files that it has been asked about."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._files: dict[str, Mapping[str, str]] = {}
        self._below: dict[tuple[str, str], frozenset[str]] = {}

    def below(self, ref: FunctionRef) -> frozenset[str]:
        """The words in a function and in those of its file that it leads to."""
        if ref.location is None:
            return frozenset()
        key = (ref.location.file, ref.name)
        known = self._below.get(key)
        if known is None:
            texts = self._functions(ref.location.file)
            words: set[str] = set()
            waiting = [ref.name]
            seen = {ref.name}
            while waiting:
                found = set(_WORD.findall(texts.get(waiting.pop(), "")))
                words |= found
                waiting += [name for name in found if name in texts and name not in seen]
                seen |= found
            known = self._below[key] = frozenset(words)
        return known

    def takes_arguments(self, ref: FunctionRef) -> bool:
        """Whether a function may have parameters; not if it is written ``f(void)``."""
        if ref.location is None:
            return False
        text = self._functions(ref.location.file).get(ref.name, "")
        return re.search(rf"\b{re.escape(ref.name)}\s*\(\s*void\s*\)", text) is None

    def _functions(self, file: str) -> Mapping[str, str]:
        """The texts of a file's functions by name."""
        known = self._files.get(file)
        if known is None:
            found: dict[str, str] = {}
            skeleton = self._session.skeleton(file)
            if skeleton is not None:
                for raw in self._session.outline(skeleton).declarations:
                    text = whole_text(skeleton, raw)
                    if text.rstrip().endswith("}"):
                        for name in raw.names:
                            found[name] = found.get(name, "") + text
            known = self._files[file] = found
        return known
