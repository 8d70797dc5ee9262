"""The Kconfig files of a tree as a model, kept between runs: loading them takes a second.

A kept model is used only if every file that was read for it is unchanged and those that were
looked for in vain are still missing, for the same architecture and toolchain profile. Kconfig
names each file that it sources; nothing is found by its pattern.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from analyzer.cache import ResultCache, decode, encode, key_of
from analyzer.diagnostics import Diagnostic, Diagnostics
from analyzer.errors import InternalError
from analyzer.kconfig.model import KconfigModel
from analyzer.kconfig.resolve import Loader
from analyzer.kconfig.toolchain import Toolchain
from analyzer.requests import Inputs
from analyzer.tree.overlay import PatchableTree
from analyzer.tree.source_tree import MISSING, DirectoryTree, SourceTree, Stamp

_KIND = "kconfig model"


@dataclass(frozen=True, slots=True)
class KeptLoader:
    """:func:`load_model` for one tree as what ``complete`` takes; may go to another process."""

    tree: DirectoryTree
    cache: ResultCache | None

    def __call__(
        self, _: SourceTree, arch: str, toolchain: Toolchain, diagnostics: Diagnostics
    ) -> KconfigModel:
        return load_model(self.tree, arch, toolchain, diagnostics, self.cache)


def loader_for(inputs: Inputs, tree: PatchableTree) -> Loader:
    """What loads the model of ``tree`` for one run; kept if ``inputs`` allow it.

    The model of a tree with a patch applied is not kept.
    """
    if not isinstance(tree, DirectoryTree):
        from analyzer.kconfig.load import load

        return load
    return KeptLoader(tree, ResultCache.of_user(inputs.trouble) if inputs.cache else None)


def load_model(
    tree: DirectoryTree,
    arch: str,
    toolchain: Toolchain,
    diagnostics: Diagnostics,
    cache: ResultCache | None,
) -> KconfigModel:
    """The model of ``tree`` as ``load`` gives it: of an earlier run, or loaded and kept.

    Without a ``cache`` it is loaded and not kept. What the model depends on is added to the
    stamps of ``tree`` either way. Raises :class:`BadInput` as ``load`` does; a tree that
    cannot be loaded is not kept.
    """
    from analyzer.kconfig.packed import pack

    key = key_of(_KIND, tree.label, arch, _identity(toolchain))
    kept = None if cache is None else cache.get_text(key)
    if kept is not None and (known := _unpacked(kept.text)) is not None:
        model, remarks = known
        _report(remarks, diagnostics)
        for _, stamps in kept.stamps:
            tree.stamps.update(stamps)
        return model
    from analyzer.kconfig.load import load

    own = _Recording(DirectoryTree(Path(tree.label)))
    found = Diagnostics()
    model = load(own, arch, toolchain, found)
    _report(found, diagnostics)
    tree.stamps.update(own.stamps)
    if cache is not None:
        text = f"{json.dumps(encode(tuple(found)))}\n{pack(model)}"
        cache.put_text(key, text, [(own.label, own.stamps)])
    return model


class _Recording:
    """A tree that notes what was asked of it, file by file."""

    __slots__ = ("_tree", "stamps")

    def __init__(self, tree: DirectoryTree) -> None:
        self._tree = tree
        self.stamps: dict[str, Stamp] = {}

    @property
    def label(self) -> str:
        return self._tree.label

    def read(self, path: str) -> bytes | None:
        raw = self._tree.read(path)
        self.stamps[path] = MISSING if raw is None else self._tree.stamps[path]
        return raw

    def is_file(self, path: str) -> bool:
        return self.read(path) is not None

    def listdir(self, path: str) -> tuple[str, ...]:
        names = self._tree.listdir(path)
        self.stamps[path] = self._tree.stamps.get(path, MISSING)
        return names


def _unpacked(text: str) -> tuple[KconfigModel, tuple[Diagnostic, ...]] | None:
    """A kept model and the remarks on it; None for a text that is no such thing."""
    from analyzer.kconfig.packed import unpack

    head, _, body = text.partition("\n")
    try:
        remarks: tuple[Diagnostic, ...] = decode(tuple[Diagnostic, ...], json.loads(head))
        return unpack(body), remarks
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError, InternalError):
        return None


def _report(remarks: Iterable[Diagnostic], diagnostics: Diagnostics) -> None:
    for remark in remarks:
        diagnostics.add(remark)


def _identity(toolchain: Toolchain) -> str:
    """Everything that a profile can change about a model."""
    answers, environment = dict(toolchain.answers), dict(toolchain.environment)
    return json.dumps([toolchain.name, answers, environment, toolchain.assumed])
