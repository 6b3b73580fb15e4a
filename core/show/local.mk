# core/show: what latchkey.h hands out, as JSON; for the command and the daemon.
# It may use latchkey.h and base, nothing else.

noinst_LTLIBRARIES += libshow.la
libshow_la_CFLAGS = $(AM_CFLAGS) $(PIE_CFLAGS)
libshow_la_SOURCES =

libshow_la_SOURCES += core/show/show.h
libshow_la_SOURCES += core/show/account.c
libshow_la_SOURCES += core/show/decision.c
libshow_la_SOURCES += core/show/event.c
libshow_la_SOURCES += core/show/failure.c
libshow_la_SOURCES += core/show/key.c
libshow_la_SOURCES += core/show/type.c
