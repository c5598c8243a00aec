# Forbear. `make help` lists what there is; every target sets up the environment it needs.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The first interpreter that is new enough, unless PYTHON is given.
PYTHON ?= $(shell for each in python3 python3.13 python3.12 python3.11; do \
	"$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$each" && break; done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TOOLS := .venv-deploy
TOOLS_READY := $(TOOLS)/.ready
PEERS_READY := $(VENV)/.peers-ready
PYTEST := $(BIN)/python -m pytest

##@ Use

.PHONY: run
run: $(READY) ## Run Forbear on this machine; Ctrl-C stops it
	@exec $(BIN)/forbear run

.PHONY: demo
demo: $(READY) ## Play weeks of collections and print what happened: make demo [FILE=accounts.csv]
	@exec $(BIN)/forbear demo $(if $(FILE),"$(FILE)")

.PHONY: status
status: $(READY) ## Show what runs
	@$(BIN)/forbear status

.PHONY: stop
stop: $(READY) ## Stop what `make run` started
	@$(BIN)/forbear stop

.PHONY: doctor
doctor: $(READY) ## Check this machine
	@$(BIN)/forbear doctor

.PHONY: backup
backup: $(READY) ## Back everything up: make backup TO=folder
	@$(BIN)/forbear backup "$${TO:?say where: make backup TO=folder}"

.PHONY: restore
restore: $(READY) ## Restore into an empty folder: make restore FROM=backup DATA_DIR=folder
	@$(BIN)/forbear restore "$${FROM:?say from where: make restore FROM=backup DATA_DIR=folder}" \
		--data-dir "$${DATA_DIR:?say into which folder: DATA_DIR=folder}"

.PHONY: oracle
oracle: $(READY) ## Recount everything from the events, independently
	@$(BIN)/forbear oracle

##@ Develop

.PHONY: setup
setup: $(READY) ## Make .venv with exactly what requirements.lock says

.PHONY: fmt
fmt: $(READY) ## Format the code and mend what can be mended
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

.PHONY: fmt-check
fmt-check: $(READY)
	@$(BIN)/ruff format --check .

.PHONY: lint
lint: $(READY) ## Lint
	@$(BIN)/ruff check .

.PHONY: types
types: $(READY) ## Check types
	@$(BIN)/mypy

.PHONY: arch
arch: $(READY) ## Check who imports whom, and tidiness
	@$(BIN)/lint-imports
	@$(PYTEST) -q tests/architecture

.PHONY: schemas
schemas: $(READY) ## Write event schemas, AsyncAPI, OpenAPI, docs/events.md and docs/rules.md
	@$(BIN)/python -m tests.schemas

.PHONY: release-schemas
release-schemas: $(READY) ## Freeze them, once the version of the services was raised
	@$(BIN)/python -m tests.schemas --release

.PHONY: asyncapi
asyncapi: $(READY) ## Read schemas/asyncapi.yaml with the specification's own parser (needs Node)
	@npm install --prefix $(VENV)/node --ignore-scripts --no-audit --no-fund --silent \
		@asyncapi/parser@3.6.3
	@NODE_PATH=$(VENV)/node/node_modules node tests/schemas/parse.cjs schemas/asyncapi.yaml

.PHONY: lock
lock: ## Resolve the dependencies anew (needs uv)
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --upgrade \
		--generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
		--quiet --output-file requirements.lock
	uv pip compile deploy/check-tools.in --universal --python-version 3.11 --upgrade \
		--generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
		--quiet --output-file deploy/check-tools.lock
	uv pip compile tests/bench/peers.in --constraint requirements.lock --universal \
		--python-version 3.11 --upgrade --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links --quiet --output-file tests/bench/peers.lock

##@ Test

.PHONY: check
check: fmt-check lint types arch unit ## Everything fast: under a minute, no server

.PHONY: test
test: fmt-check lint types arch ## Everything that continuous integration runs
	@$(PYTEST) -m "not bench and not matrix"

.PHONY: unit
unit: $(READY) ## Unit tests
	@$(PYTEST) -q tests/unit

.PHONY: contract
contract: $(READY) ## One suite per port, for each of its adapters
	@$(PYTEST) tests/contract

.PHONY: integration
integration: $(READY) ## On a real PostgreSQL, which the tests start
	@$(PYTEST) tests/integration

.PHONY: e2e
e2e: $(READY) ## Scenarios over HTTP
	@$(PYTEST) tests/e2e

.PHONY: kills
kills: $(READY) ## Kill services and PostgreSQL under load, 20 times each: make kills [KILLS=50]
	@FORBEAR_TEST_KILLS=$(or $(KILLS),20) $(PYTEST) tests/e2e/test_nothing_acknowledged_is_lost.py

.PHONY: races
races: $(READY) ## Race for last calls for minutes, at three processes that are killed: make races [ROUNDS=5]
	@FORBEAR_TEST_RACES=long FORBEAR_TEST_RACE_ROUNDS=$(or $(ROUNDS),5) $(PYTEST) tests/races

.PHONY: faults
faults: $(READY) ## Kill, stop and shake a cluster of three brokers for an hour, clients at work
	@FORBEAR_TEST_FAULTS=long $(PYTEST) tests/faults

.PHONY: demo-cluster
demo-cluster: $(READY) ## The demo with Kafka between the services, compared: make demo-cluster [FILE= LIMIT=]
	@$(BIN)/python -m tests.cluster.demo $(if $(FILE),"$(FILE)") $(if $(LIMIT),--limit $(LIMIT))

.PHONY: check-deploy
check-deploy: $(READY) $(TOOLS_READY) ## What is deployed: compose, manifests, image, rules, dashboards
	@CI=true FORBEAR_DEPLOY_TOOLS=$(TOOLS)/bin $(PYTEST) -q tests/deploy

.PHONY: deploy-rules
deploy-rules: $(READY) ## Write the alert rules for the Prometheus operator
	@$(BIN)/python -m tests.deploy.prometheus_rule

.PHONY: faults-matrix
faults-matrix: $(READY) ## Every error that brokers may answer with, request by request
	@$(PYTEST) -m matrix tests/integration/test_kafka_errors.py

.PHONY: sim
sim: $(READY) ## Seeded simulation, 2,000 seeds: make sim COUNT=100, or one: make sim SEED=7
	@$(BIN)/python -m tests.simulation $(if $(SEED),--seed $(SEED),--count $(or $(COUNT),2000))

.PHONY: mutants
mutants: $(READY) ## Plant a bug, again and again, and show the seed that finds it: make mutants [SEEDS=150]
	@$(BIN)/python -m tests.simulation.mutation --seeds $(or $(SEEDS),150)

.PHONY: zones
zones: $(READY) ## Every minute of every clock change of every zone, 2024 to 2037
	@FORBEAR_TEST_ZONES=all $(PYTEST) -q tests/unit/compliance/test_every_zone.py

.PHONY: never-loosens
never-loosens: $(READY) ## Rules and packs added at random: make never-loosens [CASES=100000]
	@CASES=$(or $(CASES),100000) $(PYTEST) -q tests/unit/compliance/test_never_loosens.py

.PHONY: exact
exact: $(READY) ## When contact is permitted next, against brute force: make exact [CASES=20000]
	@CASES=$(or $(CASES),20000) $(PYTEST) -q tests/unit/compliance/test_exact_times.py

.PHONY: replay-proof
replay-proof: $(READY) ## Replay a long history and recount it by hand: make replay-proof [DECISIONS=100000]
	@DECISIONS=$(or $(DECISIONS),100000) $(PYTEST) -q -s tests/replays

.PHONY: bench
bench: $(READY) $(PEERS_READY) ## Measure: make bench [PART=kafka]
	@$(BIN)/python -m tests.bench $(PART)

##@ Tidy

.PHONY: clean
clean: ## Remove the environment and what tools left; never the data in .forbear
	@rm -rf $(VENV) $(TOOLS) .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	@find services shared tests -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help
help: ## Show this
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z0-9-]+:.*## / { printf "  %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo

