"""A private view of the machine's package archive, through apt.

The machine's own apt configuration says where packages come from; this module copies its
sources with another suite where wanted, and gives apt lists, cache and configuration of
its own in a scratch folder. The state of the machine's apt is not touched, and no
rights beyond the user's are needed. See apt.conf(5) on ``APT_CONFIG`` and sources.list(5).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

BASE_SUITES = frozenset({"oldstable", "stable", "testing", "unstable", "sid", "devel"})
"""Suite names besides the release's code name that are a distribution's main archive."""

_ONE_LINE = re.compile(r"^deb\s+(\[[^]]*\]\s+)?(\S+)\s+(\S+)\s+(.+)$")
_FIELD = re.compile(r"^(Suites|Types|Enabled):[ \t]*(.*(?:\n[ \t].*)*)$", re.M | re.I)
_ACQUIRE = re.compile(r"^Acquire::(?!IndexTargets|Languages).*;$")


class AptFailed(Exception):
    """apt could not do what it was asked; the text is its last message."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One source of the machine: its text in the format of ``suffix`` (list or sources)."""

    text: str
    suffix: str
    suites: tuple[str, ...]

    def with_suites(self, suites: Sequence[str]) -> Entry:
        """The same archive with other suites."""
        if self.suffix == "list":
            lines = [_ONE_LINE.sub(rf"deb \1\2 {suite} \4", self.text) for suite in suites]
            return Entry("\n".join(lines), self.suffix, tuple(suites))
        text = _FIELD.sub(lambda field: _with(field, "suites", " ".join(suites)), self.text)
        return Entry(text, self.suffix, tuple(suites))

    def for_sources(self) -> Entry:
        """The same archive asked for source packages."""
        if self.suffix == "list":
            return Entry(_ONE_LINE.sub(r"deb-src \1\2 \3 \4", self.text), "list", self.suites)
        text = _FIELD.sub(lambda field: _with(field, "types", "deb-src"), self.text)
        return Entry(text, self.suffix, self.suites)


def available() -> bool:
    """Whether this machine has apt and dpkg."""
    return all(shutil.which(name) for name in ("apt-get", "apt-cache", "apt-config", "dpkg-deb"))


def release_codename(os_release: Path = Path("/etc/os-release")) -> str:
    """The code name of the running release, empty if it has none."""
    if not os_release.is_file():
        return ""
    hit = re.search(r"^VERSION_CODENAME=\"?([\w.-]+)", os_release.read_text(), re.M)
    return hit[1] if hit else ""


