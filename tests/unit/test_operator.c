/*
 * test_operator: roles that keys carry: who may give them, what they let their
 * bearers do, and that they last.
 */
#include "reload_home.h"

#define LK_ROLES	\
	"  viewer: { may: [ list ], users: [ \"4294967294\" ] }\n"	\
	"  maker: { may: [ generate, delete ], users: [ \"4294967294\" ] }\n"

/* The type stands among the others, so that it is found by its plugin. */
static const char	 policy[] =
	LK_ROLES
	"packages:\n  all: [ \"*\" ]\ndefault_package: all\n"
	"types:\n"
	"  ucd: { plugin: ucd, prefix: ucd, apis: { upsert: POST /upsert } }\n"
	"  op: { plugin: operator, prefix: lkop }\n";

static int
make(void **state)
{
	if (home_make(state) != 0)
		return -1;
	plugin_install("operator", "");
	policy_put(policy);
	return 0;
}

static struct lk_operator
self(void)
{
	struct lk_operator	 op = { .size = sizeof(op) };

	assert_int_equal(lk_operator_self(&op, NULL), 0);
	return op;
}

static struct lk_operator
with(const char *role)
{
	struct lk_operator	 op = self();

	strcpy(op.role, role);
	return op;
}

static int
give(struct lk *lk, const struct lk_operator *op, const char *type,
    const char *role, char *token, struct lk_key *key, struct lk_error *e)
{
	struct lk_generate	 g = { .size = sizeof(g), .type = type,
				     .account = "ann", .role = role };
	char			 t[LK_TOKEN_MAX + 1];

	return lk_generate(lk, op, &g, token != NULL ? token : t, key, NULL,
	    0, e);
}

/* ---------------------------------------------------------------------- may */

static const struct may_case {
	const char	*name, *role;
	unsigned	 may;
} may_cases[] = {
	{ "none: that of the user",	"",
	    LK_MAY_GENERATE | LK_MAY_DELETE | LK_MAY_LIST | LK_MAY_ACCOUNTS },
	{ "viewer",			"viewer",	LK_MAY_LIST },
	{ "maker",			"maker",
	    LK_MAY_GENERATE | LK_MAY_DELETE },
	{ "one that is not there",	"nobody",	0 },
	{ "a part of a name",		"view",		0 },
};

static void
test_may(void **state)
{
	const struct may_case	*c = *state;
	struct lk_operator	 op;
	struct lk		*lk;
	unsigned		 bit;

	assert_int_equal(make(NULL), 0);
	lk = home_open(0);
	op = with(c->role);
	for (bit = LK_MAY_GENERATE; bit <= LK_MAY_ACCOUNTS; bit <<= 1)
		assert_int_equal(lk_operator_may(lk, &op, bit, NULL),
		    (c->may & bit) != 0 ? 0 : LK_EPERM);
	/* A caller that does not know of roles has none. */
	op.size = offsetof(struct lk_operator, role);
	assert_int_equal(lk_operator_may(lk, &op, LK_MAY_ACCOUNTS, NULL), 0);
	op.size--;
	assert_int_equal(lk_operator_may(lk, &op, LK_MAY_LIST, NULL),
	    LK_EUSAGE);
	lk_close(&lk);
	home_remove(NULL);
}

/* --------------------------------------------------------------------- give */

static const struct give_case {
	const char	*name, *by, *type, *role;
	int		 want;
} give_cases[] = {
	{ "of each right",		"",	"op",	"viewer",	0 },
	{ "all rights by all rights",	"",	"op",	"administrator", 0 },
	{ "none",			"",	"op",	NULL,	LK_EDATA },
	{ "an empty one",		"",	"op",	"",	LK_EDATA },
	{ "one that is not there",	"",	"op",	"none",	LK_EDATA },
	{ "of another type",		"",	"ucd",	"viewer", LK_EDATA },
	{ "another type without",	"maker", "ucd",	NULL,	0 },
	{ "its own",			"maker", "op",	"maker", 0 },
	{ "one right that it has not",	"maker", "op",	"viewer", LK_EPERM },
	{ "all rights",			"maker", "op",	"administrator",
	    LK_EPERM },
	{ "who may not generate",	"viewer", "op",	"viewer", LK_EPERM },
};

static void
test_give(void **state)
{
	const struct give_case	*c = *state;
	struct lk_operator	 op;
	struct lk_key		 key;
	struct lk_error		 e = { 0 };
	struct lk		*lk;

	assert_int_equal(make(NULL), 0);
	lk = home_open(0);
	op = with(c->by);
	assert_int_equal(give(lk, &op, c->type, c->role, NULL, &key, &e),
	    c->want);
	if (c->want == 0)
		assert_string_equal(key.role, c->role != NULL ? c->role : "");
	lk_close(&lk);
	home_remove(NULL);
}

/* ------------------------------------------------------------------- bearer */

