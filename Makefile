# Every target does the set-up that it needs; `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
# processes start by the hundred: compiled modules are kept, whatever the machine is set to
export PYTHONDONTWRITEBYTECODE :=

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
ARGS ?=
WORKERS ?= 3

.PHONY: help setup postgresql run test test-long test-fast check static fmt lint types layers dependencies \
	bench accuracy rules-accuracy fuzz soak endurance simulate docs asyncapi golden smoke audit deploy-check clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## make the private environment .venv, find or install LibreOffice (once, then instant)

$(READY): pyproject.toml constraints.txt tools/environment.sh tools/office.sh
	@tools/environment.sh $(VENV)
	@tools/office.sh || echo "going on without: files that need it are refused as needs_extra"
	@touch $@

postgresql: ## find the system's PostgreSQL, or install it where that is allowed
	@tools/postgresql.sh

run: $(READY) ## start everything, drop the example reports into inbox/, show what happens to each
	@exec $(BIN)/gouji up --examples $(ARGS)

test: $(READY) ## run the whole suite, WORKERS tests at a time (finds or installs PostgreSQL, starts a private cluster)
	@tools/postgresql.sh
	@tools/office.sh
	@tools/fonts.sh
	@tools/prometheus.sh
	@exec $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not long" $(ARGS)

test-long: $(READY) ## the tests that `make test` leaves out because each takes long
	@tools/postgresql.sh
	@tools/office.sh
	@tools/prometheus.sh
	@tools/chromium.sh
	@exec $(BIN)/python -m pytest -m long $(ARGS)

test-fast: $(READY) ## run the suite without the tests that start servers
	@exec $(BIN)/python -m pytest -n $(WORKERS) -m "not system and not long" $(ARGS)

check: static deploy-check test ## everything that must hold before a commit

static: $(READY) ## format, lint, types, import layers, dependencies
	@$(MAKE) --no-print-directory lint types layers dependencies

fmt: $(READY) ## format the sources and apply safe fixes
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

lint: $(READY) ## formatting and lint rules
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

types: $(READY) ## static types (mypy, strict)
	@$(BIN)/mypy

layers: $(READY) ## who may import whom
	@$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports

dependencies: $(READY) ## dependencies that are missing or no longer used
	@$(BIN)/deptry services shared

bench: $(READY) ## measure all speeds beside others, write docs/benchmarks.md with its plot (an hour; ARGS=--small minutes)
	@tools/postgresql.sh
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[bench]'
	@exec $(BIN)/python -m benchmarks.bench $(ARGS)

accuracy: $(READY) ## read a made-up corpus in every format, print how right it was; fails below the bars
	@$(BIN)/python -m benchmarks.formats $(ARGS)

rules-accuracy: $(READY) ## precision and recall of every rule over made-up reports; fails below the bars
	@$(BIN)/python -m benchmarks.rules $(ARGS)

fuzz: $(READY) ## search for inputs that break a promise (TARGET=..., SECONDS=60); see tests/fuzz/README.md
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt atheris
	@exec $(BIN)/python -m tests.fuzz.run $(TARGET) --seconds $(or $(SECONDS),60) --folder $(or $(FOLDER),.fuzz)

soak: $(READY) ## a million small events through the line: slopes of memory, files and latency (about an hour)
	@exec $(BIN)/python -m benchmarks.soak $(ARGS)

endurance: $(READY) ## drop files while everything fails, then balance the books (docs/endurance.md; minutes to an hour)
	@exec $(BIN)/python -m tests.endurance $(if $(FAULTS),--faults $(FAULTS)) $(if $(FILES),--files $(FILES)) \
		$(if $(SECONDS),--seconds $(SECONDS)) $(if $(TIMES),--times $(TIMES)) $(if $(SEED),--seed $(SEED)) \
		$(if $(DATABASE),--database $(DATABASE)) $(ARGS)

simulate: $(READY) ## the line in virtual time under seeded faults: SEEDS=10000 many, SEED=4711 one with its trace
	@exec $(BIN)/python -m tests.simulation $(if $(SEED),--seed $(SEED),--seeds $(or $(SEEDS),10000)) $(ARGS)

docs: $(READY) ## regenerate what follows from data: docs/events.md, docs/rules.md, docs/metrics.md, JSON Schemas, the dashboard
	@$(BIN)/python -m tools.event_page
	@$(BIN)/python -m tools.metrics_page
	@$(BIN)/python -m tools.dashboard
	@$(BIN)/python -c 'from services.validate.core.handbook import render; print(render(), end="")' >docs/.rules.md
	@mv docs/.rules.md docs/rules.md

asyncapi: $(READY) ## describe every service's channels and messages as AsyncAPI, into docs/asyncapi/
	@$(BIN)/python -m tools.asyncapi docs/asyncapi

golden: docs ## rewrite every snapshot the tests compare with; read the difference before committing
	@GOUJI_GOLDEN=rewrite $(BIN)/python -m pytest -q tests/golden

smoke: $(READY) ## build the wheel, install it into a fresh environment, check one report from elsewhere
	@tools/smoke.sh $(BIN)/python

audit: $(READY) ## ask the public list of vulnerabilities about every pinned version (needs the internet)
	@tools/audit.sh $(BIN)/python

deploy-check: $(READY) ## lint and validate every file of deploy/ offline (containers, Kubernetes, systemd)
	@$(BIN)/python -m tools.deploy_check

clean: ## remove caches and build products; data/, inbox/ and .venv stay
	@rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage*
	@find services shared tests benchmarks tools -name __pycache__ -type d -prune -exec rm -rf {} +
