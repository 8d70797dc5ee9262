"""Every harness on its seeds and on what once broke it; atheris is not needed for that."""

from __future__ import annotations

from pathlib import Path

import pytest

from fuzz.harnesses import HARNESSES, one_input

CORPUS = Path(__file__).with_name("corpus")
SEEDS = sorted(path for name in HARNESSES for path in (CORPUS / name).iterdir())


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_seed_is_read_or_refused(seed: Path) -> None:
    one_input(seed.parent.name, seed.read_bytes())


@pytest.mark.parametrize("name", HARNESSES)
def test_cut_off_anywhere_it_is_read_or_refused(name: str) -> None:
    for seed in sorted((CORPUS / name).iterdir()):
        data = seed.read_bytes()
        for end in range(0, len(data), max(1, len(data) // 40)):
            one_input(name, data[:end])
            one_input(name, data[end:])


def test_every_harness_has_seeds() -> None:
    assert {path.parent.name for path in SEEDS} == set(HARNESSES)
