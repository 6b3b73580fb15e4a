#!/usr/bin/env bats
# Policies: what a check tells, and types by policy alone.

# Set by the helpers, in the subshell of each test.
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154

# shellcheck source=tests/integration/helpers.bash
load helpers

# Octets of the findings, however long the paths of this machine are.
said() {
	sed "s|$T/||g; s|$LATCHKEY_PLUGINS||g" "$T/.err" | wc -c
}

@test "a new type by policy alone" {
	edit "$H/policy.yaml" 's/^  growth:.*/  growth: [ "*" ]/'
	cat >>"$H/policy.yaml" <<-'END'
	  sms:
	    title: SMS
	    plugin: ucd
	    prefix: sms
	    apis:
	      send: POST /v1/sms/send
	    options: { token_header: X-INS-AUTH-KEY, account_header: none }
	    checks: [ entitlement ]
	END
	lk policy check
	is 0
	generate sms --account acme
	[[ $TOKEN =~ ^sms_[0-9A-Za-z]{36}$ ]]
	lk verify -X POST /v1/sms/send -H "X-INS-AUTH-KEY: $TOKEN"
	is 0
	[ "$output" = "allow acme sms send $ID" ]
	lk verify -X POST /v1/sms/send -H "X-REQUEST-TOKEN: $TOKEN"
	is 1
	lk list sms
	prints "$ID"
}

@test "the commented types of the default policy work" {
	sed 's/^  # sms:/  sms:/; s/^  # operator:/  operator:/;
	    /^  operator:/,$ s/^  #   /    /' "$H/policy.yaml" >"$T/p.yaml"
	edit "$T/p.yaml" 's/^  growth:.*/  growth: [ "*" ]/'
	lk policy check "$T/p.yaml"
	is 0
	cat "$T/p.yaml" >"$H/policy.yaml"
	lk generate sms --account acme
	is 0
	lk generate operator --account ann --role viewer
	is 0
}

@test "findings: place, source line, caret, count; 78" {
	printf 'version: 1\nstroe: x\n' >"$T/p.yaml"
	lk policy check "$T/p.yaml"
	is 78
	[ -z "$output" ]
	grep -q "^$T/p.yaml:2:1: error: .*did you mean" "$T/.err"
	grep -A 2 "^$T/p.yaml:2:1: " "$T/.err" | tail -n 2 >"$T/two"
	printf 'stroe: x\n^\n' | cmp - "$T/two"
	tail -n 1 "$T/.err" | grep -Eqx '[0-9]+ errors'
}

@test "findings: a column counts characters, a tab as one; the caret fits" {
	sed 's/^    title: Unified Customer Database/    títle: x/' \
	    "$H/policy.yaml" >"$T/p.yaml"
	lk policy check "$T/p.yaml" --plugins "$LATCHKEY_PLUGINS"
	is 78
	n=$(grep -n 'títle' "$T/p.yaml" | cut -d: -f1)
	grep -q "^$T/p.yaml:$n:5: error:" "$T/.err"
	grep -A 1 '^    títle' "$T/.err" | tail -n 1 | grep -qx '    ^'
	tail -n 1 "$T/.err" | grep -qx '1 error'
}

@test "findings: of a long line a window round the caret" {
	{
		printf 'version: 1\nroles: {'
		seq -f '     kéy%g: x,' -s '' 2000 | tr -d '\n'
		printf ' z: y }\n'
	} >"$T/p.yaml"
	lk policy check "$T/p.yaml"
	is 78
	[ "$(said)" -lt 400000 ]
	sed 's/^…/ /; s/…$//; s/é/e/g' "$T/.err" >"$T/lines"
	awk '/^ +key.*x/ { line = $0; n++; next }
	    /^ +\^$/ && line != "" {
		if (length(line) > 161 || substr(line, length($0), 1) != "k" &&
		    substr(line, length($0), 1) != "x")
			exit bad = 1
	    }
	    { line = "" }
	    END { exit bad || n < 20 }' "$T/lines"
}

