#!/usr/bin/env bats
# Requests and tokens: what is allowed, what is not, and why.

# Set by the helpers, in the subshell of each test.
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154

# shellcheck source=tests/integration/helpers.bash
load helpers

# why STEP REASON: the trace stops there, and with that.
why() {
	grep -Eq "^$1( [a-z_]+)? +stop +$2( |\$)" "$T/.out" || told
}

@test "ucd: the request of the design is allowed" {
	generate ucd --account acme
	lk verify -X POST /api/user/v1/upsert -H 'X-PARTNER-NAME: acme' \
	    -H "X-REQUEST-TOKEN: $TOKEN"
	is 0
	[ "$output" = "allow acme ucd upsert $ID" ]
	lk verify -X POST /api/user/v1/upsert -H 'x-partner-name:acme' \
	    --header="x-Request-Token:   $TOKEN  "
	is 0
}

@test "--explain: every step, in order, with the policy's line" {
	generate ucd --account acme
	upsert "$TOKEN" acme --explain
	is 0
	steps=$(sed '$d; s/ .*//' "$T/.out" | tr '\n' ' ')
	[ "$steps" = "route present parse digest look-up state account verify check check " ] || told
	[ "$(tail -n 1 "$T/.out")" = "allow acme ucd upsert $ID" ]
	[ "$(grep -c ' pass ' "$T/.out")" -eq 10 ]
	line=$(grep -n '  upsert:$' "$H/policy.yaml" | cut -d: -f1)
	grep -Eq "^route ucd +pass +- +policy.yaml:$line( |\$)" "$T/.out"
	line=$(grep -n -m 1 '  - entitlement' "$H/policy.yaml" | cut -d: -f1)
	grep -Eq "^check entitlement +pass +- +policy.yaml:$line( |\$)" \
	    "$T/.out"
}

@test "another partner, another type's token, one character changed: 1" {
	generate web_push --account acme
	push=$TOKEN
	generate ucd --account beta
	generate ucd --account acme
	upsert "$TOKEN" beta --explain
	is 1
	prints "deny wrong_account"
	why account wrong_account
	upsert "$push" acme --explain
	is 1
	prints "deny wrong_type"
	why parse wrong_type
	changed=$(sed 's/\(.\{9\}\)\(.\)/\1\n\2/;s/\n[^a]/a/;s/\n/b/' <<<"$TOKEN")
	[ "$changed" != "$TOKEN" ]
	upsert "$changed" acme --explain
	is 1
	prints "deny malformed"
	why parse malformed
	upsert ucd_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17 acme --explain
	is 1
	prints "deny unknown"
	why look-up unknown
}

@test "a package that lacks the API; and the way back" {
	generate ucd --account acme
	lk account set acme --package essential
	is 0
	[ "$output" = "acme has package essential" ]
	upsert "$TOKEN" acme --explain
	is 1
	prints "deny not_entitled"
	why 'check entitlement' not_entitled
	printf 'X-PARTNER-NAME: acme\nX-REQUEST-TOKEN: %s\n' "$TOKEN" >"$T/h"
	lk verify -X PATCH /api/user/v1/identity -H "@$T/h"
	is 0
	lk account set acme --package growth
	upsert "$TOKEN"
	is 0
	lk account set acme --package growht
	is 65
	says "growth"
	lk account set nobody-yet --package growth
	is 66
	says "it comes with its first key"
}

@test "every API of the three types routes as TYPES.md says" {
	while read -r method path want; do
		lk verify -X "$method" "$path" --json
		is 1
		prints '"type":"'"${want%.*}"'"'
		prints '"api":"'"${want#*.}"'"'
	done <<-'END'
		POST /api/user/v1/upsert ucd.upsert
		POST /api/user/v1/attribute/delete ucd.attribute_delete
		PATCH /api/user/v1/identity ucd.identify
		DELETE /api/user/v1/identity ucd.identify_delete
		POST /api/user/v1/profile ucd.profile
		POST /api/user/v1/delete ucd.delete
		POST /api/user/v1/anonymize ucd.anonymize
		POST /api/raw/v1/export ucd.export
		POST /v1/single web_push.send
		POST /v1/single/c1 web_push.campaign
		DELETE /v1/single/c1 web_push.campaign
		POST /v2/single/c1 web_push.campaign_v2
		POST /v1/statistics/r1 web_push.statistics
		POST /api/v1/push/bulk mobile.bulk
		POST /api/v2/notification/user mobile.user
		POST /api/v1/notification/get_statistics mobile.statistics
		POST /v1/details/inapp mobile.inapp
	END
}

