#!/usr/bin/env bats
# latchkeyd --admin: /v1 on a unix socket, by users of this machine.

# Set by the helpers, in the subshell of each test.
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154

# shellcheck source=tests/integration/helpers.bash
load helpers
# shellcheck source=tests/integration/daemon.bash
load daemon

@test "GET /v1/types, /v1/keys and /v1/keys/ID print what --json does" {
	generate ucd --account acme --label 'a "b"'
	admin
	lk types --json
	ask /v1/types
	answers 200
	heads 'Content-Type: application/json'
	heads 'Cache-Control: no-store'
	[ "$(cat "$T/answer")" = "$output" ]
	lk list --json
	ask /v1/keys
	answers 200
	[ "$(cat "$T/answer")" = "${output%\}},\"next\":null}" ]
	lk show "$ID" --json
	ask "/v1/keys/$ID"
	answers 200
	[ "$(cat "$T/answer")" = "$output" ]
	finish TERM
}

@test "POST /v1/keys: 201, a token that is let in, and who made it" {
	admin
	send POST /v1/keys '{"type":"ucd","account":"acme","label":"x",
	    "expires":"90d","addresses":["127.0.0.0/8"]}'
	answers 201
	TOKEN=$(member token "$(cat "$T/answer")")
	ID=$(member id "$(cat "$T/answer")")
	upsert "$TOKEN"
	is 0
	lk show "$ID" --json
	prints '"label":"x"'
	prints '"addresses":["127.0.0.0/8"]'
	prints "\"actor\":\"$(id -un)\",\"from\":\"api unix\""
	none grep -rqaF "${TOKEN#ucd_}" "$H" "$T/daemon.err"
}

@test "rotate, disable, enable, delete: as the verbs" {
	generate ucd --account acme
	admin
	send POST "/v1/keys/$ID/rotate" '{"grace":"0"}'
	answers 201
	NEW=$(member token "$(cat "$T/answer")")
	NEXT=$(member id "$(cat "$T/answer")")
	grep -q "\"replaces\":\"$ID\"" "$T/answer"
	upsert "$TOKEN"
	is 1
	upsert "$NEW"
	is 0
	send POST "/v1/keys/$NEXT/disable"
	answers 200
	[ "$(cat "$T/answer")" = "{\"disabled\":[\"$NEXT\"]}" ]
	upsert "$NEW"
	is 1
	send POST "/v1/keys/$NEXT/enable"
	answers 200
	[ "$(cat "$T/answer")" = "{\"enabled\":[\"$NEXT\"]}" ]
	upsert "$NEW"
	is 0
	ask "/v1/keys/$NEXT" -X DELETE
	answers 200
	[ "$(cat "$T/answer")" = "{\"deleted\":[\"$NEXT\"]}" ]
	upsert "$NEW"
	is 1
	ask "/v1/keys/$NEXT" -X DELETE
	answers 404
	failed not_found 66
}

@test "accounts: list by pages, set, delete" {
	for a in beta acme gamma; do
		lk generate ucd --account "$a"
	done
	admin
	ask '/v1/accounts?limit=2'
	answers 200
	[ "$(cat "$T/answer")" = '{"accounts":[{"account":"acme","package":null,"keys":1},{"account":"beta","package":null,"keys":1}],"next":"beta"}' ]
	ask '/v1/accounts?limit=2&cursor=beta'
	[ "$(cat "$T/answer")" = '{"accounts":[{"account":"gamma","package":null,"keys":1}],"next":null}' ]
	send PUT /v1/accounts/acme '{"package":"essential"}'
	answers 200
	[ "$(cat "$T/answer")" = '{"account":"acme","package":"essential"}' ]
	send PUT /v1/accounts/acme '{"package":"essentail"}'
	answers 422
	failed bad_data 65
	grep -q 'did you mean essential' "$T/answer"
	send PUT /v1/accounts/nobody '{"package":"essential"}'
	answers 404
	ask /v1/accounts/acme -X DELETE
	answers 409
	failed limit_reached 73
	ask '/v1/accounts/acme?keys=delete' -X DELETE
	answers 200
	[ "$(cat "$T/answer")" = '{"account":"acme","deleted":1}' ]
}

