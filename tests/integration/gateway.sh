# gateway.sh: what every gateway in front of latchkeyd must do.  Sourced by
# gateway_NAME.test, which sets
#
#	GATEWAY		the name of the server
#	BAD		what the caller gets for a 400
#	BODY		yes where the body is sent to latchkeyd
#	ABSOLUTE	what a target in absolute form gets
#	H2		yes where it takes HTTP/2 without TLS
#	STATUSES	the policy's "statuses"
#	gateway_start	a function: start the server on $PORT, before $BACKEND;
#			its process in $GATEWAY_PID; 0 when it answers
#
# and calls gateway_checks.  Everything is below $tmp and on ports that were
# free, and is ended at the end.
# shellcheck shell=sh
# shellcheck disable=SC2154	# tap.sh and stage.env

H=$tmp/home
SOCKET=$tmp/run/verify.sock
SEEN=$tmp/seen
backend=$top_builddir/tests/integration/gateway_backend
export LATCHKEY_HOME="$H"
DAEMON_PID='' GATEWAY_PID='' BACKEND_PID=''

stop_all() {
	for pid in $GATEWAY_PID $DAEMON_PID $BACKEND_PID; do
		kill -CONT "$pid" 2>/dev/null
		kill "$pid" 2>/dev/null
	done
	wait
	rm -rf "$tmp"
}
trap stop_all 0

# soon COMMAND...: it hangs when that takes a minute.
soon() {
	soon_n=0
	until "$@" >/dev/null 2>&1; do
		soon_n=$((soon_n + 1))
		[ "$soon_n" -lt 3000 ] || return 1
		sleep 0.02
	done
}

# at_once COMMAND...: within one second.
at_once() {
	at_end=$(($(date +%s%3N) + 1000))
	until "$@" >/dev/null 2>&1; do
		[ "$(date +%s%3N)" -lt "$at_end" ] || return 1
		sleep 0.02
	done
}

# ------------------------------------------------------------------- the home

policy() {
	sed "s/^default_package:.*/default_package: growth/
	    s/\"mobile\.\*\" \]/\"mobile.*\", \"broken.*\", \"plain.*\" ]/
	    s/^types:/types:\\
  broken:\\
    title: Broken\\
    plugin: nosuch\\
    prefix: brk\\
    apis: { call: POST \/broken }\\
  plain:\\
    title: Plain\\
    plugin: web_push\\
    prefix: pln\\
    apis: { call: POST \/plain }/" "$1"
	cat <<END
daemon:
  verify: [ "unix:$SOCKET" ]
  statuses: $STATUSES
  threads: 1
END
}

# generate NAME WORD...: its token into $tmp/NAME, its key id into $tmp/NAME.id
generate() {
	name=$1
	shift
	"$LATCHKEY" generate "$@" --json >"$tmp/.json" 2>/dev/null || return
	sed 's/.*"token":"\([^"]*\)".*/\1/' "$tmp/.json" >"$tmp/$name"
	sed 's/.*"id":"\([^"]*\)".*/\1/' "$tmp/.json" >"$tmp/$name.id"
}

home() {
	"$LATCHKEY" init --home "$H" --plugins "$LATCHKEY_PLUGINS" || return
	policy "$H/policy.yaml" >"$tmp/policy" &&
	    cat "$tmp/policy" >"$H/policy.yaml" &&
	    generate ucd ucd --account acme &&
	    generate push web_push --account acme &&
	    generate mobile mobile --account acme &&
	    generate far mobile --account acme --allow 192.0.2.0/24 &&
	    generate plain plain --account acme &&
	    generate poor ucd --account poor &&
	    "$LATCHKEY" account set poor --package essential
}

daemon_answers() {
	curl -s -f -m 1 --unix-socket "$SOCKET" http://latchkey/readyz
}

daemon_start() {
	"$LATCHKEYD" --verify 2>>"$tmp/daemon.err" &
	DAEMON_PID=$!
	soon daemon_answers
}

# daemon_end SIGNAL
daemon_end() {
	kill "-$1" "$DAEMON_PID"
	wait "$DAEMON_PID" 2>/dev/null
	DAEMON_PID=
}