def machine_entries(folder: Path = Path("/etc/apt")) -> tuple[Entry, ...]:
    """The enabled binary-package sources that the machine's apt is configured with."""
    entries: list[Entry] = []
    lists = [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*.list"))]
    for path in lists:
        if path.is_file():
            entries.extend(parse_one_line(path.read_text(encoding="utf-8")))
    for path in sorted((folder / "sources.list.d").glob("*.sources")):
        entries.extend(parse_deb822(path.read_text(encoding="utf-8")))
    return tuple(entries)


def parse_one_line(text: str) -> Iterator[Entry]:
    """The entries of a file in the one-line format."""
    for raw in text.splitlines():
        line = raw.partition("#")[0].strip()
        hit = _ONE_LINE.match(line)
        if hit:
            yield Entry(line, "list", (hit[3],))


def parse_deb822(text: str) -> Iterator[Entry]:
    """The entries of a file in the deb822 format, one per stanza."""
    plain = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    for stanza in re.split(r"\n[ \t]*\n", plain):
        fields = {name.lower(): value for name, value in _FIELD.findall(stanza)}
        binary = "deb" in fields.get("types", "").split()
        if binary and fields.get("enabled", "yes").strip().lower() != "no":
            text_of_binary = _FIELD.sub(lambda field: _with(field, "types", "deb"), stanza)
            yield Entry(text_of_binary.strip(), "sources", tuple(fields["suites"].split()))


def entries_of_suite(entries: Sequence[Entry], suite: str, codename: str) -> tuple[Entry, ...]:
    """The distribution's own archive among ``entries``, asked for ``suite`` instead."""
    bases = BASE_SUITES | {codename}
    return tuple(entry.with_suites([suite]) for entry in entries if bases & {*entry.suites})


def distribution_entries(entries: Sequence[Entry], codename: str) -> tuple[Entry, ...]:
    """The entries for the running release (with its updates), without third parties."""
    bases = BASE_SUITES | {codename}
    return tuple(
        entry for entry in entries if any(s.partition("-")[0] in bases for s in entry.suites)
    )


def _with(field: re.Match[str], name: str, value: str) -> str:
    return f"{field[1]}: {value}" if field[1].lower() == name else field[0]


class Archive:
    """apt with state of its own in ``scratch``, over the given sources."""

    def __init__(self, scratch: Path, entries: Sequence[Entry]) -> None:
        """Prepare the folder; nothing is downloaded yet."""
        self._scratch = scratch
        self._config = scratch / "apt.conf"
        sources = scratch / "sources"
        for folder in ("sources", "parts", "lists/partial", "cache/archives/partial"):
            (scratch / folder).mkdir(parents=True)
        for number, entry in enumerate(entries):
            (sources / f"{number}.{entry.suffix}").write_text(entry.text + "\n")
        settings = {
            "Dir::Etc::main": "/dev/null",
            "Dir::Etc::parts": f"{scratch}/parts",
            "Dir::Etc::sourcelist": "/dev/null",
            "Dir::Etc::sourceparts": str(sources),
            "Dir::Etc::preferences": "/dev/null",
            "Dir::Etc::preferencesparts": f"{scratch}/parts",
            "Dir::State::lists": f"{scratch}/lists",
            "Dir::Cache": f"{scratch}/cache",
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
        }
        if os.geteuid() == 0:
            settings["APT::Sandbox::User"] = "root"
        lines = [*_acquire_settings(), *(f'{key} "{value}";' for key, value in settings.items())]
        self._config.write_text("\n".join(lines) + "\n")

    def update(self) -> None:
        """Fetch the package lists; raises :class:`AptFailed`."""
        self._run("apt-get", "-qq", "--error-on=any", "update")

    def names(self, prefix: str) -> tuple[str, ...]:
        """The package names that begin with ``prefix``."""
        return tuple(self._run("apt-cache", "pkgnames", prefix).split())

    def download(self, package: str, folder: Path) -> Path:
        """Download one package into ``folder``; raises :class:`AptFailed`."""
        before = set(folder.glob("*.deb"))
        self._run("apt-get", "-qq", "download", package, folder=folder)
        fresh = set(folder.glob("*.deb")) - before
        if len(fresh) != 1:
            raise AptFailed(f"apt-get download {package} left {len(fresh)} files")
        return fresh.pop()

    def source_versions(self, package: str) -> tuple[str, ...]:
        """The versions of a source package that the archive lists."""
        said = self._run("apt-cache", "showsrc", package)
        return tuple(dict.fromkeys(re.findall(r"^Version: (\S+)$", said, re.M)))

    def download_packaging(self, package: str, version: str, folder: Path) -> Path:
        """Download a source package's own additions; raises :class:`AptFailed`."""
        command = ("apt-get", "-qq", "source", "--download-only", "--diff-only")
        self._run(*command, f"{package}={version}", folder=folder)
        found = sorted(folder.glob(f"{package}_*.debian.tar.*"))
        if not found:
            raise AptFailed(f"{package} {version} has no packaging of its own")
        return found[-1]

    def _run(self, *command: str, folder: Path | None = None) -> str:
        done = subprocess.run(
            command,
            cwd=folder or self._scratch,
            env={**os.environ, "APT_CONFIG": str(self._config), "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip().splitlines()
            raise AptFailed(said[-1] if said else f"{command[0]}: status {done.returncode}")
        return done.stdout


def _acquire_settings() -> list[str]:
    """How this machine reaches its archives (proxies, transports), as apt.conf lines."""
    dump = subprocess.run(
        ["apt-config", "dump", "--no-empty"], capture_output=True, text=True, check=True
    )
    return [line for line in dump.stdout.splitlines() if _ACQUIRE.match(line)]
