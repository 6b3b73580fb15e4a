# core: the ways of a request and of a key, and the library.

noinst_LTLIBRARIES += libcore.la
libcore_la_CPPFLAGS = $(AM_CPPFLAGS) $(YAML_CFLAGS) $(GCRYPT_CFLAGS) \
	$(JANSSON_CFLAGS)
libcore_la_LIBADD = libbase.la $(YAML_LIBS) $(GCRYPT_LIBS) $(JANSSON_LIBS) \
	$(DL_LIBS)

libcore_la_SOURCES += core/accounts.c core/accounts.h
libcore_la_SOURCES += core/budgets.c
libcore_la_SOURCES += core/call.h
libcore_la_SOURCES += core/decision.c core/decision.h
libcore_la_SOURCES += core/explain.c
libcore_la_SOURCES += core/generate.c
libcore_la_SOURCES += core/handle.c
libcore_la_SOURCES += core/home.c core/home.h
libcore_la_SOURCES += core/host.c core/host.h
libcore_la_SOURCES += core/inspect.c
libcore_la_SOURCES += core/json.c core/json.h
libcore_la_SOURCES += core/keys.c
libcore_la_SOURCES += core/lint.c core/lint.h
libcore_la_SOURCES += core/operator.c core/operator.h
libcore_la_SOURCES += core/pools.c core/pools.h
libcore_la_SOURCES += core/snapshot.c core/snapshot.h
libcore_la_SOURCES += core/steps.c
libcore_la_SOURCES += core/verify.c

# The default policy travels in the library, as an array of its lines.
nodist_libcore_la_SOURCES = core/default_policy.c
CLEANFILES += core/default_policy.c
core/default_policy.c: conf/policy.yaml
	$(AM_V_GEN)$(MKDIR_P) core && { \
	echo '#include "home.h"'; \
	echo 'const char *const lk_default_policy[] = {'; \
	$(SED) -e 's/[\\"]/\\&/g' -e 's/.*/	"&\\n",/' \
	    $(top_srcdir)/conf/policy.yaml; \
	echo '	(const char *)0'; echo '};'; } > $@.tmp && mv $@.tmp $@

# The library is libcore behind a map of its public names.
lib_LTLIBRARIES += liblatchkey.la
liblatchkey_la_SOURCES =
liblatchkey_la_LIBADD = libcore.la
liblatchkey_la_LDFLAGS = $(AM_LDFLAGS) $(NODELETE_LDFLAGS) $(DEFS_LDFLAGS) \
	-version-info 0:0:0 \
	-Wl,--version-script=$(top_srcdir)/core/latchkey.map
liblatchkey_la_DEPENDENCIES = libcore.la core/latchkey.map
EXTRA_DIST += core/latchkey.map

pkginclude_HEADERS += core/latchkey.h
pkginclude_HEADERS += core/plugin.h
pkgconfig_DATA += core/latchkey.pc
