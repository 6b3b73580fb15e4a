#!/usr/bin/env bats
# The command and a server that answers anything: nothing of it is taken for
# what it is not.

# Set by the helpers, in the subshell of each test.
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154

# shellcheck source=tests/integration/helpers.bash
load helpers
# shellcheck source=tests/integration/fake.bash
load fake

# made: the answer that a latchkeyd gives to a generate, and its $TOKEN, $ID.
made() {
	MADE=$("$LATCHKEY" generate ucd --account acme --label CRM --json \
	    2>/dev/null)
	TOKEN=$(member token "$MADE")
	ID=$(member id "$MADE")
}

# there WORD...: the command, by the fake.
there() {
	lk "$@" --server "unix:$S"
}

# children PID: of that process.
children() {
	grep -lx "PPid:[[:space:]]$1" /proc/[0-9]*/status 2>/dev/null |
	    sed 's|/proc/||; s|/.*||'
}

@test "what a latchkeyd answers is printed as what is done here" {
	fake
	made
	answer "$MADE" reply 201
	there generate ucd --account acme --label CRM --expires \
	    2099-01-31T00:00:00Z --allow 192.0.2.7 --allow 2001:db8::/32
	is 0
	[ "$output" = "$TOKEN" ]
	says "key $ID of acme, type ucd: its token is shown this once"
	asked 1 "POST /v1/keys HTTP/1.1"
	asked 1 "Content-Type: application/json"
	asked 1 '{"type":"ucd","account":"acme","label":"CRM","expires":"2099-01-31T00:00:00Z","addresses":["192.0.2.7","2001:db8::/32"]}'
	tr -d '\r' <"$T/asked/1" | grep -qx 'Idempotency-Key: [0-9a-f]\{32\}'
	none grep -qi authorization "$T/asked/1"
	there generate ucd --account acme --json
	is 0
	[ "$output" = "$MADE" ]
	# No two of them are the same.
	[ "$(grep -h Idempotency "$T"/asked/* | sort -u | wc -l)" -eq 2 ]
}

