/*
 * v1_types.c: what kinds of keys there are.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "daemon/admin.h"

static int
one(void *arg, const struct lk_type *t)
{
	lk_show_type(arg, NULL, t);
	return 0;
}

int
lk_v1_types(struct lk_admin_call *c)
{
	int	 r;

	lk_out_open(&c->out, NULL, '{');
	lk_out_open(&c->out, "types", '[');
	r = lk_types(c->s->lk, &c->op, one, &c->out, &c->e);
	lk_out_close(&c->out, ']');
	lk_out_close(&c->out, '}');
	return r;
}