gateway_setup() {
	mkdir -m 755 "$tmp/run"
	home >/dev/null || return
	"$backend" "$SEEN" &
	BACKEND_PID=$!
	# shellcheck disable=SC2034 # for who sources this
	soon test -s "$SEEN.port" && BACKEND=$(cat "$SEEN.port") || return
	daemon_start || return
	# A port that was free may be taken by the time it is used.
	for _ in 1 2 3; do
		PORT=$("$backend" -p)
		gateway_start && return
		kill "$GATEWAY_PID" 2>/dev/null
	done
	return 1
}

# --------------------------------------------------------------------- asking

# ask WANT WORD...: a request; the answer's head in $tmp/head, body in
# $tmp/body, and whether the backend saw it in $tmp/got.
ask() {
	want=$1
	shift
	: >"$SEEN"
	status=$(curl -s -m 5 --path-as-is -o "$tmp/body" -D "$tmp/head" \
	    -w '%{http_code}' "$@")
	[ "$status" = "$want" ] && { [ "$want" = 200 ] || [ ! -s "$SEEN" ]; } &&
	    return
	echo "$status where $want was expected; backend and answer:"
	cat "$SEEN" "$tmp/head" "$tmp/body"
	return 1
}

# upsert WANT [WORD...]: with acme's key.
upsert() {
	want=$1
	shift
	ask "$want" -X POST -H "X-REQUEST-TOKEN: $(cat "$tmp/ucd")" \
	    -H 'X-PARTNER-NAME: acme' \
	    "http://127.0.0.1:$PORT/api/user/v1/upsert" "$@"
}

# to WANT METHOD PATH [WORD...]: with acme's key of ucd, to another path.
to() {
	want=$1 method=$2 path=$3
	shift 3
	ask "$want" -X "$method" -H "X-REQUEST-TOKEN: $(cat "$tmp/ucd")" \
	    -H 'X-PARTNER-NAME: acme' "http://127.0.0.1:$PORT$path" "$@"
}

# push WANT PATH: with acme's key of web_push.
push() {
	ask "$1" -X POST -H "Authorization: Bearer $(cat "$tmp/push")" \
	    "http://127.0.0.1:$PORT$2"
}

# answer_has PATTERN / backend_has PATTERN: a header of it, without case.
answer_has() {
	grep -qi "^$1" "$tmp/head" || { cat "$tmp/head"; return 1; }
}

backend_has() {
	tr -d '\r' <"$SEEN" | grep -qi "^$1\$" || { cat "$SEEN"; return 1; }
}

backend_lacks() {
	! grep -i "$1" "$SEEN"
}

# --------------------------------------------------------------------- checks

allowed() {
	upsert 200 -d '{"users":[]}' &&
	    backend_has "POST /api/user/v1/upsert HTTP/1.1" &&
	    backend_has "Latchkey-Account: acme" &&
	    backend_has "Latchkey-Key: $(cat "$tmp/ucd.id")" &&
	    backend_has "Latchkey-Type: ucd" &&
	    backend_has "Latchkey-Api: upsert" &&
	    backend_has '{"users":\[\]}'
}

no_token() {
	upsert 200 && backend_lacks "$(cat "$tmp/ucd")" &&
	    push 200 /v2/single/7 && backend_lacks "$(cat "$tmp/push")" &&
	    ask 200 -X POST -H "X-API-KEY: $(cat "$tmp/mobile")" \
		"http://127.0.0.1:$PORT/api/v1/push/bulk" &&
	    backend_lacks "$(cat "$tmp/mobile")"
}

challenged() {
	ask 401 -X POST "http://127.0.0.1:$PORT/v1/single" &&
	    answer_has "WWW-Authenticate: Bearer"
}

unknown_key() {
	ask 401 -X POST -H "X-REQUEST-TOKEN: ucd_0" -H "X-PARTNER-NAME: acme" \
	    "http://127.0.0.1:$PORT/api/user/v1/upsert" &&
	    answer_has "Content-Type: application/problem+json"
}

other_account() {
	ask 401 -X POST -H "X-REQUEST-TOKEN: $(cat "$tmp/ucd")" \
	    -H "X-PARTNER-NAME: poor" \
	    "http://127.0.0.1:$PORT/api/user/v1/upsert"
}

not_entitled() {
	ask 403 -X POST -H "X-REQUEST-TOKEN: $(cat "$tmp/poor")" \
	    -H "X-PARTNER-NAME: poor" \
	    "http://127.0.0.1:$PORT/api/user/v1/upsert"
}

