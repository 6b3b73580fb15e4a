# core: the ways of a request and of a key, and the library.

noinst_LTLIBRARIES += libcore.la
libcore_la_CPPFLAGS = $(AM_CPPFLAGS) $(YAML_CFLAGS) $(GCRYPT_CFLAGS) \
	$(JANSSON_CFLAGS)
libcore_la_LIBADD = libbase.la $(YAML_LIBS) $(GCRYPT_LIBS) $(JANSSON_LIBS) \
	$(DL_LIBS)

pkginclude_HEADERS += core/latchkey.h
pkginclude_HEADERS += core/plugin.h
