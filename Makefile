# What there is to do in a checkout; everything is set up in .venv on first use.
#
#   make demo          the main job on the miniature kernel in fixtures/
#   make test          all tests (those on real kernels once `make kernels` has run)
#   make test-all      these, and those that take minutes each on a real kernel
#   make lint          style, types and import layers
#   make kernels       fetch the distribution's kernel sources into the cache folder
#   make kernels KERNELS="6.1 7"    ... these instead of 6.12 and the newest 7.x
#   make patches       fetch the patches of its kernel packages, for the tests of patches
#   make differential  compare everything with GCC, make and conf (docs/accuracy.md), hours;
#                      PARTS="edges lines" KERNELS="6.1 7" CASES=defconfig JOBS=2 AGAIN=1
#   make benchmark     the figures of docs/performance.md
#   make comparison  what other tools answer, and at what cost (docs/comparison.md); WORK=DIR
#   make fuzz          the readers under atheris; SECONDS=60 for each, HARNESS="kconfig mail"
#   make mutation      which changes to the program no unit test notices; SAMPLE=40 SEED=1
#                      PACKAGE="configset preprocessor patch"
#   make documents     write what is made from the program: docs/commands, man page, picture
#   make man           show the man page
#   make docs          the documentation as a site, in site/

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
KERNELS ?= 6.12 7
JOBS ?= 2
WORK ?= /tmp/kimpact-comparison
SECONDS ?= 60
HARNESS ?=
SAMPLE ?= 40
SEED ?= 1
PACKAGE ?=
CHECKED = $(addprefix tests/differential/,callers_gcc.py kbuild_reference.py macro_reference.py) \
	$(wildcard $(addprefix tests/differential/,edges_*.py kconfig_*.py slot_*.py))

.DEFAULT_GOAL := help
.PHONY: help venv demo test test-all lint format kernels patches differential benchmark comparison fuzz mutation \
	documents man docs clean

help:
	@sed -n 's/^# \{0,1\}//p' Makefile | sed '/^$$/,$$!d'

venv: $(READY)

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "kimpact needs Python 3.11 or later; name one with make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
		{ echo "python3-venv is missing: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: $(READY)
	@$(BIN)/kimpact demo

test: $(READY)
	$(BIN)/pytest -rfEs --numprocesses auto --dist loadgroup --durations 20

test-all: $(READY)
	$(BIN)/pytest -rfEs -m "slow or not slow" --numprocesses auto --dist loadgroup --durations 20

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	MYPYPATH=tests:tests/differential:tests/benchmarks $(BIN)/mypy --explicit-package-bases \
		tests/kernels tests/benchmarks tests/differential/full \
		tests/document_facts.py tests/invariant.py tests/small_kernels.py $(CHECKED)
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

kernels:
	PYTHONPATH=tests $(PYTHON) -m kernels $(KERNELS)

patches:
	PYTHONPATH=tests $(PYTHON) -m kernels.patches

differential: $(READY)
	PYTHONPATH=tests:tests/differential $(BIN)/python -m full --jobs $(JOBS) --parts "$(PARTS)" \
		--cases "$(CASES)" $(if $(AGAIN),--again) \
		$(if $(filter-out file,$(origin KERNELS)),--kernels "$(KERNELS)")

benchmark: $(READY)
	PYTHONPATH=tests:tests/differential $(BIN)/python tests/benchmarks/bench_run.py

comparison: $(READY)
	PYTHONPATH=tests:tests/benchmarks $(BIN)/python -m compare --work $(WORK) \
		$(if $(PATCH),--patch $(PATCH)) $(if $(COPY),--copy $(COPY))

fuzz: $(READY)
	@$(BIN)/python -c 'import atheris' 2>/dev/null || \
		$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[fuzz]'
	PYTHONPATH=tests:tests/unit $(BIN)/python -m fuzz --seconds $(SECONDS) $(HARNESS)

mutation: $(READY)
	@$(BIN)/python -c 'import cosmic_ray' 2>/dev/null || \
		$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[mutation]'
	PYTHONPATH=tests $(BIN)/python -m mutation --sample $(SAMPLE) --seed $(SEED) $(PACKAGE)

documents: $(READY)
	$(BIN)/python -P -m analyzer.cli.documents .

man: documents
	man -l docs/kimpact.1

docs: documents
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

clean:
	rm -rf $(VENV) site .mypy_cache .ruff_cache .import_linter_cache
