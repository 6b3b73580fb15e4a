# helpers.bash: what the .bats files of the command share.
#
# make check gives them the staged install: LATCHKEY (the command),
# LATCHKEY_PLUGINS, LATCHKEY_TEST_PLUGINS, LATCHKEY_STAGE.  Each test has a home
# of its own in $H, below $T, which is removed at its end.
# shellcheck shell=bash
# What it sets is used by the tests.
# shellcheck disable=SC2034

: "${LATCHKEY:=latchkey}"
: "${top_srcdir:=$BATS_TEST_DIRNAME/../..}"

# A home as the default policy makes it, in $H.
setup() {
	T=$(mktemp -d "${TMPDIR:-/tmp}/latchkey-bats.XXXXXX")
	# Another user may look for the home; root runs as its owner.
	chmod 755 "$T"
	H=$T/home
	export LATCHKEY_HOME=$H
	unset NO_COLOR SUDO_USER
	new_home "$H"
}

teardown() {
	if [ -n "${MOUNTED-}" ]; then
		umount "$MOUNTED" || :
	fi
	rm -rf "$T"
}

new_home() {
	"$LATCHKEY" init --home "$1" ${LATCHKEY_PLUGINS:+--plugins} \
	    ${LATCHKEY_PLUGINS:+"$LATCHKEY_PLUGINS"} >/dev/null
}

# lk WORD...: the command on $H; output, err and status, as run does.
lk() {
	status=0
	"$LATCHKEY" "$@" >"$T/.out" 2>"$T/.err" </dev/null || status=$?
	output=$(cat "$T/.out")
	err=$(cat "$T/.err")
}

# lk_in TEXT WORD...: likewise, with TEXT on standard input.
lk_in() {
	local text=$1
	shift
	status=0
	printf '%s' "$text" | "$LATCHKEY" "$@" >"$T/.out" 2>"$T/.err" ||
	    status=$?
	output=$(cat "$T/.out")
	err=$(cat "$T/.err")
}

# What the last command did, for a test that fails.
told() {
	printf 'status %s\nout: %s\nerr: %s\n' "$status" "$output" "$err" >&2
	return 1
}

# is STATUS: the last command ended so.
is() {
	[ "$status" -eq "$1" ] || told
}

# says TEXT / prints TEXT: standard error / output holds TEXT.
says() {
	[[ $err == *"$1"* ]] || told
}

prints() {
	[[ $output == *"$1"* ]] || told
}

# none COMMAND...: it must fail (a plain ! does not end a test).
none() {
	if "$@"; then
		return 1
	fi
}

# comes COMMAND...: it is so within a minute.
comes() {
	local i
	for ((i = 0; i < 1200; i++)); do
		"$@" && return
		sleep 0.05
	done
	return 1
}

# generate WORD...: a token into $TOKEN, its key id into $ID.
generate() {
	local json
	json=$("$LATCHKEY" generate "$@" --json 2>/dev/null) || return
	TOKEN=$(member token "$json")
	ID=$(member id "$json")
}

# rotate WORD...: as generate, with the key's id in $ID before and after.
rotate() {
	local json
	json=$("$LATCHKEY" rotate "$ID" "$@" --json 2>/dev/null) || return
	OLD=$ID OLDTOKEN=$TOKEN
	TOKEN=$(member token "$json")
	ID=$(member id "$json")
}

field() {
	member "$2" "$("$LATCHKEY" show "$1" --json 2>/dev/null)"
}

# expired ID...: wait until they are; disabled ones read so for ever.
expired() {
	local i
	for i; do
		until [ "$(field "$i" state)" = expired ]; do
			sleep 0.2
		done
	done
}

# The sh blocks of a README.
blocks() {
	awk '/^```sh$/ { on = 1; next } /^```$/ { on = 0 } on' "$1"
}

# member NAME JSON: the first string member of that name.
member() {
	printf '%s\n' "$2" | sed 's/.*"'"$1"'":"\([^"]*\)".*/\1/;t
	    s/.*//' | head -n 1
}

# upsert TOKEN [ACCOUNT [OPTION...]]: verify a real request.
upsert() {
	local token=$1 account=${2-acme}
	shift
	[ $# -eq 0 ] || shift
	printf 'X-PARTNER-NAME: %s\nX-REQUEST-TOKEN: %s\n' "$account" \
	    "$token" >"$T/.headers"
	lk verify -X POST /api/user/v1/upsert -H "@$T/.headers" "$@"
}

# edit FILE SED-SCRIPT
edit() {
	sed "$2" "$1" >"$T/.edit"
	cat "$T/.edit" >"$1"
}

# Skips where script(1) or a pseudo-terminal is lacking.
need_terminal() {
	script -qec true /dev/null >/dev/null 2>&1 </dev/null ||
	    skip "needs script(1) and a pseudo-terminal"
}

# A user who is neither root nor who runs this; skips where there is none, or none
# who gets to what was built, as below /root.
need_user() {
	[ "$(id -u)" -eq 0 ] || skip "needs root, to run as $1"
	id -u "$1" >/dev/null 2>&1 || skip "needs the user $1"
	command -v setpriv >/dev/null || skip "needs setpriv"
	setpriv --reuid="$1" --regid="$(id -g "$1")" --clear-groups \
	    "$LATCHKEY" --version >/dev/null 2>&1 ||
	    skip "needs a folder that others may enter"
}

# as USER WORD...: the command as another user, with none of root's rights.
as() {
	local user=$1
	shift
	status=0
	setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups \
	    "$LATCHKEY" "$@" >"$T/.out" 2>"$T/.err" </dev/null || status=$?
	output=$(cat "$T/.out")
	err=$(cat "$T/.err")
}
