# tests/fault: what power cuts, kills, errors and flipped bits leave behind.
# fault_tests += tests/fault/fault_NAME       (source: the same, .c, or _SOURCES)
#
# They run in make check with few cases, in make check-fault with all of them;
# LK_FAULT_STATES=N says how many (fault.h).

EXTRA_DIST += tests/fault/fault.h

# Power cuts, on files in memory.
fault_tests += tests/fault/fault_power
tests_fault_fault_power_SOURCES = tests/fault/fault_power.c \
	tests/fault/cuts.c tests/fault/cuts.h \
	tests/fault/disk.c tests/fault/disk.h \
	tests/fault/model.c tests/fault/model.h \
	tests/fault/plants.c tests/fault/plants.h \
	tests/fault/play.c tests/fault/play.h \
	tests/fault/recover.c tests/fault/recover.h \
	tests/fault/scenarios.c \
	tests/fault/tape.c tests/fault/tape.h \
	tests/fault/quick.c \
	tests/fault/vfs.c tests/fault/vfs.h
tests_fault_fault_power_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=mmap \
	-Wl,--wrap=munmap -Wl,--wrap=mremap -Wl,--wrap=open -Wl,--wrap=close
