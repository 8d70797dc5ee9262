"""git objects by name, through one running ``git cat-file --batch``."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from types import TracebackType
from typing import IO

from analyzer.errors import BadInput
from analyzer.tree.git import GitRepository

LINK = "120000"
SUBMODULE = "160000"
DIRECTORY = "40000"


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One name in a directory: git's mode and the object."""

    mode: str
    name: str


class ObjectReader:
    """Reads objects of a repository; a context manager, or closed with :meth:`close`.

    Each process that uses it has a ``cat-file`` of its own, so that it can be handed on.
    """

    __slots__ = ("_owner", "_process", "_repository")

    def __init__(self, repository: GitRepository) -> None:
        self._repository = repository
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def __reduce__(self) -> tuple[type[ObjectReader], tuple[GitRepository]]:
        """Another process starts afresh."""
        return type(self), (self._repository,)

    def __enter__(self) -> ObjectReader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End ``cat-file``, if it is this process's; it is started again when needed."""
        if self._process is not None and self._owner == os.getpid():
            for stream in (self._process.stdin, self._process.stdout):
                if stream is not None:
                    stream.close()
            self._process.wait()
        self._process = None

    def read(self, name: str, kind: str) -> bytes:
        """The contents of an object of the given kind; raises :class:`BadInput`."""
        asked, answers = self._streams()
        try:
            asked.write(name.encode("ascii") + b"\n")
            asked.flush()
            head = answers.readline().split()
            if len(head) == 3:
                data = answers.read(int(head[2]) + 1)[:-1]
                if head[1].decode("ascii") == kind and len(data) == int(head[2]):
                    return data
        except OSError:
            pass
        self.close()
        raise BadInput(f"git has no {kind} {name}", self._repository.folder)

    def tree(self, name: str) -> dict[str, TreeEntry]:
        """The entries of a tree object by name in the directory (``gitformat-tree``)."""
        data = self.read(name, "tree")
        size = len(name) // 2
        found: dict[str, TreeEntry] = {}
        at = 0
        while at < len(data):
            space, end = data.find(b" ", at), data.find(b"\0", at)
            if not at < space < end:
                raise BadInput(f"damaged git tree {name}", self._repository.folder)
            mode = data[at:space].decode("ascii", "replace").lstrip("0")
            entry = data[space + 1 : end].decode("utf-8", "surrogateescape")
            at = end + 1 + size
            found[entry] = TreeEntry(mode, data[end + 1 : at].hex())
        return found

    def _streams(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._process is None or self._owner != os.getpid():
            self._process = self._repository.batch()
            self._owner = os.getpid()
        asked, answers = self._process.stdin, self._process.stdout
        assert asked is not None
        assert answers is not None
        return asked, answers