static int
bear(struct lk *lk, const char *token, struct lk_operator *op,
    struct lk_decision *d)
{
	char			 value[LK_TOKEN_MAX + 16];
	struct lk_header	 h = { "Authorization", 13, value, 0 };
	struct lk_request	 rq = { .size = sizeof(rq), .method = "GET",
				     .path = "/", .headers = &h,
				     .nheaders = 1 };

	h.value_len = (size_t)snprintf(value, sizeof(value), "Bearer %s",
	    token);
	memset(op, 0, sizeof(*op));
	op->size = sizeof(*op);
	strcpy(op->from, "api test");
	return lk_operator_bearer(lk, &rq, op, d, NULL);
}

static void
test_bearer(void **state)
{
	char			 token[LK_TOKEN_MAX + 1];
	struct lk_operator	 op, me = self();
	struct lk_decision	 d;
	struct lk_key		 key;
	struct lk		*lk;
	const char		*id = key.id;

	assert_int_equal(make(state), 0);
	lk = home_open(0);
	assert_int_equal(give(lk, &me, "op", "maker", token, &key, NULL), 0);
	assert_int_equal(bear(lk, token, &op, &d), 0);
	assert_true(d.outcome == LK_ALLOW);
	assert_string_equal(op.name, "ann");
	assert_string_equal(op.role, "maker");
	assert_string_equal(op.from, "api test");
	assert_int_equal(op.ngroups, 0);
	assert_int_equal(lk_operator_may(lk, &op, LK_MAY_LIST, NULL),
	    LK_EPERM);
	token[10] = token[10] == 'a' ? 'b' : 'a';
	assert_int_equal(bear(lk, token, &op, &d), 0);
	assert_true(d.outcome == LK_DENY);
	assert_string_equal(op.role, "");
	assert_int_equal(give(lk, &me, "op", "maker", token, &key, NULL), 0);
	assert_int_equal(lk_delete(lk, &me, &id, 1, NULL), 0);
	assert_int_equal(bear(lk, token, &op, &d), 0);
	assert_true(d.outcome == LK_DENY);
	assert_int_equal(give(lk, &me, "ucd", NULL, token, &key, NULL), 0);
	assert_int_equal(bear(lk, token, &op, &d), 0);
	assert_true(d.outcome == LK_DENY);
	lk_close(&lk);
	policy_put(sound);
	lk = home_open(0);
	assert_int_equal(bear(lk, token, &op, &d), LK_ENOTFOUND);
	assert_true(d.outcome != LK_ALLOW);
	lk_close(&lk);
	home_remove(NULL);
}

/* ------------------------------------------------------------------- rotate */

static int
keep(void *arg, const char *token, const struct lk_key *key)
{
	(void)token;
	*(struct lk_key *)arg = *key;
	return 0;
}

static void
test_rotate(void **state)
{
	struct lk_operator	 me = self(), maker = with("maker");
	struct lk_rewritten	 rewritten = { .size = sizeof(rewritten) };
	struct lk_key		 key, next;
	struct lk_rotate	 o = { .size = sizeof(o), .id = key.id };
	struct lk		*lk;

	assert_int_equal(make(state), 0);
	lk = home_open(0);
	assert_int_equal(give(lk, &me, "op", "administrator", NULL, &key,
	    NULL), 0);
	assert_int_equal(lk_rotate(lk, &maker, &o, keep, &next, NULL),
	    LK_EPERM);
	assert_int_equal(lk_rotate(lk, &me, &o, keep, &next, NULL), 0);
	assert_string_equal(next.role, "administrator");
	/* A journal that is written anew has it still. */
	assert_int_equal(lk_store_compact(lk, &me, LK_COMPACT, NULL, NULL,
	    &rewritten, NULL), 0);
	assert_int_equal(lk_show(lk, &me, next.id, &key, NULL), 0);
	assert_string_equal(key.role, "administrator");
	assert_int_equal(lk_pepper_rotate(lk, &me, NULL, NULL, &rewritten,
	    NULL), 0);
	assert_int_equal(lk_show(lk, &me, next.id, &key, NULL), 0);
	assert_string_equal(key.role, "administrator");
	lk_close(&lk);
	home_remove(NULL);
}

/* -------------------------------------------------------------------- after */

#define NKEYS	7

struct page {
	char	 ids[NKEYS][LK_KEYID_LEN + 1];
	size_t	 n;
};

static int
see(void *arg, const struct lk_key *key)
{
	struct page	*p = arg;

	if (p->n == NKEYS)
		return -1;
	strcpy(p->ids[p->n++], key->id);
	return 0;
}

static int
list_after(struct lk *lk, const char *type, const char *account,
    const char *after, struct page *p)
{
	struct lk_operator	 me = self();
	struct lk_filter	 f = { .size = sizeof(f), .type = type,
				     .account = account, .after = after };

	memset(p, 0, sizeof(*p));
	return lk_list(lk, &me, &f, see, p, NULL);
}

