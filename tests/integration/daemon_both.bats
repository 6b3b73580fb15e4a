#!/usr/bin/env bats
# latchkeyd --both: two duties, each in a process of its own.

# Set by the helpers, in the subshell of each test.
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154

# shellcheck source=tests/integration/helpers.bash
load helpers
# shellcheck source=tests/integration/daemon.bash
load daemon

# both [ARGUMENT...]: on $V and $A.
both() {
	[ -x "${LATCHKEYD-}" ] || skip "built without the daemon"
	command -v curl >/dev/null || skip "needs curl"
	V=$T/verify.sock A=$T/admin.sock
	grep -q '^daemon:' "$H/policy.yaml" ||
	    printf 'daemon:\n  verify: [ "unix:%s" ]\n  admin: [ "unix:%s" ]\n' \
	    "$V" "$A" >>"$H/policy.yaml"
	S=$A DUTY=--both
	start "$@"
	comes test -S "$V"
}

# child WORD: the process of that duty: the first that is made is --verify's.
# What they have open is told to root alone: they leave no core file.
child() {
	local pids pid
	read -ra pids <"/proc/$PID/task/$PID/children"
	if [ "$(id -u)" -ne 0 ]; then
		pid=${pids[0]}
		[ "$1" = verify ] || pid=${pids[1]}
		echo "$pid"
		return
	fi
	for pid in "${pids[@]}"; do
		if [ -n "$(find "/proc/$pid/fd" \
		    -lname "$T/$1.sock.lock")" ]; then
			echo "$pid"
			return
		fi
	done
	return 1
}

answers_both() {
	S=$V
	upserts "$TOKEN"
	answers 200
	S=$A
	ask /v1/types
	answers 200
}

@test "both answer; a delete by one is a deny of the other at once" {
	generate ucd --account acme
	both --pid "$T/pid"
	answers_both
	[ "$(cat "$T/pid")" = "$PID" ]
	ask "/v1/keys/$ID" -X DELETE
	answers 200
	S=$V
	upserts "$TOKEN"
	answers 401
	ask /v1/types
	answers 404
	S=$A
	ask /auth
	answers 404
	finish TERM
	[ ! -e "$V" ]
	[ ! -e "$T/pid" ]
}

@test "the data process holds no file of the store for writing but usage" {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	both
	pid=$(child verify)
	for fd in /proc/"$pid"/fd/*; do
		file=$(readlink "$fd") || continue
		case $file in
		"$H"/store/usage) ;;
		"$H"/store/*)
			flags=$(sed -n 's/^flags:\t*//p' \
			    "/proc/$pid/fdinfo/${fd##*/}")
			[ $((flags & 3)) -eq 0 ] ;;
		esac
	done
	none grep -q "^[^ ]* .w.. .*$H/store/\(state\|index\|journal\)" \
	    "/proc/$pid/maps"
}

@test "when one of them dies, the other one is stopped, and it says so" {
	generate ucd --account acme
	for which in verify admin; do
		both
		kill -9 "$(child $which)"
		status=0
		wait "$PID" || status=$?
		PID=
		is 69
		grep -q -- "--$which was ended by signal 9" "$T/daemon.err"
		rm -f "$V" "$A"
	done
}

# The parent is killed: both end.
parent_takes_both() {
	kids=$(cat "/proc/$PID/task/$PID/children")
	kill -9 "$PID"
	wait "$PID" || :
	PID=
	for kid in $kids; do
		comes none kill -0 "$kid" 2>/dev/null
	done
}

@test "when the parent dies, so do both" {
	generate ucd --account acme
	both
	parent_takes_both
}

@test "when the parent dies, so do both, also of those that root started" {
	need_user nobody
	[ -x "${LATCHKEYD-}" ] || skip "built without the daemon"
	generate ucd --account acme
	mkdir "$T/run"
	chown -R nobody "$H" "$T/run"
	V=$T/run/verify.sock A=$T/run/admin.sock
	printf 'daemon:\n  verify: [ "unix:%s" ]\n  admin: [ "unix:%s" ]\n' \
	    "$V" "$A" >>"$H/policy.yaml"
	S=$A DUTY=--both
	start
	comes test -S "$V"
	parent_takes_both
}

