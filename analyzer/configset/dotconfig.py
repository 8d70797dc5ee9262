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
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from analyzer.configset.lines import Line, LineTable
from analyzer.errors import BadInput

MAX_CONFIG_BYTES = 16 << 20
"""A ``.config`` of a real kernel has about 300 KB; more than this is refused."""

MAX_XZ_MEMORY = 128 << 20
"""Bytes that an xz file may ask for to be unpacked; ``xz -9`` takes 65 MiB."""

_HEADER_ARCH = re.compile(r"^# Linux/(\S+) (\S+) Kernel Configuration")
_HEADER_LINES = 9
_STRING_ESCAPE = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class DotConfig:
    """One configuration file, as the ``numbers`` of its lines in ``table``.

    ``arch`` and ``version`` are what the header comment claims, when there is one.
    """

    name: str
    file: str
    table: LineTable = field(repr=False, compare=False)
    numbers: array[int] = field(repr=False)
    arch: str | None = None
    version: str | None = None

    @classmethod
    def of_values(cls, name: str, file: str, values: Mapping[str, str]) -> DotConfig:
        """A configuration with these values, one a line."""
        text = "".join(f"CONFIG_{symbol}={value}\n" for symbol, value in values.items())
        return parse_dotconfig(text, file, name)

    @property
    def values(self) -> dict[str, str]:
        """By symbol without ``CONFIG_`` its text as written (``y``, ``m``, ``n``, ``64``,
        ``0x1000``, ``"quoted"`` with its quotes); made anew each time."""
        return {line.symbol: line.text for line in self.lines()}

    def lines(self) -> Iterator[Line]:
        """What is assigned, in order, repetitions included."""
        return filter(None, map(self.table.assigned.__getitem__, self.numbers))

    def line_of(self, symbol: str) -> int | None:
        """The 1-based line of the last assignment of ``symbol``."""
        found = None
        for number, line in enumerate(map(self.table.assigned.__getitem__, self.numbers), 1):
            if line is not None and line.symbol == symbol:
                found = number
        return found


def unquote(text: str) -> str:
    """The value of a string symbol from its written form ``"..."``."""
    if len(text) >= 2 and text[0] == '"' and text[-1] == '"':
        return _STRING_ESCAPE.sub(r"\1", text[1:-1])
    return text


def read_dotconfig(
    path: Path, name: str | None = None, table: LineTable | None = None
) -> DotConfig:
    """Read ``path``; ``name`` is how reports call it (default: from the file name).

    Those read with one ``table`` share it. Raises :class:`BadInput` when the file is missing,
    a directory, binary, truncated or larger than :data:`MAX_CONFIG_BYTES`.
    """
    text = config_text(path)
    return parse_dotconfig(text, str(path), name if name is not None else config_name(path), table)


def config_name(path: Path) -> str:
    """A short name for a configuration file: ``config.amd64_rt.xz`` gives ``amd64_rt``."""
    base = path.name
    for suffix in (".xz", ".gz"):
        base = base.removesuffix(suffix)
    if base in ("config", ".config"):
        return path.resolve().parent.name or base
    return base.removeprefix("config.").removeprefix("config-").removesuffix(".config") or base


def parse_dotconfig(text: str, file: str, name: str, table: LineTable | None = None) -> DotConfig:
    """Read the text of a ``.config``; :class:`BadInput` if most of its lines are none of one."""
    table = LineTable() if table is None else table
    numbers = table.numbers(text)
    strange = table.strange
    if strange and not strange.isdisjoint(numbers):
        at = [line for line, number in enumerate(numbers, 1) if number in strange]
        said = {number for number in numbers if table.assigned[number] is not None}
        if len(at) > len(said):
            raise BadInput("not a kernel .config: this line is no assignment", file, at[0])
    arch = version = None
    for line in text.split("\n", _HEADER_LINES)[:_HEADER_LINES]:
        if (hit := _HEADER_ARCH.match(line)) is not None:
            arch, version = hit[1], hit[2]
    return DotConfig(name, file, table, numbers, arch, version)


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
