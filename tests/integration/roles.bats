#!/usr/bin/env bats
# Who may: roles, the owner of the store, the verifiers' group, trust.

# Set by the helpers, in the subshell of each test.
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154

# shellcheck source=tests/integration/helpers.bash
load helpers

@test "init: modes, and a home that is there already" {
	[ "$(stat -c %a "$H")" = 755 ]
	[ "$(stat -c %a "$H/policy.yaml")" = 644 ]
	[ "$(stat -c %a "$H/pepper/1")" = 600 ]
	[ "$(stat -c %a "$H/store")" = 700 ]
	grep -q '^store: *store$' "$H/policy.yaml"
	before=$(find "$H" -type f -exec sha256sum {} + | sort)
	lk init --home "$H"
	is 78
	says "$H"
	[ "$(find "$H" -type f -exec sha256sum {} + | sort)" = "$before" ]
}

@test "init: names that a shell or a policy could misread" {
	lk init --home "$T/it's a home"
	is 0
	prints "--home '$T/it'\\''s a home'"
	lk init --home "$T/"$'new\nline'
	is 0
	prints '/new\x0aline is a home now'
	lk init --home ''
	is 64
	lk list --home ''
	is 64
	says "the home is named by nothing"
	# The policy's paths start at its folder, those of the command do not.
	cp -r "$LATCHKEY_PLUGINS" "$T/pl ug"
	(cd "$T" && "$LATCHKEY" init --home rel --plugins "pl ug") >/dev/null
	grep -qx "plugins: \"$T/pl ug\"" "$T/rel/policy.yaml"
	lk policy check --home "$T/rel"
	is 0
	lk init --home "$T/x" --plugins "$T/none"
	is 66
	mkdir "$T/"$'a\nb'
	lk init --home "$T/x" --plugins "$T/"$'a\nb'
	is 65
	[ ! -e "$T/x" ]
}

@test "init: the default policy is sound, and names who ran it" {
	lk policy check
	is 0
	[ "$output" = "$H/policy.yaml: sound" ]
	[ -z "$err" ] || says "note:"
	grep -Eq "users: \[ root(, $(id -un))? \]" "$H/policy.yaml"
	grep -q "^default_package: growth" "$H/policy.yaml"
}

@test "init --verifiers: the group may verify, and reads the pepper" {
	need_user nobody
	group=$(id -gn nobody)
	lk init --home "$T/v" --verifiers "$group" --plugins "$LATCHKEY_PLUGINS"
	is 0
	prints "pepper"
	[ "$(stat -c '%a %G' "$T/v/pepper/1")" = "640 $group" ]
	[ "$(stat -c '%a %G' "$T/v/store")" = "750 $group" ]
	export LATCHKEY_HOME=$T/v
	generate ucd --account acme
	printf 'X-PARTNER-NAME: acme\nX-REQUEST-TOKEN: %s\n' "$TOKEN" >"$T/h"
	chmod 644 "$T/h"
	as nobody verify -X POST /api/user/v1/upsert -H "@$T/h"
	is 0
	prints "allow acme ucd upsert $ID"
	as nobody generate ucd --account acme
	is 77
	as nobody list
	is 77
	mkdir "$T/n"
	chown nobody: "$T/n"
	as nobody init --home "$T/n/h" --verifiers "$group" \
	    --plugins "$LATCHKEY_PLUGINS"
	is 77
	says "--verifiers takes root"
	[ ! -e "$T/n/h" ]
	lk init --home "$T/w" --verifiers no-such-group
	[ "$status" -ne 0 ]
	says "no-such-group"
}

@test "another user than the owner: a sentence that says what to do, 77" {
	need_user nobody
	generate ucd --account acme
	for words in "generate ucd --account acme" list "show $ID" \
	    "delete $ID" types "account list" "store check" "store log" \
	    "account set acme --package growth" "delete $ID --store $H/store"; do
		# shellcheck disable=SC2086
		as nobody $words
		is 77
		says "the store $H/store belongs to root: run it as root (sudo -u root latchkey ${words%%[ ]*}"
	done
	as nobody policy check
	is 0
	as nobody verify /nothing
	[ "$status" -ne 0 ]
	[ "$status" -ne 1 ]
	[ -n "$err" ]
	lk show "$ID"
	prints "active"
}

