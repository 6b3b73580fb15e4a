#!/usr/bin/env bats
# The kit: the template by itself, its tutorial, and requests that are signed.

# Set by the helpers, in the subshell of each test.
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154

# shellcheck source=tests/integration/helpers.bash
load helpers
umask 022

teardown() {
	if [ -n "${PID-}" ]; then
		kill -9 "$PID" || :
	fi
	rm -rf "$T"
}

# An install that this test alone may add to: the stage's, copied.
prefix() {
	ROOT=$T/root
	mkdir "$ROOT"
	cp -a "$LATCHKEY_DESTDIR/." "$ROOT"
	BASE=$ROOT${LATCHKEY_STAGE#"$LATCHKEY_DESTDIR"}
	PLUGINS=$ROOT${LATCHKEY_PLUGINS#"$LATCHKEY_DESTDIR"}
	LATCHKEY=$ROOT${LATCHKEY#"$LATCHKEY_DESTDIR"}
	LATCHKEYD=$ROOT${LATCHKEYD#"$LATCHKEY_DESTDIR"}
	export PATH="${LATCHKEY%/*}:$PATH"
	export LD_LIBRARY_PATH="$ROOT${LATCHKEY_LIBDIR#"$LATCHKEY_DESTDIR"}"
	export PKG_CONFIG_SYSROOT_DIR=$ROOT
	export PKG_CONFIG_PATH="$LD_LIBRARY_PATH/pkgconfig"
	command -v pkg-config >/dev/null || skip "needs pkg-config"
}

# The sh blocks of a README.
blocks() {
	awk '/^```sh$/ { on = 1; next } /^```$/ { on = 0 } on' "$1"
}

@test "the template is under 100 lines and knows the one header" {
	[ "$(wc -l <"$top_srcdir/plugins/template/template.c")" -lt 100 ]
	[ "$(grep -c '#include.*latchkey' \
	    "$top_srcdir/plugins/template/template.c")" -eq 1 ]
	grep -q '#include <latchkey/plugin.h>' \
	    "$top_srcdir/plugins/template/template.c"
}

@test "the template is installed, and builds with one make" {
	prefix
	cp -r "$BASE/share/latchkey/template" "$T/mine"
	cd "$T/mine"
	make CC="$CC" CFLAGS="-O2 -Wall -Wextra -Wpedantic -Werror"
	chmod go-w . template.so
	lk plugin check ./template.so
	is 0
	prints "./template.so: sound, "
	none grep -q '^fault' <<<"$output"
}

@test "the tutorial, command by command" {
	prefix
	mkdir "$T/work"
	cd "$T/work"
	umask 022
	# What is not in a DESTDIR elsewhere: make install, and init's folder.
	cat >"$T/bin" <<-END
	make() {
		command make CC='$CC' DESTDIR='$ROOT' "\$@"
	}
	latchkey() {
		if [ "\$1" = init ]; then
			command latchkey "\$@" --plugins '$PLUGINS'
		else
			command latchkey "\$@"
		fi
	}
	pkg-config() {
		case \$* in
		*templatedir*) echo '$BASE/share/latchkey/template' ;;
		*) command pkg-config "\$@" ;;
		esac
	}
	END
	blocks "$top_srcdir/plugins/template/README.md" >"$T/tutorial"
	unset LATCHKEY_HOME
	bash -euc ". '$T/bin'; . '$T/tutorial'" >"$T/out" 2>"$T/err" || {
		cat "$T/out" "$T/err" >&2
		return 1
	}
	tail -n 1 "$T/out" | grep -q '^allow acme sms send [0-9A-Za-z]\{12\}$'
	grep -q '^type .*sms .*SMS, tokens begin sms_' "$T/out"
	# Each step is one that counts: without a key nothing passes.
	cd sms
	export LATCHKEY_HOME=$PWD/keys
	echo "X-SMS-KEY: sms_0" >header
	lk verify -X POST /v1/sms -H @header
	is 1
	[ "$output" = "deny malformed" ]
	lk verify -X POST /v1/sms
	is 1
	[ "$output" = "deny no_credential" ]
	lk plugin pin sms
	is 0
	[ "$output" = "sms: $(sha256sum "$PLUGINS/sms.so" | cut -c 1-64)" ]
}

# serve: a daemon of a new home, which the prefix alone gives its plugins.
serve() {
	[ -x "$LATCHKEYD" ] || skip "built without the daemon"
	command -v curl >/dev/null || skip "needs curl"
	export LATCHKEY_HOME=$T/keys
	lk init --home "$LATCHKEY_HOME" --plugins "$PLUGINS"
	is 0
	P=$LATCHKEY_HOME/policy.yaml
	edit "$P" "s|^types:|daemon: { verify: [ \"unix:$T/s\" ], threads: 2 }\\
&|"
	"$LATCHKEYD" --verify --pid "$T/pid" 2>"$T/daemon.err" 3>&- &
	PID=$!
	comes test -S "$T/s" -a -s "$T/pid" || {
		cat "$T/daemon.err" >&2
		return 1
	}
}

# asked CODE NAME: what the daemon answers to a request with $TOKEN there.
asked() {
	[ "$(curl -sS --max-time 60 --unix-socket "$T/s" -o "$T/answer" \
	    -D "$T/head" -w '%{http_code}' -H 'X-Original-Method: POST' \
	    -H 'X-Original-URI: /v1/sms' -H "$2: $TOKEN" \
	    http://latchkey/auth)" = "$1" ]
}

# drop NAME: the template, with tokens in that header, made and dropped in.
drop() {
	edit "$T/sms/sms.c" "s/X-[A-Z]*-KEY/$1/"
	make -C "$T/sms" CC="$CC" DESTDIR="$ROOT" all check install \
	    >"$T/made" 2>&1 || {
		cat "$T/made" >&2
		return 1
	}
}

@test "dropped in while a daemon serves: policy, reload, generate, verify" {
	prefix
	serve
	TOKEN=sms_0
	asked 403 X-SMS-KEY
	cp -r "$BASE/share/latchkey/template" "$T/sms"
	mv "$T/sms/template.c" "$T/sms/sms.c"
	edit "$T/sms/sms.c" 's/template/sms/g'
	edit "$T/sms/Makefile" 's/template/sms/g'
	cat >>"$P" <<-END
	  sms: { plugin: sms, prefix: sms, apis: { send: POST /v1/sms } }
	END
	# The policy first: nobody is told, and what served serves on.
	lk reload --pid "$T/pid"
	is 78
	says "$PLUGINS/sms.so"
	asked 403 X-SMS-KEY
	drop X-SMS-KEY
	lk reload --pid "$T/pid"
	is 0
	generate sms --account acme
	comes asked 200 X-SMS-KEY
	grep -q "^Latchkey-Key: $ID" "$T/head"
	grep -q '^Latchkey-Api: send' "$T/head"
	# Another build takes its place likewise; until it is told, the old one.
	drop X-TEXT-KEY
	asked 200 X-SMS-KEY
	lk reload --pid "$T/pid"
	is 0
	comes asked 200 X-TEXT-KEY
	asked 401 X-SMS-KEY
	lk delete "$ID"
	is 0
	asked 401 X-TEXT-KEY
	kill "$PID"
	wait "$PID"
	PID=
}

@test "plugin pin: the policy holds the plugin to that build" {
	cp -r "$LATCHKEY_PLUGINS" "$T/plugins"
	chmod 755 "$T/plugins"
	edit "$H/policy.yaml" "s|^plugins:.*|plugins: $T/plugins|"
	lk plugin pin ucd rate
	is 0
	pins=$output
	[ "$(wc -l <<<"$pins")" -eq 2 ]
	says "plugins: { folder: PATH, pins: }"
	edit "$H/policy.yaml" "s|^plugins:.*|plugins:\\
  folder: $T/plugins\\
  pins: { $(tr '\n' ',' <<<"$pins") }|"
	lk policy check
	is 0
	generate ucd --account acme
	upsert "$TOKEN"
	is 0
	# Another build: no more.  And it can be pinned, whatever is pinned now.
	cp "$LATCHKEY_PLUGINS/ucd.so" "$T/plugins/new"
	printf 'another' >>"$T/plugins/new"
	chmod 644 "$T/plugins/new"
	mv "$T/plugins/new" "$T/plugins/ucd.so"
	upsert "$TOKEN"
	is 69
	[ "$output" = "error plugin_fault" ]
	lk plugin pin ucd
	is 0
	[ "$output" = "ucd: $(sha256sum "$T/plugins/ucd.so" | cut -c 1-64)" ]
	lk plugin pin --json ucd
	[ "$output" = "{\"pins\":{\"ucd\":\"$(sha256sum "$T/plugins/ucd.so" |
	    cut -c 1-64)\"}}" ]
	lk plugin pin "$T/plugins/rate.so"
	is 0
	grep -qF "$output" <<<"$pins"
	lk plugin pin nowhere
	is 78
	says "no such plugin"
	# It runs nothing of what it pins.
	cp "$LATCHKEY_TEST_PLUGINS/constructor.so" "$T/plugins"
	chmod 644 "$T/plugins/constructor.so"
	LK_TEST_MARKER=$T/marker lk plugin pin constructor
	is 0
	[ ! -e "$T/marker" ]
}

@test "policy explain: type, API, plugin, checks in order, packages, limit" {
	lk policy explain POST /api/user/v1/upsert
	is 0
	[ "$(awk 'NR > 1 { print $1, $2 }' <<<"$output" | tr '\n' ' ')" = \
	    "type ucd api upsert plugin ucd check entitlement check rate package growth limit keys " ] || told
	# Each line is where the policy says it.
	while read -r step name from _; do
		line=$(sed -n "${from#policy.yaml:}p" "$H/policy.yaml")
		case $step in
		type | api | package) [[ $line == *"$name:"* ]] ;;
		plugin) [[ $line == *"plugin: $name"* ]] ;;
		check) [[ $line == *"$name"* ]] ;;
		limit) [[ $line == *limit:* ]] ;;
		esac || {
			echo "$step $name $from: $line" >&2
			return 1
		}
	done < <(sed 1d <<<"$output")
	prints "limit: 25000, per: 1m"
	prints "by: account (default)"
	prints "5 keys an account"
	lk policy explain POST /api/user/v1/upsert --json
	is 0
	prints '"steps":[{"step":"type","name":"ucd","line":'
	lk policy explain GET /api/user/v1/upsert
	is 66
	says "is of no API"
	lk policy explain POST
	is 64
	# Needs neither pepper nor store.
	rm -r "$H/pepper" "$H/store"
	lk policy explain POST /api/user/v1/upsert --policy "$H/policy.yaml"
	is 0
	echo 'nonsense: [' >>"$H/policy.yaml"
	lk policy explain POST /api/user/v1/upsert
	is 78
}

