# tap.sh: TAP for sh.  Sourced by the .test scripts.
#
#	. "$top_srcdir/tests/integration/tap.sh"
#	check "a name" command arguments ...	# ok when it exits 0
#	refuse "a name" command arguments ...	# ok when it does not
#	skip "a name" "why"
#	finish
#
# What a failing command printed follows as a comment.  $tmp is a private
# folder that is removed at the end.
# shellcheck shell=sh

tap_n=0
tmp=$(mktemp -d "${TMPDIR:-/tmp}/latchkey-test.XXXXXX") || exit 99
trap 'rm -rf "$tmp"' 0
trap 'exit 129' 1 2 15

tap_point() {
	tap_n=$((tap_n + 1))
	echo "$1 $tap_n - $2"
}

check() {
	tap_name=$1
	shift
	if ("$@") >"$tmp/.out" 2>&1; then
		tap_point ok "$tap_name"
	else
		tap_point "not ok" "$tap_name"
		sed 's/^/# /' "$tmp/.out"
	fi
}

refuse() {
	tap_name=$1
	shift
	if ("$@") >"$tmp/.out" 2>&1; then
		tap_point "not ok" "$tap_name"
		sed 's/^/# /' "$tmp/.out"
	else
		tap_point ok "$tap_name"
	fi
}

skip() {
	tap_n=$((tap_n + 1))
	echo "ok $tap_n - $1 # SKIP $2"
}

finish() {
	echo "1..$tap_n"
	exit 0
}

# The files that the stage holds, as $LATCHKEY_* say.
plugin_files() {
	ls "$LATCHKEY_PLUGINS"/*.so
}