@test "names that a user typed stay names" {
	fake
	answer '{"keys":[],"next":null}'
	there list --account 'a&all=true#?/../%00' --expiring 14d
	is 0
	asked 1 "GET /v1/keys?account=a%26all%3Dtrue%23%3F%2F..%2F%2500&expiring=1209600s&limit=500 HTTP/1.1"
	answer '{"deleted":[".."]}'
	there delete ..
	is 0
	asked 2 "DELETE /v1/keys/.. HTTP/1.1"
	none grep -qi content-type "$T/asked/2"
	there delete a/b b,c 'd e' '' f
	asked 3 "DELETE /v1/keys/-,-,-,-,f HTTP/1.1"
	there disable a '../..?x='
	asked 4 "POST /v1/keys/a,-/disable HTTP/1.1"
	# None of these may become the name of another account.
	for name in 'ac me' 'acme?x' acme/ 'acme#' 'acme%41' a,b; do
		rm -f "$T"/asked/*
		there account delete "$name"
		asked 1 "DELETE /v1/accounts/- HTTP/1.1"
	done
}

@test "each bad answer to a generate: 69, no token, and how to look" {
	fake
	made
	half=${MADE:0:${#MADE}/2}
	head='HTTP/1.1 201 Created\r\nConnection: close\r\n'
	json='Content-Type: application/json\r\n'
	i=0
	while IFS= read -r raw; do
		i=$((i + 1))
		printf '%b' "$raw" >"$T/reply"
		there generate ucd --account acme
		[ "$status" -eq 69 ] || { printf '%s\n' "$raw" >&2; told; }
		[ -z "$output" ]
		says "whether it was done is not known (latchkey list ucd --account acme)"
		there generate ucd --account acme --json
		is 69
		prints '"reason":"unavailable","exit":69}'
		none grep -qF "$TOKEN" "$T/.out"
		none grep -qF "$TOKEN" "$T/.err"
	done <<-ROWS

		$TOKEN\n
		$MADE
		HTTP/1.1
		HTTP/1.1 201 Created\r\n${json}Content-Length: ${#MADE}\r\n
		$head$json\r\n$half
		$head${json}Content-Length: 9999\r\n\r\n$MADE
		$head${json}Transfer-Encoding: chunked\r\n\r\nzz\r\n$MADE
		$head${json}Content-Encoding: gzip\r\n\r\n\x1f\x8b$MADE!
		${head}Content-Type: text/html\r\n\r\n$MADE
		$head\r\n$MADE
		$head$json\r\n$MADE$MADE
		$head$json\r\n[$MADE]
		$head$json\r\n{}
		$head$json\r\n{"token":null,"key":{}}
		$head$json\r\n{"token":"$TOKEN"}
		$head$json\r\n{"token":"$TOKEN","key":{"id":"$ID"}}
		HTTP/1.1 302 Found\r\nLocation: /v1/other\r\nConnection: close\r\n$json\r\n$MADE
		HTTP/1.1 500 Oh\r\nConnection: close\r\n$json\r\n$MADE
		HTTP/1.1 404 No\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n404
		HTTP/1.1 100 Continue\r\n\r\n
		ICY 200 OK\r\n$json\r\n$MADE
	ROWS
	[ "$i" -ge 20 ]
}

@test "a token with a newline or an escape in it is none" {
	fake
	made
	for bad in 'x\ny' '\u001b[2J' 'x y' '\u0000' '' "$(printf 'x%.0s' {1..257})"; do
		answer "${MADE/"$TOKEN"/"$bad"}" reply 201
		there generate ucd --account acme
		is 69
		[ -z "$output" ]
	done
}

@test "an answer of 9 MiB, or one without end: 69" {
	fake
	{
		printf 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"keys":["'
		head -c 9437184 /dev/zero | tr '\0' x
	} >"$T/reply"
	there list
	is 69
	[ -z "$output" ]
	says "longer than 8 MiB"
}

@test "a failure is told as here; one that is none of ours is not" {
	fake
	reply 409 application/problem+json '{"type":"about:blank","title":"Conflict","status":409,"error":"acme holds 5 of 5 ucd keys","reason":"limit_reached","exit":73}'
	there generate ucd --account acme --json
	is 73
	[ "$output" = '{"error":"acme holds 5 of 5 ucd keys","reason":"limit_reached","exit":73}' ]
	[ "$err" = "latchkey: acme holds 5 of 5 ucd keys" ]
	for body in '{"error":"x","reason":"usage","exit":0}' '{"title":"No"}' \
	    '{"error":"x\u001b[2J","reason":"usage","exit":64}' '[]' ''; do
		reply 409 application/problem+json "$body"
		there delete 4fJx0aPq9ZrT
		is 69
		[ -z "$output" ]
	done
}

@test "pages are put together; a list that goes round is refused" {
	fake
	answer '{"accounts":[{"account":"a","package":null,"keys":1}],"next":"c/1"}' reply.GET.1
	answer '{"accounts":[],"next":"c2"}' reply.GET.2
	answer '{"accounts":[{"account":"b","package":"growth","keys":2}],"next":null}' reply.GET.3
	there account list
	is 0
	[ "$output" = "ACCOUNT  PACKAGE    KEYS
a        (default)  1
b        growth     2" ]
	asked 2 "GET /v1/accounts?limit=500&cursor=c%2F1 HTTP/1.1"
	asked 3 "GET /v1/accounts?limit=500&cursor=c2 HTTP/1.1"
	answer '{"accounts":[],"next":"c3"}'
	there account list --json
	is 69
	prints '"error":"the answer cannot be used: answer: next is not there'
	[ "$(find "$T/asked" -type f | wc -l)" -eq 5 ]
}

@test "what latchkeyd notes beside a change is told" {
	fake
	answer '{"deleted":["4fJx0aPq9ZrT"],"note":"4fJx0aPq9ZrT was deleted before"}'
	there delete 4fJx0aPq9ZrT
	is 0
	[ "$output" = "deleted 4fJx0aPq9ZrT" ]
	[ "$err" = "latchkey: 4fJx0aPq9ZrT was deleted before" ]
}

@test "a change that is not told of as done is none: 69, and how to look" {
	fake
	for body in '{}' '{"ok":true}' '{"deleted":[]}' '{"deleted":null}' \
	    '{"deleted":["4fJx0aPq9ZrU"]}' '{"disabled":["4fJx0aPq9ZrT"]}' \
	    '{"deleted":["4fJx0aPq9ZrT","4fJx0aPq9ZrU"]}'; do
		answer "$body"
		there delete 4fJx0aPq9ZrT
		is 69
		[ -z "$output" ]
		says "whether it was done is not known (latchkey show 4fJx0aPq9ZrT)"
	done
	for verb in disable enable; do
		answer '{"deleted":["4fJx0aPq9ZrT"]}'
		there "$verb" 4fJx0aPq9ZrT
		is 69
		answer "{\"${verb}d\":[\"4fJx0aPq9ZrT\"]}"
		there "$verb" 4fJx0aPq9ZrT
		is 0
	done
	answer '{"account":"acme"}'
	there account set acme --package growth
	is 69
	[ -z "$output" ]
	answer '{"account":"acme","package":"growth"}'
	there account set acme --package growth
	is 0
}

@test "it does not answer: 75 when the time is over" {
	fake
	touch "$T/hang"
	there generate ucd --account acme --timeout 1s
	is 75
	[ -z "$output" ]
	says "did not answer within 1 s"
	says "whether it was done is not known"
	there list --timeout 1s --json
	is 75
	prints '"reason":"try_again","exit":75}'
	none grep -q "is not known" "$T/.err"
	for bad in 0s 1 1d x; do
		there list --timeout "$bad"
		is 65
	done
}

@test "nobody is there: 69" {
	fake
	lk list --server "unix:$T/none.sock"
	is 69
	says "no latchkeyd answers at unix:$T/none.sock: No such file"
	kill "$FAKE"
	wait "$FAKE" || :
	[ -S "$S" ] || : >"$S"
	there list
	is 69
}

@test "^C ends it at once, and what it started" {
	fake
	touch "$T/hang"
	# A shell without job control has its jobs ignore it.
	env --default-signal=INT true 2>/dev/null ||
	    skip "needs env --default-signal"
	env --default-signal=INT "$LATCHKEY" generate ucd --account acme \
	    --server "unix:$S" >"$T/.out" 2>"$T/.err" 3>&- &
	PID=$!
	comes [ -e "$T/asked/1" ]
	helper=$(children "$PID")
	[ -n "$helper" ]
	kill -INT "$PID"
	status=0
	wait "$PID" || status=$?
	PID=
	[ "$status" -eq 130 ]
	gone() { ! kill -0 "$helper" 2>/dev/null; }
	comes gone
	[ ! -s "$T/.out" ]
}

@test "what speaks HTTP for it is killed: 69" {
	fake
	touch "$T/hang"
	"$LATCHKEY" delete 4fJx0aPq9ZrT --server "unix:$S" --json \
	    >"$T/.out" 2>"$T/.err" 3>&- &
	PID=$!
	comes [ -e "$T/asked/1" ]
	kill -9 "$(children "$PID")"
	status=0
	wait "$PID" || status=$?
	PID=
	output=$(cat "$T/.out")
	is 69
	prints "latchkey-remote ended without an answer; whether it was done is not known (latchkey show 4fJx0aPq9ZrT)"
}

@test "standard output is full: the new key is deleted again" {
	[ -c /dev/full ] || skip "needs /dev/full"
	fake
	made
	answer "$MADE" reply.POST 201
	answer "{\"deleted\":[\"$ID\"]}" reply.DELETE
	status=0
	"$LATCHKEY" generate ucd --account acme --server "unix:$S" \
	    >/dev/full 2>"$T/.err" || status=$?
	is 74
	asked 2 "DELETE /v1/keys/$ID HTTP/1.1"
	grep -q "so key $ID was deleted again" "$T/.err"
	status=0
	"$LATCHKEY" rotate "$ID" --grace 0 --server "unix:$S" >/dev/full \
	    2>"$T/.err" || status=$?
	is 74
	asked 3 "POST /v1/keys/$ID/rotate HTTP/1.1"
	asked 3 '{"grace":"0"}'
	asked 4 "DELETE /v1/keys/$ID HTTP/1.1"
	status=0
	"$LATCHKEY" generate ucd --account acme --count 9 --server "unix:$S" \
	    >/dev/full 2>"$T/.err" || status=$?
	is 74
	asked 5 "GET /v1/types HTTP/1.1"
	asked 6 "POST /v1/keys HTTP/1.1"
	asked 7 "DELETE /v1/keys/$ID HTTP/1.1"
	grep -q "the token of key $ID could not be shown: it" "$T/.err"
	[ ! -e "$T/asked/8" ]
}

@test "the token of --token-file is sent, and is in no argument or environment" {
	fake
	printf 'op_secret\n' >"$T/token"
	chmod 600 "$T/token"
	touch "$T/hang"
	"$LATCHKEY" list --server "unix:$S" --token-file "$T/token" \
	    --timeout 30s >"$T/.out" 2>"$T/.err" 3>&- &
	PID=$!
	comes [ -e "$T/asked/1" ]
	asked 1 "Authorization: Bearer op_secret"
	for p in "$PID" $(children "$PID"); do
		none grep -qa op_secret "/proc/$p/cmdline"
		[ ! -r "/proc/$p/environ" ] ||
		    none grep -qa op_secret "/proc/$p/environ"
	done
	kill -9 "$PID"
	wait "$PID" || :
	PID=
}

@test "a token file that others may read, or that holds none, is refused" {
	fake
	answer '{"keys":[],"next":null}'
	printf 'op_secret\n' >"$T/token"
	chmod 644 "$T/token"
	there list --token-file "$T/token"
	is 78
	says "chmod"
	chmod 600 "$T/token"
	for text in '' '\n' 'two words\n' 'a\nb\n' 'a\r\tb' 'a\0b' '\033[2J' \
	    'a\0377'; do
		printf '%b' "$text" >"$T/token"
		there list --token-file "$T/token"
		is 65
		says "holds no token alone"
	done
	head -c 300 /dev/zero | tr '\0' x >"$T/token"
	there list --token-file "$T/token"
	[ "$status" -ne 0 ]
	there list --token-file "$T/none"
	is 66
	[ -z "$(ls "$T/asked")" ]
}

@test "servers that are none: 64, with the forms that there are" {
	fake
	echo op_secret >"$T/token"
	chmod 600 "$T/token"
	for url in http://keys.example.com http://10.0.0.1 http://localhost \
	    http://127.0.0.1.example.com ftp://127.0.0.1 file:///etc/passwd \
	    https://a:b@127.0.0.1 https://a@127.0.0.1 'https://127.0.0.1/?a=b' \
	    'https://127.0.0.1/#a' keys.example.com unix: unix:here '' \
	    https://; do
		lk list --server "$url" --token-file "$T/token"
		[ "$status" -eq 64 ] || told
		says "--server $url"
	done
	lk list --server https://127.0.0.1:1
	is 64
	says "needs --token-file FILE"
	lk list --token-file "$T/token"
	is 64
	says "--token-file goes with --server"
	lk list --server-ca /etc/passwd
	is 64
	there list --store "$H/store"
	is 64
	[ -z "$(ls "$T/asked")" ]
}

@test "no proxy of the environment, no .netrc and no curlrc is heard" {
	fake
	mkdir "$T/me"
	printf 'machine 127.0.0.1 login a password b\n' >"$T/me/.netrc"
	printf -- '--proxy "http://127.0.0.1:9"\n' >"$T/me/.curlrc"
	answer '{"keys":[],"next":null}'
	echo op_secret >"$T/token"
	chmod 600 "$T/token"
	by_tcp
	for name in http_proxy https_proxy all_proxy ALL_PROXY HTTPS_PROXY; do
		export "$name=http://127.0.0.1:9"
	done
	HOME=$T/me lk list --server "http://127.0.0.1:$PORT/latch/key/" \
	    --token-file "$T/token"
	is 0
	asked 1 "GET /latch/key/v1/keys?limit=500 HTTP/1.1"
	asked 1 "Authorization: Bearer op_secret"
	[ "$(grep -ci authorization "$T/asked/1")" -eq 1 ]
	# The same by IPv4 addresses that are written in another way.
	lk list --server "http://127.1:$PORT" --token-file "$T/token"
	[ "$status" -eq 0 ] || is 64
}

@test "verbs that no latchkeyd does: 77, and so are options of the owner's" {
	fake
	for words in "init" "scan /x" "import x" "prune" "store rebuild" \
	    "policy check" "pepper status"; do
		# shellcheck disable=SC2086
		there $words
		is 77
		says "$words" || says "${words% *} is not done by latchkeyd"
	done
	there generate ucd --account acme --accept-clock
	is 77
	says "run it on the machine of the store, as the user who owns that"
	there rotate 4fJx0aPq9ZrT --accept-clock
	is 77
	[ -z "$(ls "$T/asked")" ]
}

@test "without latchkey-remote: said so" {
	fake
	mkdir -p "$T/bin"
	cp "$LATCHKEY" "$T/bin/latchkey"
	status=0
	"$T/bin/latchkey" list --server "unix:$S" >"$T/.out" 2>"$T/.err" ||
	    status=$?
	output=$(cat "$T/.out")
	err=$(cat "$T/.err")
	is 69
	says "latchkey-remote cannot be started: No such file"
	says "libcurl"
}
