"""The compiler options of one object, as ``scripts/Makefile.lib`` puts them together.

``c_flags`` and ``a_flags`` are expanded from that file's own text in the scope of the
directory, with ``$@`` and the target-specific variables of the object; so sanitizer
switches, ``CFLAGS_x.o`` and ``CFLAGS_REMOVE_x.o`` mean what they mean in that kernel.
Of the result only options that can change preprocessing or meaning are kept.
"""

from __future__ import annotations

import posixpath
import re
import shlex

from analyzer.configset.configset import Mask
from analyzer.kbuild.evaluator import Evaluator
from analyzer.kbuild.frame import Frame, TargetRule
from analyzer.kbuild.objects import Masked
from analyzer.kbuild.processes import Library, Process
from analyzer.kbuild.scope import Scope
from analyzer.kbuild.values import Value, Words, concat, words

_PAIRED = ("-include", "-I", "-isystem", "-iquote", "-idirafter", "-D", "-U", "-imacros")
_KEPT = re.compile(
    r"-(D|U|I|O|std=|ansi|f(?!macro-prefix-map|file-prefix-map|debug-prefix-map|diagnostics)|m"
    r"|nostdinc|undef|x|pg\b)"
)
_PATH = re.compile(r"(-I|-include |-isystem |-iquote |-idirafter |-imacros )(.+)")


def object_flags(
    evaluator: Evaluator,
    library: Library,
    process: Process,
    target: TargetFacts,
) -> tuple[Masked, ...]:
    """The options for ``target``, in command-line order; paths are tree-relative."""
    everywhere = evaluator.everywhere
    local = Scope(outer=Scope(variables=library.flags, outer=process.frame.scope))
    for name, value in target.variables(everywhere):
        local.set_text(name, value, everywhere)
    saved = evaluator.file, evaluator.frame
    evaluator.file, evaluator.frame = process.makefile, Frame(process.makefile, local)
    try:
        for mask, rule in target.specific:
            if rule.assignment is not None:
                evaluator.assign(rule.assignment, mask)
        name = "a_flags" if target.source.endswith(".S") else "c_flags"
        value = evaluator.value_of(name, target.mask)
    finally:
        evaluator.file, evaluator.frame = saved
    return relevant(words(value, target.mask), target.mask)


class TargetFacts:
    """What the flags of an object depend on besides its directory's variables."""

    __slots__ = ("builtin", "mask", "modname", "module", "path", "source", "specific", "stem")

    def __init__(
        self,
        path: str,
        stem: str,
        source: str,
        mask: Mask,
        builtin: Mask,
        module: Mask,
        modname: list[tuple[Mask, str]],
        specific: tuple[tuple[Mask, TargetRule], ...] = (),
    ) -> None:
        self.path = path
        self.stem = stem
        self.source = source
        self.mask = mask
        self.builtin = builtin
        self.module = module
        self.modname = modname
        self.specific = specific

    def variables(self, everywhere: Mask) -> list[tuple[str, Value]]:
        """Automatic variables, and the look-ups of ``Makefile.lib`` answered beforehand."""
        return [
            ("@", self.path),
            ("*", self.stem),
            ("<", self.source),
            ("part-of-builtin", concat([(self.builtin, "y")], everywhere)),
            ("part-of-module", concat([(self.module, "y")], everywhere)),
            ("modname-multi", concat(list(self.modname), everywhere)),
        ]


def relevant(listed: Words, within: Mask) -> tuple[Masked, ...]:
    """The options that matter, an option and its argument in one text."""
    result: list[Masked] = []
    pending: list[tuple[Mask, str]] = []
    for mask, word in _shell_words(listed):
        left = mask
        for where, option in pending:
            if where & mask:
                separator = "" if option in ("-I", "-D", "-U") else " "
                _keep(result, where & mask, option + separator + word)
                left &= ~where
        pending = [(where & ~mask, option) for where, option in pending if where & ~mask]
        if not left:
            continue
        if word in _PAIRED:
            pending.append((left, word))
        elif _KEPT.match(word):
            _keep(result, left, word)
    return tuple(flag for flag in result if flag.mask & within)


def _shell_words(listed: Words) -> Words:
    """Words as the shell sees them: quotes taken off, a quoted blank kept in one word."""
    result: Words = []
    waiting: Words = []
    for mask, word in listed:
        left = mask
        still: Words = []
        for where, start in waiting:
            if where & mask:
                _add_unquoted(result, still, where & mask, f"{start} {word}")
                left &= ~where
            if where & ~mask:
                still.append((where & ~mask, start))
        if left:
            _add_unquoted(result, still, left, word)
        waiting = still
    return result


def _add_unquoted(result: Words, waiting: Words, mask: Mask, text: str) -> None:
    if not any(char in text for char in "'\"\\"):
        result.append((mask, text))
        return
    try:
        result.append((mask, "".join(shlex.split(text))))
    except ValueError:
        waiting.append((mask, text))


def _keep(result: list[Masked], mask: Mask, text: str) -> None:
    hit = _PATH.match(text)
    if hit is not None:
        text = hit[1] + posixpath.normpath(hit[2])
    flag = Masked(mask, text)
    if text.startswith("-I") and result and result[-1] == flag:
        return
    result.append(flag)
