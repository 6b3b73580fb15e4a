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

@test "pepper rotate: keys go on, new ones are under the new one" {
	start
	lk pepper rotate
	is 0
	prints "pepper 2 is current; 2 keys stay under pepper 1"
	[ -e "$H/pepper/1" ] && [ -e "$H/pepper/2" ]
	[ "$(stat -c %a:%g "$H/pepper/1")" = "$(stat -c %a:%g "$H/pepper/2")" ]
	upsert "$OLD"
	is 0
	generate ucd --account acme
	upsert "$TOKEN"
	is 0
	lk pepper status
	is 0
	prints "pepper 1  old      2 keys"
	prints "pepper 2  current  1 key "
	lk pepper status --keys
	prints "$OLD_ID"
	lk store check
	is 0
	lk pepper rotate
	is 78
	says "latchkey pepper retire"
}

@test "pepper retire: refused while keys need it, then it is gone" {
	start
	lk pepper rotate
	is 0
	lk pepper retire
	is 73
	says "2 keys are under pepper 1"
	says "$OLD_ID"
	lk pepper retire --delete-keys
	is 0
	prints "pepper 1 is gone, and with it 2 keys"
	none test -e "$H/pepper/1"
	upsert "$OLD"
	is 1
	lk pepper status --json
	is 0
	prints '"peppers":[{"version":2,"state":"current","keys":0,'
	lk pepper retire
	is 66
	generate ucd --account acme
	upsert "$TOKEN"
	is 0
	lk store compact
	is 0
	lk store check
	is 0
}

@test "store repair: what is damaged is accepted as lost, and no more" {
	start
	edit "$H/store/journal" '3s/label=gone/label=gine/'
	rm "$H"/store/index.*
	lk generate ucd --account acme
	is 69
	lk store repair
	is 64
	lk store repair --accept 2
	is 66
	says "$H/store/journal:2: this line is not damaged"
	lk store repair --accept 3
	is 0
	prints "1 line was accepted as lost"
	lk store check
	is 0
	upsert "$OLD"
	is 0
	generate ucd --account acme
	upsert "$TOKEN"
	is 0
	lk store log
	prints "accept"
}

@test "store restore: a copy comes back, and what was ended since stays so" {
	start
	cp "$H/store/journal" "$T/copy"
	lk delete "$OLD_ID"
	is 0
	generate ucd --account acme
	LATER=$TOKEN
	lk pepper rotate
	is 0
	lk store restore "$T/nothing"
	is 66
	lk store restore "$H/policy.yaml"
	is 65
	lk store restore "$T/copy"
	is 0
	prints "1 key was ended since"
	says "1 key is not in the copy"
	lk store check
	is 0
	upsert "$OLD"
	is 1
	upsert "$LATER"
	is 1
	generate ucd --account acme
	upsert "$TOKEN"
	is 0
	lk pepper retire --delete-keys
	is 0
	lk store restore "$T/copy"
	is 78
	says "is under a pepper that is not in $H/pepper"
}

@test "store restore from itself, when the journal was gone" {
	start
	cp "$H/store/journal" "$T/copy"
	lk delete "$OLD_ID"
	is 0
	rm "$H/store/journal"
	upsert "$OLD"
	is 66 || is 69
	cp "$T/copy" "$H/store/journal.copy"
	mv "$H/store/journal.copy" "$H/store/journal"
	lk store restore "$T/copy"
	is 69
	says "--accept-loss"
	lk store restore "$T/copy" --accept-loss
	is 0
	lk store check
	is 0
	generate ucd --account acme
	upsert "$TOKEN"
	is 0
}

@test "store check --anchor: a cut or an older journal is found" {
	start
	lk store check
	is 0
	anchor=$(sed -n 's/^anchor //p' "$T/.out")
	lk store check --json
	prints "\"anchor\":\"$anchor\""
	cp -r "$H/store" "$T/older"
	generate ucd --account acme
	lk store check --anchor "$anchor"
	is 0
	later=$(sed -n 's/^anchor //p' "$T/.out")
	[ "$later" != "$anchor" ]
	lk store check --anchor "${later%:*}:${anchor#*:}"
	is 1
	prints "there is no line"
	lk store check --anchor nonsense
	is 65
	# Put back with its state it is sound, but for the anchor.
	cp -r "$H/store" "$T/newer"
	rm -r "$H/store"
	cp -r "$T/older" "$H/store"
	lk store check
	is 0
	lk store check --anchor "$later"
	is 1
	prints "the journal was cut off, or an older one was put in its place"
	lk store check --anchor "$anchor"
	is 0
	# Written anew since: it is in what was kept.
	rm -r "$H/store"
	cp -r "$T/newer" "$H/store"
	lk pepper rotate
	is 0
	lk store compact
	is 0
	lk store check --anchor "$anchor"
	is 0
	lk store check --anchor "$later"
	is 0
	lk store compact --discard
	is 0
	lk store check --anchor "$anchor"
	is 1
	prints "note a new anchor"
}
