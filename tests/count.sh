#!/bin/sh
# count.sh BUILD: sum the test points of a build's .trs files, and print
# "N passed, N failed" and, where there are any, ", N skipped".  It exits 1
# when one failed or none was run.
set -eu
find "$1" -path '*/tests/stage/*' -prune -o -name '*.trs' -print |
    { xargs -r cat; } | awk '
	/^:test-result: (PASS|XFAIL)/		{ passed++ }
	/^:test-result: (FAIL|XPASS|ERROR)/	{ failed++ }
	/^:test-result: SKIP/			{ skipped++ }
	END {
		if (passed + failed + skipped == 0)
			failed = 1
		printf "%d passed, %d failed", passed, failed
		if (skipped)
			printf ", %d skipped", skipped
		print ""
		exit failed > 0
	}'
