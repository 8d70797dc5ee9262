"""What the contents of files alone say, made once for all who read the same contents.

Neither the configurations nor the tree matter here, so that several sessions can share it: one
on the same tree with other configurations, or one on a tree in which most files are the same.
"""

from __future__ import annotations

from analyzer.preprocessor.outline import Outline, make_outline
from analyzer.preprocessor.skeleton import Skeleton, make_skeleton


class FileTexts:
    """Skeletons by path and contents, and their outlines."""

    __slots__ = ("_outlines", "_skeletons")

    def __init__(self) -> None:
        self._skeletons: dict[tuple[str, bytes], Skeleton] = {}
        self._outlines: dict[Skeleton, Outline] = {}

    def skeleton(self, path: str, data: bytes) -> Skeleton:
        """The directives and text of a file with the contents ``data``.

        Raises :class:`analyzer.errors.BadInput` for a line that is too long.
        """
        key = (path, data)
        known = self._skeletons.get(key)
        if known is None:
            known = self._skeletons[key] = make_skeleton(data, path)
        return known

    def outline(self, skeleton: Skeleton) -> Outline:
        """The external declarations of a file."""
        known = self._outlines.get(skeleton)
        if known is None:
            known = self._outlines[skeleton] = make_outline(skeleton)
        return known
