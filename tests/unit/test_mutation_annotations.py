"""What ``make mutation`` leaves alone: text that is never evaluated."""

from __future__ import annotations

from mutation.annotations import annotated


def test_annotations_and_aliases_and_nothing_else() -> None:
    source = (
        "X: TypeAlias = int | str\n"
        "def f(a: int | None = 1 | 2, *b: c) -> list[d | e]:\n"
        "    g: int = 3 | 4\n"
    )
    lines = source.splitlines()
    found = [lines[first[0] - 1][first[1] : last[1]] for first, last in annotated(source)]
    assert sorted(found) == sorted(
        ["TypeAlias", "int | str", "int | None", "c", "list[d | e]", "int"]
    )
