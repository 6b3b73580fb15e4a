#!/usr/bin/env bats
# The command itself: verbs, options, help, messages, exit statuses.

# Set by the helpers, in the subshell of each test.
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154

# shellcheck source=tests/integration/helpers.bash
load helpers

verbs() {
	"$LATCHKEY" --help | sed -n 's/^  \([a-z]*\( [a-z]\{1,\}\)\{0,1\}\)  .*/\1/p'
}

# The options of a verb as its help names them.
options_of() {
	# shellcheck disable=SC2086
	"$LATCHKEY" help $1 | sed -n 's/^  .*--\([a-z-]*\).*/\1/p' |
	    grep -v '^$' | sort -u
}

@test "without a verb: usage on standard error, 64" {
	lk
	is 64
	says "usage: latchkey VERB"
	[ -z "$output" ]
}

@test "--help and help: the verbs, on standard output" {
	lk --help
	is 0
	prints "generate"
	cp "$T/.out" "$T/first"
	lk help
	is 0
	cmp "$T/first" "$T/.out"
}

@test "--help of a group: its verbs" {
	for words in "store --help" "store -h" "--help store"; do
		# shellcheck disable=SC2086
		lk $words
		is 0
		prints "usage: latchkey store check"
		prints "usage: latchkey store log"
	done
}

@test "--version" {
	lk --version
	is 0
	[[ $output =~ ^latchkey\ [0-9]+\.[0-9]+\.[0-9]+ ]]
}

@test "every verb: --help and help VERB agree, with usage and an example" {
	n=0
	while read -r verb; do
		# shellcheck disable=SC2086
		"$LATCHKEY" help $verb >"$T/a"
		# shellcheck disable=SC2086
		"$LATCHKEY" $verb --help >"$T/b"
		cmp "$T/a" "$T/b"
		grep -q "^usage: latchkey $verb" "$T/a"
		grep -q "^example:" "$T/a"
		grep -q -- "--home DIR" "$T/a"
		grep -q -- "--json" "$T/a"
		grep -q -- "--help" "$T/a"
		n=$((n + 1))
	done < <(verbs)
	[ "$n" -ge 15 ]
}

@test "completions and latchkey(1) name every verb and option" {
	page=$top_srcdir/core/man/latchkey.1
	bash=$top_srcdir/core/cli/latchkey.bash
	zsh=$top_srcdir/core/cli/_latchkey
	while read -r verb; do
		grep -q "^\.\(It Ic\|It Xo Ic\|Ic\) $verb" "$page" ||
		    { echo "latchkey.1: $verb" >&2; false; }
		for word in $verb; do
			grep -qw -- "$word" "$bash" ||
			    { echo "bash: $verb" >&2; false; }
			grep -qw -- "$word" "$zsh" ||
			    { echo "zsh: $verb" >&2; false; }
		done
		while read -r opt; do
			grep -qe "Fl -$opt\>" "$page" ||
			    { echo "latchkey.1: $verb --$opt" >&2; false; }
			grep -qe "--$opt\>" "$bash" ||
			    { echo "bash: $verb --$opt" >&2; false; }
			grep -qe "--$opt\>" "$zsh" ||
			    { echo "zsh: $verb --$opt" >&2; false; }
		done < <(options_of "$verb")
	done < <(verbs)
}

