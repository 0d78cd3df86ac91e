# demo: hold an interview you can follow.  test: everything the tests need, and all of them.
# bench: how fast it answers, beside stock pipecat (BENCH="--audio DIR" for recordings).
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/pip --disable-pip-version-check --quiet

.PHONY: demo test lint serve bench format clean
.DEFAULT_GOAL := demo

demo: $(VENV)/.installed
	$(BIN)/voicebot demo

serve: $(VENV)/.installed
	$(BIN)/voicebot serve

bench: $(VENV)/.installed
	$(BIN)/python benchmarks/stock_pipecat.py $(BENCH)

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest

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
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache
