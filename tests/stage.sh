#!/bin/sh
# Install the build into a private folder for the tests, or remove it (clean).
# Called by make, in the top of the build tree; see tests/local.mk.
# shellcheck disable=SC2154	# make hands them over
set -eu
umask 022

env=tests/stage.env
old=$(sed -n "s/^LATCHKEY_DESTDIR='\(.*\)'\$/\1/p" "$env" 2>/dev/null || :)
# Only what this script made is ever removed.
if [ -n "$old" ] && [ -f "$old/.latchkey-stage" ]; then
	rm -rf "$old"
fi
if [ "${1-}" = clean ]; then
	rm -f "$env"
	exit 0
fi

# The loader refuses plugins below a folder that others may write to.  Where
# the build tree lies in one, the stage goes below /tmp, which is sticky.
private() {
	d=$1
	while :; do
		[ -z "$(find "$d" -prune -perm /022 ! -perm -1000)" ] || return 1
		[ "$d" != / ] || return 0
		d=$(dirname "$d")
	done
}

stage=$top_builddir/tests/stage
if ! private "$top_builddir/tests"; then
	stage=$(mktemp -d "${TMPDIR:-/tmp}/latchkey-stage.XXXXXX")
	chmod 755 "$stage"
fi
rm -rf "$stage"
mkdir "$stage"
: >"$stage/.latchkey-stage"
cat >"$env" <<END
LATCHKEY_DESTDIR='$stage'
LATCHKEY_STAGE='$stage$prefix'
LATCHKEY='$stage$bindir/latchkey'
LATCHKEYD='$stage$sbindir/latchkeyd'
LATCHKEY_LIBDIR='$stage$libdir'
LATCHKEY_CHECK='$stage$pkglibexecdir/latchkey-plugin-check'
LATCHKEY_REMOTE='$stage$pkglibexecdir/latchkey-remote'
LATCHKEY_PLUGINS='$stage$pkglibdir'
LATCHKEY_POLICY='$stage$pkgdatadir/policy.yaml'
LATCHKEY_INCLUDEDIR='$stage$includedir'
LATCHKEY_TEST_PLUGINS='$stage/test-plugins'
LATCHKEY_SANITIZERS='$SANITIZERS'
LD_LIBRARY_PATH='$stage$libdir'\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}
PATH='$stage$bindir':\$PATH
CC='$CC'
CFLAGS='$CFLAGS'
top_srcdir='$top_srcdir'
top_builddir='$top_builddir'
export LATCHKEY_DESTDIR LATCHKEY_STAGE LATCHKEY LATCHKEYD LATCHKEY_LIBDIR \\
	LATCHKEY_CHECK LATCHKEY_REMOTE \\
	LATCHKEY_PLUGINS LATCHKEY_POLICY LATCHKEY_INCLUDEDIR \\
	LATCHKEY_TEST_PLUGINS LATCHKEY_SANITIZERS LD_LIBRARY_PATH PATH \\
	CC CFLAGS top_srcdir top_builddir
unset LATCHKEY_HOME
END

if ! $MAKE -s install DESTDIR="$stage" >tests/stage.log 2>&1; then
	cat tests/stage.log >&2
	exit 1
fi
mkdir "$stage/test-plugins"
for la in $MODULES; do
	so=$(dirname "$la")/.libs/$(basename "$la" .la).so
	cp "$so" "$stage/test-plugins/"
done
chmod -R go-w "$stage"
rm -f tests/stage.log
