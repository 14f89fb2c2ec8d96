# Everything is done by `python3 -m ops`; this only names the commands.
PYTHON ?= python3
OPS = $(PYTHON) -m ops

.DEFAULT_GOAL := help
.PHONY: run demo test prove train evaluate bench bench-widget lint lock clean help

run: ## set up what is missing and start the bot; Ctrl-C stops it
	@$(OPS) run

demo: ## fill an empty book with a believable month of made-up visitors
	@$(OPS) demo

test: ## run every test, browser tests included, and print one total
	@$(OPS) test

prove: ## run every test with the long seeded proofs at full length
	@PROVE=1 $(OPS) test

train: ## train the bot if its data, rules or components changed
	@$(OPS) train

evaluate: ## ask the questions of FILE=questions.jsonl; write OUT=predictions.jsonl
	@$(OPS) evaluate "$(FILE)" "$(OUT)"

bench: ## compare speed and memory with the bot that `rasa init` makes
	@$(OPS) bench

bench-widget: ## measure the chat on a page: bytes, time until it is usable, memory
	@$(OPS) bench-widget

lint: ## check style, format and types
	@$(OPS) lint

lock: ## resolve requirements/*.in into hash-locked files
	@$(OPS) lock

clean: ## remove environments, encoder and model; the database stays
	@$(OPS) clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile
