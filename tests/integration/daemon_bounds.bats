#!/usr/bin/env bats
# latchkeyd --admin: what one may cost the others, who read, delete and send.

# Set by the helpers, in the subshell of each test.
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154

# shellcheck source=tests/integration/helpers.bash
load helpers
# shellcheck source=tests/integration/daemon.bash
load daemon

# long: a journal of many keys, and latchkeyd --admin.
long() {
	edit "$H/policy.yaml" 's/^    limit: 5$/    limit: 100000/'
	generate ucd --account first
	A=$ID
	lk generate ucd --account acme --count 30000
	is 0
	admin
}

# reads LIMIT PATH: it is answered 200, and reads at most so many octets.
reads() {
	local was
	was=$(sed -n 's/^rchar: //p' "/proc/$PID/io")
	ask "$2"
	answers 200
	[ $(($(sed -n 's/^rchar: //p' "/proc/$PID/io") - was)) -le "$1" ]
}

next() {
	sed -n 's/.*"next":"\([^"]*\)"}$/\1/p' "$T/answer"
}

seqs() {
	grep -o '"seq":[0-9]*' "$T/answer" | tr -d '\n'
}

@test "a page of the log costs its own length, wherever it is" {
	long
	[ -r "/proc/$PID/io" ] || skip "needs root, to count what it reads"
	reads 800000 '/v1/log?limit=2'
	[ "$(seqs)" = '"seq":1"seq":2' ]
	reads 800000 '/v1/log?limit=2&after=29990'
	[ "$(seqs)" = '"seq":29991"seq":29992' ]
	reads 800000 "/v1/log?limit=2&cursor=$(next)"
	[ "$(seqs)" = '"seq":29993"seq":29994' ]
	generate ucd --account acme
	reads 800000 "/v1/log?key=$ID"
	[ "$(seqs)" = '"seq":30002' ]
	reads 800000 '/v1/log?after=30001'
	[ "$(seqs)" = '"seq":30002' ]
	grep -q '"next":null}$' "$T/answer"
	reads 800000 '/v1/log?after=30002'
	grep -qx '{"events":\[\],"next":null}' "$T/answer"
	# Of what is rare no page costs more than so much, be it empty.
	lk disable "$A"
	reads 5000000 '/v1/log?account=first'
	[ "$(seqs)" = '"seq":1' ]
	n=0
	while [ -n "$(next)" ]; do
		reads 5000000 "/v1/log?account=first&cursor=$(next)"
		n=$((n + 1))
	done
	[ "$(seqs)" = '"seq":30003' ]
	[ "$n" -ge 1 ]
}

@test "store log by latchkeyd: all of a long journal, and of a key in it" {
	[ -x "${LATCHKEY_REMOTE-}" ] || skip "built without libcurl"
	long
	lk disable "$A"
	for words in "store log --json" "store log" "store log $A"; do
		# shellcheck disable=SC2086
		"$LATCHKEY" $words >"$T/own"
		# shellcheck disable=SC2086
		"$LATCHKEY" $words --server "unix:$S" >"$T/far"
		cmp "$T/own" "$T/far"
	done
}

