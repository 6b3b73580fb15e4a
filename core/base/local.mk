# core/base: no word of the domain.  One source a line.

noinst_LTLIBRARIES += libbase.la
libbase_la_SOURCES =

libbase_la_SOURCES += core/base/bell.c core/base/bell.h
libbase_la_SOURCES += core/base/buf.c core/base/buf.h
libbase_la_SOURCES += core/base/crc32c.c core/base/crc32c.h
libbase_la_SOURCES += core/base/csv.c core/base/csv.h
libbase_la_SOURCES += core/base/endpoint.c core/base/endpoint.h
libbase_la_SOURCES += core/base/err.c core/base/err.h
libbase_la_SOURCES += core/base/escape.c
libbase_la_SOURCES += core/base/guard.c core/base/guard.h
libbase_la_SOURCES += core/base/feed.c core/base/feed.h
libbase_la_SOURCES += core/base/frame.c core/base/frame.h
libbase_la_SOURCES += core/base/io.c core/base/io.h
libbase_la_SOURCES += core/base/json_out.c core/base/json_out.h
libbase_la_SOURCES += core/base/log.c core/base/log.h
libbase_la_SOURCES += core/base/net.c core/base/net.h
libbase_la_SOURCES += core/base/source.c core/base/source.h
libbase_la_SOURCES += core/base/text.c core/base/text.h
libbase_la_SOURCES += core/base/thread.c core/base/thread.h
libbase_la_SOURCES += core/base/trust.c core/base/trust.h
libbase_la_SOURCES += core/base/user.c core/base/user.h
libbase_la_SOURCES += core/base/walk.c core/base/walk.h
libbase_la_SOURCES += core/base/random.c core/base/random.h
libbase_la_SOURCES += core/base/relay.c core/base/relay.h
libbase_la_SOURCES += core/base/self.c core/base/self.h
libbase_la_SOURCES += core/base/when.c
libbase_la_SOURCES += core/base/wipe.c core/base/wipe.h
