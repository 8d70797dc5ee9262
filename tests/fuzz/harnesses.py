"""The readers, each as a function of bytes: only declared errors may leave one."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from kbuild_case import evaluate, model
from kconfig_case import NO_TOOLCHAIN, model_of, resolution_of
from patch_case import tree_of
from unit_case import edges_of

from analyzer.configset.dotconfig import read_dotconfig
from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.impact.claims.reader import read_changelog
from analyzer.patch.apply import apply_series
from analyzer.patch.inputs import PatchInput
from analyzer.patch.model import Series
from analyzer.patch.series import read_series
from preprocess_case import walk

LARGEST = 1 << 16
"""Bytes of an input that are looked at; what is large is the load tests' matter."""

_CONDITIONS = {"CONFIG_A": ((0b01, "1"), (0b10, "0")), "F(x)": ((0b11, "(x)"),)}
_HEADERS = {
    "include/a.h": "#define A(x, ...) x##__VA_ARGS__ #x\n#define B A(B, B)\n#include <a.h>\n",
    "include/guard.h": "#ifndef G\n#define G\nint g;\n#endif\n",
}
_CONFIGS = ("A=y B=m C=n N=4", 'A=n B=y S="text"')
_TREE = {
    "mm/x.c": "".join(f"line {number}\n" for number in range(40)),
    "mm/crlf.c": "a\r\nb\r\n",
    "end.c": "no newline",
    "empty.c": "",
}


def _text(data: bytes) -> str:
    return data.decode("latin-1")


def preprocess(data: bytes) -> None:
    """A source: directives, conditions, macros, in two configurations."""
    walked = walk(_text(data), _HEADERS, mask=0b11, base=_CONDITIONS)
    for bit in range(2):
        walked.expanded(bit)


def condition(data: bytes) -> None:
    """What stands behind ``#if``."""
    text = _text(data).replace("\n", " ")
    walk(f"#if {text}\nint a;\n#endif\n", _HEADERS, mask=0b11, base=_CONDITIONS)


def csource(data: bytes) -> None:
    """A source up to its call edges."""
    edges_of(_text(data), ({"A": "y"}, {}), {"include/guard.h": "int g;\n"})


def kconfig(data: bytes) -> None:
    """A Kconfig file, and configurations completed by it."""
    found = model_of(
        _text(data), NO_TOOLCHAIN, Diagnostics(), mm__Kconfig="config MM\n\tdef_bool y\n"
    )
    resolution = resolution_of(found, *_CONFIGS)
    for number in range(len(_CONFIGS)):
        resolution.text(number)


def makefile(data: bytes) -> None:
    """A makefile, by itself and as that of a directory."""
    text = _text(data)
    evaluate(text, *_CONFIGS, files={"other.mk": "X := $(X)\n"})
    files = {"mm/Makefile": text, "mm/a.c": "", "mm/b.S": "", "Kbuild": "obj-y += mm/\n"}
    model(files, *_CONFIGS).objects()


def dotconfig(data: bytes) -> None:
    """A configuration, packed or not."""
    with tempfile.NamedTemporaryFile(suffix=".config") as file:
        file.write(data)
        file.flush()
        read_dotconfig(Path(file.name))


def patch(data: bytes) -> None:
    """A patch or mail, applied to a tree."""
    said = Diagnostics()
    apply_series(tree_of(_TREE, {"link": "mm", "out": None}), _series(data, said), said)


def mail(data: bytes) -> None:
    """A mailbox of one message or several."""
    _series(b"From a Mon Sep 17 00:00:00 2001\n" + data, Diagnostics())


def changelog(data: bytes) -> None:
    """The message of a patch."""
    read_changelog(data.decode("utf-8", "replace"))


def _series(data: bytes, said: Diagnostics) -> Series:
    return read_series([PatchInput("p", data)], said)


HARNESSES: Mapping[str, Callable[[bytes], None]] = {
    each.__name__: each
    for each in (
        *(preprocess, condition, csource, kconfig, makefile),
        *(dotconfig, patch, mail, changelog),
    )
}


def one_input(name: str, data: bytes) -> None:
    """Run a harness; a refusal is an answer, anything else that is raised is a fault."""
    try:
        HARNESSES[name](data[:LARGEST])
    except BadInput:
        return