@test "a cursor of the log that was made up, or is of another journal: 422" {
	lk generate ucd --account acme --count 4
	is 0
	admin
	ask '/v1/log?limit=2'
	cursor=$(next)
	ask "/v1/log?cursor=$cursor"
	[ "$(seqs)" = '"seq":3"seq":4' ]
	IFS=. read -r off line seq sum <<<"$cursor"
	for made in "$((off - 1)).$line.$seq.$sum" "1.$line.$seq.$sum" \
	    "$((off + 1)).$line.$seq.$sum" "$off.$line.$((seq + 1)).$sum" \
	    "$off.$line.$seq.$((sum ^ 1))" "$off.0.$seq.$sum" \
	    "$off.$line.$seq" "$off.$line.$seq.$sum.1" "$off" "" "-1.1.1.1" \
	    "999999999999999999.$line.$seq.$sum" "$cursor%20" x \
	    "9999999999999999999999.1.1.1" "$off.$line.$seq.4294967296" \
	    "..." "%2e%2e%2e" "0x10.1.1.1" "%2b$cursor"; do
		ask "/v1/log?cursor=$made"
		answers 422
		failed bad_data 65
	done
	# Of another one, whose lines are as long: number 3 is the fourth now.
	ask '/v1/log?limit=1'
	lk delete "$(grep -o '"key":"[^"]*"' "$T/answer" | cut -d'"' -f4)"
	is 0
	lk store compact
	is 0
	ask "/v1/log?cursor=$cursor"
	answers 422
	grep -q 'begin anew' "$T/answer"
}

@test "a delete does not wait for those who read the log" {
	long
	lk list --json
	ids <<<"$output" | head -n 21 >"$T/ids"
	READERS=
	for _ in $(seq 16); do
		curl -sS --unix-socket "$S" -o /dev/null \
		    "http://l/v1/log?limit=1&account=a[1-9999]" 3>&- &
		READERS+=" $!"
	done
	sleep 0.5
	while read -r id; do
		curl -sS -f --unix-socket "$S" -o /dev/null -X DELETE \
		    -w '%{time_total}\n' "http://l/v1/keys/$id"
	done <"$T/ids" | sort -n >"$T/times"
	# shellcheck disable=SC2086
	kill -9 $READERS
	# The one in the middle; eight of a page each would be before it.
	awk 'NR == 11 { exit !($1 < 0.5) }' "$T/times"
	[ "$(wc -l <"$T/times")" -eq 21 ]
}

# head_of PATH TOKEN LINE...: a head whose body does not come; what is said.
head_of() {
	local path=$1 token=$2
	shift 2
	exec 5<>"/dev/tcp/127.0.0.1/$PORT"
	printf '%s %s HTTP/1.1\r\nHost: l\r\n' "${METHOD:-POST}" "$path" >&5
	[ -z "$token" ] || printf 'Authorization: Bearer %s\r\n' "$token" >&5
	printf 'Content-Type: application/json\r\n' >&5
	printf '%s\r\n' "$@" '' >&5
	said=$(timeout 5 head -n "${LINES_WANTED:-1000}" <&5) || [ $? -eq 124 ]
	exec 5>&-
}

# tcp ROLE...: latchkeyd --admin on $PORT as well, and keys of these roles.
tcp() {
	command -v curl >/dev/null || skip "needs curl"
	PORT=$("$top_builddir/tests/integration/gateway_backend" -p)
	operators "$@"
	admin
	finish TERM
	edit "$H/policy.yaml" "s|admin: \[ |&127.0.0.1:$PORT, |"
	start
}

@test "who may not is told so before the body comes, which nobody keeps" {
	tcp administrator viewer
	length='Content-Length: 1000000'
	for body in "$length" 'Transfer-Encoding: chunked'; do
		head_of /v1/keys '' "$body"
		[[ $said == *' 401 '*WWW-Authenticate:* ]]
		[[ $said == *'Connection: close'* ]]
		head_of /v1/keys "$(cat "$T/viewer")x" "$body"
		[[ $said == *' 401 '*'"reason":"not_permitted"'* ]]
		head_of /v1/keys "$(cat "$T/viewer")" "$body"
		[[ $said == *' 403 '*'may not'* ]]
		head_of /v1/keys "$(cat "$T/administrator")" "$body" \
		    'Origin: http://evil'
		[[ $said == *' 403 '*browser* ]]
		head_of /v1/none "$(cat "$T/administrator")" "$body"
		[[ $said == *' 404 '* ]]
		head_of /v1/types "$(cat "$T/administrator")" "$body"
		[[ $said == *' 405 '* ]]
		head_of "/v1/keys/x/disable" "$(cat "$T/administrator")" "$body"
		[[ $said == *' 422 '*'no body'* ]]
		# Whom nobody asks who he is has none to give.
		for path in /healthz /readyz /openapi.json; do
			METHOD=GET head_of "$path" '' "$body"
			[[ $said == *' 422 '*'no body'* ]]
		done
		# Who may is waited for.
		head_of /v1/keys "$(cat "$T/administrator")" "$body"
		[ -z "$said" ]
		LINES_WANTED=1 head_of /v1/keys "$(cat "$T/administrator")" \
		    "$body" 'Expect: 100-continue'
		[[ $said == *' 100 '* ]]
	done
	grep -q 'admin=generateKey status=403 .*operator=ann' "$T/daemon.err"
	by administrator POST /v1/keys '{"type":"ucd","account":"acme"}'
	answers 201
}

@test "who lost the right while the body came may not" {
	body='{"type":"ucd","account":"acme"}'
	tcp administrator
	lk list op --json
	id=$(member id "$output")
	for change in "disable $id" "enable $id" "delete $id"; do
		exec 5<>"/dev/tcp/127.0.0.1/$PORT"
		printf 'POST /v1/keys HTTP/1.1\r\nHost: l\r\n' >&5
		printf 'Content-Type: application/json\r\n' >&5
		printf 'Authorization: Bearer %s\r\n' \
		    "$(cat "$T/administrator")" >&5
		printf 'Expect: 100-continue\r\nContent-Length: %s\r\n\r\n' \
		    "${#body}" >&5
		IFS= read -r -t 60 said <&5
		if [[ $change == enable* ]]; then
			[[ $said == *' 401 '* ]]
		else
			[[ $said == *' 100 '* ]]
		fi
		# shellcheck disable=SC2086
		lk $change
		is 0
		if [[ $change != enable* ]]; then
			printf '%s' "$body" >&5
			IFS= read -r -t 60 said <&5
			IFS= read -r -t 60 said <&5
			[[ $said == *' 401 '* ]]
		fi
		exec 5>&-
	done
	lk list ucd
	[ -z "$output" ]
}

@test "a rate limit of operators counts a request with a body once" {
	edit "$H/policy.yaml" 's/^types:$/types:\n  op:\n    plugin: operator\n    prefix: lkop\n    checks: [ rate: { limit: 3, per: day } ]/'
	"$LATCHKEY" generate op --account ann --role administrator \
	    2>/dev/null >"$T/administrator"
	admin
	for i in 1 2 3; do
		by administrator POST /v1/keys \
		    "{\"type\":\"ucd\",\"account\":\"a$i\"}"
		answers 201
	done
	by administrator POST /v1/keys '{"type":"ucd","account":"a4"}'
	answers 429
}

@test "a big body of who may not: the command tells why" {
	[ -x "${LATCHKEY_REMOTE-}" ] || skip "built without libcurl"
	operators
	admin 'limits: { body: 1MiB }'
	head -c 600000 /dev/zero | tr '\0' x >"$T/body"
	printf 'lkop_%036d\n' 0 >"$T/bad"
	chmod 600 "$T/bad"
	lk verify -X POST /api/user/v1/upsert --body "$T/body" \
	    --server "unix:$S" --token-file "$T/bad"
	is 77
	says 'invalid token'
}
