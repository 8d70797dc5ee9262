"""Reading a ``.config`` file as ``scripts/kconfig`` writes it.

Plain, gzip (``/proc/config.gz``) and xz files are accepted. The meaning of a line
is that of ``conf_read_simple()`` in ``scripts/kconfig/confdata.c``: the last
assignment of a symbol wins, ``# CONFIG_X is not set`` means ``n``.
"""

from __future__ import annotations

import gzip
import io
import lzma
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

from analyzer.errors import BadInput

MAX_CONFIG_BYTES = 16 << 20
"""A ``.config`` of a real kernel has about 300 KB; more than this is refused."""

MAX_XZ_MEMORY = 128 << 20
"""Bytes that an xz file may ask for to be unpacked; ``xz -9`` takes 65 MiB."""

_ASSIGNED = re.compile(r"^CONFIG_(\w+)=(.*)$")
_UNSET = re.compile(r"^# CONFIG_(\w+) is not set$")
_HEADER_ARCH = re.compile(r"^# Linux/(\S+) (\S+) Kernel Configuration")
_STRING_ESCAPE = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class DotConfig:
    """One configuration file.

    ``values`` maps a symbol name without ``CONFIG_`` to its text as written
    (``y``, ``m``, ``n``, ``64``, ``0x1000``, ``"quoted"`` with its quotes);
    ``lines`` gives the 1-based line of each. ``arch`` and ``version`` are what the
    header comment claims, when there is one.
    """

    name: str
    file: str
    values: dict[str, str]
    lines: dict[str, int]
    arch: str | None = None
    version: str | None = None


def unquote(text: str) -> str:
    """The value of a string symbol from its written form ``"..."``."""
    if len(text) >= 2 and text[0] == '"' and text[-1] == '"':
        return _STRING_ESCAPE.sub(r"\1", text[1:-1])
    return text


def read_dotconfig(path: Path, name: str | None = None) -> DotConfig:
    """Read ``path``; ``name`` is how reports call it (default: from the file name).

    Raises :class:`BadInput` when the file is missing, a directory, binary,
    truncated or larger than :data:`MAX_CONFIG_BYTES`.
    """
    text = config_text(path)
    return parse_dotconfig(text, str(path), name if name is not None else config_name(path))


def config_name(path: Path) -> str:
    """A short name for a configuration file: ``config.amd64_rt.xz`` gives ``amd64_rt``."""
    base = path.name
    for suffix in (".xz", ".gz"):
        base = base.removesuffix(suffix)
    if base in ("config", ".config"):
        return path.resolve().parent.name or base
    return base.removeprefix("config.").removeprefix("config-").removesuffix(".config") or base


def parse_dotconfig(text: str, file: str, name: str) -> DotConfig:
    """Read the text of a ``.config``; :class:`BadInput` if most of its lines are none of one."""
    values: dict[str, str] = {}
    lines: dict[str, int] = {}
    arch = version = None
    other = 0
    first_other = 0
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.rstrip()
        if (hit := _ASSIGNED.match(line)) is not None:
            values[hit[1]] = hit[2]
            lines[hit[1]] = number
        elif line.startswith("#"):
            if (hit := _UNSET.match(line)) is not None:
                values[hit[1]] = "n"
                lines[hit[1]] = number
            elif number < 10 and (hit := _HEADER_ARCH.match(line)) is not None:
                arch, version = hit[1], hit[2]
        elif line:
            other += 1
            first_other = first_other or number
    if other > len(values):
        raise BadInput("not a kernel .config: this line is no assignment", file, first_other)
    return DotConfig(name, file, values, lines, arch, version)


def config_text(path: Path) -> str:
    """The text of a configuration file, unpacked; raises as :func:`read_dotconfig` does."""
    file = str(path)
    if path.is_dir():
        inside = path / ".config"
        hint = f" (did you mean {inside}?)" if inside.is_file() else ""
        raise BadInput(f"a configuration file is needed, this is a directory{hint}", file)
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_CONFIG_BYTES + 1)
    except FileNotFoundError:
        raise BadInput("no such configuration file", file) from None
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", file) from None
    try:
        if raw[:6] == b"\xfd7zXZ\x00":
            raw = _unpacked_xz(raw)
        elif raw[:2] == b"\x1f\x8b":
            with gzip.open(io.BytesIO(raw), "rb") as unpacked:
                raw = unpacked.read(MAX_CONFIG_BYTES + 1)
    except (EOFError, lzma.LZMAError, zlib.error, OSError) as error:
        raise BadInput(f"the compressed file is damaged or truncated: {error}", file) from None
    if len(raw) > MAX_CONFIG_BYTES:
        raise BadInput(f"larger than {MAX_CONFIG_BYTES >> 20} MB, no kernel .config", file)
    if b"\0" in raw:
        raise BadInput("binary data, no kernel .config", file)
    return raw.decode("utf-8", "surrogateescape")


def _unpacked_xz(raw: bytes) -> bytes:
    """At most one byte more than may be; raises ``LZMAError`` or ``EOFError``."""
    parts: list[bytes] = []
    size = 0
    while raw and size <= MAX_CONFIG_BYTES:
        unpacking = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_XZ_MEMORY)
        parts.append(unpacking.decompress(raw, MAX_CONFIG_BYTES + 1 - size))
        size += len(parts[-1])
        if not unpacking.eof and size <= MAX_CONFIG_BYTES:
            raise EOFError("the end is missing")
        raw = unpacking.unused_data.lstrip(b"\0")
    return b"".join(parts)
