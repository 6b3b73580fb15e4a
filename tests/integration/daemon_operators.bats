#!/usr/bin/env bats
# latchkeyd --admin: who asks, and what a role lets him do.

# Set by the helpers, in the subshell of each test.
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154

# shellcheck source=tests/integration/helpers.bash
load helpers
# shellcheck source=tests/integration/daemon.bash
load daemon

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
	# Nor by having one let in again that was taken from him.
	lk list op --json
	next=$(ids <<<"$output" | tail -n 1)
	lk disable "$id"
	by maker POST "/v1/keys/$id/enable"
	answers 403
	failed not_permitted 77
	by maker POST "/v1/keys/$next,$id/enable"
	answers 403
	by administrator GET /v1/types
	answers 401
	send POST "/v1/keys/$id/enable"
	answers 200
	edit "$H/policy.yaml" '/^  maker:/d'
	kill -HUP "$PID"
	comes gone maker
	failed not_permitted 77
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

# gone ROLE: it may not list any more.
gone() {
	by "$1" GET /v1/keys
	[ "$code" = 403 ]
}

# README's chapter, word for word: but for the folder of the socket, and what of
# it is of a system.
@test "README: Manage keys over HTTP" {
	edit "$H/policy.yaml" 's/^  # operator:/  operator:/
	    /^  operator:/,/^$/ s/^  #   /    /'
	admin
	awk '/^## / { on = /^## Manage keys over HTTP/ }
	    on && /^```$/ { sh = 0 }
	    on && sh { print }
	    on && /^```sh$/ { sh = 1; n++ }
	    n == 1 { sh = 0 }' "${top_srcdir-.}/README.md" |
	    sed "s|/run/latchkey/admin.sock|$S|" >"$T/chapter"
	grep -q generate "$T/chapter"
	PATH=${LATCHKEY%/*}:$PATH sh -eu "$T/chapter" >"$T/out" 2>"$T/said"
	grep -q '"keys":\[\],"next":null' "$T/out"
	grep -q '"token":"ucd_' "$T/out"
	grep -q '"types":\[{"type":"ucd"' "$T/out"
	none grep -q '"error"' "$T/out"
}
