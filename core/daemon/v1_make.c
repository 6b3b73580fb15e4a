/*
 * v1_make.c: a new key, and a successor of one; the token is in the answer, and
 * nowhere else.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <poll.h>
#include <string.h>

#include "base/err.h"
#include "daemon/admin.h"

#define USAGE_MAX	1024	/* octets of the line that says how to send */

/* ------------------------------------------------------------------- given */

static int
read_addresses(struct lk_admin_call *c, struct lk_net *nets, size_t *n)
{
	struct lk_slice	 v;
	size_t		 i;

	*n = c->body != NULL ? lk_json_count(c->body, "addresses") : 0;
	if (*n > LK_ADDRESSES_MAX)
		return lk_fail(&c->e, LK_EDATA, "a key has at most %d "
		    "addresses", LK_ADDRESSES_MAX);
	for (i = 0; i < *n; i++)
		if (lk_json_item(c->body, "addresses", i, &v) != 1 ||
		    lk_net_parse(v.p, v.n, &nets[i]) != 0)
			return lk_fail(&c->e, LK_EDATA, "addresses: number %zu "
			    "is no address and no network (192.0.2.7, "
			    "10.0.0.0/8, 2001:db8::/32)", i + 1);
	return 0;
}

static int
read_generate(struct lk_admin_call *c, struct lk_generate *g,
    struct lk_net *nets)
{
	int	 r;

	g->type = lk_admin_text(c, "type");
	g->account = lk_admin_text(c, "account");
	g->label = lk_admin_text(c, "label");
	g->role = lk_admin_text(c, "role");
	g->addresses = nets;
	if ((r = lk_admin_when(c, "expires", &g->expires)) != 0 ||
	    (r = lk_admin_when(c, "not_before", &g->not_before)) != 0)
		return r;
	return read_addresses(c, nets, &g->naddresses);
}

/* -------------------------------------------------------------------- shown */

/* Has who asked gone away meanwhile?  What is made is of no use to anybody. */
static int
is_gone(const struct lk_admin_call *c)
{
	struct pollfd	 p = { .fd = c->rq->fd };

	return poll(&p, 1, 0) == 1 &&
	    (p.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

/* How it is sent, for people. */
static void
show_usage(struct lk_admin_call *c, const struct lk_key *key)
{
	char	 usage[USAGE_MAX];

	if (lk_type_usage(c->s->lk, key->type, key->account, usage,
	    sizeof(usage), NULL) == 0 && usage[0] != '\0')
		lk_out_str(&c->out, "usage", usage);
}

/* lk_made_fn */
static int
show(void *arg, const char *token, const struct lk_key *key)
{
	struct lk_admin_call	*c = arg;

	if (is_gone(c))
		return -1;
	lk_out_open(&c->out, NULL, '{');
	lk_out_str(&c->out, "token", token);
	lk_show_key(&c->out, "key", key);
	show_usage(c, key);
	lk_out_close(&c->out, '}');
	if (c->out.b.failed)
		return -1;
	memcpy(c->made, key->id, sizeof(c->made));
	return 0;
}

/* -------------------------------------------------------------------- calls */

/* One alone by the call for many: that one takes it back where it could not be
 * shown. */
int
lk_v1_generate(struct lk_admin_call *c)
{
	struct lk_net		 nets[LK_ADDRESSES_MAX];
	struct lk_generate	 g = { .size = sizeof(g) };
	uint64_t		 shown;
	int			 r;

	if ((r = read_generate(c, &g, nets)) != 0)
		return r;
	r = lk_generate_many(c->s->lk, &c->op, &g, 1, show, c, &shown, &c->e);
	/* All else of the arguments was judged. */
	return r == LK_EUSAGE ? lk_admin_no_type(c, g.type) : r;
}

int
lk_v1_rotate(struct lk_admin_call *c)
{
	struct lk_rotate o = { .size = sizeof(o), .id = c->var,
			     .grace = LK_GRACE_DEFAULT };
	int		 r;

	if ((r = lk_admin_duration(c, "grace", 1, &o.grace)) != 0)
		return r;
	return lk_rotate(c->s->lk, &c->op, &o, show, c, &c->e);
}
