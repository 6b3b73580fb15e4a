# tests/plugins: broken and hostile ones, and those that sign.
# check_LTLIBRARIES += tests/plugins/NAME.la
# tests_plugins_NAME_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)

# libtool builds no .so without an -rpath.
TEST_MODULE_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared \
	-rpath /nowhere

check_LTLIBRARIES += tests/plugins/answers.la
tests_plugins_answers_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
check_LTLIBRARIES += tests/plugins/function.la
tests_plugins_function_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
check_LTLIBRARIES += tests/plugins/longer.la
tests_plugins_longer_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
check_LTLIBRARIES += tests/plugins/serial.la
tests_plugins_serial_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
check_LTLIBRARIES += tests/plugins/signed_test.la
tests_plugins_signed_test_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)

# One source, built as each thing that the loader must judge.
SUBJECT = tests/plugins/subject.c

check_LTLIBRARIES += tests/plugins/subject.la
tests_plugins_subject_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)

check_LTLIBRARIES += tests/plugins/subject_two.la
tests_plugins_subject_two_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_subject_two_la_SOURCES = $(SUBJECT)
tests_plugins_subject_two_la_CPPFLAGS = $(AM_CPPFLAGS) -DSUBJECT_VERSION='"2.0"'

check_LTLIBRARIES += tests/plugins/too_new_minor.la
tests_plugins_too_new_minor_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_too_new_minor_la_SOURCES = $(SUBJECT)
tests_plugins_too_new_minor_la_CPPFLAGS = $(AM_CPPFLAGS) -DSUBJECT_MINOR=9

# All that there was before minor 1.
check_LTLIBRARIES += tests/plugins/older_minor.la
tests_plugins_older_minor_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_older_minor_la_SOURCES = $(SUBJECT)
tests_plugins_older_minor_la_CPPFLAGS = $(AM_CPPFLAGS) -DSUBJECT_MINOR=0

check_LTLIBRARIES += tests/plugins/older_check.la
tests_plugins_older_check_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_older_check_la_SOURCES = $(SUBJECT)
tests_plugins_older_check_la_CPPFLAGS = $(AM_CPPFLAGS) -DSUBJECT_MINOR=0 \
	-DSUBJECT_KIND=LK_PLUGIN_CHECK -DSUBJECT_NAME='"older_check"'

check_LTLIBRARIES += tests/plugins/too_new_major.la
tests_plugins_too_new_major_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_too_new_major_la_SOURCES = $(SUBJECT)
tests_plugins_too_new_major_la_CPPFLAGS = $(AM_CPPFLAGS) -DSUBJECT_MAJOR=2

check_LTLIBRARIES += tests/plugins/too_old_major.la
tests_plugins_too_old_major_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_too_old_major_la_SOURCES = $(SUBJECT)
tests_plugins_too_old_major_la_CPPFLAGS = $(AM_CPPFLAGS) -DSUBJECT_MAJOR=0

check_LTLIBRARIES += tests/plugins/shorter.la
tests_plugins_shorter_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_shorter_la_SOURCES = $(SUBJECT)
tests_plugins_shorter_la_CPPFLAGS = $(AM_CPPFLAGS) -DSUBJECT_SIZE=48

check_LTLIBRARIES += tests/plugins/lying.la
tests_plugins_lying_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_lying_la_SOURCES = $(SUBJECT)
tests_plugins_lying_la_CPPFLAGS = $(AM_CPPFLAGS) -DSUBJECT_SIZE=4096

check_LTLIBRARIES += tests/plugins/bad_magic.la
tests_plugins_bad_magic_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_bad_magic_la_SOURCES = $(SUBJECT)
tests_plugins_bad_magic_la_CPPFLAGS = $(AM_CPPFLAGS) -DSUBJECT_MAGIC=0x7f454c46U

check_LTLIBRARIES += tests/plugins/wrong_kind.la
tests_plugins_wrong_kind_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_wrong_kind_la_SOURCES = $(SUBJECT)
tests_plugins_wrong_kind_la_CPPFLAGS = $(AM_CPPFLAGS) -DSUBJECT_KIND=LK_PLUGIN_CHECK

check_LTLIBRARIES += tests/plugins/no_kind.la
tests_plugins_no_kind_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_no_kind_la_SOURCES = $(SUBJECT)
tests_plugins_no_kind_la_CPPFLAGS = $(AM_CPPFLAGS) -DSUBJECT_KIND=1U

check_LTLIBRARIES += tests/plugins/odd_flags.la
tests_plugins_odd_flags_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_odd_flags_la_SOURCES = $(SUBJECT)
tests_plugins_odd_flags_la_CPPFLAGS = $(AM_CPPFLAGS) -DSUBJECT_FLAGS=0x80U

check_LTLIBRARIES += tests/plugins/misnamed.la
tests_plugins_misnamed_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_misnamed_la_SOURCES = $(SUBJECT)
tests_plugins_misnamed_la_CPPFLAGS = $(AM_CPPFLAGS) -DSUBJECT_NAME='"another"'

check_LTLIBRARIES += tests/plugins/no_present.la
tests_plugins_no_present_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_no_present_la_SOURCES = $(SUBJECT)
tests_plugins_no_present_la_CPPFLAGS = $(AM_CPPFLAGS) -DSUBJECT_NO_PRESENT

check_LTLIBRARIES += tests/plugins/bad_option.la
tests_plugins_bad_option_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_bad_option_la_SOURCES = $(SUBJECT)
tests_plugins_bad_option_la_CPPFLAGS = $(AM_CPPFLAGS) -DSUBJECT_BAD_OPTION

check_LTLIBRARIES += tests/plugins/no_symbol.la
tests_plugins_no_symbol_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_no_symbol_la_SOURCES = $(SUBJECT)
tests_plugins_no_symbol_la_CPPFLAGS = $(AM_CPPFLAGS) -DSUBJECT_NO_SYMBOL

check_LTLIBRARIES += tests/plugins/undefined.la
tests_plugins_undefined_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_undefined_la_SOURCES = $(SUBJECT)
tests_plugins_undefined_la_CPPFLAGS = $(AM_CPPFLAGS) -DSUBJECT_UNDEFINED

# The linker's own option: libtool would drop its -rpath.
check_LTLIBRARIES += tests/plugins/rpath.la
tests_plugins_rpath_la_LDFLAGS = $(TEST_MODULE_LDFLAGS) \
	-Wl,-rpath,/tmp -Wl,--disable-new-dtags
tests_plugins_rpath_la_SOURCES = $(SUBJECT)
tests_plugins_rpath_la_CPPFLAGS = $(AM_CPPFLAGS) -DSUBJECT_CONSTRUCTOR

check_LTLIBRARIES += tests/plugins/runpath.la
tests_plugins_runpath_la_LDFLAGS = $(TEST_MODULE_LDFLAGS) \
	-Wl,-rpath,/tmp -Wl,--enable-new-dtags
tests_plugins_runpath_la_SOURCES = $(SUBJECT)
tests_plugins_runpath_la_CPPFLAGS = $(AM_CPPFLAGS) -DSUBJECT_CONSTRUCTOR

check_LTLIBRARIES += tests/plugins/constructor.la
tests_plugins_constructor_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_constructor_la_SOURCES = $(SUBJECT)
tests_plugins_constructor_la_CPPFLAGS = $(AM_CPPFLAGS) -DSUBJECT_CONSTRUCTOR
