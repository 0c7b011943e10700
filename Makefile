# Needs python3 (3.11 or newer) and make; everything else is installed into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
WORKERS ?= 2

.PHONY: demo test test-long lint bench pictures audit release-check lock clean

demo: $(INSTALLED)
	$(BIN)/massnahmenbot demo $(if $(PORT),--port $(PORT))

test: $(INSTALLED)
	$(BIN)/pytest -n $(WORKERS) --dist loadfile

# Long simulations, bombardments, kills.
test-long: $(INSTALLED)
	$(BIN)/pytest -n $(WORKERS) --dist load -m long

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Search beside its peers (a missing one is reported as skipped), an answer beside an echo,
# large imports, a broadcast, starting with many entries, the webhook beside an echo.
bench: $(INSTALLED)
	$(BIN)/python -m tests.benchmarks.bench_quality
	$(BIN)/python -m tests.benchmarks.bench_growth
	$(BIN)/python -m tests.benchmarks.bench_answering
	$(BIN)/python -m tests.benchmarks.bench_import
	$(BIN)/python -m tests.benchmarks.bench_broadcast
	$(BIN)/python -m tests.benchmarks.bench_start
	$(BIN)/python -m tests.benchmarks.bench_webhook

# Looks up known weaknesses of the locked versions, with a tool in an environment of its own. Says
# so where it cannot: without a way to the database of weaknesses nothing was looked at.
audit: $(INSTALLED)
	$(BIN)/python -m tests.audit

# Before a version is published; what needs a fresh clone and documents is among the tests.
release-check: lint test test-long bench audit
	@echo "Checked: lint, tests, long tests with a fresh clone, benchmarks, audit (see above)."

# The pictures of the handbook, taken anew on the chat page; needs Chromium.
pictures: $(INSTALLED)
	$(BIN)/python -m tests.pictures

# Pins every version with its hashes; no addresses are written, so that any index serves.
lock: $(INSTALLED)
	$(BIN)/pip-compile --quiet --extra dev --generate-hashes --allow-unsafe --strip-extras \
		--no-header --no-annotate --no-emit-index-url --no-emit-find-links \
		--no-emit-trusted-host --output-file requirements.lock pyproject.toml

$(INSTALLED): pyproject.toml requirements.lock
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

clean:
	rm -rf $(VENV) build *.egg-info
