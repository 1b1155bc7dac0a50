# The commands of this project. Each sets up what is missing first (deploy/setup.sh).

SHELL := /bin/bash
PYTHON := .venv/bin/python
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup run test demo check faults fuzz bench format

help: ## this list
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/make \1	\2/p' $(MAKEFILE_LIST)

setup: ## install what is missing: Debian packages, Python and front-end libraries
	@bash deploy/setup.sh

run: setup ## serve on http://127.0.0.1:8000 with the demonstration county; Ctrl-C stops all
	@exec $(BIN)/tianqi up --demo

test: setup ## all tests (TESTS=path for some; LONG=1 for the longest too)
	LONG=$(LONG) $(PYTHON) -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(TESTS)

demo: setup ## one contract signing from application to certificate, printed as it happens
	@exec $(BIN)/tianqi demo

faults: setup ## kill everything under load, count what was lost or doubled (KILLS=1000 STOPS=50 FLUSHES=50 for the long run)
	$(PYTHON) -m tests.faults $(if $(KILLS),--kills $(KILLS)) $(if $(STOPS),--stops $(STOPS)) $(if $(FLUSHES),--flushes $(FLUSHES)) $(if $(SECONDS_OF_LOAD),--seconds $(SECONDS_OF_LOAD))

fuzz: setup ## 100,000 hostile expressions, cells, models, tables, YAML files; 50 of each API operation (SHARE=0.1, API=5 for fewer)
	$(PYTHON) -m tests.fuzz $(if $(SHARE),--share $(SHARE))
	FUZZ=$(or $(API),50) FUZZ_BOUNDARIES=1000 $(PYTHON) -m pytest -q tests/security/test_fuzzed_api.py

bench: setup ## each figure beside its baseline in the same run (WRITE=1 writes docs/benchmarks.md, FIGURES="steps http" runs some)
	$(PYTHON) -m tests.bench $(if $(WRITE),--write) $(FIGURES)

check: setup ## style, types, import rules, models, translations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy engine forms web
	$(BIN)/lint-imports
	$(BIN)/tianqi process check processes/*
	$(PYTHON) -m web.translations.check

format: setup ## mend style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
