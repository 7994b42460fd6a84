# Two commands matter: `make run` and `make test`. Each sets up what it needs by itself.
.DEFAULT_GOAL := help
.PHONY: help run build test test-fast test-engines check soak bench bench-engines bench-gateway

help: ## Say what can be done here
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

run: ## Build what has changed, then run the whole system with its data in ./data
	@scripts/run

build: ## Build the one binary, `looma`, with both front ends in it (target/release/looma)
	@scripts/build

test: ## Prove everything: format, lints, unit and request tests, real engines, browser tests against the real binary
	@scripts/test

test-fast: ## The same without the engines and the browser
	@scripts/test fast

test-engines: ## Install and start the real engines (PostgreSQL, MongoDB, …), run the tests that need them, and stop the engines
	@scripts/test engines

check: ## Format and lints alone
	@scripts/test check

soak: ## Prove for longer: requests made up from every contract, none of which may end in a server error
	@scripts/soak

bench: ## Measure start, memory, latency and sizes; prints a table and writes bench/latest.json
	@scripts/bench

bench-engines: ## Measure the stores embedded and on real engines, side by side; writes bench/engines.json
	@scripts/bench-engines

bench-gateway: ## Measure what the gateway adds, beside nginx and HAProxy; writes bench/gateway.json
	@scripts/bench-gateway