@test "bash completes verbs, options and types" {
	PATH=$(dirname "$LATCHKEY"):$PATH run bash -c '
		. "$1"
		complete() { :; }; compopt() { :; }
		try() {
			COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
			_latchkey; echo "${COMPREPLY[*]}"
		}
		try latchkey gen
		try latchkey generate --acco
		try latchkey generate --home "$2" u
		try latchkey policy ch
		try latchkey policy check --st
		try latchkey store log --st
		try latchkey list --st' - \
	    "$top_srcdir/core/cli/latchkey.bash" "$H"
	[ "$status" -eq 0 ]
	[ "$output" = "generate
--account
ucd
check
--store
--store
--store" ]
}

@test "options may stand anywhere, as --opt value or --opt=value" {
	unset LATCHKEY_HOME
	lk --home "$H" generate ucd --account acme
	is 0
	lk generate --account=acme --home="$H" ucd
	is 0
	lk generate --account acme ucd --home "$H"
	is 0
	lk --account acme --json --home "$H" list
	is 0
	[ "$(grep -o '"id"' <<<"$output" | wc -l)" -eq 3 ]
}

@test "-- ends the options" {
	lk show -- --json
	is 66
	[ -z "$output" ]
}

@test "an unknown verb, option or type: did you mean, 64" {
	while IFS='|' read -r words want; do
		# shellcheck disable=SC2086
		lk $words
		is 64
		says "$want"
	done <<-'END'
		generat ucd --account a|unknown verb generat: did you mean generate?
		polcy check|unknown verb polcy: did you mean policy?
		policy chek|unknown verb policy chek: did you mean policy check?
		help lst|unknown verb lst: did you mean list?
		generate ucd --acount a|unknown option --acount of generate: did you mean --account?
		generate ucf --account a|did you mean ucd?
		list ucf|did you mean ucd?
		verify --type ucf|did you mean ucd?
		list -q|unknown option -q of list
		xyzzyxyzzy|unknown verb xyzzyxyzzy (latchkey --help)
		help policy chek|unknown verb policy chek: did you mean policy check?
		-q|unknown option -q of latchkey (latchkey --help)
	END
}

@test "usage that cannot be: 64, with the usage" {
	while IFS='|' read -r words want; do
		# shellcheck disable=SC2086
		lk $words
		is 64
		says "$want"
	done <<-'END'
		generate|generate needs more: latchkey generate TYPE
		generate ucd|generate needs --account
		generate ucd more --account a|does not take more
		generate ucd --account|--account needs a value
		generate ucd --account a --account b|--account is given twice
		list --all=yes|--all takes no value
		show|show needs more: latchkey show KEYID
		delete|delete needs more: latchkey delete KEYID
		account|account needs another word: account set, account list, account delete
		account set acme|account set needs --package
		verify|verify needs a PATH, or --type
		verify / --type ucd|a PATH or --type, not both
		verify / --account a|--account goes with --type
		verify --type ucd --body f|--body is of a request
		verify / -H nonsense|a header reads 'Name: value'
	END
}

@test "--json: a failure is one object, its sentence on standard error too" {
	lk generat --json
	is 64
	[ "$output" = '{"error":"unknown verb generat: did you mean generate?","reason":"usage","exit":64}' ]
	[ "$err" = "latchkey: unknown verb generat: did you mean generate?" ]
	lk --json
	is 64
	prints '"reason":"usage","exit":64}'
	lk show AAAAAAAAAAAA --json
	is 66
	[ "$output" = '{"error":"no key AAAAAAAAAAAA (latchkey list)","reason":"not_found","exit":66}' ]
}

@test "no home, or none there: what to do" {
	unset LATCHKEY_HOME
	lk list --home "$T/nowhere"
	is 66
	says "$T/nowhere/policy.yaml"
	[ ! -d /etc/latchkey ] || skip "there is an /etc/latchkey"
	XDG_CONFIG_HOME=$T/xdg lk list
	is 66
	says "$T/xdg/latchkey/policy.yaml"
	says "latchkey init"
	XDG_CONFIG_HOME=$T new_home "$T/latchkey"
	XDG_CONFIG_HOME=$T lk list
	is 0
	# It would be made anew nowhere else.
	LATCHKEY_HOME=$H lk init
	is 78
}

@test "standard output full: 74" {
	generate ucd --account acme
	status=0
	"$LATCHKEY" list >/dev/full 2>"$T/.err" || status=$?
	[ "$status" -eq 74 ]
	grep -q "standard output" "$T/.err"
}

@test "a reader that ends early does no harm" {
	generate ucd --account acme
	run bash -c 'set -o pipefail; "$1" list 2>&1 | true' - "$LATCHKEY"
	[ "$status" -eq 0 ] || [ "$status" -eq 74 ]
}

@test "tables: whole when piped, fitted to a terminal, colour only there" {
	generate ucd --account an-account-of-a-long-name.example \
	    --label 'a label that is much too long for a narrow screen'
	lk list
	prints "an-account-of-a-long-name.example"
	prints "too long for a narrow screen"
	[[ $output != *$'\033'* ]]
	need_terminal
	COLUMNS=80 TERM=xterm script -qec "$LATCHKEY list" /dev/null \
	    >"$T/tty" </dev/null
	grep -q $'\033\[1m' "$T/tty"
	sed 's/\x1b\[[0-9;]*m//g; s/\r$//' "$T/tty" >"$T/plain"
	[ "$(LC_ALL=C.UTF-8 wc -L <"$T/plain")" -le 80 ]
	NO_COLOR=1 TERM=xterm script -qec "$LATCHKEY list" /dev/null \
	    >"$T/tty" </dev/null
	none grep -q $'\033' "$T/tty"
}

@test "tables fit 60 columns" {
	generate ucd --account an-account-of-a-long-name.example
	need_terminal
	for words in list types "store log" "account list" "plugin list"; do
		COLUMNS=60 TERM=xterm script -qec "$LATCHKEY $words" \
		    /dev/null >"$T/tty" </dev/null
		sed 's/\x1b\[[0-9;]*m//g; s/\r$//' "$T/tty" >"$T/plain"
		[ "$(LC_ALL=C.UTF-8 wc -L <"$T/plain")" -le 60 ] ||
		    { cat "$T/plain" >&2; false; }
	done
}

@test "last used that never was: - in the table, null in JSON" {
	generate web_push --account acme
	lk list
	[[ $output =~ -[[:space:]]*$ ]]
	lk list --json
	prints '"last_used":null'
}

@test "list --json, exactly" {
	generate ucd --account acme --label 'say "hi"' --allow 10.0.0.0/8 \
	    --allow ::1 --expires 2099-01-02T03:04:05Z
	lk list --json
	is 0
	got=$(sed -E 's/20[0-9]{2}-[0-9-]{5}T[0-9:]{8}Z/TIME/
	    s/"created_by":"[^"]*"/"created_by":"ME"/' <<<"$output")
	tail=${TOKEN: -4}
	want='{"keys":[{"id":"'$ID'","type":"ucd","account":"acme",'
	want+='"label":"say \"hi\"","hint":"ucd_…'$tail'","state":"active",'
	want+='"created":"TIME","created_by":"ME",'
	want+='"expires":"2099-01-02T03:04:05Z","not_before":null,'
	want+='"last_used":null,"deleted":null,'
	want+='"addresses":["10.0.0.0/8","::1"],'
	want+='"replaces":null,"replaced_by":null,"role":null}]}'
	[ "$got" = "$want" ] || { echo "$got"; echo "$want"; false; } >&2
}

@test "list: by type and account; show; account list; store log" {
	generate ucd --account acme
	a=$ID
	generate web_push --account acme
	generate ucd --account beta
	lk list ucd --json
	[ "$(grep -o '"id"' <<<"$output" | wc -l)" -eq 2 ]
	lk list --account acme --json
	[ "$(grep -o '"id"' <<<"$output" | wc -l)" -eq 2 ]
	lk list ucd --account acme
	is 0
	prints "$a"
	lk show "$a"
	is 0
	prints "account     acme"
	lk show "$a" --json
	prints '{"key":{"id":"'"$a"'"'
	lk account list --json
	[ "$output" = '{"accounts":[{"account":"acme","package":null,"keys":2},{"account":"beta","package":null,"keys":1}]}' ]
	lk store log "$a" --json
	is 0
	prints '"event":"generate"'
	[ "$(grep -o '"seq"' <<<"$output" | wc -l)" -eq 1 ]
	lk store log
	prints "generate"
	lk delete "$a"
	lk show "$a" --json
	[[ $output =~ \"deleted\":\"20[0-9-]{8}T[0-9:]{8}Z\" ]] || told
	lk list --all --json
	[[ $output =~ \"deleted\":\"20.*\"deleted\":null ]] || told
	lk types --json
	prints '"generators":["admin'
	prints '{"type":"ucd","title":"Unified Customer Database","prefix":"ucd","plugin":"ucd","limit":5,"held":1,"apis":8,'
	prints '"limit":null'
}

@test "store log: details are told apart, as an object with --json" {
	generate ucd --account acme --label 'a "b" expires=1 c' \
	    --expires 2099-01-02T03:04:05Z --allow 10.0.0.0/8 --allow ::1
	lk account set acme --package essential
	is 0
	lk account set acme --package growth
	is 0
	lk store log --json
	is 0
	prints '"details":{"type":"ucd","account":"acme","digest":"'
	prints '","pepper":1,"hint":"ucd_…'"${TOKEN: -4}"'","label":"a \"b\" expires=1 c","expires":"2099-01-02T03:04:05Z"}'
	prints '"details":{"add":["10.0.0.0/8","::1"]}'
	prints '"details":{"account":"acme","package":"growth"}'
	lk store log
	prints 'label="a \"b\" expires=1 c" expires=2099-01-02T03:04:05Z'
	prints 'add=10.0.0.0/8,::1'
	generate ucd --account acme --label plain
	lk store log "$ID"
	prints "label=plain"
	lk delete "$ID"
	lk store log "$ID" --json
	prints '"details":{}'
}

@test "plugin list and plugin show" {
	lk plugin list
	is 0
	prints "ucd"
	prints "entitlement"
	lk plugin list --json
	prints '"thread_safe":true,"used_by":["ucd"],'
	[[ $output =~ \"name\":\"entitlement\"[^{]*\"used_by\":\[\"[a-z_]+\",\"[a-z_]+\" ]] || told
	lk plugin show ucd
	is 0
	prints "token_header"
	prints "in the policy:"
	lk plugin show ucd --json
	prints '{"plugin":{"name":"ucd","kind":"type"'
	lk plugin show no_such
	[ "$status" -ne 0 ]
}

@test "core dumps are off and files are private" {
	command -v strace >/dev/null || skip "needs strace"
	strace -f -e trace=prlimit64,setrlimit,prctl,umask -o "$T/trace" \
	    "$LATCHKEY" types >/dev/null 2>&1 || skip "strace may not trace"
	grep -q 'RLIMIT_CORE, {rlim_cur=0, rlim_max=0}' "$T/trace"
	grep -q 'PR_SET_DUMPABLE, SUID_DUMP_DISABLE' "$T/trace"
	grep -q 'umask(077)' "$T/trace"
}
