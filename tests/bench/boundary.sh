#!/bin/sh
# make bench-boundary: what it costs a verify that its type is a plugin, in
# instructions, as callgrind counts them.
#
# The verify of ucd, which only looks that there is a token and a record, is
# called N and 2 N times: through the loader, which enters the plugin and judges
# its answer, and inlined.  The difference of the two runs is N calls, without
# start and end of the process; that of the two ways is the boundary.
set -eu
: "${LATCHKEY_PLUGINS:?is told by make bench-boundary}" "${top_builddir:?}"

n=10000
bound=60
if ! command -v valgrind >/dev/null; then
	echo "left out: valgrind is not there (Debian: valgrind)"
	exit 0
fi
out=$(mktemp "${TMPDIR:-/tmp}/latchkey-boundary.XXXXXX")
trap 'rm -f "$out"' EXIT
trap 'exit 129' HUP INT TERM

# counted WAY CALLS
counted() {
	valgrind --tool=callgrind --callgrind-out-file=/dev/null \
	    "$top_builddir/tests/bench/bench_boundary" "$LATCHKEY_PLUGINS" \
	    "$1" "$2" >"$out" 2>&1 || { cat "$out"; exit 1; } >&2
	sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$out"
}

# each WAY: instructions a call
each() {
	once=$(counted "$1" $n)
	twice=$(counted "$1" $((2 * n)))
	echo $(((twice - once + n / 2) / n))
}

plugin=$(each plugin)
inline=$(each inline)
price=$((plugin - inline))
echo "a verify of a plugin  $plugin instructions"
echo "the same, inlined     $inline"
echo "the boundary          $price (at most $bound)"
[ "$price" -le "$bound" ]
