# core/remote: latchkey-remote, which speaks HTTP for the command; http.c is the
# only user of libcurl.

EXTRA_DIST += core/remote/remote.h
if WITH_CURL
pkglibexec_PROGRAMS += latchkey-remote
latchkey_remote_CPPFLAGS = $(AM_CPPFLAGS) $(CURL_CFLAGS)
latchkey_remote_CFLAGS = $(AM_CFLAGS) $(PIE_CFLAGS)
latchkey_remote_LDFLAGS = $(AM_LDFLAGS) $(PIE_LDFLAGS)
latchkey_remote_LDADD = libbase.la $(CURL_LIBS)
latchkey_remote_SOURCES =

latchkey_remote_SOURCES += core/remote/http.c core/remote/http.h
latchkey_remote_SOURCES += core/remote/main.c
endif
