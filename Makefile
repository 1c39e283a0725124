# Plain POSIX make. Nothing to install by hand but Python 3.11–3.13, make, git, and Node 20 for the gateway tests.
.POSIX:
.SUFFIXES:

PYTHON = python3
VENV = .venv
BIN = $(VENV)/bin
GATEWAY = tests/gateway
# As many processes as there are cores, up to four: the gateways and browsers of the tests want some of them too.
PYTEST_ARGS = -n logical --maxprocesses 4 --dist worksteal
NAME =

help:
	@echo "make run     在浏览器里试玩：http://127.0.0.1:8080/  （PORT=9000 换端口）"
	@echo "make test    跑全部测试   make lint  检查代码   make bench  基准测试   make image  做镜像"

run: $(VENV)/.installed
	@$(BIN)/python -m bot db upgrade
	@exec $(BIN)/python -m bot sandbox $${PORT:+--port "$$PORT"}

test: $(VENV)/.dev gateway browser postgres
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(VENV)/.dev
	$(BIN)/python -m bot bench $(NAME)

image:
	@for engine in docker podman; do \
	  if $$engine info >/dev/null 2>&1; then exec $$engine build -t shequn:latest .; fi; \
	done; \
	if command -v buildah >/dev/null 2>&1; then exec buildah bud --format docker -t shequn:latest .; fi; \
	echo "做镜像需要 docker、podman 或 buildah (no image builder found)" >&2; exit 1

# The two containers of compose.yaml, built, started, and the red-packet story played through them; COMPOSE= names another.
image-test:
	@$(PYTHON) tests/image/story.py

# One install each for running and for developing; made again only when pyproject.toml changes.
# --use-pep517: what comes as source alone is built as a wheel first; the older way of Debian 12's pip leaves it uncompiled, and
# its compiling then warns in the middle of the tests.
$(VENV)/.installed: pyproject.toml
	@sh .ci/venv "$(PYTHON)" "$(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --use-pep517 --editable .
	@touch $(VENV)/.installed

$(VENV)/.dev: pyproject.toml
	@sh .ci/venv "$(PYTHON)" "$(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --use-pep517 --editable '.[dev]'
	@touch $(VENV)/.installed $(VENV)/.dev

gateway:
	@sh .ci/gateway $(GATEWAY)

browser:
	@sh .ci/browser

postgres:
	@sh .ci/postgres

clean:
	rm -rf $(VENV) $(GATEWAY)/node_modules dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis

.PHONY: help run test lint bench image image-test gateway browser postgres clean
