# Two commands do everything: `make serve` runs Weft, `make test` proves it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CLIENTS := .venv/clients
BROWSER := .venv/browser
NPM := npm --no-audit --no-fund --no-update-notifier --loglevel=error
ARGS ?=
# Where this is set, every start would compile all of Weft anew, which takes longer than the start itself.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help serve console test check check-ui types format lock docs bench clean wheel

help: ## List the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit("Weft needs Python 3.11 or newer; set PYTHON=/path/to/python3.11") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)

# Dependencies are installed from lock files with hashes, as they are listed: nothing is looked up, so no new release of
# anything can come between. Then the project itself, in the same way. What is used is compiled with its first import:
# to compile everything beforehand takes a third of the time of an installation.
$(VENV)/.serve: requirements/weft.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-compile --no-deps --require-hashes -r requirements/weft.txt
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --require-hashes -r requirements/build.txt
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.serve
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-compile --no-deps --require-hashes -r requirements/dev.txt
	@touch $@

# The console: TypeScript in ui/, built into the package. Only building it takes Node.js; an installed package has it.
ui/node_modules/.installed: ui/package-lock.json
	@command -v npm >/dev/null || { echo "Building the console takes Node.js 20.19 or newer (npm was not found)"; exit 1; }
	@echo "Installing what builds the console (once; half a minute or so)"
	$(NPM) ci --prefix ui
	@touch $@

CONSOLE := src/weft/web/console/index.html
$(CONSOLE): ui/node_modules/.installed ui/index.html ui/vite.config.ts $(shell find ui/src ui/public -type f ! -name '*.gen.ts' ! -name '*.test.ts') ui/src/api/schema.gen.ts
	@echo "Building the console (ten seconds or so)"
	@start=$$(date +%s); $(NPM) run --silent --prefix ui build -- --logLevel warn && echo "Built the console in $$(( $$(date +%s) - start )) s"
	@touch $@

console: $(CONSOLE) ## Build the console into the package

wheel: $(CONSOLE) $(VENV)/.dev ## Build the wheel, console included
	$(BIN)/python -m pip wheel --disable-pip-version-check --quiet --no-deps --no-build-isolation --wheel-dir dist .

serve: $(VENV)/.serve $(CONSOLE) ## Start Weft; ARGS="--port 9000" passes flags on
	@exec $(BIN)/weft serve --stand-in $(ARGS)

# What comes before the tests is half downloads and half checks, so it goes on side by side.
test: ## Everything: check, then all tests
	@$(MAKE) --no-print-directory -j4 check check-ui $(VENV)/.clients $(BROWSER)/.installed $(CONSOLE)
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder --second-try 3 --ignore tests/test_tidy.py $(ARGS)

# Types that are stale fail here: they are made anew from the routes as they are and compared. After the console is
# built, because both write the routes of its pages.
check-ui: ui/node_modules/.installed $(VENV)/.dev | $(CONSOLE) ## The console: types, tsc, Biome, Vitest
	$(BIN)/python tools/openapi.py build/openapi.json
	cd ui && npx openapi-typescript ../build/openapi.json -o ../build/schema.gen.ts >/dev/null
	@cmp -s build/schema.gen.ts ui/src/api/schema.gen.ts || { echo "ui/src/api/schema.gen.ts is stale: run make types"; exit 1; }
	$(NPM) run --silent --prefix ui check

types: ui/node_modules/.installed $(VENV)/.dev ## Write the console's types of the API anew
	$(BIN)/python tools/openapi.py build/openapi.json
	cd ui && npx openapi-typescript ../build/openapi.json -o src/api/schema.gen.ts

check: $(VENV)/.dev ## ruff, pyright strict, import-linter, size limits
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/test_tidy.py

# The clients that we prove ourselves against live apart from the product, as a user's would.
$(VENV)/.clients: requirements/clients.txt tests/conformance/clients/package-lock.json | $(BIN)/python
	$(PYTHON) -m venv $(CLIENTS)
	$(CLIENTS)/bin/python -m pip install --disable-pip-version-check --quiet --no-compile --no-deps --require-hashes -r requirements/clients.txt
	$(NPM) ci --prefix tests/conformance/clients
	@touch $@

# A real browser for the tests of the console; WEFT_TEST_BROWSER=/path/to/chromium takes another one.
$(BROWSER)/.installed: tests/browser/package-lock.json tests/browser/unpack.mjs | $(BIN)/python
	$(NPM) ci --prefix tests/browser
	node tests/browser/unpack.mjs $(BROWSER)
	@touch $@

format: $(VENV)/.dev ## Let ruff format and mend
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
	@test ! -d ui/node_modules || $(NPM) run --silent --prefix ui format

docs: $(VENV)/.dev ## Write the generated reference anew
	$(BIN)/python tools/reference.py

lock: $(BIN)/python ## Resolve the lock files anew
	$(BIN)/python -m pip install --disable-pip-version-check --quiet uv
	cd requirements && for f in weft build dev clients; do \
		../$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -o $$f.txt $$f.in || exit 1; done

bench: $(VENV)/.dev ## Measure the door against its peers (see bench/README.md)
	$(BIN)/python bench/gateway/run.py $(ARGS)

clean: ## Remove what the commands above made
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache .import_linter_cache tests/conformance/clients/node_modules tests/browser/node_modules ui/node_modules src/weft/web/console