@test "keys by pages: complete and stable, also when some go meanwhile" {
	edit "$H/policy.yaml" 's/^    limit: 5$/    limit: 50/'
	lk generate ucd --account acme --count 23
	lk list --json
	all=$(ids <<<"$output")
	admin
	got=$(walk '/v1/keys?limit=4')
	[ "$got" = "$all" ]
	# The one that the cursor names is deleted between two pages.
	ask '/v1/keys?limit=4'
	first=$(ids <"$T/answer")
	cursor=$(member next "$(cat "$T/answer")")
	lk delete "$cursor"
	got=$(printf '%s\n' "$first"; walk "/v1/keys?limit=4&cursor=$cursor")
	[ "$got" = "$all" ]
	ask '/v1/keys?cursor=000000000000'
	answers 422
	ask '/v1/keys?limit=0'
	answers 422
	ask '/v1/keys?limit=1001'
	answers 422
	ask '/v1/keys?all=true&limit=1000'
	[ "$(ids <"$T/answer")" = "$all" ]
}

@test "the log: all of it, of a key, of an account, by pages" {
	generate ucd --account acme
	A=$ID
	generate ucd --account beta
	lk disable "$A"
	lk account set acme --package essential
	admin
	lk store log --json
	ask /v1/log
	answers 200
	[ "$(cat "$T/answer")" = "${output%\}},\"next\":null}" ]
	ask "/v1/log?key=$A"
	[ "$(grep -o '"seq":[0-9]*' "$T/answer" | tr -d '\n')" = \
	    '"seq":1"seq":3' ]
	ask '/v1/log?account=acme'
	[ "$(grep -o '"seq":[0-9]*' "$T/answer" | tr -d '\n')" = \
	    '"seq":1"seq":3"seq":4' ]
	ask '/v1/log?limit=2'
	grep -q '"next":2}' "$T/answer"
	ask '/v1/log?limit=2&after=2'
	[ "$(grep -o '"seq":[0-9]*' "$T/answer" | tr -d '\n')" = \
	    '"seq":3"seq":4' ]
	grep -q '"next":null}' "$T/answer"
}

@test "POST /v1/verify: a request, a token, as verify --json does" {
	generate ucd --account acme
	admin
	upsert "$TOKEN" acme --json
	send POST /v1/verify "{\"method\":\"POST\",
	    \"path\":\"/api/user/v1/upsert\",\"headers\":[[\"X-PARTNER-NAME\",
	    \"acme\"],[\"X-REQUEST-TOKEN\",\"$TOKEN\"]]}"
	answers 200
	[ "$(cat "$T/answer")" = "$output" ]
	lk_in "$TOKEN" verify --type ucd --account acme --json
	send POST /v1/verify "{\"type\":\"ucd\",\"token\":\"$TOKEN\",
	    \"account\":\"acme\"}"
	[ "$(cat "$T/answer")" = "$output" ]
	send POST /v1/verify '{"path":"/none"}'
	answers 200
	grep -q '"outcome":"deny","reason":"no_route"' "$T/answer"
	send POST /v1/verify '{"type":"none","token":"x"}'
	answers 400
	for wrong in '{}' '' '{"type":"ucd"}' '{"path":"/","token":"x"}' \
	    '{"type":"ucd","token":"x","path":"/"}' \
	    '{"path":"/","address":"host"}' '{"path":"/","headers":[["a"]]}' \
	    '{"path":"/","headers":[["a","b","c"]]}' \
	    '{"path":"/","headers":{"a":"b"}}'; do
		send POST /v1/verify "$wrong"
		answers 422
	done
}

