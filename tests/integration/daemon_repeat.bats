#!/usr/bin/env bats
# latchkeyd --admin: what is repeated, waited for, broken or secret.

# Set by the helpers, in the subshell of each test.
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154

# shellcheck source=tests/integration/helpers.bash
load helpers
# shellcheck source=tests/integration/daemon.bash
load daemon

@test "Idempotency-Key: a repeat makes no second key, and has no token" {
	generate ucd --account acme
	admin
	body='{"type":"ucd","account":"acme"}'
	send POST /v1/keys "$body" -H 'Idempotency-Key: one'
	answers 201
	id=$(member id "$(cat "$T/answer")")
	send POST /v1/keys "$body" -H 'Idempotency-Key: one'
	answers 409
	failed input_output 74
	grep -q "\"key\":\"$id\"" "$T/answer"
	none grep -q '"token"' "$T/answer"
	send POST /v1/keys '{"type":"ucd","account":"beta"}' \
	    -H 'Idempotency-Key: one'
	answers 422
	send POST /v1/keys "$body" -H 'Idempotency-Key: two'
	answers 201
	# What failed is tried again.
	send POST /v1/keys '{"type":"none","account":"a"}' \
	    -H 'Idempotency-Key: three'
	answers 404
	send POST /v1/keys "$body" -H 'Idempotency-Key: three'
	answers 201
	send POST "/v1/keys/$ID/rotate" '' -H 'Idempotency-Key: one'
	answers 201
	send POST "/v1/keys/$ID/rotate" '' -H 'Idempotency-Key: one'
	answers 409
	failed input_output 74
	for wrong in 'Idempotency-Key;' "Idempotency-Key: $(printf %256s x |
	    tr ' ' a)"; do
		send POST /v1/keys "$body" -H "$wrong"
		answers 422
	done
	lk list ucd --account acme --json
	[ "$(ids <<<"$output" | wc -l)" -eq 5 ]
}

@test "Idempotency-Key: that of another operator is another one" {
	operators administrator
	"$LATCHKEY" generate op --account bob --role administrator \
	    2>/dev/null >"$T/bob"
	admin
	body='{"type":"ucd","account":"acme"}'
	for who in administrator bob; do
		by "$who" POST /v1/keys "$body" -H 'Idempotency-Key: one'
		answers 201
	done
	send POST /v1/keys "$body" -H 'Idempotency-Key: one'
	answers 201
	# Nor is anybody told of what another one made.
	for who in administrator bob; do
		by "$who" POST /v1/keys "$body" -H 'Idempotency-Key: one'
		answers 409
		sed -n 's/.*"key":"\([^"]*\)".*/\1/p' "$T/answer" >>"$T/told"
	done
	[ "$(sort -u "$T/told" | wc -l)" -eq 2 ]
}

@test "Idempotency-Key: twenty at once make one key" {
	admin
	seq 20 | xargs -P 20 -I{} curl -sS --unix-socket "$S" \
	    -o "$T/out.{}" -w '%{http_code}\n' -H 'Idempotency-Key: k' \
	    -H 'Content-Type: application/json' \
	    -d '{"type":"ucd","account":"acme"}' http://l/v1/keys >"$T/codes"
	[ "$(grep -c 201 "$T/codes")" -eq 1 ]
	[ "$(grep -c 409 "$T/codes")" -eq 19 ]
	lk list ucd --account acme --json
	[ "$(ids <<<"$output" | wc -l)" -eq 1 ]
}

@test "a policy that is broken meanwhile, a pepper that is gone: it still deletes" {
	generate ucd --account acme
	admin
	mv "$H/pepper" "$H/away"
	echo 'wrong: yes' >>"$H/policy.yaml"
	kill -HUP "$PID"
	comes degraded
	send POST "/v1/keys/$ID/disable"
	answers 200
	ask "/v1/keys/$ID" -X DELETE
	answers 200
}

@test "while a writer waits for the lock, /healthz and lists are answered" {
	command -v perl >/dev/null || skip "needs perl"
	generate ucd --account acme
	admin
	hold "$T/held" 3>&- &
	HOLDER=$!
	comes test -e "$T/held"
	curl -sS --unix-socket "$S" -o "$T/late" -w '%{http_code}' \
	    -X DELETE "http://l/v1/keys/$ID" >"$T/code" &
	CURL=$!
	sleep 0.3
	[ ! -s "$T/code" ]
	ask /healthz
	answers 200
	ask /v1/keys
	answers 200
	kill "$HOLDER"
	wait "$CURL"
	[ "$(cat "$T/code")" = 200 ]
}

@test "who went away before the token was sent: the key is deleted again" {
	command -v perl >/dev/null || skip "needs perl"
	generate ucd --account acme
	admin
	late POST /v1/keys -H 'Content-Type: application/json' \
	    -d '{"type":"ucd","account":"beta"}'
	leave
	comes taken_back
	hold "$T/again" 3>&- &
	HOLDER=$!
	comes test -e "$T/again"
	curl -sS --unix-socket "$S" -o "$T/late" -X POST \
	    "http://l/v1/keys/$ID/rotate" >/dev/null 2>&1 3>&- &
	ASKED=$!
	sleep 0.3
	leave
	comes rotated_back
	upsert "$TOKEN"
	is 0
}

