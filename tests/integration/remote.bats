#!/usr/bin/env bats
# The command run by another user than the owner of the store, and from afar:
# latchkeyd --admin does it, and nobody can tell by the output.

# Set by the helpers, in the subshell of each test.
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154

# shellcheck source=tests/integration/helpers.bash
load helpers
# shellcheck source=tests/integration/daemon.bash
load daemon

teardown() {
	local pid
	for pid in ${PID-} ${OTHER-}; do
		{ kill -9 "$pid" && wait "$pid"; } 2>/dev/null || :
	done
	rm -rf "$T"
}

# for_nobody: latchkeyd --admin, and nobody an administrator.
for_nobody() {
	[ -x "${LATCHKEY_REMOTE-}" ] || skip "built without libcurl"
	need_user nobody
	edit "$H/policy.yaml" 's/^\( *users: \[ *\)root/\1root, nobody/
	    s/^\( *users: \[\) *root/\1 root, nobody/'
	admin 'admin_mode: 0666'
}

# same WORD...: the owner's and nobody's answers, told apart by nothing.
same() {
	lk "$@"
	local was=$status
	cp "$T/.out" "$T/own.out"
	cp "$T/.err" "$T/own.err"
	as nobody "$@"
	[ "$status" -eq "$was" ] || told
	diff "$T/own.out" "$T/.out" >&2
	diff "$T/own.err" "$T/.err" >&2
}

# blank FILE: what is of one key alone is the same in all.
blank() {
	sed -E 's/_[0-9A-Za-z]{36}/_TOKEN/g; s/….{4}/…HINT/
	    s/20..-..-..T..:..:..Z/WHEN/g
	    s/("created_by":")[a-z]*/\1WHO/
	    s/[0-9A-Za-z]{12}([^0-9A-Za-z]|$)/ID\1/g' "$@"
}

# alike LEFT RIGHT: words in one argument each; the first by the owner.  They
# are told apart by ids, tokens and times at most.
alike() {
	# shellcheck disable=SC2086
	lk $1
	local was=$status
	blank "$T/.out" >"$T/own.out"
	blank "$T/.err" >"$T/own.err"
	# shellcheck disable=SC2086
	as nobody $2
	[ "$status" -eq "$was" ] || told
	blank "$T/.out" | diff "$T/own.out" - >&2
	blank "$T/.err" | diff "$T/own.err" - >&2
}

@test "what is listed is the same, as text and as JSON" {
	for_nobody
	generate ucd --account acme --label 'Überdruck "1" \\x' --expires 90d \
	    --allow 192.0.2.7 --allow 2001:db8::/32
	A=$ID
	generate web_push --account b.e-t_a --not-before 1d
	B=$ID
	lk rotate "$A"
	lk disable "$B"
	lk account set acme --package essential
	generate mobile --account acme
	lk delete "$ID"
	for words in types list "list ucd" "list --all" "list --account acme" \
	    "list --account b.e-t_a" "list mobile --all" "list --expiring 30d" \
	    "list --unused 90d" "account list" "store log" "store log $A" \
	    "show $A" "show $B" "show $ID"; do
		# shellcheck disable=SC2086
		same $words
		is 0
		# shellcheck disable=SC2086
		same $words --json
		is 0
	done
}

@test "more than a page of it is the same" {
	for_nobody
	edit "$H/policy.yaml" 's/^    limit: 5$/    limit: 2000/'
	kill -HUP "$PID"
	lk generate ucd --account acme --count 1201
	lk generate web_push --account b
	for words in list "list ucd --json" "store log --json"; do
		# shellcheck disable=SC2086
		same $words
		is 0
	done
	[ "$(grep -o '"seq":' "$T/.out" | wc -l)" -eq 1202 ]
}

@test "what fails is the same, with its sentence and its status" {
	for_nobody
	generate ucd --account acme
	for words in "show 000000000000" "show x" "show a/b" "show .." \
	    "delete 000000000000" "delete x" "delete a/b" "list uce" \
	    "list --account -" "store log 000000000000" "store log x" \
	    "enable x" "disable 000000000000" "rotate 000000000000" \
	    "rotate x" "rotate $ID --grace 31d" "generate uce --account a" \
	    "generate none --account a" "generate ucd --account -a" \
	    "generate ucd --account a --label $(printf 'x%.0s' {1..129})" \
	    "generate ucd --account a --expires 1970-01-02T00:00:00Z" \
	    "generate ucd --account a --role none" \
	    "account set acme --package essentail" \
	    "account set none --package essential" \
	    "account set A/b --package essential" "account delete none" \
	    "account delete acme" "account delete -a" "list --expiring 0"; do
		# shellcheck disable=SC2086
		same $words
		# shellcheck disable=SC2086
		same $words --json
	done
}

@test "what changes is the same: each verb on keys of its own" {
	for_nobody
	alike "generate ucd --account acme" "generate ucd --account acme"
	is 0
	TOKEN=$(cat "$T/.out")
	upsert "$TOKEN"
	is 0
	alike "generate ucd --account acme --json" \
	    "generate ucd --account acme --json"
	generate ucd --account acme
	lk generate ucd --account acme
	is 73
	same generate ucd --account acme
	is 73
	for json in '' --json; do
		generate web_push --account acme
		A=$ID
		generate web_push --account acme
		for verb in disable enable delete; do
			alike "$verb $A $json" "$verb $ID $json"
			is 0
		done
		generate web_push --account acme
		A=$ID
		generate web_push --account acme
		alike "rotate $A --grace 1h $json" "rotate $ID --grace 1h $json"
		is 0
		alike "rotate $A $json" "rotate $ID $json"
		is 65
		generate web_push --account left
		generate web_push --account rite
		same account set left --package essential $json
		is 0
		for name in left rite; do
			[ "$name" = left ] && lk account delete left \
			    --delete-keys $json ||
			    as nobody account delete rite --delete-keys $json
			is 0
			sed 's/left\|rite/NAME/' "$T/.out" >"$T/$name"
		done
		cmp "$T/left" "$T/rite"
	done
	lk store log --json
	prints '"actor":"nobody","from":"api unix'
}

@test "generate --count: the same, but one after the other" {
	for_nobody
	for json in '' --json; do
		alike "generate web_push --account acme --count 3 $json" \
		    "generate web_push --account acme --count 3 $json"
		is 0
		for words in "none --account a --count 3" \
		    "uce --account a --count 3" "ucd --account A --count 3" \
		    "ucd --account a --count 0" \
		    "ucd --account a --expires 1970-01-02T00:00:00Z --count 2"
		do
			# shellcheck disable=SC2086
			same generate $words $json
		done
	done
	[ "$("$LATCHKEY" list web_push --json | ids | sort -u | wc -l)" -eq 12 ]
	as nobody generate ucd --account acme --count 6
	is 73
	[ "$(wc -l <<<"$output")" -eq 5 ]
	says 'acme holds 5 of 5 ucd keys'
	says '5 of 6 tokens were shown, and their keys are there'
	lk list ucd
	[ "$(wc -l <<<"$output")" -eq 6 ]
}

@test "a user without the right: 77, and what the right is" {
	[ -x "${LATCHKEY_REMOTE-}" ] || skip "built without libcurl"
	need_user nobody
	generate ucd --account acme
	admin 'admin_mode: 0666'
	for words in types list "show $ID" "delete $ID" "account list" \
	    "generate ucd --account acme" "rotate $ID" "disable $ID" \
	    "enable $ID" "store log" "account set acme --package growth" \
	    "account delete acme"; do
		# shellcheck disable=SC2086
		as nobody $words
		is 77
		[ -z "$output" ]
		says "user nobody is not permitted to "
	done
	lk show "$ID"
	prints active
}

@test "no socket, none for this user, or nobody behind it: 77 and how" {
	for_nobody
	chmod 0600 "$S"
	as nobody list
	is 77
	says "the store $H/store belongs to root: run it as root (sudo -u root latchkey list ...), or have latchkeyd do it, whose socket unix:$S is not for you: Permission denied"
	finish KILL || :
	chmod 0666 "$S"
	as nobody list --json
	is 77
	prints "latchkeyd --admin do it, which does not answer at unix:$S: Connection refused\",\"reason\":\"not_permitted\",\"exit\":77}"
	rm "$S"
	as nobody generate ucd --account acme
	is 77
	[ -z "$output" ]
	says "does not answer at unix:$S: No such file"
	# Where all of it is for operators' keys.
	edit "$H/policy.yaml" 's/^  admin: .*/  admin: [ 127.0.0.1:8182 ]/'
	as nobody list
	is 77
	says "latchkey list --server http://127.0.0.1:8182 --token-file FILE"
	# What no latchkeyd does: as ever.
	as nobody store check
	is 77
	[ "$err" = "latchkey: the store $H/store belongs to root: run it as root (sudo -u root latchkey store check ...)" ]
}

@test "a store that this user cannot even look at: asked all the same" {
	for_nobody
	generate ucd --account acme
	finish TERM
	mkdir -m 0700 "$T/hidden"
	mv "$H/store" "$T/hidden/store"
	edit "$H/policy.yaml" "s|^store:.*|store: $T/hidden/store|"
	start
	same list
	is 0
	finish TERM
	as nobody list
	is 77
	says "the store $T/hidden/store is not yours to read: run it as its owner, or have latchkeyd --admin do it"
	for words in "scan $H/policy.yaml" reload; do
		# shellcheck disable=SC2086
		as nobody $words
		is 77
		says 'run this as the owner of the store'
	done
}

@test "a socket that is another user's is not trusted" {
	for_nobody
	command -v socat >/dev/null || skip "needs socat"
	id -u games >/dev/null 2>&1 || skip "needs the user games"
	finish TERM
	mkdir "$T/g"
	chown games: "$T/g"
	edit "$H/policy.yaml" "s|^  admin: .*|  admin: [ \"unix:$T/g/s\" ]|"
	setpriv --reuid=games --clear-groups socat \
	    "UNIX-LISTEN:$T/g/s,fork,mode=666" "EXEC:cat" 3>&- &
	OTHER=$!
	comes [ -S "$T/g/s" ]
	as nobody list
	is 69
	says "unix:$T/g/s is not trusted: uid $(id -u games) serves it"
}

@test "a policy that others may write names nobody to be asked" {
	for_nobody
	chmod 0666 "$H/policy.yaml"
	as nobody list
	is 78
	says chmod
}

@test "latchkeyd stopped by a signal, in the middle of it: 75" {
	for_nobody
	generate ucd --account acme
	kill -STOP "$PID"
	as nobody delete "$ID" --timeout 1s
	is 75
	says "whether it was done is not known (latchkey show $ID)"
	kill -CONT "$PID"
}

@test "several keys at once: all of them or none, and what is noted" {
	for_nobody
	generate web_push --account acme
	A=$ID
	generate web_push --account acme
	B=$ID
	same delete "$A" "$B" 000000000000
	is 66
	same delete "$A" x
	is 66
	lk list --json
	prints "$A"
	lk disable "$A"
	same disable "$A" "$A"
	is 0
	as nobody delete "$A" "$B" "$A"
	is 0
	[ "$output" = "deleted $A
deleted $B
deleted $A" ]
	same delete "$A" "$B"
	is 66
	generate web_push --account acme
	as nobody delete "$A" "$ID"
	is 0
	says "deleted already: $A"
}

# A terminator of TLS in front of latchkeyd's TCP socket, on $TLS.
behind_tls() {
	command -v socat >/dev/null || skip "needs socat"
	socat -V | grep -q 'WITH_OPENSSL 1' || skip "socat without TLS"
	command -v openssl >/dev/null || skip "needs openssl"
	[ -x "${LATCHKEY_REMOTE-}" ] || skip "built without libcurl"
	edit "$H/policy.yaml" 's/^types:$/types:\n  op: { plugin: operator, prefix: lkop }/'
	"$LATCHKEY" generate op --account ann --role administrator \
	    2>/dev/null >"$T/token"
	chmod 600 "$T/token"
	admin
	TLS=$("$top_builddir/tests/integration/gateway_backend" -p)
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
	    -nodes -keyout "$T/tls.key" -out "$T/tls.crt" -days 2 \
	    -subj /CN=latchkey -addext subjectAltName=IP:127.0.0.1 2>/dev/null
	finish TERM
	TCP=$("$top_builddir/tests/integration/gateway_backend" -p)
	edit "$H/policy.yaml" "s|^  admin: .*|  admin: [ \"unix:$S\", 127.0.0.1:$TCP ]|"
	start
	socat "OPENSSL-LISTEN:$TLS,bind=127.0.0.1,fork,reuseaddr,cert=$T/tls.crt,key=$T/tls.key,verify=0" \
	    "TCP:127.0.0.1:$TCP" 2>"$T/tls.err" 3>&- &
	OTHER=$!
	comes socat /dev/null "TCP:127.0.0.1:$TLS" 2>/dev/null
	BY=(--server "https://127.0.0.1:$TLS" --token-file "$T/token")
}

@test "--server: the same over https, by the key of an operator" {
	behind_tls
	generate ucd --account acme
	unset LATCHKEY_HOME
	# Of the operator's key, when it was last used is another each time.
	for words in types "list ucd" "show $ID" "account list" "store log"; do
		# shellcheck disable=SC2086
		lk $words --home "$H" --json
		was=$output
		# shellcheck disable=SC2086
		lk $words "${BY[@]}" --server-ca "$T/tls.crt" --json
		is 0
		diff <(echo "$was") "$T/.out" >&2
		[ -z "$err" ]
	done
	lk generate ucd --account acme "${BY[@]}" --server-ca "$T/tls.crt"
	is 0
	[[ $output == ucd_* ]]
	lk generate uce --account acme "${BY[@]}" --server-ca "$T/tls.crt"
	is 64
	[ "$err" = "latchkey: no type uce in https://127.0.0.1:$TLS: did you mean ucd?" ]
	lk delete "$ID" "${BY[@]}" --server-ca "$T/tls.crt"
	is 0
	[ "$output" = "deleted $ID" ]
	lk store log --home "$H" --json
	prints '"actor":"ann","from":"api 127.0.0.1 key='
}

@test "verify --server: the verdict, the steps and the status of here" {
	behind_tls
	generate ucd --account acme
	BY+=(--server-ca "$T/tls.crt")
	printf 'X-PARTNER-NAME: acme\nX-REQUEST-TOKEN: %s\n' "$TOKEN" \
	    >"$T/headers"
	# What was asked before is told apart by nothing, but for the rate.
	told_alike() {
		lk verify "$@"
		local was=$status
		cp "$T/.out" "$T/own.out"
		cp "$T/.err" "$T/own.err"
		lk verify "$@" "${BY[@]}"
		[ "$status" -eq "$was" ] || told
		diff "$T/own.out" "$T/.out" >&2
		diff "$T/own.err" "$T/.err" >&2
	}
	for form in --explain --json --address=192.0.2.7; do
		told_alike -X POST /api/user/v1/upsert -H "@$T/headers" "$form"
		is 0
		told_alike /api/user/v1/upsert -H "@$T/headers" "$form"
		is 1
		told_alike -X POST /api/user/v1/upsert "$form"
		is 1
		told_alike /none "$form"
		is 1
		told_alike 'x y' "$form"
		is 1
	done
	lk_in "$TOKEN" verify --type ucd --account acme "${BY[@]}"
	is 0
	[ "$output" = "allow acme ucd * $ID" ]
	lk_in "$TOKEN" verify --type uce --account acme "${BY[@]}"
	is 64
	says "no type uce in https://127.0.0.1:$TLS: did you mean ucd?"
	printf 'a\0b' >"$T/body"
	lk verify -X POST /api/user/v1/upsert --body "$T/body" "${BY[@]}"
	is 65
	lk verify -X POST /api/user/v1/upsert -H $'X-A: \xff' "${BY[@]}"
	is 65
	none grep -qF "${TOKEN#ucd_}" "$T/daemon.err"
}

@test "--server: a certificate that is not known, or another's, is refused" {
	behind_tls
	lk list "${BY[@]}"
	is 69
	[ -z "$output" ]
	says "https://127.0.0.1:$TLS is not trusted: "
	says "--server-ca FILE"
	lk list --server "https://localhost:$TLS" --token-file "$T/token" \
	    --server-ca "$T/tls.crt"
	is 69
	says "is not trusted"
	lk list "${BY[@]}" --server-ca "$H/policy.yaml"
	is 69
	lk list "${BY[@]}" --server-ca "$T/none"
	is 66
	# Plain HTTP behind https.
	lk list --server "https://127.0.0.1:$TCP" --token-file "$T/token" \
	    --server-ca "$T/tls.crt"
	is 69
	says "cannot be reached"
}

@test "--server: a token that is none, or has not the right" {
	behind_tls
	generate ucd --account acme
	printf '%s\n' "$TOKEN" >"$T/token"
	lk list "${BY[@]}" --server-ca "$T/tls.crt"
	is 77
	[ -z "$output" ]
	"$LATCHKEY" generate op --account ann --role viewer 2>/dev/null \
	    >"$T/token"
	lk list "${BY[@]}" --server-ca "$T/tls.crt"
	is 0
	lk delete "$ID" "${BY[@]}" --server-ca "$T/tls.crt"
	is 77
	lk show "$ID"
	prints active
	# On a socket of this machine it counts in the place of the user.
	lk delete "$ID" --server "unix:$S" --token-file "$T/token"
	is 77
	lk delete "$ID" --server "unix:$S"
	is 0
}
