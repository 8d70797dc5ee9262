"""What ``kimpact`` says to the shell when it ends."""

from __future__ import annotations

import enum


class ExitStatus(enum.IntEnum):
    """A part of the command's contract: scripts may rely on the numbers."""

    DONE = 0
    """The question was answered; that there is no path is an answer."""
    FINDING = 1
    """A finding that the user asked to fail on."""
    BAD_INPUT = 2
    """The tree, a configuration, a name or an option cannot be used; stderr says why."""
    INTERNAL_ERROR = 101
    """An error of kimpact itself."""
    INTERRUPTED = 130
    """Stopped by the user (128 + SIGINT, as shells count)."""
