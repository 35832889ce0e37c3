# `make demo` and `make test` need git, make and Python 3.11, and nothing else.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo up install dev test test-parts test-api check bench chaos screenshots messages format lock clean

help: ## Say what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: install ## Sample mailboxes being labelled; ARGS="--port 8123 --accounts 20"
	@exec $(BIN)/mailbeat demo $(ARGS)

up: install ## Your own accounts and settings (.env), on this machine
	@exec $(BIN)/mailbeat up $(ARGS)

install: .venv/run.stamp ## What a run needs, into .venv
dev: .venv/dev.stamp ## What the tests need too

# They wait more than they work: two processes take half of the time of one.
TIMED = tests/e2e tests/integration/cluster tests/integration/web
# They look at the clock and use all of the machine.
ALONE = tests/integration/web/test_stops.py
# By the clock too, two minutes for each database; side by side they miss their limits.
FAULTS = tests/faults/test_faults.py
# Its tests are made as they run and share their names, of which several processes would
# each run others. It never looks at the clock, so it runs beside what does not either.
API = tests/integration/web/test_schemathesis.py
# What goes by the clock has a second try, that is told of in the end:
# docs/decisions/0039-a-second-try-by-the-clock.md.
# The limit is for both tries.
AGAIN = --reruns 1 --rerun-show-tracebacks -r aR --timeout 480

# What does not look at the clock waits a third of its time, for databases and mail
# servers: one more process than there are processors.
PROCESSES = $(shell echo $$(($$(nproc 2>/dev/null || echo 2) + 1)))

test: dev ## The whole test suite; ARGS="tests/unit -k lease"
ifdef ARGS
	@exec $(BIN)/python -m pytest $(ARGS)
else
	@$(MAKE) --no-print-directory --jobs 2 test-parts test-api
	$(BIN)/python -m pytest $(AGAIN) --numprocesses 2 --dist loadfile $(TIMED) $(ALONE:%=--ignore=%) $(API:%=--ignore=%)
	$(BIN)/python -m pytest $(AGAIN) $(ALONE) $(FAULTS)
endif

test-parts: dev
	$(BIN)/python -m pytest --numprocesses $(PROCESSES) --dist loadfile $(TIMED:%=--ignore=%) --ignore=$(FAULTS)

# It says what it found once it is done, and not into what runs beside it.
test-api: dev
	@$(BIN)/python -m pytest $(API) >.venv/test-api.log 2>&1; \
	  ended=$$?; cat .venv/test-api.log; exit $$ended

check: dev ## Format, lint, types, imports, house
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest -q tests/test_house.py

bench: dev ## Every benchmark, small
	PYTHONPATH=. $(BIN)/python benchmarks/first_label.py --clone
	PYTHONPATH=. $(BIN)/python benchmarks/overhead.py
	PYTHONPATH=. $(BIN)/python benchmarks/live.py --only fanout stop --clients 50 --seconds 5
	PYTHONPATH=. $(BIN)/python benchmarks/page.py --seconds 5
	PYTHONPATH=. $(BIN)/python benchmarks/ingest.py --events 5000 --rounds 1
	PYTHONPATH=. $(BIN)/python benchmarks/schedule.py --accounts 10000 --seconds 10
	PYTHONPATH=. $(BIN)/python benchmarks/workers.py --rounds 3
	PYTHONPATH=. $(BIN)/python benchmarks/reporter.py --seconds 3
	PYTHONPATH=. $(BIN)/python benchmarks/parse.py
	PYTHONPATH=. $(BIN)/python benchmarks/insights.py --messages 50000 --runs 20000 --rounds 2
	PYTHONPATH=. $(BIN)/python benchmarks/metrics.py --accounts 2000 --rounds 4
	PYTHONPATH=. $(BIN)/python benchmarks/account_list.py --accounts 1000 --rounds 2
	PYTHONPATH=. $(BIN)/python benchmarks/tasks_ingest.py --tasks 5000
	PYTHONPATH=. $(BIN)/python benchmarks/mail.py --small
	PYTHONPATH=. $(BIN)/python -W ignore benchmarks/decisions.py --small

MINUTES ?= 2
chaos: dev ## Have everything go wrong; MINUTES=30 ARGS="--database postgres"
	@exec $(BIN)/python -m tests.faults --minutes $(MINUTES) $(ARGS)

screenshots: dev ## Every page of a demo, in two widths and both themes, into docs/images
	@exec $(BIN)/python docs/screenshots.py $(ARGS)

# Sorted and without line numbers, so that two changes seldom meet.
CATALOGUE = $(BIN)/pybabel --quiet extract --no-location --sort-output --omit-header
UPDATE = $(BIN)/pybabel --quiet update --locale de --output-dir mailbeat/translations \
  --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width 88
messages: dev ## Texts of pages and scripts into the German catalogues
	$(CATALOGUE) --mapping-file mailbeat/translations/pages.cfg -o .venv/messages.pot mailbeat webapp
	$(UPDATE) --domain messages --input-file .venv/messages.pot
	$(CATALOGUE) --keyword mark --mapping-file mailbeat/translations/scripts.cfg -o .venv/browser.pot webapp
	$(UPDATE) --domain browser --input-file .venv/browser.pot
	@$(BIN)/python -m pytest -q tests/unit/webapp/test_translations.py

format: dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: dev ## Write requirements.txt and requirements-dev.txt anew
	echo 'setuptools>=77' | $(BIN)/uv pip compile --quiet --universal --generate-hashes \
	  --no-emit-index-url --custom-compile-command 'make lock' \
	  --python-version 3.11 -o requirements.txt pyproject.toml -
	echo 'setuptools>=77' | $(BIN)/uv pip compile --quiet --universal --generate-hashes \
	  --no-emit-index-url --custom-compile-command 'make lock' -c requirements.txt \
	  --python-version 3.11 --group dev -o requirements-dev.txt pyproject.toml -

clean: ## Remove .venv; var/ with its data stays
	rm -rf .venv *.egg-info

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Mailbeat needs Python 3.11 or newer; $(PYTHON) is older. Set PYTHON=/path/to/python3.11." >&2; exit 1; }
	$(PYTHON) -m venv .venv

# The packages are the locked ones, checked by their hashes; ours is only linked.
.venv/run.stamp: requirements.txt pyproject.toml | .venv/bin/python
	@echo "Installing the locked packages into .venv; once, for some 20 seconds ..."
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev.stamp: .venv/run.stamp requirements-dev.txt
	@echo "Installing what the tests need; once, for some 20 seconds ..."
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.txt
	@touch $@
