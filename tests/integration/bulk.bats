#!/usr/bin/env bats
# bulk.bats: import, export, keys of other systems, keys by the thousand.
# shellcheck shell=bash
# bats runs each test as a function of its own.
# shellcheck disable=SC2030,SC2031

load helpers

# Types ucd and mobile of $H take tokens of other systems.
take_imported() {
	edit "$H/policy.yaml" 's/^    prefix: \(ucd\|mob\)$/&\
    imported: true/'
}

sha() {
	printf %s "$1" | sha256sum | cut -d ' ' -f 1
}

# records N [TYPE]: a CSV of N keys, five an account; token K is legacy-token-K,
# with K in five digits.
records() {
	local i
	echo type,account,sha256,label
	for ((i = 0; i < $1; i++)); do
		printf '%s,a%d,%s,l%d\n' "${2-mobile}" "$((i / 2))" \
		    "$(sha "$(printf 'legacy-token-%05d' "$i")")" "$i"
	done
}

# Many records, whose tokens nobody knows.
many() {
	awk -v n="$1" 'BEGIN {
		print "type,account,sha256"
		for (i = 0; i < n; i++)
			printf "ucd,m%d,%064x\n", i / 5, i + 1
	}'
}

held() {
	"$LATCHKEY" list | sed 1d | wc -l
}

@test "tokens of another system verify once they were imported" {
	take_imported
	records 4 >"$T/keys.csv"
	lk_in legacy-token-00001 verify --type mobile --address 127.0.0.1
	is 1
	prints "deny unknown"
	lk import "$T/keys.csv"
	is 0
	prints "keys.csv: 4 records: 4 taken, 0 there already, 0 bad"
	lk_in legacy-token-00001 verify --type mobile --address 127.0.0.1
	is 0
	prints "allow a0 mobile * "
	lk_in legacy-token-00003 verify --type mobile --account a0
	is 1
	prints "deny wrong_account"
	# The type's own check of addresses holds.
	lk_in legacy-token-00001 verify --type mobile --address 192.0.2.7
	prints "deny address_refused"
	# Not of this type.
	lk_in legacy-token-00001 verify --type ucd
	prints "deny wrong_type"
	# Not with anything in the place of a header.
	printf '{"api_key":"legacy-token-00002"}' >"$T/body"
	lk verify -X POST /api/v1/push/bulk --body "$T/body"
	prints "allow a1 mobile bulk "
	# A hint says nothing of it, and a delete ends it.
	lk list mobile --json
	[ "$(printf %s "$output" | grep -o '"hint":"(imported)"' | wc -l)" -eq 4 ]
	lk_in legacy-token-00000 verify --type mobile --address 127.0.0.1
	is 0
	lk delete "${output##* }"
	is 0
	lk_in legacy-token-00000 verify --type mobile
	prints "deny unknown"
	lk import "$T/keys.csv"
	is 0
	prints "0 taken, 4 there already"
	lk_in legacy-token-00000 verify --type mobile
	prints "deny unknown"
}

@test "a type without imported takes none and looks none up" {
	records 2 web_push >"$T/keys.csv"
	lk import "$T/keys.csv"
	is 65
	says "keys.csv:2:1: type web_push does not take imported keys: set "
	says "keys.csv:3:1: "
	says "2 of 2 records are bad: nothing was taken (--skip-bad "
	lk_in legacy-token-00001 verify --type web_push
	prints "deny malformed"
	take_imported
	records 2 >"$T/keys.csv"
	lk import "$T/keys.csv"
	is 0
	edit "$H/policy.yaml" '/imported: true/d'
	lk_in legacy-token-00001 verify --type mobile
	prints "deny malformed"
	lk policy check --store "$H/store"
	is 78
	says "2 keys of type mobile came from another system"
}

@test "a foreign token has 16 to 256 printable octets and not our form" {
	local n c
	take_imported
	c=$(printf '%0256d' 0 | tr 0 x)
	{
		echo type,account,sha256
		for n in 15 16 255 256; do
			echo "ucd,n$n,$(sha "${c:0:n}")"
		done
		echo "ucd,n257,$(sha "${c}x")"
		echo "ucd,blank,$(sha 'sixteen octets or')"
		echo "ucd,form,$(sha \
		    abc_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq18)"
		echo "ucd,ours,$(sha \
		    ucd_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17)"
	} >"$T/keys.csv"
	lk import "$T/keys.csv"
	is 0
	for n in 16 255 256; do
		lk_in "${c:0:n}" verify --type ucd
		prints "allow n$n"
	done
	for n in "${c:0:15}" "${c}x" 'sixteen octets or' \
	    abc_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq18; do
		lk_in "$n" verify --type ucd
		is 1
		prints "deny malformed"
	done
	# One of ours is looked up as such alone.
	lk_in ucd_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17 verify --type ucd
	prints "deny unknown"
}

