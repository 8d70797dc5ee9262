"""Whether a source may fill a member of a structure, told by its text."""

from __future__ import annotations

import pytest

from analyzer.callgraph.filetext import FileText
from analyzer.callgraph.slotwriters import may_fill
from analyzer.preprocessor.outline import make_outline
from analyzer.preprocessor.skeleton import make_skeleton


def fills(source: str) -> bool:
    skeleton = make_skeleton(source.encode(), "a.c")
    return may_fill(FileText(skeleton, make_outline(skeleton)), "free", "ops")


@pytest.mark.parametrize(
    "source",
    [
        "static const struct chip c = { .name = 1, .free = f };",
        "struct chip c[] __ro = { .free = f };",
        "struct chip c = { .sub = { .other = g }, .free = f };",
        "struct chip c = { .free_all = f }; void g(struct chip *c) { c->frees = 0; }",
        'struct chip c = {\n#ifdef A\n\t.free = f,\n#endif\n\t.name = "x.free = y"\n};',
        "void g(struct ops *o) { if (o->free == f) return; }",
    ],
)
def test_members_of_other_structures(source: str) -> None:
    assert not fills(source)


@pytest.mark.parametrize(
    "source",
    [
        "struct ops o = { .free = f };",
        "struct table t = { .mmu.free = f };",
        "struct table t = { .mmu = { .free = f } };",
        "struct table t = { .all = { [0] .free = f } };",
        "typeof(o) other = { .free = f };",
        "MAKE(chip) c = { .free = f };",
        "struct chip c = { .name = 1 }, d = { .free = f };",
        "void g(struct chip *c) { c->free = f; }",
        "void g(void) { struct chip c = { .free = f }; }",
        "#define CHIP { .free = f }\nstruct chip c = CHIP;",
        '#include "other.c"\nstruct chip c = { .free = f };',
        "#include OTHER\nstruct chip c = { .free = f };",
        "struct chip c = { .free = f };\nstruct ops o = { .free = f };",
    ],
)
def test_what_may_be_the_structure_asked_about(source: str) -> None:
    assert fills(source)
