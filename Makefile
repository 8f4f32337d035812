# Needs Python 3.11 or newer and make; nothing else. `make help` lists the targets.
.DEFAULT_GOAL := help
.PHONY: help demo test lint mutants guards bench screenshots lock stop clean

PY := .venv/bin/python
# The first interpreter on this machine that is new enough; PYTHON=... chooses another.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)

help:  ## Show this list
	@awk -F':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

demo: .venv/installed  ## Set up what is missing, fill the sample registry and serve it
	@SIMPUL_MODE=demo $(PY) manage.py demo

test: .venv/installed  ## Style, types, migrations, all tests and the browser tests
	@$(PY) -m tests

lint: .venv/installed  ## Style and types only
	@$(PY) -m tests lint

mutants: .venv/installed  ## Change the guards token by token: does a test notice each? Half an hour
	@$(PY) -m tests mutants

guards: .venv/installed  ## Take away each guard in turn: does a test notice? Two hours; FILES="households/api …" for some
	@$(PY) -m tests.matrix.guards $(FILES)

bench: .venv/installed  ## Ratios against the raw limits of this machine, at 10,000 households
	@$(PY) -m pytest tests/benchmarks -m benchmark -q

SHOWN = dashboard household import coordination-report target-list households-phone
screenshots: .venv/installed  ## Take the README's pictures anew, by the browser tests
	@$(PY) -m pytest tests/browser -m browser -q
	@mkdir -p docs/screenshots && cp $(foreach name,$(SHOWN),.local/screenshots/$(name).png) docs/screenshots/

stop:  ## Stop the demo's database
	@test ! -x $(PY) || $(PY) -m registry.embedded_postgres stop

clean: stop  ## Delete the demo's database, uploaded files and everything built
	rm -rf .venv .local .mypy_cache .pytest_cache .ruff_cache .hypothesis mutants
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

lock:  ## Resolve the locks anew from pyproject.toml (needs uv); UPGRADE=1 takes newer releases
	@command -v uv >/dev/null || { echo "make lock needs uv: see its documentation for how to install it."; exit 1; }
	uv pip compile $(UV_LOCK) pyproject.toml -o requirements.lock
	uv pip compile $(UV_LOCK) --extra dev pyproject.toml -o requirements-dev.lock
UV_LOCK = --quiet --universal --no-strip-extras --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
	$(if $(UPGRADE),--upgrade)

# The stamp lies inside the environment, so the two come and go together.
.venv/installed: requirements-dev.lock
	@test -n "$(PYTHON)" && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Simpul needs Python 3.11 or newer; here is: $$($(or $(PYTHON),python3) --version 2>&1)." \
		"Install one, or name it: make PYTHON=/path/to/python3.12 ..."; exit 1; }
	@echo "Setting up the environment in .venv (once, a minute or two) ..."
	@if $(PYTHON) -c 'import ensurepip' 2>/dev/null; then \
		$(PYTHON) -m venv .venv && set -- $(PY) -m pip; \
	elif $(PYTHON) -m pip --version >/dev/null 2>&1; then \
		$(PYTHON) -m venv --without-pip .venv && set -- $(PYTHON) -m pip --python $(PY); \
	else \
		echo "This Python has neither ensurepip nor pip. Run: sudo apt-get install python3-venv"; exit 1; \
	fi && "$$@" install --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@
