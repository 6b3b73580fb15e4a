/*
 * ask.c: a request laid out in memory that is then sealed: a plugin that writes
 * to it is caught in the act.  Behind each part stand octets that are no NUL.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/mman.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conform/child.h"

#define BEHIND		8		/* octets behind each part           */

/* ------------------------------------------------------------------- lay it */

static void *
room(struct lk_trial *t, size_t n)
{
	void	*p;

	t->used = (t->used + 15) & ~(size_t)15;
	if (n > LK_ARENA - t->used)
		_exit(2);
	p = t->arena + t->used;
	t->used += n;
	return p;
}

static struct lk_slice
copied(struct lk_trial *t, const struct lk_slice *s)
{
	struct lk_slice	 out = { NULL, s->n };
	char		*p;

	if (s->p == NULL)
		return out;
	p = room(t, s->n + BEHIND);
	memcpy(p, s->p, s->n);
	memset(p + s->n, 'Z', BEHIND);
	out.p = p;
	return out;
}

static struct lk_slice
word(struct lk_trial *t, const char *s)
{
	const struct lk_slice	 in = { s, strlen(s) };

	return copied(t, &in);
}

static const struct lk_record *
lay_record(struct lk_trial *t, const struct lk_ask *k)
{
	struct lk_record	*r = room(t, sizeof(*r));
	struct lk_net		*nets;

	memset(r, 0, sizeof(*r));
	r->size = sizeof(*r);
	if (k->no_record)
		return r;
	r->key_id = word(t, k->holder->id);
	r->account = word(t, k->holder->account);
	r->created = t->now - 86400;
	if (!k->addresses)
		return r;
	nets = room(t, sizeof(*nets));
	memset(nets, 0, sizeof(*nets));
	nets->family = 4;
	nets->bits = 8;
	nets->addr[0] = 10;
	r->addresses = nets;
	r->naddresses = 1;
	return r;
}

static const struct lk_view *
lay_view(struct lk_trial *t, const struct lk_ask *k)
{
	struct lk_view	*v = room(t, sizeof(*v));

	memset(v, 0, sizeof(*v));
	v->size = sizeof(*v);
	v->peer = k->peer;
	if ((t->fail & LK_FAIL_VIEW) != 0)
		return v;
	v->method = copied(t, &k->method);
	v->target = copied(t, &k->target);
	v->body = copied(t, &k->body);
	return v;
}

void
lk_ask_lay(struct lk_trial *t, const struct lk_ask *k, struct lk_call *c)
{
	struct lk_field	*f;
	size_t		 i;

	mprotect(t->arena, LK_ARENA, PROT_READ | PROT_WRITE);
	t->used = 0;
	memset(c, 0, sizeof(*c));
	c->t = t;
	c->view = lay_view(t, k);
	c->record = lay_record(t, k);
	c->fields = f = room(t, (k->nfields + 1) * sizeof(*f));
	c->nfields = (t->fail & LK_FAIL_VIEW) != 0 ? 0 : k->nfields;
	for (i = 0; i < k->nfields; i++) {
		f[i].name = copied(t, &k->fields[i].name);
		f[i].value = copied(t, &k->fields[i].value);
	}
	mprotect(t->arena, LK_ARENA, PROT_READ);
	lk_trap_request(t->arena, LK_ARENA);
}

void
lk_ask_end(struct lk_call *c)
{
	lk_json_free(&c->json);
}

static int
lies_in(const struct lk_slice *s, const char *p, size_t n)
{
	return p != NULL && s->p >= p && s->p <= p + n &&
	    s->n <= (size_t)(p + n - s->p);
}

/* Text of options is the host's as well; it lives as long as the instance. */
static int
is_option(const struct lk_call *c, const struct lk_slice *s)
{
	const struct lk_instance	*i = c->t->i;
	size_t				 k;

	for (k = 0; k < i->build->table.noptions; k++)
		if (i->values[k].text != NULL && lies_in(s, i->values[k].text,
		    strlen(i->values[k].text)))
			return 1;
	return 0;
}

int
lk_ask_holds(const struct lk_call *c, const struct lk_slice *s)
{
	unsigned	 i;

	if (s->p == NULL || lies_in(s, c->t->arena, c->t->used) ||
	    is_option(c, s))
		return 1;
	for (i = 0; i < LK_HANDED; i++)
		if (lies_in(s, c->handed[i].p, c->handed[i].n))
			return 1;
	return 0;
}

/* ------------------------------------------------------------------ make it */

static struct lk_slice
text(const char *s)
{
	return (struct lk_slice){ s, strlen(s) };
}

void
lk_ask_plain(struct lk_trial *t, struct lk_ask *k)
{
	memset(k, 0, sizeof(*k));
	k->method = text("POST");
	k->target = text("/v1/conform");
	k->peer.family = 4;
	k->peer.bits = 32;
	k->peer.addr[0] = 127;
	k->peer.addr[3] = 1;
	k->holder = &t->holders[0];
}

void
lk_ask_field(struct lk_ask *k, const char *name, const char *value, size_t n)
{
	struct lk_field	*f;

	if (k->nfields == LK_FIELDS_MAX)
		return;
	f = &k->fields[k->nfields++];
	f->name = text(name);
	f->value.p = value;
	f->value.n = n;
}
