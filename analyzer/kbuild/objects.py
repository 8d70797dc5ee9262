"""What Kbuild decides about one object file, over all configurations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.configset.configset import Mask


@dataclass(frozen=True, slots=True)
class Masked:
    """A text that holds in the configurations of ``mask``."""

    mask: Mask
    text: str


@dataclass(frozen=True, slots=True)
class ObjectFile:
    """An object that Kbuild can build: the translation unit of everything else.

    ``path`` is relative to the tree (``mm/memory.o``), ``source`` its ``.c``, ``.S`` or
    ``.rs``, which may be a generated file that the tree does not hold.
    ``builtin`` and ``module`` are disjoint masks (``module``: compiled with
    ``-DMODULE``); in other configurations the object is absent. ``images`` says into
    which link image it goes: ``vmlinux``, the path of a module without suffix
    (``fs/ext4/ext4``), or of a stand-alone image (``arch/x86/boot/compressed/vmlinux``).
    ``modname`` is ``KBUILD_MODNAME`` without its quotes.
    ``flags`` are the compiler options that can change preprocessing or the meaning of
    the source (``-D -U -I -include -isystem -m… -std -f… -O…``), in command-line
    order, quotes removed, paths relative to the tree, an option and its separate argument
    joined (``-include include/linux/kconfig.h``, ``-Iinclude``). Generated headers are
    looked for in the same directories. ``library`` marks objects of ``lib-y`` archives,
    linked only on demand.
    ``governed_by`` names the CONFIG symbols on the makefile lines that decide it.
    """

    path: str
    source: str
    builtin: Mask
    module: Mask
    images: tuple[Masked, ...]
    modname: tuple[Masked, ...]
    flags: Sequence[Masked]
    library: bool = False
    governed_by: tuple[str, ...] = ()

    @property
    def built(self) -> Mask:
        """Where the object is built at all."""
        return self.builtin | self.module

    def linked_into(self, image: str) -> Mask:
        """Where the object is part of a link image: what is a module in one configuration is
        part of vmlinux in another."""
        found = 0
        for each in self.images:
            if each.text == image:
                found |= each.mask
        return found


@dataclass(frozen=True, slots=True)
class Absence:
    """A reason why a source is not built: ``symbol`` is unset in ``mask``."""

    symbol: str
    mask: Mask
