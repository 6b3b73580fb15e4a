# tests/plugins: broken and hostile ones.
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
check_LTLIBRARIES += tests/plugins/mortal.la
tests_plugins_mortal_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
check_LTLIBRARIES += tests/plugins/serial.la
tests_plugins_serial_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)

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

# One source, built as each thing that a plugin may not do: name deed where.
HOSTILE = tests/plugins/hostile.c

check_LTLIBRARIES += tests/plugins/hostile.la
tests_plugins_hostile_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)

check_LTLIBRARIES += tests/plugins/h_abort.la
tests_plugins_h_abort_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_abort_la_SOURCES = $(HOSTILE)
tests_plugins_h_abort_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_abort"' \
	-DHOSTILE_ABORT -DHOSTILE_AT_VERIFY

check_LTLIBRARIES += tests/plugins/h_close.la
tests_plugins_h_close_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_close_la_SOURCES = $(HOSTILE)
tests_plugins_h_close_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_close"' \
	-DHOSTILE_CLOSE -DHOSTILE_AT_VERIFY

check_LTLIBRARIES += tests/plugins/h_constructor.la
tests_plugins_h_constructor_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_constructor_la_SOURCES = $(HOSTILE)
tests_plugins_h_constructor_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_constructor"' \
	-DHOSTILE_FILE -DHOSTILE_AT_LOAD

check_LTLIBRARIES += tests/plugins/h_constructor_exit.la
tests_plugins_h_constructor_exit_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_constructor_exit_la_SOURCES = $(HOSTILE)
tests_plugins_h_constructor_exit_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_constructor_exit"' \
	-DHOSTILE_EXIT -DHOSTILE_AT_LOAD

check_LTLIBRARIES += tests/plugins/h_constructor_read.la
tests_plugins_h_constructor_read_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_constructor_read_la_SOURCES = $(HOSTILE)
tests_plugins_h_constructor_read_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_constructor_read"' \
	-DHOSTILE_READ -DHOSTILE_AT_LOAD

check_LTLIBRARIES += tests/plugins/h_crash.la
tests_plugins_h_crash_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_crash_la_SOURCES = $(HOSTILE)
tests_plugins_h_crash_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_crash"' \
	-DHOSTILE_CRASH -DHOSTILE_AT_VERIFY

check_LTLIBRARIES += tests/plugins/h_destructor.la
tests_plugins_h_destructor_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_destructor_la_SOURCES = $(HOSTILE)
tests_plugins_h_destructor_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_destructor"' \
	-DHOSTILE_EXIT_CALL -DHOSTILE_AT_END

check_LTLIBRARIES += tests/plugins/h_exec.la
tests_plugins_h_exec_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_exec_la_SOURCES = $(HOSTILE)
tests_plugins_h_exec_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_exec"' \
	-DHOSTILE_EXEC -DHOSTILE_AT_VERIFY

check_LTLIBRARIES += tests/plugins/h_exit.la
tests_plugins_h_exit_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_exit_la_SOURCES = $(HOSTILE)
tests_plugins_h_exit_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_exit"' \
	-DHOSTILE_EXIT -DHOSTILE_AT_VERIFY

check_LTLIBRARIES += tests/plugins/h_exit_call.la
tests_plugins_h_exit_call_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_exit_call_la_SOURCES = $(HOSTILE)
tests_plugins_h_exit_call_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_exit_call"' \
	-DHOSTILE_EXIT_CALL -DHOSTILE_AT_VERIFY

check_LTLIBRARIES += tests/plugins/h_exit_now.la
tests_plugins_h_exit_now_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_exit_now_la_SOURCES = $(HOSTILE)
tests_plugins_h_exit_now_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_exit_now"' \
	-DHOSTILE_EXIT_NOW -DHOSTILE_AT_VERIFY

check_LTLIBRARIES += tests/plugins/h_exit_quick.la
tests_plugins_h_exit_quick_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_exit_quick_la_SOURCES = $(HOSTILE)
tests_plugins_h_exit_quick_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_exit_quick"' \
	-DHOSTILE_EXIT_QUICK -DHOSTILE_AT_VERIFY

check_LTLIBRARIES += tests/plugins/h_file.la
tests_plugins_h_file_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_file_la_SOURCES = $(HOSTILE)
tests_plugins_h_file_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_file"' \
	-DHOSTILE_FILE -DHOSTILE_AT_VERIFY

