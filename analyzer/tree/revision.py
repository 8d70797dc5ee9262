"""The tree of a git revision, read from its objects; nothing is checked out."""

from __future__ import annotations

from pathlib import Path

from analyzer.errors import BadInput
from analyzer.tree.git import GitRepository
from analyzer.tree.objects import DIRECTORY, LINK, SUBMODULE, ObjectReader, TreeEntry
from analyzer.tree.source_tree import Stamp

_MAX_LINKS = 40
"""Symlinks on the way to one file, as in Linux (``MAXSYMLINKS``)."""


class RevisionTree:
    """A :class:`SourceTree` of one revision; what it holds never changes."""

    __slots__ = ("_directories", "_folder", "_label", "_objects", "commit", "tree_name")

    def __init__(self, repository: GitRepository, revision: str) -> None:
        """``revision`` is a name that git knows; raises :class:`BadInput` if it does not."""
        commit = repository.object_of(revision, "commit")
        name = None if commit is None else repository.object_of(commit, "tree")
        if commit is None or name is None:
            raise BadInput(f"no such revision: {revision!a}", repository.folder)
        self.commit = commit
        """The full name of the commit."""
        self.tree_name = name
        """The name of its tree: the same name means the same files."""
        self._label = f"{repository.folder}@{commit[:12]}"
        self._folder = repository.folder
        self._objects = ObjectReader(repository)
        self._directories: dict[str, dict[str, TreeEntry]] = {}

    @classmethod
    def at(cls, folder: Path, revision: str) -> RevisionTree:
        """A revision of the repository at ``folder``."""
        return cls(GitRepository(folder), revision)

    @property
    def label(self) -> str:
        return self._label

    @property
    def root(self) -> str:
        return self._folder

    @property
    def stamps(self) -> dict[str, Stamp]:
        """Empty: nothing that is read can change under the same :attr:`tree_name`."""
        return {}

    def close(self) -> None:
        """End the process that reads; it is started again when needed."""
        self._objects.close()

    def read(self, path: str) -> bytes | None:
        entry = self._file(path)
        return None if entry is None else self._objects.read(entry.name, "blob")

    def is_file(self, path: str) -> bool:
        return self._file(path) is not None

    def listdir(self, path: str) -> tuple[str, ...]:
        if not (path == "" or _plain(path)):
            return ()
        entries = self._entries(path)
        return tuple(sorted(self._shown(path, name, entry) for name, entry in entries.items()))

    def canonical(self, path: str) -> str | None:
        """``path`` with the symlinks on it followed; None if they lead out of the tree.

        Symlinks in circles lead nowhere: ``path`` as it is, which is no file.
        """
        left = path.split("/")[::-1]
        done: list[str] = []
        links = 0
        while left:
            part = left.pop()
            if part in ("", "."):
                continue
            if part == "..":
                if not done:
                    return None
                done.pop()
                continue
            entry = self._directory("/".join(done)).get(part)
            if entry is None or entry.mode != LINK:
                done.append(part)
                continue
            links += 1
            target = self._objects.read(entry.name, "blob").decode("utf-8", "surrogateescape")
            if links > _MAX_LINKS:
                return path
            if target.startswith("/"):
                return None
            left += target.split("/")[::-1]
        return "/".join(done)

    def _file(self, path: str) -> TreeEntry | None:
        real = self.canonical(path) if _plain(path) else None
        if not real:
            return None
        directory, _, name = real.rpartition("/")
        entry = self._directory(directory).get(name)
        return entry if entry is not None and entry.mode.startswith("100") else None

    def _shown(self, directory: str, name: str, entry: TreeEntry) -> str:
        if entry.mode == LINK:
            full = f"{directory}/{name}" if directory else name
            real = self.canonical(full)
            folder = real is not None and (real == "" or bool(self._directory(real)))
        else:
            folder = entry.mode in (DIRECTORY, SUBMODULE)
        return f"{name}/" if folder else name

    def _entries(self, path: str) -> dict[str, TreeEntry]:
        real = self.canonical(path)
        return {} if real is None else self._directory(real)

    def _directory(self, path: str) -> dict[str, TreeEntry]:
        """What is in a directory without symlinks on its path; empty if there is none."""
        known = self._directories.get(path)
        if known is None:
            known = self._directories[path] = self._load(path)
        return known

    def _load(self, path: str) -> dict[str, TreeEntry]:
        if path == "":
            return self._objects.tree(self.tree_name)
        above, _, name = path.rpartition("/")
        entry = self._directory(above).get(name)
        if entry is None or entry.mode != DIRECTORY:
            return {}
        return self._objects.tree(entry.name)


def _plain(path: str) -> bool:
    return not any(part in ("", ".", "..") for part in path.split("/"))
