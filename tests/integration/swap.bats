#!/usr/bin/env bats
# The journal written anew.

# Set by the helpers, in the subshell of each test.
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154

# shellcheck source=tests/integration/helpers.bash
load helpers

start() {
	generate ucd --account acme
	OLD=$TOKEN OLD_ID=$ID
	generate ucd --account acme --label gone
	lk delete "$ID"
	is 0
	generate ucd --account beta --allow 127.0.0.1
}

@test "store compact: what is alive stays, what is deleted is gone" {
	start
	lk store compact
	is 0
	prints "5 lines became 3"
	prints "the old journal is kept as journal."
	[ "$(find "$H/store" -name 'journal.*' | wc -l)" -eq 1 ]
	TOKEN=$OLD
	upsert "$TOKEN"
	is 0
	lk show "$OLD_ID"
	is 0
	prints acme
	lk list --all
	is 0
	none grep -q gone "$T/.out"
	lk store log
	is 0
	prints "compact"
	lk store check
	is 0
	prints sound
	lk delete "$OLD_ID"
	is 0
	upsert "$TOKEN"
	is 1
}

@test "store compact --discard removes what was kept, and nothing else" {
	start
	lk store compact
	is 0
	: >"$H/store/torn.1"
	lk store compact --discard --json
	is 0
	prints '"kept":null'
	prints '"discarded":2'
	[ -e "$H/store/torn.1" ]
	none ls "$H"/store/journal.*
	lk store compact --only-discard
	is 0
	prints "0 kept journals were removed"
}

@test "store compact of a damaged journal is refused, and changes nothing" {
	start
	edit "$H/store/journal" '2s/:account=acme/:account=evil/'
	before=$(sha256sum <"$H/store/journal")
	lk store compact
	is 69
	says "$H/store/journal:2: "
	[ "$before" = "$(sha256sum <"$H/store/journal")" ]
	none ls "$H"/store/journal.*
}
