"""What ``gcc -E -P`` makes of many small programs and ``#if`` expressions at once.

Many programs go through one run of GCC, told apart by a marker. Programs that GCC refuses
(wrong number of arguments, a paste that makes no token) are left out and counted.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analyzer.errors import BadInput
from analyzer.preprocessor.token import scan
from macro_programs import FUNCTIONS, OBJECTS
from preprocess_case import flattened, walk, weave

_OPTIONS = (
    *("-E", "-P", "-std=gnu11", "-funsigned-char"),
    *("-fno-diagnostics-show-caret", "-ftrack-macro-expansion=0"),
)
_ERROR = re.compile(r"^p(\d+):\d+(?::\d+)?: error: (.*)$", re.MULTILINE)
_REFUSED = re.compile(r"^p(\d+):\d+(?::\d+)?: (error|warning): ", re.MULTILINE)
_HEAD = (
    "#define ONE 1\n#define BIG 0xfffffffffffffff0\n#define NEG (-5)\n#define EMPTY\n"
    "#define TWICE(x) x + x\n"
)

Reader = Callable[[str], list[str]]
"""What turns a program into its expanded tokens."""


@dataclass(frozen=True, slots=True)
class Compared:
    """How many of a batch could be compared, how many are not the same, and which those are."""

    count: int
    differing: tuple[str, ...]


def expanded_text(text: str) -> list[str]:
    """The tokens of a program, expanded."""
    return walk(text).expanded()


def woven_text(text: str) -> list[str]:
    """The tokens of a function's body after weaving."""
    (woven,) = weave(walk(f"void function(void) {{\n{text}}}\n"))
    return flattened(woven)[6:-1]


def _gcc(text: str) -> tuple[str, str]:
    done = subprocess.run(
        ["gcc", *_OPTIONS, "-x", "c", "-"],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C"},
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout, done.stderr


def compare_programs(programs: Sequence[str], ours: Reader) -> Compared:
    """Compare what ``ours`` makes of programs with what GCC does.

    One that differs is asked again alone: an argument list that ends in another program
    brings that one's macros with it. Blanks inside string literals are not compared:
    where GCC leaves one for an empty argument, we may not.
    """
    found: list[str] = []
    compared = 0
    for number, expected in _references(programs).items():
        text = programs[number]
        compared += 1
        try:
            got = _without_blanks(ours(text))
        except BadInput:  # more tokens on the way than we are ready to handle
            assert len(expected) > 1000, text
            continue
        if got != _without_blanks(expected):
            alone = _references([text]).get(0)
            if alone is not None and got != _without_blanks(alone):
                found.append(text)
    return Compared(compared, tuple(found))


def _without_blanks(texts: Sequence[str]) -> list[str]:
    return [text.replace(" ", "") if text.startswith('"') else text for text in texts]


def _references(programs: Sequence[str]) -> dict[int, list[str]]:
    """The tokens that GCC makes of each program, without those it refuses."""
    parts: list[str] = []
    for number, text in enumerate(programs):
        parts.append(f'#line 1 "p{number}"\nBEGIN_{number} {{\n{text}}} END\n')
        parts += [f"#undef {name}\n" for name in (*OBJECTS, *FUNCTIONS)]
    out, errors = _gcc("".join(parts))
    refused = {int(number) for number, _ in _REFUSED.findall(errors)}
    found: dict[int, list[str]] = {}
    for part in re.split(r"\bBEGIN_(?=\d)", out)[1:]:
        number_text, _, rest = part.partition("{")
        number = int(number_text)
        body, end, _ = rest.rpartition("} END")
        if not end:  # swallowed as an argument: the next program was read with its macros
            refused.add(number + 1)
        elif number not in refused:
            found[number] = [token[0] for token in scan(body)]
    return found


def compare_conditions(expressions: Sequence[str], kind: str) -> Compared:
    """Compare which way ``#if`` (``kind``) or ``#elif`` goes and what is an error in it."""
    opening = "#if 0\n#elif" if kind == "#elif" else "#if"
    texts = [f"{opening} {text}\nyes\n#else\nno\n#endif\n" for text in expressions]
    out, errors = _gcc(
        _HEAD + "".join(f'#line 1 "p{i}"\n{text}' for i, text in enumerate(texts)) + "end\n"
    )
    *answers, end = out.split()
    refused = {int(number) for number, _ in _ERROR.findall(errors)}
    assert end == "end"
    assert len(answers) == len(expressions)
    found: list[str] = []
    for number, answer in enumerate(answers):
        walked = walk(_HEAD + texts[number])
        if number in refused:
            same = bool(walked.codes())
        else:
            same = (walked.text(), walked.codes()) == (answer, [])
        if not same:
            found.append(expressions[number])
    return Compared(len(expressions), tuple(found))