@test "paths: decoded once, nothing collapsed, case counts" {
	while read -r method path; do
		lk verify -X "$method" "$path" --explain
		is 1
		prints "deny no_route"
		why route no_route
	done <<-'END'
		POST /nothing/like/it
		GET /api/user/v1/upsert
		post /api/user/v1/upsert
		POST /API/user/v1/upsert
		POST /api/user/v1/upsert/
		POST //api/user/v1/upsert
		POST /api/user//v1/upsert
		POST /api/user/./v1/upsert
		POST /api/user/x/../v1/upsert
		POST /api/user/%2e%2e/v1/upsert
		POST /api/user%2fv1/upsert
		POST /api/user%5cv1/upsert
		POST /api/user/v1/upsert%00
		POST /api/user/v1/upsert%0a
		POST /api/user/v1/upsert%
		POST /api/user/v1/upsert%2
		POST /api/user/v1/upsert%zz
		POST /api/user/v1/upsert#top
		POST /api/user/v1/upsert?a=b#top
		POST http://h/api/user/v1/upsert
		POST api/user/v1/upsert
		POST *
		POST /v1/single/
		POST /v1/single/a/b
		POST /v1/single/a%2fb
	END
	lk verify -X POST "/v1/single/$(printf 'a%.0s' $(seq 4096))" --explain
	why route no_route
	generate ucd --account acme
	printf 'X-PARTNER-NAME: acme\nX-REQUEST-TOKEN: %s\n' "$TOKEN" >"$T/h"
	for path in '/api/user/v1/upsert?a=b&c=/../%2f' /api/user/v1/%75psert; do
		lk verify -X POST "$path" -H "@$T/h"
		is 0
	done
}

@test "no credential, two credentials, one header with two values" {
	generate ucd --account acme
	lk verify -X POST /api/user/v1/upsert --explain
	is 1
	prints "deny no_credential"
	why present no_credential
	generate web_push --account acme
	lk verify -X POST /v1/single -H "Authorization: Bearer $TOKEN" \
	    -H "Authorization: Bearer ${TOKEN%?}" --explain
	is 1
	why present '(two_credentials|bad_request)'
}

@test "web_push: a bearer token, with and without partner_id" {
	generate web_push --account acme
	printf 'Authorization: Bearer %s\n' "$TOKEN" >"$T/h"
	lk verify -X POST /v1/single -H "@$T/h"
	is 0
	[ "$output" = "allow acme web_push send $ID" ]
	lk_in '{"partner_id": "acme"}' verify -X POST /v1/single -H "@$T/h" \
	    --body -
	is 0
	lk_in '{"partner_id": "beta"}' verify -X POST /v1/single -H "@$T/h" \
	    --body - --explain
	is 1
	prints "deny wrong_account"
	for body in '{"partner_id": "acme"' '{"partner_id":"acme","partner_id":"beta"}' \
	    '{"partner_id": 1}' '[]' 'text'; do
		lk_in "$body" verify -X POST /v1/single -H "@$T/h" --body - \
		    --explain
		is 1
		why present bad_request
	done
}

@test "mobile: api_key of the body or X-API-KEY, from its addresses" {
	generate mobile --account acme
	printf '{"api_key": "%s"}' "$TOKEN" >"$T/body"
	lk verify -X POST /api/v1/push/bulk --body "$T/body"
	is 0
	[ "$output" = "allow acme mobile bulk $ID" ]
	lk verify -X POST /api/v1/push/bulk -H "X-API-KEY: $TOKEN"
	is 0
	for ip in ::1 ::ffff:127.0.0.1; do
		lk verify -X POST /api/v1/push/bulk --body "$T/body" \
		    --address "$ip"
		is 0
	done
	lk verify -X POST /api/v1/push/bulk --body "$T/body" \
	    --address 192.0.2.7 --explain
	is 1
	prints "deny address_refused"
	why 'check address' address_refused
	generate mobile --account acme --allow 192.0.2.0/24
	printf '{"api_key": "%s"}' "$TOKEN" >"$T/body"
	lk verify -X POST /api/v1/push/bulk --body "$T/body" \
	    --address 192.0.2.7
	is 0
	# Its own list replaces that of the type.
	lk verify -X POST /api/v1/push/bulk --body "$T/body"
	is 1
	lk generate mobile --account acme
	is 73
}

