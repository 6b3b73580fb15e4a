#!/bin/sh
# make bench-scan [MIB=1024] [ROUNDS=5]: how fast scan is beside grep -F, each on
# one core, on the same files in turns; and that it finds nothing where nothing
# is: MIB of each kind.
#
# grep     LC_ALL=C grep -cF with the prefixes and their underscore: what has to
#          be looked at at all; it says nothing of checksums or keys
# scan     latchkey scan, all of it: read, find, count lines
# The files are in the page cache; the best of ROUNDS, in GB/s.
set -eu
umask 022
: "${LATCHKEY:?is told by make bench-scan}" "${LATCHKEY_PLUGINS:?}"
: "${top_builddir:?}"
: "${MIB:=1024}" "${ROUNDS:=5}"

work=$(mktemp -d "${TMPDIR:-/tmp}/latchkey-scan.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 129' HUP INT TERM
bench=$top_builddir/tests/bench/bench_scan
one=
if command -v taskset >/dev/null; then
	one='taskset -c 0'
fi
export LATCHKEY_HOME="$work/home"
"$LATCHKEY" init --plugins "$LATCHKEY_PLUGINS" >/dev/null 2>&1
octets=$((MIB * 1048576))

# took COMMAND...: its nanoseconds, and its output in $work/out.
took() {
	t0=$(date +%s%N)
	$one "$@" >"$work/out" 2>"$work/err" || :
	t1=$(date +%s%N)
	echo $((t1 - t0))
}

least() {
	if [ "$1" -eq 0 ] || [ "$2" -lt "$1" ]; then
		echo "$2"
	else
		echo "$1"
	fi
}

status=0
printf '%-8s %10s %10s %8s  %s\n' kind grep scan ratio found
for kind in prose base62 forms; do
	file=$work/$kind
	"$bench" make "$kind" "$octets" "$file"
	cat "$file" >/dev/null
	g=0 s=0 i=0
	while [ "$i" -lt "$ROUNDS" ]; do
		g=$(least "$g" "$(LC_ALL=C took grep -cF -e ucd_ -e wpush_ \
		    -e mob_ "$file")")
		s=$(least "$s" "$(took "$LATCHKEY" scan "$file")")
		i=$((i + 1))
	done
	found=$(sed -n 's/^latchkey: \([0-9]*\) token.*/\1/p' "$work/err")
	echo "$kind $octets $g $s $found" | awk '{ printf "%-8s %10.2f " \
	    "%10.2f %8.2f  %s\n", $1, $2 / $3, $2 / $4, $3 / $4, $5 }'
	[ "$found" = 0 ] || status=1
	rm -f "$file"
done
exit "$status"
