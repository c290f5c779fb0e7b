# The commands of this project. `make` alone lists them.
# Needs make, a POSIX shell and Python 3.11 or newer; nothing else is installed outside this folder.

PORT ?= 8000
export PORT

# The first Python on this machine that is new enough, and its version.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
PYTHON_VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)

# The environment's programs are started through its Python: their own first lines break when the folder moves.
RUN := .venv/bin/python
PIP_INSTALL := $(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes
LOCK := $(RUN) -m uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --no-emit-index-url --no-strip-extras
LOCKS := requirements requirements-postgresql requirements-dev
TEMPLATES := find templates trials -type f -path '*templates/*' \( -name '*.html' -o -name '*.txt' -o -name '*.xml' \)
# Both cores; the tests of a file stay together, so that what they share is made once.
PYTEST := $(RUN) -m pytest -n 2 --dist loadfile -rs
# The checks see the settings of a public site and nothing of this machine's own.
AS_IN_PUBLIC = env -i PATH="$$PATH" HOME="$$HOME" LANG=C.UTF-8 DATABASE_URL=sqlite://:memory: \
	ARDSINFO_SITE_URL=https://ardsinfo.internal ARDSINFO_TRUSTED_PROXY=true \
	ARDSINFO_CONTACT_EMAIL=desk@ardsinfo.internal \
	ARDSINFO_EMAIL_URL=smtp+tls://ardsinfo:secret@mail.internal \
	ARDSINFO_SECRET_KEY="$$($(RUN) -c 'import secrets; print(secrets.token_urlsafe(64))')"
CHECKS := lint format types templates migrations requirements deploy

# A stamp says which lock file was installed, by which Python.
STAMP := .venv/stamp-$(PYTHON_VERSION)
SITE := $(STAMP)-requirements
ifneq (,$(filter postgres%,$(DATABASE_URL))$(shell grep -s '^postgres' "$(DATABASE_URL_FILE)"))
SITE += $(STAMP)-requirements-postgresql
endif
DEVELOPMENT := $(STAMP)-requirements $(STAMP)-requirements-dev

.PHONY: help
help: ## List what make can do here
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' Makefile

# --- Run -------------------------------------------------------------------------------------------------------

.PHONY: serve
serve superuser: export ARDSINFO_SECRET_KEY_FILE ?= var/secret-key
serve: export ARDSINFO_SITE_URL := $(or $(ARDSINFO_SITE_URL),http://127.0.0.1:$(PORT))
serve: $(SITE) var/secret-key ## Set up everything and serve the site on PORT (8000); run it again at any time
	@case "$(PORT)" in *[!0-9]*|"") false;; *) [ "$(PORT)" -ge 1 ] && [ "$(PORT)" -le 65535 ];; esac || \
	  { echo "PORT must be a number from 1 to 65535, and not “$(PORT)”." >&2; exit 1; }
	@chmod go= var
	@$(RUN) -c 'import socket; socket.create_server(("127.0.0.1", $(PORT)))' 2>/dev/null || { \
	  echo "Port $(PORT) is in use or may not be used. Take another one: make serve PORT=8001" >&2; exit 1; }
	@$(RUN) manage.py migrate --noinput --verbosity 0
	@$(RUN) manage.py load_studies
	@$(RUN) manage.py export_dataset
	@$(RUN) manage.py collectstatic --noinput --verbosity 0
	@exec $(RUN) -m gunicorn --config deploy/gunicorn.conf.py ardsinfo.wsgi

.PHONY: superuser
superuser: $(SITE) var/secret-key ## Make a member of staff who may do everything
	@$(RUN) manage.py migrate --noinput --verbosity 0
	@$(RUN) manage.py createsuperuser

# --- Test and check --------------------------------------------------------------------------------------------

.PHONY: test
test: $(DEVELOPMENT) node_modules/.package-lock.json ## Run the suite on SQLite, then its marked part on a temporary PostgreSQL
	@$(PYTEST) -m "not postgresql"
	@sh tests/postgresql.sh $(RUN) -m pytest -rs -m postgresql

.PHONY: coverage
coverage: $(DEVELOPMENT) node_modules/.package-lock.json ## Run the suite and list the lines and branches it misses
	@$(PYTEST) -m "not postgresql" --cov --cov-report=term-missing:skip-covered

.PHONY: check
check: $(addprefix check-,$(CHECKS)) ## Run every check below; make -k check goes on after a failure

.PHONY: $(addprefix check-,$(CHECKS))
check-lint: $(DEVELOPMENT) ## - mistakes in the Python code
	@$(RUN) -m ruff check --output-format concise .

