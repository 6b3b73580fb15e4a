#!/bin/sh
# autogen.sh          make configure (autoreconf, nothing else)
# autogen.sh demo     install what is missing, build, show the main job
# autogen.sh check    install what is missing, build, run every test
#
# demo and check build in ./.build and install nothing but packages of the
# system.  check ends with the line: N passed, N failed (and , N skipped).
set -eu
umask 022
# A shell that was given none has one of its own, but its children do not.
PATH=${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}
export PATH
cd "$(dirname "$0")"

EX_USAGE=64 EX_UNAVAILABLE=69 EX_CONFIG=78
BUILD=.build

say() {
	printf '%s\n' "$*"
}

die() {
	status=$1
	shift
	printf 'autogen.sh: %s\n' "$*" >&2
	exit "$status"
}

autogen() {
	mkdir -p build-aux/m4
	autoreconf -fi
	# configure removes core files with `rm -f core`, and meets the folder.
	sed 's/rm -f core /rm -f /' configure >configure.tmp
	cat configure.tmp >configure
	rm -f configure.tmp
}

# --- what is missing ---------------------------------------------------------

has() {
	command -v "$1" >/dev/null 2>&1
}

has_headers() {
	has "${CC:-cc}" &&
	    echo '#include <stdio.h>' | "${CC:-cc}" -E - >/dev/null 2>&1
}

has_module() {
	has pkg-config && pkg-config --exists "$1"
}

# Lines of: what to ask, its Debian package.
needs() {
	cat <<-END
	has ${CC:-cc}	gcc
	has_headers	libc6-dev
	has make	make
	has autoconf	autoconf
	has automake	automake
	has libtoolize	libtool
	has pkg-config	pkg-config
	has_module yaml-0.1	libyaml-dev
	has_module libgcrypt	libgcrypt20-dev
	has_module jansson	libjansson-dev
	has_module libmicrohttpd	libmicrohttpd-dev
	END
	if [ "$1" = check ]; then
		printf 'has_module cmocka\tlibcmocka-dev\nhas bats\tbats\n'
	fi
}

# Tests that want one of these skip without it.
wishes() {
	printf 'has mandoc\tmandoc\nhas shellcheck\tshellcheck\n'
	printf 'has strace\tstrace\nhas openssl\topenssl\n'
	printf 'has curl\tcurl\nhas socat\tsocat\n'
	printf 'has_module libseccomp\tlibseccomp-dev\n'
	printf 'has_module libcurl\tlibcurl4-openssl-dev\n'
}

# The packages of those lines whose question is answered with no.
missing() {
	tab=$(printf '\t')
	while IFS=$tab read -r ask package; do
		$ask || printf ' %s' "$package"
	done
}

is_debian() {
	has apt-get && [ -r /etc/os-release ] &&
	    grep -Eq '^ID(_LIKE)?=.*(debian|ubuntu)' /etc/os-release
}

# How to become root, on standard output; 1 when there is no way.
as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		return 0
	elif has sudo && sudo -n true 2>/dev/null; then
		echo sudo -n
	elif has sudo && [ -t 0 ]; then
		echo sudo
	else
		return 1
	fi
}

# apt_install ROOT PACKAGE...; ROOT is the command to become root, or empty
apt_install() {
	root=$1
	shift
	say "installing: $*"
	# shellcheck disable=SC2086
	$root env DEBIAN_FRONTEND=noninteractive apt-get -q update &&
	    $root env DEBIAN_FRONTEND=noninteractive apt-get -q -y install \
	    --no-install-recommends "$@" </dev/null
}

set_up() {
	need=$(needs "$1" | missing)
	wish=
	[ "$1" != check ] || wish=$(wishes | missing)
	[ -n "$need$wish" ] || return 0
	if ! is_debian; then
		[ -n "$need" ] || return 0
		die $EX_UNAVAILABLE "this is neither Debian nor Ubuntu;" \
		    "install what they call:$need"
	fi
	if root=$(as_root); then
		# shellcheck disable=SC2086
		if [ -n "$need" ]; then
			apt_install "$root" $need ||
			    die $EX_UNAVAILABLE "could not install:$need"
		fi
		# shellcheck disable=SC2086
		if [ -n "$wish" ]; then
			apt_install "$root" $wish ||
			    say "goes on without:$wish"
		fi
		return 0
	fi
	[ -n "$need" ] || return 0
	say "These packages are missing; as root, run this and then ./autogen.sh $1 again:"
	say "apt-get update && apt-get install -y --no-install-recommends$need"
	exit $EX_UNAVAILABLE
}

# --- build -------------------------------------------------------------------

# build OPTION...: always from nothing, so that what it shows is true.
build() {
	[ ! -e config.status ] || die $EX_CONFIG \
	    "a build was configured in this folder: run make distclean first"
	say "autoreconf"
	autogen
	rm -rf "$BUILD"
	mkdir "$BUILD"
	say "configure"
	(cd "$BUILD" && ../configure -q "$@")
	say "make"
	make -s -C "$BUILD" -j "$(jobs_at_once)"
}

jobs_at_once() {
	getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1
}

demo() {
	set_up demo
	tmp=$(mktemp -d "${TMPDIR:-/tmp}/latchkey-demo.XXXXXX")
	trap 'rm -rf "$tmp"' 0
	trap 'exit 129' 1 2 15
	build --prefix="$tmp/latchkey"
	say "make install"
	if ! make -s -C "$BUILD" install >"$tmp/log" 2>&1; then
		cat "$tmp/log" >&2
		die 1 "make install failed"
	fi
	say ""
	sh tests/integration/demo.sh "$tmp/latchkey"
}

check() {
	set_up check
	build
	status=0
	make -s -C "$BUILD" -k -j "$(jobs_at_once)" check || status=$?
	sh tests/count.sh "$BUILD" >"$BUILD/count" || status=1
	make -s -C "$BUILD" clean-stage || :
	cat "$BUILD/count"
	exit "$status"
}

case ${1-} in
'')	autogen ;;
demo)	demo ;;
check)	check ;;
*)	say "usage: ./autogen.sh [demo | check]" >&2
	exit $EX_USAGE ;;
esac
