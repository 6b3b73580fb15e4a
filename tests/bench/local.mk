# tests/bench: make bench

EXTRA_PROGRAMS += tests/bench/bench_verify
tests_bench_bench_verify_LDADD = libcore.la

bench: tests/bench/bench_verify stage
	@. ./tests/stage.env && ./tests/bench/bench_verify "$$LATCHKEY_PLUGINS"
.PHONY: bench
CLEANFILES += tests/bench/bench_verify
