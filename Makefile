# Two commands on a fresh machine with Python >= 3.11, git and make: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO ?= demo

.PHONY: help demo test test-all fuzz mutate check bench docs lock clean env
.DEFAULT_GOAL := help

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: $(VENV)/.ready ## Create the environment with exact versions

$(VENV)/.ready: requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Vocative needs Python 3.11 or newer; name it with PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@command -v uv >/dev/null 2>&1 || test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@UV=$$(command -v uv || echo $(BIN)/uv); \
	$$UV pip install --quiet --python $(BIN)/python --require-hashes --requirement requirements/dev.txt && \
	$$UV pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

demo: env ## Run the whole line on real purchases of 2,469 households; nothing is sent anywhere
	$(BIN)/vocative demo --out $(DEMO)

test: env ## Run the tests but for the slow ones: some five minutes on two processors
	$(BIN)/python -m pytest -n 2 --dist loadscope -m "not slow"

test-all: env ## Run all tests: kills by the dozen, the demonstration, markets, files larger than memory
	$(BIN)/python -m pytest -n 2 --dist loadscope

fuzz: env ## Draw new examples for the property tests; ROUNDS=10, SEED=N repeats, TESTS=tests/decide
	$(BIN)/python scripts/fuzz.py $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SEED),--seed $(SEED)) $(TESTS)

mutate: env ## Plant small faults and ask whether tests notice; IN=src/vocative/segment SAMPLE=40 SEED=1
	$(BIN)/python scripts/mutate.py $(IN) $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(SEED),--seed $(SEED))

check: env ## Lint, types, import contracts, budgets, docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/budgets.py
	$(BIN)/python scripts/make_docs.py --check

bench: env ## Measure quality, speed and memory, ours and peers in one run; DATA=DIR: public data
	$(BIN)/python -m benchmarks $(if $(DATA),--data $(DATA))

docs: env ## Write docs/reference from the code
	$(BIN)/python scripts/make_docs.py

lock: env ## Write exact versions with hashes to requirements/
	UV=$$(command -v uv || echo $(BIN)/uv); \
	$$UV pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --generate-hashes --custom-compile-command "make lock" --output-file requirements/run.txt pyproject.toml && \
	$$UV pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --generate-hashes --custom-compile-command "make lock" --extra demo --extra dev --output-file requirements/dev.txt pyproject.toml

clean: ## Remove the environment and everything generated
	rm -rf $(VENV) $(DEMO) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
