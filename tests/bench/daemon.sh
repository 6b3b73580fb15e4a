#!/bin/sh
# latchkeyd and its peers: CPU a request, one load generator (wrk) on one core
# and all servers on another.  make bench-daemon [KEYS=1000000] [SECONDS_=5]
#
# Each figure is the median of $ROUNDS, those of latchkeyd beside its library of
# $TURNS; CPU is that of all processes of a row, from /proc, by the answers that
# wrk counted.
set -u
# shellcheck disable=SC1091
. ./tests/stage.env
: "${KEYS:=1000000}" "${SECONDS_:=4}" "${WARM:=8}" "${ROUNDS:=3}" "${ROWS:=all}"
: "${SAMPLE:=50000}" "${TURNS:=7}"
PATH=$PATH:/usr/sbin:/sbin
here=$(dirname "$0")
tmp=$(mktemp -d "${TMPDIR:-/tmp}/latchkey-bench.XXXXXX")
pids=

stop() {
	for pid in $pids; do
		kill "$pid" 2>/dev/null
	done
	pids=
	wait
}
trap 'stop; rm -rf "$tmp"' 0
trap 'exit 1' 1 2 15

say() { printf '%s\n' "$*"; }
need() { command -v "$1" >/dev/null; }

# on0 COMMAND...: a server on core 0; its process is added to $pids.
on0() {
	taskset -c 0 "$@" >>"$tmp/log" 2>&1 &
	pids="$pids $!"
}

# All processes of $pids and their children, in 1/100 s.
cpu() {
	for pid in $pids; do
		cat "/proc/$pid/stat" /proc/[0-9]*/stat 2>/dev/null |
		    awk -v p="$pid" '{ sub(/\(.*\)/, "x") }
			NR == 1 || $4 == p { s += $14 + $15 } END { print s }'
	done | awk '{ s += $1 } END { print s }'
}

wait_for() {
	for _ in $(seq 100); do
		curl -s -m 1 -o /dev/null "http://127.0.0.1:$1/" && return
		sleep 0.05
	done
	say "nothing answers on port $1"; tail "$tmp/log"; exit 1
}

# load PORT PLACE [WORD...]: wrk's output in $tmp/wrk; $used, $done.
load() {
	port=$1 PLACE=$2
	shift 2
	export PLACE TOKENS="$tmp/sample"
	before=$(cpu)
	taskset -c 1 wrk -t1 -c "${CONNECTIONS:-32}" -d "$SECONDS_" --latency \
	    -s "$here/daemon.lua" "$@" "http://127.0.0.1:$port/" \
	    >"$tmp/wrk" 2>&1
	used=$(($(cpu) - before))
	answers=$(awk '/requests in/ { print $1 }' "$tmp/wrk")
	if [ -z "$answers" ] || grep -q Non-2xx "$tmp/wrk"; then
		say "not all were answered with 2xx:" >&2
		cat "$tmp/wrk" >&2; tail -n 3 "$tmp/log" >&2
	fi
}

# row NAME PORT PLACE: microseconds of CPU a request, and requests a second;
# into $tmp/rows/NAME as well.
row() {
	warm "$2" "$3"
	for _ in $(seq "$ROUNDS"); do
		turn "$1" "$2" "$3"
	done
	median "$1"
}

# Each key is met once before: what a new process pays to map the pages of the
# index is not what a request costs.
warm() {
	saved=$SECONDS_ SECONDS_=$WARM
	load "$1" "$2"
	SECONDS_=$saved
}

# turn NAME PORT PLACE: one measurement of a row.
turn() {
	mkdir -p "$tmp/turns" "$tmp/rows"
	load "$2" "$3"
	awk -v u="$used" -v n="$answers" -v s="$SECONDS_" \
	    'BEGIN { printf "%.2f %d\n", u * 1e4 / n, n / s }' \
	    >>"$tmp/turns/$1"
}

median() {
	sort -n "$tmp/turns/$1" | awk '{ l[NR] = $0 }
	    END { print l[int((NR + 1) / 2)] }' >"$tmp/rows/$1"
	read -r us rate <"$tmp/rows/$1"
	printf '%-34s %8s us CPU  %7s a second\n' "$1" "$us" "$rate"
}

