# Daihou (贷后). `make serve` runs it, `make test` tests it; `make help` lists the rest.
.DEFAULT_GOAL := help
SHELL := /bin/bash
# Some machines set PYTHONDONTWRITEBYTECODE; then nothing is ever cached and every start is slow.
unexport PYTHONDONTWRITEBYTECODE
PY := .venv/bin/python
PORT ?= 5005
export PORT

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

# ---- run

.PHONY: setup
setup: ## make the environment from uv.lock
	@packaging/setup.sh

.PHONY: pages
pages: setup ## build the borrower's pages (brings a Node where there is none)
	@packaging/build-pages.sh

.PHONY: serve
serve: setup pages ## run the demo: pages, model, database, server on PORT (5005)
	@DEMO=1 .venv/bin/daihou serve

.PHONY: train
train: setup ## train the model if data or config changed
	@.venv/bin/daihou train

.PHONY: tensorflow
tensorflow: ## add TensorFlow, for a config.yml that names DIET, TED or another neural component
	@packaging/setup.sh --extra tensorflow

# ---- prove

.PHONY: dev
dev:
	@packaging/setup.sh --group dev --group simulators

.PHONY: test
test: dev pages ## everything fast on SQLite (with TEST_DATABASE_URL on PostgreSQL, too), and what a trained model needs
	@.venv/bin/daihou train
	@$(PY) -m pytest -q -n 2 --dist loadfile -m "not browser and not load" tests

.PHONY: check
check: dev ## what CI runs: format, lint, types, layers, data, tests (with TEST_DATABASE_URL on PostgreSQL, too), browser
	@$(PY) -m ruff format --check bot actions tests packaging
	@$(PY) -m ruff check bot actions tests packaging
	@$(PY) -m mypy
	@packaging/layers.sh
	@PYTHONWARNINGS=ignore .venv/bin/rasa data validate > .tools/validate.log 2>&1 || { tail -40 .tools/validate.log; exit 1; }
	@$(MAKE) --no-print-directory test
	@$(MAKE) --no-print-directory test-browser

.PHONY: test-postgres
test-postgres: dev ## only the suites that run on both engines (TEST_DATABASE_URL)
	@if [ -z "$$TEST_DATABASE_URL" ] && [ -z "$$CI" ]; then echo "skipped: PostgreSQL tests need TEST_DATABASE_URL"; \
	else $(PY) -m pytest -q -n 2 --dist loadfile -m "not browser and not load and not slow" tests/contracts tests/store tests/services; fi

.PHONY: test-browser
test-browser: dev pages ## the pages in Debian's Chromium
	@$(PY) -m pytest -q -m browser tests/browser

.PHONY: test-load
test-load: dev pages ## kills, 200 borrowers at once, code guessing (minutes)
	@$(PY) -m pytest -q -m load tests/load

.PHONY: bench
bench: dev pages ## speed and size against a stock Rasa project, as ratios, in one run
	@$(PY) -m tests.load.bench

.PHONY: bench-help
bench-help: dev ## options for a loan (p50), and a night over 100,000 loans, as ratios in one run
	@PYTHONWARNINGS=ignore $(PY) -m tests.load.bench_help

.PHONY: bench-desk
bench-desk: dev pages ## 500 open conversations, 50 agents: how soon an agent sees a message, as a ratio in one run
	@PYTHONWARNINGS=ignore $(PY) -m tests.load.bench_desk

.PHONY: bench-channels
bench-channels: dev ## 200 messages a second over every platform, each answered once, as a ratio in one run
	@PYTHONWARNINGS=ignore $(PY) -m tests.load.bench_channels

.PHONY: channels-demo
channels-demo: setup pages ## every platform simulated: one page with phones side by side, http://127.0.0.1:5006
	@packaging/setup.sh --group simulators
	@PYTHONWARNINGS=ignore $(PY) -m bot.simulators

.PHONY: bench-web
bench-web: dev pages ## /chat on a weak phone: how soon something can be read, beside the same without brakes
	@PYTHONWARNINGS=ignore $(PY) -m tests.load.bench_web

.PHONY: bench-complaints
bench-complaints: dev ## the board over 10,000 open complaints (p95), as a ratio in one run
	@PYTHONWARNINGS=ignore $(PY) -m tests.load.bench_complaints

.PHONY: guide
guide: dev pages ## draw the pictures of docs/desk.md anew
	@SCREENSHOTS=docs/pictures $(PY) -m pytest -q -m browser tests/browser/test_desk.py -k "from_the_bot or supervisor_sees"

.PHONY: format
format: dev ## format the code
	@$(PY) -m ruff format bot actions tests packaging
	@$(PY) -m ruff check --fix bot actions tests packaging

.PHONY: clean
clean: ## forget the demo database and the trained models
	rm -rf var models/*.tar.gz models/registry.json
