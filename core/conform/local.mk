# core/conform: the conformance run of latchkey plugin check, a program of its
# own: a plugin that was never seen runs in none of latchkey's processes.

pkglibexec_PROGRAMS += latchkey-plugin-check
latchkey_plugin_check_CPPFLAGS = $(AM_CPPFLAGS) $(SECCOMP_CFLAGS)
latchkey_plugin_check_CFLAGS = $(AM_CFLAGS) $(PIE_CFLAGS)
latchkey_plugin_check_LDFLAGS = $(AM_LDFLAGS) $(PIE_LDFLAGS)
latchkey_plugin_check_LDADD = libcore.la $(SECCOMP_LIBS)
latchkey_plugin_check_SOURCES =

latchkey_plugin_check_SOURCES += core/conform/ask.c
latchkey_plugin_check_SOURCES += core/conform/board.h
latchkey_plugin_check_SOURCES += core/conform/checks_core.c
latchkey_plugin_check_SOURCES += core/conform/checks_input.c
latchkey_plugin_check_SOURCES += core/conform/checks_leak.c
latchkey_plugin_check_SOURCES += core/conform/checks_load.c
latchkey_plugin_check_SOURCES += core/conform/checks_setup.c
latchkey_plugin_check_SOURCES += core/conform/child.c core/conform/child.h
latchkey_plugin_check_SOURCES += core/conform/curl.c
latchkey_plugin_check_SOURCES += core/conform/decide.c
latchkey_plugin_check_SOURCES += core/conform/filter.c
latchkey_plugin_check_SOURCES += core/conform/heap.c
latchkey_plugin_check_SOURCES += core/conform/host.c
latchkey_plugin_check_SOURCES += core/conform/image.c core/conform/image.h
latchkey_plugin_check_SOURCES += core/conform/look.c
latchkey_plugin_check_SOURCES += core/conform/main.c core/conform/run.h
latchkey_plugin_check_SOURCES += core/conform/process.c
latchkey_plugin_check_SOURCES += core/conform/trap.c
latchkey_plugin_check_SOURCES += core/conform/trial.c core/conform/trial.h
