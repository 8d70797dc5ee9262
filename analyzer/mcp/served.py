"""What a server was given on its command line, and nothing else that it may read.

The rule: a tool can name a kernel tree that was given, a configuration that was given, one
inside a folder of configurations that was given, or one inside a given tree. Symbolic links are
followed before the rule is applied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analyzer.errors import BadInput
from analyzer.requests import Inputs


@dataclass(frozen=True, slots=True)
class Served:
    """The command line of a server: every path absolute and without symbolic links.

    ``configs`` are what a tool gets that names none, with what lies in ``config_dirs``; the
    other fields are as in :class:`analyzer.requests.Inputs`.
    """

    kernels: tuple[Path, ...]
    configs: tuple[Path, ...]
    config_dirs: tuple[Path, ...]
    policies: tuple[Path, ...]
    inputs: Inputs

    def inputs_for(self, kernel: str | None, configs: Sequence[str]) -> Inputs:
        """The inputs of a question about the tree and configurations that a tool names.

        Raises :class:`BadInput` for a name outside what was given, and where there is no
        configuration at all.
        """
        tree = self.kernel(kernel)
        chosen = tuple(self.config(name) for name in configs) or self.configs
        if not chosen:
            raise BadInput("a configuration is needed: name one in 'configs'")
        return self._inputs(tree, chosen)

    def base_inputs(self, kernel: str | None, config: str | None) -> Inputs:
        """The inputs with one configuration: the one named, else the only one given, else none.

        Raises :class:`BadInput` for a name outside what was given.
        """
        if config is not None:
            return self._inputs(self.kernel(kernel), (self.config(config),))
        alone = self.configs if len(self.configs) == 1 else ()
        return self._inputs(self.kernel(kernel), alone)

    def kernel(self, name: str | None) -> Path:
        """The tree called ``name`` (its folder's name, or its path), None for the first."""
        if name is None:
            return self.kernels[0]
        for tree in self.kernels:
            if name in (tree.name, str(tree)):
                return tree
        known = ", ".join(tree.name for tree in self.kernels)
        raise BadInput(f"this server has no kernel called {name} (it has: {known})")

    def config(self, name: str) -> Path:
        """The configuration that ``name`` means: a path, or a name inside a given folder."""
        return self._inside(name, self.configs, (*self.config_dirs, *self.kernels), "configuration")

    def policy(self, name: str | None) -> Path:
        """The policy called ``name``, None for the first; raises :class:`BadInput`."""
        if not self.policies:
            raise BadInput("this server was given no --policy")
        return self.policies[0] if name is None else self._inside(name, self.policies, (), "policy")

    def _inputs(self, kernel: Path, configs: tuple[Path, ...]) -> Inputs:
        known = self.inputs
        return Inputs(
            kernel,
            configs,
            known.arch,
            objtree=known.objtree,
            resolve=known.resolve,
            toolchain=known.toolchain,
            jobs=known.jobs,
            cache=known.cache,
            knowledge=known.knowledge,
        )

    def _inside(self, name: str, files: Sequence[Path], folders: Sequence[Path], what: str) -> Path:
        for file in files:
            if name in (file.name, str(file)):
                return file
        if "\0" in name:
            raise BadInput(f"no {what} of this server")
        for folder in folders:
            path = (folder / name).resolve()
            if path.is_relative_to(folder) and path.is_file():
                return path
        raise BadInput(f"no {what} of this server: it reads what its command line names", name)


def resolved(path: Path, *, folder: bool = False) -> Path:
    """``path`` as it is compared with what tools name; raises :class:`BadInput` if missing."""
    found = path.resolve()
    if not found.exists():
        raise BadInput("no such directory" if folder else "no such file", str(path))
    if found.is_dir() != folder:
        raise BadInput("not a directory" if folder else "not a file", str(path))
    return found
