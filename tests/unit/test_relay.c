/*
 * test_relay.c: slots that one thread fills and another one empties.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sched.h>

#include "table.h"

#include "base/relay.h"

#define ITEMS		5000
#define SLOTS		4

struct works {
	unsigned	 v[SLOTS];
	unsigned	 made;
	unsigned	 last;		/* the fill that is the last one     */
	unsigned	 idle;		/* one of so many waits a while      */
	unsigned	 slots;
	int		 bad;		/* a slot that there is not          */
};

static void
dawdle(unsigned n, unsigned idle)
{
	if (idle != 0 && n % idle == 0)
		sched_yield();
}

static int
fill(void *arg, unsigned slot)
{
	struct works	*w = arg;

	w->bad |= slot >= w->slots;
	dawdle(w->made, w->idle);
	w->v[slot] = ++w->made;
	return w->made < w->last;
}

static const struct relay_case {
	const char	*name;
	unsigned	 slots, idle_fill, idle_take, taken;
} relay_cases[] = {
	{ "one slot, no thread",		1, 0, 0, ITEMS },
	{ "two slots",				2, 0, 0, ITEMS },
	{ "four slots, who fills is slow",	4, 1, 0, ITEMS },
	{ "four slots, who empties is slow",	4, 0, 1, ITEMS },
	{ "both now and then",			4, 3, 5, ITEMS },
	{ "left before the end",		2, 0, 0, 7 },
	{ "left before the first",		4, 0, 0, 0 },
};

static void
test_order(void **state)
{
	const struct relay_case	*c = *state;
	struct works		 w = { .last = ITEMS, .slots = c->slots };
	struct lk_relay		 r;
	unsigned		 i;

	w.idle = c->idle_fill;
	lk_relay_start(&r, c->slots, fill, &w);
	for (i = 1; i <= c->taken; i++) {
		assert_int_equal(w.v[lk_relay_next(&r)], i);
		dawdle(i, c->idle_take);
	}
	lk_relay_end(&r);
	assert_false(w.bad);
	/* It fills what there are slots for, and nothing that is in use. */
	assert_true(w.made >= c->taken && w.made <= c->taken + c->slots);
	assert_true(w.made <= ITEMS);
}

/* One that was never begun. */
static void
test_none(void **state)
{
	struct lk_relay	 r = { 0 };

	(void)state;
	lk_relay_end(&r);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_order, relay_cases);
	TABLE_TEST(&t, test_none);
	return table_run(&t, "relay");
}
