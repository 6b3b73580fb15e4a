# tests: every one speaks TAP, so that single points are counted.
#
# unit         unit_tests += tests/unit/test_NAME       (source: the same, .c)
# integration  bats_tests += tests/integration/NAME.bats
#              sh_tests   += tests/integration/NAME.test
# fault        fault_tests += tests/fault/fault_NAME   (make check-fault: all)
# plugins      check_LTLIBRARIES += tests/plugins/NAME.la
#              tests_plugins_NAME_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
# data         EXTRA_DIST += tests/data/…

TEST_EXTENSIONS = .bats .test
TAP_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) \
	$(top_srcdir)/build-aux/tap-driver.sh
LOG_DRIVER = $(TAP_DRIVER)
BATS_LOG_DRIVER = $(TAP_DRIVER)
BATS_LOG_COMPILER = $(BATS)
AM_BATS_LOG_FLAGS = --tap
TEST_LOG_DRIVER = $(TAP_DRIVER)
TEST_LOG_COMPILER = $(SHELL)

unit_tests =
bats_tests =
sh_tests =
fault_tests =

include tests/unit/local.mk
include tests/integration/local.mk
include tests/plugins/local.mk
include tests/bench/local.mk
include tests/fault/local.mk

# The longest first, so that no core waits for one of them at the end.
if HAVE_CMOCKA
check_PROGRAMS += $(unit_tests) $(fault_tests)
TESTS += $(fault_tests)
endif
if HAVE_BATS
TESTS += $(bats_tests)
fault_race = tests/integration/life.bats
endif
TESTS += $(sh_tests)
dist_check_SCRIPTS += $(sh_tests) $(bats_tests)
if HAVE_CMOCKA
TESTS += $(unit_tests)
endif
EXTRA_DIST += tests/count.sh tests/stage.sh

# A build tree cannot be tested as it is: the command in it is a wrapper and
# each plugin sits in a folder of its own.  So it is installed once, into a
# private folder, and tests/stage.env says where; every test has that file's
# variables in its environment.
check_DATA += tests/stage.env
tests/stage.env: stage
stage: all $(check_LTLIBRARIES)
	@$(MKDIR_P) tests
	@MAKE='$(MAKE)' MODULES='$(check_LTLIBRARIES)' CC='$(CC)' \
	CFLAGS='$(CFLAGS) $(SANITIZE_FLAGS) $(COVERAGE_FLAGS)' \
	SANITIZERS='$(SANITIZE_FLAGS)' \
	top_srcdir='$(abs_top_srcdir)' top_builddir='$(abs_top_builddir)' \
	prefix='$(prefix)' bindir='$(bindir)' sbindir='$(sbindir)' libdir='$(libdir)' \
	pkglibdir='$(pkglibdir)' pkgdatadir='$(pkgdatadir)' \
	pkglibexecdir='$(pkglibexecdir)' \
	includedir='$(includedir)' \
	$(SHELL) $(srcdir)/tests/stage.sh
.PHONY: stage

AM_TESTS_ENVIRONMENT = . ./tests/stage.env; \
	CMOCKA_MESSAGE_OUTPUT=tap; export CMOCKA_MESSAGE_OUTPUT;

clean-local: clean-stage
clean-stage:
	@$(SHELL) $(srcdir)/tests/stage.sh clean
.PHONY: clean-stage

# All that tests/fault can do, which takes minutes, and a longer race of many
# commands; make check does some of it.
check-fault:
	@LK_FAULT=full $(MAKE) $(AM_MAKEFLAGS) check \
	    TESTS='$(fault_tests) $(fault_race)'
.PHONY: check-fault

# Hostile plugins: what plugin check finds first, what comes of a good key when
# one is loaded all the same, and how many other requests it lets in: 0 of 3.
hostile-table:
	@rm -f tests/hostile.txt; \
	LK_HOSTILE_TABLE=$(abs_builddir)/tests/hostile.txt $(MAKE) \
	$(AM_MAKEFLAGS) check TESTS=tests/integration/hostile.test \
	check_PROGRAMS= >/dev/null; r=$$?; \
	printf '%-18s  %-62s  %-6s  %s\n' plugin 'first finding' loaded \
	'wrong allows'; cat tests/hostile.txt; exit $$r
.PHONY: hostile-table
CLEANFILES += tests/hostile.txt

# Their names, for whoever runs some of them (make check TESTS=…).
list-tests:
	@printf '%s\n' $(TESTS)
.PHONY: list-tests
