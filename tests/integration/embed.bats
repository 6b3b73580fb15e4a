#!/usr/bin/env bats
# The library in a program outside of the tree, and the demo.

# Set by the helpers, in the subshell of each test.
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154

# shellcheck source=tests/integration/helpers.bash
load helpers

@test "a program that embeds the library: pkg-config, cc, run" {
	command -v pkg-config >/dev/null || skip "needs pkg-config"
	[ -n "${LATCHKEY_LIBDIR-}" ] || skip "needs the staged install"
	cp "$top_srcdir/tests/data/embed/embed.c" "$T"
	cd "$T"
	# Compile and link flags of the .pc file, with its paths in the stage.
	flags=$(PKG_CONFIG_PATH=$LATCHKEY_LIBDIR/pkgconfig \
	    PKG_CONFIG_SYSROOT_DIR=${LATCHKEY_DESTDIR-} \
	    pkg-config --cflags --libs latchkey)
	# shellcheck disable=SC2086
	${CC:-cc} ${LATCHKEY_SANITIZERS-} -std=c11 -Wall -Wextra -Werror \
	    -o embed embed.c $flags
	generate ucd --account acme
	run ./embed "$H/policy.yaml" acme "$TOKEN"
	[ "$output" = "200 allow allowed acme ucd upsert $ID" ]
	[ "$status" -eq 0 ]
	run ./embed "$H/policy.yaml" beta "$TOKEN"
	[ "$output" = "401 deny wrong_account acme ucd upsert $ID" ]
	[ "$status" -eq 1 ]
	run ./embed "$T/none.yaml" acme "$TOKEN"
	[ "$status" -eq 78 ]
}

@test "the demo" {
	if [ -n "${LATCHKEY_STAGE-}" ]; then
		run sh "$top_srcdir/tests/integration/demo.sh" "$LATCHKEY_STAGE"
	else
		skip "needs the staged install"
	fi
	[ "$status" -eq 0 ] || { echo "$output" >&2; false; }
	[[ $output == *"All as it should be."* ]]
}

@test "the demo fails where something is not as it should be" {
	mkdir -p "$T/prefix/bin"
	cat >"$T/prefix/bin/latchkey" <<-END
	#!/bin/sh
	[ "\$1" != delete ] || { echo deleted; exit 0; }
	exec "$LATCHKEY" "\$@"
	END
	chmod +x "$T/prefix/bin/latchkey"
	run sh "$top_srcdir/tests/integration/demo.sh" "$T/prefix"
	[ "$status" -eq 1 ]
	[[ $output == *"that ended with 0 where 1 was expected"* ]]
}
