"""Where a boot begins: the C functions that assembly calls and that come to the start."""

from __future__ import annotations

from collections.abc import Sequence

from analyzer.callgraph.mentions import MentionKind, Mentions
from analyzer.platforms.relevance import ASSEMBLY, Entry


def boot_entries(mentions: Mentions, start: str) -> Sequence[Entry]:
    """The functions that assembly calls and that come to function ``start``, the one that
    is closest to it first."""
    found: dict[str, Entry] = {}
    waiting, seen = [start], {start}
    while waiting:
        name = waiting.pop(0)
        for mention in mentions.of(name):
            if mention.kind is MentionKind.ASSEMBLY:
                words = (mention.owner,)
                entry = Entry(name, ASSEMBLY, words, mention.file, mention.line)
                found.setdefault(entry.function, entry)
            elif (
                mention.kind is MentionKind.FUNCTION
                and mention.called
                and mention.owner not in seen
            ):
                seen.add(mention.owner)
                waiting.append(mention.owner)
    return tuple(found.values())
