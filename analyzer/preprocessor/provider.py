"""Where headers come from that the tree itself does not hold."""

from __future__ import annotations

from typing import Protocol

from analyzer.configset.configset import Mask


class HeaderProvider(Protocol):
    """Derives the headers that Kbuild would generate."""

    def header(self, path: str) -> tuple[tuple[Mask, str], ...] | None:
        """Text variants of the generated file ``path`` (relative to the object tree).

        Masks are disjoint. None: Kbuild would not make such a file.
        """
