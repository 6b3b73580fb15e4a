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
	tests/fault/still.c tests/fault/still.h \
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
fault_tests += tests/fault/fault_move
tests_fault_fault_move_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=lk_map_fill \
	-Wl,--wrap=lk_map_set_newest -Wl,--wrap=lk_map_set_state
fault_tests += tests/fault/fault_reload
fault_tests += tests/fault/fault_seen

# What is not HTTP, to latchkeyd.
EXTRA_DIST += tests/fault/http_home.h tests/fault/http_raw.h
if WITH_DAEMON
fault_tests += tests/fault/fault_http
tests_fault_fault_http_SOURCES = tests/fault/fault_http.c
tests_fault_fault_http_LDADD = libdaemon.la libshow.la libcore.la
tests_fault_fault_http_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=lk_verify
fault_tests += tests/fault/fault_http_admin
tests_fault_fault_http_admin_SOURCES = tests/fault/fault_http_admin.c
tests_fault_fault_http_admin_LDADD = libdaemon.la libshow.la libcore.la
tests_fault_fault_http_admin_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=lk_operator_bearer
endif

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

# The library without memory.
fault_tests += tests/fault/fault_alloc
tests_fault_fault_alloc_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
tests_fault_fault_alloc_LDADD = libcore.la $(JANSSON_LIBS)
tests_fault_fault_alloc_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc \
	-Wl,--wrap=reallocarray -Wl,--wrap=aligned_alloc \
	-Wl,--wrap=posix_memalign -Wl,--wrap=strdup -Wl,--wrap=strndup \
	-Wl,--wrap=asprintf -Wl,--wrap=__asprintf_chk -Wl,--wrap=free \
	-Wl,--wrap=mmap -Wl,--wrap=mremap -Wl,--wrap=opendir \
	-Wl,--wrap=realpath -Wl,--wrap=pthread_setspecific \
	-Wl,--wrap=pthread_key_create -Wl,--wrap=gcry_md_open \
	-Wl,--wrap=gcry_md_copy
tests_fault_fault_alloc_SOURCES = tests/fault/fault_alloc.c \
	tests/fault/alloc.h \
	tests/fault/alloc_cases.c \
	tests/fault/alloc_verify.c \
	tests/fault/alloc_wrap.c \
	tests/fault/shim.h \
	tests/fault/sweep.h \
	tests/fault/sweep_home.c

bats_tests += tests/fault/calls.bats
