# Two commands matter: `make serve` and `make test`. Each installs what it needs, from locked versions.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin

# The tests to run, and in how many processes: `make test TESTS=tests/audit PARALLEL=`
TESTS ?=
PARALLEL ?= --numprocesses=auto --maxprocesses=8 --dist=worksteal

# Compiling every module again at each start takes most of a short program's time.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: serve test web check bench bench-scale clean lock lock-check help

help: ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/'

serve: $(VENV)/.serve web ## start the service on http://127.0.0.1:8000
	@$(BIN)/c360 serve

test: $(VENV)/.dev web ## run all tests
	$(BIN)/python -m pytest $(PARALLEL) $(TESTS)

check: $(VENV)/.dev ## linters, types, layers, migrations, SDL, locks, insecure code, vulnerable packages
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit --quiet --recursive . --configfile pyproject.toml
	$(BIN)/c360 schema --check
	$(BIN)/python requirements/audit.py

web: $(VENV)/.serve ## build the GraphiQL page
	@$(BIN)/python -m web.build

bench: $(VENV)/.dev ## measure against other servers; see benchmarks/README.md
	$(BIN)/python -m benchmarks

bench-scale: $(VENV)/.dev ## measure how cost grows, and the start; see benchmarks/README.md
	$(BIN)/python -m benchmarks.scale

lock: $(VENV)/.dev ## lock the versions in pyproject.toml anew
	$(BIN)/python requirements/lock.py

lock-check: $(VENV)/.dev
	$(BIN)/python requirements/lock.py --check

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "customer360 needs Python 3.11: $(PYTHON) is not on the PATH"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.serve: requirements/serve.lock pyproject.toml | $(VENV)/bin/python
	@echo "installing customer360 ..."
	@$(BIN)/pip install -qq --disable-pip-version-check --require-hashes -r requirements/serve.lock
	@$(BIN)/pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --no-index --config-settings editable_mode=compat --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.lock $(VENV)/.serve
	@echo "installing the development tools ..."
	@$(BIN)/pip install -qq --disable-pip-version-check --require-hashes -r requirements/dev.lock
	@touch $@