address_refused() {
	ask 403 -X POST -H "X-API-KEY: $(cat "$tmp/far")" \
	    "http://127.0.0.1:$PORT/api/v1/push/bulk"
}

broken() {
	ask 503 -X POST "http://127.0.0.1:$PORT/broken" &&
	    answer_has "Retry-After: [1-9]"
}

limited() {
	to 200 POST /api/raw/v1/export &&
	    answer_has 'RateLimit-Policy: "ucd-86400";q=1;w=86400' &&
	    to 429 POST /api/raw/v1/export &&
	    answer_has "Retry-After: [1-9]" &&
	    answer_has 'RateLimit: "ucd-86400";r=0;t=[1-9]'
}

unlimited() {
	ask 200 -X POST -H "Authorization: Bearer $(cat "$tmp/plain")" \
	    "http://127.0.0.1:$PORT/plain" && ! grep -i ratelimit "$tmp/head"
}

in_body() {
	[ "$BODY" = yes ] && want=200 || want=401
	ask "$want" -X POST -H 'Content-Type: application/json' \
	    -d "{\"api_key\":\"$(cat "$tmp/mobile")\",\"n\":[1,2]}" \
	    "http://127.0.0.1:$PORT/api/v1/push/bulk" &&
	    { [ "$want" = 401 ] || backend_has "Latchkey-Type: mobile"; }
}

# An account that a body names is the key's, where the body is seen.
named_in_body() {
	[ "$BODY" = yes ] && want=401 || want=200
	ask "$want" -X POST -H "Authorization: Bearer $(cat "$tmp/push")" \
	    -d '{"partner_id":"poor"}' "http://127.0.0.1:$PORT/v2/single/7" &&
	    { [ "$want" = 401 ] || backend_has "Latchkey-Account: acme"; }
}

# The beginning of a body that is longer than what latchkeyd is shown.
in_body_long() {
	[ "$BODY" = yes ] && want=400 || want=401
	{
		printf '{"api_key":"%s"}' "$(cat "$tmp/mobile")"
		long 70000 | tr a ' '
	} >"$tmp/long"
	ask "$want" -X POST --data-binary "@$tmp/long" \
	    "http://127.0.0.1:$PORT/api/v1/push/bulk"
}

in_body_unknown() {
	ask 401 -X POST -H 'Content-Type: application/json' \
	    -d '{"api_key":"mob_0"}' "http://127.0.0.1:$PORT/api/v1/push/bulk"
}

# The name of whom the caller would like to be.
spoofed() {
	upsert 200 -H 'Latchkey-Account: evil' -H 'latchkey-account: evil' \
	    -H 'LATCHKEY-ACCOUNT: evil' -H 'Latchkey_Account: evil' \
	    -H 'Latchkey.Account: evil' -H 'Latchkey_Key: evil' \
	    -H 'LATCHKEY-KEY: evil' -H 'Latchkey-Type: evil' \
	    -H 'Latchkey-Api: evil' -H 'Latchkey-Evil: evil' || return
	backend_has "Latchkey-Account: acme" &&
	    [ "$(grep -ci '^latchkey.account:' "$SEEN")" -eq 1 ] &&
	    ! tr -d '\r' <"$SEEN" | grep -i '^latchkey.*evil$' |
	    grep -iv '^latchkey-evil:'
}