@test "no file of the home holds the SHA-256" {
	local sha b64
	take_imported
	records 6 >"$T/keys.csv"
	lk import - <"$T/keys.csv"
	"$LATCHKEY" import - <"$T/keys.csv"
	lk_in legacy-token-00002 verify --type mobile --consume
	is 0
	sha=$(sha legacy-token-00002)
	# shellcheck disable=SC2059	# octets from digits
	b64=$(printf "$(printf %s "$sha" | sed 's/../\\x&/g')" | base64 |
	    tr -d =)
	grep -q "$sha" "$T/keys.csv"		# it would be found
	none grep -rqi "$sha" "$H"
	none grep -rqF "$b64" "$H"
	none grep -rqF "$(printf %s "$b64" | tr +/ -_)" "$H"
	none grep -rqP "$(printf %s "$sha" | sed 's/../\\x&/g')" "$H"
}

@test "times and addresses come along" {
	take_imported
	{
		echo type,account,sha256,created,expires,addresses
		echo "ucd,a,$(sha legacy-token-1)11,,,"
	} >"$T/bad.csv"
	cat >"$T/keys.jsonl" <<-EOT
	{"type":"ucd","account":"a","sha256":"$(sha legacy-token-00001)","created":1600000000,"expires":"2999-01-01T00:00:00Z","addresses":["10.0.0.0/8"]}
	{"type":"ucd","account":"a","sha256":"$(sha legacy-token-00002)","expires":1600000000}
	EOT
	lk import "$T/bad.csv"
	is 65
	says "bad.csv:2:7: sha256 is no SHA-256"
	lk import "$T/keys.jsonl"
	is 0
	prints "2 taken, 0 there already, 0 bad; 1 had expired before"
	lk_in legacy-token-00001 verify --type ucd --address 10.1.2.3
	prints "allow a ucd"
	lk_in legacy-token-00001 verify --type ucd --address 127.0.0.1
	prints "deny address_refused"
	lk_in legacy-token-00002 verify --type ucd
	prints "deny expired"
	lk list --json
	prints '"created":"2020-09-13T12:26:40Z"'
	prints '"expires":"2999-01-01T00:00:00Z"'
	lk store log
	prints "cli import"
	prints "created=2020-09-13T12:26:40Z"
	lk store check
	is 0
}

@test "the format is told, named, or seen" {
	take_imported
	echo '{"type":"ucd","account":"a","sha256":"'"$(sha 1)"'"}' >"$T/a"
	printf 'type,account,sha256\nucd,a,%s\n' "$(sha 2)" >"$T/b"
	cp "$T/a" "$T/a.csv"
	lk import "$T/a"
	prints "1 taken"
	lk import "$T/b"
	prints "1 taken"
	lk import "$T/a.csv"
	is 65
	says "a.csv:1:2: a quote in a cell"
	lk import "$T/a.csv" --format jsonl
	is 0
	prints "1 there already"
	lk import "$T/b" --format jsonl
	is 65
	says "b:1: not JSON"
	lk import "$T/b" --format xml
	is 64
	says "--format xml is neither csv nor jsonl"
	lk import "$T/nothing"
	is 66
	lk import "$T"
	is 74
	lk import
	is 64
}

@test "none is taken unless all are good, or bad ones are skipped" {
	take_imported
	{
		records 3
		echo "mobile,A,$(sha x),"
		echo "mobile,a0,$(sha y),over the limit"
		echo "mobile,b,$(sha legacy-token-00001),again"
	} >"$T/keys.csv"
	lk import "$T/keys.csv" --dry-run
	is 65
	lk import "$T/keys.csv"
	is 65
	says "keys.csv:5:8: not an account's name"
	says "keys.csv:6:8: a0 may hold 2 mobile keys: 0 are there, and 2 "
	says "keys.csv:7:10: its sha256 is that of line 3"
	says "3 of 6 records are bad"
	[ "$(held)" -eq 0 ]
	lk import "$T/keys.csv" --json
	is 65
	prints '"reason":"bad_data","exit":65'
	lk import "$T/keys.csv" --skip-bad --json
	is 0
	[ "$(printf %s "$output" | tail -n 1)" = '{"file":"'"$T"'/keys.csv",'\
'"records":6,"added":3,"there":0,"bad":3,"expired":0,"dry_run":false}' ]
	[ "$(held)" -eq 3 ]
	records 3 >"$T/keys.csv"
	lk import "$T/keys.csv" --dry-run
	is 0
	prints "0 would be taken, 3 there already"
}

