#!/usr/bin/env bats
# latchkeyd --verify, as a gateway meets it on a unix socket.

# Set by the helpers, in the subshell of each test.
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154

# shellcheck source=tests/integration/helpers.bash
load helpers
# shellcheck source=tests/integration/daemon.bash
load daemon

@test "allow: 200 with the four names, by GET, HEAD and POST" {
	generate ucd --account acme
	serve
	for how in -sS --head '-d{}'; do
		upserts "$TOKEN" "$how"
		answers 200
		heads "Latchkey-Key: $ID"
		heads "Latchkey-Account: acme"
		heads "Latchkey-Type: ucd"
		heads "Latchkey-Api: upsert"
	done
	finish TERM
}

@test "who is let in: each answer has its own caller, on connections that are shared" {
	local i
	for i in 1 2 3 4 5 6; do
		generate ucd --account "acme-$i"
		echo "$ID acme-$i $TOKEN"
	done >"$T/keys"
	serve
	# Each key twenty times and, between, one that is refused.
	for i in $(seq 20); do
		cat "$T/keys"
		echo "none acme-$i ucd_"
	done | while read -r id account token; do
		printf '%s\n' "unix-socket = $S" "url = http://l/auth" \
		    "dump-header = $T/$((n = ${n-0} + 1)).$id.$account" \
		    "output = /dev/null" 'header = "X-Original-Method: POST"' \
		    'header = "X-Original-URI: /api/user/v1/upsert"' \
		    "header = \"X-PARTNER-NAME: $account\"" \
		    "header = \"X-REQUEST-TOKEN: $token\"" next
	done | sed '$d' >"$T/asks"
	curl -sS -Z --parallel-max 4 --max-time 60 -K "$T/asks"
	local f id account seen=0
	for f in "$T"/*.acme-*; do
		id=${f#"$T"/*.} account=${f##*.} id=${id%.*}
		seen=$((seen + 1))
		if [ "$id" = none ]; then
			none grep -qi '^Latchkey-[KAT]' "$f"
		else
			grep -i '^Latchkey-' "$f" | tr -d '\r' | sort >"$T/got"
			printf 'Latchkey-%s\n' "Account: $account" \
			    "Api: upsert" "Key: $id" "Type: ucd" |
			    diff - "$T/got"
		fi
	done
	[ "$seen" -eq 140 ]
	finish TERM
}

@test "/auth/TYPE: of that type alone" {
	generate ucd --account acme
	serve
	set -- -H 'X-Original-Method: POST' -H 'X-PARTNER-NAME: acme' \
	    -H 'X-Original-URI: /api/user/v1/upsert' \
	    -H "X-REQUEST-TOKEN: $TOKEN"
	ask /auth/ucd "$@"
	answers 200
	ask /auth/web_push "$@"
	answers 403
	ask /auth/none_such "$@"
	answers 404
	heads 'Latchkey-Outcome: deny'
	for path in /auth/ /auth/ucd/ /auth/ucd/x /auth%2fucd /AUTH //auth /; do
		ask "$path" "$@"
		answers 404
	done
	ask /auth "$@" -X DELETE
	answers 405
	heads "Allow: GET, HEAD, POST"
	finish INT
}

@test "refusals: the status, challenge and problem of the design's table" {
	generate ucd --account acme
	serve
	upserts "${TOKEN%?}"
	answers 401
	heads 'WWW-Authenticate: Bearer realm="latchkey", error="invalid_token"'
	heads 'Content-Type: application/problem+json'
	heads 'Latchkey-Outcome: deny'
	grep -q '"title":"Unauthorized","status":401,"detail":"invalid token","outcome":"deny","request_id":"[0-9a-f]\{16\}"' "$T/answer"
	none grep -qi '^Latchkey-Key' "$T/head.txt"
	ask /auth -H 'X-Original-Method: POST' \
	    -H 'X-Original-URI: /api/user/v1/upsert'
	answers 401
	heads 'WWW-Authenticate: Bearer realm="latchkey"'
	upserts "$TOKEN" -H "X-REQUEST-TOKEN: ${TOKEN%?}"
	answers 400
	ask /auth -H 'X-Original-Method: POST' -H 'X-Original-URI: /none'
	answers 403
	lk account set acme --package essential
	upserts "$TOKEN"
	answers 403
	heads 'WWW-Authenticate: Bearer realm="latchkey", error="insufficient_scope"'
	lk delete "$ID"
	upserts "$TOKEN"
	answers 401
}

@test "what the gateway sets is there once, or it is an error" {
	generate ucd --account acme
	serve
	for twice in 'X-Original-Method: POST' 'x-original-uri: /none' \
	    'X-Original-URI: /api/user/v1/upsert?a=b'; do
		upserts "$TOKEN" -H "$twice"
		answers 400
	done
	upserts "$TOKEN" -H 'X-Original-Address: 127.0.0.1' \
	    -H 'X-Original-Address: 192.0.2.1'
	answers 400
	for wrong in 1.2.3 10.0.0.0/8 localhost '1.2.3.4, 127.0.0.1'; do
		upserts "$TOKEN" -H "X-Original-Address: $wrong"
		answers 400
	done
	ask /auth -H 'X-Original-Method: AVERYLONGMETHODTHATISKNOWNTONOBODY' \
	    -H 'X-Original-URI: /'
	answers 400
	ask /auth -H "X-REQUEST-TOKEN: $TOKEN" -H 'X-PARTNER-NAME: acme'
	answers 400
	# The other family counts for nothing.
	ask /auth -H 'X-Forwarded-Method: POST' -H 'X-PARTNER-NAME: acme' \
	    -H 'X-Forwarded-Uri: /api/user/v1/upsert' \
	    -H "X-REQUEST-TOKEN: $TOKEN"
	answers 400
}

@test "the address of the caller: the gateway's word, never the connection" {
	generate mobile --account acme
	serve
	set -- -H 'X-Original-Method: POST' -H "X-API-KEY: $TOKEN" \
	    -H 'X-Original-URI: /v1/details/inapp'
	ask /auth "$@" -H 'X-Original-Address: 127.0.0.1'
	answers 200
	ask /auth "$@" -H 'X-Original-Address: 192.0.2.7'
	answers 403
	ask /auth "$@"
	answers 403
	# The body, when the gateway sends it.
	printf '{"api_key":"%s"}' "$TOKEN" >"$T/body"
	ask /auth -H 'X-Original-Method: POST' --data-binary "@$T/body" \
	    -H 'X-Original-URI: /v1/details/inapp' \
	    -H 'X-Original-Address: ::1'
	answers 200
}

@test "x-forwarded: the last of the list is what the gateway added" {
	generate mobile --account acme
	serve 'original: x-forwarded'
	set -- -H 'X-Forwarded-Method: POST' -H "X-API-KEY: $TOKEN" \
	    -H 'X-Forwarded-Uri: /v1/details/inapp'
	ask /auth "$@" -H 'X-Forwarded-For: 192.0.2.7, 127.0.0.1'
	answers 200
	ask /auth "$@" -H 'X-Forwarded-For: 127.0.0.1, 192.0.2.7'
	answers 403
	ask /auth "$@" -H 'X-Forwarded-For: 127.0.0.1,'
	answers 400
}

@test "statuses: gateway: 200, 401, and 403 with the outcome for the rest" {
	generate ucd --account acme
	serve 'statuses: gateway' 'limits: { body: 1KiB }'
	upserts "$TOKEN"
	answers 200
	upserts "${TOKEN%?}"
	answers 401
	upserts "$TOKEN" -H 'X-Original-Method: GET'
	answers 403
	heads 'Latchkey-Outcome: deny'
	ask /auth/none_such -H 'X-Original-Method: GET' -H 'X-Original-URI: /'
	answers 403
	heads 'Latchkey-Outcome: deny'
	# What HTTP itself refuses: 400, 413, 414, 431.
	long=$(head -c 5000 /dev/zero | tr '\0' a)
	for what in $'X-A: a\001b' "$(seq 130 | sed 's/.*/X-&: a/')"; do
		upserts "$TOKEN" -H "$what"
		answers 403
		heads 'Latchkey-Outcome: deny'
	done
	for how in 'X-A: b' 'Transfer-Encoding: chunked'; do
		upserts "$TOKEN" -d "$long" -H "$how"
		answers 403
		heads 'Latchkey-Outcome: deny'
	done
	ask "/auth?$long" -H 'X-Original-Method: POST'
	answers 403
	heads 'Latchkey-Outcome: deny'
	grep -q '"status":403,"detail":"the request target is over' "$T/answer"
}

