# `make` says what there is. Needs Python 3.11 or later and nothing else.

VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
PIP := $(BIN)/python -m pip --disable-pip-version-check install --require-hashes
TESTS ?= tests

# What npm leaves behind when it is done.
FROM_NPM := node_modules/.package-lock.json

# The first Python that is new enough, unless one is named: make demo PYTHON=/opt/python/bin/python3
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$python; break; }; done)

.PHONY: help packages demo test test-all run worker lint words lock bench clean enough-python free-port
.DEFAULT_GOAL := help

help:
	@echo "make demo     a studio to look at: http://127.0.0.1:8000/ (another port: PORT=9000)"
	@echo "make test     the tests; some of them only (TESTS=tests/classes)"
	@echo "make test-all the tests, and after them those that take minutes"
	@echo "make run      the development server, which reloads what changes"
	@echo "make worker   what turns uploads into films, beside make run"
	@echo "make lint     style, types and templates"
	@echo "make words    gather new words into locale/ and compile what is translated"
	@echo "make lock     renew requirements*.txt from pyproject.toml"
	@echo "make bench    what pages and films cost, beside what cannot be done without"
	@echo "make packages what the site needs to run, and no more; for a server"
	@echo "make clean    remove packages and caches; var/ and .env stay"

# --- For everyone ------------------------------------------------------------------------------

demo: enough-python free-port $(BIN)/.packages $(FROM_NPM)
	@$(BIN)/python -m config.demo $(PORT)

packages: $(BIN)/.packages $(FROM_NPM)

# --- For who works on it -----------------------------------------------------------------------

# With a key of their own: a fresh clone has no .env yet.
PYTEST := SECRET_KEY=$${SECRET_KEY:-for-tests-only} $(BIN)/python -m pytest -rs

# Three at once for two cores: who waits for a film to play leaves its core to another.
# Of two -m the last one holds: what TESTS says of markers stands instead of this.
test: $(BIN)/.packages-dev $(FROM_NPM)
	$(PYTEST) -n 3 -m "not slow" $(TESTS)

# Two, and by themselves: one of them plays over a thin line, and must not wait for a core.
# pytest ends with 5 where TESTS names no slow one.
test-all: test
	$(PYTEST) -n 2 -m slow $(TESTS) || [ $$? -eq 5 ]

run: $(BIN)/.packages-dev $(FROM_NPM)
	$(BIN)/python -c "from pathlib import Path; from config.demo import write_secret_key; write_secret_key(Path('.env'))"
	DEBUG=true $(BIN)/python manage.py migrate
	DEBUG=true SITE_URL=http://127.0.0.1:$(PORT) $(BIN)/python manage.py runserver $(PORT)

worker: $(BIN)/.packages
	$(BIN)/python manage.py run_worker

lint: $(BIN)/.packages-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djade --check --target-version 5.2 $$(find templates -name '*.html')
	SECRET_KEY=for-types-only $(BIN)/mypy

# Needs GNU gettext (Debian: gettext); the site itself runs on the .mo files that are kept.
words: $(BIN)/.packages-dev
	SECRET_KEY=for-words-only $(BIN)/python manage.py makemessages --all --no-wrap --no-obsolete --add-location file -i var -i tests
	SECRET_KEY=for-words-only $(BIN)/python manage.py compilemessages -i .venv

# Addresses of an index never go into the files: each machine has its own.
LOCK := $(BIN)/uv pip compile pyproject.toml --generate-hashes --universal --python-version 3.11 \
	--no-header --no-annotate --no-emit-index-url --quiet

lock: $(BIN)/.packages-dev
	$(LOCK) -o requirements.txt
	$(LOCK) --group dev -o requirements-dev.txt
	npm install --package-lock-only
	$(BIN)/python -c "import json, pathlib; path = pathlib.Path('package-lock.json'); \
		lock = json.loads(path.read_text()); \
		[package.pop('funding', None) for package in lock['packages'].values()]; \
		path.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + '\n')"

bench: $(BIN)/.packages-dev
	$(BIN)/python -m tests.benchmarks

clean:
	rm -rf $(VENV) node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- Packages: installed when their list changes ------------------------------------------------

enough-python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed and was not found."; \
		echo "If it is somewhere unusual: make demo PYTHON=/path/to/python3"; exit 1; }

free-port: enough-python
	@$(PYTHON) -m config.demo --port-only $(PORT)

$(BIN)/python: | enough-python
	@echo "Making $(VENV) …"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "Python's venv module is missing; Debian and Ubuntu have it in python3-venv."; exit 1; }

$(BIN)/.packages: requirements.txt | $(BIN)/python
	@echo "Installing packages (once; a minute or so) …"
	@$(PIP) -r requirements.txt
	@touch $@

$(BIN)/.packages-dev: requirements-dev.txt | $(BIN)/.packages
	@echo "Installing what tests need (once; some minutes) …"
	@$(PIP) -r requirements-dev.txt
	@touch $@

# hls.js, for browsers. The site does without it, so this never fails: it says so and goes on.
$(FROM_NPM): package.json package-lock.json
	@if ! command -v npm >/dev/null; then \
		echo "npm is not here: films will play without hls.js, in one size in some browsers."; \
	elif ! npm ci --omit=dev --ignore-scripts --fetch-retries=0 --loglevel=silent >/dev/null 2>&1; then \
		echo "npm could not fetch hls.js: films will play without it, in one size in some browsers."; \
	fi
