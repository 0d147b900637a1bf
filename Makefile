# The two commands of the README are `make demo` and `make test`; plain CMake works too (CMakePresets.json).
#
#   make            build program and tests
#   make demo       build the program alone, train the bundled small models, show before and after
#   make test       build and run the C++ tests; with the reference stack present, also the Python ones
#   make test-all   as test, and installs the reference stack (diffusers, transformers, peft) first
#   make test-endpoint  asks a real server: llama.cpp's, with a small model, installed into .endpoint first
#   make venv       a virtual environment with libtorch's wheel (skipped where TORCH_DIR is given)
#
# TORCH_DIR=/path/to/torch        use this libtorch (a wheel's torch folder or libtorch's unpacked zip)
# TORCH_PYTHON=/path/to/python    use the torch of this Python environment
BUILD ?= build
VENV ?= .venv
ENDPOINT ?= .endpoint
DEMO_ARGS ?=

ifdef TORCH_DIR
TORCH_FLAG = -DTORCH_DIR=$(TORCH_DIR)
else ifdef TORCH_PYTHON
TORCH_FLAG = -DTORCH_PYTHON=$(TORCH_PYTHON)
endif

.PHONY: build demo test test-all test-endpoint venv deps format check clean
build:
	@scripts/build.sh $(BUILD) $(VENV) all $(TORCH_FLAG)

deps:
	@scripts/install_deps.sh --tests

venv: $(VENV)/.torch-ready
$(VENV)/.torch-ready: scripts/make_venv.sh
	scripts/make_venv.sh $(VENV)

demo:
	@scripts/build.sh $(BUILD) $(VENV) demo $(TORCH_FLAG)
	@echo "make: training the bundled models and judging their clips: about 4 minutes on two cores" >&2
	@$(BUILD)/src/drf/cli/drf demo $(DEMO_ARGS)

test: build
	ctest --test-dir $(BUILD) --output-on-failure -j $$(nproc)
	scripts/run_python_tests.sh $(BUILD) $(VENV)

test-all: build
	scripts/make_venv.sh $(VENV) --references
	$(MAKE) test

test-endpoint: build
	scripts/test_endpoint.sh $(BUILD) $(ENDPOINT)

check:
	scripts/check_layers
	scripts/check_format
	scripts/check_docs

format:
	git ls-files '*.h' '*.cpp' | xargs clang-format -i

clean:
	rm -rf $(BUILD)
