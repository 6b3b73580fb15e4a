#!/usr/bin/env bats
# The command where calls fail, without fault_sweep's means: by strace, by the
# limits of the process, by a full and a read-only file system.
# shellcheck disable=SC2030,SC2031,SC2034

load ../integration/helpers

# ends STATUS...: the last command ended with one of them, and said why.
ends() {
	local s
	for s; do
		[ "$status" -ne "$s" ] || {
			[ "$s" -le 1 ] || [ -n "$err" ] || told
			return 0
		}
	done
	told
}

# Nothing, or one whole token that holds.
shown() {
	[ -z "$output" ] || [[ $output =~ ^ucd_[0-9A-Za-z]{36}$ ]] || told
}

need_strace() {
	command -v strace >/dev/null || skip "needs strace"
	strace -f -o /dev/null -e inject=getppid:error=EPERM \
	    "$LATCHKEY" --version >/dev/null 2>&1 ||
	    skip "strace may not trace here"
}

# traced CALL WHAT N WORD...: the nth such call does WHAT.
traced() {
	local inject=$1:$2:when=$3
	shift 3
	status=0
	ASAN_OPTIONS=detect_leaks=0 strace -f -o /dev/null \
	    -e "inject=$inject" "$LATCHKEY" "$@" >"$T/.out" 2>"$T/.err" \
	    </dev/null || status=$?
	output=$(cat "$T/.out")
	err=$(cat "$T/.err")
}

@test "generate under strace: each call of those that write fails or kills" {
	need_strace
	local call n runs=0
	for call in fdatasync:1 pwrite64:1 fcntl:1 fcntl:5 write:1 ftruncate:1 \
	    fallocate:1; do
		n=${call#*:}
		traced "${call%:*}" error=EIO "$n" generate ucd --account a
		ends 0 69 71 74 75
		[ "$status" -eq 0 ] || [ -z "$output" ] || told
		shown
		traced "${call%:*}" signal=KILL "$n" generate ucd --account b
		shown
		runs=$((runs + 2))
		lk store check
		is 0
	done
	echo "# $runs runs" >&3
}

@test "a sync that fails shows no token and is indeterminate" {
	need_strace
	traced fdatasync error=EIO 1 generate ucd --account acme
	is 71
	[ -z "$output" ] || told
	lk generate ucd --account acme
	is 0
}

@test "delete under strace: done, or the key is still there" {
	need_strace
	local what
	for what in error=EIO error=ENOSPC signal=KILL; do
		generate ucd --account acme
		traced fdatasync "$what" 1 delete "$ID"
		[ "$status" -gt 128 ] || is 71
		if [ "$status" -eq 71 ]; then
			upsert "$TOKEN"
			is 1
		fi
		lk delete "$ID"
		ends 0 66
		upsert "$TOKEN"
		is 1
	done
}

@test "verify under strace never allows a deleted key" {
	need_strace
	local n
	generate ucd --account acme
	lk delete "$ID"
	printf 'X-PARTNER-NAME: acme\nX-REQUEST-TOKEN: %s\n' "$TOKEN" \
	    >"$T/.headers"
	for n in 1 5 20 40 60 80 100; do
		traced openat error=EMFILE "$n" verify -X POST \
		    /api/user/v1/upsert -H "@$T/.headers"
		[ "$status" -ne 0 ] || told
	done
}

@test "too few descriptors are a failure with a sentence" {
	local n
	generate ucd --account acme
	for n in 6 7 8 9 10 12 14 16; do
		status=0
		output=$( (ulimit -n "$n"; "$LATCHKEY" generate ucd \
		    --account acme 2>"$T/.err") ) || status=$?
		err=$(cat "$T/.err")
		shown
		# libgcrypt and the dynamic linker end the process themselves.
		ends 0 69 74 75 77 78 127 134
		[ "$status" -ne 0 ] || "$LATCHKEY" delete "$(member id \
		    "$("$LATCHKEY" list --json)")" >/dev/null
	done
	lk store check
	is 0
}

@test "standard streams that are closed" {
	local status=0
	"$LATCHKEY" generate ucd --account acme >&- 2>"$T/.err" || status=$?
	[ "$status" -eq 74 ]
	lk list --json
	none grep -q active "$T/.out"
	"$LATCHKEY" list <&- >/dev/null
	"$LATCHKEY" list 2>&- >/dev/null
	TOKEN=$("$LATCHKEY" generate ucd --account acme 2>&-)
	upsert "$TOKEN"
	is 0
}

# mounted OPTIONS: the store moves to a file system of its own.
mounted() {
	[ "$(id -u)" -eq 0 ] || skip "needs root, to mount"
	mkdir "$T/disk"
	mount -t tmpfs -o "$1" none "$T/disk" 2>/dev/null ||
	    skip "nothing can be mounted here"
	MOUNTED=$T/disk
	chmod 755 "$T/disk"
	new_home "$T/disk/home"
	H=$T/disk/home
	export LATCHKEY_HOME=$H
}

@test "a full disk: verify and delete work, generate is refused" {
	mounted size=1m
	generate ucd --account acme
	local n=0
	cat /dev/zero >"$T/disk/fill" 2>/dev/null || :
	while [ "$n" -lt 400 ]; do
		lk generate web_push --account acme
		[ "$status" -eq 0 ] || break
		n=$((n + 1))
	done
	is 74
	[ -z "$output" ] || told
	upsert "$TOKEN"
	is 0
	lk delete "$ID"
	is 0
	upsert "$TOKEN"
	is 1
	rm "$T/disk/fill"
	lk generate ucd --account acme
	is 0
	lk store check
	is 0
}

@test "a read-only file system: verify works, nothing is written" {
	mounted size=4m
	generate ucd --account acme
	mount -o remount,ro "$T/disk" 2>/dev/null || skip "no remount here"
	upsert "$TOKEN"
	is 0
	lk generate ucd --account acme
	ends 69 74 77
	[ -z "$output" ] || told
	lk delete "$ID"
	ends 69 74 77
	lk list
	is 0
	mount -o remount,rw "$T/disk"
	lk delete "$ID"
	is 0
}