@test "newlines in quotes begin no record" {
	take_imported
	printf 'type,account,sha256,label\nucd,a,%s,"x\nucd,eve,%s,\n"\n' \
	    "$(sha 1)" "$(sha 2)" >"$T/keys.csv"
	lk import "$T/keys.csv" --skip-bad
	is 0
	says "keys.csv:2:72: the label is not UTF-8 without control"
	prints "1 record: 0 taken, 0 there already, 1 bad"
	[ "$(held)" -eq 0 ]
}

@test "an import that was killed is ended by running it again" {
	local i pid
	take_imported
	many 20000 >"$T/keys.csv"
	for i in 1 2 3 4 5 6; do
		"$LATCHKEY" import "$T/keys.csv" >/dev/null 2>&1 &
		pid=$!
		sleep "0.$((RANDOM % 5 + i / 2))"
		kill -9 "$pid" 2>/dev/null || :
		wait "$pid" || :
	done
	lk import "$T/keys.csv" --json
	is 0
	prints '"records":20000'
	prints '"bad":0'
	[ "$(held)" -eq 20000 ]
	[ "$("$LATCHKEY" export | sed 1d | cut -d , -f 13 | sort -u |
	    wc -l)" -eq 20000 ]
	lk store check
	is 0
}

@test "an import lets others write" {
	local pid n=0
	take_imported
	generate web_push --account other
	many 30000 >"$T/keys.csv"
	"$LATCHKEY" import "$T/keys.csv" >/dev/null 2>&1 &
	pid=$!
	while kill -0 "$pid" 2>/dev/null; do
		generate web_push --account other
		n=$((n + 1))
	done
	wait "$pid"
	[ "$n" -gt 0 ]
	[ "$(held)" -eq $((30001 + n)) ]
}

@test "export goes into another store of the same pepper, and of no other" {
	take_imported
	records 3 >"$T/keys.csv"
	lk import "$T/keys.csv"
	generate ucd --account acme --label "=1+1, \"x\" 'y" --expires 90d \
	    --allow 10.0.0.0/8
	lk account set acme --package essential
	generate ucd --account acme --label "'quoted"
	lk delete "$ID"
	generate ucd --account acme --label "-1"
	"$LATCHKEY" list --json >"$T/before"
	lk export
	is 0
	[ "$(printf '%s\n' "$output" | wc -l)" -eq 6 ]
	prints "\"'=1+1, \"\"x\"\" 'y\""
	prints ",'-1,"
	printf '%s\n' "$output" >"$T/all.csv"
	"$LATCHKEY" export --format jsonl >"$T/all.jsonl"
	"$LATCHKEY" export ucd --account acme >"$T/ucd.csv"
	[ "$(wc -l <"$T/ucd.csv")" -eq 3 ]
	for f in all.csv all.jsonl; do
		rm -rf "$T/other"
		mkdir -m 755 "$T/other"
		cp -pR "$H/pepper" "$T/other/"
		new_home "$T/other"
		cp "$H/policy.yaml" "$T/other/"
		lk import "$T/$f" --home "$T/other"
		is 0
		prints "5 taken"
		"$LATCHKEY" list --json --home "$T/other" >"$T/after"
		cmp "$T/before" "$T/after"
		lk account list --home "$T/other"
		prints "acme     essential  2"
		lk_in "$TOKEN" verify --type ucd --home "$T/other"
		prints "allow acme ucd * $ID"
		lk_in legacy-token-00002 verify --type mobile \
		    --home "$T/other"
		prints "allow a1 mobile"
		"$LATCHKEY" export --home "$T/other" >"$T/again.csv"
		cmp "$T/all.csv" "$T/again.csv"
		lk import "$T/all.csv" --home "$T/other"
		prints "0 taken, 5 there already"
		lk store check --home "$T/other"
		is 0
	done
	new_home "$T/third"
	cp "$H/policy.yaml" "$T/third/"
	lk import "$T/all.csv" --home "$T/third"
	is 78
	says "all.csv:2:"
	says "it was exported under another pepper (check value "
	says "import it into a store of that pepper"
}

@test "export says when it could not write" {
	[ -w /dev/full ] || skip "needs /dev/full"
	generate ucd --account acme
	status=0
	"$LATCHKEY" export >/dev/full 2>"$T/.err" || status=$?
	err=$(cat "$T/.err")
	is 74
	says "standard output: No space left"
}