@test "limits: headers, body, address" {
	generate ucd --account acme
	printf 'X-PARTNER-NAME: acme\nX-REQUEST-TOKEN: %s\n' "$TOKEN" >"$T/h"
	for i in $(seq 98); do
		echo "X-$i: $i"
	done >>"$T/h"
	lk verify -X POST /api/user/v1/upsert -H "@$T/h"
	is 0
	lk verify -X POST /api/user/v1/upsert -H "@$T/h" -H 'X: one more' \
	    --explain
	is 1
	why present bad_request
	printf 'X-PARTNER-NAME: acme\r\nX-REQUEST-TOKEN: %s\r\n\r\n' \
	    "$TOKEN" >"$T/h"
	lk verify -X POST /api/user/v1/upsert -H "@$T/h"
	is 0
	{
		cat "$T/h"
		printf 'X-Long: '
		head -c 8193 /dev/zero | tr '\0' a
	} >"$T/h2"
	lk verify -X POST /api/user/v1/upsert -H "@$T/h2" --explain
	is 1
	why present bad_request
	{
		cat "$T/h"
		head -c 8193 /dev/zero | tr '\0' a
		echo ': a name'
	} >"$T/h2"
	lk verify -X POST /api/user/v1/upsert -H "@$T/h2"
	is 1
	# As many arguments as can be: denied alike, and none is left out.
	many=()
	for i in $(seq 105); do
		many+=(-H "X-$i: $i")
	done
	lk verify -X POST /api/user/v1/upsert "${many[@]}" -H "@$T/h"
	is 1
	[ "$output" = "deny bad_request" ]
	: >"$T/none"
	many=()
	for i in $(seq 105); do
		many+=(-H "@$T/none")
	done
	lk verify -X POST /api/user/v1/upsert "${many[@]}" -H "@$T/h"
	is 1
	[ "$output" = "deny bad_request" ]
	rm "$T/none"
	generate mobile --account acme
	{
		printf '{"api_key": "%s", "x": "' "$TOKEN"
		head -c 65536 /dev/zero | tr '\0' a
		printf '"}'
	} >"$T/body"
	lk verify -X POST /api/v1/push/bulk --body "$T/body" --explain
	is 1
	why present bad_request
	prints "the body: over the limit of its type"
	printf '{"api_key": "%s", "x": {"y": 1, "y": 1}}' "$TOKEN" >"$T/body"
	lk verify -X POST /api/v1/push/bulk --body "$T/body" --explain
	is 1
	prints "the body: a member twice"
	head -c 1048577 /dev/zero >"$T/body"
	lk verify -X POST /api/v1/push/bulk --body "$T/body"
	is 65
	lk verify -X POST / --address 1.2.3
	is 65
	lk verify -X POST / --body "$T/none"
	is 66
	lk verify -X POST / -H "@$T/none"
	is 66
	lk verify -X POST / -H @- --body -
	is 64
}

@test "--type: a token alone on standard input" {
	generate ucd --account acme
	lk_in "$TOKEN" verify --type ucd
	is 0
	[ "$output" = "allow acme ucd * $ID" ]
	lk_in "$TOKEN
" verify --type ucd --account acme
	is 0
	lk_in "$TOKEN" verify --type ucd --account beta
	is 1
	[ "$output" = "deny wrong_account" ]
	lk_in "$TOKEN" verify --type web_push
	is 1
	[ "$output" = "deny wrong_type" ]
	lk_in "" verify --type ucd
	is 1
	lk_in "$TOKEN
$TOKEN" verify --type ucd
	is 1
	[ "$output" = "deny malformed" ]
	lk_in "$(head -c 100000 /dev/zero | tr '\0' a)" verify --type ucd
	is 1
}

@test "verify --json, exactly" {
	generate ucd --account acme
	upsert "$TOKEN" acme --json
	is 0
	got=$(sed -E 's/"trace":.*/"trace":/' <<<"$output")
	[ "$got" = '{"outcome":"allow","reason":"allowed","key":"'"$ID"'","type":"ucd","account":"acme","api":"upsert","retry_after":null,"observed":0,"trace":' ]
	prints '{"step":"route","name":"ucd","verdict":"pass","reason":null,"line":'
	lk verify /nothing --json
	is 1
	[ "$output" = '{"outcome":"deny","reason":"no_route","key":null,"type":null,"account":null,"api":null,"retry_after":null,"observed":0,"trace":[{"step":"route","name":null,"verdict":"stop","reason":"no_route","line":0,"note":"no path like it"}]}' ] || told
}

@test "a token of -H is wiped from the arguments" {
	generate ucd --account acme
	mkfifo "$T/body"
	"$LATCHKEY" verify -X POST /api/user/v1/upsert \
	    -H "X-PARTNER-NAME: acme" -H "X-REQUEST-TOKEN: $TOKEN" \
	    --body "$T/body" >"$T/out" 3>&- &
	pid=$!
	# It waits for its body; by then the headers were taken.
	sleep 0.3
	tr '\0' '\n' <"/proc/$pid/cmdline" >"$T/cmdline" 2>/dev/null || :
	echo '{}' >"$T/body"
	wait "$pid"
	grep -q '^allow ' "$T/out"
	none grep -qF "${TOKEN:4:30}" "$T/cmdline"
}
