.DEFAULT_GOAL := help
SHELL := /bin/bash -o pipefail

BINARY := bin/robutler-mcp
TOOLS := $(CURDIR)/.tools
GOLANGCI_VERSION := v2.15.0
GORELEASER_VERSION := v2.15.0
CYCLONEDX_VERSION := v1.10.0
APIDIFF_VERSION := v0.0.0-20261113113407-e3970619a1a4
ACTIONLINT_VERSION := v1.7.12
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X github.com/robutlerai/robutler-mcp/internal/cli.release=$(VERSION)
BENCHSTAT_VERSION := v0.0.0-20260908200009-22c9c6c9d4da
FUZZ_TIME ?= 20s
KILLS ?= 100
CONFORMANCE_RUNS ?= 1
SOAK_MINUTES ?= 30
CHAOS_SEEDS ?= 20
CHAOS_OPERATIONS ?= 10000
# A SIGKILL loses nothing that was written, so that journals on a disk would only make the run slower.
CHAOS_FOLDER ?= $(wildcard /dev/shm)
CLUSTER_CALLS ?= 20000
GO_FILES := $(shell find . -name '*.go' -not -path './.tools/*') $(wildcard internal/sandbox/*/*)

export CGO_ENABLED ?= 0

.PHONY: help
help: ## show this help
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  \033[1m%-13s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BINARY): $(GO_FILES) go.mod go.sum
	go build -trimpath -ldflags '$(LDFLAGS)' -o $@ .

.PHONY: build
build: $(BINARY) ## build bin/robutler-mcp, static

.PHONY: run
run: build ## serve the embedded platform over Streamable HTTP and SSE on 127.0.0.1:8080
	./$(BINARY) http --sandbox

.PHONY: demo
demo: build ## ten seconds of a scripted MCP session over stdio
	cd e2e && go run ./demo ../$(BINARY)

.PHONY: test
test: ## run every test of the module
	go test ./...

.PHONY: race
race: ## run every test under the race detector (needs a C compiler), the longest ones in part, with secrets planted as make canary does
	CGO_ENABLED=1 $(MAKE) --no-print-directory canary CANARY_TEST='go test -race -short'

.PHONY: lint
lint: $(TOOLS)/golangci-lint-$(GOLANGCI_VERSION) ## check style, bugs and import walls
	$< run ./...
	cd e2e && $< run ./...

$(TOOLS)/golangci-lint-$(GOLANGCI_VERSION):
	GOBIN=$(TOOLS) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	mv $(TOOLS)/golangci-lint $@

.PHONY: apidiff
apidiff: $(TOOLS)/apidiff-$(APIDIFF_VERSION) ## compare the client library with the last release
	.ci/apidiff $<

$(TOOLS)/apidiff-$(APIDIFF_VERSION):
	GOBIN=$(TOOLS) go install golang.org/x/exp/cmd/apidiff@$(APIDIFF_VERSION)
	mv $(TOOLS)/apidiff $@

.PHONY: workflows-lint
workflows-lint: $(TOOLS)/actionlint-$(ACTIONLINT_VERSION) ## check the workflows of the forge (needs shellcheck)
	@command -v shellcheck >/dev/null || { echo "shellcheck is missing: install it" >&2; exit 1; }
	$< -shellcheck shellcheck .github/workflows/*.yml e2e/inspector/github-actions.yml
	cd e2e && go test -count=1 ./workflows

$(TOOLS)/actionlint-$(ACTIONLINT_VERSION):
	GOBIN=$(TOOLS) go install github.com/rhysd/actionlint/cmd/actionlint@$(ACTIONLINT_VERSION)
	mv $(TOOLS)/actionlint $@

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZ_TIME (20s, or a number of inputs: 3000x) each
	@for package in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
			echo "$$package $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZ_TIME) $$package || exit 1; \
		done; \
	done

.PHONY: chaos
chaos: ## break everything while payments are in flight: CHAOS_SEEDS x CHAOS_OPERATIONS calls, and KILLS of the sandbox
	CHAOS_SEEDS=$(CHAOS_SEEDS) CHAOS_OPERATIONS=$(CHAOS_OPERATIONS) CHAOS_FOLDER=$(CHAOS_FOLDER) \
		go test -count=1 -v -timeout 30m -run 'TestMoneyIsSafeWhateverBreaks|Payment' ./internal/chaos
	ROBUTLER_CRASH_KILLS=$(KILLS) go test -count=1 -v -run TestTheLedgerSurvivesAKill ./internal/sandbox

.PHONY: chaos-mutants
chaos-mutants: ## plant five bugs, one at a time, and see that the chaos test catches each
	CHAOS_MUTANTS=1 CHAOS_FOLDER=$(CHAOS_FOLDER) go test -count=1 -v -timeout 30m -run TestPlantedBugs ./internal/chaos

CANARY := rok_planted0canary0in0the0environment
CANARY_PACKAGES ?= ./...
CANARY_TEST ?= go test

.PHONY: canary
canary: ## plant secrets everywhere and look for them in all output, logs, journals, metrics and traces
	@output=$$(mktemp) && trap 'rm -f "$$output"' EXIT && \
		if ! WEBAGENTS_API_KEY=$(CANARY) ROBUTLER_API_KEY=$(CANARY) $(CANARY_TEST) -count=1 -v $(CANARY_PACKAGES) >"$$output" 2>&1; then \
			awk '/^=== / {test = $$3; next} /^ *--- FAIL: / {print; printf "%s", said[$$3]; next} \
				/^FAIL/ {print; more = 0; next} /^(panic:|WARNING: DATA RACE)/ {more = 40} more > 0 {print; more--} \
				{said[test] = said[test] $$0 "\n"}' "$$output"; exit 1; fi; \
		grep -E '^(ok|\?)' "$$output"; \
		if grep -n $(CANARY) "$$output"; then echo "the planted key is in what the tests print" >&2; exit 1; fi; \
		echo "$$(wc -l <"$$output") lines of tests hold the planted key nowhere"

.PHONY: cover
cover: ## measure coverage; client, schema and tools must reach 85 %
	@go test -coverprofile=coverage.out ./client ./schema ./tools | awk '$$1 != "ok" {print} \
		$$1 == "ok" {for (i = 1; i <= NF; i++) if ($$i ~ /%$$/) {sub("%", "", $$i); \
		print $$2, $$i "%"; if ($$i + 0 < 85) bad = 1}} END {exit bad}'
	@go tool cover -func=coverage.out | awk '/^total:/ {print "total " $$3}'

.PHONY: golden
golden: ## write the golden files anew; read the difference before you commit it
	UPDATE_GOLDEN=1 go test -count=1 -run Golden ./...

.PHONY: docs
docs: ## write the generated documentation anew
	go run ./internal/docs

.PHONY: docs-check
docs-check: build ## fail when documentation is stale, a link is dead or a shown command does not run
	go test -count=1 ./internal/docs
	cd e2e && go test -count=1 -run '^TestShown' .

.PHONY: screenshots
screenshots: build ## take the documentation's pictures anew (needs Chromium, Node.js and npm)
	docs/screenshots/take.sh ./$(BINARY)

BENCH ?= .
BENCH_TIME ?= 1s
BENCH_COUNT ?= 6
BENCH_PACKAGES ?= ./...
BENCH_TEST = go test -run '^$$' -bench '$(BENCH)' -benchmem -benchtime $(BENCH_TIME)
BENCHSTAT := $(TOOLS)/benchstat-$(BENCHSTAT_VERSION)
BASE ?= $(shell git describe --tags --abbrev=0 2>/dev/null)

.PHONY: size
size: ## fail when the stripped program for linux/amd64 is over 24 MB, or unused methods are linked
	@go run ./internal/size

.PHONY: size-costs
size-costs: ## print what SQLite, PostgreSQL, OpenTelemetry and the other components add to the program (about 2 minutes)
	@go run ./internal/size -costs

.PHONY: bench
bench: ## run the benchmarks that match BENCH (all) of BENCH_PACKAGES for BENCH_TIME (1s) each, with allocations
	$(BENCH_TEST) $(BENCH_PACKAGES)

.PHONY: benchstat
benchstat: $(BENCHSTAT) ## run the benchmarks BENCH_COUNT (6) times at BASE (the last tag) and here, and compare
	@[ -n "$(BASE)" ] || { echo "make benchstat: no version was tagged yet; name a revision with BASE=REVISION" >&2; exit 1; }
	@mkdir -p bin/bench; folder=$$(mktemp -d) && trap 'git worktree remove --force "$$folder"; rm -rf "$$folder"' EXIT && \
		git worktree add --quiet --detach "$$folder" $(BASE) && echo "benchmarks of $(BASE), then of this tree" >&2 && \
		(cd "$$folder" && $(BENCH_TEST) -count $(BENCH_COUNT) $(BENCH_PACKAGES)) >bin/bench/base.txt && \
		$(BENCH_TEST) -count $(BENCH_COUNT) $(BENCH_PACKAGES) >bin/bench/here.txt && \
		$(BENCHSTAT) $(BASE)=bin/bench/base.txt here=bin/bench/here.txt

$(BENCHSTAT):
	GOBIN=$(TOOLS) go install golang.org/x/perf/cmd/benchstat@$(BENCHSTAT_VERSION)
	mv $(TOOLS)/benchstat $@

.PHONY: bench-sandbox
bench-sandbox: ## measure the embedded platform: search over 10,000 agents, settlements, uploads of 100 MB
	@mkdir -p bin/bench
	go test -run '^$$' -bench 'Search|Settle|Upload' -benchmem -benchtime 2s ./internal/sandbox | tee bin/bench/sandbox.txt

# The harness lies beside the project, and is only read.
BENCH_HARNESS ?= ../shared/bench
BENCH_FLAGS ?= -rounds 5
# What is compared with is built as it is released, static and stripped. GITHUB_MCP_SERVER= leaves it out.
GITHUB_MCP_MODULE := github.com/github/github-mcp-server
GITHUB_MCP_VERSION ?= v1.9.0
GITHUB_MCP_SERVER ?= bin/bench/github-mcp-server-$(GITHUB_MCP_VERSION)
STARTS := $(if $(GITHUB_MCP_SERVER),bin/bench/starts.json)

bin/bench/github-mcp-server-%:
	@mkdir -p bin/bench
	cd $(or $(TMPDIR),/tmp) && go mod download $(GITHUB_MCP_MODULE)@$*
	go build -C "$$(go env GOMODCACHE)/$(GITHUB_MCP_MODULE)@$*" -buildvcs=false -trimpath -ldflags '-s -w' -o $(CURDIR)/$@ ./cmd/github-mcp-server

.PHONY: bench-servers
bench-servers: build $(GITHUB_MCP_SERVER) ## measure the program beside the floor, a bare server and direct calls with BENCH_HARNESS, and write docs/performance.md
	@[ -f $(BENCH_HARNESS)/go.mod ] || { echo "make bench-servers: there is no harness in $(BENCH_HARNESS); name its folder with BENCH_HARNESS=FOLDER" >&2; exit 1; }
	@mkdir -p bin/bench
	go build -C $(BENCH_HARNESS) -buildvcs=false -o $(CURDIR)/bin/mcpbench .
	go build -C e2e -trimpath -ldflags '-s -w' -o ../bin/bare ./bench/bare
	go run ./internal/performance config -ours $(BINARY) -bare bin/bare >bin/bench/config.json
	bin/mcpbench check -config bin/bench/config.json
ifneq ($(GITHUB_MCP_SERVER),)
	go run ./internal/performance config -ours $(BINARY) -bare bin/bare -github $(GITHUB_MCP_SERVER) >bin/bench/starts-config.json
	bin/mcpbench run -config bin/bench/starts-config.json -only 'stdio$$' -skip list,seq,conc,sessions -json $(STARTS) $(BENCH_FLAGS) >/dev/null
endif
	bin/mcpbench run -config bin/bench/config.json -baseline floor-stdio,floor-http -json bin/bench/harness.json $(BENCH_FLAGS) >bin/bench/harness.md
	cd e2e && BENCH_BARE=$(CURDIR)/bin/bare go test -count=1 -run '^$$' -bench Allocations -benchtime 2000x ./bench | tee ../bin/bench/allocations.txt
	cd e2e && BENCH_BARE=$(CURDIR)/bin/bare go test -count=1 -run '^$$' -bench Connections -benchtime 1x ./bench | tee -a ../bin/bench/allocations.txt
	go test -count=1 -run '^$$' -bench 'Money/sqlite' -benchmem -benchtime 1000x ./internal/consent | tee bin/bench/journal.txt
	$(MAKE) --no-print-directory bench-sandbox bench-page

.PHONY: bench-page
bench-page: ## write docs/performance.md anew from what was measured last
	go run ./internal/performance render -harness bin/bench/harness.json -starts '$(STARTS)' -binary $(BINARY) -version $(VERSION) \
		-benchmarks bin/bench/allocations.txt,bin/bench/journal.txt,bin/bench/sandbox.txt >bin/bench/performance.md
	cp bin/bench/performance.md docs/performance.md

.PHONY: e2e
e2e: build ## drive the binary with the MCP Inspector and the official Go SDK (needs Node.js and npm)
	cd e2e && go test -count=1 ./...
	@echo "not run: e2e/packages, which installs what make dist built; run make dist and make dist-check" >&2
	e2e/inspector/run.sh ./$(BINARY)

.PHONY: conformance
conformance: build ## run the MCP conformance suites, with fixtures and against the product, CONFORMANCE_RUNS times (needs npm)
	go test -c -o bin/conformance-fixtures ./internal/server
	e2e/conformance/run.sh ./$(BINARY) bin/conformance-fixtures $(CONFORMANCE_RUNS)

.PHONY: cluster
cluster: build ## kill three replicas in turn behind HAProxy, over PostgreSQL: CLUSTER_CALLS calls at 64 in flight
	cd e2e && CLUSTER_CALLS=$(CLUSTER_CALLS) CLUSTER_FOLDER=$(CHAOS_FOLDER) go test -count=1 -v -timeout 20m ./cluster

.PHONY: hostile
hostile: build ## treat the binary as broken networks and attackers do, and print what each row measured (about 3 minutes)
	cd e2e && HOSTILE=1 go test -count=1 -v -timeout 15m ./hostile | { grep -v -E '^(=== | *--- PASS)' || true; }

.PHONY: soak
soak: build ## SOAK_MINUTES (30) at 200 calls a second: memory, goroutines and file descriptors stay as they are
	cd e2e && SOAK_MINUTES=$(SOAK_MINUTES) go test -count=1 -v -timeout $$(($(SOAK_MINUTES) + 5))m ./soak

# A tag that is checked out as it is becomes a release, all else a snapshot.
DIST_KIND = $(if $(shell git describe --exact-match --tags --match 'v[0-9]*' 2>/dev/null),$(if $(shell git status --porcelain),--snapshot),--snapshot)
# Without a remote it would not say which commit it builds, nor take the commit's time.
DIST_REMOTE = $(if $(shell git remote),,GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=remote.origin.url \
	GIT_CONFIG_VALUE_0=https://github.com/robutlerai/robutler-mcp)

DIST_TOOLS := $(TOOLS)/goreleaser-$(GORELEASER_VERSION) $(TOOLS)/cyclonedx-gomod-$(CYCLONEDX_VERSION)

.PHONY: dist-tools
dist-tools: $(DIST_TOOLS) ## install what make dist needs into .tools/ (about 4 minutes of one processor)

.PHONY: dist
dist: $(DIST_TOOLS) ## build every archive, package and checksum of a release into dist/, of what is committed
	$(DIST_REMOTE) $< release $(DIST_KIND) --clean --skip=publish,announce

.PHONY: dist-check
dist-check: ## install what make dist built into scratch roots, start it and remove it (as root; needs dpkg, rpm and man)
	cd e2e && DIST=../../dist go test -count=1 -v ./packages

.PHONY: dist-reproducible
dist-reproducible: ## build dist/ twice, in two clones, and compare every byte
	packaging/reproducible.sh

$(TOOLS)/goreleaser-$(GORELEASER_VERSION):
	GOBIN=$(TOOLS) go install github.com/goreleaser/goreleaser/v2@$(GORELEASER_VERSION)
	mv $(TOOLS)/goreleaser $@

$(TOOLS)/cyclonedx-gomod-$(CYCLONEDX_VERSION):
	GOBIN=$(TOOLS) go install -trimpath github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@$(CYCLONEDX_VERSION)
	mv $(TOOLS)/cyclonedx-gomod $@

BUNDLES ?=

.PHONY: bundle
bundle: ## build the MCP bundles for Claude Desktop into dist/, of all platforms or BUNDLES="linux/amd64 ..." (needs Node.js and npm)
	go run ./packaging/mcpb -version $(VERSION) -out dist $(BUNDLES)

.PHONY: clean
clean: ## remove what was built
	rm -rf bin dist coverage.out .tools e2e/inspector/node_modules e2e/conformance/node_modules docs/screenshots/node_modules packaging/mcpb/node_modules
