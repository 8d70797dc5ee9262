"""The make processes of a kernel build: the top one, and one per directory.

The top ``Makefile`` runs first and exports what every directory inherits
(``KBUILD_CFLAGS``, ``LINUXINCLUDE`` …). ``scripts/Makefile.build`` then runs once per
directory with ``obj=DIR``, reading its ``Kbuild`` or ``Makefile``; what it changes in an
inherited variable reaches the directories below it. The texts of these makefiles are
evaluated; only the object lists are computed by rule (:mod:`analyzer.kbuild.directory`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from analyzer.configset.configset import Mask
from analyzer.errors import BadInput
from analyzer.kbuild.evaluator import Evaluator
from analyzer.kbuild.frame import Frame
from analyzer.kbuild.scope import Environment, Piece, Scope, Variable
from analyzer.kbuild.syntax import Assign, Conditional, Operator, Statement

TOP_MAKEFILE = "Makefile"
BUILD_MAKEFILE = "scripts/Makefile.build"
LIB_MAKEFILE = "scripts/Makefile.lib"
_DEFINITIONS = ("scripts/Kbuild.include", "scripts/Makefile.compiler")

_APPENDED_AFTER = frozenset(
    {"KBUILD_AFLAGS", "KBUILD_CFLAGS", "asflags-y", "ccflags-y", "cppflags-y"}
)


@dataclass(slots=True)
class Process:
    """One make: its directory (``.`` at the top) and what its makefiles defined."""

    directory: str
    frame: Frame
    makefile: str

    def environment(self, evaluator: Evaluator) -> Environment:
        """What a make started by this one finds in its environment."""
        cache: dict[str, Variable | None] = {}
        scope = self.frame.scope

        def exported(name: str) -> Variable | None:
            if name in cache:
                return cache[name]
            variable = scope.variables.get(name)
            if variable is None and scope.environment is not None:
                variable = scope.environment(name)
            result: Variable | None = None
            if variable is not None and (variable.exported or scope.exports_all):
                saved = evaluator.frame
                evaluator.frame = self.frame
                try:
                    value = evaluator.value_of_variable(variable, evaluator.everywhere)
                finally:
                    evaluator.frame = saved
                symbols = _symbols_of(variable)
                piece = Piece(evaluator.everywhere, value, "", symbols)
                result = Variable([piece], 0, evaluator.everywhere, True, value)
            cache[name] = result
            return result

        return exported


def _symbols_of(variable: Variable) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for piece in variable.pieces for name in piece.symbols))


@dataclass(slots=True)
class Library:
    """What the common makefiles under ``scripts/`` give to every directory's make.

    ``base`` holds general definitions, ``flags`` the variables that spell a compiler
    command, ``prologue`` the names set to nothing before a kbuild file is read, and
    ``epilogue`` the additions made after it.
    """

    base: Scope
    flags: dict[str, Variable]
    prologue: tuple[str, ...]
    epilogue: tuple[Assign, ...] = field(default=())


def run_top(evaluator: Evaluator, arch: str) -> Process:
    """Evaluate the top ``Makefile`` as ``make ARCH=arch`` with a build folder would.

    Source and object tree are both written ``.``. Raises :class:`BadInput` if the tree
    has no ``Makefile``.
    """
    everywhere = evaluator.everywhere
    given = {
        "ARCH": arch,
        "srctree": ".",
        "srcroot": ".",
        "objtree": ".",
        "objroot": ".",
        "abs_srctree": ".",
        "abs_objtree": ".",
        "abs_output": ".",
        "CURDIR": ".",
        "VPATH": ".",
        "building_out_of_srctree": "1",
        "sub_make_done": "1",
        "need-sub-make": "",
        "MAKEFLAGS": "rR --no-print-directory",
        "MAKECMDGOALS": "",
        "MAKE_VERSION": "4.4",
        "MAKE": "make",
        ".FEATURES": "output-sync",
        "MAKEFILE_LIST": TOP_MAKEFILE,
        "KBUILD_EXTMOD": "",
        "KBUILD_CHECKSRC": "0",
        "KBUILD_OUTPUT": "",
        "CROSS_COMPILE": "",
        "LLVM": "",
    }
    scope = Scope(locked=frozenset(given))
    for name, text in given.items():
        scope.set_text(name, text, everywhere)
        scope.variables[name].exported = True
    frame = Frame(TOP_MAKEFILE, scope)
    if not evaluator.run_file(TOP_MAKEFILE, frame, everywhere):
        raise BadInput("the tree has no top-level Makefile", TOP_MAKEFILE)
    return Process(".", frame, TOP_MAKEFILE)


def load_library(evaluator: Evaluator, top: Process) -> Library:
    """Read the makefiles under ``scripts/`` that all directories share.

    Raises :class:`BadInput` if ``scripts/Makefile.build`` or ``Makefile.lib`` is missing.
    """
    everywhere = evaluator.everywhere
    base = Scope()
    for name in ("MAKE_VERSION", "srctree", "srcroot", "objtree", "objroot"):
        base.set_text(name, top.frame.scope.variables[name].flat or "", everywhere)
    for path in _DEFINITIONS:
        evaluator.run_file(path, Frame(path, base), everywhere)
    build = evaluator.statements(BUILD_MAKEFILE)
    library = evaluator.statements(LIB_MAKEFILE)
    if build is None or library is None:
        missing = BUILD_MAKEFILE if build is None else LIB_MAKEFILE
        raise BadInput("not a kernel source tree: no such makefile", missing)
    prologue = tuple(
        statement.name
        for statement in build
        if isinstance(statement, Assign)
        and statement.operator is Operator.SIMPLE
        and not statement.text
    )
    epilogue = tuple(
        statement
        for statement in (*library, *build)
        if isinstance(statement, Assign)
        and statement.operator is Operator.APPEND
        and statement.name in _APPENDED_AFTER
    )
    scope = Scope(outer=base, environment=top.environment(evaluator))
    saved = evaluator.file, evaluator.frame
    evaluator.frame = Frame(LIB_MAKEFILE, scope)
    evaluator.file = LIB_MAKEFILE
    defined: set[str] = set()
    evaluator.run(_deferred_only(library, defined), everywhere)
    evaluator.file, evaluator.frame = saved
    flags = {name: value for name, value in scope.variables.items() if name in defined}
    return Library(base, flags, prologue, epilogue)


def _deferred_only(statements: list[Statement], defined: set[str]) -> list[Statement]:
    """The statements that only define text for later use, conditionals kept around them."""
    kept: list[Statement] = []
    for statement in statements:
        if isinstance(statement, Assign):
            recursive = statement.operator is Operator.RECURSIVE
            if recursive:
                defined.add(statement.name)
            if recursive or (statement.operator is Operator.APPEND and statement.name in defined):
                kept.append(statement)
        elif isinstance(statement, Conditional):
            copy = Conditional(statement.line, [])
            for branch in statement.branches:
                inner = _deferred_only(branch.body, defined)
                copy.branches.append(
                    type(branch)(branch.line, branch.test, branch.left, branch.right, inner)
                )
            kept.append(copy)
    return kept


def run_directory(
    evaluator: Evaluator, library: Library, path: str, parent: Process
) -> Process | None:
    """Evaluate the kbuild file of ``path`` as a make started by ``parent``; None if none."""
    everywhere = evaluator.everywhere
    makefile = f"{path}/Kbuild" if path != "." else "Kbuild"
    if not evaluator.tree.is_file(makefile):
        makefile = f"{path}/Makefile"
        if path == "." or not evaluator.tree.is_file(makefile):
            return None
    scope = Scope(
        outer=library.base,
        environment=parent.environment(evaluator),
        locked=frozenset({"obj", "src", "srctree", "objtree"}),
    )
    for name in library.prologue:
        scope.variables[name] = Variable([], everywhere, everywhere)
    scope.set_text("obj", path, everywhere)
    scope.set_text("src", f"./{path}", everywhere)
    frame = Frame(makefile, scope)
    evaluator.run_file(makefile, frame, everywhere)
    _run_epilogue(evaluator, library, frame, everywhere)
    return Process(path, frame, makefile)


def _run_epilogue(evaluator: Evaluator, library: Library, frame: Frame, everywhere: Mask) -> None:
    saved = evaluator.file, evaluator.frame
    evaluator.file, evaluator.frame = LIB_MAKEFILE, frame
    for statement in library.epilogue:
        added = statement.text.strip()[2:-1]
        variable = frame.scope.variables.get(added)
        if variable is not None and variable.pieces:
            evaluator.assign(statement, everywhere)
    evaluator.file, evaluator.frame = saved
