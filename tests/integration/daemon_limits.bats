#!/usr/bin/env bats
# latchkeyd: each of its limits, met.

# Set by the helpers, in the subshell of each test.
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154

# shellcheck source=tests/integration/helpers.bash
load helpers
# shellcheck source=tests/integration/daemon.bash
load daemon

# by_tcp [LINE...]: serve, and on $PORT of 127.0.0.1 as well; metrics on $M.
by_tcp() {
	command -v curl >/dev/null || skip "needs curl"
	PORT=$("$top_builddir/tests/integration/gateway_backend" -p)
	M=$T/metrics.sock
	serve "metrics: [ \"unix:$M\" ]" "$@"
	finish TERM
	edit "$H/policy.yaml" "s|verify: \[ |&127.0.0.1:$PORT, |"
	start
}

# ends FD: the other side ends the connection; what it said is in $said.
ends() {
	said=$(timeout 60 cat <&"$1")
}

# counted VALUE NAME: a sample of the metrics.
counted() {
	curl -sS -f --unix-socket "$M" http://l/metrics >"$T/page"
	grep -qxF "$2 $1" "$T/page" || {
		cat "$T/page" >&2
		return 1
	}
}

# get [FD]: /healthz on a connection that is open; its status line in $said.
get() {
	printf 'GET /healthz HTTP/1.1\r\nHost: l\r\n\r\n' >&"$1"
	IFS= read -r -t 60 said <&"$1"
}

# whole FD: the same, all of it in $said.
whole() {
	local line
	said=
	printf 'GET /healthz HTTP/1.1\r\nHost: l\r\n\r\n' >&"$1"
	while [ "${line-}" != ok ]; do
		IFS= read -r -t 60 line <&"$1" || return 1
		said+=$line$'\n'
	done
}

# stays FD: answered, and open for another.
stays() {
	whole "$1" && [[ $said == *" 200 "* && $said != *"nection: close"* ]]
}

# full LIMIT: two are let in, as 5 and 6; the third is told why not.
full() {
	by_tcp "limits: { $1: 2 }"
	exec 5<>"/dev/tcp/127.0.0.1/$PORT" 6<>"/dev/tcp/127.0.0.1/$PORT"
	get 5
	get 6
	exec 7<>"/dev/tcp/127.0.0.1/$PORT"
	ends 7
	[[ $said == *" 503 "*Retry-After:* ]]
}

@test "head_time: a head that does not end, whatever comes of it" {
	by_tcp 'limits: { head_time: 1s }'
	exec 5<>"/dev/tcp/127.0.0.1/$PORT"
	printf 'GET /healthz HTTP/1.1\r\nHo' >&5
	# An octet now and then gives it no more time.
	(for _ in $(seq 100); do
		printf 'o' >&5 || break
		sleep 0.2
	done) 2>/dev/null &
	drip=$!
	ends 5
	kill "$drip" || :
	[[ $said != *200* ]]
	ask /healthz
	answers 200
}

@test "body_time: a body that does not end" {
	by_tcp 'limits: { body_time: 1s }'
	exec 5<>"/dev/tcp/127.0.0.1/$PORT"
	printf 'POST /auth HTTP/1.1\r\nHost: l\r\nContent-Length: 9\r\n\r\nx' >&5
	ends 5
	[[ $said != *200* ]]
}

@test "idle: from one request to the next" {
	by_tcp 'limits: { idle: 1s }'
	exec 5<>"/dev/tcp/127.0.0.1/$PORT"
	get 5
	[[ $said == *" 200 "* ]]
	ends 5
}

@test "connections_per_peer: of one address, not of unix sockets" {
	full connections_per_peer
	ask /healthz
	answers 200
	counted 1 'latchkey_connections_refused_total{reason="peer"}'
	# One goes, and one may come.
	exec 5>&-
	for _ in $(seq 1200); do
		exec 8<>"/dev/tcp/127.0.0.1/$PORT"
		get 8
		[[ $said != *" 200 "* ]] || break
		exec 8>&-
		sleep 0.05
	done
	[[ $said == *" 200 "* ]]
}

