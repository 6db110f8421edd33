# The commands of the project. CI runs `make test`.

PREFIX ?= /usr/local
DESTDIR ?=

.PHONY: help deps deps-test deps-bench build release deb run test test-long asan fuzz fuzz-selftest bench bench-supervisor fmt lint install clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

deps: ## install the Debian packages that building and running need
	@scripts/deps build run

deps-test: ## install what the tests need, too
	@scripts/deps build run test deb

deps-bench: ## install what the benchmark compares with, too
	@scripts/deps build run test bench

build: ## build everything (debug)
	@scripts/build debug

release: ## build everything (release, Swift's library linked in)
	@scripts/build release

deb: release ## make the Debian package of what `make release` built, in out/
	@scripts/deps deb
	@scripts/deb

run: ## the main job: build, start rktlet on a systemd, run a pod through the CRI, clean up
	@scripts/run-demo

test: deps-test ## pass the tests: everything, with real parts and in a virtual machine
	@scripts/test

test-long: ## what takes longer than CI has: sanitizers, fuzzing by time, a soak (LONG_SECONDS for each)
	@scripts/test-long

asan: ## pass the Swift tests under the address sanitizer
	@scripts/sanitize address

fuzz: ## look for inputs that break a reader of foreign bytes (SECONDS for each, TARGETS; see docs/fuzzing.md)
	@SECONDS_EACH=$(or $(SECONDS),60) scripts/fuzz run $(TARGETS)

fuzz-selftest: ## the fuzzer finds a trap that is planted deep in each target (at most SECONDS for each, TARGETS)
	@SECONDS_EACH=$(or $(SECONDS),300) scripts/fuzz selftest $(TARGETS)

bench: ## measure against containerd
	@scripts/bench

bench-supervisor: ## measure what a pod's supervisor does with containers that flood it (after make release)
	@Tests/Host/testhost with "bench-$$$$" --bind="$(CURDIR)" --sysctl-rw -- --env=PATH="$$PATH" --cwd="$(CURDIR)" \
		python3 Benchmarks/supervisor_bench.py .build/release

fmt: ## format the Swift code
	@scripts/lint --fix

lint: ## check the format, the shell and the Python code
	@scripts/lint

install: ## install what `make release` built, with units and samples (PREFIX, DESTDIR)
	@scripts/install "$(DESTDIR)" "$(PREFIX)"

clean: ## remove what was built
	rm -rf .build .build-* .venv out
