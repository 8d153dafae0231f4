# The words that people, hooks and CI use. `make run` and `make test` need nothing but Python 3.11 or newer, git and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UI_PORT ?= 5000
ARTIFACTS := $(or $(ENDEAVOUR_DATA_DIR),artifacts)
# The rules of accessibility that the console is tested with.
AXE := build/axe/axe_playwright_python/axe.min.js
# The installer: the uv on the PATH, else the one that requirements/uv.txt locks.
UV := $(or $(shell command -v uv),$(BIN)/uv)
INSTALL := $(UV) pip install --quiet --require-hashes --only-binary :all:

.DEFAULT_GOAL := help
export OPENBLAS_NUM_THREADS ?= 1
# Modules are compiled as they are first imported. Without their bytecode each start of `endeavour train` takes seven seconds more.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help run ui test test-slow e2e check audit format bench bench-scale lock secrets clean

help: ## List these words; times are of two cores
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | column -t -s '	'

run: $(VENV)/train ## Install, train on the diabetes data, promote if the policy allows it, and serve (30 s, then 13 s)
	@$(BIN)/endeavour serve --dry-run
	@$(BIN)/endeavour train || test $$? -eq 3
	@echo "runs and models: make ui"
	@exec $(BIN)/endeavour serve

ui: $(VENV)/train ## Open MLflow's page on the local runs, on http://127.0.0.1:5000; UI_PORT changes the port (5 s)
	@case "$$MLFLOW_TRACKING_URI" in http*) echo "that server has the page itself: $$MLFLOW_TRACKING_URI"; exit 0;; esac; \
	: "a folder that was moved: Endeavour rewrites its paths, MLflow does not"; $(BIN)/endeavour models >/dev/null || exit; \
	PYTHONSAFEPATH=1 UVICORN_APP_DIR=$(BIN) \
	MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false MLFLOW_DISABLE_TELEMETRY=true PATH="$(CURDIR)/$(BIN):$$PATH" \
	    $(BIN)/mlflow server --host 127.0.0.1 --port $(UI_PORT) --workers 1 \
	    --backend-store-uri "$${MLFLOW_TRACKING_URI:-sqlite:///$(abspath $(ARTIFACTS))/mlflow.db}"

test: $(VENV)/test .venv-s3/done ## Run the tests that take less than three seconds each (3 min)
	@$(BIN)/pytest -m "not slow and not soak and not stack" --numprocesses 2 --dist loadgroup --cov --cov-report=term-missing:skip-covered \
	    --durations=10 --durations-min=3

# They wait for half of their time, so that two cores run three of them.
test-slow: $(VENV)/test .venv-s3/done $(AXE) ## Run the other tests; with SOAK=1, those that take minutes each (15 min)
	@$(BIN)/pytest -m "$(if $(SOAK),soak,slow and not soak) and not stack" $(if $(SOAK),-s,--numprocesses 3 --dist loadgroup)

# One file of a package, whose own requirements are not needed.
$(AXE): tests/support/axe/requirements.txt | $(BIN)/python $(UV)
	@$(INSTALL) --python $(BIN)/python --no-deps --target build/axe --requirement $<
	@touch $@

