# Everything a contributor does. What is missing on a fresh machine (bun, Debian packages, Go modules) is installed on the way.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

BUN_VERSION := $(shell sed -n 's/.*"bun": "\(.*\)".*/\1/p' package.json)
CACHE       := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/k0s-build
BUN_HOME    := $(CACHE)/bun-$(BUN_VERSION)
BUN         := $(BUN_HOME)/bin/bun
export PATH := $(BUN_HOME)/bin:$(CURDIR)/node_modules/.bin:$(PATH)

.PHONY: help run stop build build-arm64 build-windows vm-images release test test-full bench check update-debian clean format

help: ## this text
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

run: build ## build k0s, start a cluster in a sandbox, run a workload on it
	bun test/main-job/run.ts

stop: node_modules ## end what `make run` started
	bun test/main-job/stop.ts

build: node_modules ## dist/k0s for this architecture, with checksums and SBOM
	bun build/build.ts pack

# What is published, and what is measured, is compressed as well as can be.
release vm-images bench: export K0S_BUILD_BEST := 1

build-arm64: node_modules ## dist/k0s for linux/arm64
	bun build/build.ts --arch arm64 pack

build-windows: node_modules ## dist/windows-amd64/k0s.exe, experimental; docs/windows.md
	bun build/build.ts windows

vm-images: build ## dist/vm-images: disks that boot, with k0s as a service; docs/vm-images.md
	bun build/build.ts vm-images

release: build ## dist/release: files, sums, signatures, image lists, feed; docs/releases.md
	bun build/build.ts release

test: build ## unit and integration tests with real components
	bun test/run.ts

test-full: build ## everything of `make test` and the long tail: variants, faults, soaks
	bun test/run.ts unit integration full vm

bench: build ## measure what docs/benchmarks.md lists, on this machine; ARGS="join --runs 1" chooses
	bun bench/run.ts $(ARGS)

check: node_modules ## format, lint, types, layers, dead code
	bun build/check/check.ts

update-debian: node_modules ## the newest Debian packages into the lock, and what changes by it
	bun build/build.ts update-debian

format: node_modules ## rewrite sources in the project's format
	oxfmt .

clean: ## remove what was built here; caches outside the checkout stay
	rm -rf dist node_modules

node_modules: $(BUN) package.json bun.lock
	bun install --frozen-lockfile --no-summary --no-progress
	@touch node_modules

$(BUN):
	npm install --loglevel=error --no-audit --no-fund --ignore-scripts --prefix $(BUN_HOME) bun@$(BUN_VERSION)
	mkdir -p $(BUN_HOME)/bin
	ln -sf $$(echo $(BUN_HOME)/node_modules/@oven/bun-linux-*/bin/bun | cut -d" " -f1) $@
