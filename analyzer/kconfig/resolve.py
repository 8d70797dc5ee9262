"""Completing configurations, as ``make olddefconfig`` does.

``resolve`` works on configurations in memory, ``resolve_files`` is ``kimpact resolve``:
it reads, completes and writes.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from analyzer.configset.configurations import Configurations, read_all
from analyzer.configset.dotconfig import DotConfig, parse_dotconfig
from analyzer.configset.lines import LineTable
from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.kconfig.evaluate import Values, evaluate
from analyzer.kconfig.model import KconfigModel
from analyzer.kconfig.recorded import evaluate_recorded
from analyzer.kconfig.render import dotconfig_text
from analyzer.kconfig.toolchain import CLANG, GCC, Toolchain, bundled_toolchain
from analyzer.kconfig.uservalues import UserValues, user_values
from analyzer.tree.source_tree import SourceTree

Loader = Callable[[SourceTree, str, Toolchain, Diagnostics], KconfigModel]
"""What reads the Kconfig files of a tree for an architecture: ``load.load``, or a model kept."""


_CLANG = ("CC_IS_CLANG", "y")


class ProbePolicy(enum.Enum):
    """Who answers a shell probe first."""

    RECORDED = "recorded"
    """What the configuration itself records, then the profile."""
    PROFILE = "profile"
    """The profile alone, as a build with that toolchain would."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """The completed configurations: bit *i* of every mask in ``values`` is ``given[i]``."""

    model: KconfigModel
    given: Configurations
    user: UserValues
    values: Values

    def text(self, index: int) -> str:
        """The complete ``.config`` of configuration ``index``."""
        return dotconfig_text(self.model, self.values, index)

    def completed(self) -> Configurations:
        """The configurations completed, under the names and files they were given as."""
        table = LineTable()
        return Configurations(
            parse_dotconfig(self.text(index), config.file, config.name, table)
            for index, config in enumerate(self.given)
        )


def resolve(model: KconfigModel, configs: Iterable[DotConfig], policy: ProbePolicy) -> Resolution:
    """Compute all values of all configurations."""
    given = Configurations.of(configs)
    user = user_values(model, given)
    if policy is ProbePolicy.RECORDED:
        values = evaluate_recorded(model, user, given)
    else:
        values = evaluate(model, user)
    return Resolution(model, given, user, values)


def suitable_toolchain(configs: Configurations) -> Toolchain:
    """The bundled profile for configurations: clang's if most record ``CC_IS_CLANG=y``."""
    clang = sum(mask.bit_count() for line, mask in configs.lines() if line[:2] == _CLANG)
    return bundled_toolchain(CLANG if 2 * clang > len(configs) else GCC)


def complete(
    tree: SourceTree,
    arch: str,
    toolchain: Toolchain | None,
    configs: Iterable[DotConfig],
    diagnostics: Diagnostics,
    loader: Loader | None = None,
) -> Resolution:
    """Load the tree and resolve; without a ``toolchain`` what is recorded comes first.

    The report then says which bundled profile answered the rest. ``loader`` gives the model,
    None for reading the files.
    """
    if loader is None:
        # Not at the top: it brings kconfiglib in, which a kept model can do without.
        from analyzer.kconfig.load import load  # noqa: PLC0415

        loader = load
    given = Configurations.of(configs)
    policy = ProbePolicy.PROFILE
    if toolchain is None:
        policy = ProbePolicy.RECORDED
        toolchain = suitable_toolchain(given)
        diagnostics.note(
            "toolchain-bundled",
            "shell probes that a configuration does not record are answered from the bundled "
            f"toolchain profile {toolchain.name}",
        )
    model = loader(tree, arch, toolchain, diagnostics)
    return resolve(model, given, policy)


def resolve_files(
    tree: SourceTree,
    arch: str,
    toolchain: Toolchain | None,
    paths: Sequence[Path],
    output: Path,
    *,
    diagnostics: Diagnostics,
    loader: Loader | None = None,
) -> tuple[Path, ...]:
    """Complete the files ``paths`` and write them, plain text; the paths written.

    ``output`` is a folder, made if it is missing, when there are several files or it
    exists as a folder; the files keep their base names there (without ``.xz`` or
    ``.gz``). Raises :class:`BadInput` when two would get the same
    name or one cannot be written.
    """
    targets = output_paths(paths, output)
    resolution = complete(tree, arch, toolchain, read_all(paths), diagnostics, loader)
    for index, target in enumerate(targets):
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            raw = resolution.text(index).encode("utf-8", "surrogateescape")
            target.write_bytes(raw)
        except OSError as error:
            raise BadInput(f"cannot be written: {error.strerror}", str(target)) from None
    return targets


def output_paths(paths: Sequence[Path], output: Path) -> tuple[Path, ...]:
    """Where each of ``paths`` is written; see :func:`resolve_files`."""
    if len(paths) == 1 and not output.is_dir():
        return (output,)
    names: dict[str, Path] = {}
    for path in paths:
        name = path.name.removesuffix(".xz").removesuffix(".gz")
        if name in names:
            raise BadInput(f"would be written as {name}, like {names[name]}", str(path))
        names[name] = path
    return tuple(output / name for name in names)
