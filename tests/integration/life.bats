#!/usr/bin/env bats
# The life of a key: disabled and enabled.

# Set by the helpers, in the subshell of each test.
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154

# shellcheck source=tests/integration/helpers.bash
load helpers

state() {
	member state "$("$LATCHKEY" show "$1" --json 2>/dev/null)"
}

# may ADMINISTRATOR VIEWER: what the roles of the default policy may do.
may() {
	edit "$H/policy.yaml" "/^  administrator:/,/may:/s/may: .*/may: $1/
	    /^  viewer:/,/may:/s/may: .*/may: $2/"
}

@test "a disabled key is refused, an enabled one is not" {
	generate ucd --account acme
	upsert "$TOKEN"
	is 0
	lk disable "$ID"
	is 0
	[ "$output" = "disabled $ID" ] || told
	upsert "$TOKEN"
	is 1
	[ "$output" = "deny disabled" ] || told
	[ "$(state "$ID")" = disabled ]
	lk list ucd
	prints " disabled "
	lk enable "$ID" --json
	is 0
	[ "$output" = "{\"enabled\":[\"$ID\"]}" ] || told
	upsert "$TOKEN"
	is 0
	[ "$(state "$ID")" = active ]
}

@test "all that are named or none, and twice is a note" {
	generate ucd --account acme
	one=$ID
	generate ucd --account acme
	lk disable "$one" 000000000000
	is 66
	[ "$(state "$one")" = active ]
	lk disable "$one"
	is 0
	lk disable "$one" "$ID" "$ID"
	is 0
	says "disabled already: $one"
	lk disable "$one"
	is 0
	lk enable "$one" "$ID"
	is 0
	lk enable "$one"
	is 0
	says "enabled already: $one"
	lk delete "$one"
	for verb in disable enable; do
		lk "$verb" "$ID" "$one"
		is 66
		says "$one is deleted"
		[ "$(state "$ID")" = active ]
	done
}

@test "a disabled key counts against the limit" {
	for _ in 1 2 3 4 5; do
		generate ucd --account acme
	done
	lk disable "$ID"
	lk generate ucd --account acme
	is 73
	lk enable "$ID"
	is 0
}

@test "to disable takes no policy and no pepper, to enable takes both" {
	generate ucd --account acme
	mv "$H/pepper" "$T/pepper"
	lk disable "$ID"
	is 0
	tail -n 1 "$H/store/journal" | grep -q ":disable:.*:-$"
	lk enable "$ID"
	is 78
	mv "$T/pepper" "$H/pepper"
	upsert "$TOKEN"
	[ "$output" = "deny disabled" ] || told
	lk enable "$ID"
	is 0
	mv "$H/policy.yaml" "$T/policy.yaml"
	lk disable "$ID" --store "$H/store"
	is 0
	lk enable "$ID"
	is 66
	lk enable "$ID" --store "$H/store"
	is 64
	mv "$T/policy.yaml" "$H/policy.yaml"
	lk store check
	is 0
	prints "written without the pepper"
}

@test "who may delete may disable, who may generate may enable" {
	generate ucd --account acme
	may "[ delete ]" "[ generate ]"
	lk enable "$ID"
	is 77
	lk disable "$ID"
	is 0
	may "[ generate ]" "[ delete ]"
	lk disable "$ID"
	is 77
	lk enable "$ID"
	is 0
}

@test "what was disabled stays so in a compacted and a restored journal" {
	generate ucd --account acme
	cp "$H/store/journal" "$T/copy"
	lk disable "$ID"
	lk store compact
	is 0
	[ "$(state "$ID")" = disabled ]
	lk store restore "$T/copy"
	is 0
	upsert "$TOKEN"
	[ "$output" = "deny disabled" ] || told
	lk enable "$ID"
	is 0
	lk store rebuild
	is 0
	upsert "$TOKEN"
	is 0
}