@test "findings of plugins are capped as those of the policy" {
	{
		sed '/^packages:/,$d' "$H/policy.yaml"
		printf 'types:\n  t: { plugin: ucd, prefix: tt, checks: [ none'
		yes ', none' | head -n 3000 | tr -d '\n'
		printf ' ] }\n'
	} >"$T/p.yaml"
	lk policy check "$T/p.yaml"
	is 78
	[ "$(grep -c ': error: ' "$T/.err")" -eq 500 ]
	says "2501 more errors are not shown: mend these first"
	[ "$(said)" -lt 400000 ]
}

@test "findings --json, exactly" {
	sed 's/^    limit: 5/    limit: 0/; s/^    groups:.*/    groups: [ '"$(id -gn)"' ]/' \
	    "$H/policy.yaml" >"$T/p.yaml"
	lk policy check "$T/p.yaml" --plugins "$LATCHKEY_PLUGINS" --json
	is 78
	n=$(grep -n 'limit: 0' "$T/p.yaml" | cut -d: -f1)
	got=$(sed -E 's/"text":"[^"]*"/"text":"TEXT"/' <<<"$output")
	[ "$got" = '{"file":"'"$T"'/p.yaml","sound":false,"findings":[{"line":'"$n"',"column":12,"text":"TEXT","kind":"error"}]}' ] || told
	lk policy check --json
	is 0
	prints '"sound":true'
}

@test "a check has no side effects and needs neither pepper nor store" {
	rm -r "$H/pepper" "$H/store"
	lk policy check
	is 0
	[ ! -e "$H/pepper" ]
	[ ! -e "$H/store" ]
}

@test "--store: types, prefixes and packages that are gone" {
	generate web_push --account acme
	generate ucd --account acme
	generate ucd --account acme
	lk account set acme --package essential
	is 0
	lk policy check --store "$H/store"
	is 0
	before=$(find "$H/store" -type f -exec sha256sum {} + | sort)
	sed 's/^    prefix: ucd/    prefix: ucx/' "$H/policy.yaml" \
	    >"$T/p.yaml"
	n=$(grep -n '^  ucd:' "$T/p.yaml" | cut -d: -f1)
	lk policy check "$T/p.yaml"
	is 0
	lk policy check "$T/p.yaml" --store "$H/store"
	is 78
	says "$T/p.yaml:$n:3: error: the prefix of ucd is ucx now, but 2 keys"
	tail -n 1 "$T/.err" | grep -qx '1 error'
	sed 's/^  essential:/  small:/' "$H/policy.yaml" >"$T/p.yaml"
	lk policy check "$T/p.yaml" --store "$H/store"
	is 78
	says "account acme has the package essential, which is gone"
	sed 's/web_push/pushes/g; s/plugin: pushes/plugin: web_push/' \
	    "$H/policy.yaml" >"$T/p.yaml"
	lk policy check "$T/p.yaml" --store "$H/store" --json
	is 78
	prints '"sound":false'
	prints "1 key of type web_push ("
	[ "$(find "$H/store" -type f -exec sha256sum {} + | sort)" = "$before" ]
	# Of the default one it is not known here whether there ever was one.
	generate ucd --account other
	sed '/^default_package:/d' "$H/policy.yaml" >"$T/q.yaml"
	lk policy check "$T/q.yaml" --store "$H/store"
	is 0
	says "note: 1 account with keys (other is one) has no package"
	lk delete "$ID"
	lk policy check "$T/q.yaml" --store "$H/store"
	is 0
	none grep -q "has no package" "$T/.err"
	# A key that is deleted holds nothing up.
	lk delete "$(lk list web_push --json; member id "$output")"
	is 0
	lk policy check "$T/p.yaml" --store "$H/store"
	is 0
	lk policy check --store "$T/none"
	is 66
	[ ! -e "$T/none" ]
}

