"""Files, mailboxes and standard input into a series of patches.

What a file holds is told from its beginning: a mailbox, one message, or a diff with or
without text before it. Patches that are numbered are put in their order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from analyzer.diagnostics import Diagnostic, Diagnostics, Severity
from analyzer.errors import BadInput, CoverLetterOnly
from analyzer.location import Location
from analyzer.patch.inputs import PatchInput, require_patch
from analyzer.patch.mail import Letter, is_mailbox, is_message, letters
from analyzer.patch.message import is_reply, letter_patch, no_diff, plain_patch
from analyzer.patch.model import Message, Patch, Series
from analyzer.patch.paths import shown


def read_series(
    inputs: Sequence[PatchInput], diagnostics: Diagnostics, strip: int | None = None
) -> Series:
    """The patches in ``inputs``, in their order.

    Messages numbered ``[PATCH 3/7]`` are sorted by number within an input, and over all
    inputs if they are of one series; else inputs count in the order given. ``strip`` is as
    for :func:`analyzer.patch.diff.read_diff`. Messages without a diff (replies) are left
    out, and missing numbers are remarked on.

    Raises :class:`BadInput`, with file and line, for what is no patch, broken, cut off,
    several versions of a series at once, or leads out of the tree;
    :class:`CoverLetterOnly` for an input that is a cover letter and nothing else.
    """
    digest = hashlib.sha256(repr(strip).encode())
    patches: list[Patch] = []
    covers: list[Message] = []
    for each in inputs:
        digest.update(hashlib.sha256(each.data).digest())
        found, cover = _read(each, strip, diagnostics)
        patches += found
        covers += cover
    if not patches:
        raise BadInput("no patch is given", inputs[0].name if inputs else None)
    ordered = _ordered(patches, diagnostics)
    return Series(tuple(ordered), covers[0] if covers else None, digest.hexdigest())


def _read(
    given: PatchInput, strip: int | None, diagnostics: Diagnostics
) -> tuple[list[Patch], list[Message]]:
    """Patches of one input in their order, and its cover letters."""
    data, name = given.data, given.name
    require_patch(data, name)
    if not is_mailbox(data) and not is_message(data):
        return [plain_patch(given, strip)], []
    found = letters(data, name)
    patches: list[Patch] = []
    covers: list[Message] = []
    for letter in found:
        patch = letter_patch(letter, name, strip)
        if patch.files:
            patches.append(patch)
        elif patch.numbering is not None and patch.numbering.number == 0:
            covers.append(patch.message)
        elif len(found) == 1 or (patch.numbering is not None and not is_reply(letter)):
            reason = "" if patch.numbering is None else "the message is cut off, or no patch"
            raise no_diff(patch.message.location, reason)
        else:
            text = f"a message without a patch is left out: {shown(patch.message.subject)}"
            diagnostics.note("patch-message-skipped", text, patch.message.location)
        if letter.carriage_returns:
            text = "lines end in CR LF, as mail has them; CR is taken off"
            diagnostics.note("patch-crlf", text, patch.message.location)
    if not patches and covers:
        raise CoverLetterOnly("a cover letter without its patches", name, 1)
    if not patches:
        raise no_diff(Location(name, 1), "")
    return _sorted(_without_copies(patches, found, diagnostics)), covers


def _without_copies(
    patches: list[Patch], found: Sequence[Letter], diagnostics: Diagnostics
) -> list[Patch]:
    """One patch for each number; a message that is there twice is left out once."""
    if len({each.identity for each in found}) == len(found):
        return patches
    kept: list[Patch] = []
    for patch in patches:
        same = [
            each
            for each in kept
            if patch.numbering is not None
            and each.numbering == patch.numbering
            and each.message.subject == patch.message.subject
            and len(each.files) == len(patch.files)
        ]
        if same:
            text = f"a message that is there twice is left out: {shown(patch.message.subject)}"
            diagnostics.note("patch-message-skipped", text, patch.message.location)
        else:
            kept.append(patch)
    return kept


def _sorted(patches: list[Patch]) -> list[Patch]:
    """By number, if all have one."""
    numbers = [each.numbering for each in patches if each.numbering is not None]
    if len(numbers) < len(patches):
        return patches
    return sorted(patches, key=lambda each: each.numbering.number if each.numbering else 0)


def _ordered(patches: list[Patch], diagnostics: Diagnostics) -> list[Patch]:
    """All patches, sorted if they are of one series, with remarks on what is missing."""
    numbers = [each.numbering for each in patches if each.numbering is not None]
    if len(numbers) < len(patches) or not numbers:
        return patches
    totals = {each.total for each in numbers}
    versions = sorted({each.version for each in numbers})
    if len(totals) > 1 and len(versions) == 1:
        return patches
    if len(versions) > 1:
        where = patches[-1].message.location
        listed = ", ".join(f"v{version}" for version in versions)
        raise BadInput(f"several versions of a series at once: {listed}", where.file, where.line)
    seen: set[int] = set()
    for patch, number in zip(patches, numbers, strict=True):
        if number.number in seen:
            where = patch.message.location
            message = f"two different patches are number {number.number} of {number.total}"
            raise BadInput(message, where.file, where.line)
        seen.add(number.number)
    missing = [str(n) for n in range(1, numbers[0].total + 1) if n not in seen]
    if missing:
        listed = ", ".join(missing[:10]) + (", ..." if len(missing) > 10 else "")
        text = f"of {numbers[0].total} patches these are missing: {listed}"
        severity = Severity.WARNING if len(patches) > 1 else Severity.NOTE
        where = patches[0].message.location
        diagnostics.add(Diagnostic(severity, "patch-series-incomplete", text, where))
    return _sorted(patches)
