# Everything a person types. `make help` lists it. Each target installs what it needs first and can be run again.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help install build test demo up sim bench bench-peers fuzz lint format clean

PRESET  ?= release
SEEDS   ?= 1000
SECONDS ?= 60
ARGS    ?=

bounded := tools/run-bounded

help:  ## this list
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

install:  ## Debian packages and node modules that are missing (as root when a package is)
	@tools/install $(if $(filter clang fuzz,$(PRESET)),--clang)

build: install  ## compile into build/release (PRESET=dev|asan|tsan|clang for another)
	@tools/phase build "mend the first error; then make build" tools/build $(PRESET)

test: build  ## every test: lints, contracts, unit, simulation, functional
	@$(bounded) ctest --test-dir build/$(PRESET) --no-tests=error --output-on-failure -j2

demo: build  ## four thefts against the whole system, on local chains, told as they happen (ARGS=... passed on)
	@$(bounded) node demo/run.mjs $(ARGS)

up: build  ## the same system, left running until Ctrl-C
	@$(bounded) node demo/run.mjs --stay $(ARGS)

sim: build  ## simulate the whole system from SEEDS=1000 seeds (ARGS=... passed on)
	@$(bounded) build/$(PRESET)/sim/holdfast-sim --seeds $(SEEDS) $(ARGS)

bench: build  ## measure; writes build/bench.json
	@$(bounded) node bench/run.mjs $(ARGS)

bench-peers: build  ## the same decisions by Redis, PostgreSQL and rule engines; writes build/bench_peers.json
	@$(bounded) node bench/peers/run.mjs $(ARGS)

fuzz:  ## every decoder under libFuzzer for SECONDS=60 each
	@tools/install --clang
	@tools/phase build "mend the first error; then make fuzz" tools/build fuzz fuzzers
	@$(bounded) tools/fuzz $(SECONDS)

lint: install  ## the rules of the house, and the layout of the code when clang-format-19 is there
	@tools/lint/run --self-test
	@tools/lint/run
	@tools/format --check

format:  ## lay the code out by .clang-format
	@tools/install --clang
	@tools/format

clean:  ## remove what was built (not what was installed)
	@rm -rf build contracts/out contracts/cache
