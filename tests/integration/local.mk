# tests/integration: the staged install as people and programs meet it.
# bats_tests += tests/integration/NAME.bats
# sh_tests += tests/integration/NAME.test

EXTRA_DIST += tests/integration/includes.awk
EXTRA_DIST += tests/integration/tap.sh

sh_tests += tests/integration/headers.test
sh_tests += tests/integration/includes.test