@test "identity headers of the caller are no answer and no question" {
	generate ucd --account acme
	serve
	upserts "${TOKEN%?}" -H 'Latchkey-Key: 000000000000' \
	    -H 'Latchkey_Account: beta' -H 'LATCHKEY.Type: ucd'
	answers 401
	none grep -qi '^latchkey.\(key\|account\|type\|api\)' "$T/head.txt"
	upserts "$TOKEN" -H 'Latchkey-Account: beta' -H 'Latchkey-Key: x'
	answers 200
	[ "$(grep -ci '^latchkey-account' "$T/head.txt")" -eq 1 ]
	heads "Latchkey-Account: acme"
}

@test "a connection is kept, for 200 and for 401, with and without a body" {
	generate ucd --account acme
	serve
	set -- -H 'X-Original-Method: POST' -H 'X-PARTNER-NAME: acme' \
	    -H 'X-Original-URI: /api/user/v1/upsert'
	curl -sS -v --max-time 10 --unix-socket "$S" -o "$T/1" -o "$T/2" \
	    -o "$T/3" "$@" -H "X-REQUEST-TOKEN: $TOKEN" -d '{}' \
	    http://l/auth http://l/auth http://l/healthz 2>"$T/log" || :
	[ "$(grep -c 'Re-using existing connection' "$T/log")" -eq 2 ]
	curl -sS -v --max-time 10 --unix-socket "$S" -o "$T/1" -o "$T/2" \
	    "$@" http://l/auth http://l/auth 2>"$T/log"
	[ "$(grep -c 'HTTP/1.1 401' "$T/log")" -eq 2 ]
	[ "$(grep -c 'Re-using existing connection' "$T/log")" -eq 1 ]
}

