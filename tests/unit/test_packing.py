"""``#pragma pack``: layouts under it, per configuration, to the end of its file."""

from __future__ import annotations

import pytest
from unit_case import edges_of

CONFIGS = ({"TIGHT": "y"}, {})
STRUCT = "struct s { char a; int b; };\n"
SIZES = (
    "".join(f"\tif (sizeof(struct s) == {size}) size_{size}();\n" for size in (5, 6, 8))
    + "\tif (sizeof(struct outer) == 9) outer_9(); else outer_other();\n"
)


def sizes(source: str, **files: str) -> dict[str, int]:
    text = f"{source}\nvoid f(void)\n{{\n{SIZES}}}\n"
    headers = {f"include/{name}.h": content for name, content in files.items()}
    return {callee: mask for (_, callee), mask in edges_of(text, CONFIGS, headers).items()}


OUTER = (
    "struct s { char a; int b; };\n"
    "struct outer { struct { char a; int b; } in; union { int c; char d; } also; };\n"
)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (OUTER, {"size_8": 0b11, "outer_other": 0b11}),
        (f"#pragma pack(1)\n{OUTER}#pragma pack()\n", {"size_5": 0b11, "outer_9": 0b11}),
        (f"#pragma pack(2)\n{OUTER}", {"size_6": 0b11, "outer_other": 0b11}),
        (f"#pragma pack(1)\n#pragma pack()\n{OUTER}", {"size_8": 0b11, "outer_other": 0b11}),
        (
            f"#ifdef CONFIG_TIGHT\n#pragma pack(1)\n#endif\n{OUTER}",
            {"size_5": 0b01, "size_8": 0b10, "outer_9": 0b01, "outer_other": 0b10},
        ),
        (
            f"#pragma pack(push, 1)\n{STRUCT}#pragma pack(pop)\n"
            "struct outer { struct s i; int c; };\n",
            {"size_5": 0b11, "outer_other": 0b11},
        ),
        (
            f"#pragma pack(2)\n#pragma pack(push)\n#pragma pack(1)\n#pragma pack(pop)\n{OUTER}",
            {"size_6": 0b11, "outer_other": 0b11},
        ),
        (f"#pragma packed(1)\n{OUTER}", {"size_8": 0b11, "outer_other": 0b11}),
    ],
)
def test_sizes_under_the_pragma(source: str, expected: dict[str, int]) -> None:
    assert sizes(source) == expected


def test_a_pragma_ends_with_its_file() -> None:
    found = sizes(f"#include <tight.h>\n{OUTER}", tight="#pragma pack(1)\nstruct t { int x; };\n")
    assert found == {"size_8": 0b11, "outer_other": 0b11}


def test_other_declarations_are_left_alone() -> None:
    source = (
        "#pragma pack(1)\n"
        f"{OUTER}"
        "struct s *made(struct s *one, union u { int x; } *two);\n"
        "enum e { A, B };\n"
        "static struct s all[] = { { 1, 2 }, { 3, 4 } };\n"
        "static inline struct s *inner(struct s *p) { struct s *q = p; return q; }\n"
    )
    assert sizes(source) == {"size_5": 0b11, "outer_9": 0b11}