check_LTLIBRARIES += tests/plugins/h_folder.la
tests_plugins_h_folder_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_folder_la_SOURCES = $(HOSTILE)
tests_plugins_h_folder_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_folder"' \
	-DHOSTILE_FOLDER -DHOSTILE_AT_CONFIGURE

check_LTLIBRARIES += tests/plugins/h_forgetful.la
tests_plugins_h_forgetful_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_forgetful_la_SOURCES = $(HOSTILE)
tests_plugins_h_forgetful_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_forgetful"' \
	-DHOSTILE_FORGETFUL

check_LTLIBRARIES += tests/plugins/h_glutton.la
tests_plugins_h_glutton_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_glutton_la_SOURCES = $(HOSTILE)
tests_plugins_h_glutton_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_glutton"' \
	-DHOSTILE_GLUTTON -DHOSTILE_AT_VERIFY

check_LTLIBRARIES += tests/plugins/h_jump.la
tests_plugins_h_jump_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_jump_la_SOURCES = $(HOSTILE)
tests_plugins_h_jump_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_jump"' \
	-DHOSTILE_JUMP -DHOSTILE_AT_VERIFY

check_LTLIBRARIES += tests/plugins/h_leak.la
tests_plugins_h_leak_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_leak_la_SOURCES = $(HOSTILE)
tests_plugins_h_leak_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_leak"' \
	-DHOSTILE_LEAK -DHOSTILE_AT_VERIFY

check_LTLIBRARIES += tests/plugins/h_leak_empty.la
tests_plugins_h_leak_empty_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_leak_empty_la_SOURCES = $(HOSTILE)
tests_plugins_h_leak_empty_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_leak_empty"' \
	-DHOSTILE_LEAK -DHOSTILE_AT_EMPTY

check_LTLIBRARIES += tests/plugins/h_leak_map.la
tests_plugins_h_leak_map_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_leak_map_la_SOURCES = $(HOSTILE)
tests_plugins_h_leak_map_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_leak_map"' \
	-DHOSTILE_MAP -DHOSTILE_AT_VERIFY

check_LTLIBRARIES += tests/plugins/h_leak_mint.la
tests_plugins_h_leak_mint_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_leak_mint_la_SOURCES = $(HOSTILE)
tests_plugins_h_leak_mint_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_leak_mint"' \
	-DHOSTILE_LEAK -DHOSTILE_AT_MINT

check_LTLIBRARIES += tests/plugins/h_leak_refuse.la
tests_plugins_h_leak_refuse_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_leak_refuse_la_SOURCES = $(HOSTILE)
tests_plugins_h_leak_refuse_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_leak_refuse"' \
	-DHOSTILE_LEAK -DHOSTILE_AT_REFUSE

check_LTLIBRARIES += tests/plugins/h_leak_usage.la
tests_plugins_h_leak_usage_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_leak_usage_la_SOURCES = $(HOSTILE)
tests_plugins_h_leak_usage_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_leak_usage"' \
	-DHOSTILE_LEAK -DHOSTILE_AT_USAGE

check_LTLIBRARIES += tests/plugins/h_lie.la
tests_plugins_h_lie_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_lie_la_SOURCES = $(HOSTILE)
tests_plugins_h_lie_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_lie"' \
	-DHOSTILE_LIE

check_LTLIBRARIES += tests/plugins/h_locale.la
tests_plugins_h_locale_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_locale_la_SOURCES = $(HOSTILE)
tests_plugins_h_locale_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_locale"' \
	-DHOSTILE_LOCALE -DHOSTILE_AT_CONFIGURE

check_LTLIBRARIES += tests/plugins/h_loop.la
tests_plugins_h_loop_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_loop_la_SOURCES = $(HOSTILE)
tests_plugins_h_loop_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_loop"' \
	-DHOSTILE_LOOP -DHOSTILE_AT_VERIFY

check_LTLIBRARIES += tests/plugins/h_made_up.la
tests_plugins_h_made_up_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_made_up_la_SOURCES = $(HOSTILE)
tests_plugins_h_made_up_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_made_up"' \
	-DHOSTILE_MADE_UP

check_LTLIBRARIES += tests/plugins/h_mask.la
tests_plugins_h_mask_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_mask_la_SOURCES = $(HOSTILE)
tests_plugins_h_mask_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_mask"' \
	-DHOSTILE_MASK -DHOSTILE_AT_CONFIGURE

check_LTLIBRARIES += tests/plugins/h_mask_verify.la
tests_plugins_h_mask_verify_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_mask_verify_la_SOURCES = $(HOSTILE)
tests_plugins_h_mask_verify_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_mask_verify"' \
	-DHOSTILE_MASK -DHOSTILE_AT_VERIFY

