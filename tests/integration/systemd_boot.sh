#!/bin/sh
# systemd_boot.sh ROOT: the units of conf/systemd under a systemd that runs them,
# as pid 1 of namespaces of its own.  By hand, as root; make check does not run it,
# since it wants more of a machine than tests may: cgroups, and a folder ROOT with
# a small Debian and latchkey in it:
#
#	debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,nginx-light,\
#	curl,procps,libyaml-0-2,libgcrypt20,libjansson4,libmicrohttpd12,libcurl4 \
#	    bookworm ROOT
#	make install DESTDIR=ROOT && make tests/integration/daemon_load
#	top_srcdir=SOURCES top_builddir=BUILD sh systemd_boot.sh ROOT
#
# ROOT stays as it is: what is written goes to memory.  Neither network, processes,
# mounts nor /proc/sys of the machine are touched; a cgroup is made for it, and
# removed.  It takes two minutes, and prints TAP.
# shellcheck disable=SC2016,SC2154
: "${top_srcdir:=.}" "${top_builddir:=.}"
# shellcheck source=tests/integration/tap.sh
. "$top_srcdir/tests/integration/tap.sh"

root=$(cd "${1:?usage: systemd_boot.sh ROOT}" && pwd) || exit 1
[ "$(id -u)" -eq 0 ] || { echo "it needs root" >&2; exit 77; }
for name in usr/local/sbin/latchkeyd lib/systemd/systemd; do
	[ -x "$root/$name" ] || { echo "no $root/$name: see the head" >&2
	    exit 77; }
done
cgroups=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
cgroup=$cgroups/latchkey-test.$$
load=$top_builddir/tests/integration/daemon_load
[ -x "$load" ] || load=

# ------------------------------------------------------------------ a machine

# What pid 1 does before it is systemd.
cat >"$tmp/init" <<'END'
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay -o "lowerdir=$2,upperdir=$1/upper,workdir=$1/work" overlay \
    "$1/root"
cd "$1/root"
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs dev
for name in null zero full random urandom tty; do
	: >dev/$name
	mount --bind /dev/$name dev/$name
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
mount -t tmpfs -o mode=1777 tmpfs dev/shm
ln -s /proc/self/fd dev/fd
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
for unit in console-getty.service systemd-logind.service; do
	ln -sf /dev/null etc/systemd/system/$unit
done
mkdir .old
pivot_root . .old
umount -l .old
exec env -i container=latchkey-test PATH="$PATH" /lib/systemd/systemd \
    --system --show-status=0
END

# on COMMAND...: there, as root.
on() {
	nsenter -t "$PID1" -m -u -i -n -p -C --root="/proc/$PID1/root" env -i \
	    -C / HOME=/root TERM=dumb SYSTEMD_PAGER= \
	    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
	    "$@"
}

boot() {
	mkdir "$cgroup" "$tmp/memory" || return
	# shellcheck disable=SC2016
	sh -c 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"' sh "$cgroup" \
	    setsid unshare --pid --fork --kill-child --mount --uts --ipc --cgroup \
	    --net sh "$tmp/init" "$tmp/memory" "$root" >"$tmp/console" 2>&1 &
	BOOTED=$!
	soon is_up || { cat "$tmp/console"; return 1; }
}

is_up() {
	PID1=$(pgrep -P "$BOOTED" -x systemd) || PID1=$(pgrep -x systemd \
	    -P "$(pgrep -P "$BOOTED" -x unshare)") || return
	case $(on systemctl is-system-running 2>&1) in
	running | degraded) ;;
	*) return 1 ;;
	esac
}

# With pid 1 all of them end.
off() {
	[ -z "${PID1-}" ] || kill -9 "$PID1"
	[ -z "${BOOTED-}" ] || wait "$BOOTED" 2>/dev/null
	for tries in 1 2 3 4 5; do
		[ ! -d "$cgroup" ] && break
		find "$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null
		sleep "0.$tries"
	done
	rm -rf "$tmp"
}
trap off 0

soon() {
	for _ in $(seq 150); do
		! "$@" || return 0
		sleep 0.1
	done
	return 1
}

# ------------------------------------------------------------------ questions

