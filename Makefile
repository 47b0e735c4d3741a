# `make check` before every commit, `make ci` before a change lands; CI calls the same targets.
PYTHON ?= python3
VENV ?= .venv
# Formatters, linters and types lie beside the requirements, whose types they read, but apart from
# what runs the service.
TOOLS ?= .venv-tools
SOURCES = wsgi.py common activity profiles marketplace fixtures tests
PYTEST = $(VENV)/bin/pytest -q $(PYTEST_OPTIONS)

.PHONY: help check ci format format-check lint types imports packaging migrations lock quick test slow graders openapi search-quality messages

help:
	@echo 'make check     format, lint, types, directions of imports, quick tests: about a minute'
	@echo 'make test      the suite on embedded servers'
	@echo 'make slow      what takes minutes: faults, long histories, a soak'
	@echo 'make graders   the OpenAPI document and the service judged by other people'"'"'s programs'
	@echo 'make packaging the image, the manifests and the composition, judged by their linters'
	@echo 'make migrations the SQL of migrations that no release has, judged by squawk'
	@echo 'make lock      writes deploy/requirements.lock, after a change of requirements.txt'
	@echo 'make openapi   writes docs/openapi.json, which a release stores'
	@echo 'make search-quality writes docs/search-quality.md, after a change of what searches find or of their order'
	@echo 'make messages  adds the code'"'"'s new messages to the .po files, which translators fill in'
	@echo 'make ci        everything, as CI runs it'

check: format lint types imports quick

ci:
	.ci/run

format: $(TOOLS)/installed
	$(TOOLS)/bin/isort -q $(SOURCES)
	$(TOOLS)/bin/black -q -l 100 -t py311 $(SOURCES)

format-check: $(TOOLS)/installed
	$(TOOLS)/bin/isort --check -q $(SOURCES)
	$(TOOLS)/bin/black --check -q -l 100 -t py311 $(SOURCES)

lint: $(TOOLS)/installed
	$(TOOLS)/bin/flake8 $(SOURCES)

types: $(TOOLS)/installed
	$(TOOLS)/bin/mypy

imports: $(TOOLS)/installed
	$(TOOLS)/bin/lint-imports setup.cfg

packaging: $(TOOLS)/installed
	$(TOOLS)/bin/hadolint Dockerfile
	$(TOOLS)/bin/yamllint --strict -c deploy/yamllint.yaml compose.yaml deploy/kubernetes
	for file in $(filter-out %/kustomization.yaml,$(wildcard deploy/kubernetes/*.yaml)); do \
		$(TOOLS)/bin/kubernetes-validate --quiet --strict $$file || exit 1; done

migrations: $(VENV)/installed $(TOOLS)/installed
	$(VENV)/bin/python -m tests.migrations.lint $(TOOLS)/bin/squawk

lock: $(TOOLS)/installed
	TOOLS=$(TOOLS) deploy/lock

quick: $(VENV)/installed
	$(PYTEST) -m quick

test: $(VENV)/installed
	$(PYTEST)

slow: $(VENV)/installed
	$(PYTEST) -m slow

graders: $(VENV)/installed
	.ci/graders/run

openapi: $(VENV)/installed
	$(VENV)/bin/flask openapi document docs/openapi.json

search-quality: $(VENV)/installed
	SEARCH_QUALITY=write $(PYTEST) tests/marketplace/listing/relevance/test_search_quality.py

messages: $(VENV)/installed
	$(VENV)/bin/python -m common.translation.extraction

$(VENV)/installed: requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install -q -r requirements.txt
	touch $@

$(TOOLS)/installed: requirements.txt .ci/requirements.txt
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/pip install -q -r requirements.txt -r .ci/requirements.txt
	touch $@
