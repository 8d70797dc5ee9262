"""What has to be told about booting: the contents of ``knowledge/boot.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from analyzer.primitives.knowledge import Knowledge
from analyzer.primitives.model import StaticCalls


@dataclass(frozen=True, slots=True)
class BootKnowledge:
    """See the comments in the file; argument positions count from 0."""

    start: str
    initcalls: tuple[str, ...]
    parameters: frozenset[str]
    descriptor_tag: str
    detect: str
    name: str
    platforms: Mapping[str, str]
    static_calls: StaticCalls
    force: Mapping[str, int]
    clear: Mapping[str, int]
    test: Mapping[str, int]
    capability: str
    conditions: Mapping[str, tuple[str, ...]]


def bundled_knowledge(known: Knowledge) -> BootKnowledge:
    """The knowledge that comes with kimpact; ``known``: what is known of functions at large."""
    text = files("analyzer").joinpath("knowledge", "boot.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    descriptor, feature = data["descriptor"], data["cpu-feature"]
    return BootKnowledge(
        start=data["start"],
        initcalls=tuple(data["initcalls"]),
        parameters=frozenset(data["parameters"]),
        descriptor_tag=descriptor["tag"],
        detect=descriptor["detect"],
        name=descriptor["name"],
        platforms=descriptor["platforms"],
        static_calls=known.static_calls[-1],
        force=feature["force"],
        clear=feature["clear"],
        test=feature["test"],
        capability=feature["member"],
        conditions={label: tuple(words) for label, words in data["conditions"].items()},
    )
