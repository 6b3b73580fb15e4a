# tests/fault: what power cuts, kills, errors and flipped bits leave behind.
# fault_tests += tests/fault/fault_NAME       (source: the same, .c, or _SOURCES)
#
# They run in make check with few cases, in make check-fault with all of them;
# LK_FAULT_STATES=N says how many (fault.h).

EXTRA_DIST += tests/fault/fault.h

# The command at each system call: shim.so is preloaded into it.
check_LTLIBRARIES += tests/fault/shim.la
tests_fault_shim_la_SOURCES = tests/fault/shim.c tests/fault/shim.h \
	tests/fault/shim_calls.c
tests_fault_shim_la_CFLAGS = $(WARN_CFLAGS) $(HIDE_CFLAGS)
tests_fault_shim_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)

fault_tests += tests/fault/fault_sweep
tests_fault_fault_sweep_SOURCES = tests/fault/fault_sweep.c \
	tests/fault/shim.h tests/fault/shim_calls.c \
	tests/fault/sweep.h \
	tests/fault/sweep_home.c \
	tests/fault/sweep_oracle.c \
	tests/fault/sweep_run.c \
	tests/fault/sweep_verbs.c \
	tests/fault/sweep_words.c
