# Two commands do all set-up on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
export OMP_NUM_THREADS ?= 1

.PHONY: demo test check trust oldest docs format dist clean

demo: $(VENV)/installed
	$(BIN)/askew demo -o demo

test: $(VENV)/installed-dev
	$(BIN)/pytest -n 2 --dist loadfile

check: docs $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest tests/architecture
	PYTHONPATH=tests $(BIN)/pytest -p whole_process --doctest-modules src/askew

# Slow suites, for a release: property tests that look longer, and faults that the tests must notice
# (docs/testing.md says what each shows). MUTANTS per room are drawn; `make trust MUTANTS=100000` tries all.
MUTANTS ?= 200

trust: $(VENV)/installed-dev
	HYPOTHESIS_PROFILE=thorough $(BIN)/pytest -n 2 --dist loadfile $$(grep -rl --include='test_*.py' 'from hypothesis' tests)
	$(BIN)/python tools/mutation.py --check --sample $(MUTANTS)
	$(BIN)/python tools/faults.py --strikes 110 --seed $$(date +%j)

# The suite under the oldest versions that pyproject.toml allows, in an environment of its own (6 GB).
oldest: $(VENV)/installed-dev
	$(BIN)/python tools/oldest.py

docs: $(VENV)/installed-dev
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build
	@echo "The site is docs/_build/index.html"

format: $(VENV)/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

dist: $(VENV)/installed
	$(BIN)/python -m pip install --quiet build
	$(BIN)/python tools/dist.py

clean:
	rm -rf $(VENV) .venv-oldest demo dist docs/_build docs/reference .pytest_cache .mypy_cache .ruff_cache

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -c constraints.txt -e .
	touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[dev,docs]'
	touch $@
