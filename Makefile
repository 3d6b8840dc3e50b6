# Every target makes the environment it needs; a second run reuses it.
SHELL := /bin/bash
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEMO_ROOT := demo-data

.PHONY: help demo test check format clean

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
	@$(BIN)/python -m pytest

check: $(STAMP)  ## lint and type-check
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

format: $(STAMP)  ## format the code
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

clean:  ## remove the environment and the demo's data
	rm -rf $(VENV) $(DEMO_ROOT) build dist *.egg-info
