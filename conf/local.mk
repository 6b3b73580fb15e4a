# conf: the annotated default policy.

dist_pkgdata_DATA += conf/policy.yaml

# Gateways that ask latchkeyd: each is run as it is by tests/integration.
nginxconfdir = $(pkgdatadir)/nginx
dist_nginxconf_DATA = conf/nginx/latchkey.conf
haproxyconfdir = $(pkgdatadir)/haproxy
dist_haproxyconf_DATA = conf/haproxy/latchkey.cfg conf/haproxy/latchkey.lua
caddyconfdir = $(pkgdatadir)/caddy
dist_caddyconf_DATA = conf/caddy/Caddyfile