@test "wrong bodies: 422 with a sentence that names the member" {
	admin
	while read -r name body; do
		send POST /v1/keys "$body"
		answers 422
		grep -q "$name" "$T/answer" || {
			cat "$T/answer" >&2
			return 1
		}
		failed bad_data 65
	done <<-'END'
	type {}
	account {"type":"ucd"}
	label {"type":"ucd","account":"a","label":7}
	labl {"type":"ucd","account":"a","labl":"x"}
	addresses {"type":"ucd","account":"a","addresses":"10.0.0.1"}
	addresses {"type":"ucd","account":"a","addresses":["host"]}
	addresses {"type":"ucd","account":"a","addresses":[1]}
	expires {"type":"ucd","account":"a","expires":"never"}
	expires {"type":"ucd","account":"a","expires":90}
	not_before {"type":"ucd","account":"a","not_before":"x"}
	type {"type":null,"account":"a"}
	twice {"type":"ucd","type":"ucd","account":"a"}
	read []
	read {"type":"ucd"
	role {"type":"ucd","account":"a","role":"viewer"}
	account {"type":"ucd","account":"-a"}
	END
	send POST /v1/keys '{"type":"none","account":"a"}'
	answers 404
	ask /v1/keys -d '{"type":"ucd","account":"a"}'
	answers 415
	ask /v1/types -X GET -H 'Content-Type: application/json' -d '{}'
	answers 422
	lk list --all
	[ "$(wc -l <<<"$output")" -eq 1 ]
}

@test "wrong paths, methods and queries" {
	admin
	for path in / /v1 /v1/ /v1/none /v1/keys/ /v1/keys/a/b /v1/keys/a%62 \
	    //v1/keys /v1//keys /V1/keys /v1/keys/../types /auth /metrics; do
		ask "$path" --path-as-is
		answers 404
	done
	ask /v1/types -X DELETE
	answers 405
	heads 'Allow: GET, HEAD'
	ask /v1/keys -X PUT
	answers 405
	heads 'Allow: GET, HEAD, POST'
	for query in 'none=1' 'limit=x' 'limit=-1' 'limit=1&limit=1' \
	    'limit=%' 'limit=%zz' 'limit=%00' 'expiring=x' 'unused=0' \
	    'limit=99999999999999999999' 'all=1' 'all=TRUE' all; do
		ask "/v1/keys?$query"
		answers 422
	done
	ask '/v1/keys?lim%69t=%31'
	answers 200
	ask /v1/keys --head
	answers 200
	ask /v1/keys/none
	answers 404
	failed not_found 66
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

@test "operators' keys: the role decides alone, and the journal names who" {
	operators administrator viewer
	generate ucd --account acme
	admin 'log: all'
	by viewer GET /v1/keys
	answers 200
	while read -r method path body; do
		by viewer "$method" "$path" "$body"
		answers 403
		failed not_permitted 77
	done <<-END
	POST /v1/keys {"type":"ucd","account":"a"}
	POST /v1/keys/$ID/rotate
	POST /v1/keys/$ID/disable
	POST /v1/keys/$ID/enable
	DELETE /v1/keys/$ID
	PUT /v1/accounts/acme {"package":"essential"}
	DELETE /v1/accounts/acme
	END
	by administrator POST /v1/keys '{"type":"ucd","account":"acme"}'
	answers 201
	lk store log --json
	prints '"actor":"ann","from":"api unix uid='
	grep -q 'admin=generateKey status=403 reason=not_permitted operator=ann from="api unix uid=[0-9]* key=' "$T/daemon.err"
	grep -q 'admin=listKeys status=200 operator=ann' "$T/daemon.err"
	none grep -qF "$(cut -c 6- "$T/viewer")" "$T/daemon.err"
}

@test "operators' keys: none, a bad one, two, a dead one, of another type" {
	operators administrator
	generate ucd --account acme
	admin
	for wrong in "Authorization: Bearer $TOKEN" 'Authorization: Bearer x' \
	    'Authorization: Basic YTpi' 'Authorization;' \
	    "Authorization: Bearer $(sed 's/.$/0/' "$T/administrator")x"; do
		ask /v1/keys -H "$wrong"
		answers 401
		failed not_permitted 77
		heads_with 'WWW-Authenticate: Bearer'
	done
	ask /v1/keys -H "Authorization: Bearer $(cat "$T/administrator")" \
	    -H 'Authorization: Bearer x'
	answers 400
	lk list op --json
	lk delete "$(member id "$output")"
	by administrator GET /v1/keys
	answers 401
	# Without a token it is the user again.
	ask /v1/keys
	answers 200
}

@test "a role that left the policy may nothing; no key may give more" {
	edit "$H/policy.yaml" 's/^roles:$/roles:\n  maker: { may: [ generate, delete, list ] }/'
	operators administrator viewer maker
	lk generate op --account bob
	is 65
	says 'needs a role'
	lk generate op --account bob --role none
	is 65
	says 'no such role'
	lk generate ucd --account bob --role viewer
	is 65
	admin
	by maker POST /v1/keys '{"type":"op","account":"eve","role":"viewer"}'
	answers 201
	by maker POST /v1/keys \
	    '{"type":"op","account":"eve","role":"administrator"}'
	answers 403
	# Nor by taking over another one's.
	lk list op --json
	id=$(ids <<<"$output" | head -n 1)
	by maker POST "/v1/keys/$id/rotate"
	answers 403
	by administrator POST "/v1/keys/$id/rotate"
	answers 201
	grep -q '"role":"administrator"' "$T/answer"
	edit "$H/policy.yaml" '/^  maker:/d'
	kill -HUP "$PID"
	comes gone maker
	failed not_permitted 77
}

# gone ROLE: it may not list any more.
gone() {
	by "$1" GET /v1/keys
	[ "$code" = 403 ]
}

# heads_with TEXT: a header of the last one begins so.
heads_with() {
	grep -qi "^$1" "$T/head.txt" || {
		cat "$T/head" >&2
		return 1
	}
}

@test "TCP: operators' keys alone, and no browser" {
	operators viewer
	port=$((20000 + RANDOM % 20000))
	admin
	finish TERM
	edit "$H/policy.yaml" "s|^  admin: .*|  admin: [ \"unix:$S\", 127.0.0.1:$port ]|"
	start
	code=$(curl -sS -o "$T/answer" -w '%{http_code}' \
	    "http://127.0.0.1:$port/v1/keys")
	[ "$code" = 401 ]
	auth="Authorization: Bearer $(cat "$T/viewer")"
	code=$(curl -sS -o "$T/answer" -w '%{http_code}' -H "$auth" \
	    "http://127.0.0.1:$port/v1/keys")
	[ "$code" = 200 ]
	for page in 'Origin: http://127.0.0.1' 'Origin: null' \
	    'Sec-Fetch-Site: same-origin' 'Sec-Fetch-Site: none'; do
		code=$(curl -sS -o "$T/answer" -w '%{http_code}' -H "$auth" \
		    -H "$page" "http://127.0.0.1:$port/v1/keys")
		[ "$code" = 403 ]
		ask /v1/keys -H "$page"
		answers 403
	done
}

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

@test "a user without a role: 403, and it is told" {
	need_user nobody
	generate ucd --account acme
	admin 'admin_mode: 0666'
	chmod 755 "$T"
	status=0
	setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups \
	    curl -sS --unix-socket "$S" -w '%{http_code}' http://l/v1/keys \
	    >"$T/answer" || status=$?
	is 0
	grep -q '"reason":"not_permitted","exit":77}' "$T/answer"
	grep -q '^403$' "$T/answer"
	comes grep -q 'admin=listKeys status=403 reason=not_permitted operator=nobody' "$T/daemon.err"
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

degraded() {
	ask /readyz
	grep -q '^degraded: ' "$T/answer"
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

# hold FILE: the lock of writers, until it is killed; FILE says that it has it.
hold() {
	# F_OFD_SETLKW, F_WRLCK: all of the file.
	exec perl -e 'open(F, "+<", $ARGV[0]) or die;
	    $l = pack("ssx4qqix4", 1, 0, 0, 0, 0);
	    fcntl(F, 38, $l) or die;
	    open(G, ">", $ARGV[1]) or die; sleep 60' "$H/store/state" "$1"
}

@test "run by root it becomes the store's owner; files it makes are his" {
	need_user nobody
	generate ucd --account acme
	mkdir "$T/run"
	chown -R nobody "$H" "$T/run"
	ADMIN=$T/run/admin.sock
	admin
	[ "$(sed -n 's/^Uid:\t*\([0-9]*\).*/\1/p' "/proc/$PID/status")" = \
	    "$(id -u nobody)" ]
	# Root asks, and has the role that names it.
	send POST /v1/keys '{"type":"ucd","account":"acme"}'
	answers 201
	lk store log --json
	prints '"actor":"root","from":"api unix"'
	[ -z "$(find "$H/store" ! -user nobody)" ]
}

@test "several keys at once, all or none; notes; names as they were typed" {
	generate ucd --account acme
	A=$ID
	generate ucd --account acme
	admin
	send POST "/v1/keys/$A,$ID/disable"
	answers 200
	[ "$(cat "$T/answer")" = "{\"disabled\":[\"$A\",\"$ID\"]}" ]
	send POST "/v1/keys/$A%2C$ID/disable"
	answers 200
	grep -q '"note":"disabled already' "$T/answer"
	ask "/v1/keys/$A,000000000000" -X DELETE
	answers 404
	lk show "$A"
	prints disabled
	ask "/v1/keys/$A,$ID" -X DELETE
	answers 200
	ask "/v1/keys/$(seq -s, 65)" -X DELETE
	answers 422
	lk show 'a b/ä' --json
	ask '/v1/keys/a%20b%2f%c3%a4'
	answers 404
	grep -qF "$(member error "$output")" "$T/answer"
	ask '/v1/keys/a%0'
	answers 404
	send PUT /v1/accounts/A%20B '{"package":"essential"}'
	answers 422
	send POST /v1/keys '{"type":"ucd","account":"acme"}'
	answers 201
	grep -q '"usage":"curl -X POST https://HOST/api/user/v1/upsert -H' \
	    "$T/answer"
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

# leave: who asks is gone before the lock is let go.
leave() {
	kill -9 "$ASKED"
	wait "$ASKED" || :
	kill -9 "$HOLDER"
}

taken_back() {
	lk list --account beta --all --json
	[[ $output == *'"state":"deleted"'* ]]
}

rotated_back() {
	lk list --account acme --all --json
	[[ $output == *'"state":"active"'*'"state":"deleted"'* ]]
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
	    "/v1/log?key=$TOKEN" "/v1/log?after=$TOKEN" "/$TOKEN"; do
		ask "$place"
		cat "$T/head" >>"$T/all"
		# What is asked for by name is told of by name.
		case $place in
		*cursor* | */keys/* | *key=*) ;;
		*) cat "$T/answer" >>"$T/all" ;;
		esac
	done
	for body in "{\"type\":\"$TOKEN\",\"account\":\"acme\"}" \
	    "{\"type\":\"ucd\",\"account\":\"$TOKEN\"}" \
	    "{\"type\":\"ucd\",\"account\":\"acme\",\"expires\":\"$TOKEN\"}" \
	    "{\"type\":\"ucd\",\"account\":\"acme\",\"addresses\":[\"$TOKEN\"]}" \
	    "{\"$TOKEN\":1}" "$TOKEN" "[\"$TOKEN\"]"; do
		send POST /v1/keys "$body" -H "Idempotency-Key: $TOKEN"
		none answers 201 2>/dev/null
		cat "$T/head" >>"$T/all"
		case $body in
		*'"type":"ucd_'*) ;;
		*) cat "$T/answer" >>"$T/all" ;;
		esac
	done
	send POST /v1/verify "{\"type\":\"ucd\",\"token\":\"$TOKEN\",
	    \"account\":\"acme\"}"
	answers 200
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