@test "connections: in all" {
	full connections
	get 6
	exec 5<&- 6<&-
	for _ in $(seq 1200); do
		ask /healthz 2>/dev/null || :
		[ "$code" != 200 ] || break
		sleep 0.05
	done
	answers 200
	counted 0 'latchkey_connections_refused_total{reason="peer"}'
	none counted 0 'latchkey_connections_refused_total{reason="full"}'
}

@test "kept: so many stay open after an answer, others end with it" {
	by_tcp 'limits: { kept: 2 }'
	exec 5<>"/dev/tcp/127.0.0.1/$PORT" 6<>"/dev/tcp/127.0.0.1/$PORT" \
	    7<>"/dev/tcp/127.0.0.1/$PORT"
	for fd in 5 6 5; do
		stays "$fd"
	done
	counted 2 latchkey_connections_kept
	printf 'GET /healthz HTTP/1.1\r\nHost: l\r\n\r\n' >&7
	ends 7
	[[ $said == *" 200 "*"nection: close"* ]]
	# One that was kept goes, and another may stay.
	exec 5>&-
	for _ in $(seq 1200); do
		exec 8<>"/dev/tcp/127.0.0.1/$PORT"
		! stays 8 || break
		exec 8>&-
		sleep 0.05
	done
	stays 8
	stays 6
}

@test "latchkeyd --admin has 256 connections at most" {
	command -v curl >/dev/null || skip "needs curl"
	PORT=$("$top_builddir/tests/integration/gateway_backend" -p)
	admin
	finish TERM
	edit "$H/policy.yaml" "s|admin: \[ |&127.0.0.1:$PORT, |"
	start
	for _ in $(seq 256); do
		exec {fd}<>"/dev/tcp/127.0.0.1/$PORT"
	done
	get "$fd"
	[[ $said == *" 200 "* ]]
	exec 7<>"/dev/tcp/127.0.0.1/$PORT"
	ends 7
	[[ $said == *" 503 "*Retry-After:* ]]
}

@test "head: octets of a head" {
	by_tcp 'limits: { head: 4KiB }'
	ask /healthz -H "X-A: $(head -c 1000 /dev/zero | tr '\0' a)"
	answers 200
	ask /healthz -H "X-A: $(head -c 8000 /dev/zero | tr '\0' a)"
	[[ $code == 4* ]]
}

@test "no descriptor is left: who comes is told so, who is here is answered" {
	# What it needs for itself, and a few.
	by_tcp
	finish TERM
	(
		ulimit -n 48
		exec "$LATCHKEYD" --verify --home "$H" 2>"$T/daemon.err"
	) 3>&- &
	PID=$!
	for _ in $(seq 1200); do
		[ ! -S "$S" ] || break
		sleep 0.05
	done
	exec 5<>"/dev/tcp/127.0.0.1/$PORT"
	get 5
	fds=
	for _ in $(seq 60); do
		exec {fd}<>"/dev/tcp/127.0.0.1/$PORT"
		fds="$fds $fd"
		# Who is turned away is told before he asks.
		if IFS= read -r -t 0.3 said <&"$fd"; then
			break
		fi
		get "$fd"
	done
	[[ $said == *" 503 "* ]]
	timeout 60 cat <&5 >"$T/five" &
	printf 'GET /healthz HTTP/1.1\r\nHost: l\r\n%s\r\n' \
	    $'Connection: close\r\n' >&5
	wait $!
	grep -q '^HTTP/1.1 200' "$T/five"
	for fd in $fds; do
		exec {fd}>&-
	done
	for _ in $(seq 1200); do
		! counted 0 'latchkey_connections_refused_total{reason="full"}' \
		    2>/dev/null || break
		sleep 0.05
	done
	none counted 0 'latchkey_connections_refused_total{reason="full"}'
	for _ in $(seq 1200); do
		ask /healthz 2>/dev/null || :
		[ "$code" != 200 ] || break
		sleep 0.05
	done
	answers 200
	kill "$PID"
	wait "$PID"
	PID=
}
