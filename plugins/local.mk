# plugins: each a shared object of its own that links nothing of ours.  A new
# one is two lines; its source is plugins/NAME/NAME.c.

MODULE_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared \
	$(DEFS_LDFLAGS) -export-symbols $(top_srcdir)/plugins/plugin.sym
EXTRA_DIST += plugins/plugin.sym

pkglib_LTLIBRARIES += plugins/address/address.la
plugins_address_address_la_LDFLAGS = $(MODULE_LDFLAGS)

pkglib_LTLIBRARIES += plugins/entitlement/entitlement.la
plugins_entitlement_entitlement_la_LDFLAGS = $(MODULE_LDFLAGS)

pkglib_LTLIBRARIES += plugins/mobile/mobile.la
plugins_mobile_mobile_la_LDFLAGS = $(MODULE_LDFLAGS)

pkglib_LTLIBRARIES += plugins/operator/operator.la
plugins_operator_operator_la_LDFLAGS = $(MODULE_LDFLAGS)

pkglib_LTLIBRARIES += plugins/rate/rate.la
plugins_rate_rate_la_LDFLAGS = $(MODULE_LDFLAGS)

pkglib_LTLIBRARIES += plugins/signed/signed.la
plugins_signed_signed_la_LDFLAGS = $(MODULE_LDFLAGS)
EXTRA_DIST += plugins/signed/README.md

pkglib_LTLIBRARIES += plugins/ucd/ucd.la
plugins_ucd_ucd_la_LDFLAGS = $(MODULE_LDFLAGS)

pkglib_LTLIBRARIES += plugins/web_push/web_push.la
plugins_web_push_web_push_la_LDFLAGS = $(MODULE_LDFLAGS)

# The start of one; it builds by itself, from where it is installed.
templatedir = $(pkgdatadir)/template
dist_template_DATA = plugins/template/Makefile
dist_template_DATA += plugins/template/README.md
dist_template_DATA += plugins/template/template.c

# The loader refuses a folder that a group may write to, which is what umask
# 002 makes.  libtool's .la files serve nobody; without them its uninstall
# does not know the .so, so that is done here.
install-exec-hook:
	chmod g-w "$(DESTDIR)$(pkglibdir)"
	for m in $(pkglib_LTLIBRARIES); do \
	    n=`basename $$m .la`; \
	    rm -f "$(DESTDIR)$(pkglibdir)/$$n.la"; \
	    chmod go-w "$(DESTDIR)$(pkglibdir)/$$n.so"; \
	done
uninstall-hook:
	for m in $(pkglib_LTLIBRARIES); do \
	    rm -f "$(DESTDIR)$(pkglibdir)/`basename $$m .la`.so"; \
	done
