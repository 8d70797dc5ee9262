"""Assertions about paths, and where a tree breaks them.

A policy file is TOML with one table for each rule::

    [[rule]]
    name = "page tables go by RCU"
    function = "mm/memory.c:zap_pte_range"
    when = "PT_RECLAIM"
    never = ["immediate-free", "ipi-then-free"]

``function`` is where paths begin; ``when`` restricts the configurations (none: all) and
``platforms`` the platforms. At least one of these is asserted: ``never`` lists effects that
the object must not meet, ``only`` those it may meet, ``must`` those that it has to meet on some
path; ``avoids`` lists functions that no path may reach. ``object`` is as for ``paths``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from analyzer.configset.condition import where
from analyzer.configset.configset import ConfigSet, Mask
from analyzer.configset.describe import Describer
from analyzer.effects.model import (
    DROP,
    GATHER,
    GRACE_PERIOD_THEN,
    IMMEDIATE,
    IPI_THEN,
    UNKNOWN,
    callback_free,
)
from analyzer.errors import BadInput
from analyzer.paths.result import Edge, Node, PathClass, PathsResult

_LISTS = ("never", "only", "must", "avoids", "platforms")
_TEXTS = ("name", "function", "when", "object")
_EFFECTS = (IMMEDIATE, GATHER, IPI_THEN, GRACE_PERIOD_THEN, DROP, UNKNOWN, callback_free("rcu"))
_CALLBACK_FREE = re.compile("[a-z0-9-]+" + re.escape(callback_free("")))
MAX_RULES = 200


@dataclass(frozen=True, slots=True)
class Rule:
    """One assertion; ``only`` is None if every effect is allowed."""

    name: str
    function: str
    when: str | None
    object: str | None
    platforms: tuple[str, ...]
    never: tuple[str, ...]
    only: tuple[str, ...] | None
    must: tuple[str, ...]
    avoids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that is broken in the configurations of ``mask`` on ``platforms``.

    ``what`` says how; ``path`` is a way from the function there, call by call; empty where
    something is missing.
    """

    rule: str
    what: str
    mask: Mask
    platforms: tuple[str, ...]
    when: str
    path: tuple[Edge, ...]
    nodes: tuple[Node, ...]


def read_policy(path: Path) -> tuple[Rule, ...]:
    """The rules of a policy file; raises :class:`BadInput` for what is none."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", str(path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"not TOML: {error}", str(path)) from None
    rules = data.get("rule")
    if not isinstance(rules, list) or not rules or set(data) != {"rule"}:
        raise BadInput("a policy consists of [[rule]] tables", str(path))
    if len(rules) > MAX_RULES:
        raise BadInput(f"more than {MAX_RULES} rules", str(path))
    return tuple(_rule(table, number, path) for number, table in enumerate(rules, 1))


def _rule(table: object, number: int, path: Path) -> Rule:
    if not isinstance(table, dict):
        raise BadInput(f"rule {number} is no table", str(path))
    for key, value in table.items():
        good = isinstance(value, str) if key in _TEXTS else _is_texts(value)
        if key not in (*_TEXTS, *_LISTS) or not good:
            raise BadInput(f"rule {number}: {key!a} is unknown or of the wrong type", str(path))
    for key in ("never", "only", "must"):
        for effect in table.get(key, ()):
            if effect not in _EFFECTS and not _CALLBACK_FREE.fullmatch(effect):
                known = ", ".join(_EFFECTS)
                raise BadInput(f"rule {number}: no such effect: {effect!a} ({known})", str(path))
    if "function" not in table:
        raise BadInput(f"rule {number} names no function", str(path))
    if not any(key in table for key in ("never", "only", "must", "avoids")):
        raise BadInput(f"rule {number} asserts nothing: never, only, must or avoids", str(path))
    return Rule(
        name=table.get("name", f"rule {number}"),
        function=table["function"],
        when=table.get("when"),
        object=table.get("object"),
        platforms=tuple(table.get("platforms", ())),
        never=tuple(table.get("never", ())),
        only=None if "only" not in table else tuple(table["only"]),
        must=tuple(table.get("must", ())),
        avoids=tuple(table.get("avoids", ())),
    )


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def applies(rule: Rule, configs: ConfigSet) -> bool:
    """Whether any of ``configs`` is one that the rule is about.

    Raises :class:`BadInput` for a condition that is none.
    """
    return rule.when is None or bool(where(rule.when, configs))


def violations(rule: Rule, paths: PathsResult, configs: ConfigSet) -> Iterator[Violation]:
    """Where ``paths``, those of the rule's function, break it.

    Raises :class:`BadInput` for a condition that is none.
    """
    asked = configs.all if rule.when is None else where(rule.when, configs)
    describer = Describer(configs, (name for name, _ in paths.symbols))
    for one in paths.classes:
        mask = one.mask & asked
        platforms = tuple(n for n in one.platforms if not rule.platforms or n in rule.platforms)
        if not mask or (one.platforms and not platforms):
            continue
        for what, ends in _broken(rule, paths, one):
            path = _way(paths, one, mask, ends)
            nodes = _nodes(paths, path)
            yield Violation(rule.name, what, mask, platforms, describer.describe(mask), path, nodes)


def _broken(rule: Rule, paths: PathsResult, one: PathClass) -> Iterator[tuple[str, frozenset[str]]]:
    """How a class breaks the rule, and the nodes at which it does."""
    allowed = None if rule.only is None else set(rule.only)
    for effect in one.effects:
        if effect in rule.never or (allowed is not None and effect not in allowed):
            nodes = (node.id for node in paths.nodes if effect in node.effects)
            yield f"{effect}", frozenset(nodes)
    for effect in rule.must:
        if effect not in one.effects:
            yield f"no {effect}", frozenset()
    names = {node.id: node.name for node in paths.nodes}
    for name in rule.avoids:
        reached = {paths.edges[index].target for index in one.edges}
        ends = frozenset(node for node in reached if node is not None and names[node] == name)
        if ends:
            yield f"{name} is reached", ends


def _way(paths: PathsResult, one: PathClass, mask: Mask, ends: frozenset[str]) -> tuple[Edge, ...]:
    """The shortest way from a root to the last of ``ends`` on it, in some configuration."""
    edges: dict[str, list[Edge]] = {}
    for index in one.edges:
        edge = paths.edges[index]
        if edge.mask & mask:
            edges.setdefault(edge.source, []).append(edge)
    came: dict[str, Edge | None] = dict.fromkeys(paths.roots)
    waiting: list[str] = list(paths.roots)
    last: str | None = None
    for node in waiting:
        if node in ends:
            last = node
        for edge in edges.get(node, ()):
            if edge.target is not None and edge.target not in came:
                came[edge.target] = edge
                waiting.append(edge.target)
    found: list[Edge] = []
    at = None if last is None else came[last]
    while at is not None:
        found.append(at)
        at = came[at.source]
    return tuple(reversed(found))


def _nodes(paths: PathsResult, path: Sequence[Edge]) -> tuple[Node, ...]:
    """The nodes on a path, the root first."""
    known: Mapping[str, Node] = {node.id: node for node in paths.nodes}
    if not path:
        return ()
    targets = [edge.target for edge in path if edge.target is not None]
    return tuple(known[node] for node in (path[0].source, *targets))
