# Set-up and daily work. `make serve` and `make test` are all that a new machine needs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SEEDS ?= seeds
# Further options of `searchsvc index`: make index SEEDS=few ARGS=--allow-shrink.
ARGS ?=
INDEX ?= index
DATA ?=
QUERY ?=
HOST ?= 127.0.0.1
PORT ?= 8000
# Options of the benchmarks: BENCH='--articles 64k --queries 400', BENCH_HTTP='--seconds 5'.
BENCH ?=
BENCH_HTTP ?=
# Options of the evaluation: EVAL='--sets xquad_ru,lenta_tail --keep'.
EVAL ?=

# Whole paths survive the tests' own working folders.
export SEARCHSVC_DATA := $(if $(DATA),$(abspath $(DATA)),$(SEARCHSVC_DATA))

.PHONY: install develop index serve search test lint prove sanitize whoosh-suite bench eval check
.PHONY: clean

install: $(VENV)/installed
develop: $(VENV)/developed

$(VENV)/installed: setup.cfg setup.py pyproject.toml $(wildcard searchsvc/*/_*.[ch] searchsvc/*/*/_*.[ch])
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/developed: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

$(VENV)/benched: $(VENV)/developed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,bench]'
	touch $@

index: install
	$(BIN)/searchsvc index --index '$(INDEX)' $(ARGS) '$(SEEDS)'

serve: install
	test -e '$(INDEX)/CURRENT' || $(BIN)/searchsvc index --index '$(INDEX)' '$(SEEDS)'
	$(BIN)/searchsvc serve --index '$(INDEX)' --host '$(HOST)' --port '$(PORT)'

search: install
	$(BIN)/searchsvc search --index '$(INDEX)' -- "$$QUERY"

check: install
	$(BIN)/searchsvc check --index '$(INDEX)'

test: develop
	$(BIN)/pytest

lint: develop
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

prove: develop
	SEARCHSVC_PROVE=1 $(BIN)/pytest -m prove -s

sanitize: develop
	$(BIN)/python tests/kernel/sanitized.py --cases 100000
	$(BIN)/python tests/kernel/readers_sanitized.py --cases 100000

# Whoosh's own tests over our codec; WHOOSH_SDIST=path of the source distribution, or by network.
whoosh-suite: develop
	$(BIN)/python tests/whoosh_suite/run.py

bench: $(VENV)/benched
	$(BIN)/python -m bench.engine '$(SEARCHSVC_DATA)' $(BENCH)
	$(BIN)/python -m bench.http '$(SEARCHSVC_DATA)' $(BENCH_HTTP)

eval: $(VENV)/benched
	$(BIN)/python -m bench.retrieval '$(SEARCHSVC_DATA)' $(EVAL)

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	rm -f searchsvc/*/_*.so searchsvc/*/*/_*.so
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
