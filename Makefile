# `make` prints this menu. CI calls the same lines.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup demo serve doctor test lint format lock bench clean

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# The first Python of 3.11 or newer.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
# Test processes side by side.
N ?= 2
PORT ?= 8600
NAME ?= bill-run

help: ## this menu
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## make the environment from requirements.lock (at once if it is there)

demo: $(READY) ## start everything, run the demo community, keep serving until Ctrl-C
	@exec $(BIN)/wuye demo --port $(PORT)

serve: $(READY) ## start everything without the demo, until Ctrl-C
	@exec $(BIN)/wuye up --port $(PORT)

doctor: $(READY) ## what is configured, reachable, missing
	@$(BIN)/wuye doctor

# The tests start dozens of processes: bytecode is kept between them, whatever the shell says.
test: export PYTHONDONTWRITEBYTECODE =
test: $(READY) ## all tests, against an embedded PostgreSQL
	$(BIN)/python -m pytest -n $(N) --dist loadfile

lint: $(READY) ## style, types, one-way imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy domain statemachines flows gateway deployments
	$(BIN)/lint-imports

format: $(READY) ## write what `make lint` asks of the style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY) ## a benchmark: make bench NAME=bill-run
	$(BIN)/wuye bench $(NAME)

lock: $(READY) ## pin the dependencies of pyproject.toml again, with hashes
	$(BIN)/uv pip compile --quiet --native-tls --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--extra dev pyproject.toml -o requirements.lock

clean: ## remove the environment and caches (never data)
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# uv reads the lock many times faster than pip; where it cannot reach the index, pip does.
# The project itself is a path, not a build: nothing outside the lock is needed.
$(READY): requirements.lock Makefile
	@if [ -z "$(PYTHON)" ]; then echo "需要 Python 3.11 或更新的版本。"; exit 1; fi
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "这个 Python 不能建立虚拟环境；Debian 和 Ubuntu 请先安装 python3-venv。"; exit 1; }
	@[ -x $(BIN)/uv ] || $(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip install --quiet --native-tls --python $(BIN)/python --compile-bytecode \
		--require-hashes -r requirements.lock \
		|| $(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python deployments/link.py
	@touch $@
