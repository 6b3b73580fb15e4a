/*
 * test_frame.c: values over a pipe, and what is no frame.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <unistd.h>

#include "base/frame.h"
#include "table.h"

#define MAX	16			/* octets of a frame of these tests  */

static const struct read_case {
	const char	*name, *in;
	int		 want;
} read_cases[] = {
	{ "nothing",			"",			0 },
	{ "an empty frame",		"0\n",			1 },
	{ "one value",			"6\na\n2\nbc",		1 },
	{ "as long as it may be",	"16\na\n11\n"
	  "01234567890",		1 },
	{ "longer than it may be",	"17\n",			LK_ESYNTAX },
	{ "a length without digits",	"\n",			LK_ESYNTAX },
	{ "a length that is none",	"-1\n",			LK_ESYNTAX },
	{ "a length with a blank",	" 1\na",		LK_ESYNTAX },
	{ "a length of eleven digits",	"00000000001\n",	LK_ESYNTAX },
	{ "a length that is cut off",	"6",			LK_ESYNTAX },
	{ "a frame that is cut off",	"6\na\n2\nb",		LK_ESYNTAX },
};

/* What stands in the pipe and then its end. */
static int
pipe_with(const char *p, size_t n)
{
	int	 fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], p, n), (ssize_t)n);
	close(fds[1]);
	return fds[0];
}

static void
test_read(void **state)
{
	const struct read_case	*c = *state;
	struct lk_buf		 b = LK_BUF_NONE;
	int			 fd = pipe_with(c->in, strlen(c->in));

	assert_int_equal(lk_frame_read(fd, MAX, &b), c->want);
	close(fd);
	lk_buf_free(&b);
}

static const struct get_case {
	const char	*name, *in, *value;
	int		 want;
} get_cases[] = {
	{ "the first",		"a\n2\nbcd\n0\n",	"bc",	1 },
	{ "the first of two",	"a\n1\n1a\n1\n2",	"1",	1 },
	{ "behind another",	"x\n1\n2a\n1\n3",	"3",	1 },
	{ "of no octets",	"a\n0\n",		"",	1 },
	{ "none",		"",			NULL,	0 },
	{ "another name",	"ab\n1\n2",		NULL,	0 },
	{ "a name in a value",	"x\n5\na\n1\n2",	NULL,	0 },
	{ "longer than it is",	"a\n3\nbc",		NULL,	0 },
	{ "without a length",	"a\n",			NULL,	0 },
	{ "a length of blanks",	"a\n \nbc",		NULL,	0 },
	{ "far too long",	"a\n9999999999\nbc",	NULL,	0 },
};

static void
test_get(void **state)
{
	const struct get_case	*c = *state;
	struct lk_buf		 b = LK_BUF_NONE;
	struct lk_slice		 v;

	lk_buf_str(&b, c->in);
	assert_int_equal(lk_frame_get(&b, "a", &v), c->want);
	if (c->want) {
		assert_int_equal(v.n, strlen(c->value));
		assert_memory_equal(v.p, c->value, v.n);
	} else
		assert_null(v.p);
	lk_buf_free(&b);
}

static void
test_there_and_back(void **state)
{
	struct lk_buf	 in = LK_BUF_NONE, out = LK_BUF_NONE;
	char		 text[8];
	int		 fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	lk_frame_str(&in, "method", "GET");
	lk_frame_add(&in, "body", "a\0b\n", 4);
	lk_frame_str(&in, "long", "12345678");
	assert_int_equal(lk_frame_write(fds[1], &in), 0);
	assert_int_equal(lk_frame_write(fds[1], &in), 0);
	close(fds[1]);
	assert_int_equal(lk_frame_read(fds[0], 1024, &out), 1);
	assert_int_equal(lk_frame_read(fds[0], 1024, &out), 1);
	assert_int_equal(out.n, in.n);
	assert_memory_equal(out.p, in.p, in.n);
	lk_frame_text(&out, "method", text, sizeof(text));
	assert_string_equal(text, "GET");
	lk_frame_text(&out, "body", text, sizeof(text));
	assert_string_equal(text, "");
	lk_frame_text(&out, "long", text, sizeof(text));
	assert_string_equal(text, "");
	assert_int_equal(lk_frame_read(fds[0], 1024, &out), 0);
	close(fds[0]);
	lk_buf_free(&in);
	lk_buf_free(&out);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_read, read_cases);
	TABLE_ROWS(&t, test_get, get_cases);
	TABLE_TEST(&t, test_there_and_back);
	return table_run(&t, "frame");
}
