# tests/bench: make bench [KEYS="1000 100000"] [ROUNDS=15]
#
# One program, and a module for each peer that bench.sh finds the library of:
# none of them is asked for by configure, make or make check.

EXTRA_PROGRAMS += tests/bench/bench_verify
tests_bench_bench_verify_CPPFLAGS = $(AM_CPPFLAGS) $(GCRYPT_CFLAGS)
tests_bench_bench_verify_LDADD = libcore.la $(GCRYPT_LIBS)
tests_bench_bench_verify_SOURCES = tests/bench/bench.c tests/bench/bench.h \
	tests/bench/bulk.c \
	tests/bench/command.c \
	tests/bench/disk.c \
	tests/bench/fill.c \
	tests/bench/floor.c \
	tests/bench/generate.c \
	tests/bench/hmac.c tests/bench/hmac.h \
	tests/bench/ours.c \
	tests/bench/peer.h \
	tests/bench/peer_linear.c \
	tests/bench/peers.c tests/bench/peers.h \
	tests/bench/race.c \
	tests/bench/table.c
EXTRA_DIST += tests/bench/bench.sh tests/bench/measured.png
EXTRA_DIST += tests/bench/peer_cdb.c
EXTRA_DIST += tests/bench/peer_lmdb.c
EXTRA_DIST += tests/bench/peer_redis.c
EXTRA_DIST += tests/bench/peer_sqlite.c

bench: tests/bench/bench_verify stage
	@. ./tests/stage.env && KEYS='$(KEYS)' ROUNDS='$(ROUNDS)' \
	$(SHELL) $(srcdir)/tests/bench/bench.sh
.PHONY: bench
# How fast scan is beside grep -F, and its false finds: none.
EXTRA_PROGRAMS += tests/bench/bench_scan
tests_bench_bench_scan_SOURCES = tests/bench/scan.c
tests_bench_bench_scan_LDADD = libcore.la
EXTRA_DIST += tests/bench/scan.sh
bench-scan: tests/bench/bench_scan stage
	@. ./tests/stage.env && MIB='$(MIB)' ROUNDS='$(ROUNDS)' \
	$(SHELL) $(srcdir)/tests/bench/scan.sh
.PHONY: bench-scan
CLEANFILES += tests/bench/bench_scan
# What it costs a verify that its type is a plugin, in instructions.
EXTRA_PROGRAMS += tests/bench/bench_boundary
tests_bench_bench_boundary_SOURCES = tests/bench/boundary.c
tests_bench_bench_boundary_LDADD = libcore.la
EXTRA_DIST += tests/bench/boundary.sh
bench-boundary: tests/bench/bench_boundary stage
	@. ./tests/stage.env && $(SHELL) $(srcdir)/tests/bench/boundary.sh
.PHONY: bench-boundary
CLEANFILES += tests/bench/bench_boundary
# latchkeyd beside its HTTP library without work, and gateways with and without.
if WITH_DAEMON
EXTRA_PROGRAMS += tests/bench/daemon_floor
tests_bench_daemon_floor_SOURCES = tests/bench/daemon_floor.c
tests_bench_daemon_floor_CPPFLAGS = $(AM_CPPFLAGS) $(MHD_CFLAGS)
tests_bench_daemon_floor_LDADD = $(MHD_LIBS)
bench-daemon: tests/bench/daemon_floor tests/bench/daemon_crowd stage
	@. ./tests/stage.env && KEYS='$(KEYS)' ROUNDS='$(ROUNDS)' \
	ROWS='$(ROWS)' $(SHELL) $(srcdir)/tests/bench/daemon.sh
CLEANFILES += tests/bench/daemon_floor tests/bench/daemon_crowd
EXTRA_PROGRAMS += tests/bench/daemon_crowd
tests_bench_daemon_crowd_SOURCES = tests/bench/daemon_crowd.c
tests_bench_daemon_crowd_LDADD =
endif
.PHONY: bench-daemon
EXTRA_DIST += tests/bench/daemon.lua tests/bench/daemon.sh
CLEANFILES += tests/bench/bench_verify tests/bench/bench.tsv
CLEANFILES += tests/bench/verify.png