@test "limits: body, requests of a connection, connections in all" {
	generate ucd --account acme
	serve 'limits: { body: 1KiB, requests: 2, connections: 1 }'
	head -c 1025 /dev/zero | tr '\0' a >"$T/body"
	upserts "$TOKEN" --data-binary "@$T/body"
	answers 413
	heads 'Latchkey-Outcome: deny'
	upserts "$TOKEN" --data-binary "@$T/body" -H 'Transfer-Encoding: chunked'
	answers 413
	# Until the connection before it is counted no more.
	for _ in $(seq 1200); do
		curl -sS -v --max-time 60 --unix-socket "$S" -o "$T/1" \
		    -o "$T/2" http://l/healthz http://l/healthz 2>"$T/log" ||
		    :
		[ "$(grep -c '< HTTP/1.1 200' "$T/log")" -ne 2 ] || break
		sleep 0.05
	done
	[ "$(grep -c 'Re-using existing connection' "$T/log")" -eq 1 ]
	[ "$(grep -ci '< connection: close' "$T/log")" -eq 1 ]
}

@test "one daemon a socket; what a dead one left is replaced" {
	generate ucd --account acme
	serve
	status=0
	"$LATCHKEYD" --verify --home "$H" 2>"$T/.err" || status=$?
	is 75
	grep -q "another latchkeyd listens on $S" "$T/.err"
	upserts "$TOKEN"
	answers 200
	kill -9 "$PID"
	wait "$PID" || :
	[ -S "$S" ]
	start
	for _ in $(seq 1200); do
		upserts "$TOKEN" 2>/dev/null || :
		[ "$code" != 200 ] || break
		sleep 0.05
	done
	answers 200
	finish TERM
}

@test "--pid: latchkey reload finds the daemon, and the file ends with it" {
	generate ucd --account acme
	serve
	finish TERM
	lk reload --pid "$T/pid"
	is 69
	start --pid "$T/pid"
	for _ in $(seq 1200); do
		[ ! -e "$T/pid" ] || break
		sleep 0.05
	done
	[ "$(cat "$T/pid")" = "$PID" ]
	edit "$H/policy.yaml" 's,/api/user/v1/upsert,/api/user/v9/upsert,'
	lk reload --pid "$T/pid"
	is 0
	for _ in $(seq 1200); do
		upserts "$TOKEN"
		[ "$code" != 403 ] || break
		sleep 0.05
	done
	answers 403
	finish TERM
	[ ! -e "$T/pid" ]
}

