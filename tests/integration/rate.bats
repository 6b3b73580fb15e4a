#!/usr/bin/env bats
# Rate limits, and when a key was last used, by the command.

# Set by the helpers, in the subshell of each test.
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154

# shellcheck source=tests/integration/helpers.bash
load helpers

# export_data [OPTION...]: the request that is allowed once a day.
export_data() {
	printf 'X-PARTNER-NAME: acme\nX-REQUEST-TOKEN: %s\n' "$TOKEN" \
	    >"$T/.headers"
	lk verify -X POST /api/raw/v1/export -H "@$T/.headers" "$@"
}

# used: what list says of it, in JSON.
used() {
	lk list --json
	output=${output#*'"last_used":'}
	echo "${output%%,*}"
}

@test "once a day: 75, the seconds to wait, and why" {
	generate ucd --account acme
	export_data --consume
	is 0
	export_data --consume --explain
	is 75
	prints "limit rate_limited"
	line=$(grep -n 'limit: 1, per: day' "$H/policy.yaml" | cut -d: -f1)
	grep -Eq "^check rate +stop +rate_limited +policy.yaml:$line +the account has spent its 1: wait [0-9]+ s\$" \
	    "$T/.out" || told
	export_data --json
	is 75
	[[ $output =~ '"outcome":"limit","reason":"rate_limited"' ]] || told
	[[ $output =~ '"retry_after":'([0-9]+) ]] || told
	[ "${BASH_REMATCH[1]}" -ge 1 ]
	[ "${BASH_REMATCH[1]}" -le 86400 ]
	# Another account has a day of its own; another API a limit of its own.
	upsert "$TOKEN" acme --consume
	is 0
	generate ucd --account other
	printf 'X-PARTNER-NAME: other\nX-REQUEST-TOKEN: %s\n' "$TOKEN" >"$T/h"
	lk verify -X POST /api/raw/v1/export -H "@$T/h" --consume
	is 0
}

@test "without --consume nothing is counted and no key was used" {
	generate ucd --account acme
	for _ in 1 2 3; do
		export_data
		is 0
		prints "allow acme ucd export"
	done
	[ "$(used)" = null ]
	export_data --json
	prints '"retry_after":null'
	lk show "$ID"
	grep -Eq '^last used +-$' "$T/.out" || told
}

@test "last used: to the minute, in list, show and JSON" {
	generate ucd --account acme
	first=$(date -u +%Y-%m-%dT%H:%M:00Z)
	upsert "$TOKEN" acme --consume
	is 0
	last=$(date -u +%Y-%m-%dT%H:%M:00Z)
	got=$(used)
	[ "$got" = "\"$first\"" ] || [ "$got" = "\"$last\"" ]
	got=${got//\"/}
	lk list
	prints "$got"
	lk show "$ID"
	grep -q "^last used *$got\$" "$T/.out" || told
	lk show "$ID" --json
	prints "\"last_used\":\"$got\""
	# A denial is no use.
	rm "$H/store/usage"
	upsert "$TOKEN" wrong --consume
	is 1
	[ "$(used)" = null ]
}

@test "the file is made where it is missing, and moved away where it is none" {
	generate ucd --account acme
	[ "$(stat -c %a "$H/store/usage")" = 660 ]
	rm "$H/store/usage"
	export_data --consume
	is 0
	export_data --consume
	is 0		# each process by itself
	[ ! -e "$H/store/usage" ]
	generate ucd --account acme
	[ -e "$H/store/usage" ]
	echo "no usage" >"$H/store/usage"
	export_data --consume
	is 0
	generate ucd --account acme
	[ "$(cat "$H/store/usage.bad")" = "no usage" ]
	export_data --consume
	is 0
	export_data --consume
	is 75
}

@test "processes share what is spent" {
	generate ucd --account acme
	edit "$H/policy.yaml" 's/limit: 500, per: 1m/limit: 9, per: 24h/'
	printf 'X-PARTNER-NAME: acme\nX-REQUEST-TOKEN: %s\n' "$TOKEN" >"$T/h"
	for i in 1 2 3 4; do
		for _ in 1 2 3 4; do
			"$LATCHKEY" verify --consume -X POST \
			    /api/user/v1/anonymize -H "@$T/h" || :
		done >"$T/out.$i" &
	done
	wait
	[ "$(cat "$T"/out.* | grep -c ^allow)" -eq 9 ]
	[ "$(cat "$T"/out.* | grep -c '^limit rate_limited$')" -eq 7 ]
}

@test "plugin show rate: options, and an example that is sound" {
	lk plugin show rate
	is 0
	prints "per: duration 1..2592000 (day), required"
	prints "by: choice (account key address), default account"
	example=$(sed -n 's/^ *checks: \[ \(.*\) \]$/\1/p' "$T/.out")
	[ -n "$example" ] || told
	edit "$H/policy.yaml" "s/rate: { limit: 500, per: 1m }/$example/"
	grep -q "pool: text" "$H/policy.yaml"
	lk policy check
	is 0
}

# wrong SED TEXT: the policy so changed is refused with that, at its line.
wrong() {
	cp "$H/policy.yaml" "$T/p.yaml"
	edit "$T/p.yaml" "$1"
	lk policy check "$T/p.yaml"
	is 78
	says "$2"
	cmp -s "$H/policy.yaml" "$T/p.yaml" && told
	line=$(diff "$H/policy.yaml" "$T/p.yaml" | sed -n 's/^\([0-9]*\)c.*/\1/p')
	says "p.yaml:$line:"
}

@test "policy check: each fault of a rate check, at its line" {
	while IFS='|' read -r edit text; do
		wrong "s/rate: { limit: 500, per: 1m }/rate: { $edit }/" "$text"
	done <<-'END'
		limt: 500, per: 1m|did you mean limit?
		limit: 0, per: 1m|limit takes a whole number of 1 to 1000000000, not 0
		limit: 5, per: 1|per takes a duration of 1s to 30d, with its unit (s, m, h or d), or one of: day, not 1
		limit: 5, per: week|or one of: day, not week
		limit: 5, per: 31d|not 31d
		limit: 5, per: 1m, by: user|by takes one of: account key address, not user
		limit: 5, per: 1m, burst: 0|burst takes a whole number
		limit: 5, per: 1m, pool: ""|pool takes plain text of 1 to 64 octets, not nothing
		limit: 5, per: day, burst: 2|a calendar day has no burst
		per: 1m|rate needs the option limit
		limit: 5|rate needs the option per
		limit: 5, per: 1m, pool: ucd_upsert|the pool ucd_upsert has another limit on line
		limit: 25000, per: 2m, pool: ucd_upsert|the pool ucd_upsert has another period on line
		limit: 25000, per: 1m, by: key, pool: ucd_upsert|has another "by" on line
		limit: 25000, per: 1m, burst: 5, pool: ucd_upsert|has another burst on line
	END
}

@test "verifiers of the group count in the file; without it, in memory" {
	need_user nobody
	group=$(id -gn nobody)
	lk init --home "$T/v" --verifiers "$group" --plugins "$LATCHKEY_PLUGINS"
	export LATCHKEY_HOME=$T/v
	[ "$(stat -c '%a %G' "$T/v/store/usage")" = "660 $group" ]
	generate ucd --account acme
	printf 'X-PARTNER-NAME: acme\nX-REQUEST-TOKEN: %s\n' "$TOKEN" >"$T/h"
	chmod 644 "$T/h"
	set -- verify --consume -X POST /api/raw/v1/export -H "@$T/h"
	as nobody "$@"
	is 0
	[ "$(used)" != null ]
	lk "$@"
	is 75
	as nobody "$@"
	is 75
	chmod 640 "$T/v/store/usage"
	as nobody "$@"
	is 0
	as nobody "$@"
	is 0
	# Made again by the owner, it is the group's again.
	rm "$T/v/store/usage"
	generate ucd --account acme
	[ "$(stat -c '%a %G' "$T/v/store/usage")" = "660 $group" ]
}