# apart: a store of nobody's that the user sync may read; $V and $A in folders
# of theirs.
apart() {
	need_user nobody
	need_user sync
	[ -x "${LATCHKEYD-}" ] || skip "built without the daemon"
	[ "$(id -g sync)" = "$(id -g nobody)" ] ||
	    skip "needs nobody and sync in one group"
	rm -rf "$H"
	"$LATCHKEY" init --home "$H" --plugins "$LATCHKEY_PLUGINS" \
	    --verifiers "$(id -gn nobody)" >/dev/null
	chown -R nobody "$H/store"
	generate ucd --account acme
	mkdir "$T/v" "$T/a"
	chown sync "$T/v"
	chown nobody "$T/a"
	V=$T/v/verify.sock A=$T/a/admin.sock
	printf 'daemon:\n  verify: [ "unix:%s" ]\n  admin: [ "unix:%s" ]\n' \
	    "$V" "$A" >>"$H/policy.yaml"
}

# by_user USER COMMAND...
by_user() {
	local user=$1
	shift
	timeout 60 setpriv --reuid="$user" --regid="$(id -g "$user")" \
	    --clear-groups "$@"
}

# uids PID: real, effective, saved and of files, and its groups.
uids() {
	awk '/^(Uid|Groups):/ { $1 = ""; print }' "/proc/$1/status" | xargs
}

@test "--verifier: the one that answers gateways cannot write the store" {
	apart
	local sync nobody pids
	sync=$(id -u sync) nobody=$(id -u nobody)
	S=$A DUTY=--both
	start --verifier sync
	comes test -S "$V"
	answers_both
	read -ra pids <"/proc/$PID/task/$PID/children" || :
	[ "$(uids "${pids[0]}")" = \
	    "$sync $sync $sync $sync $(id -g nobody)" ]
	[ "$(uids "${pids[1]}")" = \
	    "$nobody $nobody $nobody $nobody $(id -g nobody)" ]
	none by_user sync sh -c "echo x >>'$H/store/journal'"
	ask "/v1/keys/$ID" -X DELETE
	answers 200
	S=$V
	upserts "$TOKEN"
	answers 401
	S=$A
	finish TERM
	[ ! -e "$V" ]
}

@test "--verifier: not the owner, not root, somebody, by root, of --both" {
	apart
	local who
	for who in nobody root; do
		status=0
		"$LATCHKEYD" --both --home "$H" --verifier $who \
		    2>"$T/.err" || status=$?
		is 78
		grep -q "$who may write the store" "$T/.err"
	done
	status=0
	"$LATCHKEYD" --both --home "$H" --verifier none 2>"$T/.err" || status=$?
	is 66
	status=0
	by_user nobody "$LATCHKEYD" --both --home "$H" --verifier sync \
	    2>"$T/.err" || status=$?
	is 77
	grep -q 'only root can start a verifier' "$T/.err"
	status=0
	"$LATCHKEYD" --verify --home "$H" --verifier sync 2>"$T/.err" ||
	    status=$?
	is 64
}