@test "policy explain: a plugin that is missing is told, not skipped" {
	mkdir "$T/none"
	lk policy explain POST /api/user/v1/upsert --plugins "$T/none"
	is 0
	prints "at fault, so each request is an error"
}

# --- signed ------------------------------------------------------------------

# A home with a type whose callers sign, a key of it in $TOKEN and $ID.
signing() {
	command -v openssl >/dev/null || skip "needs openssl"
	cat >>"$H/policy.yaml" <<-END
	  hook:
	    plugin: signed
	    prefix: hook
	    apis: { call: "POST,PUT /v1/hook" }
	    options: { window: 5m }
	END
	lk policy check
	is 0
	generate hook --account acme
	blocks "$top_srcdir/plugins/signed/README.md" >"$T/client"
	edit "$T/client" '/^latchkey /d'
}

# signed METHOD PATH BODY: the client's headers, in $T/headers.
signed() {
	printf %s "$3" >"$T/body"
	TOKEN=$TOKEN bash -euc '
		curl() {
			while [ $# -gt 0 ]; do
				if [ "$1" = -H ]; then echo "$2"; fi
				shift
			done
		}
		. "$0"' "$T/client" "$@" >"$T/headers"
}

hook() {
	lk verify -X "$1" "$2" -H "@$T/headers" --body "$T/body"
}

@test "signed: the client of the README, five lines of it" {
	signing
	[ "$(wc -l <"$T/client")" -eq 5 ]
	[ "${TOKEN%%.*}" = "$ID" ]
	signed POST /v1/hook '{"a": 1}'
	none grep -q "${TOKEN#*.}" "$T/headers"
	hook POST /v1/hook
	is 0
	[ "$output" = "allow acme hook call $ID" ]
	signed POST '/v1/hook?x=1&y=%20' ''
	hook POST '/v1/hook?x=1&y=%20'
	is 0
}

@test "signed: another method, path, query, body, date or key is refused" {
	signing
	first=$TOKEN
	generate hook --account acme
	second=$TOKEN
	TOKEN=$first
	signed POST '/v1/hook?a=1' 'body'
	hook POST '/v1/hook?a=1'
	is 0
	hook PUT '/v1/hook?a=1'
	is 1
	[ "$output" = "deny malformed" ]
	hook POST '/v1/hook?a=2'
	is 1
	hook POST /v1/hook
	is 1
	echo >>"$T/body"
	hook POST '/v1/hook?a=1'
	is 1
	printf body >"$T/body"
	cp "$T/headers" "$T/sound"
	edit "$T/headers" "s/^X-KEY-ID:.*/X-KEY-ID: ${second%%.*}/"
	hook POST '/v1/hook?a=1'
	is 1
	for sed in '/^X-KEY-ID/d' '/^X-SIGNATURE/d' '/^X-DATE/d' \
	    's/^X-DATE: ./X-DATE: 2/' 's/^X-DATE: \(.*\).$/X-DATE: \10/' \
	    's/^X-SIGNATURE: ./X-SIGNATURE: g/' \
	    's/\(X-SIGNATURE: .*\)./\1/' 's/^X-KEY-ID: ./X-KEY-ID: _/'; do
		cp "$T/sound" "$T/headers"
		edit "$T/headers" "$sed"
		cmp -s "$T/sound" "$T/headers" && continue
		hook POST '/v1/hook?a=1'
		is 1
	done
	cp "$T/sound" "$T/headers"
	hook POST '/v1/hook?a=1'
	is 0
	lk delete "${first%%.*}"
	is 0
	hook POST '/v1/hook?a=1'
	is 1
	[ "$output" = "deny unknown" ]
}

@test "signed: too old and too new are refused, by the window" {
	signing
	for off in -290 290; do
		edit "$T/client" "s/^date=.*/date=\$((\$(date +%s) + $off))/"
		signed POST /v1/hook x
		hook POST /v1/hook
		is 0
	done
	edit "$T/client" "s/^date=.*/date=\$((\$(date +%s) - 310))/"
	signed POST /v1/hook x
	hook POST /v1/hook
	is 1
	[ "$output" = "deny expired" ]
	edit "$T/client" "s/^date=.*/date=\$((\$(date +%s) + 310))/"
	signed POST /v1/hook x
	hook POST /v1/hook
	is 1
	[ "$output" = "deny not_yet" ]
}

@test "signed: a token alone is no request" {
	signing
	lk_in "$TOKEN" verify --type hook
	is 1
}

@test "signed: the conformance run, with what signs" {
	signing
	cat >"$T/sign" <<-'END'
	curl() {
		while [ $# -gt 0 ]; do
			if [ "$1" = -H ]; then echo "$2"; fi
			shift
		done
	}
	set -- "$METHOD" "$TARGET" "$BODY"
	END
	cat "$T/client" >>"$T/sign"
	lk plugin check "$LATCHKEY_PLUGINS/signed.so" --sign "sh $T/sign"
	is 0
	prints "the request that was signed passes"
	none grep -q '^fault' <<<"$output"
	# One that does not sign is told.
	lk plugin check "$LATCHKEY_PLUGINS/signed.so" --sign "echo X-DATE: 1"
	is 1
	lk plugin check "$LATCHKEY_PLUGINS/signed.so" --sign false
	is 1
	prints "the command that signs failed"
}

# What a signature does not cover is found: signed.c, spoiled in one place.
# lax SED FINDING
lax() {
	sed "$1" "$top_srcdir/plugins/signed/signed.c" >"$T/lax/signed.c"
	none cmp -s "$top_srcdir/plugins/signed/signed.c" "$T/lax/signed.c"
	# shellcheck disable=SC2086
	$CC $CFLAGS -w -shared -fPIC -fvisibility=hidden \
	    -I "$LATCHKEY_INCLUDEDIR/latchkey" -o "$T/lax/signed.so" \
	    "$T/lax/signed.c"
	chmod 644 "$T/lax/signed.so"
	lk plugin check "$T/lax/signed.so" --sign "sh $T/sign"
	is 1
	prints "$2"
}

@test "signed: caught by the conformance run, what it would not cover" {
	signing
	cat >"$T/sign" <<-'END'
	curl() {
		while [ $# -gt 0 ]; do
			if [ "$1" = -H ]; then echo "$2"; fi
			shift
		done
	}
	set -- "$METHOD" "$TARGET" "$BODY"
	END
	cat "$T/client" >>"$T/sign"
	mkdir -m 755 "$T/lax"
	lax 's/when < now - s->window/0/' \
	    "it passes a request that was signed ten years ago"
	lax 's/(int)v->method.n, v->method.p/4, "POST"/' \
	    "it passes octet 1 of the method changed"
	lax 's/(int)v->target.n, v->target.p/11, "\/v1\/conform"/' \
	    "it passes octet 1 of the path changed"
	lax 's/v->body.p != NULL ? v->body.p : "", v->body.n/"{\\"conform\\": true}", 17/' \
	    "it passes octet 1 of the body changed"
	lax 's/equal(cr->proof.p, digits, HEX)/equal(cr->proof.p, digits, 8)/' \
	    "it passes octet 9 of X-SIGNATURE changed"
}
