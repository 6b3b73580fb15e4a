#!/bin/sh
# demo.sh PREFIX: the main job of latchkey, installed below PREFIX, in a new
# temporary home: each step is shown as the command that a reader can repeat.
# Exits 1 as soon as something is not as it should be.
#
# LATCHKEY_PLUGINS: the folder of plugins, where it is not the installed one.
set -u

prefix=${1:?usage: demo.sh PREFIX}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/latchkey-demo.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' 0
trap 'exit 129' 1 2 15
cd "$tmp" || exit 1
unset LATCHKEY_HOME

die() {
	printf 'demo.sh: %s\n' "$*" >&2
	exit 1
}

note() {
	printf '\n# %s\n' "$*"
}

# step STATUS COMMAND: show it, run it, and go on if it ends so.  What it
# printed is in $out.
step() {
	printf '$ %s\n' "$2"
	got=0
	eval "$2" >"$tmp/.shown" 2>&1 || got=$?
	cat "$tmp/.shown"
	out=$(cat "$tmp/.shown")
	[ "$got" -eq "$1" ] ||
	    die "that ended with $got where $1 was expected"
	if [ "$got" -ne 0 ]; then
		printf '(exit status %d)\n' "$got"
	fi
}

holds() {
	case $out in
	*"$1"*) ;;
	*) die "expected: $1" ;;
	esac
}

note "A new home: a policy, a pepper, a store."
step 0 "export PATH=\"$prefix/bin:\$PATH\" LATCHKEY_HOME=$tmp/home"
if [ -n "${LATCHKEY_PLUGINS-}" ]; then
	step 0 "latchkey init --plugins $LATCHKEY_PLUGINS"
else
	step 0 "latchkey init"
fi
step 0 "latchkey types"
holds "Unified Customer Database"

note "A key of type ucd for the account acme.  Its token is shown this once."
step 0 "TOKEN=\$(latchkey generate ucd --account acme --label first)"
printf '%s\n' "$TOKEN" | grep -Eq '^ucd_[0-9A-Za-z]{36}$' ||
    die "that is no token of ucd"
if grep -rqaF "${TOKEN#ucd_}" "$tmp/home"; then
	die "the home holds the token"
fi

note "May this request be served?  The token is never in an argument."
step 0 "cat >headers <<END
Content-Type: application/json
X-PARTNER-NAME: acme
X-REQUEST-TOKEN: \$TOKEN
END"
step 0 "echo '{\"users\": [{\"identifiers\": {\"email\": \"a@b.example\"}}]}' >user.json"
step 0 "latchkey verify -X POST /api/user/v1/upsert -H @headers --body user.json --explain"
holds "allow acme ucd upsert"

note "An account may hold five ucd keys; the sixth is refused."
step 0 "for n in 2 3 4 5; do latchkey generate ucd --account acme >/dev/null 2>&1 || break; done"
step 73 "latchkey generate ucd --account acme"
holds "acme holds 5 of 5 ucd keys"
step 0 "latchkey list ucd --account acme"

note "Delete the first: from then on it is refused."
step 0 "ID=\$(latchkey list ucd --account acme | awk '/first/ { print \$1 }')"
step 0 "latchkey delete \$ID"
holds "deleted"
step 1 "latchkey verify -X POST /api/user/v1/upsert -H @headers --body user.json"
holds "deny unknown"

note "Now there is room for one."
step 0 "latchkey generate ucd --account acme >/dev/null 2>&1"
printf '\nAll as it should be.\n'
