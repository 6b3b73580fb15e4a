# tests/fault: what power cuts, kills, errors and flipped bits leave behind.
# fault_tests += tests/fault/fault_NAME       (source: the same, .c, or _SOURCES)
#
# They run in make check with few cases, in make check-fault with all of them;
# LK_FAULT_STATES=N says how many (fault.h).

EXTRA_DIST += tests/fault/fault.h
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
