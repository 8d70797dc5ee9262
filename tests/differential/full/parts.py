"""All parts, cheap ones first."""

from __future__ import annotations

from full.part_callers import CALLERS
from full.part_edges import EDGES
from full.part_invariant import INVARIANT
from full.part_lines import LINES
from full.part_macros import MACROS
from full.part_objects import OBJECTS
from full.part_sample import SAMPLE
from full.part_suite import SUITE
from full.part_symbols import SYMBOLS

PARTS = (MACROS, SUITE, SYMBOLS, INVARIANT, SAMPLE, OBJECTS, LINES, CALLERS, EDGES)
