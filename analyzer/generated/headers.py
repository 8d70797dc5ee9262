"""The generated headers of one tree and ConfigSet, derived when they are asked for.

In order: what a build folder has, ``asm`` wrappers, headers that say which kernel this is,
what a known generator makes by a makefile's rule, and as the last resort an empty stand-in
with a diagnostic. A path that no rule makes is no generated header at all.
"""

from __future__ import annotations

from analyzer.configset.configset import ConfigSet, Mask
from analyzer.diagnostics import Diagnostics
from analyzer.generated.beside import Beside
from analyzer.generated.commands import Commands
from analyzer.generated.identity import (
    UNKNOWN,
    build_version_header,
    compile_header,
    package_header,
    release_header,
    version_header,
)
from analyzer.generated.offsets import OffsetSource
from analyzer.generated.parts import Variants
from analyzer.generated.recipes import Recipe, Recipes
from analyzer.generated.wrappers import Wrappers, header_directory, wrapper_text
from analyzer.location import Location
from analyzer.tree.source_tree import SourceTree
from analyzer.tree.version import kernel_version

AUTOCONF = "include/generated/autoconf.h"
_TOP = "include/generated/"
_INIT = "init/Makefile"
_BUILD_VERSION = "uts_version"
_TOP_UAPI = "include/generated/uapi/"


