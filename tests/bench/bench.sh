#!/bin/sh
# How it was measured
#
# All figures of a run are of one machine and one process, told below.  For each
# number of keys a home is made in a folder below TMPDIR and filled, five keys
# an account, account names of 8 octets, labels of 12; half of the accounts have
# keys of a type without checks (bare), half ucd's, which has entitlement.
#
# floor        an HMAC-SHA-256 with a libgcrypt handle that is reset for each
#              token, one slot of 64 octets of a mapped open-addressing table
#              (load 0.7), the compare of an expiry; nothing else.
# ours         lk_verify_token of a bare key; lk_verify of a ucd request with
#              route, two headers and entitlement; lk_verify_token_many and
#              lk_verify_many of 16 of them, a verify each.
# peers        parse and checksum by our code, the digest by the floor's; then
#              the record (key id, type, account, state, times) by digest, with
#              type, state and times judged.  They were filled in the order of
#              digests, which packs them as tightly as they can be.
#              LMDB: a read transaction reset and renewed for each.  SQLite: a
#              prepared statement, autocommit, write-ahead log, mapped.  Redis:
#              a Unix socket, one connection, one question at a time, nothing
#              on disk.  Linear file: scanned from its top, mapped.
#
# Tokens are laid out in the order in which they are presented, a random one, so
# that to read them costs everybody the same, and little.  After each racer has
# warmed up (all tokens once, or 10 s) all take turns, in another order each
# round: a quarter of a turn without the clock, then about 0.1 s (250,000
# verifies at the most) with it.  No two turns in a row present the same tokens.
#
# median       over the rounds (ROUNDS, 9 when not given); of two threads: wall
#              clock by verifies of both.  All files but the journal are read
#              before each round, so that they are in the page cache.
# spread       between the quartiles, in parts of the median.
# /floor, /ours   ratio of the medians to the floor's, to lk_verify_token's.
# N x WHAT     how many times what it says; then the bound, and ok or over.  A
#              bound is told where the number of keys is the one it is for.
# memory       resident more than before, after each key was asked for.
# open         lk_open of policy, plugins, pepper and store.
# process      the command from start to end, in turns with a store of 1000.
# generate     by the library, in turns with as many appends of a line of that
#              length to a file beside it, each made durable by fdatasync.
# import, rebuild   by the command, into a home of its own, until it ends.
#
#   make bench KEYS="1000 100000" ROUNDS=15
#
# KEYS are 1000 100000 1000000 10000000 when not given: that wants about 16 GB
# of memory, 12 GB below TMPDIR, and half an hour.
set -eu
umask 022
: "${LATCHKEY:?is told by make bench}" "${LATCHKEY_PLUGINS:?}"
: "${top_srcdir:?}" "${top_builddir:?}"

here=$top_srcdir/tests/bench
out=$top_builddir/tests/bench
work=$(mktemp -d "${TMPDIR:-/tmp}/latchkey-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 129' HUP INT TERM
mkdir "$work/run"

# Peers that take a library: NAME, HEADER, LIBRARY, COMMAND or -, PACKAGES.
peers() {
	cat <<-END
	lmdb lmdb.h lmdb - liblmdb-dev
	cdb cdb.h cdb - libcdb-dev
	sqlite sqlite3.h sqlite3 - libsqlite3-dev
	redis hiredis/hiredis.h hiredis redis-server libhiredis-dev and redis-server
	END
}

# there HEADER LIBRARY COMMAND
there() {
	if [ "$3" != - ] && ! command -v "$3" >/dev/null; then
		return 1
	fi
	echo "#include <$1>" >"$work/try.c"
	echo 'int main(void) { return 0; }' >>"$work/try.c"
	# shellcheck disable=SC2086	# CC and CFLAGS are lists
	${CC:-cc} ${CFLAGS-} -o "$work/try" "$work/try.c" "-l$2" 2>/dev/null
}

# What is not installed is left out; what is there must compile.
build() {
	while read -r name header library cmd packages; do
		if ! there "$header" "$library" "$cmd"; then
			echo "left out: $name (Debian: $packages)" \
			    >>"$work/left"
			continue
		fi
		# shellcheck disable=SC2086
		${CC:-cc} -std=gnu11 -D_GNU_SOURCE -Wall -Wextra ${CFLAGS-} \
		    -fPIC -shared -o "$work/$name.so" "$here/peer_$name.c" \
		    "-l$library" || return 1
		printf ' -m %s' "$work/$name.so"
	done
}

machine() {
	cc=$(${CC:-cc} --version | head -n 1)
	cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
	echo "$(nproc) x ${cpu:-$(uname -m)}; $(uname -sr)"
	awk '/^MemTotal/ { printf "memory %.0f GB", $2 / 1e6 }' /proc/meminfo
	echo ", disk $(df -T "$work" | awk 'NR == 2 { print $2 }'), $cc, ${CFLAGS-}"
}

# ns of each racer of one thread, a block each for gnuplot.
blocks() {
	awk -F '\t' '
	$4 != "ns" || $2 ~ /threads/ { next }
	!($2 in rows) { order[n++] = $2 }
	{ rows[$2] = rows[$2] $1 " " $3 "\n" }
	END {
		for (i = 0; i < n; i++)
			printf "\"%s\"\n%s\n\n", order[i], rows[order[i]]
	}' "$1"
}

plot() {
	blocks "$out/bench.tsv" >"$work/blocks"
	n=$(grep -c '^"' "$work/blocks")
	gnuplot <<-END
	set terminal png size 960,540
	set output "$out/verify.png"
	set title "Time of one verify, one thread"
	set xlabel "keys"
	set ylabel "ns, less is better"
	set logscale xy
	set xrange [500:2e7]
	set format x "10^{%L}"
	set grid
	set key outside right Left reverse noenhanced width -6
	set linetype 9 linecolor rgb "gray50"
	set linetype 10 linecolor rgb "brown"
	set linetype cycle 10
	plot for [i = 0:$((n - 1))] "$work/blocks" index i using 1:2 \
	    with linespoints linetype i + 1 linewidth 2 pointtype i % 8 + 4 \
	    title columnheader(1)
	END
}

: >"$work/left"
modules=$(peers | build)
cat "$work/left"
# shellcheck disable=SC2086	# lists
"$out/bench_verify" -d "$work/run" -p "$LATCHKEY_PLUGINS" -c "$LATCHKEY" \
    -t "$out/bench.tsv" -r "${ROUNDS:-9}" $modules \
    ${KEYS:-1000 100000 1000000 10000000}
echo
machine
if command -v gnuplot >/dev/null; then
	plot
	echo "plot: $out/verify.png"
else
	echo "left out: the plot (Debian: gnuplot-nox)"
fi
echo
sed -n '2,/^set /{/^#/!d;s/^# \{0,1\}//;p;}' "$0"
