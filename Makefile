# SPDX-License-Identifier: Apache-2.0
# `make demo` and `make test` do all set-up on a fresh Debian 12 with Swift 6.3.

SWIFT ?= swift
BUILD := $(SWIFT) build
# Each function is a section, so that those that nobody calls go, and those that are the same are one.
STATIC := --static-swift-stdlib -Xswiftc -Xfrontend -Xswiftc -function-sections -Xcc -ffunction-sections -Xcc -fdata-sections \
	-Xlinker -s -Xlinker --gc-sections -Xlinker --icf=safe -Xlinker --version-script=$(CURDIR)/scripts/exports.map
PROGRAMS := broker broker-controller broker-agent broker-bench
SOURCES := Package.swift Sources controller agent Tests

.PHONY: help packages build demo test test-ansible test-api test-faults test-campaign test-tsan test-asan fuzz bench bench-smoke lint format \
	docs release dist wire clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

packages: ## install the Debian packages that are missing
	@scripts/install-packages

build: packages ## build everything for debugging, tests included
	$(BUILD) --build-tests

demo: packages ## a controller and three agents on this machine (ONCE=1: end by itself; DIR=…: keep the state there)
	$(BUILD)
	@scripts/demo "$$($(BUILD) --show-bin-path)"

# Suites that watch the time, those that use up processors, and those that start many processes follow one another:
# two processors are not enough for all at once.
TIMED := ^(FleetTests|LinkTests|NNGTests|TunnelTests)\.
HEAVY := ^(BenchTests|EndToEndTests|FaultsTests|HostOperationsTests|SecurityTests)\.

test: build ## all tests
	@scripts/cli-docs --check "$$($(BUILD) --show-bin-path)"
	@scripts/operation-docs --check "$$($(BUILD) --show-bin-path)"
	$(SWIFT) test --skip-build --disable-xctest --filter '$(TIMED)'
	$(SWIFT) test --skip-build --disable-xctest --skip '$(TIMED)' --skip '$(HEAVY)'
	$(SWIFT) test --skip-build --disable-xctest --filter '$(HEAVY)'

test-api: packages ## the HTTP API against its description, by programs from PyPI (SEED=…: by other requests)
	@scripts/install-packages python3-venv
	$(BUILD)
	@scripts/test-api "$$($(BUILD) --show-bin-path)"

test-ansible: packages ## the same tasks by ansible-core and by operations, on scratch copies of this machine; needs root
	@scripts/install-packages python3-venv dpkg-dev
	$(BUILD) --product broker-agent
	@Tests/AnsibleComparison/compare "$$($(BUILD) --show-bin-path)"

test-faults: build ## kills, cut links, full disks, garbage: within 15 minutes (BROKER_FAULTS_SEED=…, _SECONDS=…, _KILLS=…)
	BROKER_FAULTS=standard $(SWIFT) test --skip-build --disable-xctest --no-parallel --filter '^FaultsTests\.'

test-campaign: build ## one long campaign: 500 kills and 20,000 runs at least, in about 20 minutes
	BROKER_FAULTS_SECONDS=900 BROKER_FAULTS_KILLS=500 BROKER_FAULTS_AGENTS=12 BROKER_FAULTS_CLIENTS=8 \
		BROKER_FAULTS_PAUSE_MS=500 $(SWIFT) test --skip-build --disable-xctest --filter '^FaultsTests\.CampaignTests/'

test-tsan: packages ## all tests under ThreadSanitizer, the programs too (TEST_OPTIONS='--filter …')
	$(BUILD) --build-tests --sanitize thread --scratch-path .build-tsan
	@scripts/test-sanitized thread .build-tsan

test-asan: packages ## all tests under AddressSanitizer, the programs too
	$(BUILD) --build-tests --sanitize address --scratch-path .build-asan
	@scripts/test-sanitized address .build-asan

fuzz: packages ## libFuzzer on all that reads what strangers send (FUZZ_SECONDS=60 on each, FUZZ_SUBJECTS="json target")
	BROKER_FUZZ=1 $(BUILD) --configuration release --sanitize fuzzer --scratch-path .build-fuzz --product broker-fuzz
	@scripts/fuzz .build-fuzz/release/broker-fuzz .build-fuzz/fuzz $(FUZZ_SUBJECTS)

bench: release ## what is reached of what is to be reached, by the programs that are released (BENCH=--full: great fleets as well)
	"$$($(BUILD) --configuration release --show-bin-path)/broker-bench" report $(BENCH)

bench-smoke: build ## that every measurement works; its times say nothing
	"$$($(BUILD) --show-bin-path)/broker-bench" report --smoke

lint: ## formatting, sizes of files, imports across layers
	$(SWIFT) format lint --strict --recursive --parallel --configuration .swift-format $(SOURCES)
	@scripts/lint-layers

format: ## format the sources in place
	$(SWIFT) format --in-place --recursive --parallel --configuration .swift-format $(SOURCES)

docs: packages ## write docs/cli and docs/operations, a page for each command and operation, of what they say of themselves
	$(BUILD)
	@scripts/cli-docs "$$($(BUILD) --show-bin-path)"
	@scripts/operation-docs "$$($(BUILD) --show-bin-path)"

release: packages ## optimised, self-contained programs
	for program in $(PROGRAMS); do $(BUILD) --configuration release $(STATIC) --product $$program || exit; done

dist: release ## the programs, units and examples in dist/
	@scripts/dist "$$($(BUILD) --configuration release --show-bin-path)"

wire: ## generate Swift from broker.proto; needs protoc and protoc-gen-swift on the PATH
	protoc --swift_opt=Visibility=Internal --swift_opt=UseAccessLevelOnImports=true \
		--swift_out=Sources/Wire/Generated -I Sources/Wire broker.proto

clean: ## remove what was built
	rm -rf .build .build-fuzz .build-tsan .build-asan dist