class GeneratedHeaders:
    """A :class:`~analyzer.preprocessor.provider.HeaderProvider` for a pristine tree.

    ``arch`` is the name under ``arch/``. ``objtree`` is a build folder whose generated
    headers are taken first, for all configurations. ``offsets`` computes the constants of
    ``bounds.c`` and its like; without it their headers are stand-ins.
    """

    __slots__ = (
        "_arch",
        "_beside",
        "_commands",
        "_configs",
        "_diagnostics",
        "_known",
        "_objtree",
        "_parts",
        "_recipes",
        "_stand_ins",
        "_tree",
        "_wrappers",
    )

    def __init__(
        self,
        tree: SourceTree,
        arch: str,
        configset: ConfigSet,
        diagnostics: Diagnostics,
        *,
        objtree: SourceTree | None = None,
        offsets: OffsetSource | None = None,
    ) -> None:
        self._tree = tree
        self._arch = arch
        self._configs = configset
        self._diagnostics = diagnostics
        self._objtree = objtree
        self._recipes = Recipes(tree, arch, configset)
        self._beside = Beside(tree, self._recipes)
        self._commands = Commands(tree, configset, diagnostics, offsets)
        self._known: dict[str, Variants | None] = {}
        self._parts: dict[str, Variants] = {}
        self._stand_ins: dict[str, Mask] = {}
        self._wrappers: dict[str, Wrappers | None] = {}

    def header(self, path: str) -> Variants | None:
        """Text variants of the generated file ``path``, relative to the object tree.

        Masks are disjoint; where none holds the file is not made. None: it is made nowhere.
        ``autoconf.h`` is empty: its macros come from the ConfigSet (:class:`Autoconf`).
        Raises :class:`BadInput` when an input of its generator is malformed.
        """
        if path not in self._known:
            self._known[path] = self._find(path)
        return self._known[path]

    def forget(self, path: str) -> None:
        """Derive ``path`` anew when it is asked for again."""
        self._known.pop(path, None)

    @property
    def has_stand_ins(self) -> bool:
        """Whether any text given so far is an empty stand-in."""
        return bool(self._stand_ins)

    def stand_in(self, path: str) -> Mask:
        """Where the text given for ``path`` is an empty stand-in (0: it is derived)."""
        return self._stand_ins.get(path, 0)

    def _find(self, path: str) -> Variants | None:
        every = self._configs.all
        if path == AUTOCONF:
            return ((every, ""),)
        if path in self._parts:
            return self._parts[path]
        directory, _, name = path.rpartition("/")
        if self._objtree is not None and (raw := self._objtree.read(path)) is not None:
            self._diagnostics.note(
                "objtree-header",
                f"{path} is taken from the build folder for all configurations",
            )
            return ((every, raw.decode("utf-8", "surrogateescape")),)
        wrappers = self._wrappers_of(directory)
        if wrappers is not None:
            return self._asm_header(path, name, wrappers)
        if path.startswith(_TOP):
            return self._top_header(path)
        if (whole := self._beside.whole(path)) is not None:
            return ((every, whole),)
        found = self._beside.found(path)
        if found is not None and any(each.name == _BUILD_VERSION for each in found.recipes):
            return self._build_version(path)
        return None if found is None else self._made(path, list(found.recipes), every, found.named)

    def _wrappers_of(self, directory: str) -> Wrappers | None:
        if directory not in self._wrappers:
            found = header_directory(directory, self._arch)
            self._wrappers[directory] = (
                None if found is None else Wrappers(self._tree, self._arch, found, self._recipes)
            )
        return self._wrappers[directory]

    def _asm_header(self, path: str, name: str, wrappers: Wrappers) -> Variants | None:
        wrapped = wrappers.wrapped(name)
        listed = wrappers.generated(name) & ~wrapped
        result: list[tuple[Mask, str]] = []
        if wrapped:
            result.append((wrapped, wrapper_text(name)))
        if listed:
            top = f"arch/{self._arch}/Makefile"
            places = [top, *(f"{each}/Makefile" for each in self._recipes.makes_in(top))]
            made = [recipe for place in places for recipe in self._recipes.recipes(place, path)]
            result += self._made(path, made, listed)
        return tuple(result) or None

    def _top_header(self, path: str) -> Variants | None:
        every = self._configs.all
        tree, configs = self._tree, self._configs
        name = path[len(_TOP) :]
        if name == "uapi/linux/version.h":
            makefile = (tree.read("Makefile") or b"").decode("utf-8", "surrogateescape")
            return ((every, version_header(kernel_version(tree), makefile)),)
        if path.startswith(_TOP_UAPI):
            return None
        if name == "utsrelease.h":
            if {".git", ".git/"} & set(tree.listdir("")):
                self._diagnostics.note(
                    "release-suffix",
                    "the tree is a git repository: what a build appends to the release for "
                    "its revision is left out of UTS_RELEASE",
                )
            return release_header(kernel_version(tree), tree, configs)
        if name == "compile.h":
            self._unknown_builder(path)
            machines = self._recipes.texts(f"arch/{self._arch}/Makefile", "$(UTS_MACHINE)")
            named = tuple((mask, text.strip() or self._arch) for mask, text in machines)
            return compile_header(named or ((every, self._arch),), configs)
        if name == "package.h" and b"filechk_package.h" in (tree.read("Makefile") or b""):
            return ((every, package_header()),)
        if name == "utsversion.h":
            return self._build_version(path)
        made = list(self._recipes.recipes("Kbuild", path))
        if not made and "/" in name:
            return None
        return self._made(path, made, every)

    def _build_version(self, path: str) -> Variants:
        self._unknown_builder(path)
        flags = self._recipes.texts(_INIT, "$(smp-flag-y) $(preempt-flag-y)")
        return build_version_header(tuple(flags) or ((self._configs.all, ""),))

    def _unknown_builder(self, path: str) -> None:
        self._diagnostics.note(
            "build-identity",
            f"{path}: who builds, where, when and with which linker is not in the sources; "
            f"it is given as {UNKNOWN} or left out",
        )

    def _made(
        self, path: str, recipes: list[Recipe], where: Mask, named: Location | None = None
    ) -> Variants:
        """What ``recipes`` write in ``where``; an empty stand-in where none is known.

        ``named`` is where a makefile speaks of the file, if no rule of it does.
        """
        result: list[tuple[Mask, str]] = []
        wanted = 0
        for recipe in recipes:
            wanted |= recipe.mask
        unknown = left = where & wanted if recipes else where
        for recipe in recipes:
            if not recipe.mask & left:
                continue
            header = self._commands.answer(path, recipe)
            if header is None:
                continue
            self._parts.update(header.parts)
            result += [(mask & left, text) for mask, text in header.variants if mask & left]
            unknown &= ~recipe.mask
            left &= ~recipe.mask
        if unknown:
            self._stand_ins[path] = unknown
            self._diagnostics.warning(
                "stand-in-header",
                f"{path} is made by the build and cannot be derived: an empty file stands for it",
                recipes[0].location if recipes else named,
            )
            result.append((unknown, ""))
        return tuple(result)
