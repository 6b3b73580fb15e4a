#!/usr/bin/env bats
# What fails, and how (DESIGN.md 7): what adds power fails closed, what removes
# power goes on.

# Set by the helpers, in the subshell of each test.
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154

# shellcheck source=tests/integration/helpers.bash
load helpers

# A key of ucd in $TOKEN and $ID, that verifies.
start() {
	generate ucd --account acme
	upsert "$TOKEN"
	is 0
}

@test "policy wrong: refused, but delete --store works" {
	start
	echo 'nonsense: [' >>"$H/policy.yaml"
	for words in list types "generate ucd --account acme" "verify /x"; do
		# shellcheck disable=SC2086
		lk $words
		is 78
		says "policy.yaml:"
	done
	lk delete "$ID"
	is 78
	says "latchkey delete --store $H/store $ID"
	lk delete "$ID" --store "$H/store"
	is 0
	lk delete "$ID" --store "$T/none"
	is 66
	rm "$H/policy.yaml"
	lk delete "$ID" --store "$H/store"
	is 66
	says "deleted already"
}

@test "policy wrong: list, show, store log and store check by the store" {
	generate web_push --account acme --label first
	old=$ID
	start
	echo 'nonsense: [' >>"$H/policy.yaml"
	for words in list "show $ID" "store log"; do
		# shellcheck disable=SC2086
		lk $words
		is 78
		says "${words%% "$ID"} --store $H/store"
	done
	lk list --store "$H/store"
	is 0
	prints "$ID"
	prints "$old"
	prints "web_push"
	says "the journal's MACs are not checked: that takes the pepper"
	lk list web_push --store "$H/store" --json
	is 0
	prints "\"id\":\"$old\",\"type\":\"web_push\",\"account\":\"acme\",\"label\":\"first\""
	[[ $output != *"$ID"* ]]
	lk show "$ID" --store "$H/store"
	is 0
	prints "account     acme"
	lk store log "$ID" --store "$H/store"
	is 0
	prints "generate"
	lk store check --store "$H/store"
	is 0
	[ "${output%%$'\n'*}" = "$H/store: no fault was found, but its MACs were not checked" ]
	lk store check --store "$H/store" --json
	prints '"sound":null,"anchor":'
	prints ',"findings":[]'
	lk delete --store "$H/store" "$old"
	is 0
	lk list --all --store "$H/store" --json
	prints '"state":"deleted"'
	for words in list "show $ID" "store log" "store check"; do
		# shellcheck disable=SC2086
		lk $words --store "$T/none"
		is 66
		says "$T/none"
	done
	edit "$H/store/journal" '2s/^1:/9:/'
	lk store check --store "$H/store"
	is 1
	prints "$H/store/journal:2: "
	lk list --store "$H/store"
	is 0
	says "$H/store/journal:2: "
}

@test "plugin missing: error for that type alone, refused, deleted" {
	cp -r "$LATCHKEY_PLUGINS" "$T/plugins"
	chmod 755 "$T/plugins"
	edit "$H/policy.yaml" "s|^plugins:.*|plugins: $T/plugins|"
	generate web_push --account acme
	push=$TOKEN id=$ID
	start
	rm "$T/plugins/web_push.so"
	lk_in "$push" verify --type web_push
	is 69
	[ "$output" = "error plugin_fault" ]
	says "plugin web_push is at fault"
	lk verify -X POST /v1/single -H "Authorization: Bearer $push" --json
	is 69
	prints '"outcome":"error","reason":"plugin_fault"'
	upsert "$TOKEN"
	is 0
	lk generate web_push --account acme
	is 69
	says "web_push"
	lk generate ucd --account acme
	is 0
	lk plugin list
	prints "faulty"
	says "web_push.so"
	lk delete "$id"
	is 0
}

@test "a check plugin that is missing is never skipped" {
	cp -r "$LATCHKEY_PLUGINS" "$T/plugins"
	chmod 755 "$T/plugins"
	edit "$H/policy.yaml" "s|^plugins:.*|plugins: $T/plugins|"
	start
	rm "$T/plugins/entitlement.so"
	upsert "$TOKEN"
	is 69
	[ "$output" = "error plugin_fault" ]
}

