# What people type: `make demo`, `make test`; `make help` lists the rest.
#
# Everything lives in .venv and build/. One build tree serves the Python package, which is installed
# into .venv as editable, and the C++ tests.
PYTHON ?= python3
VENV := $(CURDIR)/.venv
BIN := $(VENV)/bin
BUILD := build/release
export PYTHON
export PATH := $(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo check test test-cpp test-python lint tidy format asan tsan coverage soak fuzz corpus wheel check-wheel stubs bench bench-compare figures silicon vendor-headers api docs pictures accept-tutorials clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(BUILD)/.installed ## Build what is needed and run the demonstration (ARGS="--story zork1.z3")
	@$(BIN)/tilewright demo $(ARGS)
	@echo "Four ways of programming on one chip (examples/one_chip.py):"
	@$(BIN)/python examples/one_chip.py

check: $(BUILD)/.installed-with-tests ## Run the quick C++ tests, each layer on its own: about a minute
	ctest --test-dir $(BUILD) --output-on-failure --no-tests=error --parallel 2 --label-regex quick

test: test-cpp test-python ## Run all tests, C++ and Python

test-cpp: $(BUILD)/.installed-with-tests
	ctest --test-dir $(BUILD) --output-on-failure --no-tests=error --parallel 2

test-python: $(BUILD)/.installed-with-tests $(VENV)/.measurements
	$(BIN)/python -m pytest --numprocesses 2 $(ARGS)

# --- Environment and build ----------------------------------------------------------------------

# The stamps below are made again whenever pyproject.toml changes.
$(VENV)/bin/python:
	@scripts/system-packages build
	@$(PYTHON) -m venv $(VENV) || { echo "Install the package python3-venv." >&2; exit 1; }

$(VENV)/.build-tools: pyproject.toml scripts/requirements.py | $(VENV)/bin/python
	@scripts/system-packages build
	@echo "Installing Python packages into .venv"
	@$(BIN)/python scripts/requirements.py > $(VENV)/build.txt
	@$(BIN)/python -m pip install --quiet -r $(VENV)/build.txt
	@command -v ninja > /dev/null || $(BIN)/python -m pip install --quiet ninja
	@$(PYTHON) scripts/cmake_version.py || $(BIN)/python -m pip install --quiet 'cmake>=3.25'
	@touch $@

$(VENV)/.dev-tools: $(VENV)/.build-tools
	@scripts/system-packages build test
	@$(BIN)/python scripts/requirements.py test dev > $(VENV)/dev.txt
	@$(BIN)/python -m pip install --quiet -r $(VENV)/dev.txt
	@touch $@

# Measurements of a board that tests hold the model to: only the files, as what the package needs to
# run is not used. Without them those tests say that they are skipped.
$(VENV)/.measurements: benchmarks/silicon/split.toml | $(VENV)/.dev-tools
	@$(BIN)/python -m pip install --quiet --no-deps \
		"$$($(BIN)/python -c 'from benchmarks.silicon.split import read_split as r; print(r().requirement)')" \
		&& touch $@ || echo "The measurements of a board could not be installed." >&2

# pip asks the build system, which builds what has changed; so these run every time. Warnings stop
# the build in CI only: a compiler that is newer than ours must not keep anybody from a first look.
install = $(BIN)/python -m pip install --quiet --no-build-isolation --no-deps --editable . \
	--config-settings=build-dir=$(BUILD) \
	--config-settings=cmake.define.TILEWRIGHT_WERROR=$(if $(CI),ON,OFF)

.PHONY: $(BUILD)/.installed $(BUILD)/.installed-with-tests
$(BUILD)/.installed: $(VENV)/.build-tools
	@echo "Building Tilewright"
	@$(install)

$(BUILD)/.installed-with-tests: $(VENV)/.dev-tools
	@echo "Building Tilewright and its tests"
	@$(install) --config-settings=cmake.define.TILEWRIGHT_BUILD_TESTS=ON

# --- Checks -------------------------------------------------------------------------------------

cpp_files = $(shell git ls-files '*.cpp' '*.hpp')

lint: $(VENV)/.dev-tools ## Check style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	@$(BIN)/clang-format --dry-run -Werror --ferror-limit=1 $(cpp_files)

format: $(VENV)/.dev-tools ## Format the sources
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/clang-format -i $(cpp_files)

tidy: $(VENV)/.dev-tools ## Look for mistakes with clang-tidy (SINCE=COMMIT: in what changed since)
	@scripts/system-packages tidy
	@mkdir -p build
	cmake --preset $@ -DPython_EXECUTABLE=$(BIN)/python > build/$@.log 2>&1 || { cat build/$@.log; exit 1; }
	$(BIN)/python scripts/tidy.py build/tidy $(if $(SINCE),--since $(SINCE))

export FUZZ_CXX ?= clang++-16
# TSAN_TESTS='runtime sim': only those of these folders.
TSAN_TESTS ?=
empty :=
space := $(empty) $(empty)
tsan: only := $(TSAN_TESTS)
# Where there is the fuzzers' compiler, in their build: one build then does for both.
asan: preset = $(if $(shell command -v $(FUZZ_CXX)),fuzz,asan)
tsan: preset := tsan
fuzz_compiler = -DCMAKE_CXX_COMPILER=$(FUZZ_CXX)
asan tsan: $(VENV)/.dev-tools ## Run the C++ tests under the sanitizers
	@mkdir -p build
	cmake --preset $(preset) -DPython_EXECUTABLE=$(BIN)/python $(if $(filter fuzz,$(preset)),$(fuzz_compiler)) \
		> build/$@.log 2>&1 || { cat build/$@.log; exit 1; }
	cmake --build --preset $(preset) $(if $(only),--target tilewright-kernels $(only:%=%_tests))
	ctest --preset $(preset) --parallel 2 $(if $(only),--label-regex '^($(subst $(space),|,$(strip $(only))))$$')

$(VENV)/.coverage-tools: $(VENV)/.dev-tools
	@$(BIN)/python scripts/requirements.py coverage > $(VENV)/coverage.txt
	@$(BIN)/python -m pip install --quiet -r $(VENV)/coverage.txt
	@touch $@

# Counts that an earlier run left would be added to. A failed test fails this, after the table.
coverage: $(VENV)/.coverage-tools ## Show how much of the library the C++ tests reach, by folder
	@mkdir -p build/coverage
	cmake --preset $@ -DPython_EXECUTABLE=$(BIN)/python > build/$@.log 2>&1 || { cat build/$@.log; exit 1; }
	cmake --build --preset $@
	@find build/coverage -name '*.gcda' -delete
	@ctest --preset $@ --parallel 2; tests=$$?; \
	$(BIN)/gcovr --root . --filter src/ --filter include/tilewright/ --merge-lines \
		--json-summary build/coverage/summary.json --html-details build/coverage/lines.html \
		build/coverage && \
	$(BIN)/python scripts/coverage.py build/coverage/summary.json && \
	echo "Line by line: build/coverage/lines.html" && exit $$tests

SOAK_PROGRAMS ?= 5000
soak: $(BUILD)/.installed-with-tests ## Compare random programs with qemu, races with a graph (SOAK_PROGRAMS=5000)
	TILEWRIGHT_RANDOM_PROGRAMS=$(SOAK_PROGRAMS) $(BUILD)/bin/riscv_tests --gtest_filter='Qemu.*'
	TILEWRIGHT_RACE_TRACES=$$((20 * $(SOAK_PROGRAMS))) $(BUILD)/bin/race_tests --gtest_filter='RaceCheck.*'
	TILEWRIGHT_RACE_PROGRAMS=$(SOAK_PROGRAMS) $(BIN)/python -m pytest -q tests/python/test_races_random.py

FUZZ_SECONDS ?= 60
# The same inputs in each run of the same code; 0 takes others each time.
FUZZ_SEED ?= 1
.PHONY: fuzzers
fuzzers: $(VENV)/.dev-tools
	@scripts/system-packages fuzz
	@mkdir -p build/corpus
	cmake --preset fuzz -DPython_EXECUTABLE=$(BIN)/python $(fuzz_compiler)
	cmake --build --preset fuzz --target fuzzers
	build/fuzz/bin/write_seeds build/corpus
	@mkdir -p build/corpus/elf_fuzz && cp build/fuzz/share/tilewright/kernels/*.elf build/corpus/elf_fuzz
	@cp -r fuzz/corpus/. build/corpus

fuzz: fuzzers ## Fuzz what reads foreign bytes (FUZZ_CXX=clang++-16 FUZZ_SECONDS=60 FUZZ_SEED=1)
	@for fuzzer in build/fuzz/bin/*_fuzz; do \
		corpus=build/corpus/$$(basename $$fuzzer); mkdir -p $$corpus; \
		$$fuzzer -seed=$(FUZZ_SEED) -max_total_time=$(FUZZ_SECONDS) -verbosity=0 -print_final_stats=1 \
			-artifact_prefix=$$corpus- $$corpus > $$corpus.log 2>&1 || { cat $$corpus.log; exit 1; }; \
		echo "$$fuzzer:$$(sed -n 's/.*number_of_executed_units://p' $$corpus.log) inputs"; \
	done

corpus: fuzzers ## Take over into fuzz/corpus what fuzzers have found, minimised (after make fuzz)
	@for fuzzer in build/fuzz/bin/*_fuzz; do \
		name=$$(basename $$fuzzer); found=build/corpus/$$name; merged=build/corpus/$$name-merged; \
		rm -rf $$merged && mkdir -p $$merged $$found; \
		$$fuzzer -merge=1 $$merged $$found > $$merged.log 2>&1 || { cat $$merged.log; exit 1; }; \
		$(BIN)/python scripts/corpus.py $$merged fuzz/corpus/$$name; \
	done

# --- Distribution -------------------------------------------------------------------------------

wheel: $(VENV)/.dev-tools ## Build the wheel into dist/
	$(BIN)/python -m pip wheel --quiet --no-build-isolation --no-deps --wheel-dir dist . \
		--config-settings=build-dir=$(BUILD)

check-wheel: wheel ## Install the wheel where there is no compiler, and run the demonstration there
	scripts/check-wheel dist/tilewright-*.whl

stubs: $(BUILD)/.installed ## Write the types of tilewright._core again
	$(BIN)/python scripts/stubs.py python/tilewright/_core.pyi

# --- Documentation ------------------------------------------------------------------------------

api: ## Write the C++ reference into build/api/html (needs doxygen)
	@scripts/system-packages docs
	@mkdir -p build/api
	doxygen docs/Doxyfile

$(VENV)/.docs-tools: $(VENV)/.dev-tools
	@$(BIN)/python scripts/requirements.py docs > $(VENV)/docs.txt
	@$(BIN)/python -m pip install --quiet -r $(VENV)/docs.txt
	@touch $@

# From nothing each time: Sphinx tells of a warning only when it reads the page.
docs: $(VENV)/.docs-tools $(BUILD)/.installed api ## Write the documentation site into build/docs (needs doxygen)
	@rm -rf build/docs build/doctrees
	$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going --jobs 2 --doctree-dir build/doctrees docs build/docs
	$(BIN)/python scripts/check_links.py build/docs
	$(BIN)/python scripts/check_reference.py build/docs

pictures: $(BUILD)/.installed-with-tests ## Draw the pictures of README and documentation again, from runs
	$(BIN)/python -m scripts.pictures

accept-tutorials: $(BUILD)/.installed-with-tests ## Write what tutorials and demonstration print now into the documents
	TILEWRIGHT_ACCEPT=1 $(BIN)/python -m pytest --quiet tests/python/test_tutorials.py tests/python/test_demo.py

# The peers, in an environment of their own: what they want must not change what we are tested with.
# Without one of them its lines of the table say so. Jericho alone needs nothing that it asks for.
build/peers/.installed: Makefile | $(VENV)/bin/python
	@$(PYTHON) -m venv build/peers
	@build/peers/bin/python -m pip install --quiet 'scalesim==3.0.0' 'numpy<2' 'pandas<3' || \
		echo "SCALE-Sim could not be installed." >&2
	@build/peers/bin/python -m pip install --quiet --no-deps jericho==3.3.1 || \
		echo "Jericho could not be installed." >&2
	@touch $@

bench: $(BUILD)/.installed build/peers/.installed ## Compare with peers, in turns (ARGS="--rounds 5 --write stories")
	@scripts/system-packages bench || true
	$(BIN)/python -m benchmarks.peers $(ARGS)

figures: $(BUILD)/.installed ## Measure what users notice: opening, first result, speed, games, timelines
	$(BIN)/python benchmarks/figures.py
	$(BIN)/python benchmarks/zmachine.py
	$(BIN)/python benchmarks/trace.py

BASE ?= HEAD
bench-compare: $(BUILD)/.installed ## Count host instructions beside another commit's (BASE=main)
	@scripts/system-packages bench
	$(BIN)/python -m benchmarks.compare $(BASE) $(ARGS)

$(VENV)/.silicon-tools: $(VENV)/.build-tools
	@$(BIN)/python scripts/requirements.py silicon > $(VENV)/silicon.txt
	@$(BIN)/python -m pip install --quiet -r $(VENV)/silicon.txt
	@touch $@

silicon: $(BUILD)/.installed $(VENV)/.silicon-tools ## Compare cycles with those of a board (ARGS="--write")
	$(BIN)/python -m benchmarks.silicon $(ARGS)

# Not needed by anything else: without them their tests say that they are skipped.
vendor-headers: $(BUILD)/.installed-with-tests ## Fetch the vendor's low-level headers (100 MB), run them on our engine
	$(BIN)/python scripts/vendor_headers.py
	$(BIN)/python -m pytest --quiet tests/python/test_vendor_headers.py tests/python/test_vendor_vector.py

clean: ## Remove everything that was built, and the environment
	rm -rf build dist .venv
