# One command for each thing that CI does. `make` alone lists them.
SHELL       := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS   += --no-builtin-rules

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   ?= .venv
BIN    := $(VENV)/bin
LOCKS  := requirements/build.txt requirements/dev.txt
LOCKED := $(shell cat $(LOCKS) | sha256sum | cut -c1-16)
# What is installed is said by the name of an empty file: the same locks, nothing to do.
STAMP    := $(VENV)/.locked-$(LOCKED)
EDITABLE := $(VENV)/.editable
PIP      := $(BIN)/python -m pip --disable-pip-version-check --quiet

##@ Use
.PHONY: venv demo epa bench sites law
venv: $(STAMP) $(EDITABLE) ## the locked environment in .venv, made once for each lock
	@# What pip does for an installed package: otherwise PYTHONDONTWRITEBYTECODE makes each start compile each module.
	$(BIN)/python -m compileall -q compliance_engine

$(STAMP): | $(LOCKS)
	[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes --requirement requirements/build.txt
	@# durable-rules has no wheels: it is built with the locked setuptools, and on 3.13 needs a name that CPython dropped.
	CPPFLAGS="$${CPPFLAGS:-} -DPyEval_CallObject=PyObject_CallObject" \
	  $(PIP) install --no-build-isolation --require-hashes --requirement requirements/dev.txt
	rm -f $(VENV)/.locked-* && touch $@

$(EDITABLE): pyproject.toml $(STAMP)
	$(PIP) install --no-index --no-build-isolation --no-deps --editable .
	touch $@

demo: venv ## evaluate the sample sites: the first thing to try
	$(BIN)/compliance demo

law: cases ## check the shipped rulesets, run their cases, and say what these exercise
	$(BIN)/compliance rules coverage --fail-under 90 rulesets

epa: venv ## judge public discharge data and compare with the regulator's own flags
	$(BIN)/python bench/epa.py

bench: venv ## measure speed and memory on generated data
	$(BIN)/python bench/run.py

sites: venv ## measure the sample sites against all shipped law
	$(BIN)/python bench/sites.py

##@ Develop
.PHONY: check cases test slow versions lint types layers docs docs-check format wheel lock clean help
check: lint types layers docs-check test cases ## everything that CI runs

cases: venv ## check the shipped rulesets and run their cases
	$(BIN)/compliance rules check rulesets
	$(BIN)/compliance rules test rulesets

test: venv ## the tests, without those marked slow
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow"

slow: venv ## the tests marked slow
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m slow

versions: ## the tests on every supported Python that is installed, each in .venv-VERSION
	for version in 3.11 3.12 3.13; do \
	  if python$$version --version >/dev/null 2>&1; then \
	    $(MAKE) test PYTHON=python$$version VENV=.venv-$$version; \
	  else echo "python$$version: not installed" >&2; fi; \
	done

lint: venv ## ruff: style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: venv ## rewrite the Python files in the project's format
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

types: venv ## mypy, strict for the package
	$(BIN)/mypy

layers: venv ## import-linter: imports go downward only
	$(BIN)/lint-imports --no-cache

docs: venv ## write the generated pages again
	$(BIN)/python docs/generate.py

docs-check: venv ## fail if a generated page is out of date
	$(BIN)/python docs/generate.py --check

wheel: venv ## the wheel, with the shipped law inside, in dist/
	$(BIN)/python -m build --wheel --no-isolation --outdir dist

lock: ## write requirements/*.txt again (needs uv and the network)
	requirements/lock

clean: ## remove what was built, not .venv
	rm -rf build dist out .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -not -path './.venv*' -prune -exec rm -rf {} +

help:
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {print "\n" substr($$0, 5)} /^[a-z-]+:.*## / {printf "  %-11s %s\n", $$1, $$2}' Makefile
