#!/usr/bin/env bats
# Keys: generated, shown once, limited, deleted.

# Set by the helpers, in the subshell of each test.
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154

# shellcheck source=tests/integration/helpers.bash
load helpers

@test "exactly one token and a newline on standard output" {
	lk generate ucd --account acme
	is 0
	[ "$(wc -c <"$T/.out")" -eq 41 ]
	[ "$(wc -l <"$T/.out")" -eq 1 ]
	grep -Eq '^ucd_[0-9A-Za-z]{36}$' "$T/.out"
	says "is shown this once"
	says "curl"
	[[ $err != *"$output"* ]]
}

@test "the prefixes of the three types" {
	for t in ucd:ucd web_push:wpush mobile:mob; do
		lk generate "${t%:*}" --account acme
		is 0
		[[ $output =~ ^${t#*:}_[0-9A-Za-z]{36}$ ]]
	done
}

@test "nothing in the home holds the token's digits" {
	generate ucd --account acme --label CRM
	digits=${TOKEN#ucd_}
	run grep -raF -e "$digits" -e "${digits:0:30}" -e "${digits:0:8}" "$H"
	[ "$status" -eq 1 ]
	# That search finds what is there.
	printf '%s' "$TOKEN" >"$H/store/planted"
	grep -raqF "${digits:0:8}" "$H"
}

@test "generate --json, exactly" {
	lk generate ucd --account acme --json
	is 0
	[ -z "$err" ]
	got=$(sed -E 's/20[0-9]{2}-[0-9-]{5}T[0-9:]{8}Z/TIME/
	    s/"created_by":"[^"]*"/"created_by":"ME"/
	    s/ucd_[0-9A-Za-z]{36}/TOKEN/; s/"id":"[0-9A-Za-z]{12}"/"id":"ID"/
	    s/ucd_…[0-9A-Za-z]{4}/HINT/' <<<"$output")
	[ "$got" = '{"token":"TOKEN","key":{"id":"ID","type":"ucd","account":"acme","label":null,"hint":"HINT","state":"active","created":"TIME","created_by":"ME","expires":null,"not_before":null,"last_used":null,"deleted":null,"addresses":[],"replaces":null,"replaced_by":null,"role":null}}' ] || told
}

@test "five pass, the sixth is 73; after a delete one passes" {
	for _ in 1 2 3 4 5; do
		generate ucd --account acme
	done
	lk generate ucd --account acme
	is 73
	[ -z "$output" ]
	[ "$err" = "latchkey: acme holds 5 of 5 ucd keys: delete one first (latchkey list ucd --account acme)" ] || told
	lk generate ucd --account acme --json
	is 73
	prints '"reason":"limit_reached","exit":73}'
	lk generate ucd --account other
	is 0
	lk delete "$ID"
	is 0
	[ "$output" = "deleted $ID" ]
	lk generate ucd --account acme
	is 0
	lk generate ucd --account acme
	is 73
}

@test "fifty processes at once: five keys" {
	for i in $(seq 50); do
		{
			s=0
			"$LATCHKEY" generate ucd --account acme \
			    >"$T/out.$i" 2>"$T/err.$i" || s=$?
			echo "$s" >"$T/status.$i"
		} 3>&- &
	done
	wait
	[ "$(cat "$T"/status.* | grep -cx 0)" -eq 5 ]
	[ "$(cat "$T"/status.* | grep -cx 73)" -eq 45 ]
	[ "$(cat "$T"/out.* | sort -u | grep -c '^ucd_')" -eq 5 ]
	lk list ucd --account acme --json
	[ "$(grep -o '"id"' <<<"$output" | wc -l)" -eq 5 ]
	while read -r token; do
		upsert "$token"
		is 0
	done < <(cat "$T"/out.*)
	lk store check
	is 0
}

@test "kill -9 at any moment of 200 generates loses no printed key" {
	killed=0
	for i in $(seq 200); do
		"$LATCHKEY" generate web_push --account acme >"$T/out.$i" \
		    2>/dev/null 3>&- &
		pid=$!
		# A fork of sleep is slow already; some run to their end.
		case $((i % 4)) in
		0) ;;
		1) sleep "0.00$((RANDOM % 10))" ;;
		2) sleep "0.01$((RANDOM % 10))" ;;
		3) sleep "0.02$((RANDOM % 10))" ;;
		esac
		kill -9 "$pid" 2>/dev/null || :
		s=0
		wait "$pid" 2>/dev/null || s=$?
		[ "$s" -ne 137 ] || killed=$((killed + 1))
	done
	printed=0
	for f in "$T"/out.*; do
		token=$(cat "$f")
		[ -n "$token" ] || continue
		printed=$((printed + 1))
		lk_in "$token" verify --type web_push
		is 0
	done
	echo "# killed $killed, printed $printed" >&3
	[ "$killed" -gt 0 ]
	lk store check
	is 0
	generate web_push --account acme
}

@test "standard output full or closed: the key is deleted, 74" {
	for to in /dev/full closed; do
		status=0
		if [ "$to" = closed ]; then
			"$LATCHKEY" generate ucd --account acme >&- \
			    2>"$T/.err" || status=$?
		else
			"$LATCHKEY" generate ucd --account acme >"$to" \
			    2>"$T/.err" || status=$?
		fi
		[ "$status" -eq 74 ]
		grep -q "the token could not be shown, so key" "$T/.err"
		none grep -q ucd_ "$T/.err"
	done
	status=0
	"$LATCHKEY" generate ucd --account acme --json >/dev/full \
	    2>/dev/null || status=$?
	[ "$status" -eq 74 ]
	lk list --json
	[ "$output" = '{"keys":[]}' ]
	lk list --all --json
	[ "$(grep -o '"state":"deleted"' <<<"$output" | wc -l)" -eq 3 ]
}

