# daemon.bash: latchkeyd for a test, and questions to it.
# shellcheck shell=bash

# Set by helpers.bash, in the subshell of each test; start may be given more.
# shellcheck disable=SC2119,SC2120
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154

# serve [LINE...]: latchkeyd on $S, with more lines under daemon:.
serve() {
	[ -x "${LATCHKEYD-}" ] || skip "built without the daemon"
	command -v curl >/dev/null || skip "needs curl"
	S=$T/verify.sock
	{
		printf 'daemon:\n  verify: [ "unix:%s" ]\n  threads: 2\n' "$S"
		[ $# -eq 0 ] || printf '  %s\n' "$@"
	} >>"$H/policy.yaml"
	start
}

# admin [LINE...]: the same of latchkeyd --admin.
admin() {
	[ -x "${LATCHKEYD-}" ] || skip "built without the daemon"
	command -v curl >/dev/null || skip "needs curl"
	S=${ADMIN:-$T/admin.sock}
	DUTY=--admin
	{
		printf 'daemon:\n  admin: [ "unix:%s" ]\n' "$S"
		[ $# -eq 0 ] || printf '  %s\n' "$@"
	} >>"$H/policy.yaml"
	start
}

start() {
	"$LATCHKEYD" "${DUTY:---verify}" --home "$H" "$@" 2>"$T/daemon.err" \
	    3>&- &
	PID=$!
	for _ in $(seq 1200); do
		[ ! -S "$S" ] || return 0
		kill -0 "$PID" || break
		sleep 0.05
	done
	cat "$T/daemon.err" >&2
	return 1
}

# finish SIGNAL: it ends, with status 0, and takes its socket along.
finish() {
	kill -"$1" "$PID"
	wait "$PID"
	PID=
	[ ! -e "$S" ]
}

teardown() {
	if [ -n "${PID-}" ]; then
		kill -9 "$PID" || :
	fi
	rm -rf "$T"
}

# manager: what a service manager would be told, a line each in $T/told.
manager() {
	perl -MSocket -e 'socket(S, AF_UNIX, SOCK_DGRAM, 0) or die;
	    bind(S, pack_sockaddr_un($ARGV[0])) or die; $| = 1;
	    print "$m\n" while defined recv(S, $m, 4096, 0)' \
	    "$T/notify" >"$T/told" 3>&- &
	MANAGER=$!
	comes test -S "$T/notify"
	export NOTIFY_SOCKET=$T/notify
}

told_times() {
	[ "$(grep -c "^$1" "$T/told")" -eq "$2" ]
}

# ask PATH [CURL-OPTION...]: $code, and head and body in files of $T.
ask() {
	local path=$1
	shift
	code=$(curl -sS --max-time 10 --unix-socket "$S" -D "$T/head" \
	    -o "$T/answer" -w '%{http_code}' "$@" "http://latchkey$path")
	tr -d '\r' <"$T/head" >"$T/head.txt"
}

# send METHOD PATH [JSON [CURL-OPTION...]]: ask with a body.
send() {
	local method=$1 path=$2 body=${3-}
	shift $(($# < 3 ? $# : 3))
	if [ -n "$body" ]; then
		set -- -H 'Content-Type: application/json' \
		    --data-binary "$body" "$@"
	fi
	ask "$path" -X "$method" "$@"
}

# failed REASON EXIT: the last one was a problem with these.
failed() {
	heads 'Content-Type: application/problem+json'
	grep -q "\"reason\":\"$1\",\"exit\":$2" "$T/answer" || {
		cat "$T/answer" >&2
		return 1
	}
}

# ids: those of the keys of standard input, a line each.
ids() {
	grep -o '"id":"[^"]*"' | sed 's/.*:"//; s/"//'
}

# walk PATH: the ids of all pages from there on.
walk() {
	local path=$1 next
	while :; do
		ask "$path"
		ids <"$T/answer" || :
		next=$(sed -n 's/.*"next":"\([^"]*\)"}$/\1/p' "$T/answer")
		[ -n "$next" ] || return 0
		path="${1%%&cursor=*}&cursor=$next"
	done
}

# upserts TOKEN [CURL-OPTION...]: ask for a request that the design knows.
upserts() {
	local token=$1
	shift
	ask /auth -H 'X-Original-Method: POST' \
	    -H 'X-Original-URI: /api/user/v1/upsert?a=b' \
	    -H 'X-PARTNER-NAME: acme' -H "X-REQUEST-TOKEN: $token" "$@"
}

# answers CODE / heads LINE: what the last one was.
answers() {
	[ "$code" = "$1" ] || {
		cat "$T/head" "$T/answer" >&2
		return 1
	}
}

heads() {
	grep -qixF "$1" "$T/head.txt" || {
		cat "$T/head" >&2
		return 1
	}
}

# operators [ROLE...]: a type of operators, and a key of each role into $T/ROLE.
operators() {
	edit "$H/policy.yaml" 's/^types:$/types:\n  op: { plugin: operator, prefix: lkop }/'
	local role
	for role in "${@:-administrator}"; do
		"$LATCHKEY" generate op --account "ann" --role "$role" \
		    2>/dev/null >"$T/$role"
	done
}

# by ROLE METHOD PATH [JSON [CURL-OPTION...]]: send with that role's token.
by() {
	local role=$1 method=$2 path=$3 body=${4-}
	shift $(($# < 4 ? $# : 4))
	send "$method" "$path" "$body" \
	    -H "Authorization: Bearer $(cat "$T/$role")" "$@"
}

# heads_with TEXT: a header of the last one begins so.
heads_with() {
	grep -qi "^$1" "$T/head.txt" || {
		cat "$T/head" >&2
		return 1
	}
}

# hold FILE: the lock of writers, until it is killed; FILE says that it has it.
hold() {
	# F_OFD_SETLKW, F_WRLCK: all of the file.
	exec perl -e 'open(F, "+<", $ARGV[0]) or die;
	    $l = pack("ssx4qqix4", 1, 0, 0, 0, 0);
	    fcntl(F, 38, $l) or die;
	    open(G, ">", $ARGV[1]) or die; sleep 60' "$H/store/state" "$1"
}

# late METHOD PATH [CURL-OPTION...]: ask behind a held lock; $ASKED is who does.
late() {
	local method=$1 path=$2
	shift 2
	hold "$T/held" 3>&- &
	HOLDER=$!
	comes test -e "$T/held"
	curl -sS --unix-socket "$S" -o "$T/late" -w '%{http_code}' \
	    -X "$method" "$@" "http://l$path" >"$T/code" 2>/dev/null 3>&- &
	ASKED=$!
	sleep 0.3
}

# leave: who asks is gone before the lock is let go.
leave() {
	kill -9 "$ASKED"
	wait "$ASKED" || :
	kill -9 "$HOLDER"
}
