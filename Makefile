# Two commands matter: `make run` and `make test`. Each sets up what it needs by itself.
.DEFAULT_GOAL := help
.PHONY: help run build test test-fast check bench

help: ## Say what can be done here
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

run: ## Build what has changed, then run the whole system with its data in ./data
	@scripts/run

build: ## Build the one binary, `looma`, with both front ends in it (target/release/looma)
	@scripts/build

test: ## Prove everything: format, lints, unit and request tests, browser tests against the real binary
	@scripts/test

test-fast: ## The same without the browser
	@scripts/test fast

check: ## Format and lints alone
	@scripts/test check

bench: ## Measure start, memory, latency and sizes; prints a table and writes bench/latest.json
	@scripts/bench
