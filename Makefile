# Every verb sets up what it needs. `make help` lists them.

SCHOOL ?= ai_school
PYTHON ?= python3

unexport PYTHONDONTWRITEBYTECODE
unexport PYTHONPATH
SHELL := /bin/bash
export PATH := $(CURDIR)/.venv/bin:$(PATH)
INSTALLED := .venv/installed
# Settings of this machine, if any: see .env.example. Only run and up read them; tests make their own world.
SETTINGS := set -a; [ ! -f .env ] || source ./.env; set +a;

.DEFAULT_GOAL := help
.PHONY: help run up test check lint types debian bench lock clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

run: $(INSTALLED) ## one whole week for one school: make run [SCHOOL=oulad OULAD_DIR=...]
ifeq ($(SCHOOL),ai_school)
	@$(SETTINGS) passerelle demo --school $(SCHOOL)
endif
	@$(SETTINGS) passerelle run --school $(SCHOOL)

up: $(INSTALLED) ## Airflow with its schedules, MLflow's pages and the coach's desk, until Ctrl-C
	@$(SETTINGS) exec passerelle up --school $(SCHOOL)

test: $(INSTALLED) debian lint types ## everything that CI runs: lint, contracts, types, every test
	pytest

check: $(INSTALLED) lint types ## the fast part of test
	pytest tests/unit --exitfirst -m "not slow"

lint: $(INSTALLED)
	ruff check
	ruff format --check
	sqlfluff lint --processes 2 --disable-progress-bar dbt
	lint-imports

types: $(INSTALLED)
	mypy src/passerelle models/support_need dags

debian:
	@.ci/debian postgresql chromium || [ "$$CI" != true ] || { echo "in CI no test may be left out" >&2; exit 1; }

bench: $(INSTALLED) ## time and memory of each heavy step beside its floor
	@for file in benchmarks/bench_*.py; do echo "== $$file"; python "$$file" || exit 1; done

lock: $(INSTALLED) ## renew requirements.lock from pyproject.toml
	UV_CUSTOM_COMPILE_COMMAND='make lock' uv pip compile --quiet --upgrade --generate-hashes --no-annotate --extra dev --universal pyproject.toml --output-file requirements.lock

clean: ## remove the environment and every cache; state (var/, PASSERELLE_HOME) is left alone
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis dbt/target dbt/logs
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED): requirements.lock pyproject.toml .ci/environment
	.ci/environment $(PYTHON)
	@touch $@
