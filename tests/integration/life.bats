#!/usr/bin/env bats
# The life of a key: disabled, enabled, over; see rotate.bats for the rest.

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

@test "a key that may not be used yet" {
	lk generate ucd --account acme --not-before 1h --expires 30m
	is 65
	generate ucd --account acme --not-before 1h
	upsert "$TOKEN"
	is 1
	[ "$output" = "deny not_yet" ] || told
	[ -n "$(field "$ID" not_before)" ]
	generate ucd --account acme --not-before 1s
	until upsert "$TOKEN"; [ "$status" -eq 0 ]; do
		[ "$output" = "deny not_yet" ] || told
		sleep 0.2
	done
}

# closes WHEN: of the type ucd, or none.
closes() {
	edit "$H/policy.yaml" '/^    closes:/d'
	[ -z "$1" ] || edit "$H/policy.yaml" "/^    prefix: *ucd\$/a\\
    closes: $1"
}

@test "a type that is closed lets none in, and makes none" {
	generate ucd --account acme
	closes 2000-01-31
	upsert "$TOKEN"
	is 1
	[ "$output" = "deny type_closed" ] || told
	n=$(grep -n "^    closes:" "$H/policy.yaml" | cut -d: -f1)
	upsert "$TOKEN" acme --explain
	prints "policy.yaml:$n"
	lk generate ucd --account acme
	is 77
	says "type ucd is closed since 2000-01-31T00:00:00Z"
	lk rotate "$ID"
	is 77
	# Another type is as ever, and what takes power works.
	lk generate mobile --account acme
	is 0
	lk types --json
	prints '"closes":"2000-01-31T00:00:00Z"'
	lk policy explain POST /api/user/v1/upsert
	prints "from 2000-01-31T00:00:00Z on no key of it is let in"
	closes ""
	upsert "$TOKEN"
	is 0
	lk types --json
	none grep -q '"closes":"' <<<"$output"
	closes 2999-01-31
	upsert "$TOKEN"
	is 0
	lk generate ucd --account acme
	is 0
	closes 2001-01-31T12:00:00+01:00
	lk delete "$ID"
	is 0
}

@test "what is no day is a fault of the policy" {
	for t in 2027-02-30 27-01-31 soon 5 "[ 2027-01-31 ]" "{ a: b }" 1970-01-01 \
	    2027-01-31T00:00:00 0; do
		closes "$t"
		lk policy check
		is 78
		says "2027-01-31T12:00:00Z"
	done
	closes 2027-01-31T00:00:00+01:00
	lk policy check
	is 0
}

# ids WORD...: how many keys list says.
listed() {
	"$LATCHKEY" list "$@" --json 2>/dev/null | grep -o '"id"' | wc -l
}

@test "list --expiring and --unused" {
	generate ucd --account acme --expires 10d
	soon=$ID
	generate ucd --account acme --expires 90d
	generate ucd --account acme --expires 3s
	over=$ID
	generate ucd --account acme
	expired "$over"
	[ "$(listed --expiring 14d)" -eq 1 ]
	lk list --expiring 14d
	prints "$soon"
	[ "$(listed --expiring 91d)" -eq 2 ]
	lk disable "$soon"
	[ "$(listed --expiring 14d)" -eq 1 ]
	lk delete "$soon"
	[ "$(listed --all --expiring 14d)" -eq 0 ]
	[ "$(listed --unused 1s)" -eq 2 ]
	[ "$(listed --unused 1d)" -eq 0 ]
	# Imported ones were made when they were.
	cat >"$T/keys.csv" <<-CSV
	type,account,sha256,created
	mobile,acme,$(printf %s "of-another-system-1" | sha256sum | cut -c1-64),2020-01-31T00:00:00Z
	CSV
	edit "$H/policy.yaml" 's/^    prefix: *mob$/&\n    imported: true/'
	lk import "$T/keys.csv"
	is 0
	[ "$(listed --unused 90d)" -eq 1 ]
	lk_in "of-another-system-1" verify --type mobile --consume
	is 0
	[ "$(listed --unused 90d)" -eq 0 ]
	for o in --expiring --unused; do
		for t in 0 x -1d; do
			lk list "$o" "$t"
			[ "$status" -eq 65 ] || [ "$status" -eq 64 ] || told
		done
	done
}

@test "what expired is listed so, counts no more, and is pruned" {
	local all=()
	for _ in 1 2 3 4 5; do
		generate ucd --account acme --expires 3s
		all+=("$ID")
	done
	lk disable "$ID"
	expired "${all[@]:0:4}"
	sleep 1
	generate ucd --account acme
	[ "$("$LATCHKEY" list --json | grep -o '"state":"expired"' |
	    wc -l)" -eq 4 ]
	lk prune
	is 0
	says "no key expired that long ago"
	lk prune --older-than 0 --dry-run
	is 0
	[ "$(grep -c "^would delete " "$T/.out")" -eq 5 ]
	[ "$(listed)" -eq 6 ]
	lk prune mobile --older-than 0
	lk prune --account other --older-than 0
	[ "$(listed)" -eq 6 ]
	lk prune udc --older-than 0
	is 64
	says "did you mean ucd?"
	# By the store alone, as delete.
	mv "$H/policy.yaml" "$T/policy.yaml"
	lk prune ucd --older-than 0 --account acme --store "$H/store" --json
	is 0
	[ "$(grep -Eo '"[0-9A-Za-z]{12}"' "$T/.out" | wc -l)" -eq 5 ]
	prints '"dry_run":false'
	mv "$T/policy.yaml" "$H/policy.yaml"
	[ "$(listed)" -eq 1 ]
	[ "$(listed --all)" -eq 6 ]
	upsert "$TOKEN"
	is 0
	edit "$H/policy.yaml" 's/may: \[ generate, delete, list/may: [ generate, list/
	    s/may: \[ list \]/may: [ delete ]/'
	lk prune
	is 77
}

@test "show tells what happened to a key" {
	generate ucd --account acme --label CRM
	generate ucd --account acme
	other=$ID
	generate ucd --account acme
	lk disable "$ID"
	lk enable "$ID"
	rotate
	lk show "$OLD"
	is 0
	got=$(sed '1,/^$/d' "$T/.out" | awk '{ print $2 }' | tr '\n' ' ')
	[ "$got" = "EVENT generate disable enable expire " ] || told
	prints "successor=$ID"
	none grep -q "$other" "$T/.out"
	lk show "$ID" --json
	prints '"history":[{"seq":'
	prints "\"replaces\":\"$OLD\""
}
