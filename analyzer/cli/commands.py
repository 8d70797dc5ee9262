"""Each command: from parsed options to a request, from a result to text on stdout.

The pipeline and the renderers are imported when a command runs, not before.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TextIO

from analyzer.cli import demo
from analyzer.cli.about import run_completions, run_doctor_command
from analyzer.cli.configurations import configs_given
from analyzer.cli.exit_status import ExitStatus
from analyzer.cli.formats import show_graph, show_no_review, show_review
from analyzer.cli.keeping import run_cache, tell_trouble
from analyzer.cli.options import GRAPHS
from analyzer.cli.progress import TerminalProgress
from analyzer.cli.serving import run_mcp
from analyzer.cli.sweeping import run_sweep
from analyzer.errors import BadInput, CoverLetterOnly, InternalError

if TYPE_CHECKING:
    from analyzer.paths.result import PathsResult
    from analyzer.requests import Inputs


def run(options: argparse.Namespace, stdout: TextIO, stderr: TextIO) -> ExitStatus:
    """Run the command that ``options`` name.

    Raises :class:`analyzer.errors.BadInput` for input that cannot be used.
    """
    from analyzer.cache.places import CacheTrouble

    commands: dict[str, Callable[[argparse.Namespace, TextIO, TextIO], ExitStatus]] = {
        "paths": _paths,
        "callers": _callers,
        "slots": _slots,
        "matrix": _matrix,
        "review": _review,
        "check": _check,
        "explain": _explain,
        "configs": _configs,
        "callgraph": _callgraph,
        "resolve": _resolve,
        "toolchain": _toolchain,
        "cache": _cache,
        "sweep": run_sweep,
        "mcp": run_mcp,
        "doctor": run_doctor_command,
        "completions": run_completions,
        "demo": _demo,
    }
    options.trouble = trouble = CacheTrouble()
    try:
        return commands[options.command](options, stdout, stderr)
    finally:
        tell_trouble(trouble, stderr)


def _paths(options: argparse.Namespace, stdout: TextIO, stderr: TextIO) -> ExitStatus:
    from analyzer.pipeline import run_paths
    from analyzer.requests import PathsRequest

    request = PathsRequest(
        _inputs(options, stderr),
        tuple(options.functions),
        options.to,
        options.depth,
        options.show_all,
        options.object,
        tuple(dict.fromkeys(options.platforms)),
    )
    with TerminalProgress(stderr) as progress:
        result = run_paths(request, progress)
    _show(result, options, stdout)
    return ExitStatus.DONE


def _callers(options: argparse.Namespace, stdout: TextIO, stderr: TextIO) -> ExitStatus:
    from analyzer.pipeline import run_callers
    from analyzer.requests import CallersRequest

    request = CallersRequest(
        _inputs(options, stderr), tuple(options.functions), options.depth, options.show_all
    )
    with TerminalProgress(stderr) as progress:
        result = run_callers(request, progress)
    if options.format == "json":
        from analyzer.report.json import callers_json

        stdout.write(callers_json(result))
    elif options.format == "html":
        from analyzer.report.pages import callers_page

        stdout.write(callers_page(result))
    else:
        from analyzer.report.callers import print_callers

        print_callers(result, stdout, ascii_only=options.ascii_only)
    return ExitStatus.DONE


def _slots(options: argparse.Namespace, stdout: TextIO, stderr: TextIO) -> ExitStatus:
    from analyzer.pipeline import run_slots
    from analyzer.requests import SlotsRequest

    platforms = tuple(dict.fromkeys(options.platforms))
    request = SlotsRequest(_inputs(options, stderr), tuple(options.slots), platforms)
    with TerminalProgress(stderr) as progress:
        result = run_slots(request, progress)
    if options.format == "json":
        from analyzer.report.json import slots_json

        stdout.write(slots_json(result))
    elif options.format == "html":
        from analyzer.report.pages import slots_page

        stdout.write(slots_page(result))
    elif options.format in GRAPHS:
        from analyzer.report.graph import slots_drawing

        show_graph(slots_drawing(result), options.format, stdout)
    else:
        from analyzer.report.slots import print_slots

        print_slots(result, stdout, ascii_only=options.ascii_only)
    return ExitStatus.DONE


def _matrix(options: argparse.Namespace, stdout: TextIO, stderr: TextIO) -> ExitStatus:
    from analyzer.pipeline import run_matrix
    from analyzer.requests import MatrixRequest

    if len(options.configs) + len(options.config_dirs) > 1 or options.config_dirs:
        raise BadInput("one base configuration is needed, or none for the tree's default")
    inputs = _inputs(options, stderr) if options.configs else _inputs_without(options)
    request = MatrixRequest(
        inputs,
        tuple(options.functions),
        tuple(dict.fromkeys(options.vary)),
        options.write_configs,
        options.object,
        tuple(dict.fromkeys(options.platforms)),
    )
    with TerminalProgress(stderr) as progress:
        result = run_matrix(request, progress)
    if options.format == "json":
        from analyzer.report.json_matrix import matrix_json

        stdout.write(matrix_json(result))
    elif options.format == "html":
        from analyzer.report.pages import matrix_page

        stdout.write(matrix_page(result))
    else:
        from analyzer.report.matrix import print_matrix

        print_matrix(result, stdout, ascii_only=options.ascii_only)
    return ExitStatus.DONE


def _review(options: argparse.Namespace, stdout: TextIO, stderr: TextIO) -> ExitStatus:
    from analyzer.impact.findings import Gate, failing, findings
    from analyzer.pipeline import run_review
    from analyzer.requests import Changes, ReviewRequest

    if bool(options.patches) == (options.range is not None):
        raise BadInput(
            "name patches ('-' for standard input) or a --range, one of the two"
            + _taken_for_config(options)
        )
    if "policy" in options.gates and options.policy is None:
        raise BadInput("--fail-on policy needs rules: --policy FILE")
    request = ReviewRequest(
        _inputs(options, stderr),
        Changes(tuple(options.patches), options.range),
        tuple(dict.fromkeys(options.roots)),
        options.only_given,
        options.object,
        tuple(dict.fromkeys(options.platforms)),
        options.policy,
    )
    try:
        with TerminalProgress(stderr) as progress:
            result = run_review(request, progress)
    except CoverLetterOnly:
        if options.format != "b4":
            raise
        # b4 hands over the cover letter of a series alone: there is nothing to say of it.
        show_no_review(stdout)
        return ExitStatus.DONE
    show_review(result, options.format, stdout, ascii_only=options.ascii_only)
    gates = [Gate(name) for name in options.gates]
    return ExitStatus.FINDING if failing(findings(result), gates) else ExitStatus.DONE


_PATCHES = (".patch", ".diff", ".mbox", ".mbx", ".eml")


def _taken_for_config(options: argparse.Namespace) -> str:
    """A hint where a patch stands behind ``--config``, which takes all that follows it."""
    taken = [path for path in options.configs if path.suffix in _PATCHES]
    return f"; {taken[0]} was taken for a configuration: patches stand first" if taken else ""


def _check(options: argparse.Namespace, stdout: TextIO, stderr: TextIO) -> ExitStatus:
    from analyzer.pipeline import run_check
    from analyzer.requests import Changes, CheckRequest

    request = CheckRequest(
        _inputs(options, stderr),
        options.policy,
        Changes(tuple(options.patches), options.range),
        tuple(dict.fromkeys(options.platforms)),
    )
    with TerminalProgress(stderr) as progress:
        result = run_check(request, progress)
    if options.format == "json":
        from analyzer.report.json_check import check_json

        stdout.write(check_json(result))
    elif options.format == "html":
        from analyzer.report.pages import check_page

        stdout.write(check_page(result))
    else:
        from analyzer.report.check import print_check

        print_check(result, stdout, ascii_only=options.ascii_only)
    return ExitStatus.DONE if result.kept else ExitStatus.FINDING


def _explain(options: argparse.Namespace, stdout: TextIO, stderr: TextIO) -> ExitStatus:
    from analyzer.pipeline import run_explain
    from analyzer.requests import ExplainRequest

    request = ExplainRequest(
        _tree_inputs(options, stderr),
        tuple(options.symbols),
        options.depth,
        options.show_all,
        options.want,
    )
    with TerminalProgress(stderr) as progress:
        result = run_explain(request, progress)
    if options.format == "json":
        from analyzer.report.json_explain import explain_json

        stdout.write(explain_json(result))
    elif options.format == "html":
        from analyzer.report.pages import explain_page

        stdout.write(explain_page(result))
    else:
        from analyzer.report.explain import print_explain

        print_explain(result, stdout, ascii_only=options.ascii_only)
    return ExitStatus.DONE


def _configs(options: argparse.Namespace, stdout: TextIO, stderr: TextIO) -> ExitStatus:
    from analyzer.pipeline import run_configs
    from analyzer.requests import ConfigsRequest

    names = [name for given in options.symbols for name in given.split(",") if name]
    request = ConfigsRequest(
        tuple(options.configs),
        tuple(names),
        options.function,
        options.kernel,
        options.arch,
        not options.no_cache,
        options.trouble,
    )
    with TerminalProgress(stderr) as progress:
        result = run_configs(request, progress)
    if options.format == "json":
        from analyzer.report.json_configs import configs_json

        stdout.write(configs_json(result))
    elif options.format == "html":
        from analyzer.report.pages import configs_page

        stdout.write(configs_page(result))
    else:
        from analyzer.report.configs import print_configs

        print_configs(result, stdout, ascii_only=options.ascii_only, show_all=options.show_all)
    return ExitStatus.DONE


def _callgraph(options: argparse.Namespace, stdout: TextIO, stderr: TextIO) -> ExitStatus:
    from analyzer.pipeline import run_callgraph
    from analyzer.report.json import callgraph_json
    from analyzer.requests import CallgraphRequest

    request = CallgraphRequest(
        _inputs(options, stderr), tuple(options.files), options.contract_macros
    )
    with TerminalProgress(stderr) as progress:
        result = run_callgraph(request, progress)
    stdout.write(callgraph_json(result.configs, result.units, result.diagnostics))
    return ExitStatus.DONE


def _resolve(options: argparse.Namespace, stdout: TextIO, stderr: TextIO) -> ExitStatus:
    from analyzer.pipeline import run_resolve
    from analyzer.report.remarks import print_remarks
    from analyzer.requests import Inputs, ResolveRequest

    inputs = Inputs(
        options.kernel,
        configs_given(options, stderr),
        options.arch,
        toolchain=options.toolchain,
        jobs=options.jobs,
        cache=not options.no_cache,
        trouble=options.trouble,
    )
    with TerminalProgress(stderr) as progress:
        result = run_resolve(ResolveRequest(inputs, options.output), progress)
    print_remarks(result.diagnostics, stderr)
    for path in result.written:
        stdout.write(f"{path}\n")
    return ExitStatus.DONE


def _toolchain(options: argparse.Namespace, stdout: TextIO, stderr: TextIO) -> ExitStatus:
    from analyzer.pipeline import run_record
    from analyzer.report.remarks import print_remarks
    from analyzer.requests import RecordRequest

    if not options.run_tree_scripts:
        raise BadInput(
            "recording runs scripts of the tree and commands in its Kconfig files; "
            "--run-tree-scripts allows it"
        )
    named = dict(options.tools)
    named |= {k: v for k, v in (("CC", options.cc), ("LD", options.ld)) if v is not None}
    request = RecordRequest(options.kernel, options.arch, named, options.llvm)
    with TerminalProgress(stderr) as progress:
        result = run_record(request, progress)
    print_remarks(result.diagnostics, stderr)
    if options.output is None:
        stdout.write(result.text)
        return ExitStatus.DONE
    try:
        options.output.write_text(result.text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"cannot be written: {error.strerror}", str(options.output)) from None
    stdout.write(f"{options.output}\n")
    return ExitStatus.DONE


def _cache(options: argparse.Namespace, stdout: TextIO, _: TextIO) -> ExitStatus:
    return run_cache(options, stdout)


def _demo(options: argparse.Namespace, stdout: TextIO, stderr: TextIO) -> ExitStatus:
    from analyzer.pipeline import run_paths
    from analyzer.requests import Inputs, PathsRequest

    folder = demo.fixtures()
    inputs = Inputs(folder / "minikernel", demo.configs(folder), cache=False)
    asked = demo.question(folder)
    request = PathsRequest(inputs, (asked.function,), asked.to)
    with TerminalProgress(stderr) as progress:
        result = run_paths(request, progress)
    if options.format == "tree":
        stdout.write(
            f"$ kimpact paths {asked.function} --to {asked.to}"
            " --kernel fixtures/minikernel --config fixtures/configs/*.config\n\n"
        )
    _show(result, options, stdout)
    return ExitStatus.DONE


def _show(result: PathsResult, options: argparse.Namespace, stdout: TextIO) -> None:
    if options.format == "json":
        from analyzer.report.json import paths_json

        stdout.write(paths_json(result))
    elif options.format == "html":
        from analyzer.report.pages import paths_page

        stdout.write(paths_page(result))
    elif options.format in GRAPHS:
        from analyzer.report.graph import paths_drawing

        show_graph(paths_drawing(result), options.format, stdout)
    elif options.format == "tree":
        from analyzer.report.tree import print_paths

        print_paths(result, stdout, ascii_only=options.ascii_only)
    else:
        raise InternalError(f"no renderer for {options.format}")


def _inputs(options: argparse.Namespace, stderr: TextIO) -> Inputs:
    return replace(_inputs_without(options), configs=configs_given(options, stderr))


def _inputs_without(options: argparse.Namespace) -> Inputs:
    """What is given but for configurations."""
    from analyzer.requests import Inputs

    return Inputs(
        kernel=options.kernel,
        configs=(),
        arch=options.arch,
        objtree=options.objtree,
        resolve=options.resolve,
        toolchain=options.toolchain,
        jobs=options.jobs,
        cache=not options.no_cache,
        trouble=options.trouble,
        knowledge=tuple(options.knowledge),
    )


def _tree_inputs(options: argparse.Namespace, stderr: TextIO) -> Inputs:
    from analyzer.requests import Inputs

    return Inputs(
        kernel=options.kernel,
        configs=configs_given(options, stderr),
        arch=options.arch,
        resolve=options.resolve,
        toolchain=options.toolchain,
        jobs=options.jobs,
        cache=not options.no_cache,
        trouble=options.trouble,
    )
