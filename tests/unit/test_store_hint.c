/*
 * What is asked for ahead changes nothing of what is read, whatever stands
 * there; and it never looks behind what was read.
 */
#include "table.h"

#include <unistd.h>

#include "store/hint.h"

#define LINES	6000			/* more than a window holds          */

static const char *const lines[] = {
	"1:1:1790000000:generate:ann:cli:K00000000001:type=ucd:account=acme:"
	    "digest=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA:pepper=1:"
	    "hint=x:AAAAAAAAAAAAAAAAAAAAAA",
	"", ":", "::::::::::", "a:b:c:d:e:f:", "a:b:c:d:e:f:short",
	"1:1:1:generate:a:b:K:type=t:account=a:digest=",
	"1:1:1:generate:a:b:K:type=t:account=a:digest=AAAAAAAAAAA",
	"1:1:1:generate:a:b:!!!!!!!!!!!!:type=t:account=a:"
	    "digest=AAAAAAAAAAAAAAAA",
	"1:1:1:generate:a:b:K00000000001:type=t:account=a:"
	    "digest=!!!!!!!!!!!!!!!!",
	"2:2:1790000000:delete:ann:cli:K00000000001:-",
};

#define NLINES	(sizeof lines / sizeof *lines)

static int
write_lines(off_t *size)
{
	char	 path[] = "/tmp/latchkey-hint.XXXXXX";
	int	 fd = mkstemp(path);
	FILE	*f = fdopen(fd, "w");
	size_t	 i;

	assert_non_null(f);
	for (i = 0; i < LINES; i++)
		fprintf(f, "%s\n", lines[i % NLINES]);
	fprintf(f, "the last one has no end");
	fd = dup(fd);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(unlink(path), 0);
	*size = lseek(fd, 0, SEEK_END);
	return fd;
}

static void
test_same_lines(void **state)
{
	struct lk_scan	 s;
	struct lk_shape	 shape;
	struct lk_map	*m;
	struct lk_raw	 raw;
	off_t		 size;
	int		 fd = write_lines(&size);
	size_t		 i;

	(void)state;
	lk_shape_fit(&shape, 0, 0, 0, 75, NULL);
	assert_int_equal(lk_map_new(&shape, &m), 0);
	assert_int_equal(lk_scan_start(&s, &lk_io_system, fd, 0,
	    (uint64_t)size), 0);
	for (i = 0; lk_scan_next(&s, &raw) == 1; i++) {
		assert_int_equal(raw.n, strlen(lines[i % NLINES]));
		assert_memory_equal(raw.p, lines[i % NLINES], raw.n);
		lk_hint_ahead(m, &s);
		assert_in_range(s.ahead, s.at, s.n);
		/* Some lines ahead, but where the window ends. */
		assert_true(s.ahead > s.at + 1024 || s.n - s.ahead < 1024);
	}
	assert_int_equal(i, LINES);
	lk_scan_end(&s);
	lk_map_free(&m);
	close(fd);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_TEST(&t, test_same_lines);
	return table_run(&t, "store_hint");
}
