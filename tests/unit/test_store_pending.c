/*
 * Keys of a batch that nobody sees yet: found, counted, and not made twice.
 */
#include "table.h"

#include <string.h>

#include "store/pending.h"
#include "store_home.h"

#define MANY		5000		/* keys, five an account             */

static struct lk_pending
pending(unsigned n)
{
	struct lk_pending	 p = { .expires = n % 7 == 0 ? 100 : 0 };

	snprintf(p.id, sizeof p.id, "K%011u", n);
	snprintf(p.type, sizeof p.type, "%s", n % 2 == 0 ? "ucd" : "mobile");
	snprintf(p.account, sizeof p.account, "a%u", n / 5);
	memset(p.digest, (int)(n % 3), sizeof p.digest);
	memcpy(p.digest, &n, sizeof n);
	return p;
}

/* As it would be told by looking at each. */
static size_t
count(unsigned n, const char *type, const char *account, int64_t now)
{
	struct lk_pending	 p;
	size_t			 sum = 0;
	unsigned		 i;

	for (i = 0; i < n; i++) {
		p = pending(i);
		sum += (type == NULL || strcmp(p.type, type) == 0) &&
		    (account == NULL || strcmp(p.account, account) == 0) &&
		    (p.expires == 0 || now < p.expires);
	}
	return sum;
}

/* What is asked of a walk. */
struct asked {
	const char	*type;
	int64_t		 now;
	size_t		 n;
};

static int
count_one(void *arg, const struct lk_pending *p)
{
	struct asked	*x = arg;

	x->n += (x->type == NULL || strcmp(p->type, x->type) == 0) &&
	    (p->expires == 0 || x->now < p->expires);
	return 0;
}

static size_t
walk(const struct lk_pendings *s, const char *type, const char *account,
    int64_t now)
{
	struct asked	 x = { type, now, 0 };

	assert_int_equal(lk_pendings_walk(s, account, count_one, &x), 0);
	return x.n;
}

static void
check_counts(const struct lk_pendings *s, unsigned n)
{
	static const char *const types[] = { NULL, "ucd", "mobile", "sms" };
	static const char *const accounts[] = { NULL, "a0", "a3", "a999",
	    "none" };
	size_t	 i, j;
	int64_t	 now;

	for (i = 0; i < 4; i++)
		for (j = 0; j < 5; j++)
			for (now = 99; now <= 100; now++)
				assert_int_equal(walk(s, types[i], accounts[j],
				    now), count(n, types[i], accounts[j], now));
}

static void
test_found(void **state)
{
	struct lk_pendings	 s = { 0 };
	struct lk_pending	 p, other = pending(MANY);
	unsigned		 i;

	(void)state;
	p = pending(0);
	assert_int_equal(lk_pendings_have(&s, p.id, p.digest), 0);
	for (i = 0; i < MANY; i++) {
		p = pending(i);
		assert_int_equal(lk_pendings_have(&s, p.id, p.digest), 0);
		assert_int_equal(lk_pendings_add(&s, &p), 0);
		if (i == 3 || i == 40)
			check_counts(&s, i + 1);
	}
	for (i = 0; i < MANY; i++) {
		p = pending(i);
		assert_int_equal(lk_pendings_have(&s, p.id, other.digest), 1);
		assert_int_equal(lk_pendings_have(&s, other.id, p.digest), 1);
	}
	assert_int_equal(lk_pendings_have(&s, other.id, other.digest), 0);
	check_counts(&s, MANY);
	lk_pendings_free(&s);
	assert_int_equal(s.n, 0);
}

static void
test_join(void **state)
{
	struct lk_pendings	 a = { 0 }, b = { 0 };
	struct lk_pending	 p;
	unsigned		 i;

	(void)state;
	for (i = 0; i < 100; i++) {
		p = pending(i);
		assert_int_equal(lk_pendings_add(i < 30 ? &a : &b, &p), 0);
	}
	assert_int_equal(lk_pendings_join(&a, &b), 0);
	assert_int_equal(b.n, 70);
	check_counts(&a, 100);
	lk_pendings_free(&a);
	lk_pendings_free(&b);
}

/* Two keys of one batch with the same id, or the same digest. */
static void
test_twin(void **state)
{
	struct lk_new_key	 k = { .id = "Kaaaaaaaaaaa", .type = "ucd",
				     .account = "acme", .hint = "h",
				     .pepper = 1 };
	struct lk_error		 e = { 0 };
	struct lk_batch		*b;
	struct lk_store		*s;
	struct home		 h;

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	assert_int_equal(lk_batch_begin(s, LK_BATCH_ADD, "ann", "cli", 0, &b,
	    &e), 0);
	assert_int_equal(lk_batch_generate(b, &k, &e), 0);
	k.digest[0] = 1;
	assert_int_equal(lk_batch_generate(b, &k, &e), LK_EDATA);
	k.id = "Kbbbbbbbbbbb";
	assert_int_equal(lk_batch_generate(b, &k, &e), 0);
	k.id = "Kccccccccccc";
	assert_int_equal(lk_batch_generate(b, &k, &e), LK_EDATA);
	assert_int_equal(lk_batch_count(b, "ucd", "acme", 0), 2);
	assert_int_equal(lk_batch_commit(&b, &e), 0);
	assert_int_equal(lk_store_count(s, "ucd", "acme", 0), 2);
	lk_store_close(&s);
	home_remove(&h);
}

static int
stop(void *arg, const struct lk_pending *p)
{
	(void)p;
	return ++*(int *)arg == 2 ? 7 : 0;
}

/* A walk ends when it is told to; a key is found by its id. */
static void
test_walk(void **state)
{
	struct lk_pendings	 s = { 0 }, more = { 0 };
	struct lk_pending	 p = pending(1);
	unsigned		 i;
	int			 n = 0;

	(void)state;
	assert_null(lk_pendings_find(&s, p.id));
	for (i = 0; i < 5; i++) {
		p = pending(i);
		assert_int_equal(lk_pendings_add(&s, &p), 0);
	}
	assert_int_equal(lk_pendings_walk(&s, NULL, stop, &n), 7);
	n = 0;
	assert_int_equal(lk_pendings_walk(&s, "a0", stop, &n), 7);
	assert_int_equal(lk_pendings_walk(&s, "a1", stop, &n), 0);
	assert_string_equal(lk_pendings_find(&s, p.id)->id, p.id);
	assert_null(lk_pendings_find(&s, "Knone0000000"));
	assert_null(lk_pendings_heir(&s, "a0", pending(9).id));
	lk_pendings_rotate(&s, pending(9).id, "Knone0000000");
	assert_null(lk_pendings_heir(&s, "a0", pending(9).id));
	lk_pendings_rotate(&s, pending(9).id, p.id);
	assert_ptr_equal(lk_pendings_heir(&s, "a0", pending(9).id),
	    lk_pendings_find(&s, p.id));
	assert_null(lk_pendings_heir(&s, "a1", pending(9).id));
	assert_int_equal(lk_pendings_join(&more, &s), 0);
	assert_non_null(lk_pendings_heir(&more, "a0", pending(9).id));
	lk_pendings_free(&more);
	lk_pendings_free(&s);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_TEST(&t, test_found);
	TABLE_TEST(&t, test_join);
	TABLE_TEST(&t, test_twin);
	TABLE_TEST(&t, test_walk);
	return table_run(&t, "store_pending");
}