@test "pepper missing, short, of one octet: refused, delete works" {
	start
	cp "$H/pepper/1" "$T/pepper"
	for how in missing short constant readable; do
		cp "$T/pepper" "$H/pepper/1"
		chmod 600 "$H/pepper/1"
		case $how in
		missing) rm "$H/pepper/1" ;;
		short) head -c 31 "$T/pepper" >"$H/pepper/1" ;;
		constant) head -c 64 /dev/zero >"$H/pepper/1" ;;
		readable) chmod 644 "$H/pepper/1" ;;
		esac
		upsert "$TOKEN"
		is 78
		says "pepper"
		lk generate ucd --account acme
		is 78
		lk list
		is 0
		prints "$ID"
		# Never made anew over a store with keys.
		[ "$how" != missing ] || [ ! -e "$H/pepper/1" ]
	done
	rm "$H/pepper/1"
	lk delete "$ID"
	is 0
	cp "$T/pepper" "$H/pepper/1"
	chmod 600 "$H/pepper/1"
	upsert "$TOKEN"
	is 1
	prints "deny unknown"
	lk generate ucd --account acme
	is 0
}

# A key under each of two peppers, and the first of these is away.
lose_first_pepper() {
	start
	OLD=$TOKEN OLD_ID=$ID
	lk pepper rotate
	is 0
	generate ucd --account acme
	mv "$H/pepper/1" "$T/pepper"
}

@test "the old pepper missing, with a key under it: refused, delete works" {
	lose_first_pepper
	for token in "$OLD" "$TOKEN" "${OLD%?}0"; do
		upsert "$token"
		is 78
		says "$H/pepper/1 is missing, and 1 key is under it: put it back"
		none grep -q unknown "$T/.out"
	done
	lk generate ucd --account acme
	is 78
	lk pepper rotate
	is 78
	lk store check
	is 1
	prints "$H/pepper/1 is missing, and 1 key is under it"
	lk list
	is 0
	prints "$OLD_ID"
	says "$H/pepper/1 is missing"
	lk pepper status
	is 0
	prints "pepper 1  missing  1 key "
	lk pepper status --keys
	is 0
	[ "$output" = "$OLD_ID" ]
	lk delete "$ID"
	is 0
	upsert "$OLD"
	is 78
	mv "$T/pepper" "$H/pepper/1"
	upsert "$OLD"
	is 0
	upsert "$TOKEN"
	is 1
	lk store check
	is 0
	# No key is under it any more: nobody asks for it.
	rm "$H/pepper/1"
	lk disable "$OLD_ID"
	is 0
	upsert "$OLD"
	is 78
	lk delete "$OLD_ID"
	is 0
	upsert "$OLD"
	is 1
	[ "$output" = "deny unknown" ]
	lk store check
	is 0
}

@test "another old pepper, with a key under that: refused, also once written anew" {
	lose_first_pepper
	head -c 32 /dev/urandom >"$H/pepper/1"
	chmod 600 "$H/pepper/1"
	upsert "$OLD"
	is 78
	says "$H/pepper/1 is not the pepper that 1 key is under: put that one back"
	lk store check
	is 1
	prints "$H/pepper/1 is not the pepper"
	lk pepper retire --delete-keys
	is 78
	[ -e "$H/pepper/1" ]
	for how in compact rebuild "restore $H/store/journal"; do
		mv "$T/pepper" "$H/pepper/1"
		# shellcheck disable=SC2086	# a verb and its argument
		lk store $how
		is 0
		upsert "$OLD"
		is 0
		mv "$H/pepper/1" "$T/pepper"
		cp "$H/pepper/2" "$H/pepper/1"
		upsert "$OLD"
		is 78
		says "$H/pepper/1 is not the pepper"
		rm "$H/store/state" "$H"/store/index.*
		upsert "$OLD"
		is 78
	done
	mv "$T/pepper" "$H/pepper/1"
	upsert "$OLD"
	is 0
	upsert "$TOKEN"
	is 0
}

@test "the old pepper lost for good: what is under it is ended" {
	lose_first_pepper
	lk pepper retire
	is 73
	says "$OLD_ID"
	lk pepper retire --delete-keys
	is 0
	prints "pepper 1 is gone, and with it 1 key"
	upsert "$OLD"
	is 1
	[ "$output" = "deny unknown" ]
	upsert "$TOKEN"
	is 0
	lk store check
	is 0
	lk pepper retire
	is 66
}

@test "another pepper: refused to start, delete works" {
	start
	head -c 32 /dev/urandom >"$H/pepper/1"
	upsert "$TOKEN"
	is 78
	says "pepper"
	lk generate ucd --account acme
	is 78
	lk delete "$ID"
	is 0
}

