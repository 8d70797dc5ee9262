"""Real expanded kernel code parses without loss.

GCC preprocesses units of a real kernel (``make mm/memory.i``); every declaration of the
result is parsed on its own. Nothing may be lost, every name that is written must come out
again, and a name may only be read as a type where a typedef declares it.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from analyzer.csource.dialect import take_aside
from analyzer.csource.parse import CParser
from analyzer.csource.rewrite import FILE
from analyzer.csource.syntax import Declaration, Expr, Name, Piece, TypedefName
from c_tokens import tokens
from kernels.locking import exclusive
from kernels.trees import KernelTree

SAMPLE = ("mm/memory.i", "mm/slub.i", "mm/percpu.i", "mm/vmscan.i", "arch/x86/mm/fault.i")
"""The units with the most of what is hard: alternatives, percpu, tracepoints, ``_Generic``."""

KEYWORDS = frozenset(
    (
        "__attribute__ __extension__ __inline inline __inline__ static extern const volatile "
        "typedef struct union enum if else for while do return goto break continue switch case "
        "default sizeof typeof __typeof__ __typeof asm __asm__ __asm register _Generic "
        "__builtin_offsetof __builtin_va_arg __auto_type restrict __restrict __volatile__ "
        "__alignof__ _Alignof __seg_gs __seg_fs auto void __const __label__ _Bool signed "
        "__typeof_unqual__ __signed__ int long char short unsigned double float __int128"
    ).split()
)


def preprocessed(kernel: KernelTree, folder: Path, targets: Sequence[str]) -> None:
    """Have the kernel's own makefiles preprocess ``targets`` with its defconfig."""
    make = ["make", "-s", "-C", str(kernel.path), f"O={folder}", "ARCH=x86", "-j2"]
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / ".config").exists():
        subprocess.run([*make, "defconfig"], check=True, capture_output=True)
    subprocess.run([*make, *targets], check=True, capture_output=True)


def file_scope(texts: Sequence[str]) -> Iterator[list[str]]:
    """The tokens of each declaration and function definition at file scope."""
    start = depth = 0
    is_function = False
    for index, token in enumerate(texts):
        if token in ("(", "[", "{"):
            if token == "{" and depth == 0:
                is_function = has_body(texts[start:index])
            depth += 1
        elif token in (")", "]", "}"):
            depth -= 1
            if depth == 0 and token == "}" and is_function:
                yield list(texts[start : index + 1])
                start = index + 1
                is_function = False
        elif token == ";" and depth == 0:
            yield list(texts[start : index + 1])
            start = index + 1


def has_body(head: Sequence[str]) -> bool:
    """Whether braces behind ``head`` are a function's: attributes aside, it ends in ``)``."""
    work, _ = take_aside(head, FILE, lambda start, _: Name("x", start))
    written = [token for token in work if token]
    depth = 0
    for token in written:
        depth += (token == "(") - (token == ")")
        if token == "=" and depth == 0:
            return False
    return bool(written) and written[-1].endswith(")")


def typedef_names(declarations: Sequence[list[str]]) -> set[str]:
    """The names that typedefs at file scope declare, by parsing them in order."""
    parser = CParser()
    known = {"__builtin_va_list"}
    for texts in declarations:
        if "typedef" in texts:
            for statement in parser.parse_file_scope(texts, {}, known).body:
                assert isinstance(statement, Declaration)
                known.update(declarator.name for declarator in statement.declarators)
    return known


def words(piece: object) -> tuple[set[str], set[str]]:
    """All strings in a piece, and all names in it that were read as typedef names."""
    strings: set[str] = set()
    types: set[str] = set()
    left: list[object] = [piece]
    while left:
        found = left.pop()
        if isinstance(found, str):
            strings.add(found)
        elif isinstance(found, tuple):
            left.extend(found)
        elif hasattr(found, "__slots__"):
            if isinstance(found, TypedefName):
                types.add(found.name)
            left.extend(getattr(found, name) for name in found.__slots__)
    return strings, types


def written_names(texts: Sequence[str]) -> tuple[set[str], set[str]]:
    """Names that must come out again, and the typedefs among them that ``texts`` declares.

    Assertions among members are dropped on purpose, so pieces with one are not asked.
    """

    def ignored(start: int, end: int) -> Expr:
        del end
        return Name("x", start)

    work, aside = take_aside(texts, FILE, ignored)
    if "_Static_assert" in texts:
        return set(), aside.typedefs
    return {token for token in work if token.isidentifier()} - KEYWORDS, aside.typedefs


@pytest.mark.oracle
def test_nothing_is_lost(kernel: KernelTree, oracle_folder: Path) -> None:
    with exclusive(oracle_folder / f"parse-{kernel.version}") as folder:
        preprocessed(kernel, folder, SAMPLE)
    seen: set[tuple[str, ...]] = set()
    parser = CParser()
    for target in SAMPLE:
        lines = (folder / target).read_text(encoding="utf-8").splitlines()
        texts = tokens("\n".join(line for line in lines if not line.startswith("#")))
        declarations = list(file_scope(texts))
        assert len(declarations) > 5000
        known = typedef_names(declarations)
        for one in declarations:
            if tuple(one) in seen:
                continue
            seen.add(tuple(one))
            piece = parser.parse_file_scope(one, {}, known)
            check(target, one, piece, known)


def check(target: str, texts: list[str], piece: Piece, known: set[str]) -> None:
    """Compare a piece with the tokens it was parsed from."""
    shown = f"{target}: {' '.join(texts)[:400]}"
    assert piece.losses == (), shown
    assert piece.body or texts == [";"], shown
    strings, types = words(piece.body)
    written, own = written_names(texts)
    assert written <= strings, f"{written - strings} vanished in {shown}"
    assert types <= known | own, f"{types - known - own} read as types in {shown}"
