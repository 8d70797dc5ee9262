"""The errors that may leave an entry point of kimpact.

Two families: :class:`BadInput` is the user's to mend (exit status 2, one clear
line), :class:`InternalError` is ours (exit status 101).
"""

from __future__ import annotations


class KimpactError(Exception):
    """Root of every error that kimpact raises on purpose."""


class BadInput(KimpactError):
    """The tree, a configuration, a function name or an option cannot be used.

    ``file`` and ``line`` (1-based) say where, when there is such a place. ``str()``
    gives the one line that a user sees: ``file:line: message``.
    """

    def __init__(self, message: str, file: str | None = None, line: int | None = None) -> None:
        self.message = message
        self.file = file
        self.line = line
        super().__init__(message)

    def __reduce__(self) -> tuple[type[BadInput], tuple[str, str | None, int | None]]:
        """Keep the place when the error crosses from a worker process."""
        return type(self), (self.message, self.file, self.line)

    def __str__(self) -> str:
        if self.file is None:
            return self.message
        if self.line is None:
            return f"{self.file}: {self.message}"
        return f"{self.file}:{self.line}: {self.message}"


class CoverLetterOnly(BadInput):
    """A cover letter came without the patches that it announces."""


class InternalError(KimpactError):
    """An invariant of kimpact itself does not hold."""
