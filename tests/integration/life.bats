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

# rotate WORD...: as generate, with the key's id in $ID before and after.
rotate() {
	local json
	json=$("$LATCHKEY" rotate "$ID" "$@" --json 2>/dev/null) || return
	OLD=$ID OLDTOKEN=$TOKEN
	TOKEN=$(member token "$json")
	ID=$(member id "$json")
}

field() {
	member "$2" "$("$LATCHKEY" show "$1" --json 2>/dev/null)"
}

# expired ID...: wait until they are; disabled ones read so for ever.
expired() {
	local i
	for i; do
		until [ "$(field "$i" state)" = expired ]; do
			sleep 0.2
		done
	done
}

@test "rotate: two keys with one label, and the list shows the pair" {
	generate ucd --account acme --label CRM --allow 10.0.0.0/8
	rotate
	[ "$OLD" != "$ID" ]
	for t in "$TOKEN" "$OLDTOKEN"; do
		upsert "$t" acme --address 10.1.1.1
		is 0
		upsert "$t" acme --address 192.0.2.1
		is 1
	done
	[ "$(field "$ID" replaces)" = "$OLD" ]
	[ "$(field "$OLD" replaced_by)" = "$ID" ]
	[ "$(field "$ID" label)" = CRM ]
	[ -n "$(field "$OLD" expires)" ]
	[ -z "$(field "$ID" expires)" ]
	lk list ucd
	prints "to $ID"
	prints "from $OLD"
	lk store check
	is 0
}

@test "rotate prints the token alone" {
	generate ucd --account acme
	lk rotate "$ID" --grace 1h
	is 0
	[[ $output =~ ^ucd_[0-9A-Za-z]{36}$ ]] || told
	says "takes the place of $ID"
	says "key $ID lives until 20"
}

@test "five of five can rotate, and no more than five count" {
	for _ in 1 2 3 4 5; do
		generate ucd --account acme
	done
	lk generate ucd --account acme
	is 73
	rotate
	lk generate ucd --account acme
	is 73
	# One that has a successor gets no other.
	lk rotate "$OLD"
	is 65
	says "$OLD has a successor already, $ID"
	# And one whose predecessor lives none.
	lk rotate "$ID"
	is 73
	says "latchkey delete $OLD"
	lk delete "$OLD"
	rotate
	lk generate ucd --account acme
	is 73
	lk delete "$ID"
	lk generate ucd --account acme
	is 0
	lk generate ucd --account acme
	is 73
}

@test "the grace ends, and a sooner end stays" {
	generate ucd --account acme --expires 1h
	was=$(field "$ID" expires)
	rotate --grace 24h
	[ "$(field "$OLD" expires)" = "$was" ]
	upsert "$OLDTOKEN"
	is 0
	generate ucd --account acme
	rotate --grace 0
	upsert "$OLDTOKEN"
	is 1
	[ "$output" = "deny expired" ] || told
	upsert "$TOKEN"
	is 0
	# What has expired may have a successor that rotates.
	rotate
	for g in 31d -1s x; do
		lk rotate "$ID" --grace "$g"
		[ "$status" -eq 65 ] || [ "$status" -eq 64 ] || told
	done
}

@test "only a key that lives is rotated" {
	generate ucd --account acme
	lk disable "$ID"
	lk rotate "$ID"
	is 65
	says "enable it first"
	lk enable "$ID"
	lk delete "$ID"
	lk rotate "$ID"
	is 66
	lk rotate 000000000000
	is 66
	generate ucd --account acme --expires 3s
	expired "$ID"
	lk rotate "$ID"
	is 65
	says "has expired"
}

@test "a rotation whose token cannot be shown is none" {
	[ -e /dev/full ] || skip "needs /dev/full"
	generate ucd --account acme
	before=$("$LATCHKEY" list --json)
	s=0
	"$LATCHKEY" rotate "$ID" >/dev/full 2>"$T/err" || s=$?
	[ "$s" -eq 74 ]
	grep -q "was deleted again, and $ID is as it was" "$T/err"
	s=0
	"$LATCHKEY" rotate "$ID" >&- 2>"$T/err" || s=$?
	[ "$s" -eq 74 ]
	[ "$("$LATCHKEY" list --json)" = "$before" ]
	[ "$("$LATCHKEY" list ucd --json | grep -o '"id"' | wc -l)" -eq 1 ]
	lk store rebuild
	[ "$("$LATCHKEY" list --json)" = "$before" ]
	rotate
}