# ratio A B FIELD: of two rows; 1 CPU, 2 rate.
ratio() {
	[ -s "$tmp/rows/$1" ] && [ -s "$tmp/rows/$2" ] || return 0
	paste -d ' ' "$tmp/rows/$1" "$tmp/rows/$2" | awk -v f="$3" \
	    -v a="$1" -v b="$2" '{ printf "%s / %s: %.3f (%s)\n", a, b,
	    $f / $(f + 2), f == 1 ? "CPU" : "requests a second" }'
}

port=18200
next_port() { port=$((port + 1)); }

# ----------------------------------------------------------------- the store

export LATCHKEY_HOME="$tmp/home"
"$LATCHKEY" init --home "$tmp/home" --plugins "$LATCHKEY_PLUGINS" >/dev/null
sed "s/limit: 6000, per: 1m/limit: 1000000000, per: 1s/
	\$ a daemon: { threads: 1, statuses: gateway, verify: [ 127.0.0.1:18181, \"unix:$tmp/v.sock\" ] }" \
    "$tmp/home/policy.yaml" >"$tmp/p"
cat "$tmp/p" >"$tmp/home/policy.yaml"
"$LATCHKEY" generate web_push --account acme --count "$KEYS" >"$tmp/tokens" \
    2>/dev/null || exit 1
shuf -n "$SAMPLE" --random-source="$here/daemon.sh" "$tmp/tokens" >"$tmp/sample" \
    2>/dev/null || head -n "$SAMPLE" "$tmp/tokens" >"$tmp/sample"
say "$(wc -l <"$tmp/tokens") keys, of which $(wc -l <"$tmp/sample") are used"

latchkeyd() {
	on0 "$LATCHKEYD" --verify --home "$tmp/home"
	daemon=$!
	wait_for 18181
}

# ------------------------------------------------------------------ latchkeyd

# In turns, each in a new process: for one and the same program the kernel's part
# differs by a fifth from process to process.
bare() {
	for i in $(seq "$TURNS"); do
		floor
		turn "libmicrohttpd, 204" "$port" auth
		[ "$i" -lt "$TURNS" ] || { median "libmicrohttpd, 204"; floor_p99; }
		stop
		latchkeyd
		warm 18181 auth
		turn "latchkeyd, an allow" 18181 auth
		[ "$i" -lt "$TURNS" ] || median "latchkeyd, an allow"
		[ "$i" -lt "$TURNS" ] || { our_p99; memory; }
		stop
	done
	ratio "latchkeyd, an allow" "libmicrohttpd, 204" 1
}

floor() {
	next_port
	[ -p "$tmp/fifo" ] || mkfifo "$tmp/fifo"
	# It ends with its standard input, of which this holds the other end.
	exec 9<>"$tmp/fifo"
	taskset -c 0 ./tests/bench/daemon_floor "$port" <"$tmp/fifo" &
	pids="$pids $!"
	wait_for "$port"
}

# The 99th percentile at half of what is the most: so many connections, each
# with a question in so many milliseconds.
half() {
	saved=$SECONDS_
	rate=$(cut -d' ' -f2 "$tmp/rows/$1")
	DELAY=2 CONNECTIONS=$((rate / 2 * 2 / 1000))
	export DELAY
	load "$2" auth
	unset DELAY CONNECTIONS
	SECONDS_=$saved
	awk '$1 == "99%" { print $2 }' "$tmp/wrk"
}
floor_p99() { p99_floor=$(half "libmicrohttpd, 204" "$port"); }
our_p99() {
	say "p99 at half the saturation: $(half "latchkeyd, an allow" 18181)," \
	    "libmicrohttpd alone $p99_floor"
}
memory() {
	# What is mapped of files is not its own, though nobody else maps it.
	awk '/^Anonymous:/ { s += $2 } END {
	    printf "private memory of latchkeyd: %.1f MB\n", s / 1024 }' \
	    "/proc/$daemon/smaps_rollup"
}

# ---------------------------------------------------------------------- nginx

# nginx_with LINE...: one worker whose server has these lines; port $port.
nginx_with() {
	next_port
	{
		[ "$(id -u)" -ne 0 ] || echo "user root;"
		[ ! -e /usr/lib/nginx/modules/ngx_http_lua_module.so ] ||
		    echo "load_module /usr/lib/nginx/modules/ndk_http_module.so;
			load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;"
		cat <<END
daemon off; worker_processes 1; pid $tmp/nginx.$port.pid;
error_log $tmp/nginx.err;
events { worker_connections 4096; }
http { access_log off; keepalive_requests 100000000;
client_body_temp_path $tmp/n1; proxy_temp_path $tmp/n2;
fastcgi_temp_path $tmp/n3; uwsgi_temp_path $tmp/n4; scgi_temp_path $tmp/n5;
END
		printf '%s\n' "$@"
		echo "}"
	} >"$tmp/nginx.$port.conf"
	on0 nginx -e "$tmp/nginx.err" -c "$tmp/nginx.$port.conf"
	wait_for "$port"
}

# shellcheck disable=SC2016 # nginx's variables
asked='upstream q { server UPSTREAM; keepalive 32; keepalive_requests 100000000; }
server { listen 127.0.0.1:PORT;
location / { auth_request /q; proxy_pass http://127.0.0.1:BACK; }
location = /q { internal; proxy_pass http://q/auth; proxy_http_version 1.1;
proxy_set_header Connection ""; proxy_pass_request_body off;
proxy_set_header Content-Length ""; proxy_set_header X-Original-Method POST;
proxy_set_header X-Original-URI $request_uri; proxy_set_header X-Original-Address $remote_addr; } }'

# Without a backend: content from memory, behind the question.
asks() {
	say "$asked" | sed "s|UPSTREAM|$1|; s|PORT|$((port + 1))|
	    s|proxy_pass http://127.0.0.1:BACK;|empty_gif;|"
}

nginxes() {
	need nginx || { say "no nginx"; return; }
	nginx_with "server { listen 127.0.0.1:$((port + 1)); location / { empty_gif; } }"
	row "nginx alone" "$port" gateway
	stop
	# Both by TCP, then both by a unix socket, which costs each of them less.
	nginx_with "server { listen unix:$tmp/204.sock; listen 127.0.0.1:$((port + 1));
	    location / { return 204; } }"
	says=$port
	nginx_with "$(asks "127.0.0.1:$says")"
	row "nginx + auth_request + nginx 204" "$port" gateway
	nginx_with "$(asks "unix:$tmp/204.sock")"
	row "the same, unix socket" "$port" gateway
	stop
	latchkeyd
	nginx_with "$(asks 127.0.0.1:18181)"
	row "nginx + auth_request + latchkeyd" "$port" gateway
	nginx_with "$(asks "unix:$tmp/v.sock")"
	row "latchkeyd, unix socket" "$port" gateway
	stop
	ratio "nginx + auth_request + latchkeyd" \
	    "nginx + auth_request + nginx 204" 2
	ratio "latchkeyd, unix socket" "the same, unix socket" 2
	BASIC=$(printf 'acme:%s' "$(head -n 1 "$tmp/tokens")" | base64 -w 0)
	printf 'acme:%s\n' "$(openssl passwd -apr1 "$(head -n 1 "$tmp/tokens")")" \
	    >"$tmp/htpasswd"
	nginx_with "server { listen 127.0.0.1:$((port + 1)); location / {
	    auth_basic x; auth_basic_user_file $tmp/htpasswd; empty_gif; } }"
	export BASIC
	row "nginx + auth_basic apr1, 1 key" "$port" gateway
	unset BASIC
	stop
	[ -e /usr/lib/nginx/modules/ngx_http_lua_module.so ] || return 0
	# The sample is all that is in its dictionary.
	nginx_with 'lua_shared_dict keys 64m; lua_package_path "/usr/share/lua/5.1/?.lua;;";
init_by_lua_block { local d = ngx.shared.keys
 for t in io.lines("'"$tmp/sample"'") do d:set(ngx.hmac_sha1("pepper", t), 1) end }' \
	    "server { listen 127.0.0.1:$((port + 1)); location / {
 access_by_lua_block { local h = ngx.var.http_authorization
 local t = h and h:sub(8)
 if not t or not ngx.shared.keys:get(ngx.hmac_sha1(\"pepper\", t)) then return ngx.exit(401) end }
 empty_gif; } }"
	row "nginx + Lua HMAC + dictionary" "$port" gateway
	stop
}

# --------------------------------------------------------------------- others

proxies() {
	nginx_with "server { listen 127.0.0.1:$((port + 1)); location / { empty_gif; } }"
	back=$port
	if need haproxy; then
		next_port
		python3 - "$tmp/sample" >"$tmp/map" <<'END' 2>/dev/null
import hashlib, hmac, sys
for t in open(sys.argv[1]):
    print(hmac.new(b"pepper", t.strip().encode(), hashlib.sha256).hexdigest().upper(), 1)
END
		cat >"$tmp/haproxy.cfg" <<END
global
	nbthread 1
defaults
	mode http
	timeout connect 5s
	timeout client 30s
	timeout server 30s
frontend f
	bind 127.0.0.1:$port
	http-request set-var(txn.k) req.hdr(authorization),word(2,' '),hmac(sha256,$(printf pepper | base64)),hex,map($tmp/map,0)
	http-request deny status 401 unless { var(txn.k) -m str 1 }
	default_backend b
backend b
	server s 127.0.0.1:$back
END
		on0 haproxy -db -f "$tmp/haproxy.cfg"
		wait_for "$port"
		row "HAProxy + HMAC + map, a backend" "$port" gateway
	fi
	stop
	need caddy || return 0
	nginx_with "server { listen 127.0.0.1:$((port + 1)); location / { empty_gif; } }"
	back=$port
	latchkeyd
	next_port
	sed "s|^:80|http://127.0.0.1:$port|; s|unix//run/latchkey/verify.sock|unix/$tmp/v.sock|
	    s|127.0.0.1:9000|127.0.0.1:$back|
	    s|X-Original-Method {.*|X-Original-Method POST|
	    1i { \\n admin off\\n }" "${LATCHKEY_POLICY%/*}/caddy/Caddyfile" \
	    >"$tmp/Caddyfile"
	HOME=$tmp XDG_DATA_HOME=$tmp GOMAXPROCS=1 on0 caddy run \
	    --config "$tmp/Caddyfile" --adapter caddyfile
	wait_for "$port"
	row "Caddy + latchkeyd, a backend" "$port" gateway
	stop
}

# ---------------------------------------------------------------------- crowd

crowd() {
	for how in idle slow kept; do
		latchkeyd
		taskset -c 1 ./tests/bench/daemon_crowd "$tmp/v.sock" \
		    "$daemon" 10000 "$how"
		stop
	done
}

# -------------------------------------------------------------------- deletes

# ask TOKEN: the status that a caller gets, through the gateway.
ask() {
	curl -s -m 5 -o /dev/null -w '%{http_code}' \
	    -H "Authorization: Bearer $1" "http://127.0.0.1:$port/v2/single/7"
}

# Each key is let in, deleted by the command, and asked for again at once.
deletes() {
	need nginx || return 0
	"$LATCHKEY" generate web_push --account deletes --json \
	    --count "${DELETES:-1000}" 2>/dev/null |
	    sed 's/.*"token":"\([^"]*\)","key":{"id":"\([^"]*\)".*/\1 \2/' \
	    >"$tmp/deletes"
	latchkeyd
	nginx_with "$(asks "unix:$tmp/v.sock")"
	while read -r token id; do
		echo "$(ask "$token") $("$LATCHKEY" delete "$id" >/dev/null 2>&1;
		    echo $?) $(ask "$token")"
	done <"$tmp/deletes" | sort | uniq -c | while read -r n a d b; do
		say "$n times: $a; delete ended with $d; $b at the next request"
	done
	stop
}

case $ROWS in
all) bare; nginxes; proxies; crowd; deletes ;;
*) for rows in $ROWS; do "$rows"; done ;;
esac
