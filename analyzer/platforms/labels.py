"""Classes of the guards that a boot leaves: what kind of thing decides.

A guard is of the first class that fits: a boot parameter (it reads a variable that one
sets), a confidential guest, a CPU feature, a hypervisor feature (it reads or calls what
belongs to a file that is walked for hypervisors only), or other.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from analyzer.platforms.knowledge import BootKnowledge
from analyzer.platforms.values import BootGuard

BOOT_PARAMETER = "boot parameter"
HYPERVISOR_FEATURE = "hypervisor feature"
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Labels:
    """``from_parameter`` asks of a variable, ``owned`` of a function or variable."""

    knowledge: BootKnowledge
    from_parameter: Callable[[str], bool]
    owned: Callable[[str], bool]

    def of(self, guard: BootGuard) -> str:
        """The class of ``guard``."""
        if any(self.from_parameter(name) for name in guard.reads):
            return BOOT_PARAMETER
        words = set(re.findall(r"\w+", guard.text)).union(guard.calls, guard.reads)
        for label, known in self.knowledge.conditions.items():
            if words.intersection(known):
                return label
        if any(self.owned(name) for name in (*guard.calls, *guard.reads)):
            return HYPERVISOR_FEATURE
        return OTHER
