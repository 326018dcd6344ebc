# Two commands matter: `make sandbox` and `make test`. Both install whatever is missing first.

.DEFAULT_GOAL := help
.PHONY: help sandbox test lint types unit rows test-long ui-test pictures bench format hubspot-definitions stage pins setup setup-tests clean

# The first Python that is new enough; `make PYTHON=/path/to/python3 ...` chooses another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
ifeq ($(strip $(PYTHON)),)
$(error Python 3.11 or newer is needed: install it, or name it with `make PYTHON=/path/to/python3`)
endif
VENV_PYTHON := .venv/bin/python
RULES := backend/tests/unit backend/tests/house backend/tests/contract tools
# Tests that start a browser, or all processes of the sandbox: `make test` runs them, `make rows` does not.
STACKS := --ignore=sandbox/host --ignore=sandbox/tests/test_command.py
COMPILE := .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url \
	--annotation-style line --custom-compile-command "make pins"

help: ## show this list
	@echo "make sandbox runs everything on this machine; make test runs every check."
	@echo "T=path narrows test and unit to some Python tests (make unit T=backend/tests/unit)."
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-19s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

sandbox: setup ## start HubSpot, SMSFactor, database and backend on 127.0.0.1 (ARGS="--port 5000")
	@$(VENV_PYTHON) -m sandbox $(ARGS)

test: setup-tests ## every linter, type check and test
	@$(VENV_PYTHON) -m tools.check $(if $(T),pytest $(T))

lint: setup ## linters and formats, Python and TypeScript
	@$(VENV_PYTHON) -m tools.check lint

types: setup ## type checks, Python and TypeScript
	@$(VENV_PYTHON) -m tools.check types

unit: setup ## Python tests of rules, house and contracts: no database, no browser
	@$(VENV_PYTHON) -m pytest -n 2 --dist worksteal $(or $(T),$(RULES))

rows: setup ## Python tests on PostgreSQL and the simulators: no browser
	@$(VENV_PYTHON) -m pytest -n 2 --dist worksteal $(or $(T),backend/tests/integration sandbox $(STACKS))

test-long: setup-tests ## slow tests (storms, big tables), which no other command runs
	@$(VENV_PYTHON) -m pytest -n 2 --dist worksteal -m long $(T)

ui-test: setup-tests ## journeys in headless Chromium
	@$(VENV_PYTHON) -m pytest -n 2 $(or $(T),ui-tests)

pictures: setup-tests ## pictures of the composer in all states, sizes and languages, to look at
	@$(VENV_PYTHON) -m pytest -q ui-tests/shots/composer.py

bench: setup ## print measured ratios and their budgets (T=card narrows)
	@PYTHONPATH=backend $(VENV_PYTHON) -m backend.bench $(T)

format: setup ## rewrite Python files in the project's format
	@$(VENV_PYTHON) -m ruff format .
	@$(VENV_PYTHON) -m ruff check --fix-only --quiet .

hubspot-definitions: setup ## write HubSpot's workflow actions and events from hubspot-project/definitions
	@PYTHONPATH=backend $(VENV_PYTHON) -m tools.definitions

stage: ## copy the HubSpot project for an upload, with the first of HUBSPOT_URL_SEGMENTS (ARGS="--out folder")
	@$(PYTHON) -m tools.stage $(ARGS)

pins: setup ## recompile requirements*.txt with the newest versions (*.in give the reasons)
	@$(COMPILE) --upgrade backend/requirements.in -o requirements.txt
	@$(COMPILE) --upgrade requirements-dev.in -o requirements-dev.txt

setup: ## only install what is missing
	@$(PYTHON) -m tools.setup

setup-tests: ## install what is missing, Chromium included
	@$(PYTHON) -m tools.setup --tests

clean: ## remove everything that these commands installed or wrote
	rm -rf .venv .sandbox .pytest_cache .mypy_cache .ruff_cache .hypothesis test-results
	find . -type d \( -name node_modules -o -name __pycache__ \) -prune -exec rm -rf {} +
