"""What is installed: Python, libraries, the extras of this package, tools of the machine."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version

from analyzer import __version__
from analyzer.doctor.result import Finding, Health

PACKAGE = "kimpact"
_LEAST = (3, 11)
_GIBI = 1 << 30
_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)[^;]*(?:;.*\bextra == ['\"]([a-z0-9-]+)['\"])?")
_NOT_FOR_USERS = ("all", "dev", "docs", "fuzz", "mutation")
"""Extras that bring no function of their own: collections, and what those need who work on it."""

_COMPILERS = (("gcc", "-dumpfullversion"), ("clang", "-dumpversion"))


def program() -> Iterator[Finding]:
    """kimpact, Python and the machine."""
    area = "program"
    yield Finding(area, PACKAGE, Health.GOOD, __version__)
    found = ".".join(map(str, sys.version_info[:3]))
    enough = sys.version_info >= _LEAST
    advice = "" if enough else "install Python 3.11 or later"
    yield Finding(area, "Python", Health.GOOD if enough else Health.BROKEN, found, advice)
    processors = os.cpu_count() or 1
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _GIBI
    text = f"{platform.system()} {platform.machine()}, {processors} processors, {memory:.0f} GiB"
    yield Finding(area, "machine", Health.GOOD, text)


def libraries() -> Iterator[Finding]:
    """The libraries that every command may need."""
    for name, extra in _requirements():
        if extra is None:
            yield _library("libraries", name, Health.BROKEN, f"pip install {name}")


def extras() -> Iterator[Finding]:
    """What the extras of the package bring, one line each."""
    wanted: dict[str, list[str]] = {}
    for name, extra in _requirements():
        if extra is not None and extra not in _NOT_FOR_USERS and name != PACKAGE:
            wanted.setdefault(extra, []).append(name)
    for extra, names in sorted(wanted.items()):
        versions = {name: _version(name) for name in names}
        missing = [name for name, found in versions.items() if found is None]
        if missing:
            advice = f"pip install '{PACKAGE}[{extra}]'"
            text = f"without {', '.join(missing)}"
            yield Finding("extras", extra, Health.ABSENT, text, advice)
        else:
            text = ", ".join(f"{name} {found}" for name, found in versions.items())
            yield Finding("extras", extra, Health.GOOD, text)


def tools() -> Iterator[Finding]:
    """Programs of the machine that some questions start; none of them comes from a tree."""
    area = "tools"
    git = _said("git", "--version")
    if git is None:
        advice = "needed to review commits (--range): apt-get install git"
        yield Finding(area, "git", Health.ABSENT, "not found", advice)
    else:
        yield Finding(area, "git", Health.GOOD, git.removeprefix("git version "))
    for name, option in _COMPILERS:
        found = _said(name, option)
        if found is None:
            advice = (
                "not needed: what a tree asks a compiler is answered from recorded profiles; "
                "'kimpact toolchain record' would use it"
            )
            yield Finding(area, name, Health.ABSENT, "not found", advice)
        else:
            yield Finding(area, name, Health.GOOD, found)


def _requirements() -> Iterator[tuple[str, str | None]]:
    """The names of the required distributions, with the extra that asks for each."""
    try:
        stated = requires(PACKAGE) or ()
    except PackageNotFoundError:
        return
    for text in stated:
        found = _REQUIREMENT.match(text)
        if found is not None:
            yield found[1], found[2]


def _library(area: str, name: str, otherwise: Health, advice: str) -> Finding:
    found = _version(name)
    if found is None:
        return Finding(area, name, otherwise, "not found", advice)
    return Finding(area, name, Health.GOOD, found)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _said(command: str, option: str) -> str | None:
    """The first line that a program of the machine prints, None without such a program."""
    place = shutil.which(command)
    if place is None:
        return None
    try:
        run = subprocess.run(
            [place, option],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=20,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = run.stdout.split("\n")
    return lines[0].strip() if run.returncode == 0 and lines[0].strip() else None