@test "--store: who runs this would lock himself out" {
	lk policy check --store "$H/store"
	is 0
	none says "who runs this"
	edit "$H/policy.yaml" "/^  administrator:/,/users:/s/users: .*/users: [ 4242 ]/"
	n=$(grep -n '^  administrator:' "$H/policy.yaml" | cut -d: -f1)
	lk policy check
	is 0
	none says "who runs this"
	lk policy check --store "$H/store"
	is 0
	says "policy.yaml:$n:3: note: user $(id -un), who runs this, may not generate keys: the role \"administrator\" may"
	says "may not delete keys"
	says "may not list keys: the role \"administrator\" may"
	says "may not change accounts"
	lk delete 000000000000
	is 77
}

@test "a missing plugin, and --plugins instead of the policy's" {
	sed 's|^plugins:.*|plugins: /nowhere|' "$H/policy.yaml" >"$T/p.yaml"
	lk policy check "$T/p.yaml"
	is 78
	says "/nowhere"
	lk policy check "$T/p.yaml" --plugins "$LATCHKEY_PLUGINS"
	is 0
}

@test "a build that the pin refuses is not loaded to be listed or shown" {
	mkdir -m 755 "$T/plugins"
	cp "$LATCHKEY_TEST_PLUGINS/constructor.so" "$T/plugins/subject.so"
	sum=$(sha256sum "$T/plugins/subject.so" | cut -d' ' -f1)
	zero=$(printf '%064d' 0)
	cat >"$T/tail" <<-END
	plugins: { folder: $T/plugins, pins: { subject: $zero } }
	types:
	  subject:
	    plugin: subject
	    prefix: subject
	    apis: { one: POST /subject/one }
	END
	sed '/^plugins:/d; /^packages:/,$d' "$H/policy.yaml" >"$T/head"
	cat "$T/head" "$T/tail" >"$H/policy.yaml"
	export LK_TEST_MARKER=$T/marker
	lk plugin list
	is 0
	says "its SHA-256 is $sum, pinned is $zero"
	[ ! -e "$T/marker" ]
	lk plugin show subject
	prints "$zero"
	[ ! -e "$T/marker" ]
	lk plugin show subject --plugins "$T/plugins"
	is 78
	says "pinned is $zero"
	[ ! -e "$T/marker" ]
	# Nor where nothing but the policy can be read.
	mv "$H/pepper" "$T/pepper"
	lk plugin show subject
	is 78
	says "pinned is $zero"
	[ ! -e "$T/marker" ]
	edit "$H/policy.yaml" "s/$zero/$sum/"
	lk plugin show subject
	is 0
	prints "$sum"
	[ -e "$T/marker" ]
}

@test "an option of a plugin that is misspelt: line, column, did you mean" {
	edit "$H/policy.yaml" 's/token_header: X-REQUEST-TOKEN/tokn_header: X-REQUEST-TOKEN/'
	lk policy check
	is 78
	n=$(grep -n tokn_header "$H/policy.yaml" | cut -d: -f1)
	says "$H/policy.yaml:$n:7: error:"
	says "token_header"
}

@test "a file that is not there, a folder, a file that is too long" {
	lk policy check "$T/none.yaml"
	is 66
	says "$T/none.yaml"
	lk policy check "$T"
	is 78
	head -c 262145 /dev/zero | tr '\0' '#' >"$T/long.yaml"
	lk policy check "$T/long.yaml"
	is 78
}

