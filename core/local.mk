# core: the ways of a request and of a key, and the library.

noinst_LTLIBRARIES += libcore.la
libcore_la_CPPFLAGS = $(AM_CPPFLAGS) $(YAML_CFLAGS) $(GCRYPT_CFLAGS) \
	$(JANSSON_CFLAGS)
libcore_la_LIBADD = libjson.la libbase.la $(YAML_LIBS) $(GCRYPT_LIBS) $(JANSSON_LIBS) \
	$(DL_LIBS)

# Apart, for latchkeyd reads JSON as well; it is not in the library's map.
noinst_LTLIBRARIES += libjson.la
libjson_la_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
libjson_la_SOURCES = core/json.c core/json.h

libcore_la_SOURCES += core/accounts.c core/accounts.h
libcore_la_SOURCES += core/budgets.c
libcore_la_SOURCES += core/call.c core/call.h
libcore_la_SOURCES += core/change.c
libcore_la_SOURCES += core/check.c
libcore_la_SOURCES += core/checks.h
libcore_la_SOURCES += core/daemon_settings.c
libcore_la_SOURCES += core/decision.c core/decision.h
libcore_la_SOURCES += core/explain.c
libcore_la_SOURCES += core/export.c
libcore_la_SOURCES += core/generate.c
libcore_la_SOURCES += core/generate_many.c core/making.h
libcore_la_SOURCES += core/handle.c
libcore_la_SOURCES += core/home.c core/home.h
libcore_la_SOURCES += core/hold.c core/hold.h
libcore_la_SOURCES += core/host.c core/host.h
libcore_la_SOURCES += core/import.c core/import_inner.h
libcore_la_SOURCES += core/import_check.c core/import_take.c
libcore_la_SOURCES += core/import_gather.c core/import_gather.h
libcore_la_SOURCES += core/import_read.c core/import_read.h
libcore_la_SOURCES += core/import_row.c core/import_row.h
libcore_la_SOURCES += core/import_seen.c core/import_seen.h
libcore_la_SOURCES += core/import_spool.c
libcore_la_SOURCES += core/import_text.c core/import_text.h
libcore_la_SOURCES += core/inspect.c
libcore_la_SOURCES += core/keys.c core/keys.h
libcore_la_SOURCES += core/leaks.c
libcore_la_SOURCES += core/mask.c
libcore_la_SOURCES += core/lint.c core/lint.h
libcore_la_SOURCES += core/measure.c
libcore_la_SOURCES += core/operator.c core/operator.h
libcore_la_SOURCES += core/operator_bearer.c
libcore_la_SOURCES += core/pepper_retire.c
libcore_la_SOURCES += core/peppers.c core/peppers.h
libcore_la_SOURCES += core/peppers_whole.c
libcore_la_SOURCES += core/pools.c core/pools.h
libcore_la_SOURCES += core/rotate.c
libcore_la_SOURCES += core/prune.c
libcore_la_SOURCES += core/reload.c core/reload.h
libcore_la_SOURCES += core/selftest.c
libcore_la_SOURCES += core/snapshot.c core/snapshot.h
libcore_la_SOURCES += core/steps.h
libcore_la_SOURCES += core/trail.c
libcore_la_SOURCES += core/upkeep.c
libcore_la_SOURCES += core/values.c core/values.h
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
