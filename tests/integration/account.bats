#!/usr/bin/env bats
# The end of an account.

# Set by the helpers, in the subshell of each test.
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154

# shellcheck source=tests/integration/helpers.bash
load helpers

# package ACCOUNT: of the list, "null" the default one; nothing: no such account.
package() {
	"$LATCHKEY" account list --json | tr '{' '\n' |
	    sed -n "s/\"account\":\"$1\",\"package\":\"*\([a-z]*\).*/\1/p"
}

# may ADMINISTRATOR VIEWER: what the roles of the default policy may do.
may() {
	edit "$H/policy.yaml" "/^  administrator:/,/may:/s/may: .*/may: $1/
	    /^  viewer:/,/may:/s/may: .*/may: $2/"
}

keys() {
	"$LATCHKEY" list --account "$1" "${@:2}" --json | tr '{' '\n' |
	    grep -c '"id"' || :
}

@test "an account that holds keys stays, one that holds none is gone" {
	generate ucd --account acme
	one=$ID
	generate ucd --account acme --expires 1s
	generate mobile --account other
	lk account set acme --package essential
	is 0
	sleep 2
	lk account delete acme
	is 73
	says "acme holds 2 keys that are not deleted: delete them first (latchkey list --account acme)"
	[ "$(package acme)" = essential ]
	[ "$(keys acme)" = 2 ]
	for id in $("$LATCHKEY" list --account acme --json | tr '{' '\n' |
	    sed -n 's/"id":"\([^"]*\).*/\1/p'); do
		lk delete "$id"
		is 0
	done
	lk account delete acme
	is 0
	[ "$output" = "deleted account acme" ] || told
	[ -z "$(package acme)" ]
	[ "$(package other)" = null ]
	lk account delete acme
	is 66
	says "no account acme"
	lk account set acme --package growth
	is 66
	# What happened to it is not forgotten, nor what its keys were.
	lk show "$one"
	is 0
	prints deleted
	[ "$(keys acme --all)" = 2 ]
	lk store log
	prints "account_delete"
	lk store check
	is 0
}

@test "--delete-keys: with all that it holds, in one step" {
	generate ucd --account acme
	live=$TOKEN
	generate ucd --account acme
	lk disable "$ID"
	lk rotate "$ID"
	lk generate mobile --account acme
	lk account delete acme --delete-keys --json
	is 0
	[ "$output" = '{"account":"acme","deleted":3}' ] || told
	upsert "$live"
	is 1
	[ "$output" = "deny unknown" ] || told
	[ "$(keys acme)" = 0 ]
	[ -z "$(package acme)" ]
	# One batch: the four lines name the same last one.
	[ "$(tail -n 4 "$H/store/journal" | cut -d: -f2 | uniq | wc -l)" -eq 1 ]
	lk account delete acme --delete-keys
	is 66
}

@test "its next key begins it anew, with the default package" {
	generate ucd --account acme
	lk account set acme --package essential
	upsert "$TOKEN"
	[ "$output" = "deny not_entitled" ] || told
	lk account delete acme --delete-keys
	is 0
	generate ucd --account acme
	[ "$(package acme)" = null ]
	upsert "$TOKEN"
	is 0
	[ "$(keys acme --all)" = 2 ]
}

# all_say: what each verb that replaces index or journal leaves of it.
all_say() {
	[ -z "$(package acme)" ]
	[ "$(package other)" = essential ]
	[ "$(package again)" = null ]
	upsert "$TOKEN" again
	is 0
	lk store check
	is 0
}

@test "it stays gone in a rebuilt, a compacted, a rekeyed and a restored store" {
	for name in acme other again; do
		generate ucd --account "$name"
		lk account set "$name" --package essential
	done
	cp "$H/store/journal" "$T/copy"
	lk account delete acme --delete-keys
	lk account delete again --delete-keys
	generate ucd --account again
	all_say
	cp "$H/store/journal" "$T/later"
	lk store rebuild
	is 0
	all_say
	lk store compact
	is 0
	all_say
	none grep -q acme "$H/store/journal"
	lk store rebuild
	all_say
	lk store restore "$T/later"
	is 0
	all_say
	lk pepper rotate
	is 0
	all_say
	# From a copy of before it is there again, but none of its keys.
	lk store compact
	lk store restore "$T/copy"
	is 0
	[ "$(package acme)" = essential ]
	[ "$(keys acme)" = 0 ]
	lk account delete acme
	is 0
}

