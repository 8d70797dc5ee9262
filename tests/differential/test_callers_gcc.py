"""Every direct call that GCC sees into a sample of functions is found from the callee.

The truth is that of ``test_edges.py``. ``make differential PARTS=callers`` takes all the units
and more functions, also such as many places mention.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from callers_gcc import Sample, look_for_callers
from edges_build import RECIPES
from edges_run import truth_of
from kernels.trees import KernelTree
from test_edges import SAMPLE

FUNCTIONS = Sample(count=14, mentions=12, callers=2)


@pytest.mark.oracle
def test_callers_agree_with_gcc(kernel: KernelTree, oracle_folder: Path) -> None:
    truth = truth_of(kernel, RECIPES["defconfig"], SAMPLE, oracle_folder)
    found = look_for_callers(kernel.path, truth, FUNCTIONS)
    assert len(found.expected) == FUNCTIONS.count
    assert sum(map(len, found.expected.values())) > 2 * FUNCTIONS.count
    assert found.missing == {}
