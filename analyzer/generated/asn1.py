"""``x.asn1.h``: what the ASN.1 compiler declares for a grammar ``x.asn1``.

A decoder table, and a function for every action that the grammar names in ``({ … })``
(``scripts/asn1_compiler.c``).
"""

from __future__ import annotations

import re

_COMMENT = re.compile(r"--.*?(?:--|$)", re.MULTILINE)
_ACTION = re.compile(r"\(\{\s*([A-Za-z_]\w*)\s*\}\)")


def asn1_header(grammar: str, name: str) -> str:
    """The header for the text of ``name``.asn1."""
    actions = sorted({hit[1] for hit in _ACTION.finditer(_COMMENT.sub("", grammar))})
    lines = [
        "#include <linux/asn1_decoder.h>",
        f"extern const struct asn1_decoder {name}_decoder;",
        *(
            f"extern int {action}(void *, size_t, unsigned char, const void *, size_t);"
            for action in actions
        ),
    ]
    return "\n".join(lines) + "\n"