# trailed WANT [LINE...]: the answer to a body in chunks with a trailer that
# says who calls, by a request with these lines.
trailed() {
	want=$1
	shift
	: >"$SEEN"
	{
		printf 'POST /api/user/v1/upsert HTTP/1.1\r\n'
		printf 'Host: 127.0.0.1\r\n'
		printf 'X-REQUEST-TOKEN: %s\r\n' "$(cat "$tmp/ucd")"
		printf 'X-PARTNER-NAME: acme\r\nConnection: close\r\n'
		printf 'Transfer-Encoding: chunked\r\n'
		[ $# -eq 0 ] || printf '%s\r\n' "$@"
		printf '\r\n2\r\n{}\r\n0\r\nLatchkey-Account: evil\r\n\r\n'
	} | timeout 5 "$backend" -s "$PORT" >"$tmp/head"
	head -n 1 "$tmp/head" | grep -q " $want " || { cat "$tmp/head"; return 1; }
}

trailers() {
	for line in 'X-A: b' 'Trailer: Latchkey-Account' 'TE: trailers'; do
		trailed 200 "$line" && backend_has "Latchkey-Account: acme" &&
		    backend_lacks evil || return
	done
}

# What would make the connection another one, whose requests nobody judges.
upgraded() {
	upsert 200 -H 'Connection: Upgrade, HTTP2-Settings' -H 'Upgrade: h2c' \
	    -H 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA' &&
	    backend_lacks '^upgrade:' &&
	    upsert 200 -H 'Upgrade: h2c' && backend_lacks '^upgrade:'
}

overridden() {
	upsert 200 -H 'X-HTTP-Method-Override: DELETE' \
	    -H 'X-HTTP-Method: DELETE' -H 'X-Method-Override: DELETE' \
	    -H 'X-Original-URL: /other' -H 'X-Rewrite-URL: /other' &&
	    backend_lacks '^x-.*\(method\|override\|url\):'
}

# HTTP/2 has names in lower case, and its own trailers.
two() {
	upsert 200 --http2-prior-knowledge -H 'latchkey-account: evil' \
	    -H 'latchkey_account: evil' -H 'Latchkey.Account: evil' \
	    -d '{}' && backend_has "Latchkey-Account: acme" &&
	    backend_lacks evil &&
	    to 403 POST /nothing --http2-prior-knowledge
}

listed() {
	upsert 200 -H "Connection: Latchkey-Account, X-Original-URI, close" &&
	    backend_has "Latchkey-Account: acme" &&
	    ! grep -i '^Connection:.*latchkey' "$SEEN"
}

# What the gateway says was asked for, said by the caller.
original() {
	to 403 POST /nothing -H 'X-Original-URI: /api/user/v1/upsert' \
	    -H 'X-Original-Method: POST' &&
	    upsert 200 -H 'X-Original-URI: /nothing' \
	    -H 'X_Original_URI: /nothing' -H 'X-Original-Method: GET' &&
	    ask 403 -X POST -H "X-API-KEY: $(cat "$tmp/far")" \
	    -H 'X-Original-Address: 192.0.2.1' \
	    -H 'X-Forwarded-For: 192.0.2.1' \
	    "http://127.0.0.1:$PORT/api/v1/push/bulk"
}

# Each is refused, or would be another path for the backend.
tricks() {
	for path in //api/user/v1/upsert /api//user/v1/upsert \
	    /./api/user/v1/upsert /x/../api/user/v1/upsert \
	    /api/user%2fv1/upsert /api/user/v1/%2e%2e/v1/upsert \
	    /API/user/v1/upsert /api/user/v1/upsert/ \
	    '/api/user/v1/upsert;x=1' '/api/user/v1/upsert%00' \
	    '/api/user/v1/upsert%3f' /api/user/v1/upsert%5c; do
		: >"$SEEN"
		# shellcheck disable=SC2154
		status=$(curl -s -m 5 --path-as-is -o /dev/null -w \
		    '%{http_code}' -X POST -H 'X-PARTNER-NAME: acme' -H \
		    "X-REQUEST-TOKEN: $(cat "$tmp/ucd")" \
		    "http://127.0.0.1:$PORT$path")
		case $status in
		40[034]) [ -s "$SEEN" ] || continue ;;
		esac
		echo "$path: $status"
		cat "$SEEN"
		return 1
	done
}

# long N: as many octets.
long() {
	head -c "$1" /dev/zero | tr '\0' a
}

# Over a limit of latchkeyd, or no HTTP to it: the caller's mistake, which is no
# 503 that asks him to come again.
over() {
	many=$(seq 130 | sed 's/.*/X-&: a/')
	for what in path headers head octet; do
		path=/v2/single/7
		case $what in
		path) path=/v2/single/$(long 5000); set -- ;;
		headers) set -- -H "$many" ;;
		head) set -- -H "X-A: $(long 7000)" -H "X-B: $(long 7000)" \
		    -H "X-C: $(long 7000)" ;;
		octet) set -- -H "$(printf 'X-A: a\001b')" ;;
		esac
		: >"$SEEN"
		status=$(curl -s -m 5 -o /dev/null -w '%{http_code}' -X POST \
		    -H "Authorization: Bearer $(cat "$tmp/push")" "$@" \
		    "http://127.0.0.1:$PORT$path")
		case $status in
		4*) [ -s "$SEEN" ] || continue ;;
		esac
		echo "$what: $status"
		return 1
	done
}