# would VERIFIER STATUS [TEXT]: what --check of the two says.
would() {
	status=0
	"$LATCHKEYD" --both --home "$H" --verifier "$1" --check 2>"$T/.err" ||
	    status=$?
	is "$2"
	if [ $# -eq 3 ]; then
		grep -q "$3" "$T/.err"
	else
		[ ! -s "$T/.err" ]
	fi
}

@test "--verifier: --check is of both of them" {
	apart
	would sync 0
	would nobody 78 'nobody may write the store'
	would none 66 'there is no user "none"'
	chmod 600 "$H"/pepper/*
	chown nobody "$H"/pepper/*
	would sync 78 "should belong to root or to uid $(id -u sync)"
	echo 'wrong: yes' >>"$H/policy.yaml"
	would sync 78 'unknown key "wrong"'
	[ "$(grep -c wrong "$T/.err")" -eq 1 ]
}

@test "a folder of sockets that the store's owner may not write: said so, 77" {
	need_user nobody
	[ -x "${LATCHKEYD-}" ] || skip "built without the daemon"
	generate ucd --account acme
	mkdir "$T/run"
	chown -R nobody "$H"
	printf 'daemon:\n  verify: [ "unix:%s" ]\n  admin: [ "unix:%s" ]\n' \
	    "$T/run/v.sock" "$T/run/a.sock" >>"$H/policy.yaml"
	for duty in --admin --both; do
		status=0
		"$LATCHKEYD" "$duty" --home "$H" 2>"$T/.err" || status=$?
		is 77
		grep -q "cannot make $T/run/a.sock.lock as uid $(id -u nobody), who must be able to write the folder" "$T/.err" ||
		    grep -q "cannot make $T/run/v.sock.lock as uid $(id -u nobody)" "$T/.err"
	done
}

@test "a start that fails: its status, and nobody is left" {
	both
	status=0
	"$LATCHKEYD" --both --home "$H" --pid "$T/pid" 2>"$T/.err" || status=$?
	is 75
	grep -q "another latchkeyd listens on" "$T/.err"
	[ ! -e "$T/pid" ]
	S=$A
	ask /v1/types
	answers 200
	finish INT
}

@test "SIGHUP reaches both" {
	generate ucd --account acme
	both
	edit "$H/policy.yaml" 's,/api/user/v1/upsert,/api/user/v9/upsert,;
	    s/title: Web Push/title: Pushed/'
	kill -HUP "$PID"
	S=$V
	comes refused
	S=$A
	comes renamed
}

refused() {
	upserts "$TOKEN"
	[ "$code" = 403 ]
}

renamed() {
	ask /v1/types
	grep -q Pushed "$T/answer"
}

@test "a service manager is told of the two as of one" {
	perl -MSocket -e 1 || skip "needs perl"
	manager
	export WATCHDOG_USEC=400000
	both
	comes told_times READY=1 1
	comes grep -q '^WATCHDOG=1' "$T/told"
	kill -HUP "$PID"
	comes told_times READY=1 2
	told_times RELOADING=1 1
	told_times 'STATUS=--verify serves; --admin serves$' 2
	echo 'wrong: yes' >>"$H/policy.yaml"
	kill -HUP "$PID"
	comes told_times READY=1 3
	told_times "STATUS=--verify serves, degraded: $H/policy.yaml:[0-9]*:1: unknown key \"wrong\".*; --admin serves, degraded: $H/policy.yaml:.*" 1
	# One that hangs is not kept alive by the other one.
	kill -STOP "$(child verify)"
	sleep 0.5
	n=$(grep -c '^WATCHDOG=1' "$T/told")
	sleep 0.5
	[ "$(grep -c '^WATCHDOG=1' "$T/told")" -le $((n + 1)) ]
	kill -CONT "$(child verify)"
	finish TERM
	comes told_times STOPPING=1 1
	none "$LATCHKEYD" --both --home "$H" 2>"$T/.err"
	comes told_times "STATUS=--verify .*$H/policy.yaml:[0-9]*:1: unknown key \"wrong\"" 2
	kill "$MANAGER"
}

@test "sockets that are handed over, by their names" {
	command -v systemd-socket-activate >/dev/null ||
	    skip "needs systemd-socket-activate"
	[ -x "${LATCHKEYD-}" ] || skip "built without the daemon"
	generate ucd --account acme
	V=$T/v.sock A=$T/a.sock
	systemd-socket-activate -l "$A" -l "$V" --fdname=admin:verify \
	    -E LD_LIBRARY_PATH="$LD_LIBRARY_PATH" \
	    "$LATCHKEYD" --both --home "$H" 2>"$T/daemon.err" 3>&- &
	PID=$!
	S=$V
	comes test -S "$V"
	S=$V
	comes allowed
	S=$A
	ask /v1/types
	answers 200
	ask /auth
	answers 404
	kill -TERM "$PID"
	wait "$PID"
	# Without names nobody knows which is whose.
	systemd-socket-activate -l "$A" -l "$V" \
	    -E LD_LIBRARY_PATH="$LD_LIBRARY_PATH" \
	    "$LATCHKEYD" --both --home "$H" 2>"$T/daemon.err" 3>&- &
	PID=$!
	comes asked_to_death
	status=0
	wait "$PID" || status=$?
	PID=
	is 78
	grep -q 'are named verify and admin' "$T/daemon.err"
}

# The socket's name was there before it listens again.
asked_to_death() {
	curl -sS --max-time 5 --unix-socket "$V" http://l/healthz || :
	none kill -0 "$PID"
} 2>/dev/null

allowed() {
	upserts "$TOKEN" 2>/dev/null
	[ "$code" = 200 ]
}
