"""``kimpact configs``: which symbols differ between configurations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from analyzer.configset.architecture import require_architecture
from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import DotConfig
from analyzer.configset.folder import config_files, read_configs
from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.paths.result import ConfigInfo, Kernel
from analyzer.pipeline.answers import run_paths
from analyzer.progress import Progress
from analyzer.requests import ConfigsRequest, Inputs, PathsRequest
from analyzer.tree.source_tree import DirectoryTree, architectures

if TYPE_CHECKING:
    from analyzer.contrast.result import ConfigsResult
    from analyzer.kconfig.model import KconfigModel

_PREFIX = "CONFIG_"


def run_configs(request: ConfigsRequest, progress: Progress) -> ConfigsResult:
    """How configurations differ, as given.

    Raises :class:`BadInput` for input that cannot be used, or a function that is unknown.
    """
    from analyzer.contrast.answer import compare
    from analyzer.contrast.result import ConfigsResult

    if request.function is not None and request.kernel is None:
        raise BadInput("--for needs --kernel, the sources that the function is in")
    diagnostics = Diagnostics()
    tree = None if request.kernel is None else DirectoryTree(request.kernel)
    progress.stage("reading configurations")
    configs = ConfigSet.of(_read(request, tree, progress, diagnostics))
    only = [name.removeprefix(_PREFIX) for name in request.symbols] or None
    model = kernel = None
    if tree is not None:
        model = _model(request, tree, configs, progress, diagnostics)
        kernel = Kernel(model.version, model.arch)
    if request.function is not None and request.kernel is not None:
        wanted = _of_paths(request.function, request.kernel, request, configs, progress)
        only = wanted if only is None else [name for name in only if name in wanted]
    found = compare(configs, only, model, diagnostics)
    return ConfigsResult(
        tuple(map(ConfigInfo, configs.names, configs.files)),
        found.groups,
        found.symbols,
        kernel,
        request.function,
        only is not None,
        tuple(diagnostics),
    )


def _read(
    request: ConfigsRequest,
    tree: DirectoryTree | None,
    progress: Progress,
    diagnostics: Diagnostics,
) -> Iterator[DotConfig]:
    """One configuration after the other; with a kernel, each must be of the architecture."""
    files = config_files(request.configs)
    known = () if tree is None else architectures(tree)
    for number, config in enumerate(read_configs(files, diagnostics), 1):
        if tree is not None:
            require_architecture([config], request.arch, known)
        progress.advance(number, len(files))
        yield config


def _model(
    request: ConfigsRequest,
    tree: DirectoryTree,
    configs: ConfigSet,
    progress: Progress,
    diagnostics: Diagnostics,
) -> KconfigModel:
    from analyzer.cache import ResultCache
    from analyzer.kconfig.toolchain import CLANG, GCC, bundled_toolchain
    from analyzer.pipeline.models import load_model

    progress.stage("reading Kconfig files")
    clang = configs.column("CC_IS_CLANG").y.bit_count() * 2 > len(configs)
    toolchain = bundled_toolchain(CLANG if clang else GCC)
    cache = ResultCache.of_user(request.trouble) if request.cache else None
    return load_model(tree, request.arch, toolchain, diagnostics, cache)


def _of_paths(
    function: str, kernel: Path, request: ConfigsRequest, configs: ConfigSet, progress: Progress
) -> list[str]:
    """The symbols in the conditions of the paths of ``function``, in order of mention."""
    files = tuple(map(Path, configs.files))
    inputs = Inputs(kernel, files, request.arch, cache=request.cache, trouble=request.trouble)
    paths = run_paths(PathsRequest(inputs, (function,)), progress)
    return [name for name, _ in paths.symbols]