# What a browser has to say is not for latchkeyd.
cookies() {
	upsert 200 -H "Cookie: a=$(long 7000)" -H "X-A: $(long 7000)"
}

# What is allowed goes on as it was judged, to the octet.
as_judged() {
	for path in '/v2/single/a;b' /v2/single/a%41 /v2/single/A \
	    '/v2/single/7?x=//../%2f' '/v2/single/%7e?'; do
		if ! push 200 "$path" ||
		    ! grep -qF "POST $path HTTP/1.1" "$SEEN"; then
			echo "$path"
			cat "$SEEN"
			return 1
		fi
	done
}

absolute() {
	to "$ABSOLUTE" POST /ignored --request-target \
	    "http://127.0.0.1:$PORT/api/user/v1/upsert" &&
	    { [ "$ABSOLUTE" != 200 ] ||
		backend_has "POST /api/user/v1/upsert HTTP/1.1"; } &&
	    to 403 POST /api/user/v1/upsert --request-target \
	    "http://127.0.0.1:$PORT/nothing"
}

deleted() {
	for _ in $(seq "${LK_DELETES:-4}"); do
		generate gone web_push --account acme || return
		cp "$tmp/gone" "$tmp/push"
		push 200 /v2/single/7 || return
		"$LATCHKEY" delete "$(cat "$tmp/gone.id")" || return
		push 401 /v2/single/7 || return
	done
}

# The sockets that the daemon accepted, by inode.
accepted() {
	# It is made as .new and moved.
	awk -v p="$SOCKET.new" '$8 == p && $6 == "03" { print $7 }' \
	    /proc/net/unix | sort
}

kept_alive() {
	upsert 200 || return
	accepted >"$tmp/before"
	for _ in 1 2 3 4 5; do
		upsert 200 || return
	done
	accepted >"$tmp/after"
	[ -s "$tmp/before" ] && cmp "$tmp/before" "$tmp/after"
}

unavailable() {
	upsert 503 && answer_has "Retry-After: [1-9]"
}

restarted() {
	at_once upsert 200
}

gateway_checks() {
	check "$GATEWAY: allowed, and the backend learns who calls" allowed
	check "the backend gets no token" no_token
	check "no credential: 401 with a challenge" challenged
	check "a key that is none: 401" unknown_key
	check "the key of another account: 401" other_account
	check "two tokens: $BAD" upsert "$BAD" -H 'X-REQUEST-TOKEN: another'
	check "an API that the account has not bought: 403" not_entitled
	check "from an address that is not the key's: 403" address_refused
	check "a path of no API: 403" to 403 GET /nothing
	check "the method of no API: 403" to 403 GET /api/user/v1/upsert
	check "a plugin that is not there: 503 with Retry-After" broken
	check "over the limit: 429 with Retry-After" limited
	check "without a limit: nothing is told of one" unlimited
	check "a key in the body" in_body
	check "a wrong key in the body: 401" in_body_unknown
	check "a key in the beginning of a long body" in_body_long
	check "an account in the body" named_in_body
	check "who calls cannot be spoofed" spoofed
	check "nor by trailers" trailers
	[ "$H2" != yes ] || check "nor by HTTP/2" two
	check "nor taken away by Connection" listed
	check "no upgrade to what nobody judges" upgraded
	check "no other method or path than was judged" overridden
	check "what was asked for cannot be spoofed" original
	check "tricks of paths lead nowhere" tricks
	check "over a limit of latchkeyd: 4xx, not 503" over
	check "long cookies are nothing to it" cookies
	check "the backend gets the path that was judged" as_judged
	check "likewise in absolute form" absolute
	check "deleted: denied at the next request" deleted
	gateway_more
	daemon_end TERM
	check "latchkeyd stopped: 503" unavailable
	daemon_start
	check "started again: allowed within a second" restarted
	daemon_end KILL
	check "killed: 503" unavailable
	daemon_start
	check "started again: allowed within a second" restarted
	kill -STOP "$DAEMON_PID"
	check "hung: 503" unavailable
	kill -CONT "$DAEMON_PID"
	check "goes on: allowed within a second" restarted
}
