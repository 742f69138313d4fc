# Short names; what they do is in the scripts and in CMakePresets.json.
-include Makefile.local
.DEFAULT_GOAL := help
.PHONY: help deps build programs run stop test test-asan test-tsan test-long fuzz lint format bench

JOBS ?= $(shell nproc)
PRESET ?= release
CTEST = ctest --test-dir build/$(PRESET) --output-on-failure --no-tests=error

## help        This list.
help:
	@sed -n 's/^## //p' Makefile
## deps        Install what is needed (Debian 12; asks for sudo only if something is missing).
deps:
	@deploy/install-deps.sh
## build       Build everything, tests too. PRESET=release, debug, asan or tsan.
build: deps
	@tools/build $(PRESET) $(JOBS)
programs: deps
	@tools/build $(PRESET) $(JOBS) accord-agreements accord-training accord-gateway accordctl
## run         Start the suite with data. STATE=.accord PORT=7200 DATA=demo|rosters|none
run: deps
	@deploy/run.sh
## stop        End what was started with STATE=.accord. Data stay.
stop:
	@deploy/stop.sh
## test        Unit, store contract (SQLite and PostgreSQL), integration and fault tests.
test: build
	@$(CTEST) -j 2 -L '^(unit|contract|integration|fault)$$'
## test-asan   Unit and contract tests and a smoke run under ASan and UBSan.
test-asan: deps
	@tools/test-asan $(JOBS)
## test-tsan   The unit and contract tests without gRPC under TSan.
test-tsan: deps
	@tools/test-tsan $(JOBS)
## fuzz        Fuzz what reads foreign bytes, each for FUZZ_SECONDS=60.
FUZZ_SECONDS ?= 60
fuzz: deps
	@tools/fuzz $(FUZZ_SECONDS)
## test-long   Big sizes, soak and drills, and an hour of fuzzing each. Not in CI.
test-long: build
	@$(CTEST) --no-tests=ignore -L '^long$$'
	@tools/fuzz 3600
## lint        Layers, protos, scripts, format, clang-tidy of what changed (TIDY=all: of all).
lint: build
	@tools/lint
## format      Let clang-format rewrite the C++.
format: deps
	@tools/check-format --fix
## bench       Build the benchmarks and run them, the largest sizes too.
bench: build
	@tools/bench $(PRESET) --largest
