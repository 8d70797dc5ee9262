"""Macro expansion and ``#if`` arithmetic against ``gcc -E -P`` on random programs.

Many programs go through one run of GCC, told apart by a marker. Programs that GCC refuses
(wrong number of arguments, a paste that makes no token) are left out and counted. More
of them: ``KIMPACT_RANDOM_MACROS=100000``; other ones: ``KIMPACT_RANDOM_SEED=7``.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from random import Random

import pytest

from analyzer.errors import BadInput
from analyzer.preprocessor.token import scan
from macro_programs import FUNCTIONS, OBJECTS, expression, program
from preprocess_case import flattened, walk, weave

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.skipif(shutil.which("gcc") is None, reason="needs gcc"),
]

COUNT = int(os.environ.get("KIMPACT_RANDOM_MACROS", "3000"))
SEED = int(os.environ.get("KIMPACT_RANDOM_SEED", "1"))
_OPTIONS = (
    *("-E", "-P", "-std=gnu11", "-funsigned-char"),
    *("-fno-diagnostics-show-caret", "-ftrack-macro-expansion=0"),
)
_ERROR = re.compile(r"^p(\d+):\d+(?::\d+)?: error: (.*)$", re.MULTILINE)
_REFUSED = re.compile(r"^p(\d+):\d+(?::\d+)?: (error|warning): ", re.MULTILINE)


def gcc(text: str) -> tuple[str, str]:
    """What ``gcc -E`` writes to stdout and to stderr."""
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


def differing(programs: Sequence[str], ours: Callable[[str], list[str]]) -> list[str]:
    """The programs of which ``ours`` makes something else than GCC.

    One that differs is asked again alone: an argument list that ends in another program
    brings that one's macros with it. Blanks inside string literals are not compared:
    where GCC leaves one for an empty argument, we may not.
    """
    found: list[str] = []
    compared = 0
    for number, expected in references(programs).items():
        text = programs[number]
        compared += 1
        try:
            got = _without_blanks(ours(text))
        except BadInput:  # more tokens on the way than we are ready to handle
            assert len(expected) > 1000, text
            continue
        if got != _without_blanks(expected):
            alone = references([text]).get(0)
            if alone is not None and got != _without_blanks(alone):
                found.append(text)
    assert compared > len(programs) // 2
    return found


def _without_blanks(texts: Sequence[str]) -> list[str]:
    return [text.replace(" ", "") if text.startswith('"') else text for text in texts]


def references(programs: Sequence[str]) -> dict[int, list[str]]:
    """The tokens that GCC makes of each program, without those it refuses."""
    parts: list[str] = []
    for number, text in enumerate(programs):
        parts.append(f'#line 1 "p{number}"\nBEGIN_{number} {{\n{text}}} END\n')
        parts += [f"#undef {name}\n" for name in (*OBJECTS, *FUNCTIONS)]
    out, errors = gcc("".join(parts))
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


def test_expansion() -> None:
    random = Random(SEED)
    programs = [program(random) for _ in range(COUNT)]
    assert differing(programs, lambda text: walk(text).expanded()) == []


def test_expansion_with_lone_parentheses() -> None:
    """GCC gives up an argument list that never ends; at times we find other arguments."""
    random = Random(SEED + 1)
    programs = [program(random, lone=True) for _ in range(COUNT)]
    assert len(differing(programs, lambda text: walk(text).expanded())) <= COUNT // 1000


def test_weaving() -> None:
    """The text for the parser, its holes filled, is what GCC hands to its parser."""
    random = Random(SEED + 2)
    assert differing([program(random) for _ in range(COUNT)], woven_text) == []


def woven_text(text: str) -> list[str]:
    """The tokens of a function's body after weaving."""
    (woven,) = weave(walk(f"void function(void) {{\n{text}}}\n"))
    return flattened(woven)[6:-1]


@pytest.mark.parametrize("kind", ["#if", "#elif"])
def test_conditions(kind: str) -> None:
    random = Random(SEED + len(kind))
    expressions = [expression(random) for _ in range(COUNT)]
    head = (
        "#define ONE 1\n#define BIG 0xfffffffffffffff0\n#define NEG (-5)\n#define EMPTY\n"
        "#define TWICE(x) x + x\n"
    )
    opening = "#if 0\n#elif" if kind == "#elif" else "#if"
    texts = [f"{opening} {text}\nyes\n#else\nno\n#endif\n" for text in expressions]
    out, errors = gcc(
        head + "".join(f'#line 1 "p{i}"\n{text}' for i, text in enumerate(texts)) + "end\n"
    )
    answers = out.split()
    refused = {int(number): text for number, text in _ERROR.findall(errors)}
    assert answers.pop() == "end"
    assert len(answers) == COUNT
    assert len(refused) < COUNT // 2
    for number, answer in enumerate(answers):
        walked = walk(head + texts[number])
        if number in refused:
            assert walked.codes(), (expressions[number], refused[number])
            continue
        assert (walked.text(), walked.codes()) == (answer, []), expressions[number]
