.DEFAULT_GOAL := help
SHELL := /bin/bash -o pipefail

BINARY := bin/robutler-mcp
TOOLS := $(CURDIR)/.tools
GOLANGCI_VERSION := v2.15.0
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X github.com/robutlerai/robutler-mcp/internal/cli.release=$(VERSION)
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

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZ_TIME (20s) each
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
			grep -E -A20 '^(FAIL| *--- FAIL|panic:|WARNING: DATA RACE)' "$$output"; exit 1; fi; \
		grep -E '^(ok|\?)' "$$output"; \
		if grep -n $(CANARY) "$$output"; then echo "the planted key is in what the tests print" >&2; exit 1; fi; \
		echo "$$(wc -l <"$$output") lines of tests hold the planted key nowhere"

.PHONY: cover
cover: ## measure coverage; client, schema and tools must reach 85 %
	@go test -coverprofile=coverage.out ./client ./schema ./tools | awk '{for (i = 1; i <= NF; i++) if ($$i ~ /%$$/) {sub("%", "", $$i); \
		print $$2, $$i "%"; if ($$i + 0 < 85) bad = 1}} END {exit bad}'
	@go tool cover -func=coverage.out | awk '/^total:/ {print "total " $$3}'

.PHONY: golden
golden: ## write the golden files anew; read the difference before you commit it
	UPDATE_GOLDEN=1 go test -count=1 -run Golden ./...

.PHONY: docs
docs: ## write the generated documentation anew
	go run ./internal/docs

.PHONY: docs-check
docs-check: ## fail when generated documentation is stale
	go test -count=1 -run TestDocumentationIsFresh ./internal/docs

.PHONY: size
size: ## fail when the stripped program for linux/amd64 is over 24 MB, or unused methods are linked
	@go run ./internal/size

.PHONY: size-costs
size-costs: ## print what SQLite, PostgreSQL, OpenTelemetry and the other components add to the program (about 2 minutes)
	@go run ./internal/size -costs

.PHONY: bench
bench: ## run the benchmarks
	go test -run '^$$' -bench . -benchmem ./...

.PHONY: e2e
e2e: build ## drive the binary with the MCP Inspector and the official Go SDK (needs Node.js and npm)
	cd e2e && go test -count=1 ./...
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

.PHONY: dist
dist: ## build static binaries for every platform into dist/
	@mkdir -p dist
	@for target in linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64; do \
		os=$${target%/*}; arch=$${target#*/}; suffix=; [ $$os = windows ] && suffix=.exe; \
		echo "dist/robutler-mcp_$${os}_$${arch}$$suffix"; \
		GOOS=$$os GOARCH=$$arch go build -trimpath -ldflags '$(LDFLAGS)' -o "dist/robutler-mcp_$${os}_$${arch}$$suffix" . || exit 1; \
	done
	@cd dist && sha256sum robutler-mcp_* > checksums.txt

.PHONY: clean
clean: ## remove what was built
	rm -rf bin dist coverage.out .tools e2e/inspector/node_modules e2e/conformance/node_modules