@test "a pair in a rebuilt, a compacted, a rekeyed and a restored store" {
	for _ in 1 2 3 4 5; do
		generate ucd --account acme --allow ::1
	done
	cp "$H/store/journal" "$T/copy"
	rotate
	pair() {
		[ "$(field "$ID" replaces)" = "$OLD" ]
		[ "$(field "$OLD" replaced_by)" = "$ID" ]
		lk generate ucd --account acme
		is 73
		upsert "$OLDTOKEN" acme --address ::1
		is 0
		upsert "$OLDTOKEN"
		is 1
	}
	pair
	for verb in "store rebuild" "store compact" "pepper rotate" \
	    "store rebuild"; do
		# shellcheck disable=SC2086
		lk $verb
		is 0
		pair
	done
	lk store check
	is 0
	# Its end is brought along, though the copy has no successor.
	lk store restore "$T/copy"
	is 0
	[ -n "$(field "$OLD" expires)" ]
	[ "$(field "$OLD" replaced_by)" = "$ID" ]
	upsert "$TOKEN" acme --address ::1
	is 1
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

# One of the processes of a race: rounds of rotate, delete, generate, each on
# whatever keys there are just then.
racer() {
	local k round
	for ((round = 0; round < $2; round++)); do
		mapfile -t k < <("$LATCHKEY" list ucd 2>/dev/null |
		    awk 'NR > 1 { print $1 }')
		case $((($1 + round) % 4)) in
		0) "$LATCHKEY" delete "${k[$1 % (${#k[@]} + 1)]-none}" ;;
		1) "$LATCHKEY" generate ucd --account acme ;;
		*) "$LATCHKEY" rotate "${k[($1 / 4) % (${#k[@]} + 1)]-none}" ;;
		esac || :		# what it refuses is no end of the race
	done >>"$T/tokens.$1" 2>>"$T/err.$1"
}

@test "fifty processes rotate, generate and delete at a limit of five" {
	for _ in 1 2 3 4 5; do
		"$LATCHKEY" generate ucd --account acme >>"$T/tokens" 2>/dev/null
	done
	rounds=1
	[ "${LK_FAULT-}" != full ] || rounds=20
	for i in $(seq 50); do
		racer "$i" "$rounds" 3>&- &
	done
	wait
	most=$(awk -v limit=5 -f "$top_srcdir/tests/integration/limit.awk" \
	    "$H/store/journal") || told "$most"
	# It was at the limit, and somebody rotated there.
	[ "${most%% *}" -eq 5 ]
	grep -q ":expire:" "$H/store/journal"
	lk store check
	is 0
	# No key is lost: those of the journal are listed, before and after the
	# index is made anew, and the token that was printed of each is good.
	lk list ucd --json
	listed=$output
	[ "$(grep -o '"id"' <<<"$listed" | wc -l)" -eq "$(cut -d' ' -f2 \
	    <<<"$most")" ]
	lk store rebuild
	lk list ucd --json
	[ "$output" = "$listed" ]
	good=0
	while read -r t; do
		lk_in "$t" verify --type ucd --account acme
		case $output in
		allow*)
			grep -q "\"id\":\"${output##* }\"" <<<"$listed"
			good=$((good + 1)) ;;
		*) is 1 ;;
		esac
	done < <(cat "$T"/tokens*)
	[ "$good" -eq "$(cut -d' ' -f2 <<<"$most")" ]
}

@test "the judge of that race finds a sixth key and a second successor" {
	for _ in 1 2 3 4 5; do
		generate ucd --account acme
	done
	rotate
	judge() {
		awk -v limit=5 -f "$top_srcdir/tests/integration/limit.awk" "$1"
	}
	[ "$(judge "$H/store/journal")" = "5 6 5" ]
	line=$(tail -n 1 "$H/store/journal")
	cp "$H/store/journal" "$T/j"
	echo "$line" >>"$T/j"
	none judge "$T/j"
	grep -v ":expire:" "$H/store/journal" |
	    sed "s/^6:7:/6:6:/" >"$T/j"
	none judge "$T/j"
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

@test "a pair is exported and imported, and counts as one" {
	for _ in 1 2 3 4 5; do
		generate ucd --account acme --allow ::1
	done
	rotate
	for f in csv jsonl; do
		lk export --format "$f"
		is 0
		cp "$T/.out" "$T/keys.$f"
		new_home "$T/$f"
		cp "$H"/pepper/* "$T/$f/pepper/"
		rm -r "$T/$f/store"
		cp -r "$H/store" "$T/$f/store"
	done
	# Into a store of the same pepper without those keys.
	for f in csv jsonl; do
		head -n 1 "$H/store/journal" >"$T/$f/store/journal"
		rm -f "$T/$f"/store/state "$T/$f"/store/index.* \
		    "$T/$f"/store/usage
		LATCHKEY_HOME=$T/$f lk import "$T/keys.$f"
		is 0
		LATCHKEY_HOME=$T/$f lk generate ucd --account acme
		is 73
		LATCHKEY_HOME=$T/$f lk show "$OLD" --json
		prints "\"replaced_by\":\"$ID\""
		LATCHKEY_HOME=$T/$f lk rotate "$ID"
		is 73
		says "took the place of $OLD"
		LATCHKEY_HOME=$T/$f lk_in "$OLDTOKEN" verify --type ucd \
		    --account acme
		is 1
		prints "address_refused"
	done
	# One that ends late, or never, cannot be passed off as such.
	sed "s/\"id\":\"$OLD\"/\"id\":\"AAAAAAAAAAAA\"/
	    s/\"expires\":\"20[0-9]*/\"expires\":\"2099/" "$T/keys.jsonl" |
	    grep AAAAAAAAAAAA >"$T/late.jsonl"
	lk import "$T/late.jsonl"
	is 65
	says "expires, within 30 days"
}