static void
test_after(void **state)
{
	struct lk_operator	 me = self();
	struct lk		*lk;
	const char		*id;
	struct page		 all, p;
	size_t			 i;

	assert_int_equal(make(state), 0);
	lk = home_open(0);
	for (i = 0; i < NKEYS; i++)
		assert_int_equal(give(lk, &me, i % 2 == 0 ? "op" : "ucd",
		    i % 2 == 0 ? "viewer" : NULL, NULL, NULL, NULL), 0);
	assert_int_equal(list_after(lk, NULL, NULL, NULL, &all), 0);
	assert_int_equal(all.n, NKEYS);
	for (i = 0; i < NKEYS; i++) {
		assert_int_equal(list_after(lk, NULL, NULL, all.ids[i], &p),
		    0);
		assert_int_equal(p.n, NKEYS - 1 - i);
	}
	/* One of another type is a place as well; so is one that is deleted. */
	id = all.ids[3];
	assert_int_equal(list_after(lk, "op", NULL, id, &p), 0);
	assert_int_equal(p.n, 2);
	assert_int_equal(lk_delete(lk, &me, &id, 1, NULL), 0);
	assert_int_equal(list_after(lk, NULL, "ann", id, &p), 0);
	assert_int_equal(p.n, NKEYS - 4);
	assert_string_equal(p.ids[0], all.ids[4]);
	assert_int_equal(list_after(lk, NULL, NULL, "000000000000", &p),
	    LK_EDATA);
	assert_int_equal(list_after(lk, NULL, "other", id, &p), LK_EDATA);
	lk_close(&lk);
	home_remove(NULL);
}

/* A page at a time it is the same list, however long a page is. */
static void
same_by_pages(struct lk *lk, struct lk_filter f)
{
	struct lk_operator	 me = self();
	struct page		 all = { .n = 0 }, p;

	f.size = sizeof(f);
	assert_int_equal(lk_list(lk, &me, &f, see, &all, NULL), 0);
	for (f.page = 1; f.page <= NKEYS + 1; f.page++) {
		memset(&p, 0, sizeof(p));
		assert_int_equal(lk_list(lk, &me, &f, see, &p, NULL), 0);
		assert_int_equal(p.n, all.n);
		assert_memory_equal(p.ids, all.ids, sizeof(p.ids));
	}
}

static void
test_pages(void **state)
{
	struct lk_operator	 me = self();
	struct lk_rewritten	 rewritten = { .size = sizeof(rewritten) };
	struct lk		*lk;
	const char		*id;
	struct page		 all;
	size_t			 i;

	assert_int_equal(make(state), 0);
	lk = home_open(0);
	same_by_pages(lk, (struct lk_filter){ 0 });
	for (i = 0; i < NKEYS; i++)
		assert_int_equal(give(lk, &me, i % 2 == 0 ? "op" : "ucd",
		    i % 2 == 0 ? "viewer" : NULL, NULL, NULL, NULL), 0);
	assert_int_equal(list_after(lk, NULL, NULL, NULL, &all), 0);
	id = all.ids[3];
	assert_int_equal(lk_delete(lk, &me, &id, 1, NULL), 0);
	for (i = 0; i < 2; i++) {
		same_by_pages(lk, (struct lk_filter){ 0 });
		same_by_pages(lk, (struct lk_filter){ .deleted = 1 });
		same_by_pages(lk, (struct lk_filter){ .type = "op" });
		same_by_pages(lk, (struct lk_filter){ .type = "none" });
		same_by_pages(lk, (struct lk_filter){ .after = all.ids[1] });
		same_by_pages(lk, (struct lk_filter){ .after = all.ids[2],
		    .type = "ucd" });
		same_by_pages(lk, (struct lk_filter){ .after = all.ids[6] });
		/* And so it is in another journal. */
		assert_int_equal(lk_store_compact(lk, &me, LK_COMPACT, NULL,
		    NULL, &rewritten, NULL), 0);
	}
	lk_close(&lk);
	home_remove(NULL);
}

static void
test_pages_wrong(void **state)
{
	struct lk_operator	 me = self();
	struct lk_filter	 f = { .size = sizeof(f), .page = 2 };
	struct page		 p = { .n = 0 };
	struct lk		*lk;

	assert_int_equal(make(state), 0);
	lk = home_open(0);
	f.after = "000000000000";
	assert_int_equal(lk_list(lk, &me, &f, see, &p, NULL), LK_EDATA);
	f.after = "x";
	assert_int_equal(lk_list(lk, &me, &f, see, &p, NULL), LK_EDATA);
	lk_close(&lk);
	home_remove(NULL);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_may, may_cases);
	TABLE_ROWS(&t, test_give, give_cases);
	TABLE_TEST(&t, test_bearer);
	TABLE_TEST(&t, test_rotate);
	TABLE_TEST(&t, test_after);
	TABLE_TEST(&t, test_pages);
	TABLE_TEST(&t, test_pages_wrong);
	return table_run(&t, "operator");
}