@test "root works as the owner of the store; nothing of root's is left in it" {
	need_user nobody
	mkdir "$T/n"
	chown nobody: "$T/n"
	as nobody init --home "$T/n/home" --plugins "$LATCHKEY_PLUGINS"
	is 0
	export LATCHKEY_HOME=$T/n/home
	as nobody generate ucd --account acme
	is 0
	generate ucd --account acme
	upsert "$TOKEN"
	is 0
	lk store log "$ID" --json
	prints '"actor":"root"'
	lk delete "$ID"
	is 0
	[ -z "$(find "$T/n/home/store" ! -user nobody)" ]
	as nobody list
	is 0
}

@test "peppers that are not the store's owner's: rotate and retire say the way" {
	need_user nobody
	group=$(id -gn nobody)
	lk init --home "$T/v" --verifiers "$group" --plugins "$LATCHKEY_PLUGINS"
	is 0
	chown -R "nobody:$group" "$T/v/store"
	export LATCHKEY_HOME=$T/v
	generate ucd --account acme
	lk pepper rotate
	is 77
	says "$T/v/pepper/2: Permission denied"
	way=${err##*then rotate: }
	sh -c "$way"
	[ "$(stat -c '%a %U %G %s' "$T/v/pepper/2")" = "640 root $group 32" ]
	lk pepper rotate
	is 0
	upsert "$TOKEN"
	is 0
	lk pepper retire --delete-keys
	is 77
	says "rm $T/v/pepper/1"
	upsert "$TOKEN"
	is 1
	sh -c "${err##*remove: }"
	generate ucd --account acme
	upsert "$TOKEN"
	is 0
	lk store check
	is 0
}

@test "a user in no role cannot generate or delete: 77" {
	generate ucd --account acme
	edit "$H/policy.yaml" 's/^\( *users: \[\).*/\1 games ]/
	    s/^\( *groups: \[\).*/\1 games ]/'
	case " $(id -Gn) " in
	*" games "*) skip "needs a user who is not in the group games" ;;
	esac
	lk generate ucd --account acme
	is 77
	says "user $(id -un) is not permitted to generate keys: "
	[ -z "$output" ]
	lk delete "$ID"
	is 77
	says "user $(id -un) is not permitted to delete keys: "
	lk list
	is 77
	lk account set acme --package essential
	is 77
	lk generate ucd --account acme --json
	is 77
	prints '"reason":"not_permitted","exit":77}'
	# To verify takes no role.
	upsert "$TOKEN"
	is 0
}

@test "a right that no role has: said so, without a list of none" {
	generate ucd --account acme
	edit "$H/policy.yaml" 's/^\( *may: .*\), accounts \]/\1 ]/'
	lk account set acme --package essential
	is 77
	says "is not permitted to change accounts: no role may; give one"
}

@test "a role by group" {
	edit "$H/policy.yaml" 's/^\( *\)users: \[.*/\1users: [ games ]/'
	edit "$H/policy.yaml" '/^  administrator:/,/^  viewer:/ {
	    /^    groups:/d
	    s/^\( *\)users:.*/&\n\1groups: [ '"$(id -gn)"' ]/
	}'
	lk generate ucd --account acme
	is 0
}

@test "a user or group that does not exist is a note" {
	edit "$H/policy.yaml" 's/^\( *users: \[\)/\1 no-such-user,/'
	lk policy check
	is 0
	says "note:"
	says "no-such-user"
	lk list
	is 0
}

@test "SUDO_USER is recorded, not trusted" {
	SUDO_USER=somebody lk generate ucd --account acme
	is 0
	lk store log --json
	prints '"from":"cli sudo=somebody"'
	prints '"actor":"'"$(id -un)"'"'
}

@test "a policy that others may write: refused in use, sound in a check" {
	generate ucd --account acme
	chmod o+w "$H/policy.yaml"
	lk policy check
	is 0
	for words in list types "generate ucd --account acme" "verify /x"; do
		# shellcheck disable=SC2086
		lk $words
		is 78
		says "chmod"
		says "policy.yaml"
	done
	chmod o-w "$H/policy.yaml"
	chmod o+w "$H"
	lk list
	is 78
	says "chmod"
	chmod o-w "$H"
	lk list
	is 0
}

