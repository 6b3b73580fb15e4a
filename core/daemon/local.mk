# core/daemon: latchkeyd, a library with a main.c of a few lines, so that tests
# link the real thing.  It may use latchkey.h and base, nothing else; http.c is
# the only user of libmicrohttpd.

if WITH_DAEMON
noinst_LTLIBRARIES += libdaemon.la
libdaemon_la_CPPFLAGS = $(AM_CPPFLAGS) $(MHD_CFLAGS)
libdaemon_la_CFLAGS = $(AM_CFLAGS) $(PIE_CFLAGS)
libdaemon_la_LIBADD = $(MHD_LIBS)
libdaemon_la_SOURCES =

sbin_PROGRAMS += latchkeyd
latchkeyd_CFLAGS = $(AM_CFLAGS) $(PIE_CFLAGS)
latchkeyd_LDFLAGS = $(AM_LDFLAGS) $(PIE_LDFLAGS)
latchkeyd_LDADD = libdaemon.la libshow.la liblatchkey.la libjson.la libbase.la \
	$(JANSSON_LIBS)
latchkeyd_SOURCES = core/daemon/main.c core/daemon/nonip.c core/daemon/daemon.h

libdaemon_la_SOURCES += core/daemon/admin.c core/daemon/admin.h
libdaemon_la_SOURCES += core/daemon/admin_body.c
libdaemon_la_SOURCES += core/daemon/admin_once.c
libdaemon_la_SOURCES += core/daemon/admin_params.c
libdaemon_la_SOURCES += core/daemon/admin_reply.c
libdaemon_la_SOURCES += core/daemon/admin_routes.c
libdaemon_la_SOURCES += core/daemon/admin_who.c
libdaemon_la_SOURCES += core/daemon/auth.c
libdaemon_la_SOURCES += core/daemon/become.c core/daemon/become.h
libdaemon_la_SOURCES += core/daemon/both.c core/daemon/both.h
libdaemon_la_SOURCES += core/daemon/check.c core/daemon/check.h
libdaemon_la_SOURCES += core/daemon/conn.c core/daemon/conn.h
libdaemon_la_SOURCES += core/daemon/counts.c core/daemon/counts.h
libdaemon_la_SOURCES += core/daemon/head.c core/daemon/head.h
libdaemon_la_SOURCES += core/daemon/health.c
libdaemon_la_SOURCES += core/daemon/http.c core/daemon/http.h
libdaemon_la_SOURCES += core/daemon/job.c core/daemon/job.h
libdaemon_la_SOURCES += core/daemon/limits.c core/daemon/limits.h
libdaemon_la_SOURCES += core/daemon/lines.c core/daemon/lines.h
libdaemon_la_SOURCES += core/daemon/listen.c core/daemon/listen.h
libdaemon_la_SOURCES += core/daemon/log.c core/daemon/log.h
libdaemon_la_SOURCES += core/daemon/loop.c core/daemon/loop.h
libdaemon_la_SOURCES += core/daemon/loops.c core/daemon/loops.h
libdaemon_la_SOURCES += core/daemon/metrics.c
libdaemon_la_SOURCES += core/daemon/mold.c core/daemon/mold.h
libdaemon_la_SOURCES += core/daemon/notify.c core/daemon/notify.h
libdaemon_la_SOURCES += core/daemon/octets.h
libdaemon_la_SOURCES += core/daemon/once.c core/daemon/once.h
libdaemon_la_SOURCES += core/daemon/openapi.c core/daemon/openapi.h
libdaemon_la_SOURCES += core/daemon/openapi_shapes.c
libdaemon_la_SOURCES += core/daemon/options.c core/daemon/options.h
libdaemon_la_SOURCES += core/daemon/own.c core/daemon/own.h
libdaemon_la_SOURCES += core/daemon/pidfile.c core/daemon/pidfile.h
libdaemon_la_SOURCES += core/daemon/pool.c core/daemon/pool.h
libdaemon_la_SOURCES += core/daemon/reply.c core/daemon/reply.h
libdaemon_la_SOURCES += core/daemon/routes.c core/daemon/server.h
libdaemon_la_SOURCES += core/daemon/run.c
libdaemon_la_SOURCES += core/daemon/tell.c core/daemon/tell.h
libdaemon_la_SOURCES += core/daemon/v1_accounts.c
libdaemon_la_SOURCES += core/daemon/v1_keys.c
libdaemon_la_SOURCES += core/daemon/v1_log.c
libdaemon_la_SOURCES += core/daemon/v1_make.c
libdaemon_la_SOURCES += core/daemon/v1_types.c
libdaemon_la_SOURCES += core/daemon/v1_verify.c
endif