@test "no request, no API: the checks of all APIs hold" {
	cat >>"$H/policy.yaml" <<-'END'
	  star:
	    title: Star
	    plugin: ucd
	    prefix: star
	    apis:
	      one: { on: POST /star/one, checks: [ entitlement ] }
	      two: { on: POST /star/two, checks: [ entitlement ] }
	      home: { on: POST /star/home, checks: [ address: { allow: [ 10.0.0.0/8 ] } ] }
	    options: { account_header: none }
	END
	edit "$H/policy.yaml" 's/^  growth:.*/  growth: [ "*" ]/'
	generate star --account acme
	lk verify -X POST /star/one -H "X-REQUEST-TOKEN: $TOKEN"
	is 0
	lk_in "$TOKEN" verify --type star
	is 1
	[ "$output" = "deny address_refused" ]
	edit "$H/policy.yaml" '/^      home:/s/, checks:.*/ }/'
	lk_in "$TOKEN" verify --type star
	is 0
	lk account set acme --package essential
	is 0
	lk_in "$TOKEN" verify --type star
	is 1
	[ "$output" = "deny not_entitled" ]
}

@test "a plugin that mints what could never pass: no key is made" {
	cp -r "$LATCHKEY_PLUGINS" "$T/plugins"
	cp "$LATCHKEY_TEST_PLUGINS/subject.so" "$T/plugins/"
	edit "$H/policy.yaml" "s|^plugins:.*|plugins: $T/plugins|"
	cat >>"$H/policy.yaml" <<-'END'
	  subject:
	    title: Subject
	    plugin: subject
	    prefix: subject
	    apis: { one: POST /subject/one }
	END
	lk generate subject --account acme
	is 69
	[ -z "$output" ]
	says "host->mint"
	lk list
	[ -z "$output" ]
}

@test "a long line: what is around the column, and the caret below it" {
	cp "$H/policy.yaml" "$T/p.yaml"
	printf 'other: { %s x: 1, %s y: 2 }\n' \
	    "$(printf 'a%d: 1, ' $(seq 300))" \
	    "$(printf 'b%d: 1, ' $(seq 300))" >>"$T/p.yaml"
	lk policy check "$T/p.yaml"
	is 78
	[ "$(wc -L <"$T/.err")" -le 320 ]
	{
		sed '/^store:/,$d' "$H/policy.yaml"
		printf 'roles: { administrator: { may: [ %s deletee, %s list ], users: [ root ] } }\n' \
		    "$(printf 'list, %.0s' $(seq 100))" \
		    "$(printf 'list, %.0s' $(seq 100))"
	} >"$T/p.yaml"
	lk policy check "$T/p.yaml"
	is 78
	line=$(grep -n 'deletee: \|deletee.*did you mean' "$T/.err" | head -n 1 | cut -d: -f1)
	source=$(sed -n "$((line + 1))p" "$T/.err")
	caret=$(sed -n "$((line + 2))p" "$T/.err")
	local LC_ALL=C.UTF-8
	[[ $source == …*deletee*… ]]
	[ "${#source}" -le 210 ]
	[ "${source:$((${#caret} - 1)):7}" = deletee ]
}

@test "faults of the policy and of what plugins were given, in one look" {
	sed 's/^    limit: 5/    limit: x/; s/token_header:/token_haeder:/' \
	    "$H/policy.yaml" >"$T/p.yaml"
	edit "$T/p.yaml" 's/allow: \[ 127/alow: [ 127/'
	lk policy check "$T/p.yaml"
	is 78
	says "limit"
	says "did you mean token_header?"
	says "did you mean allow?"
	tail -n 1 "$T/.err" | grep -qx '4 errors'
}

@test "each wrong policy of the table: 78, however much can be read of it" {
	mkdir "$T/wrong"
	awk -v to="$T/wrong" '/^=== / { close(f); f = to "/" ++n; next }
	    f != "" && !/^--- / { print >f }' \
	    "$top_srcdir/tests/data/policies/wrong.txt"
	n=0
	for f in "$T"/wrong/*; do
		lk policy check "$f" --plugins "$LATCHKEY_PLUGINS"
		is 78
		n=$((n + 1))
	done
	[ "$n" -ge 60 ]
}
