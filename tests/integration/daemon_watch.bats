#!/usr/bin/env bats
# latchkeyd --verify, as those who watch over it see it: rate limits, metrics
# and the log.

# Set by the helpers, in the subshell of each test.
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154

# shellcheck source=tests/integration/helpers.bash
load helpers
# shellcheck source=tests/integration/daemon.bash
load daemon

# watched [LINE...]: serve, with metrics on $M.
watched() {
	M=$T/metrics.sock
	serve "metrics: [ \"unix:$M\" ]" "$@"
}

# metrics: the page into $T/page.
metrics() {
	curl -sS -f --max-time 10 --unix-socket "$M" -D "$T/page.head" \
	    -o "$T/page" http://latchkey/metrics
}

# counts VALUE NAME: a sample of the page; within a moment.
counts() {
	for _ in $(seq 1200); do
		metrics
		! grep -qxF "$2 $1" "$T/page" || return 0
		sleep 0.05
	done
	cat "$T/page" >&2
	return 1
}

# export_call TOKEN: one request a day.
exports() {
	ask /auth -H 'X-Original-Method: POST' -H 'X-PARTNER-NAME: acme' \
	    -H 'X-Original-URI: /api/raw/v1/export' \
	    -H "X-REQUEST-TOKEN: $1"
}

# logged PATTERN [N]: so many lines of the log, one if left out.
logged() {
	[ "$(grep -c -- "$1" "$T/daemon.err")" -eq "${2-1}" ] || {
		cat "$T/daemon.err" >&2
		return 1
	}
}

@test "RateLimit: what is left, of an allow and of a limit" {
	generate ucd --account acme
	serve
	upserts "$TOKEN"
	heads 'RateLimit-Policy: "ucd-60";q=25000;w=60'
	heads 'RateLimit: "ucd-60";r=24999;t=1'
	exports "$TOKEN"
	answers 200
	heads 'RateLimit-Policy: "ucd-86400";q=1;w=86400'
	grep -q '^RateLimit: "ucd-86400";r=0;t=[1-9]' "$T/head.txt"
	exports "$TOKEN"
	answers 429
	heads 'RateLimit-Policy: "ucd-86400";q=1;w=86400'
	t=$(sed -n 's/^Retry-After: //p' "$T/head.txt")
	heads "RateLimit: \"ucd-86400\";r=0;t=$t"
	# Nothing of a key that is none, or of a type without limits.
	upserts "${TOKEN%?}"
	none grep -qi '^RateLimit' "$T/head.txt"
}

@test "/metrics: on a socket of its own, and right for promtool" {
	generate ucd --account acme
	watched
	for path in /auth /auth/ucd /; do
		curl -sS -o "$T/answer" -w '%{http_code}' --unix-socket "$M" \
		    "http://l$path" | grep -qx 404
	done
	ask /metrics
	answers 404
	for _ in 1 2 3; do upserts "$TOKEN"; done
	upserts "${TOKEN%?}"
	exports "$TOKEN"
	exports "$TOKEN"
	ask /auth
	counts 1 'latchkey_decisions_total{type="",outcome="deny",reason="bad_request"}'
	counts 4 'latchkey_decisions_total{type="ucd",outcome="allow",reason="allowed"}'
	counts 1 'latchkey_decisions_total{type="ucd",outcome="deny",reason="malformed"}'
	counts 1 'latchkey_decisions_total{type="ucd",outcome="limit",reason="rate_limited"}'
	counts 7 'latchkey_decision_seconds_count'
	counts 7 'latchkey_decision_seconds_bucket{le="+Inf"}'
	counts 1 'latchkey_store_keys'
	# Though nobody verified since another one wrote the index anew.
	lk store compact
	is 0
	generate ucd --account beta
	counts 2 'latchkey_store_keys'
	counts 1 'latchkey_policy_generation'
	counts 0 'latchkey_degraded'
	counts 0 'latchkey_store_damaged'
	counts 1 'latchkey_usage_shared'
	grep -q '^Content-Type: text/plain; version=0.0.4' "$T/page.head"
	kill -HUP "$PID"
	counts 2 'latchkey_policy_generation'
	echo 'wrong: yes' >>"$H/policy.yaml"
	kill -HUP "$PID"
	counts 1 'latchkey_degraded'
	counts 1 'latchkey_policy_refused_total'
	finish TERM
	[ ! -e "$M" ]
}

@test "/metrics: a journal without its end is damaged" {
	generate ucd --account acme
	watched
	counts 0 'latchkey_store_damaged'
	truncate -s -1 "$H/store/journal"
	counts 1 'latchkey_store_damaged'
	# With a sound index it goes on.
	upserts "$TOKEN"
	answers 200
}