@test "who may generate but not delete: its unshown key is deleted all the same" {
	edit "$H/policy.yaml" 's/may: \[ generate, delete, list, accounts \]/may: [ generate, list ]/'
	edit "$H/policy.yaml" 's/^  viewer:/  deleter:\n    may: [ delete ]\n    users: [ nobody ]\n  viewer:/'
	status=0
	"$LATCHKEY" generate ucd --account acme >/dev/full 2>"$T/.err" ||
	    status=$?
	[ "$status" -eq 74 ]
	lk list --json
	[ "$output" = '{"keys":[]}' ]
}

@test "label: UTF-8 is kept, 128 octets at most, no control character" {
	generate ucd --account acme --label 'Büro 東京 ✓'
	lk list --json
	prints '"label":"Büro 東京 ✓"'
	lk generate ucd --account acme --label "$(printf 'é%.0s' $(seq 64))"
	is 0
	lk generate ucd --account acme --label "$(printf 'é%.0s' $(seq 65))"
	is 65
	for bad in $'a\nb' $'a\033[31m' $'\xff' $'\xc2\x85'; do
		lk generate ucd --account acme --label "$bad"
		is 65
		[[ $err != *$'\033'* ]]
	done
}

@test "account: its form, 65" {
	for bad in Acme -x .x 'a b' '' "$(printf 'a%.0s' $(seq 65))" a/b ä; do
		lk generate ucd "--account=$bad"
		is 65
	done
	for good in a 0 a.b_c-d "$(printf 'a%.0s' $(seq 64))"; do
		lk generate ucd --account "$good"
		is 0
	done
}

@test "--expires: a duration or RFC 3339; expired when now >= expires" {
	# 1970 is 0 in the journal's count, where 0 would mean never.
	for bad in 90 d 1y 0s -1d 2020-01-01T00:00:00Z 2099-13-01T00:00:00Z \
	    1970-01-01T00:00:00Z 1970-01-01T01:00:00+01:00 \
	    9999-12-31T23:59:59-23:59 tomorrow 99999999999999999999d; do
		lk generate ucd --account acme "--expires=$bad"
		is 65
	done
	for good in 30s 15m 24h 90d 2099-01-01T00:00:00Z; do
		lk generate ucd --account "$(tr 'A-Z:' a-z- <<<"a$good")" \
		    --expires "$good"
		is 0
	done
	generate ucd --account acme --expires 1s
	sleep 1.1
	upsert "$TOKEN" acme --explain
	is 1
	prints "deny expired"
	lk list ucd --account acme --json
	prints '"state":"expired"'
	# It does not count any more.
	for _ in 1 2 3 4 5; do
		lk generate ucd --account acme
		is 0
	done
}

@test "--allow: 64 networks at most, each a network" {
	args=()
	for i in $(seq 64); do
		args+=(--allow "10.0.$i.0/24")
	done
	lk generate ucd --account acme "${args[@]}"
	is 0
	lk generate ucd --account acme "${args[@]}" --allow ::1
	is 65
	for bad in 10.0.0.0/33 300.1.1.1 host.example '' 10.0.0.0/; do
		lk generate ucd --account acme "--allow=$bad"
		is 65
	done
}

@test "--allow outside of within: 65" {
	edit "$H/policy.yaml" 's/^    prefix: mob$/&\n    within: [ 10.0.0.0\/8 ]/'
	lk generate mobile --account acme --allow 10.1.0.0/16
	is 0
	lk generate mobile --account acme --allow 192.0.2.1
	is 65
	says "192.0.2.1"
}

@test "delete: all or none, known and not deleted yet" {
	generate ucd --account acme
	a=$ID
	generate ucd --account acme
	b=$ID
	lk delete "$a" AAAAAAAAAAAA
	is 66
	says "AAAAAAAAAAAA"
	lk show "$a"
	prints "active"
	lk delete "$a" "$b" --json
	is 0
	[ "$output" = '{"deleted":["'"$a"'","'"$b"'"]}' ]
	lk delete "$a"
	is 66
	says "deleted already"
	lk delete nonsense
	is 66
	lk list
	[ -z "$output" ]
	lk list --all
	prints "$a"
	prints "deleted"
}

@test "a deleted key reads unknown, and deleted in the trace" {
	generate ucd --account acme
	upsert "$TOKEN"
	is 0
	lk delete "$ID"
	upsert "$TOKEN"
	is 1
	[ "$output" = "deny unknown" ]
	upsert "$TOKEN" acme --explain
	grep -Eq '^look-up .* stop .* unknown .* deleted' "$T/.out"
}

@test "no token in the audit trail, the policy or a message" {
	generate ucd --account acme
	upsert "$TOKEN" acme --explain
	upsert "${TOKEN%?}!" acme --explain
	lk store log --json
	[[ $output != *"${TOKEN:4:30}"* ]]
	[[ $err != *"${TOKEN:4:30}"* ]]
}
