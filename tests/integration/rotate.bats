#!/usr/bin/env bats
# Keys that are rotated, and what of them counts against a limit.

# Set by the helpers, in the subshell of each test.
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154

# shellcheck source=tests/integration/helpers.bash
load helpers

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

@test "a key that may not be used yet has a successor that may not either" {
	generate ucd --account acme --not-before 1h --expires 2h
	was=$(field "$ID" not_before)
	rotate
	upsert "$TOKEN"
	is 1
	[ "$output" = "deny not_yet" ] || told
	[ "$(field "$ID" not_before)" = "$was" ]
	[ "$(field "$OLD" not_before)" = "$was" ]
	# Of one that may be, there is nothing to hand on.
	generate ucd --account acme --not-before 1s
	until upsert "$TOKEN"; [ "$status" -eq 0 ]; do
		sleep 0.2
	done
	rotate
	upsert "$TOKEN"
	is 0
	[ -z "$(field "$ID" not_before)" ]
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
	# Without its successor the old one counts again, until it is gone too.
	lk delete "$ID"
	lk generate ucd --account acme
	is 73
	lk delete "$OLD"
	lk generate ucd --account acme
	is 0
	lk generate ucd --account acme
	is 73
}

@test "who deletes successors gets no more than the limit" {
	for _ in 1 2 3 4 5; do
		generate ucd --account acme
	done
	for _ in 1 2 3; do
		rotate --grace 30d
		lk delete "$ID"
		is 0
		lk generate ucd --account acme
		is 73
		says "acme holds 5 of 5 ucd keys"
		ID=$OLD
	done
	[ "$("$LATCHKEY" list ucd --json | grep -o '"id"' | wc -l)" -eq 5 ]
	for verb in "store rebuild" "store compact"; do
		# shellcheck disable=SC2086
		lk $verb
		is 0
		lk generate ucd --account acme
		is 73
	done
	awk -v limit=5 -f "$top_srcdir/tests/integration/limit.awk" \
	    "$H/store/journal"
}

@test "a key whose successor is gone can be rotated, for as long as before" {
	generate ucd --account acme --expires 90d
	first=$ID
	rotate --grace 1h
	end=$(field "$ID" expires)
	lk delete "$ID"
	ID=$first
	rotate
	[ "$OLD" = "$first" ]
	[[ $(field "$ID" expires) > ${end%%T*} ]]
	[ "$(field "$first" replaced_by)" = "$ID" ]
	lk rotate "$first"
	is 65
	says "$first has a successor already, $ID"
	lk delete "$ID"
	# As it was, when no token is seen.
	if [ -e /dev/full ]; then
		before=$("$LATCHKEY" show "$first" | head -n 12)
		none "$LATCHKEY" rotate "$first" >/dev/full 2>"$T/err"
		grep -q "$first is as it was" "$T/err"
		[ "$("$LATCHKEY" show "$first" | head -n 12)" = "$before" ]
	fi
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

# One of the processes of a race: rounds of rotate, delete, generate, each on
# whatever keys there are just then; every fifth deletes a successor.
racer() {
	local k heirs round
	for ((round = 0; round < $2; round++)); do
		"$LATCHKEY" list ucd >"$T/list.$1" 2>/dev/null || continue
		mapfile -t k < <(awk 'NR > 1 { print $1 }' "$T/list.$1")
		mapfile -t heirs < <(awk '/ from / { print $1 }' "$T/list.$1")
		case $((($1 + round) % 5)) in
		0) "$LATCHKEY" delete "${k[$1 % (${#k[@]} + 1)]-none}" ;;
		1) "$LATCHKEY" generate ucd --account acme ;;
		2) "$LATCHKEY" delete "${heirs[$1 % (${#heirs[@]} + 1)]-none}" ;;
		*) "$LATCHKEY" rotate "${k[($1 / 4) % (${#k[@]} + 1)]-none}" ;;
		esac || :		# what it refuses is no end of the race
	done >>"$T/tokens.$1" 2>>"$T/err.$1"
}

@test "fifty processes rotate, generate and delete at a limit of five" {
	for _ in 1 2 3 4 5; do
		"$LATCHKEY" generate ucd --account acme >>"$T/tokens" 2>/dev/null
	done
	ID=$("$LATCHKEY" list ucd | awk 'NR == 2 { print $1 }')
	rotate
	echo "$TOKEN" >>"$T/tokens"
	rounds=4
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
	# And somebody deleted a successor.
	sed -n 's/.*:successor=\([0-9A-Za-z]*\).*/:delete:[^:]*:[^:]*:\1:/p' \
	    "$H/store/journal" >"$T/heirs"
	grep -q -f "$T/heirs" "$H/store/journal"
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

# row ID ACCOUNT WORD...: a line of export of another key, with these members.
row() {
	local digest
	digest=$(printf '%-42s' "$1" | tr ' ' _)A
	sed "s/\"id\":\"[^\"]*\"/\"id\":\"$1\"/
	    s/\"digest\":\"[^\"]*\"/\"digest\":\"$digest\"/
	    s/\"account\":\"[^\"]*\"/\"account\":\"$2\"/
	    s/\"replaced_by\":[^,}]*/\"replaced_by\":${3:-null}/
	    s/\"replaces\":[^,}]*/\"replaces\":${4:-null}/" "$T/rotated"
}

@test "an import gets no more than the limit by naming successors" {
	generate ucd --account acme
	rotate
	lk export --format jsonl
	head -n 1 "$T/.out" >"$T/rotated"
	# Successors that are nowhere, or of another account.
	for n in 1 2 3 4 5 6; do
		row "AAAAAAAAAAA$n" other "\"BBBBBBBBBBB$n\""
	done >"$T/in"
	lk import "$T/in"
	is 65
	says "other may hold 5 ucd keys: 0 are there, and 5 stand above"
	for n in 1 2 3 4 5 6; do
		row "AAAAAAAAAAA$n" other "\"$ID\""
	done >"$T/in"
	lk import "$T/in"
	is 65
	says "its successor is that of line 1"
	head -n 1 "$T/in" >"$T/one"
	lk import "$T/one"
	is 0
	# One after the other, of one successor that is there.
	row BBBBBBBBBBBB third >"$T/one"
	lk import "$T/one"
	is 0
	for n in 1 2 3 4 5; do
		row "CCCCCCCCCCC$n" third '"BBBBBBBBBBBB"' >"$T/one"
		lk import "$T/one"
		is 0
	done
	row CCCCCCCCCCC6 third '"BBBBBBBBBBBB"' >"$T/one"
	lk import "$T/one"
	[ "$status" -ne 0 ] || told
	lk generate ucd --account third
	is 73
	# Each key with its own, in any order: five count.
	for n in 1 2 3 4 5; do
		row "DDDDDDDDDDD$n" fourth "\"EEEEEEEEEEE$n\""
		row "EEEEEEEEEEE$n" fourth "" "\"DDDDDDDDDDD$n\""
	done | sort -r >"$T/in"
	lk import "$T/in"
	is 0
	lk generate ucd --account fourth
	is 73
}
