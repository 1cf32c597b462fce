# One target per habit; `make help` lists them. Needs python3 (3.11 or later, with
# venv), make and git; everything else is installed into .venv.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.setup-done
UV_VERSION := 0.13.9
ROOMS := events services projections deploy
SOURCES := requirements.lock pyproject.toml $(ROOMS:%=%/pyproject.toml)

.PHONY: help setup lock demo test lint docs bench mutants lives flips fuzz kills months \
  torture schemathesis bodies history up down clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(STAMP) ## install everything into .venv

$(STAMP): $(SOURCES) Makefile
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "jiesuan needs Python 3.11 or later; make setup PYTHON=python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -q --disable-pip-version-check uv==$(UV_VERSION) || true
	@$(BIN)/python deploy/install.py $(ROOMS)
	@touch $@

lock: ## pin every dependency again, with hashes and without hosts
	$(BIN)/uv pip compile --system-certs -q --universal --python-version 3.11 \
	  --generate-hashes --no-header --no-annotate --no-emit-index-url \
	  --no-emit-find-links --no-emit-package jiesuan-events \
	  --no-emit-package jiesuan-services --no-emit-package jiesuan-projections \
	  --no-emit-package jiesuan-embedded \
	  --group dev $(ROOMS:%=%/pyproject.toml) -o requirements.lock
	$(BIN)/uv pip compile --system-certs -q --python-version 3.11 --only-binary :all: \
	  --generate-hashes --no-header --no-annotate --no-emit-index-url \
	  --no-emit-find-links --group fuzz -o tests/fuzz/requirements.lock

demo: setup ## one year of a small town, on real Kafka and PostgreSQL
	@$(BIN)/jiesuan demo

test: setup ## every test, in two lines side by side
	@$(BIN)/python -m tests.both

lint: setup ## ruff, mypy, import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/mypy tools/jiesuan_verify.py
	@$(BIN)/lint-imports --no-logo

docs: setup ## write what docs/ says of the code: reference pages, marks of the contract
	@$(BIN)/python -m tools.reference

bench: setup ## every figure against its baseline
	@$(BIN)/jiesuan bench

mutants: setup ## change the law in small ways; name what no test notices
	@nice -n 19 $(BIN)/python -m tests.mutants

lives: setup ## live twelve thousand lives under both laws, fen for fen
	@JIESUAN_LIVES=12000 nice -n 19 $(BIN)/python -m pytest tests/domain/test_naive.py

flips: setup ## flip 100,000 bits of an export; all must be found
	@JIESUAN_FLIPS=100000 nice -n 19 $(BIN)/python -m pytest tests/services/audit/tool/test_flips.py

fuzz: setup ## ask `try` a million lines bred by what they reach; each must get one answer
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps \
	  --only-binary :all: --require-hashes -r tests/fuzz/requirements.lock || true
	@for seed in 1 2; do nice -n 19 $(BIN)/python -m tests.fuzz 500000 $$seed || exit 1; done

kills: setup ## kill everything 200 times, twice, and at each step of a message; books must equal the ledger
	@JIESUAN_KILLS=200 JIESUAN_STEPS=1 nice -n 19 $(BIN)/python -m pytest \
	  tests/connected/test_kills.py tests/connected/counter/test_kills.py \
	  tests/connected/counter/stepwise

months: setup ## live a year of five regions month by month, killed at every transition
	@JIESUAN_MONTHS=2000 nice -n 19 $(BIN)/python -m pytest tests/connected/test_months.py

torture: setup ## write 200,000 strangers' records to every topic of a running town, in ten runs
	@for seed in 1 2 3 4 5 6 7 8 9 10; do \
	  JIESUAN_TORTURE=20000 JIESUAN_SEED=$$seed nice -n 19 $(BIN)/python -m pytest -s \
	  -k "anybody or broken" tests/connected/torture || exit 1; done

schemathesis: setup ## 6,000 messages by chance from the OpenAPI document
	@JIESUAN_SCHEMATHESIS=130 nice -n 19 $(BIN)/python -m pytest tests/connected/counter/test_schemathesis.py

bodies: setup ## a million mutated messages to the counter's edge, 30,000 over HTTP; each gets its sentence
	@JIESUAN_FUZZ=1000000 JIESUAN_HTTP_BODIES=30000 nice -n 19 $(BIN)/python -m pytest \
	  tests/services/gateway/test_fuzz.py tests/connected/counter/test_bodies.py

history: setup ## a person's state of any day among ten million entries; wants 12 GB
	@$(BIN)/jiesuan bench --only as-of --among 10000000

up: setup ## start Kafka, PostgreSQL and the processes
	@$(BIN)/jiesuan up --detach

down: setup ## stop them
	@$(BIN)/jiesuan down

clean: ## remove what setup made
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis mutants
