"""What has to be told about booting: from the knowledge files, and ``knowledge/boot.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from analyzer.errors import InternalError
from analyzer.primitives.knowledge import Knowledge
from analyzer.primitives.model import Descriptor, PredicateKind, StaticCalls

_FIRST_LEVELS = ("con", "early")
"""Levels of initcalls that come before the numbered ones (include/linux/init.h)."""


@dataclass(frozen=True, slots=True)
class BootKnowledge:
    """See the comments in the files; argument positions count from 0.

    ``initcalls`` are the registering macros in the order of their levels, ``parameters`` those
    that register boot parameters. ``force``, ``clear`` and ``test`` are functions on CPU
    features with the argument that is the feature, ``set_bit`` and ``clear_bit`` functions on
    bits that are such functions when they are handed member ``capability``; ``conditions`` are
    the names by which a condition is of a class.
    """

    start: str
    initcalls: tuple[str, ...]
    parameters: frozenset[str]
    descriptor_tag: str
    detect: str
    name: str
    static_calls: StaticCalls
    force: Mapping[str, int]
    clear: Mapping[str, int]
    set_bit: Mapping[str, int]
    clear_bit: Mapping[str, int]
    test: Mapping[str, int]
    capability: str
    conditions: Mapping[str, frozenset[str]]
    general: Knowledge

    def platform(self, written: str) -> str:
        """The name of the platform whose descriptor calls itself ``written``."""
        return self.general.platform(written)


def boot_knowledge(general: Knowledge) -> BootKnowledge:
    """What comes with kimpact about booting, on top of ``general``."""
    text = files("analyzer").joinpath("knowledge", "boot.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    feature = data["cpu-feature"]
    descriptor = _descriptor(general)
    levels = sorted(general.initcalls(), key=lambda call: _order(call.level))
    predicates = general.predicates()
    return BootKnowledge(
        start=data["start"],
        initcalls=tuple(call.name for call in levels),
        parameters=frozenset(parameter.name for parameter in general.boot_parameters()),
        descriptor_tag=descriptor.name,
        detect=descriptor.detect,
        name=descriptor.label,
        static_calls=general.static_calls[-1],
        force=feature["force"],
        clear=feature["clear"],
        set_bit=feature["set-bit"],
        clear_bit=feature["clear-bit"],
        test=feature["test"],
        capability=feature["member"],
        conditions={
            label: frozenset(one.name for one in predicates if one.kind is kind)
            for label, kind in (
                ("confidential guest", PredicateKind.CONFIDENTIAL_GUEST),
                ("CPU feature", PredicateKind.CPU_FEATURE),
                ("hypervisor feature", PredicateKind.HYPERVISOR),
            )
        },
        general=general,
    )


def _descriptor(general: Knowledge) -> Descriptor:
    found = general.descriptors()
    if not found:
        raise InternalError("no structure is known that announces platforms")
    return found[-1]


def _order(level: str) -> tuple[int, str]:
    return (_FIRST_LEVELS.index(level) if level in _FIRST_LEVELS else len(_FIRST_LEVELS), level)
