# fake.bash: a server in the place of latchkeyd, which answers what it is told.
# shellcheck shell=bash

# Set by helpers.bash, in the subshell of each test.
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154

# fake: it listens on $S.  A request is a file $T/asked.N, N from 1.
fake() {
	[ -x "${LATCHKEY_REMOTE-}" ] || skip "built without libcurl"
	command -v socat >/dev/null || skip "needs socat"
	S=$T/fake.sock
	mkdir "$T/asked"
	cat >"$T/answer" <<'SH'
#!/bin/bash
# Reads one request, and answers as the files reply.METHOD or reply say.
while IFS= read -r line; do
	printf '%s\n' "$line"
	line=${line%$'\r'}
	case $line in
	[Cc]ontent-[Ll]ength:*) length=${line##*[: ]} ;;
	"") break ;;
	esac
done >"$T/asking.$$"
[ -z "${length-}" ] || head -c "$length" >>"$T/asking.$$"
read -r method _ <"$T/asking.$$" || exit 0
n=1
until ln "$T/asking.$$" "$T/asked/$n" 2>/dev/null; do
	n=$((n + 1))
done
[ ! -e "$T/hang" ] || sleep 60
if [ -e "$T/reply.$method.$n" ]; then
	cat "$T/reply.$method.$n"
elif [ -e "$T/reply.$method" ]; then
	cat "$T/reply.$method"
else
	cat "$T/reply"
fi
SH
	chmod 755 "$T/answer"
	export T
	socat "UNIX-LISTEN:$S,fork,backlog=64" "EXEC:$T/answer" \
	    2>>"$T/fake.err" 3>&- &
	FAKE=$!
	comes [ -S "$S" ]
}

# by_tcp: it listens on $PORT of 127.0.0.1 as well.
by_tcp() {
	PORT=$("$top_builddir/tests/integration/gateway_backend" -p)
	socat "TCP-LISTEN:$PORT,bind=127.0.0.1,fork,reuseaddr" \
	    "UNIX-CONNECT:$S" 2>>"$T/fake.err" 3>&- &
	TCP=$!
	comes socat /dev/null "TCP:127.0.0.1:$PORT" 2>/dev/null
	rm -f "$T"/asked/*
}

# reply STATUS TYPE BODY [NAME]: what it answers, as file NAME.
reply() {
	local LC_ALL=C
	printf 'HTTP/1.1 %s Told\r\nContent-Type: %s\r\nContent-Length: %s\r\nConnection: close\r\n\r\n%s' \
	    "$1" "$2" "${#3}" "$3" >"$T/${4-reply}"
}

# answer BODY [NAME]: the answer of success.
answer() {
	reply "${3-200}" application/json "$1" "${2-reply}"
}

# asked N LINE: that request has this line, N from 1.
asked() {
	tr -d '\r' <"$T/asked/$1" | grep -qixF -- "$2" || {
		cat "$T/asked/$1" >&2
		return 1
	}
}

teardown() {
	if [ -n "${FAKE-}" ]; then
		kill "$FAKE" 2>/dev/null || :
	fi
	if [ -n "${TCP-}" ]; then
		kill "$TCP" 2>/dev/null || :
	fi
	if [ -n "${PID-}" ]; then
		kill -9 "$PID" 2>/dev/null || :
	fi
	rm -rf "$T"
}