@test "/metrics: on a socket that was handed over by that name" {
	command -v systemd-socket-activate >/dev/null ||
	    skip "needs systemd-socket-activate"
	generate ucd --account acme
	watched
	finish TERM
	edit "$H/policy.yaml" '/^  metrics:/d'
	systemd-socket-activate -E LD_LIBRARY_PATH -l "$S" -l "$M" \
	    --fdname=verify:metrics "$LATCHKEYD" --verify --home "$H" \
	    2>"$T/daemon.err" 3>&- &
	PID=$!
	for _ in $(seq 1200); do
		[ ! -S "$M" ] || break
		sleep 0.05
	done
	upserts "$TOKEN"
	answers 200
	counts 1 'latchkey_decisions_total{type="ucd",outcome="allow",reason="allowed"}'
	ask /metrics
	answers 404
}

@test "/metrics: promtool has nothing against it" {
	command -v promtool >/dev/null || skip "needs promtool"
	generate ucd --account acme
	watched
	upserts "$TOKEN"
	upserts "${TOKEN%?}"
	metrics
	promtool check metrics <"$T/page"
	# Planted: it is not deaf.
	none promtool check metrics <<<'latchkey_x{ 1'
}

@test "the log: a line a denial, with its names, and the number of the answer" {
	generate ucd --account acme
	serve
	upserts "$TOKEN"
	upserts "$TOKEN" -H 'X-Original-Address: 192.0.2.7' -H \
	    'X-PARTNER-NAME: other'
	upserts "${TOKEN%?}" -H 'X-Original-Address: 192.0.2.7'
	answers 401
	id=$(sed -n 's/^X-Request-Id: //p' "$T/head.txt")
	lk disable "$ID"
	upserts "$TOKEN"
	answers 401
	finish TERM
	logged 'outcome=allow' 0
	logged "^latchkeyd: time=20[0-9TZ:-]* outcome=deny reason=malformed status=401 type=ucd api=upsert peer=192.0.2.7 id=$id us=[0-9]*$"
	logged "reason=disabled status=401 type=ucd api=upsert account=acme key=$ID id=[0-9a-f]* us="
}

@test "the log: all, and none" {
	generate ucd --account acme
	serve 'log: all'
	upserts "$TOKEN"
	upserts "${TOKEN%?}"
	finish TERM
	logged "outcome=allow reason=allowed status=200 type=ucd api=upsert account=acme key=$ID us=[0-9]*$"
	logged 'outcome=deny'
	edit "$H/policy.yaml" 's/log: all/log: none/'
	start
	upserts "${TOKEN%?}"
	finish TERM
	logged 'outcome' 0
}

@test "the log: denials beyond so many of a reason and address are counted" {
	generate ucd --account acme
	M=$T/metrics.sock
	serve "metrics: [ \"unix:$M\" ]" 'limits: { log_lines: 2 }'
	edit "$H/policy.yaml" 's/threads: 2/threads: 1/'
	finish TERM
	start
	for n in 1 2 3 4 5; do
		upserts "${TOKEN%?}" -H 'X-Original-Address: 192.0.2.7'
	done
	upserts "${TOKEN%?}" -H 'X-Original-Address: 192.0.2.8'
	ask /auth -H 'X-Original-Method: POST' -H 'X-Original-URI: /none' \
	    -H 'X-Original-Address: 192.0.2.7'
	counts 4 'latchkey_log_lines_total{state="written"}'
	counts 3 'latchkey_log_lines_total{state="counted"}'
	finish TERM
	logged 'reason=malformed.*peer=192.0.2.7 id=' 2
	logged 'reason=malformed.*peer=192.0.2.8 id='
	logged 'reason=no_route.*peer=192.0.2.7 id='
	logged 'outcome=deny reason=malformed peer=192.0.2.7 more=3$'
}

@test "the log: nobody waits for who does not read it" {
	generate ucd --account acme
	serve 'log: all'
	finish TERM
	mkfifo "$T/slow"
	"$LATCHKEYD" --verify --home "$H" 2>"$T/slow" 3>&- &
	PID=$!
	exec 4<"$T/slow"
	for _ in $(seq 1200); do
		[ ! -S "$S" ] || break
		sleep 0.05
	done
	# A pipe and a ring are full after some 1,300 lines.
	set -- -H 'X-Original-Method: POST' -H 'X-PARTNER-NAME: acme' \
	    -H 'X-Original-URI: /api/user/v1/upsert' \
	    -H "X-REQUEST-TOKEN: $TOKEN"
	url=http://l/auth
	for _ in 1 2 3; do
		curl -sS --max-time 60 --unix-socket "$S" -o /dev/null \
		    -w '%{http_code}\n' "$@" "$url?[1-1000]" |
		    sort | uniq -c | grep -q '^ *1000 200$'
	done
	kill -TERM "$PID"
	wait "$PID"
	PID=
	exec 4<&-
}

