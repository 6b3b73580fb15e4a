#!/usr/bin/env bats
# /openapi.json against the server that serves it: each path and method, what
# each answers, and whether it is of the shape that it says.

# Set by the helpers, in the subshell of each test.
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154

# shellcheck source=tests/integration/helpers.bash
load helpers
# shellcheck source=tests/integration/daemon.bash
load daemon

CHECK=${top_builddir-.}/tests/integration/openapi_check

# try METHOD PATH [JSON [CURL-OPTION...]]: ask, and note the exchange.
try() {
	send "$@"
	N=$((N + 1))
	cp "$T/answer" "$T/exchange.$N"
	printf '%s %s %s %s %s\n' "$1" "$2" "$code" \
	    "$(sed -n 's/^content-type: *\([^;]*\).*/\1/Ip' "$T/head.txt")" \
	    "$T/exchange.$N" >>"$T/exchanges"
}

# everything: each method of each path, in good and in bad ways.
everything() {
	local json='{"type":"ucd","account":"acme"}' path id
	edit "$H/policy.yaml" 's/^types:$/types:\n  op: { plugin: operator, prefix: lkop, limit: 1 }/'
	generate ucd --account acme --label x --expires 90d --allow 127.0.0.1
	admin
	N=0
	try GET /v1/types
	try POST /v1/keys "$json"
	id=$(member id "$(cat "$T/answer")")
	try POST /v1/keys '{"type":"op","account":"ann","role":"viewer"}' \
	    -H 'Idempotency-Key: a'
	try POST /v1/keys '{"type":"op","account":"ann","role":"viewer"}' \
	    -H 'Idempotency-Key: a'
	try POST /v1/keys '{"type":"op","account":"ann","role":"viewer"}'
	try POST /v1/keys '{"type":"none","account":"acme"}'
	try POST /v1/keys '{}'
	try POST /v1/keys '' -d x
	try GET '/v1/keys?limit=1'
	try GET "/v1/keys?limit=x"
	try GET '/v1/keys?type=none'
	try GET "/v1/keys/$id"
	try GET /v1/keys/000000000000
	try POST "/v1/keys/$ID/rotate" '{"grace":"1h"}'
	try POST "/v1/keys/$ID/rotate"
	try GET "/v1/keys/$ID"
	try POST "/v1/keys/$id/disable"
	try POST "/v1/keys/$id/disable"
	try POST "/v1/keys/$id/enable"
	try POST /v1/keys/x/enable
	try GET '/v1/accounts?limit=1'
	try PUT /v1/accounts/acme '{"package":"essential"}'
	try PUT /v1/accounts/none '{"package":"essential"}'
	try DELETE /v1/accounts/acme
	try DELETE "/v1/keys/$id"
	try DELETE "/v1/keys/$id"
	try DELETE '/v1/accounts/acme?keys=delete'
	try GET '/v1/log?limit=2'
	try GET /v1/log
	try GET '/v1/log?key=x'
	try POST /v1/verify '{"path":"/v1/single","method":"POST"}'
	try POST /v1/verify "{\"type\":\"ucd\",\"token\":\"$TOKEN\"}"
	try POST /v1/verify '{"type":"none","token":"x"}'
	for path in /v1/types /v1/accounts /v1/keys "/v1/keys/$id" /v1/log; do
		try GET "$path" '' -H 'Authorization: Bearer x'
		try GET "$path" '' -H 'Origin: null'
		try GET "$path?none=1"
	done
	for path in /healthz /readyz /openapi.json; do
		try GET "$path"
	done
}

@test "every path and method answers as /openapi.json says" {
	[ -x "$CHECK" ] || skip "needs openapi_check"
	everything
	ask /openapi.json
	answers 200
	cp "$T/answer" "$T/openapi.json"
	"$CHECK" "$T/openapi.json" <"$T/exchanges" >&2
	# Each harness plants what it must catch.
	none "$CHECK" "$T/openapi.json" </dev/null >/dev/null
	sed 's/^GET .v1.types 200/GET \/v1\/types 418/' "$T/exchanges" \
	    >"$T/planted"
	none "$CHECK" "$T/openapi.json" <"$T/planted" >"$T/out"
	grep -q 'GET /v1/types 418: the status is not listed' "$T/out"
	for change in 's/"prefix":"ucd",//' 's/"prefix":"ucd"/"prefix":7/' \
	    's/"prefix":"ucd"/"prefix":"ucd","more":1/'; do
		sed "$change" "$T/exchange.1" >"$T/changed"
		sed "1s|[^ ]*\$|$T/changed|" "$T/exchanges" >"$T/planted"
		none "$CHECK" "$T/openapi.json" <"$T/planted" >"$T/out"
		grep -q 'prefix\|more' "$T/out"
	done
}

@test "openapi.json names each operation once, and its parameters" {
	admin
	ask /openapi.json
	answers 200
	heads 'Content-Type: application/json'
	grep -o '"operationId":"[^"]*"' "$T/answer" | sort >"$T/ids"
	[ "$(wc -l <"$T/ids")" -eq 16 ]
	[ -z "$(uniq -d "$T/ids")" ]
	grep -q '"name":"cursor","in":"query"' "$T/answer"
	grep -q '"name":"id","in":"path","required":true' "$T/answer"
	grep -q '"required":\["type","account"\]' "$T/answer"
	ask /openapi.json -X POST
	answers 405
}
