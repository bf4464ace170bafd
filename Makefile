# The one door: `make help` lists what is behind it.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
SOURCES := reconciler tests ml-projects benchmarks

export UV_PROJECT_ENVIRONMENT := .venv
export UV_PYTHON_DOWNLOADS := never
export UV_COMPILE_BYTECODE := 1
export MLFLOW_DISABLE_TELEMETRY := true

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  \033[1m%-14s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: setup ## Train, deploy, roll out and roll back a model on the embedded sandbox
	@$(BIN)/python -m reconciler.sandbox.demo

.PHONY: test
test: setup ## Run every test, the quick ones first
	@$(BIN)/python -m pytest -m "not e2e and not servers"
	@$(BIN)/python -m pytest -m servers -n 2 --dist loadfile
	@$(BIN)/python -m pytest -m e2e -n 3 --dist loadfile --durations 10

.PHONY: test-quick
test-quick: setup ## Run the tests that start nothing: seconds
	@$(BIN)/python -m pytest -m "not e2e and not servers"

.PHONY: lint
lint: setup ## Check style, types, layers, generated files and Terraform's format
	@$(BIN)/ruff format --check $(SOURCES)
	@$(BIN)/ruff check $(SOURCES)
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/reconcile schema | diff manifests/schema.json - || { echo "manifests/schema.json is stale: make fmt"; exit 1; }
	@terraform fmt -check -recursive terraform

.PHONY: fmt
fmt: setup ## Format the code and write generated files anew
	@$(BIN)/ruff format $(SOURCES)
	@$(BIN)/ruff check --fix $(SOURCES)
	@$(BIN)/reconcile schema > manifests/schema.json
	@terraform fmt -recursive terraform

.PHONY: bench
bench: setup ## Measure how long the command line takes to start
	@$(BIN)/python benchmarks/startup.py

.PHONY: sandbox-up
sandbox-up: setup ## Start the embedded sandbox: AWS and MLflow on this machine alone
	@$(BIN)/reconcile sandbox up

.PHONY: sandbox-down
sandbox-down: setup ## Stop the sandbox; what it holds is kept
	@$(BIN)/reconcile sandbox down

.PHONY: setup
setup: $(READY) ## Make the virtual environment and install the pinned dependencies

$(READY): uv.lock pyproject.toml .ci/uv.txt
	@command -v terraform >/dev/null || { echo "Terraform is missing: https://developer.hashicorp.com/terraform/install"; exit 1; }
	@command -v $(PYTHON) >/dev/null || { echo "Python is missing: https://www.python.org/downloads/"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11, 4))' \
	  || { echo "Python 3.11.4 or later is needed: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "setting up .venv (about a minute, once)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .ci/uv.txt
	@$(BIN)/uv sync --quiet --frozen --extra dev
	@touch $(READY)

.PHONY: clean
clean: ## Stop the sandbox and delete everything that was made here, the virtual environment included
	@if [ -x $(BIN)/reconcile ]; then $(BIN)/reconcile sandbox down --wipe; fi
	@rm -rf .venv .sandbox .reconcile .mypy_cache .ruff_cache .import_linter_cache .hypothesis
