# Every target makes the environment it needs; a second run reuses it.
SHELL := /bin/bash
PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3,$(shell command -v $(name))))
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEMO_ROOT := demo-data
INSTALLED := build/installed

.PHONY: help demo test test-installed check format docs clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

$(STAMP): setup.cfg pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the environment (several GB the first time, about 5 minutes) …"
	@$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $(STAMP)

demo: $(STAMP)  ## run the whole job on two packaged public-domain portraits
	@PATH="$$PWD/$(BIN):$$PATH" bash docs/demo.sh $(DEMO_ROOT)

test: $(STAMP)  ## run the whole test suite
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile

test-installed: $(STAMP)  ## build the wheel and use it in an environment of its own
	@rm -rf $(INSTALLED) && mkdir -p $(INSTALLED)
	@$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir $(INSTALLED) .
	@$(PYTHON) -m venv $(INSTALLED)/venv
	@$(INSTALLED)/venv/bin/python -m pip install --quiet $(INSTALLED)/*.whl
	@cd $(INSTALLED) && for command in ingest synth maskcls; do venv/bin/$$command --help >/dev/null; done
	@cd $(INSTALLED) && venv/bin/ingest list --root data && venv/bin/maskcls recipes
	@cd $(INSTALLED) && venv/bin/ingest pull public_portraits --root data \
		&& venv/bin/ingest audit public_portraits --root data --html audit.html >/dev/null
	@echo "The wheel works in an environment of its own."

check: $(STAMP)  ## lint and type-check
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

format: $(STAMP)  ## format the code
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

docs: $(STAMP)  ## write docs/cli.md from the commands' help, docs/datasets.md from the manifests
	@$(BIN)/python docs/make_cli.py
	@$(BIN)/python docs/make_datasets.py

clean:  ## remove the environment and the demo's data
	rm -rf $(VENV) $(DEMO_ROOT) build dist *.egg-info