@test "SIGHUP: a new policy serves, a wrong one is refused and told" {
	generate ucd --account acme
	serve
	ask /readyz
	answers 200
	[ "$(cat "$T/answer")" = ok ]
	cp "$H/policy.yaml" "$T/policy"
	edit "$H/policy.yaml" 's,/api/user/v1/upsert,/api/user/v9/upsert,'
	kill -HUP "$PID"
	for _ in $(seq 1200); do
		upserts "$TOKEN"
		[ "$code" != 403 ] || break
		sleep 0.05
	done
	answers 403
	echo 'wrong: yes' >>"$H/policy.yaml"
	kill -HUP "$PID"
	for _ in $(seq 1200); do
		ask /readyz
		[ "$(cat "$T/answer")" = ok ] || break
		sleep 0.05
	done
	grep -q '^degraded: .*/policy.yaml:[0-9]*:[0-9]*: .*wrong' "$T/answer"
	cat "$T/policy" >"$H/policy.yaml"
	kill -HUP "$PID"
	for _ in $(seq 1200); do
		upserts "$TOKEN"
		[ "$code" != 200 ] || break
		sleep 0.05
	done
	answers 200
	ask /readyz
	[ "$(cat "$T/answer")" = ok ]
}

@test "a store that cannot be asked is not ready, and says why" {
	TOKEN=$(generate ucd --account acme)
	serve
	ask /readyz
	answers 200
	mv "$H/store/journal" "$T/journal"
	for _ in $(seq 1200); do
		ask /readyz
		[ "$code" != 503 ] || break
		sleep 0.05
	done
	answers 503
	grep -q 'journal is gone: put it' "$T/answer"
	mv "$T/journal" "$H/store/journal"
	for _ in $(seq 1200); do
		ask /readyz
		[ "$code" != 200 ] || break
		sleep 0.05
	done
	answers 200
}

@test "what is wrong at the start ends it, with its status" {
	[ -x "${LATCHKEYD-}" ] || skip "built without the daemon"
	"$LATCHKEYD" --help | grep -q '^example:'
	"$LATCHKEYD" --version
	status=0
	"$LATCHKEYD" --home "$H" 2>"$T/.err" || status=$?
	is 64
	status=0
	"$LATCHKEYD" --verify --home "$T/none" 2>"$T/.err" || status=$?
	none is 0
	chmod 600 "$H/policy.yaml"
	: >"$T/file"
	printf 'daemon:\n  verify: [ "unix:%s" ]\n' "$T/file" \
	    >>"$H/policy.yaml"
	status=0
	"$LATCHKEYD" --verify --home "$H" 2>"$T/.err" || status=$?
	is 78
	grep -q "is there and no socket" "$T/.err"
}

# checked DUTY STATUS [TEXT]: --check ends so, having said that alone.
checked() {
	status=0
	"$LATCHKEYD" "--$1" --home "$H" --check 2>"$T/.err" || status=$?
	is "$2"
	[ "$(wc -l <"$T/.err")" -eq $(($# - 2)) ]
	[ $# -eq 2 ] || grep -q "$3" "$T/.err"
}

@test "--check: what a start or a reload would meet, and nobody is served" {
	[ -x "${LATCHKEYD-}" ] || skip "built without the daemon"
	generate ucd --account acme
	lk account set acme --package essential
	printf 'daemon:\n  verify: [ "unix:%s" ]\n' "$T/v.sock" \
	    >>"$H/policy.yaml"
	cp "$H/policy.yaml" "$T/good"
	for duty in verify admin both; do
		checked $duty 0
	done
	[ ! -e "$T/v.sock.lock" ]
	edit "$H/policy.yaml" 's/^  essential:/  other:/'
	for duty in verify admin both; do
		checked $duty 78 'package essential, which is gone'
	done
	cp "$T/good" "$H/policy.yaml"
	edit "$H/policy.yaml" 's/plugin: mobile/plugin: none/'
	checked verify 78 "^latchkeyd: $H/policy.yaml:[0-9]*:[0-9]*: .*none"
	cp "$T/good" "$H/policy.yaml"
	lk pepper rotate
	is 0
	rm "$H/pepper/1"
	checked verify 78 "$H/pepper/1 is missing, and [0-9]* keys* [a-z]* under it"
	checked admin 78 "$H/pepper/1 is missing"
	head -c 32 /dev/urandom >"$H/pepper/2"
	checked verify 78 'not the one that this store was made with'
	checked admin 78 'not the one that this store was made with'
}
