# Two commands do everything: `make serve` runs Weft, `make test` proves it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CLIENTS := .venv/clients
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help serve test check format lock docs bench clean

help: ## List the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit("Weft needs Python 3.11 or newer; set PYTHON=/path/to/python3.11") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)

# Dependencies are installed from lock files with hashes, as they are listed: nothing is looked up, so no new release of
# anything can come between. Then the project itself, in the same way.
$(VENV)/.serve: requirements/weft.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --require-hashes -r requirements/weft.txt
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --require-hashes -r requirements/build.txt
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.serve
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --require-hashes -r requirements/dev.txt
	@touch $@

serve: $(VENV)/.serve ## Start Weft; ARGS="--port 9000" passes flags on
	@exec $(BIN)/weft serve --stand-in $(ARGS)

test: check $(VENV)/.clients ## Everything: check, then all tests
	$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

check: $(VENV)/.dev ## ruff, pyright strict, import-linter, size limits
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/test_tidy.py

# The clients that we prove ourselves against live apart from the product, as a user's would.
$(VENV)/.clients: requirements/clients.txt tests/conformance/clients/package-lock.json $(VENV)/.dev
	$(PYTHON) -m venv $(CLIENTS)
	$(CLIENTS)/bin/python -m pip install --disable-pip-version-check --quiet --no-deps --require-hashes -r requirements/clients.txt
	npm ci --prefix tests/conformance/clients --no-audit --no-fund --loglevel=error
	@touch $@

format: $(VENV)/.dev ## Let ruff format and mend
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

docs: $(VENV)/.dev ## Write the generated reference anew
	$(BIN)/python tools/reference.py

lock: $(BIN)/python ## Resolve the lock files anew
	$(BIN)/python -m pip install --disable-pip-version-check --quiet uv
	cd requirements && for f in weft build dev clients; do \
		../$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -o $$f.txt $$f.in || exit 1; done

bench: $(VENV)/.dev ## Measure the door against its peers (see bench/README.md)
	$(BIN)/python bench/gateway/run.py $(ARGS)

clean: ## Remove what the commands above made
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache .import_linter_cache tests/conformance/clients/node_modules
