# demo: hold an interview you can follow.  test: everything the tests need, and all of them.
# peers: programs of others that tests run against, from npm and Debian; tests that miss theirs are skipped.
# bench: how fast it answers, beside stock pipecat (BENCH="--audio DIR" for recordings).
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/pip --disable-pip-version-check --quiet

PEERS  := baresip-core chromium fonts-noto-cjk kamailio kamailio-tls-modules postgresql sip-tester
SUDO   := $(if $(filter-out 0,$(shell id -u)),sudo)

.PHONY: demo test peers lint serve bench format clean
.DEFAULT_GOAL := demo

demo: $(VENV)/.installed
	$(BIN)/voicebot demo

serve: $(VENV)/.installed
	$(BIN)/voicebot serve

bench: $(VENV)/.installed
	$(BIN)/python benchmarks/stock_pipecat.py $(BENCH)

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -m "not real_time" --numprocesses auto --maxprocesses 4 --dist loadfile
	$(BIN)/python -m pytest -m real_time

peers: tests/peers/node_modules
	@missing=$$(for package in $(PEERS); do dpkg -s $$package >/dev/null 2>&1 || echo $$package; done); \
	[ -z "$$missing" ] || { $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq --no-install-recommends $$missing; }

tests/peers/node_modules: tests/peers/package-lock.json
	@command -v npm >/dev/null || { echo "There is no npm: run 'sudo apt-get install npm', then again." >&2; exit 2; }
	npm ci --prefix tests/peers --ignore-scripts --no-audit --no-fund --loglevel error
	@touch $@

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

format: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "There is no program $(PYTHON): make PYTHON=python3.12 ..." >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
	  { echo "voicebot needs Python 3.11, 3.12 or 3.13; name one: make PYTHON=python3.12 ..." >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "No venv module: run 'sudo apt-get install python3-venv', then again." >&2; exit 2; }

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing voicebot and its models into $(VENV) (about 1.2 GB, once; a few minutes) ..."
	@$(PIP) install --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@echo "Installing what the tests need (torch too: some 200 MB, or several GB where pip takes its CUDA build) ..."
	@$(PIP) install --constraint constraints.txt torch==2.13.0  # first, on its own: then pip takes the CPU build where it can
	@$(PIP) install --constraint constraints.txt --editable '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) tests/peers/node_modules build *.egg-info .pytest_cache .mypy_cache .ruff_cache
