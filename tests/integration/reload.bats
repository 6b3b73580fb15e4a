#!/usr/bin/env bats
# reload: a sound policy is handed on to the daemons, another one is not.

# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154

# shellcheck source=tests/integration/helpers.bash
load helpers

# What is called latchkeyd and notes each signal; its number in $T/d.pid.  A
# shell that was begun with HUP ignored, as under nohup, could not trap it.
fake_daemon() {
	cat >"$T/latchkeyd" <<-'EOF'
		#!/bin/sh
		trap 'echo told >>"$1"' HUP
		trap 'echo asked >>"$1"' USR1
		echo $$ >"$2"
		while [ -e "$2" ]; do sleep 0.05; done
	EOF
	chmod 755 "$T/latchkeyd"
	: >"$T/told"
	env --default-signal=HUP,USR1 \
	    "$T/latchkeyd" "$T/told" "$T/d.pid" 3>&- &
	comes test -s "$T/d.pid"
}

answered() {
	[ "$(grep -c asked "$T/told")" -eq "$1" ]
}

# signals N: it was told so often.  A shell runs the trap of the lower signal
# first: when it has answered USR1, each HUP that was sent before is written.
signals() {
	local asked
	asked=$(grep -c asked "$T/told" || :)
	kill -USR1 "$(cat "$T/d.pid")"
	comes answered $((asked + 1))
	[ "$(grep -c told "$T/told")" -eq "$1" ]
}

teardown() {
	rm -f "$T/d.pid"
	wait
	rm -rf "$T"
}

@test "a sound policy: the daemon reads it again" {
	fake_daemon
	lk reload --pid "$T/d.pid"
	is 0
	prints "latchkeyd ($(cat "$T/d.pid")) reads $H/policy.yaml again"
	signals 1
	lk reload --pid "$T/none.pid" --pid "$T/d.pid" --json
	is 0
	[ "$output" = "{\"told\":[$(cat "$T/d.pid")]}" ]
	signals 2
}

@test "a policy with faults, or that keys do not fit: nobody is told" {
	fake_daemon
	generate ucd --account acme
	cp "$H/policy.yaml" "$T/sound"
	edit "$H/policy.yaml" 's/^    limit: 5/    limit: x/'
	lk reload --pid "$T/d.pid"
	is 78
	says 'nobody was told'
	cp "$T/sound" "$H/policy.yaml"
	edit "$H/policy.yaml" 's/^    prefix: ucd/    prefix: other/'
	lk reload --pid "$T/d.pid"
	is 78
	says 'the prefix of ucd is other now'
	signals 0
}

@test "no daemon: it is said, and no other program is touched" {
	lk reload --pid "$T/none.pid"
	is 69
	says 'no latchkeyd is running'
	says "of systemd's: systemctl reload 'latchkeyd-*.service'"
	sleep 5 3>&- &
	echo $! >"$T/other.pid"
	lk reload --pid "$T/other.pid"
	is 69
	kill -0 "$(cat "$T/other.pid")"
	kill "$(cat "$T/other.pid")"
}

@test "what is observed is shown, and not enforced" {
	edit "$H/policy.yaml" \
	    's/^          allow: \[ 127.0.0.1, "::1" \]/          allow: [ 10.0.0.1 ]\n          observe: true/'
	generate mobile --account acme
	lk verify -X POST /v1/details/inapp -H "X-API-KEY: $TOKEN" --explain
	is 0
	prints 'check address'
	prints 'observed  address_refused'
	lk verify -X POST /v1/details/inapp -H "X-API-KEY: $TOKEN" --json
	is 0
	prints '"observed":1'
	lk policy explain POST /v1/details/inapp
	prints 'observed, so what it denies is told'
}