check_LTLIBRARIES += tests/plugins/h_no_record.la
tests_plugins_h_no_record_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_no_record_la_SOURCES = $(HOSTILE)
tests_plugins_h_no_record_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_no_record"' \
	-DHOSTILE_NO_RECORD

check_LTLIBRARIES += tests/plugins/h_not_safe.la
tests_plugins_h_not_safe_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_not_safe_la_SOURCES = $(HOSTILE)
tests_plugins_h_not_safe_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_not_safe"' \
	-DHOSTILE_NOT_SAFE

check_LTLIBRARIES += tests/plugins/h_overflow.la
tests_plugins_h_overflow_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_overflow_la_SOURCES = $(HOSTILE)
tests_plugins_h_overflow_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_overflow"' \
	-DHOSTILE_OVERFLOW

check_LTLIBRARIES += tests/plugins/h_present_crash.la
tests_plugins_h_present_crash_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_present_crash_la_SOURCES = $(HOSTILE)
tests_plugins_h_present_crash_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_present_crash"' \
	-DHOSTILE_CRASH -DHOSTILE_AT_PRESENT

check_LTLIBRARIES += tests/plugins/h_present_exec.la
tests_plugins_h_present_exec_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_present_exec_la_SOURCES = $(HOSTILE)
tests_plugins_h_present_exec_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_present_exec"' \
	-DHOSTILE_EXEC -DHOSTILE_AT_PRESENT

check_LTLIBRARIES += tests/plugins/h_present_exit.la
tests_plugins_h_present_exit_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_present_exit_la_SOURCES = $(HOSTILE)
tests_plugins_h_present_exit_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_present_exit"' \
	-DHOSTILE_EXIT_CALL -DHOSTILE_AT_PRESENT

check_LTLIBRARIES += tests/plugins/h_print.la
tests_plugins_h_print_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_print_la_SOURCES = $(HOSTILE)
tests_plugins_h_print_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_print"' \
	-DHOSTILE_PRINT -DHOSTILE_AT_VERIFY

check_LTLIBRARIES += tests/plugins/h_round.la
tests_plugins_h_round_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_round_la_SOURCES = $(HOSTILE)
tests_plugins_h_round_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_round"' \
	-DHOSTILE_ROUND -DHOSTILE_AT_CONFIGURE

check_LTLIBRARIES += tests/plugins/h_round_verify.la
tests_plugins_h_round_verify_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_round_verify_la_SOURCES = $(HOSTILE)
tests_plugins_h_round_verify_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_round_verify"' \
	-DHOSTILE_ROUND -DHOSTILE_AT_VERIFY

check_LTLIBRARIES += tests/plugins/h_sleep.la
tests_plugins_h_sleep_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_sleep_la_SOURCES = $(HOSTILE)
tests_plugins_h_sleep_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_sleep"' \
	-DHOSTILE_SLEEP -DHOSTILE_AT_VERIFY

check_LTLIBRARIES += tests/plugins/h_thread.la
tests_plugins_h_thread_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_thread_la_SOURCES = $(HOSTILE)
tests_plugins_h_thread_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_thread"' \
	-DHOSTILE_THREAD -DHOSTILE_AT_VERIFY

check_LTLIBRARIES += tests/plugins/h_umask.la
tests_plugins_h_umask_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_umask_la_SOURCES = $(HOSTILE)
tests_plugins_h_umask_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_umask"' \
	-DHOSTILE_UMASK -DHOSTILE_AT_CONFIGURE

check_LTLIBRARIES += tests/plugins/h_umask_verify.la
tests_plugins_h_umask_verify_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_umask_verify_la_SOURCES = $(HOSTILE)
tests_plugins_h_umask_verify_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_umask_verify"' \
	-DHOSTILE_UMASK -DHOSTILE_AT_VERIFY

check_LTLIBRARIES += tests/plugins/h_undefined.la
tests_plugins_h_undefined_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_undefined_la_SOURCES = $(HOSTILE)
tests_plugins_h_undefined_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_undefined"' \
	-DHOSTILE_UNDEFINED

check_LTLIBRARIES += tests/plugins/h_write.la
tests_plugins_h_write_la_LDFLAGS = $(TEST_MODULE_LDFLAGS)
tests_plugins_h_write_la_SOURCES = $(HOSTILE)
tests_plugins_h_write_la_CPPFLAGS = $(AM_CPPFLAGS) -DHOSTILE_NAME='"h_write"' \
	-DHOSTILE_WRITE