@test "import and export take the right to generate" {
	take_imported
	records 1 >"$T/keys.csv"
	edit "$H/policy.yaml" 's/may: \[ generate,/may: [/'
	edit "$H/policy.yaml" 's/^roles:/&\
  makers: { may: [ generate ], users: [ daemon ] }/'
	lk policy check
	is 0
	lk import "$T/keys.csv"
	is 77
	says "is not permitted to generate keys"
	lk export
	is 77
}

@test "root reads the file that the store's owner may not" {
	need_user nobody
	take_imported
	records 1 >"$T/keys.csv"
	chmod 600 "$T/keys.csv"
	chown -R nobody: "$H"
	edit "$H/policy.yaml" 's/users: \[ root/&, nobody/'
	lk import "$T/keys.csv"
	is 0
	prints "1 taken"
}

@test "a store that is damaged exports nothing" {
	generate ucd --account acme
	generate ucd --account acme
	edit "$H/store/journal" '2s/acme/bcme/'
	rm -f "$H"/store/index.*
	lk export
	is 69
	[ -z "$output" ]
}

@test "progress of an import is on a terminal alone" {
	need_terminal
	take_imported
	many 20000 >"$T/keys.csv"
	script -qec "'$LATCHKEY' import '$T/keys.csv'" /dev/null \
	    </dev/null >"$T/out"
	grep -q 'import \[' "$T/out"
	grep -q 'keys/s' "$T/out"
	lk import "$T/keys.csv"
	[ -z "$err" ]
}

@test "generate --count makes so many, and no more than the limit" {
	lk generate web_push --account acme --count 1203 --label load
	is 0
	[ "$(printf '%s\n' "$output" | sort -u | wc -l)" -eq 1203 ]
	says "1203 keys of acme, type web_push"
	[ "$(held)" -eq 1203 ]
	lk_in "$(printf '%s\n' "$output" | sed -n 1200p)" verify \
	    --type web_push
	prints "allow acme web_push"
	lk generate ucd --account acme --count 6
	is 73
	says "acme holds 0 of 5 ucd keys: there is no room for 6 more"
	lk generate ucd --account acme --count 5
	is 0
	for n in 0 -1 x 1000001 1x ''; do
		lk generate web_push --account acme --count "$n"
		is 64
		says "--count $n is no number from 1 to 1000000"
	done
	[ "$(held)" -eq 1208 ]
	lk generate web_puhs --account acme --count 2
	is 64
	says "did you mean web_push?"
}

@test "generate --count --json is one object" {
	lk generate web_push --account acme --count 3 --json
	is 0
	[ "$(printf %s "$output" | grep -o '"token":"wpush_' | wc -l)" -eq 3 ]
	[[ $output == '{"keys":[{"token":"wpush_'*'}}]}' ]]
	if command -v jq >/dev/null; then
		[ "$(printf %s "$output" | jq '.keys | length')" -eq 3 ]
	fi
	lk generate web_push --account acme --count 1 --json
	[[ $output == '{"keys":[{"token":"wpush_'*'}}]}' ]]
}

@test "what generate --count could not show is deleted" {
	[ -w /dev/full ] || skip "needs /dev/full"
	status=0
	"$LATCHKEY" generate web_push --account acme --count 700 \
	    >/dev/full 2>"$T/.err" || status=$?
	err=$(cat "$T/.err")
	is 74
	says "standard output: No space left"
	says "deleted again"
	[ "$(held)" -eq 0 ]
	status=0
	{ "$LATCHKEY" generate web_push --account acme --count 3000 \
	    2>"$T/.err" || echo $? >"$T/.status"; } | head -n 600 |
	    tail -n 1 >"$T/token"
	[ "$(cat "$T/.status")" -eq 74 ]
	grep -q 'Broken pipe' "$T/.err"
	n=$(sed -n 's/.*: \([0-9]*\) of 3000 tokens were shown.*/\1/p' \
	    "$T/.err")
	[ "$n" -ge 600 ]
	[ "$(held)" -eq "$n" ]
	lk_in "$(cat "$T/token")" verify --type web_push
	is 0
}

@test "a plugin that does not load is no bad record" {
	take_imported
	records 4 >"$T/keys.csv"
	mkdir -m 755 "$T/plugins"
	cp "$LATCHKEY_PLUGINS"/*.so "$T/plugins"
	echo >"$T/plugins/mobile.so"
	edit "$H/policy.yaml" "s|^plugins:.*|plugins: $T/plugins|"
	lk import "$T/keys.csv" --skip-bad
	is 69
	says "no keys of type mobile can be made: "
	cp "$LATCHKEY_PLUGINS/mobile.so" "$T/plugins"
	lk import "$T/keys.csv" --skip-bad
	is 0
	[ "$(held)" -eq 4 ]
}
