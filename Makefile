# Everything a developer types. Needs only Python 3.11+ with its venv module, and make.
# The environment lives in .venv, installed from the lock files; stamps make second runs instant.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 3
OPENAPI := docs/openapi.json

# Not resolved: the locks are complete. Not compiled by pip, which uses one core: see the last rule.
INSTALL := $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-compile --no-deps
LOCKED := $(INSTALL) --no-build-isolation --require-hashes
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate

# The wheel of pyright carries the checker itself; this keeps it from asking for newer ones.
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1
# Containers often forbid bytecode; every process of ours would then compile its libraries again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## Show this list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo '  Options travel in ARGS: make demo ARGS="--once --json"'

.PHONY: setup
setup: $(VENV)/.dev.stamp ## Install everything a developer needs into .venv

.PHONY: demo
demo: $(VENV)/.demo.stamp ## Watch one complete trade on real data, then keep serving
	@$(BIN)/exchange demo $(ARGS)

.PHONY: serve
serve: $(VENV)/.demo.stamp ## Run the exchange
	@$(BIN)/exchange serve $(ARGS)

.PHONY: migrate
migrate: $(VENV)/.demo.stamp ## Bring the database to the newest revision
	@$(BIN)/exchange migrate $(ARGS)

.PHONY: test
test: $(VENV)/.dev.stamp ## Run the tests (ARGS="tests/unit -k money" for some of them)
	@$(BIN)/python -m pytest --quiet --numprocesses $(WORKERS) --dist worksteal $(ARGS)

.PHONY: bench
bench: $(VENV)/.dev.stamp ## Measure what the tests only check
	@for script in tests/benchmarks/[a-z]*.py; do \
		echo "== $$script"; $(BIN)/python "$$script" $(ARGS) || exit 1; \
	done

CHECKS := check-format check-lint check-types check-imports check-packages check-unused check-openapi
.PHONY: check $(CHECKS)
check: $(CHECKS) ## Check format, lint, types, layers, packages, dead code, API (-k: all of them)
check-format: $(VENV)/.dev.stamp
	@$(BIN)/ruff format --check --quiet .
check-lint: $(VENV)/.dev.stamp
	@$(BIN)/ruff check --quiet .
check-types: $(VENV)/.dev.stamp
	@$(BIN)/pyright --project pyproject.toml
check-imports: $(VENV)/.dev.stamp
	@$(BIN)/lint-imports --no-cache
check-packages: $(VENV)/.dev.stamp
	@$(BIN)/deptry .
check-unused: $(VENV)/.dev.stamp
	@$(BIN)/vulture

check-openapi: $(VENV)/.dev.stamp
	@$(BIN)/exchange openapi --check $(OPENAPI)

.PHONY: openapi
openapi: $(VENV)/.dev.stamp ## Write the snapshot of the API that `make check` compares with
	@$(BIN)/exchange openapi > $(OPENAPI)

.PHONY: fix
fix: $(VENV)/.dev.stamp ## Repair what can be repaired mechanically
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format --quiet .

.PHONY: lock
lock: $(VENV)/.dev.stamp ## Write the lock files anew (ARGS=--upgrade takes newer versions)
	@$(LOCK) pyproject.toml --extra demo --extra reports --group dev $(ARGS) -o requirements/dev.txt
# The smaller ones start as copies of the largest, so that all name the same versions.
	@cd requirements && for lock in run demo build; do cp dev.txt $$lock.txt; done
	@$(LOCK) pyproject.toml --group build -o requirements/run.txt
	@$(LOCK) pyproject.toml --extra demo --extra reports --group build -o requirements/demo.txt
	@$(LOCK) --group pyproject.toml:build -o requirements/build.txt

.PHONY: clean
clean: ## Remove the environment, caches and build products; data stays
	@rm -rf $(VENV) build dist .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A demonstration's output may be parsed, so installing speaks on standard error only.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Exchange Market needs Python 3.11 or newer, and '$(PYTHON)' is not." >&2; \
		echo "Name another one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@echo "Creating $(VENV) with $$($(PYTHON) --version)" >&2
	@$(PYTHON) -m venv $(VENV) >&2

$(VENV)/.demo.stamp $(VENV)/.dev.stamp: $(VENV)/.%.stamp: requirements/%.txt requirements/build.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing $$(grep -c '==' $<) locked packages; this takes about a minute, once" >&2
	@$(LOCKED) -r requirements/build.txt >&2
	@$(LOCKED) -r $< >&2
	@$(INSTALL) --no-build-isolation --editable . >&2
	@$(BIN)/python -m compileall -q -j 0 -x '/tests/' $(VENV)/lib >&2 || :
	@touch $(if $(findstring dev,$@),$(VENV)/.demo.stamp) $@