@test "journal damaged: generate stops, delete works, the check names it" {
	generate ucd --account acme
	first=$ID
	start
	edit "$H/store/journal" '2s/:acme/:acmf/;2s/account=acme/account=acmf/'
	lk store check
	is 1
	prints "$H/store/journal:2: "
	says "1 finding; how to mend: latchkey-journal(5), RESTORING"
	lk store check --json
	is 1
	prints '"sound":false,"anchor":"2:'
	prints ',"findings":[{"file":"'"$H/store/journal"'","line":2,'
	lk generate ucd --account acme
	is 69
	[[ $err == "latchkey: $H/store/journal:2: its MAC does not match"*"until a copy of the journal is put back"* ]] || told
	lk delete "$ID"
	is 0
	upsert "$TOKEN"
	[ "$status" -eq 1 ] || [ "$status" -eq 69 ]
	[ -n "$first" ]
}

@test "the damaged line is the one that made the key: it is deleted" {
	start
	cp "$H/store/journal" "$T/journal"
	edit "$H/store/journal" '2s/:account=acme/:account=acmf/'
	lk delete "$ID"
	is 0
	lk delete nosuchkey
	is 66
	lk delete "$ID"
	is 0
	edit "$H/store/journal" '2s/:account=acmf/:account=acme/'
	head -n 2 "$H/store/journal" | cmp - <(head -n 2 "$T/journal")
	upsert "$TOKEN"
	is 1
	prints "deny unknown"
}

@test "list, show, types, account list: an edited journal is told" {
	generate ucd --account acme
	first=$ID
	start
	edit "$H/store/journal" '3s/:account=acme/:account=evil/'
	for words in list types "account list" "show $first"; do
		# shellcheck disable=SC2086
		lk $words
		is 0
		says "$H/store/journal:3: "
		says "latchkey store check"
	done
	lk list
	prints "active"			# the index was made before
	rm "$H"/store/index.*
	lk list
	prints "unsure"
	none grep -q active <<<"$output"
	none grep -q evil <<<"$output"
}

@test "list says why it could not check the journal" {
	start
	lk list
	is 0
	[ -z "$err" ]
	mv "$H/pepper/1" "$T/pepper"
	lk list
	is 0
	prints "$ID"
	says "not checked"
	head -c 32 /dev/urandom >"$H/pepper/1"
	chmod 600 "$H/pepper/1"
	lk list --json
	is 0
	prints "$ID"
	says "not checked: the pepper is not the one"
}

@test "state damaged: generate stops, delete works" {
	start
	printf 'X' | dd of="$H/store/state" conv=notrunc bs=1 2>/dev/null
	lk generate ucd --account acme
	is 69
	says "$H/store/state is of no known form"
	lk delete "$ID"
	is 0
	[ -f "$(echo "$H/store"/state.bad.*)" ]
	upsert "$TOKEN"
	is 1
	lk generate ucd --account acme
	is 0
}

@test "delete of several, one deleted already: the others end" {
	generate ucd --account acme
	one=$ID
	start
	lk delete "$one"
	is 0
	lk delete "$one" 000000000000 "$ID"
	is 66
	upsert "$TOKEN"
	is 0
	lk delete "$one" "$ID"
	is 0
	says "deleted already: $one"
	upsert "$TOKEN"
	is 1
	lk delete "$one" "$ID"
	is 66
	says "$one, $ID are deleted already"
	lk delete "$one"
	is 66
	says "$one is deleted already"
}

@test "init over a store whose pepper is gone makes nothing" {
	start
	mv "$H/pepper" "$T/pepper"
	rm "$H/policy.yaml"
	lk init --home "$H"
	is 78
	says "made with a pepper that is not here"
	[ ! -e "$H/pepper" ]
	[ ! -e "$H/policy.yaml" ]
	mv "$T/pepper" "$H/pepper"
	new_home "$H"
	upsert "$TOKEN"
	is 0
}

@test "a torn last line: readers pass it, the next writer cuts and keeps it" {
	start
	printf '99:99:17' >>"$H/store/journal"
	upsert "$TOKEN"
	is 0
	lk list
	is 0
	none ls "$H/store"/torn.* 2>/dev/null
	lk generate ucd --account acme
	is 0
	[ "$(cat "$H/store"/torn.*)" = "99:99:17" ]
	lk store check
	is 0
	lk store log
	prints "repair"
}