@test "a service manager hears that it serves, and why it is degraded" {
	perl -MSocket -e 1 || skip "needs perl"
	manager
	serve
	comes told_times STATUS=serves$ 1
	cp "$H/policy.yaml" "$T/good.yaml"
	echo 'wrong: yes' >>"$H/policy.yaml"
	line=$(wc -l <"$H/policy.yaml")
	kill -HUP "$PID"
	comes told_times READY=1 2
	told_times "STATUS=serves, degraded: $H/policy.yaml:$line:1: unknown key \"wrong\"" 1
	cp "$T/good.yaml" "$H/policy.yaml"
	kill -HUP "$PID"
	comes told_times STATUS=serves$ 2
	finish TERM
	echo 'wrong: yes' >>"$H/policy.yaml"
	none "$LATCHKEYD" --verify --home "$H" 2>"$T/.err"
	comes told_times "STATUS=does not start: $H/policy.yaml:$line:1: unknown key \"wrong\"" 1
	kill "$MANAGER"
}

# in_journal [ARGUMENT...]: standard error is what $JOURNAL_STREAM names.
in_journal() {
	local stream
	: >"$T/daemon.err"
	stream=$(stat -c %d:%i "$T/daemon.err")
	JOURNAL_STREAM=$stream "$LATCHKEYD" --verify --home "$H" \
	    2>>"$T/daemon.err" 3>&- &
	PID=$!
}

@test "the journal: what it says has a priority, and its name once" {
	generate ucd --account acme
	serve
	finish TERM
	in_journal
	comes test -S "$S"
	upserts "${TOKEN%?}"
	echo 'wrong: yes' >>"$H/policy.yaml"
	kill -HUP "$PID"
	comes logged "^<3>latchkeyd: not reloaded, the old policy goes on: $H/policy.yaml:[0-9]*:1: unknown key"
	finish TERM
	logged '^<5>latchkeyd: outcome=deny'
	in_journal
	status=0
	wait "$PID" || status=$?
	PID=
	is 78
	logged "^<3>latchkeyd: $H/policy.yaml:[0-9]*:1: unknown key"
}

# Wherever a caller can put a token; each is asked with the key that is good, so
# that some are allowed, and with a path that is broken.
@test "no token is in any line, number or answer" {
	generate ucd --account acme
	watched 'log: all'
	digits=${TOKEN#ucd_}
	for path in /api/user/v1/upsert /api/raw/v1/export /none "/$TOKEN" \
	    "/api/user/v1/upsert?key=$TOKEN" "/$TOKEN/../x"; do
		for name in Authorization X-API-KEY X-REQUEST-TOKEN \
		    X-PARTNER-NAME Cookie Host User-Agent "$TOKEN" \
		    Latchkey-Account X-Original-Address X-Forwarded-For \
		    X-Request-Id Content-Type; do
			ask /auth -H 'X-Original-Method: POST' \
			    -H "X-Original-URI: $path" \
			    -H "$name: Bearer $TOKEN"
			none grep -q "$digits" "$T/head" "$T/answer"
			ask /auth -H 'X-Original-Method: POST' \
			    -H "X-Original-URI: $path" -H "$name: $TOKEN" \
			    -H 'X-PARTNER-NAME: acme' \
			    -H "X-REQUEST-TOKEN: $TOKEN"
			none grep -q "$digits" "$T/head" "$T/answer"
		done
		ask /auth -H "X-Original-Method: $TOKEN" \
		    -H "X-Original-URI: $path" -H "X-REQUEST-TOKEN: $TOKEN"
		none grep -q "$digits" "$T/head" "$T/answer"
		ask /auth -H "X-Original-Method: POST" -d "{\"k\":\"$TOKEN\"}" \
		    -H "X-Original-URI: $path" -H "X-REQUEST-TOKEN: $TOKEN"
		none grep -q "$digits" "$T/head" "$T/answer"
	done
	for path in "/$TOKEN" "/auth/$TOKEN" "/auth?$TOKEN"; do
		ask "$path" -X "$TOKEN"
		none grep -q "$digits" "$T/head" "$T/answer"
		ask "$path" -H "X-Original-Method: POST" \
		    -H "X-Original-URI: /x" -H "X-REQUEST-TOKEN: $TOKEN"
		none grep -q "$digits" "$T/head" "$T/answer"
	done
	metrics
	finish TERM
	none grep -q "$digits" "$T/page" "$T/daemon.err"
	# They were allowed, and denied, and told of.
	grep -q 'outcome=allow' "$T/daemon.err"
	grep -q 'outcome=deny' "$T/daemon.err"
	grep -q 'outcome=limit' "$T/daemon.err"
}