check: $(VENV)/test ## Check format, lint, types, import contracts, words, images, manifests and pipelines (1 min, then 30 s)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python .ci/prose.py
	$(BIN)/yamllint --strict .
	$(BIN)/shellcheck $(SCRIPTS)
	$(BIN)/hadolint $(DOCKERFILES)
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.compose-spec $(COMPOSE)
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows $(wildcard .github/workflows/*.yml)
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/zizmor --quiet --offline .github
	$(BIN)/kubernetes-validate --strict --quiet -k $(OLDEST_KUBERNETES) $(MANIFESTS)
	$(BIN)/kubernetes-validate --strict --quiet $(MANIFESTS)
SCRIPTS := .ci/run .ci/stack $(wildcard .github/*.sh docker/*.sh docker/*/*.sh)
DOCKERFILES := $(wildcard docker/Dockerfile*)
COMPOSE := $(wildcard docker-compose*.yml)
# Complete objects of Kubernetes only: tests/deploy checks what overlays patch, as kustomize applies it, and the rest.
MANIFESTS := $(filter-out %/kustomization.yaml %/dask/train.yaml %/dask-cluster.yaml,$(wildcard $(addprefix deploy/k8s/,\
    base/*.yaml base/*/*.yaml components/*/*.yaml examples/*.yaml)))
OLDEST_KUBERNETES := 1.31

audit: $(VENV)/test ## Look for known vulnerabilities and for licenses that are not allowed among the locked requirements (1 min)
	$(INSTALL) --python $(BIN)/python --no-deps --target build/audit --requirement requirements/mlflow.txt
	PYTHONPATH=build/audit $(BIN)/pip-licenses --output-file build/licenses.txt
	for lock in $(LOCKS); do $(BIN)/pip-audit --strict --require-hashes --disable-pip --progress-spinner off --requirement $$lock || exit; done
LOCKS := $(wildcard requirements/*.txt)

format: $(VENV)/test ## Format the code and fix what the linter can (1 s)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/test .venv-mlserver/done ## Measure learner and server beside others, and write docs/benchmarks.md (12 min)
	@env -u OPENBLAS_NUM_THREADS $(BIN)/python -m benchmarks.learning; learner=$$?; \
	$(BIN)/python -m benchmarks.serving && exit $$learner

bench-scale: $(VENV)/test .venv-dask-ml/done ## Measure a Dask cluster of this machine beside one process and dask-ml, and write docs/benchmarks.md (15 min)
	$(BIN)/python -m benchmarks.scale

lock: $(UV) ## Resolve the requirements again and lock them with hashes (15 s)
	echo uv | $(UV) pip compile $(LOCK) --output-file requirements/uv.txt -
	$(UV) pip compile $(LOCK) --all-extras --output-file requirements/test.txt setup.cfg
	$(UV) pip compile $(LOCK) --extra build --extra dask --extra train -c requirements/test.txt --output-file requirements/train.txt setup.cfg
	$(UV) pip compile $(LOCK) --extra build -c requirements/test.txt --output-file requirements/serve.txt setup.cfg
	$(UV) pip compile $(LOCK) --output-file requirements/mlflow.txt requirements/mlflow.in
	$(UV) pip compile $(LOCK) --output-file tests/stack/s3/requirements.txt tests/stack/s3/requirements.in
	$(UV) pip compile $(LOCK) --no-deps --output-file tests/support/axe/requirements.txt tests/support/axe/requirements.in
	$(UV) pip compile $(LOCK) --output-file benchmarks/serving/requirements-mlserver.txt benchmarks/serving/requirements-mlserver.in
	$(UV) pip compile $(LOCK) -c requirements/test.txt --output-file benchmarks/scale/requirements-dask-ml.txt benchmarks/scale/requirements-dask-ml.in
LOCK := --quiet --universal --no-strip-extras --python-version 3.11 --generate-hashes --no-header --no-annotate

secrets: ## Make the passwords that the stack's services share, in secrets/; existing ones stay (1 s)
	@docker/secrets.sh secrets

e2e: $(VENV)/test ## Build the images, start the stack on a container engine, and test it (8 min)
	@$(BIN)/pytest -m stack tests/stack

clean: ## Remove the environment and what was built; models and runs stay (1 s)
	rm -rf $(VENV) .venv-s3 build *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .coverage

.venv-mlserver/done: benchmarks/serving/requirements-mlserver.txt | $(BIN)/python $(UV)
	@$(BIN)/python -m venv --clear --without-pip .venv-mlserver
	@$(INSTALL) --python .venv-mlserver/bin/python --requirement $<
	@touch $@

.venv-dask-ml/done: benchmarks/scale/requirements-dask-ml.txt | $(BIN)/python $(UV)
	@$(BIN)/python -m venv --clear --without-pip .venv-dask-ml
	@$(INSTALL) --python .venv-dask-ml/bin/python --requirement $<
	@touch $@

# The server that stands for an object store in the tests: some versions that it needs are not those of this project.
.venv-s3/done: tests/stack/s3/requirements.txt | $(BIN)/python $(UV)
	@$(BIN)/python -m venv --clear --without-pip .venv-s3
	@$(INSTALL) --python .venv-s3/bin/python --requirement $<
	@touch $@

# One environment, grown as needed: `train` is enough to run, `test` adds the tools.
$(VENV)/train $(VENV)/test: $(VENV)/%: requirements/%.txt setup.cfg pyproject.toml | $(BIN)/python $(UV)
	@echo "installing requirements/$*.txt into $(VENV)"
	@$(INSTALL) --python $(BIN)/python --requirement requirements/$*.txt
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

$(BIN)/uv: requirements/uv.txt | $(BIN)/python
	@python=$(PYTHON); $$python -m pip --version >/dev/null 2>&1 || { python=$(BIN)/python; $$python -m ensurepip >/dev/null; }; \
	$$python -m pip --python $(BIN)/python install -qq --disable-pip-version-check --require-hashes --only-binary :all: --requirement $<
	@touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv --without-pip $(VENV)