@test "state missing: what is durable is verified" {
	start
	rm "$H/store/state"
	upsert "$TOKEN"
	is 0
	lk delete "$ID"
	is 0
	upsert "$TOKEN"
	is 1
}

@test "disk full: verified, not generated, deleted from the reserve" {
	[ "$(id -u)" -eq 0 ] || skip "needs root, to mount a tmpfs"
	mkdir "$T/disk"
	mount -t tmpfs -o size=512k,mode=755 tmpfs "$T/disk" 2>/dev/null ||
	    skip "needs leave to mount a tmpfs"
	MOUNTED=$T/disk
	new_home "$T/disk/home"
	export LATCHKEY_HOME=$T/disk/home
	start
	ids=$ID
	generate web_push --account acme
	ids="$ids $ID"
	dd if=/dev/zero of="$T/disk/fill" bs=4k 2>/dev/null || :
	# The reserve holds what is on its way; then generate stops.
	for _ in $(seq 400); do
		lk generate web_push --account acme
		[ "$status" -eq 0 ] || break
	done
	is 74
	[ -z "$output" ]
	upsert "$TOKEN"
	[ "$status" -le 1 ]
	for id in $ids; do
		lk delete "$id"
		is 0
	done
	lk store check
	is 0
	rm "$T/disk/fill"
	lk generate web_push --account acme
	is 0
}

@test "policy unreadable, or a pipe: said so, and how to delete" {
	need_user nobody
	mkdir "$T/n"
	chown nobody: "$T/n"
	as nobody init --home "$T/n/h" --plugins "$LATCHKEY_PLUGINS"
	is 0
	export LATCHKEY_HOME=$T/n/h
	as nobody generate ucd --account acme --json
	ID=$(member id "$output")
	chmod 0 "$T/n/h/policy.yaml"
	as nobody delete "$ID"
	is 77
	says "latchkey delete --store $T/n/h/store $ID"
	as nobody delete --store "$T/n/h/store" "$ID"
	is 0
	rm "$T/n/h/policy.yaml"
	mkfifo "$T/n/h/policy.yaml"
	for words in list "verify /x" "delete $ID"; do
		# shellcheck disable=SC2086
		lk $words
		is 78
		says "no regular file"
	done
}

@test "the store is gone" {
	start
	mv "$H/store" "$H/away"
	upsert "$TOKEN"
	[ "$status" -ge 64 ]
	says "$H/store"
	lk generate ucd --account acme
	[ "$status" -ge 64 ]
	[ ! -e "$H/store/journal" ]
	# The policy is sound: to go without it would be no help.
	lk delete "$ID"
	is 66
	[[ $err != *--store* ]]
}

@test "a journal that is not ours" {
	start
	cp "$H/store/journal" "$T/journal"
	echo 'something else' >"$H/store/journal"
	upsert "$TOKEN"
	[ "$status" -ge 64 ]
	lk generate ucd --account acme
	[ "$status" -ge 64 ]
	says "latchkey: $H/store/journal:1: the first line is not that of a journal: put a copy"
	lk store check
	is 1
	[[ $output == "$H/store/journal:1: the first line is not"* ]] || told
	rm "$H/store/journal"
	for words in list "store check" "delete $ID"; do
		# shellcheck disable=SC2086
		lk $words
		is 66
		says "latchkey: $H/store/journal is missing: put it, or a copy of it, back"
	done
	cp "$T/journal" "$H/store/journal"
	upsert "$TOKEN"
	is 0
}

@test "an older copy of the journal, put back as latchkey-journal(5) says" {
	start
	cp "$H/store/journal" "$T/journal"
	generate ucd --account acme
	mv "$T/journal" "$H/store/journal"
	lk generate ucd --account acme
	is 69
	says "replaced by an older one"
	mv "$H/store/state" "$T/state"
	lk generate ucd --account acme
	is 0
	lk store check
	is 0
}

@test "the policy alone is lost: it is not a home that never was" {
	start
	mv "$H/policy.yaml" "$T/policy.yaml"
	for words in list "verify /x" "generate ucd --account acme" \
	    "delete $ID"; do
		# shellcheck disable=SC2086
		lk $words
		is 66
		says "$H/policy.yaml: No such file or directory, but the store $H/store is there: put the policy back, or have one written anew"
		says "(latchkey init)"
		unset LATCHKEY_HOME
		# shellcheck disable=SC2086
		lk $words --home "$H"
		is 66
		says "(latchkey init --home $H)"
		export LATCHKEY_HOME=$H
	done
	new_home "$H"
	upsert "$TOKEN"
	is 0
	lk list
	prints "$ID"
}

