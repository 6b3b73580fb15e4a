#!/usr/bin/env bats
# Tokens of ours in files and streams.

# Set by the helpers, in the subshell of each test.
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154

# shellcheck source=tests/integration/helpers.bash
load helpers

# Form and checksum of a token, of no store.
MADE_UP=ucd_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17

# No token is told, in whatever stream or form.
untold() {
	local token
	for token; do
		none grep -qF "${token#*_}" "$T/.out" "$T/.err"
	done
}

@test "file:line, key, account, type, hint, state; never the token" {
	generate ucd --account acme
	printf 'a\nb\nkey = "%s"\n' "$TOKEN" >"$T/f"
	lk scan "$T/f"
	is 1
	[ "$output" = "$T/f:3: $ID acme ucd ucd_…${TOKEN: -4} active" ] || told
	says "1 token, 1 alive, in 1 file"
	untold "$TOKEN"
	lk scan "$T/f" --json
	is 1
	prints "{\"tokens\":[{\"file\":\"$T/f\",\"line\":3,\"key\":\"$ID\","
	prints '"account":"acme","type":"ucd","hint":'
	prints '"state":"active","disabled":false}],"files":1,"octets":'
	prints '"unread":[]}'
	untold "$TOKEN"
}

@test "nothing is found: 0" {
	printf 'ucd_ wpush_ and %s\n' "${MADE_UP%7}8" >"$T/f"
	lk scan "$T/f"
	is 0
	[ -z "$output" ]
	says "0 tokens, 0 alive, in 1 file"
}

@test "each state" {
	generate ucd --account acme --expires 1s
	expired=$TOKEN
	generate ucd --account acme
	deleted=$TOKEN
	"$LATCHKEY" delete "$ID" >/dev/null
	generate mobile --account acme
	sleep 1.1
	printf '%s\n' "$expired" "$deleted" "$MADE_UP" "$TOKEN" >"$T/f"
	lk scan "$T/f"
	is 1
	[ "$(sed 's/.* //' "$T/.out" | tr '\n' ' ')" = \
	    "expired deleted unknown active " ] || told
	says "4 tokens, 1 alive"
	prints "$T/f:3: - - ucd ucd_…Lq17 unknown"
	untold "$expired" "$deleted" "$MADE_UP" "$TOKEN"
}

@test "a stream, and what is named itself: a pipe, a link" {
	generate ucd --account acme
	lk_in "x$TOKEN" scan -
	is 1
	prints "-:1: $ID acme"
	mkfifo "$T/pipe"
	echo "$TOKEN" >"$T/pipe" &
	lk scan "$T/pipe"
	is 1
	prints "$T/pipe:1: $ID"
	echo "$TOKEN" >"$T/f"
	ln -s f "$T/link"
	lk scan "$T/link"
	is 1
	prints "$T/link:1: $ID"
}