@test "a stop waits for who is being served" {
	command -v perl >/dev/null || skip "needs perl"
	generate ucd --account acme
	admin 'limits: { stop_time: 1s }'
	late DELETE "/v1/keys/$ID"
	kill -TERM "$PID"
	sleep 1.5
	kill -0 "$PID"
	kill -9 "$HOLDER"
	wait "$ASKED"
	[ "$(cat "$T/code")" = 200 ]
	wait "$PID"
	PID=
}

@test "a stop begins nothing more when its time is over" {
	command -v perl >/dev/null || skip "needs perl"
	generate ucd --account acme
	admin 'limits: { stop_time: 1s }'
	hold "$T/held" 3>&- &
	HOLDER=$!
	comes test -e "$T/held"
	# Eight threads wait for the lock, four requests for a thread.
	seq 12 | xargs -P 12 -I{} curl -sS --unix-socket "$S" \
	    -o "$T/late.{}" -w '%{http_code}\n' \
	    -H 'Content-Type: application/json' \
	    -d '{"type":"ucd","account":"a{}"}' http://l/v1/keys \
	    >"$T/codes" 2>/dev/null 3>&- &
	ASKED=$!
	sleep 0.5
	kill -TERM "$PID"
	sleep 1.5
	kill -9 "$HOLDER"
	wait "$ASKED" || :
	wait "$PID"
	PID=
	[ "$(grep -c 201 "$T/codes")" -eq 8 ]
	[ "$(grep -c 503 "$T/codes")" -eq 4 ]
	grep -lq '"reason":"try_again","exit":75' "$T"/late.*
	lk list --json
	[ "$(ids <<<"$output" | wc -l)" -eq 9 ]
}

# The token of a key in each place where there is one for text.
@test "canary: no token in the log, nor in an answer that is not its own" {
	operators administrator
	generate ucd --account acme
	admin 'log: all'
	C=${TOKEN#ucd_}
	O=$(cut -c 6- "$T/administrator")
	: >"$T/all"
	for place in "/v1/keys/$TOKEN" "/v1/keys?type=$TOKEN" \
	    "/v1/keys?account=$TOKEN" "/v1/keys?cursor=$TOKEN" \
	    "/v1/keys?limit=$TOKEN" "/v1/keys?$TOKEN=1" \
	    "/v1/log?key=$TOKEN" "/v1/log?account=$TOKEN" \
	    "/v1/log?after=$TOKEN" "/v1/accounts?cursor=$TOKEN" "/$TOKEN"; do
		ask "$place"
		cat "$T/head" "$T/answer" >>"$T/all"
	done
	for body in "{\"type\":\"$TOKEN\",\"account\":\"acme\"}" \
	    "{\"type\":\"ucd\",\"account\":\"$TOKEN\"}" \
	    "{\"type\":\"ucd\",\"account\":\"acme\",\"expires\":\"$TOKEN\"}" \
	    "{\"type\":\"ucd\",\"account\":\"acme\",\"addresses\":[\"$TOKEN\"]}" \
	    "{\"$TOKEN\":1}" "$TOKEN" "[\"$TOKEN\"]"; do
		send POST /v1/keys "$body" -H "Idempotency-Key: $TOKEN"
		none answers 201 2>/dev/null
		cat "$T/head" "$T/answer" >>"$T/all"
	done
	send POST /v1/verify "{\"type\":\"ucd\",\"token\":\"$TOKEN\",
	    \"account\":\"acme\"}"
	answers 200
	cat "$T/head" "$T/answer" >>"$T/all"
	for path in "/v1/keys/$TOKEN/rotate" "/v1/keys/$TOKEN/disable" \
	    "/v1/keys/$TOKEN/enable"; do
		send POST "$path"
		answers 404
		cat "$T/head" "$T/answer" >>"$T/all"
	done
	send PUT "/v1/accounts/$TOKEN" "{\"package\":\"$TOKEN\"}"
	cat "$T/head" "$T/answer" >>"$T/all"
	send PUT /v1/accounts/acme "{\"package\":\"$TOKEN\"}"
	cat "$T/head" "$T/answer" >>"$T/all"
	send POST /v1/verify "{\"type\":\"$TOKEN\",\"token\":\"$TOKEN\"}"
	cat "$T/head" "$T/answer" >>"$T/all"
	send POST /v1/verify "{\"path\":\"/x\",
	    \"headers\":[[\"X-REQUEST-TOKEN\",\"$TOKEN\"]]}"
	cat "$T/head" "$T/answer" >>"$T/all"
	for path in /v1/types /v1/keys /v1/log "/v1/keys/$ID" /v1/accounts \
	    /healthz /readyz /openapi.json; do
		by administrator GET "$path" '' -H "X-Request-Id: $TOKEN" \
		    -H "User-Agent: $TOKEN"
		cat "$T/head" "$T/answer" >>"$T/all"
	done
	kill -TERM "$PID"
	wait "$PID"
	PID=
	[ -s "$T/daemon.err" ]
	none grep -qF "$C" "$T/all" "$T/daemon.err"
	none grep -qF "$O" "$T/all" "$T/daemon.err"
	none grep -rqaF "$O" "$H/store"
}

degraded() {
	ask /readyz
	grep -q '^degraded: ' "$T/answer"
}

taken_back() {
	lk list --account beta --all --json
	[[ $output == *'"state":"deleted"'* ]]
}

rotated_back() {
	lk list --account acme --all --json
	[[ $output == *'"state":"active"'*'"state":"deleted"'* ]]
}