@test "root becomes the store's owner: what that user may not read is told" {
	need_user nobody
	generate ucd --account acme
	chown -R nobody "$H/store"
	lk generate ucd --account acme
	is 77
	says "root runs this as nobody, who owns the store $H/store"
	chown -R nobody "$H/pepper"
	lk generate ucd --account acme
	is 0
	chown root "$H/store/journal"
	lk list
	is 77
	says "give that user the file as well"
	chmod 644 "$H/store/journal"
	lk list
	is 78
	says "$H/store/journal belongs to root, its folder to nobody: as root, chown nobody $H/store/journal; then run this as nobody"
}

# spoil: no place of the index can be read, but its header; nobody is let in.
spoil() {
	index=$(ls "$H"/store/index.*)
	dd if=/dev/urandom of="$index" bs=4096 seek=1 conv=notrunc \
	    count=$(($(stat -c %s "$index") / 4096 - 1)) 2>/dev/null
	upsert "$TOKEN"
	is 69
	lk store check
	is 1
	prints "$index: "
	prints "(latchkey store rebuild)"
}

# healed: made anew, so that who may is let in, and nothing is wrong with it.
healed() {
	is 0
	[ ! -e "$index" ]
	upsert "$TOKEN"
	is 0
	lk store check
	is 0
}

@test "the inside of the index lost: generate, delete and disable make it anew" {
	start
	TOKEN_1=$TOKEN ID_1=$ID
	generate ucd --account acme
	spoil
	lk disable "$ID_1"
	healed
	spoil
	lk delete "$ID_1"
	healed
	upsert "$TOKEN_1"
	is 1
	# With a limit, which has to be counted.
	spoil
	lk generate ucd --account acme
	healed
	spoil
	lk generate ucd --account acme --count 3
	healed
	lk generate ucd --account acme
	is 73
	says "acme holds 5 of 5 ucd keys"
	spoil
	lk store rebuild
	healed
}

@test "... of an account alone: what was made all the same is shown" {
	name=findable-one	# in the slot as well
	generate ucd --account "$name"
	scratch() {
		index=$(ls "$H"/store/index.*)
		printf X | dd of="$index" bs=1 conv=notrunc 2>/dev/null \
		    seek="$(grep -abo "$name" "$index" | cut -d: -f1)"
	}
	scratch
	lk generate web_push --account "$name" --count 2
	is 0
	[ "$(wc -l <<<"$output")" -eq 2 ]
	# The next one makes it anew.
	lk generate web_push --account "$name"
	is 0
	scratch
	lk rotate "$ID"
	is 0
	upsert "$output" "$name"
	is 0
}

@test "... and where none can be made, delete goes on without" {
	start
	TOKEN_1=$TOKEN ID_1=$ID
	generate ucd --account acme
	spoil
	# No file may be as long as an index.
	(
		trap '' XFSZ
		ulimit -f 8
		lk generate ucd --account acme
		is 74
		says "$H/store/index."
		lk delete "$ID_1"
		is 0
	)
	upsert "$TOKEN_1"
	is 1
	upsert "$TOKEN"
	is 0
}

@test "index lost or damaged: verify goes on, the next writer makes it anew" {
	start
	rm "$H"/store/index.*
	upsert "$TOKEN"
	is 0
	generate ucd --account acme
	is 0
	ls "$H"/store/index.*
	# Not one octet of it is what it was.
	index=$(ls "$H"/store/index.*)
	dd if=/dev/urandom of="$index" bs=4096 count=10 conv=notrunc 2>/dev/null
	upsert "$TOKEN"
	is 0
	lk store rebuild
	is 0
	prints "the index was made anew"
	upsert "$TOKEN"
	is 0
	lk delete "$ID"
	is 0
	upsert "$TOKEN"
	is 1
	prints "deny unknown"
}

@test "store rebuild of a damaged journal tells where, exit 1" {
	start
	generate ucd --account acme
	edit "$H/store/journal" '2s/:account=acme/:account=evil/'
	lk store rebuild
	is 1
	says "$H/store/journal:2: "
	lk store rebuild --json
	is 1
	prints '"sound":false'
}
