"""``asm/orc_hash.h``: a fingerprint of the unwind format.

The SHA-1 of the lines of ``orc_types.h`` that define registers and types, and of
``struct orc_entry``, byte by byte with commas (``scripts/orc_hash.sh``, added by
"x86/unwind/orc: Add ELF section with ORC version identifier").
"""

from __future__ import annotations

import hashlib

_HEADS = ("#define ORC_REG_", "#define ORC_TYPE_")
_STRUCTURE = "struct orc_entry {"


def orc_hash_header(source: str) -> str:
    """The header for the text of ``orc_types.h``."""
    chosen: list[str] = []
    inside = False
    for line in source.splitlines():
        if line.startswith(_HEADS):
            chosen.append(line)
        inside = inside or line == _STRUCTURE
        if inside:
            chosen.append(line)
        if line.startswith("}"):
            inside = False
    digest = hashlib.sha1(
        "".join(f"{line}\n" for line in chosen).encode("utf-8", "surrogateescape")
    )
    return "#define ORC_HASH " + "".join(f"0x{byte:02x}," for byte in digest.digest()) + "\n"
