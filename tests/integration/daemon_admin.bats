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
	next=$(sed -n 's/.*"next":"\([^"]*\)"}$/\1/p' "$T/answer")
	ask "/v1/log?limit=2&cursor=$next"
	[ "$(grep -o '"seq":[0-9]*' "$T/answer" | tr -d '\n')" = \
	    '"seq":3"seq":4' ]
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
		failed not_found 66
	done
	ask /v1/types -X DELETE
	answers 405
	failed usage 64
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
	for query in '&&' '&' 'limit=1&' '&limit=1' '=1' '=' '%'; do
		ask "/v1/keys?$query"
		answers 422
		failed bad_data 65
	done
	ask '/v1/keys?&&'
	grep -q 'has no name: there is a & too many' "$T/answer"
	ask '/v1/keys?lim%69t=%31'
	answers 200
	ask '/v1/keys?type=web_push'
	answers 200
	ask '/v1/keys?type=none'
	answers 404
	failed usage 64
	ask /v1/keys --head
	answers 200
	ask /v1/keys/none
	answers 404
	failed not_found 66
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