# The environment is whole when this file is newer than what it was made from. The lock holds a
# hash for every file, the build back end of the editable install included.
$(READY): requirements.lock pyproject.toml
	@if [ -z "$(PYTHON)" ]; then echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3"; exit 1; fi
	@echo "Setting up $(VENV) with $$($(PYTHON) --version) (once; a minute or so)"
	@$(PYTHON) -m venv --clear $(VENV) || { \
		echo "Python's venv module is missing (Debian and Ubuntu: install python3-venv)"; exit 1; }
	@$(BIN)/python -m pip install --disable-pip-version-check --no-input --no-deps \
		--require-hashes --requirement requirements.lock 2>&1 \
		| awk -v all="$$(grep -c '==' requirements.lock)" ' \
			/^Collecting/ { n++; if (n % 10 == 0) { printf "  %d of %d packages\n", n, all; fflush() } } \
			/^Installing/ { print "  installing"; fflush() } \
			/^ERROR|^error/ { print; fflush() }'
	@$(BIN)/python -m pip install --disable-pip-version-check --no-input --quiet --no-deps \
		--no-build-isolation --editable .
	@touch $@
	@echo "Ready: $(BIN)/forbear"

# What `make bench` measures against; where a wheel is missing it says "not measured".
$(PEERS_READY): tests/bench/peers.lock | $(READY)
	@$(BIN)/python -m pip install --disable-pip-version-check --no-input --quiet --no-deps \
		--only-binary :all: --require-hashes --requirement $< || \
		echo "Some of what is measured against cannot be had here: it is left out"
	@touch $@

# Schemas and linters that only `make check-deploy` asks; far larger than what they check.
$(TOOLS_READY): deploy/check-tools.lock | $(READY)
	@echo "Setting up $(TOOLS) (once)"
	@$(PYTHON) -m venv --clear $(TOOLS)
	@$(TOOLS)/bin/python -m pip install --disable-pip-version-check --no-input --quiet --no-deps \
		--require-hashes --requirement deploy/check-tools.lock
	@touch $@
