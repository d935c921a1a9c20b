# Everything a checkout needs, on a Debian machine that has the Rust toolchain and make.

CARGO ?= cargo
JUDGE := --manifest-path benches/compare/judge/Cargo.toml
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test bench compare fmt deps deps-test

say = @printf '\n==> %s\n'

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: deps ## Build and serve the sample pictures on http://127.0.0.1:8888
	$(say) 'building tintype (release profile; the first build takes some minutes)'
	$(CARGO) build --release --locked
	$(say) 'serving; Ctrl-C stops'
	$(CARGO) run --release --locked --quiet

test: deps-test ## Check everything: format, scripts, lints, tests, documentation
	$(say) '1/7 format'
	$(CARGO) fmt --check
	$(CARGO) fmt --check $(JUDGE)
	$(say) '2/7 scripts and samples'
	.ci/lint
	$(say) '3/7 clippy'
	$(CARGO) clippy --all-targets --locked -- -D warnings
	$(say) '4/7 tests'
	$(CARGO) test --locked
	$(say) '5/7 the page, in a browser'
	tests/ui/run
	$(say) '6/7 the container, compose files, the chart, units of systemd'
	tests/deploy/run
	$(say) '7/7 documentation'
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --no-deps --locked
	$(say) 'all checks passed'

bench: deps ## Time each stage and the whole way (criterion)
	$(say) 'benches'
	$(CARGO) bench --locked

compare: deps ## Measure against other servers on this machine (benches/compare/README.md)
	$(CARGO) build --release --locked
	benches/compare/compare.py $(ARGS)

fmt: ## Format the code
	$(CARGO) fmt
	$(CARGO) fmt $(JUDGE)

deps: ## Install the system packages a build needs, or name them
	@.ci/deps build

deps-test: ## The same, with what the tests need besides
	@.ci/deps build test