@test "a plugin that others may write is refused, that type alone" {
	cp -r "$LATCHKEY_PLUGINS" "$T/plugins"
	chmod 755 "$T/plugins"
	edit "$H/policy.yaml" "s|^plugins:.*|plugins: $T/plugins|"
	chmod o+w "$T/plugins/mobile.so"
	lk generate ucd --account acme
	is 0
	lk generate mobile --account acme
	is 69
	says "mobile.so"
	lk plugin list
	is 0
	says "chmod"
}

# twin: another home, $O, of the same pepper and policy.
twin() {
	O=$T/other
	rm -rf "$O"
	mkdir -m 755 "$O"
	cp -pR "$H/pepper" "$O/"
	new_home "$O"
	cp "$H/policy.yaml" "$O/"
}

@test "export and import carry the role of an operator's key" {
	edit "$H/policy.yaml" \
	    's/^types:$/types:\n  op: { plugin: operator, prefix: lkop }/'
	generate op --account ann --role viewer
	one=$ID
	generate op --account bob --role administrator --label b
	generate ucd --account acme
	"$LATCHKEY" list --json >"$T/before"
	"$LATCHKEY" export >"$T/all.csv"
	"$LATCHKEY" export --format jsonl >"$T/all.jsonl"
	for f in all.csv all.jsonl; do
		twin
		lk import "$T/$f" --home "$O"
		is 0
		prints '3 taken'
		"$LATCHKEY" list --json --home "$O" >"$T/after"
		cmp "$T/before" "$T/after"
		grep -q "\"id\":\"$one\".*\"role\":\"viewer\"" "$T/after"
		"$LATCHKEY" export --home "$O" | cmp "$T/all.csv" -
	done
	# A key of no operator has none, and one of an operator must have one
	# that the policy has.
	sed '/,ucd,/s/$/viewer/' "$T/all.csv" >"$T/more.csv"
	sed 's/,viewer$/,/' "$T/all.csv" >"$T/less.csv"
	sed 's/,viewer$/,boss/' "$T/all.csv" >"$T/other.csv"
	sed "s/,viewer$/,$(printf 'x%.0s' {1..33})/" "$T/all.csv" >"$T/long.csv"
	cut -d , -f 1-17 "$T/all.csv" >"$T/old.csv"
	for f in more less other long old; do
		twin
		lk import "$T/$f.csv" --home "$O"
		is 65
		lk list --home "$O"
		[ -z "$output" ]
	done
	lk import "$T/old.csv" --home "$O"
	says 'old.csv:2: '
	says 'needs a role'
	# Of another system there is no such key at all.
	edit "$H/policy.yaml" 's/^\(  op: {\) /\1 imported: true, /'
	twin
	printf 'type,account,sha256\nop,ann,%064d\n' 1 >"$T/foreign.csv"
	lk import "$T/foreign.csv" --home "$O"
	is 65
	says 'needs a role'
}

@test "nobody imports a role that may more than he may" {
	edit "$H/policy.yaml" \
	    's/^types:$/types:\n  op: { plugin: operator, prefix: lkop }/'
	generate op --account bob --role administrator
	"$LATCHKEY" export >"$T/admin.csv"
	generate op --account ann --role viewer
	"$LATCHKEY" export op --account ann >"$T/viewer.csv"
	twin
	me=$(id -un)
	edit "$O/policy.yaml" "s/^    users: \[.*/    users: [ games ]\n  maker: { may: [ generate, list ], users: [ $me ] }/"
	for words in "import $T/admin.csv" "import $T/admin.csv --skip-bad" \
	    "import $T/admin.csv --dry-run"; do
		# shellcheck disable=SC2086
		lk $words --home "$O"
		is 77
		says "is not permitted to give the role administrator"
	done
	lk list --home "$O"
	[ -z "$output" ]
	lk import "$T/viewer.csv" --home "$O"
	is 0
	prints '1 taken'
}