check-format: $(DEVELOPMENT) node_modules/.package-lock.json ## - the form of the Python code, the CSS and the scripts
	@$(RUN) -m ruff format --check --output-format concise .
	@if [ -x node_modules/.bin/prettier ]; then node_modules/.bin/prettier --check --log-level warn static/css static/js; fi

check-types: $(DEVELOPMENT) ## - types
	@$(AS_IN_PUBLIC) $(RUN) -m mypy

check-templates: $(DEVELOPMENT) ## - the form of the templates (the tests compile them)
	@$(TEMPLATES) -exec .venv/bin/djade --target-version 5.2 --check {} +
	@! $(TEMPLATES) ! -name '*.txt' -exec env LC_ALL=C.UTF-8 grep -nE '^.{121}' {} +

check-migrations: $(DEVELOPMENT) ## - no model has changed without its migration
	@$(AS_IN_PUBLIC) $(RUN) manage.py makemigrations --check --dry-run

# Compiled over a copy of the lock files, so that a newer release somewhere changes nothing: only an edited .in file does.
check-requirements: $(DEVELOPMENT) ## - the lock files are what the .in files ask for
	@copy=$$(mktemp -d); trap 'rm -rf "$$copy"' EXIT; cp requirements*.in requirements*.txt "$$copy"; \
	for lock in $(LOCKS); do \
		(cd "$$copy" && "$(CURDIR)"/$(LOCK) $$lock.in -o $$lock.txt) || exit 1; \
		diff -u $$lock.txt "$$copy/$$lock.txt" || { echo "$$lock.txt is not what $$lock.in asks for: run make lock."; exit 1; }; \
	done

check-deploy: $(DEVELOPMENT) ## - the settings of a public site
	@$(AS_IN_PUBLIC) $(RUN) manage.py collectstatic --noinput --verbosity 0
	@$(AS_IN_PUBLIC) $(RUN) manage.py check --deploy --fail-level WARNING

.PHONY: bench
bench: $(SITE) ## Measure the site (needs wrk, nginx and openssl; 100,000 studies take some minutes at first; SIZES=8,1000)
	@$(RUN) -m bench

# --- Change ----------------------------------------------------------------------------------------------------

.PHONY: fix
fix: $(DEVELOPMENT) ## Repair what the tools can repair
	@$(RUN) -m ruff check --fix --exit-zero .
	@$(RUN) -m ruff format .
	@if [ -x node_modules/.bin/prettier ]; then node_modules/.bin/prettier --write --log-level warn static/css static/js; fi
	@$(TEMPLATES) -exec .venv/bin/djade --target-version 5.2 {} + || true

.PHONY: lock
lock: $(DEVELOPMENT) ## Write the lock files from the .in files; LOCK_FLAGS=--upgrade takes newer releases
	@for lock in $(LOCKS); do $(LOCK) $(LOCK_FLAGS) $$lock.in -o $$lock.txt || exit 1; done

.PHONY: clean
clean: ## Remove all that make made except var/ (the database and the secret)
	rm -rf .venv node_modules staticfiles test-results htmlcov .coverage .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- What the above need ---------------------------------------------------------------------------------------

$(STAMP):
	@[ -n "$(PYTHON_VERSION)" ] || { \
		echo "ARDSinfo needs Python 3.11 or newer, and found none. Install it, or name it: make PYTHON=/path/to/python3." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "ARDSinfo needs Python 3.11 or newer, and $(PYTHON) is Python $(PYTHON_VERSION)." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make an environment. On Debian and Ubuntu: apt-get install python3-venv." >&2; exit 1; }
	@$(PYTHON) -m venv --clear .venv
	@touch $@

$(STAMP)-%: %.txt | $(STAMP)
	@echo "Installing $<"
	@$(PIP_INSTALL) -r $<
	@touch $@

var/secret-key:
	@mkdir -p -m 700 var
	@umask 077 && $(or $(PYTHON),python3) -c 'import secrets; print(secrets.token_urlsafe(64))' > $@.new && mv $@.new $@

# Without npm, or with npm and no registry, the tests of the HTML are skipped and say so.
node_modules/.package-lock.json: package-lock.json .npmrc
	@if ! command -v npm > /dev/null; then echo "There is no npm: the tests that need the HTML checker are skipped."; \
	elif npm ci --no-progress --loglevel=error; then touch $@; \
	else echo "npm could not install the HTML checker: the tests that need it are skipped."; fi
