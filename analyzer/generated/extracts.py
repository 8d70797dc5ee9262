"""Small headers that a script extracts from other sources of the tree.

- ``asm/orc_hash.h``: a fingerprint of the unwind format. The SHA-1 of the lines of
  ``orc_types.h`` that define registers and types, and of ``struct orc_entry``, byte by byte
  with commas (``scripts/orc_hash.sh``, added by "x86/unwind/orc: Add ELF section with ORC
  version identifier").
- A list of a hypervisor's calls, one macro invocation for each, from its interface headers:
  the macros of one name space whose names begin in lower case, without those that only are
  another one's value, sorted (``scripts/*-hypercalls.sh``). The name space and the
  invocation are read from the script itself.
- ``x.asn1.h`` and ``x.asn1.c``: what the ASN.1 compiler makes of a grammar ``x.asn1``: a
  decoder, and a table of the functions that the grammar names as actions in ``({ … })``
  (``scripts/asn1_compiler.c``). The decoder's byte code calls nothing and is left out.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

_ORC_HEADS = ("#define ORC_REG_", "#define ORC_TYPE_")
_ORC_STRUCTURE = "struct orc_entry {"
_NAME_SPACE = re.compile(r"/(\w+)\[a-z\]")
_INVOCATION = re.compile(r'print "(\w+)\("substr')
_ASN1_COMMENT = re.compile(r"--.*?(?:--|$)", re.MULTILINE)
_ASN1_ACTION = re.compile(r"\(\{\s*([A-Za-z_]\w*)\s*\}\)")


def orc_hash_header(source: str) -> str:
    """The header for the text of ``orc_types.h``."""
    chosen: list[str] = []
    inside = False
    for line in source.splitlines():
        if line.startswith(_ORC_HEADS):
            chosen.append(line)
        inside = inside or line == _ORC_STRUCTURE
        if inside:
            chosen.append(line)
        if line.startswith("}"):
            inside = False
    digest = hashlib.sha1(
        "".join(f"{line}\n" for line in chosen).encode("utf-8", "surrogateescape")
    )
    return "#define ORC_HASH " + "".join(f"0x{byte:02x}," for byte in digest.digest()) + "\n"


def hypercall_header(script: str, headers: Iterable[str]) -> str | None:
    """The list for the texts of ``headers``; None if ``script`` works in another way."""
    space, invocation = _NAME_SPACE.search(script), _INVOCATION.search(script)
    if space is None or invocation is None:
        return None
    define = re.compile(
        rf"^[ \t]*#[ \t]*define[ \t]+({re.escape(space[1])}[a-z]\w*)[ \t]+(\S+)", re.MULTILINE
    )
    names = {hit[2]: hit[1] for text in headers for hit in define.finditer(text)}
    skip = len(space[1])
    lines = sorted(
        f"{invocation[1]}({name[skip:]})" for name in names.values() if name not in names
    )
    return "".join(f"{line}\n" for line in lines)


def asn1_header(grammar: str, name: str) -> str:
    """``name``.asn1.h for the text of ``name``.asn1."""
    lines = [
        "#include <linux/asn1_decoder.h>",
        f"extern const struct asn1_decoder {name}_decoder;",
        *(
            f"extern int {action}(void *, size_t, unsigned char, const void *, size_t);"
            for action in _asn1_actions(grammar)
        ),
    ]
    return "\n".join(lines) + "\n"


def asn1_source(grammar: str, name: str) -> str:
    """``name``.asn1.c without the byte code: the actions in their table, and the decoder."""
    lines = [
        "#include <linux/asn1_ber_bytecode.h>",
        f'#include "{name}.asn1.h"',
        f"static const asn1_action_t {name}_action_table[] = {{",
        *(f"\t{action}," for action in _asn1_actions(grammar)),
        "};",
        f"static const unsigned char {name}_machine[] = {{ 0 }};",
        f"const struct asn1_decoder {name}_decoder = {{",
        f"\t.machine = {name}_machine,",
        f"\t.machlen = sizeof({name}_machine),",
        f"\t.actions = {name}_action_table,",
        "};",
    ]
    return "\n".join(lines) + "\n"


def _asn1_actions(grammar: str) -> list[str]:
    return sorted({hit[1] for hit in _ASN1_ACTION.finditer(_ASN1_COMMENT.sub("", grammar))})