# chapter TITLE LINES: what README says there, as root, by hand.
chapter() {
	awk -v title="$1" '/^## /{ on = index($0, title) }
	    on && /^```$/ { sh = 0 } on && sh; on && /^```sh$/ { sh = 1 }' \
	    "$top_srcdir/README.md" | head -n "$2" >"$tmp/chapter"
	on sh -e -c "$(cat "$tmp/chapter")"
}

# 0 would be everybody.
main_pid() {
	on systemctl show -P MainPID "latchkeyd-$1.service" | grep -v '^0$'
}

# through STATUS: what a caller of nginx gets, with the key of the chapter.
through() {
	status=$(on curl -s -m 20 -o /tmp/answer -w '%{http_code}' -X POST \
	    -H @/key http://localhost/api/user/v1/upsert)
	[ "$status" = "$1" ] || { echo "status $status"; return 1; }
}

# as USER COMMAND
as() {
	on setpriv --reuid "$1" --regid "$1" --init-groups sh -c "$2"
}

# status DUTY TEXT: systemctl status shows it.
status() {
	on systemctl show -P StatusText "latchkeyd-$1" | grep -F "$2" ||
	    { on systemctl status "latchkeyd-$1"; return 1; }
}

# says DUTY PRIORITY TEXT: a line of the journal.
says() {
	on journalctl -b -u "latchkeyd-$1" -p "$2" -o cat | grep -F "$3"
}

# edit EXPRESSION: of the policy, from what it was at first.
edit() {
	on sh -c 'cd /etc/latchkey; [ -e /policy ] || cp policy.yaml /policy
	    sed "$1" /policy >/policy.new; cat /policy.new >policy.yaml' \
	    sh "$1"
}

# other_than DUTY PID: another process serves.
other_than() {
	pid=$(main_pid "$1") && [ "$pid" != "$2" ] &&
	    on systemctl is-active -q "latchkeyd-$1"
}

# --------------------------------------------------------------------- checks

activated() {
	on systemctl stop latchkeyd-verify.service &&
	    ! on systemctl is-active -q latchkeyd-verify.service &&
	    through 200 && on systemctl is-active -q latchkeyd-verify.service
}

# When systemctl returns, it serves.
ready() {
	on systemctl stop latchkeyd-verify.service &&
	    on systemctl start latchkeyd-verify.service &&
	    [ "$(on systemctl show -P StatusText latchkeyd-verify)" = serves ]
}

operators() {
	on useradd ann && on useradd bob && chapter "Manage keys over" 6 &&
	    ! as ann "latchkey list ucd" &&
	    edit 's/users: \[ root \]/users: [ root, ann ]/' &&
	    on cp /etc/latchkey/policy.yaml /policy &&
	    on systemctl reload latchkeyd-admin &&
	    as ann "latchkey generate mobile --account acme" &&
	    as ann "latchkey list mobile" | grep acme &&
	    says admin notice 'reason=not_permitted operator=ann'
}

# Who is in the group may ask, and who is in a role that names a group may.
by_group() {
	! as bob "latchkey list ucd" && on usermod -a -G latchkey-admin bob &&
	    ! as bob "latchkey list ucd" && on usermod -a -G adm bob &&
	    as bob "latchkey list ucd" &&
	    ! as bob "latchkey generate ucd --account acme"
}

# The admin's line was of this boot for who has no sandbox.
one_boot() {
	as ann "latchkey generate mobile --account other" &&
	    on latchkey store check >"$tmp/check" 2>&1 &&
	    cat "$tmp/check" && ! grep -q 'earlier boot' "$tmp/check"
}

live() {
	edit 's,/api/user/v1/upsert,/api/user/v9/upsert,' &&
	    on systemctl reload latchkeyd-verify && through 403 && edit '' &&
	    on systemctl reload latchkeyd-verify && through 200
}

refused() {
	edit '$ a wrong: yes'
	! on systemctl reload latchkeyd-verify && through 200 &&
	    status verify 'degraded: /etc/latchkey/policy.yaml:' &&
	    says verify err 'not reloaded, the old policy goes on' &&
	    edit '' && on systemctl reload latchkeyd-verify &&
	    [ "$(on systemctl show -P StatusText latchkeyd-verify)" = serves ]
}

pepper() {
	on sh -c 'cp -p /etc/latchkey/pepper/1 /pepper
	    head -c 32 /dev/urandom >/etc/latchkey/pepper/1'
	! on systemctl reload latchkeyd-verify && through 200 &&
	    ! on systemctl restart latchkeyd-verify && through 503 &&
	    says verify err 'the pepper is not the one' &&
	    on cp -p /pepper /etc/latchkey/pepper/1 && soon through 200
}

# Nobody says a word to systemd, and it serves again.
mended() {
	edit '$ a wrong: yes'
	! on systemctl restart latchkeyd-verify && sleep 3 && through 503 &&
	    edit '' && soon through 200
}

killed() {
	for _ in 1 2 3 4 5 6 7 8; do
		pid=$(main_pid verify) && on kill -9 "$pid" || return
		through 200 && other_than verify "$pid" || return
	done
	on systemctl is-active latchkeyd-verify.socket
}

hangs() {
	pid=$(main_pid "$1") && on kill -STOP "$pid" || return
	soon other_than "$1" "$pid" && says "$1" warning 'Watchdog timeout' &&
	    through 200
}

metrics() {
	on sh -e -c 'cp /usr/local/share/latchkey/systemd/latchkeyd-metrics.socket \
	    /etc/systemd/system; systemctl daemon-reload
	    systemctl enable latchkeyd-metrics.socket
	    systemctl restart latchkeyd-verify.service' &&
	    on curl -s http://127.0.0.1:9181/metrics | grep '^latchkey_degraded 0'
}

# Whoever asks it itself, as fast as it answers, loses nothing.
asked() {
	edit 's/limit: 6000, per: 1m/limit: 1000000000, per: 1s/' &&
	    on systemctl reload latchkeyd-verify &&
	    on sh -c 'printf "GET /auth HTTP/1.1\r\nHost: l\r\n%s\r\n%s\r\n%s %s\r\n\r\n" \
	    "X-Original-Method: POST" "X-Original-URI: /v2/single/7" \
	    "Authorization: Bearer" \
	    "$(latchkey generate web_push --account acme)" >/tmp/question' &&
	    mkfifo "$tmp/open" || return
	on cp /dev/stdin /tmp/load <"$load" && on chmod 755 /tmp/load
	on /tmp/load - /run/latchkey/verify.sock /tmp ask <"$tmp/open" &
	asker=$!
	exec 4>"$tmp/open"
	on sh -e -c 'for i in 1 2 3 4 5 6 7 8 9 10; do
	    systemctl restart latchkeyd-verify; sleep 0.2; done
	    pid=$(systemctl show -P MainPID latchkeyd-verify); i=0
	    while [ $i -lt 1000 ]; do kill -HUP $pid; sleep 0.02
	    i=$((i + 1)); done; systemctl reload latchkeyd-verify'
	done=$?
	exec 4>&-
	wait "$asker" && [ "$done" -eq 0 ] && edit '' &&
	    on systemctl reload latchkeyd-verify
}

stopped() {
	on systemctl stop latchkeyd-verify latchkeyd-admin &&
	    [ "$(on systemctl show -P Result latchkeyd-verify)" = success ] &&
	    [ "$(on systemctl show -P Result latchkeyd-admin)" = success ]
}

if ! boot >"$tmp/.out" 2>&1; then
	sed 's/^/# /' "$tmp/.out"
	echo "Bail out! systemd does not boot here"
	exit 1
fi
printf '%s\n' 'server { listen 127.0.0.1:9000; return 200 "$http_latchkey_account\n"; }' |
    on sh -c 'cat >/etc/nginx/conf.d/backend.conf'
check "README: guard nginx in five minutes" chapter "Guard nginx" 99
check "who has a key comes through" through 200
check "the first who asks starts it" activated
check "systemctl start returns when it is ready" ready
check "README: manage keys over HTTP; a denial has its priority" operators
check "who asks is known, with his groups" by_group
check "the boot is the one that others see" one_boot
check "a reload: another policy serves" live
check "a reload that is refused fails, and it is said why" refused
check "a wrong pepper: refused; no start; mended, and it serves" pepper
check "a wrong policy at the start: mended, and it serves" mended
check "killed again and again: everybody is answered" killed
check "verify hangs: it is replaced" hangs verify
check "admin hangs: likewise" hangs admin
check "metrics, on a socket of systemd's" metrics
if [ -n "$load" ]; then
	check "10 restarts, 1000 reloads under load: nothing is lost" asked
	sed 's/^/# /' "$tmp/.out"
else
	skip "load" "needs make tests/integration/daemon_load"
fi
check "a stop is one without a fault" stopped
finish
