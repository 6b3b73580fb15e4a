# tests/fault: what power cuts, kills, errors and flipped bits leave behind.
# fault_tests += tests/fault/fault_NAME       (source: the same, .c, or _SOURCES)
#
# They run in make check with few cases, in make check-fault with all of them;
# LK_FAULT_STATES=N says how many (fault.h).

EXTRA_DIST += tests/fault/fault.h

# Power cuts, on files in memory.
fault_tests += tests/fault/fault_power
tests_fault_fault_power_SOURCES = tests/fault/fault_power.c \
	tests/fault/build.c \
	tests/fault/cuts.c tests/fault/cuts.h \
	tests/fault/disk.c tests/fault/disk.h tests/fault/items.c \
	tests/fault/model.c tests/fault/model.h \
	tests/fault/plants.c tests/fault/plants.h \
	tests/fault/play.c tests/fault/play.h \
	tests/fault/recover.c tests/fault/recover.h \
	tests/fault/scenarios.c tests/fault/scenes.c tests/fault/scenes.h \
	tests/fault/tape.c tests/fault/tape.h \
	tests/fault/quick.c \
	tests/fault/vfs.c tests/fault/vfs.h tests/fault/vfs_io.c
tests_fault_fault_power_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=mmap \
	-Wl,--wrap=munmap -Wl,--wrap=mremap -Wl,--wrap=open -Wl,--wrap=close

# Likewise of init, which is recorded on a real folder.
fault_tests += tests/fault/fault_init
tests_fault_fault_init_SOURCES = tests/fault/fault_init.c \
	tests/fault/build.c \
	tests/fault/cuts.c tests/fault/cuts.h \
	tests/fault/disk.c tests/fault/disk.h tests/fault/items.c \
	tests/fault/mirror.c tests/fault/mirror.h \
	tests/fault/model.c tests/fault/model.h \
	tests/fault/tape.c tests/fault/tape.h \
	tests/fault/vfs.c tests/fault/vfs.h tests/fault/vfs_io.c
tests_fault_fault_init_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=open \
	-Wl,--wrap=openat -Wl,--wrap=close -Wl,--wrap=pwrite \
	-Wl,--wrap=fsync -Wl,--wrap=fdatasync -Wl,--wrap=ftruncate \
	-Wl,--wrap=fallocate -Wl,--wrap=renameat -Wl,--wrap=unlinkat \
	-Wl,--wrap=unlink -Wl,--wrap=link -Wl,--wrap=linkat \
	-Wl,--wrap=mkdir

EXTRA_DIST += tests/fault/cases.h

EXTRA_DIST += tests/fault/caged.h
EXTRA_DIST += tests/fault/flip_home.h
EXTRA_DIST += tests/fault/flip_look.h
EXTRA_DIST += tests/fault/seen.h
fault_tests += tests/fault/fault_cut
fault_tests += tests/fault/fault_flip_beside
fault_tests += tests/fault/fault_flip_index
fault_tests += tests/fault/fault_flip_journal
fault_tests += tests/fault/fault_flip_state
fault_tests += tests/fault/fault_kill
fault_tests += tests/fault/fault_seen
