/*
 * test_lines: denials beyond so many a minute are counted, and told when it is
 * over, wherever the clock is set.
 */
#include "table.h"

#include <cmocka.h>

#include "daemon/lines.h"

int64_t	__wrap_lk_clock_now(void);

static int64_t	 the_time;
static char	 last[1024];
static unsigned	 nlines;

int64_t
__wrap_lk_clock_now(void)
{
	return the_time;
}

int
lk_ring_put(struct lk_ring *r, const char *p, size_t n)
{
	(void)r;
	snprintf(last, sizeof(last), "%.*s", (int)n, p);
	nlines++;
	return 0;
}

void
lk_ring_wake(struct lk_ring *r)
{
	(void)r;
}

void
lk_counts_line(struct lk_counts *c, enum lk_line what)
{
	(void)c;
	(void)what;
}

static const struct look_case {
	const char	*name;
	int64_t		 later;		/* seconds                           */
	int		 told;
} look_cases[] = {
	{ "within the minute",		59,	0 },
	{ "when it is over",		60,	1 },
	{ "much later",			86400,	1 },
	{ "the clock was set back",	-1,	1 },
	{ "by a day",			-86400,	1 },
};

static void
test_look(void **state)
{
	const struct look_case	*c = *state;
	const struct lk_daemon	 d = { .log = LK_LOG_DENIALS, .log_lines = 2 };
	struct lk_decision	 no = { .outcome = LK_DENY,
					.reason = LK_REASON_UNKNOWN,
					.reason_name = "unknown" };
	struct lk_net		 peer = { .family = 4, .bits = 32,
					  .addr = { 192, 0, 2, 7 } };
	struct lk_facts		 f = { &no, &peer, "", 401, 0 };
	struct lk_lines		*l = lk_lines_new(&d, NULL, NULL);
	unsigned		 i;

	assert_non_null(l);
	the_time = 1000000;
	nlines = 0;
	for (i = 0; i < 5; i++)
		lk_lines_decision(l, &f);
	assert_int_equal(nlines, 2);
	the_time += c->later;
	lk_lines_look(l);
	assert_int_equal(nlines, 2 + c->told);
	if (c->told)
		assert_non_null(strstr(last, "reason=unknown peer=192.0.2.7 "
		    "more=3\n"));
	/* Once; and what is not told by then is told at the end. */
	lk_lines_look(l);
	lk_lines_free(&l);
	assert_int_equal(nlines, 3);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_look, look_cases);
	return table_run(&t, "lines");
}