@test "it stays gone when the index grows" {
	generate ucd --account acme
	lk account delete acme --delete-keys
	lk generate web_push --account many --count 2000
	is 0
	[ -z "$(package acme)" ]
	[ "$(package many)" = null ]
	[ "$(keys acme --all)" = 1 ]
}

@test "a package that only a deleted account had may go" {
	generate ucd --account acme
	lk account set acme --package essential
	edit "$H/policy.yaml" 's/^  essential:/  small:/'
	lk policy check --store "$H/store"
	is 78
	lk delete "$ID"
	lk policy check --store "$H/store"
	is 78
	says "account delete acme"
	lk account delete acme
	is 0
	lk policy check --store "$H/store"
	is 0
}

@test "who may change accounts may, with their keys who may delete as well" {
	generate ucd --account acme
	may "[ generate, list, accounts ]" "[ delete ]"
	lk account delete acme --delete-keys
	is 77
	says "not permitted to delete keys"
	lk account delete acme
	is 73
	may "[ generate, list, delete ]" "[ accounts ]"
	lk delete "$ID"
	lk account delete acme
	is 77
	says "not permitted to change accounts"
}

@test "what it takes: the pepper, a sound journal, a name" {
	generate ucd --account acme
	for name in '' A 'a b' "$(printf 'a%.0s' {1..65})"; do
		lk account delete "$name"
		is 65
	done
	mv "$H/pepper/1" "$T/pepper"
	lk account delete acme --delete-keys
	is 78
	mv "$T/pepper" "$H/pepper/1"
	edit "$H/store/journal" '2s/generate/genarate/'
	lk account delete acme --delete-keys
	is 69
	says "keys can only be deleted"
	lk delete "$ID"
	is 0
}

@test "more keys than one step takes, and no room for the second: told, and goes on" {
	local line
	generate web_push --account big
	lk delete "$ID"
	line=$(tail -n 1 "$H/store/journal" | wc -c)
	"$LATCHKEY" generate web_push --account big --count 15000 \
	    >/dev/null 2>&1
	(
		trap '' XFSZ
		ulimit -f $((($(wc -c <"$H/store/journal") + 12500 * line) / 1024))
		lk account delete big --delete-keys
		is 74
		says "10000 keys of big were deleted before that: the same command goes on"
	)
	[ "$("$LATCHKEY" account list | awk '$1 == "big" { print $3 }')" -eq 5000 ]
	lk account delete big --delete-keys
	is 0
	[ "$output" = "deleted account big, and with it 5000 keys" ] || told
}

# Each process does one of the three, again and again.
race() {
	local i
	for i in 1 2 3 4; do
		case $(($1 % 3)) in
		0) "$LATCHKEY" generate ucd --account acme ;;
		1) "$LATCHKEY" account delete acme --delete-keys ;;
		2) "$LATCHKEY" account set acme --package essential ;;
		esac >/dev/null 2>"$T/err.$1.$i" || echo $? >"$T/status.$1.$i"
	done
}

# judge JOURNAL: after each account_delete none of its keys is alive, and it has a
# package only where a line after that says so.
judge() {
	awk -F: '
		/:generate:/ { alive[$7] = 1; n++ }
		/:delete:/ { delete alive[$7]; n-- }
		/:account:/ { if (!there && !n) bad = "no account at " $1 }
		{ there = there || n }
		/:account_delete:/ {
			if (n) bad = n " keys alive at " $1
			there = 0
		}
		END { if (bad) print bad; exit bad != "" }' "$1"
}

@test "thirty processes make keys, set the package and delete the account" {
	local i
	for i in $(seq 30); do
		race "$i" &
	done
	wait
	judge "$H/store/journal"
	# Each was done, or refused for the limit or for want of the account.
	for i in "$T"/status.*; do
		[ ! -e "$i" ] || [[ $(cat "$i") =~ ^(66|73)$ ]] || {
			cat "$i" "$T/err.${i#"$T"/status.}" >&2
			return 1
		}
	done
	lk store check
	is 0
	lk account delete acme --delete-keys
	[ "$(keys acme)" = 0 ]
	[ -z "$(package acme)" ]
}

@test "the judge of that race finds a key that outlives its account" {
	generate ucd --account acme
	cp "$H/store/journal" "$T/j"
	printf '2:2:1:account_delete:a:cli:-:account=acme:x\n' >>"$T/j"
	none judge "$T/j"
	printf '2:2:1:account:a:cli:-:account=x:package=y:x\n' >"$T/j"
	none judge "$T/j"
}
