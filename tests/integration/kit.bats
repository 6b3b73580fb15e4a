#!/usr/bin/env bats
# The kit: the template by itself and its tutorials; see signed.bats.

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

# blocks_of KIND FILE: the literal blocks of a man page whose first line has it.
blocks_of() {
	awk -v kind="$1" '/^\.Bd -literal/ { on = 1; first = 1; next }
	    /^\.Ed/ { on = 0 }
	    on && first { mine = $0 ~ kind; first = 0 }
	    on && mine' "$2"
}

@test "the tutorial of latchkey-plugin(7), command by command" {
	prefix
	page=$top_srcdir/core/man/latchkey-plugin.7
	mkdir "$T/work"
	cd "$T/work"
	export LATCHKEY_HOME=$T/keys
	lk init --home "$LATCHKEY_HOME" --plugins "$PLUGINS"
	is 0
	cat >"$T/bin" <<-END
	make() {
		command make CC='$CC' DESTDIR='$ROOT' "\$@"
	}
	pkg-config() {
		case \$* in
		*templatedir*) echo '$BASE/share/latchkey/template' ;;
		*) command pkg-config "\$@" ;;
		esac
	}
	END
	blocks_of '^(cp|make)' "$page" >"$T/before"
	blocks_of '^types:' "$page" | sed 1d >>"$LATCHKEY_HOME/policy.yaml"
	blocks_of '^latchkey policy' "$page" >"$T/after"
	# Blocks that are none of these are looked at below.
	[ "$(cat "$T/before" "$T/after" | wc -l)" -eq 12 ]
	bash -euc ". '$T/bin'; . '$T/before'; . '$T/after'" \
	    >"$T/out" 2>"$T/err" || {
		cat "$T/out" "$T/err" >&2
		return 1
	}
	grep -q '^\./sms\.so: sound, ' "$T/out"
	tail -n 1 "$T/out" | grep -q '^allow acme sms send [0-9A-Za-z]\{12\}$'
	# The one that is left is of a type whose callers sign: signed.bats.
	[ "$(grep -c '^\.Bd' "$page")" -eq 6 ]
	[ "$(blocks_of '^latchkey plugin check' "$page")" = \
	    "latchkey plugin check ./signed.so --sign ./sign.sh" ]
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
