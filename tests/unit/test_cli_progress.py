"""The progress line: on a terminal, after a second, gone at the end."""

from __future__ import annotations

import io
import os
import pty
import time

import pytest

from analyzer.cli import progress
from analyzer.cli.progress import TerminalProgress


def on_a_terminal(seconds: float) -> str:
    """What a run of ``seconds`` leaves on a pseudo-terminal."""
    reader, writer = pty.openpty()
    try:
        with os.fdopen(writer, "w", closefd=False) as stream, TerminalProgress(stream) as shown:
            shown.stage("reading \x1b[31m Kconfig")
            shown.advance(3, 10)
            time.sleep(seconds)
        os.write(writer, b"\n")
        text = b""
        while b"\n" not in text:  # a terminal hands on what it has, not all at once
            text += os.read(reader, 65536)
        return text.decode()
    finally:
        os.close(reader)
        os.close(writer)


def test_a_long_run_is_shown_and_erased(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(progress, "DELAY", 0.01)
    text = on_a_terminal(0.5)
    assert "reading \\x1b[31m Kconfig 3/10  0 s" in text
    assert text.rstrip("\r\n").endswith("\r\x1b[2K")


def test_a_short_run_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    assert on_a_terminal(0.0) == "\r\n"


def test_nothing_without_a_terminal_or_on_a_dumb_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "DELAY", 0.01)
    monkeypatch.setenv("TERM", "dumb")
    assert on_a_terminal(0.05) == "\r\n"
    stream = io.StringIO()
    with TerminalProgress(stream) as shown:
        shown.stage("reading")
        time.sleep(0.05)
    assert stream.getvalue() == ""
