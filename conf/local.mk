# conf: the annotated default policy.

dist_pkgdata_DATA += conf/policy.yaml

# Gateways that ask latchkeyd: each is run as it is by tests/integration.
nginxconfdir = $(pkgdatadir)/nginx
dist_nginxconf_DATA = conf/nginx/latchkey.conf
haproxyconfdir = $(pkgdatadir)/haproxy
dist_haproxyconf_DATA = conf/haproxy/latchkey.cfg conf/haproxy/latchkey.lua
caddyconfdir = $(pkgdatadir)/caddy
dist_caddyconf_DATA = conf/caddy/Caddyfile

# For systemd, to be copied to where the system has them.
systemdconfdir = $(pkgdatadir)/systemd
dist_systemdconf_DATA = conf/systemd/latchkeyd-admin.socket \
	conf/systemd/latchkeyd-metrics.socket \
	conf/systemd/latchkeyd-verify.socket \
	conf/systemd/sysusers.conf conf/systemd/tmpfiles.conf
systemd_services = conf/systemd/latchkeyd-admin.service \
	conf/systemd/latchkeyd-verify.service
nodist_systemdconf_DATA = $(systemd_services)
EXTRA_DIST += conf/systemd/latchkeyd-admin.service.in
EXTRA_DIST += conf/systemd/latchkeyd-verify.service.in
CLEANFILES += $(systemd_services)
$(systemd_services): conf/systemd/latchkeyd-admin.service.in \
    conf/systemd/latchkeyd-verify.service.in
	$(AM_V_GEN)$(MKDIR_P) conf/systemd && \
	    sed 's|@sbindir[@]|$(sbindir)|' $(srcdir)/$@.in >$@