@test "below a folder: files alone, and no link is followed" {
	generate ucd --account acme
	mkdir -p "$T/tree/b/c" "$T/outside"
	echo "$TOKEN" >"$T/outside/f"
	echo "$TOKEN" >"$T/tree/b/c/f"
	echo "$TOKEN" >"$T/tree/.hidden"
	ln -s ../outside "$T/tree/folder"
	ln -s ../outside/f "$T/tree/file"
	ln -s nowhere "$T/tree/gone"
	mkfifo "$T/tree/pipe"
	status=0
	timeout 20 "$LATCHKEY" scan "$T/tree" >"$T/.out" 2>"$T/.err" ||
	    status=$?
	output=$(cat "$T/.out") err=$(cat "$T/.err")
	is 1
	[ "$(sed 's/: .*//' "$T/.out")" = "$T/tree/.hidden:1
$T/tree/b/c/f:1" ] || told
	says "in 2 files"
}

@test "binary, glued to letters, over the edges of what is read at once" {
	generate ucd --account acme
	for n in 131000 131060 131071 131072 131073; do
		head -c "$n" /dev/zero | tr '\0' a
		printf '%s\0\1\377' "$TOKEN"
	done >"$T/f"
	printf '%sAAAA\n' "$TOKEN" >>"$T/f"
	lk scan "$T/f"
	is 1
	[ "$(wc -l <"$T/.out")" -eq 6 ] || told
	[ "$(grep -c " $ID acme ucd " "$T/.out")" -eq 6 ] || told
	says "6 tokens, 6 alive"
}

@test "what cannot be read is named, all else is looked at: 74, 66" {
	generate ucd --account acme
	mkdir "$T/tree"
	echo "$TOKEN" >"$T/tree/z"
	lk scan "$T/none" "$T/tree"
	is 66
	says "$T/none: No such file or directory"
	prints "$T/tree/z:1: $ID"
	lk scan "$T/none" "$T/tree" --json
	is 66
	prints '"unread":[{"file":"'"$T"'/none","error":"No such file'
	prints '"state":"active"'
	# A file that is opened and cannot be read.
	lk scan /proc/self/mem "$T/none" "$T/tree"
	is 74
	says "/proc/self/mem: "
	prints "$T/tree/z:1: $ID"
}

@test "a folder that may not be read: 74" {
	need_user nobody
	"$LATCHKEY" init --home "$T/theirs" --plugins "$LATCHKEY_PLUGINS" \
	    >/dev/null
	chown -R nobody "$T/theirs"
	mkdir -p "$T/tree/closed"
	chmod 700 "$T/tree/closed"
	as nobody scan --home "$T/theirs" "$T/tree"
	is 74
	says "$T/tree/closed: Permission denied"
}

@test "--type: those alone" {
	generate ucd --account acme
	echo "$TOKEN" >"$T/f"
	generate mobile --account acme
	echo "$TOKEN" >>"$T/f"
	lk scan "$T/f" --type mobile
	is 1
	[ "$(wc -l <"$T/.out")" -eq 1 ] || told
	prints "$T/f:2: $ID acme mobile"
	lk scan "$T/f" --type mobile --type ucd
	[ "$(wc -l <"$T/.out")" -eq 2 ] || told
	lk scan "$T/f" --type mobil
	is 64
	says "did you mean mobile?"
}

@test "without the pepper nobody knows whose: 78, and not unknown" {
	generate ucd --account acme
	echo "$TOKEN" >"$T/f"
	mv "$H/pepper/1" "$T/pepper"
	lk scan "$T/f"
	is 78
	[ -z "$output" ] || told
	head -c 32 /dev/urandom >"$H/pepper/1"
	chmod 600 "$H/pepper/1"
	lk scan "$T/f"
	is 78
	[ -z "$output" ] || told
}

@test "keys of the pepper before are known" {
	generate ucd --account acme
	echo "$TOKEN" >"$T/f"
	"$LATCHKEY" pepper rotate >/dev/null 2>&1
	lk scan "$T/f"
	is 1
	prints "$T/f:1: $ID acme ucd"
	prints active
}

@test "as a verifier, who is neither owner nor operator" {
	need_user nobody
	group=$(id -gn nobody)
	rm -rf "$H"
	"$LATCHKEY" init --home "$H" --plugins "$LATCHKEY_PLUGINS" \
	    --verifiers "$group" >/dev/null
	generate ucd --account acme
	echo "$TOKEN" >"$T/f"
	chmod 644 "$T/f"
	as nobody scan "$T/f" --home "$H"
	is 1
	prints "$T/f:1: $ID acme ucd"
}

@test "no false find in the sources and the headers of this machine" {
	[ -d "$top_srcdir/core" ] || skip "no sources"
	set -- "$top_srcdir/core" "$top_srcdir/plugins" "$top_srcdir/tests" \
	    "$top_srcdir/conf" /usr/include
	lk scan "$@"
	# All of it was read: to find nothing is no proof else.
	is 1
	says "in $(find -H "$@" -type f | wc -l) files"
	[ "$(find -H /usr/include -type f | wc -l)" -gt 100 ]
	# What tests hold are the two known answers, and no more.
	none grep -v -e '…Lq17 unknown$' -e '…5S0Y unknown$' "$T/.out"
	none grep -v '/tests/' "$T/.out"
}

@test "what callers sign with is found while the store has its key" {
	cat >>"$H/policy.yaml" <<-YAML
	  hook: { plugin: signed, prefix: hook, apis: { call: POST /v1/hook } }
	YAML
	generate hook --account acme
	signed=$TOKEN signed_id=$ID
	generate ucd --account acme
	secret=${signed#*.}
	[ "${#secret}" -eq 64 ]
	# With another secret, of another key, or half of it, it is none.
	printf '%s\n' "a $signed;" "$signed_id.${secret%?}0" \
	    "AAAAAAAAAAAA.$secret" "$secret" "X$TOKEN" >"$T/f"
	[ "${secret: -1}" != 0 ] || sed -i '2s/.$/1/' "$T/f"
	lk scan "$T/f"
	is 1
	[ "$output" = "$T/f:1: $signed_id acme hook hook_…${signed: -4} active
$T/f:5: $ID acme ucd ucd_…${TOKEN: -4} active" ] || told
	says "2 tokens, 2 alive, in 1 file"
	untold "$signed" "_$secret"
	lk scan "$T/f" --type ucd
	[ "$(wc -l <"$T/.out")" -eq 1 ] || told
	lk scan "$T/f" --type hook --disable
	is 1
	[ "$output" = "$T/f:1: $signed_id acme hook hook_…${signed: -4} active, \
disabled now" ] || told
	# Over the edges of what is read at once.
	for n in 131000 131040 131060 131071 131072 131073; do
		head -c "$n" /dev/zero | tr '\0' a
		printf '%s\0' "$signed"
	done >"$T/f"
	lk scan "$T/f"
	says "6 tokens, 0 alive"
}

@test "a file that is named after a token is not told by it" {
	generate ucd --account acme
	mkdir "$T/tree"
	echo "$TOKEN" >"$T/tree/$TOKEN.txt"
	echo x >"$T/tree/4fJx0aPq9ZrT.$(printf x | sha256sum | cut -c1-64)"
	lk scan "$T/tree" "$T/none/$TOKEN"
	is 66
	prints "$T/tree/ucd_…${TOKEN: -4}.txt:1: $ID acme"
	says "$T/none/ucd_…${TOKEN: -4}: No such file"
	untold "$TOKEN"
	lk scan "$T/tree" "$T/none/$TOKEN" --json
	is 66
	prints "\"file\":\"$T/tree/ucd_…${TOKEN: -4}.txt\""
	untold "$TOKEN"
}

@test "--disable: those that are active, at once and once" {
	generate ucd --account acme
	one=$TOKEN one_id=$ID
	generate ucd --account acme
	"$LATCHKEY" delete "$ID" >/dev/null
	printf '%s\n' "$one" "$MADE_UP" "$TOKEN" "$one" >"$T/f"
	lk scan "$T/f" --disable
	is 1
	[ "$(sed 's/.*\(…....\) //' "$T/.out")" = "active, disabled now
unknown
deleted
disabled" ] || told
	says "4 tokens, 0 alive, 1 disabled now, in 1 file"
	upsert "$one"
	is 1
	[ "$output" = "deny disabled" ]
	lk scan "$T/f" --disable --json
	is 1
	none grep -q '"disabled":true' "$T/.out"
	prints '"state":"disabled","disabled":false'
	"$LATCHKEY" enable "$one_id" >/dev/null
	lk scan "$T/f" --disable --json
	prints "\"key\":\"$one_id\",\"account\":\"acme\",\"type\":\"ucd\","
	prints '"state":"active","disabled":true'
}

@test "--disable by whom no role lets: found, not disabled, 77" {
	generate ucd --account acme
	echo "$TOKEN" >"$T/f"
	edit "$H/policy.yaml" 's/may: \[ generate, delete, list/may: [ generate, list/
	    s/may: \[ list \]/may: [ list, delete ]/'
	lk scan "$T/f" --disable
	is 77
	says "$ID is not disabled: "
	prints "$ID acme ucd ucd_…${TOKEN: -4} active"
	upsert "$TOKEN"
	is 0
}
