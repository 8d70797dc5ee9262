"""The kernel tree and the configurations that a user means to ask about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from analyzer.configset.architecture import require_architecture
from analyzer.configset.dotconfig import DotConfig, read_dotconfig
from analyzer.doctor.result import Finding, Health
from analyzer.errors import BadInput
from analyzer.tree.source_tree import DirectoryTree, architectures
from analyzer.tree.version import kernel_version

_AREA = "kernel"
_GET_TREE = "unpack one from kernel.org or the distribution, or clone it, and name its top folder"


def kernel(path: Path | None, arch: str) -> Iterator[Finding]:
    """The tree at ``path``, None where none was named."""
    if path is None:
        yield Finding(_AREA, "tree", Health.ABSENT, "none named", "look at yours with --kernel DIR")
        return
    try:
        tree = DirectoryTree(path)
        version = kernel_version(tree)
    except BadInput as error:
        yield Finding(_AREA, "tree", Health.BROKEN, str(error), _GET_TREE)
        return
    yield Finding(_AREA, "tree", Health.GOOD, f"Linux {version} in {path}")
    known = architectures(tree)
    if arch in known:
        text = f"{arch} (the tree has {len(known)})"
        yield Finding(_AREA, "architecture", Health.GOOD, text)
    else:
        text = f"{arch} is not in the tree"
        yield Finding(_AREA, "architecture", Health.BROKEN, text, f"--arch: {', '.join(known)}")
    if (path / ".git").exists():
        yield Finding(_AREA, "history", Health.GOOD, "a git repository: --range works")
    else:
        advice = "patches are reviewed as files; --range needs a clone"
        yield Finding(_AREA, "history", Health.ABSENT, "no git repository", advice)


def configurations(paths: Sequence[Path], kernel_path: Path | None, arch: str) -> Iterator[Finding]:
    """The configurations that were named, one finding each."""
    if not paths:
        advice = (
            "name one with --config FILE: a .config, also as .xz or .gz, such as /boot/config-*"
        )
        yield Finding(_AREA, "configuration", Health.ABSENT, "none named", advice)
        return
    known = _architectures(kernel_path)
    for path in paths:
        try:
            config = read_dotconfig(path)
            if known:
                require_architecture([config], arch, known)
        except BadInput as error:
            yield Finding(_AREA, "configuration", Health.BROKEN, str(error), "name another file")
            continue
        yield Finding(_AREA, "configuration", Health.GOOD, _described(path, config))


def _architectures(path: Path | None) -> Sequence[str]:
    try:
        return () if path is None else architectures(DirectoryTree(path))
    except BadInput:
        # Said where the tree is looked at.
        return ()


def _described(path: Path, config: DotConfig) -> str:
    compiler = config.values.get("CC_VERSION_TEXT", "")
    made = f", made for {compiler.strip(chr(34))}" if compiler else ", no compiler recorded"
    return f"{path}: {len(config.values)} symbols{made}"
