/*
 * host.c: the services that plugins get, those that need a call.  The services
 * of setup are the loader's; the table here begins as a copy of them.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <pthread.h>
#include <string.h>

#include "base/net.h"
#include "call.h"
#include "host.h"

/* Blanks around a header's value do not count (RFC 9110, 5.5). */
static struct lk_slice
trimmed(const struct lk_header *h)
{
	struct lk_slice	 s = { h->value, h->value_len };

	while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t')) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

/* Eight octets, A to Z as a to z. */
static inline uint64_t
lowered(uint64_t v)
{
	const uint64_t	 each = 0x0101010101010101;
	uint64_t	 low = v & 0x7f * each;
	uint64_t	 from_a = low + (0x80 - 'A') * each;
	uint64_t	 after_z = low + (0x7f - 'Z') * each;

	return v | ((from_a ^ after_z) & ~v & 0x80 * each) >> 2;
}

static inline int
same_eight(const char *a, const char *b)
{
	uint64_t	 x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return x == y || lowered(x) == lowered(y);
}

/* Of n octets each: as lk_plugin_same, eight of them at a time. */
static inline int
same_name(const char *a, const char *b, size_t n)
{
	size_t	 i;

	if (n < 8)
		return lk_plugin_same(a, b, n);
	for (i = 0; i + 8 < n; i += 8)
		if (!same_eight(a + i, b + i))
			return 0;
	return same_eight(a + n - 8, b + n - 8);
}

static int
header(const struct lk_call *c, const char *name, struct lk_slice *value)
{
	const struct lk_request	*rq = c->request;
	struct lk_slice		 v;
	size_t			 i, n = strlen(name);
	int			 found = 0;

	value->p = NULL;
	value->n = 0;
	for (i = 0; rq != NULL && i < rq->nheaders; i++) {
		if (rq->headers[i].name_len != n ||
		    !same_name(rq->headers[i].name, name, n))
			continue;
		v = trimmed(&rq->headers[i]);
		if (found && (v.n != value->n ||
		    memcmp(v.p, value->p, v.n) != 0))
			return -1;
		*value = v;
		if (value->p == NULL)	/* there, empty */
			value->p = "";
		found = 1;
	}
	return found;
}

/* The body as an object, parsed once.  1, 0 none, -1. */
static int
body(struct lk_call *c)
{
	const struct lk_request	*rq = c->request;

	if (rq == NULL || rq->body == NULL || rq->body_len == 0)
		return 0;
	if (c->json_state != 0)
		return c->json_state;
	if (rq->body_len > c->type->type->body_max) {
		c->json_why = "over the limit of its type";
		return c->json_state = -1;
	}
	c->json_state = lk_json_parse(rq->body, rq->body_len, &c->json,
	    &c->json_why);
	if (c->json_state == 1)
		c->json_why = NULL;
	/* Not known what it says: whatever the plugin makes of it. */
	c->json_failed = c->json_state == -2;
	return c->json_state = c->json_state == 1 ? 1 : -1;
}

static int
json(struct lk_call *c, const char *name, struct lk_slice *value)
{
	int	 r;

	value->p = NULL;
	value->n = 0;
	if ((r = body(c)) != 1)
		return r;
	return lk_json_string(c->json, name, value);
}

static const struct lk_view *
view(const struct lk_call *c)
{
	return &c->view;
}

static int64_t
now(const struct lk_call *c)
{
	/* Handed out const, but ours: the same all through a call. */
	if (c->now == 0)
		((struct lk_call *)(uintptr_t)c)->now =
		    lk_store_now(c->lk->store);
	return c->now;
}

static int
entitled(const struct lk_call *c)
{
	const struct lk_policy	*p = c->snapshot->policy;
	int			 package = p->default_package;
	char			 name[LK_NAME_MAX + 1];

	if (lk_store_package(c->lk->store, &c->found, name) != 1) {
		((struct lk_call *)(uintptr_t)c)->store_failed = 1;
		return 0;
	}
	if (name[0] != '\0')
		package = lk_policy_package(p, name);
	return package >= 0 && lk_policy_package_holds(p, package,
	    c->type->type, c->api) == 1;
}

static int
derive(const struct lk_call *c, const struct lk_slice *key_id,
    uint8_t out[LK_SECRET_SIZE])
{
	struct lk_found	 f;

	if (c->pepper == NULL)
		return -1;
	/* Of the version that the key was made under, for ever. */
	if (c->record.key_id.p != NULL && key_id->n == LK_KEYID_LEN &&
	    memcmp(c->found.key_id, key_id->p, LK_KEYID_LEN) == 0)
		f.odd = c->found.odd;
	else if (lk_store_by_id(c->lk->store, key_id->p, key_id->n, &f) != 1)
		return -1;
	return lk_pepper_derive(c->pepper, lk_pepper_of(c->pepper, f.odd),
	    c->type->type->name, key_id->p, key_id->n, out) == 0 ? 0 : -1;
}

static struct lk_host	 table;
static pthread_once_t	 table_once = PTHREAD_ONCE_INIT;

static void
fill(void)
{
	table = lk_setup_services;
	table.size = sizeof(table);
	table.major = LK_PLUGIN_MAJOR;
	table.minor = LK_PLUGIN_MINOR;
	table.header = header;
	table.json = json;
	table.view = view;
	table.now = now;
	table.entitled = entitled;
	table.derive = derive;
	table.budget = lk_call_budget;
}

const struct lk_host *
lk_host_table(void)
{
	pthread_once(&table_once, fill);
	return &table;
}
