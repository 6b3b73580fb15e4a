# tests/integration: the staged install as people and programs meet it.
# bats_tests += tests/integration/NAME.bats
# sh_tests += tests/integration/NAME.test

EXTRA_DIST += tests/integration/demo.sh
EXTRA_DIST += tests/integration/includes.awk
EXTRA_DIST += tests/integration/limit.awk
EXTRA_DIST += tests/integration/tap.sh
EXTRA_DIST += tests/integration/gateway.sh
# By hand: it wants a folder with a Debian, and boots it.
EXTRA_DIST += tests/integration/systemd_boot.sh

# A server that tells what reached it.
check_PROGRAMS += tests/integration/gateway_backend
tests_integration_gateway_backend_SOURCES = \
	tests/integration/gateway_backend.c
sh_tests += tests/integration/gateway_caddy.test
# A service manager and clients, around latchkeyd.
check_PROGRAMS += tests/integration/daemon_load
tests_integration_daemon_load_SOURCES = tests/integration/daemon_load.c
tests_integration_daemon_load_LDADD =
sh_tests += tests/integration/daemon_load.test
# What /openapi.json says, against what was answered.
check_PROGRAMS += tests/integration/openapi_check
tests_integration_openapi_check_SOURCES = tests/integration/openapi_check.c
tests_integration_openapi_check_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
tests_integration_openapi_check_LDADD = $(JANSSON_LIBS)
sh_tests += tests/integration/gateway_haproxy.test
sh_tests += tests/integration/gateway_nginx.test

sh_tests += tests/integration/conform.test
sh_tests += tests/integration/hardening.test
sh_tests += tests/integration/hostile.test
sh_tests += tests/integration/headers.test
sh_tests += tests/integration/includes.test
sh_tests += tests/integration/links.test
sh_tests += tests/integration/symbols.test
sh_tests += tests/integration/systemd.test

EXTRA_DIST += tests/integration/daemon.bash
EXTRA_DIST += tests/integration/fake.bash
EXTRA_DIST += tests/integration/helpers.bash
EXTRA_DIST += tests/data/embed/embed.c
bats_tests += tests/integration/account.bats
bats_tests += tests/integration/bulk.bats
bats_tests += tests/integration/command.bats
bats_tests += tests/integration/daemon.bats
bats_tests += tests/integration/daemon_admin.bats
bats_tests += tests/integration/daemon_both.bats
bats_tests += tests/integration/daemon_bounds.bats
bats_tests += tests/integration/daemon_limits.bats
bats_tests += tests/integration/daemon_openapi.bats
bats_tests += tests/integration/daemon_operators.bats
bats_tests += tests/integration/daemon_repeat.bats
bats_tests += tests/integration/daemon_watch.bats
bats_tests += tests/integration/embed.bats
bats_tests += tests/integration/faults.bats
bats_tests += tests/integration/generate.bats
bats_tests += tests/integration/kit.bats
bats_tests += tests/integration/life.bats
bats_tests += tests/integration/policy.bats
bats_tests += tests/integration/reload.bats
bats_tests += tests/integration/rate.bats
bats_tests += tests/integration/roles.bats
bats_tests += tests/integration/rotate.bats
bats_tests += tests/integration/remote.bats
bats_tests += tests/integration/remote_answers.bats
bats_tests += tests/integration/scan.bats
bats_tests += tests/integration/signed.bats
bats_tests += tests/integration/swap.bats
bats_tests += tests/integration/verify.bats
