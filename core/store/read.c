#include <inttypes.h>
#include <string.h>

#include "attach.h"
#include "base/err.h"
#include "index_inner.h"
#include "inner.h"

static struct lk_index *
index_of(struct lk_store *s)
{
	return lk_store_image(s)->index;
}

void
lk_store_expect(struct lk_store *s, const uint8_t digest[LK_DIGEST_SIZE])
{
	lk_map_expect(lk_index_now(index_of(s)), digest);
	lk_usage_prefetch(s->usage, digest);
}

void
lk_store_expect_new(struct lk_store *s, const struct lk_new_key *k)
{
	const struct lk_map	*m = lk_index_now(index_of(s));

	lk_map_expect(m, k->digest);
	if (strlen(k->id) == LK_KEYID_LEN)
		lk_map_expect_id(m, k->id);
}

void
lk_store_expect_package(struct lk_store *s, const struct lk_found *key)
{
	lk_map_expect_account(lk_index_now(index_of(s)), key->place);
}

uint64_t
lk_store_expect_name(struct lk_store *s, const char *account, size_t n)
{
	return lk_map_expect_name(lk_index_now(index_of(s)), account, n);
}

void
lk_store_expect_led(struct lk_store *s, uint64_t hash)
{
	if (hash != 0)
		lk_map_expect_led(lk_index_now(index_of(s)), hash);
}

int
lk_store_by_digest(struct lk_store *s, const uint8_t digest[LK_DIGEST_SIZE],
    struct lk_found *out)
{
	return lk_index_digest(index_of(s), digest, out);
}

int
lk_store_by_id(struct lk_store *s, const char *id, size_t n,
    struct lk_found *out)
{
	return lk_index_id(index_of(s), id, n, out);
}

int
lk_store_package(struct lk_store *s, const struct lk_found *key,
    char out[LK_NAME_MAX + 1])
{
	return lk_index_package(index_of(s), key, out);
}

static int
tell_damage(struct lk_store *s, const struct lk_load *l, struct lk_error *e)
{
	if (l->faults == 0)
		return 0;
	lk_fail(e, LK_NOTE, "%s/%s:%" PRIu64 ": %s: keys may be missing here "
	    "or unsure (latchkey store check)", s->o.dir, LK_JOURNAL_NAME,
	    l->fault_line, l->fault_why);
	return 1;
}

/* Read all of the journal, which the index saves otherwise. */
static int
look_through(struct lk_store *s, struct lk_error *e)
{
	struct lk_store_options	 o = s->o;
	struct lk_image		*im = NULL;
	int			 r;

	o.write = o.remove = 0;
	if ((r = lk_image_open(&o, &im, e)) == 0)
		r = lk_image_read(im, e);
	/* Who writes meanwhile looks himself. */
	if (r == 0)
		r = tell_damage(s, &im->load, e);
	else if (r == LK_IMAGE_AGAIN)
		r = 0;
	else
		r = LK_EUNAVAIL;
	lk_image_free(&im);
	return r;
}

int
lk_store_damaged(struct lk_store *s, struct lk_error *e)
{
	struct lk_image	*im;
	uint32_t	 marked;
	int		 r;

	if ((r = lk_store_enter(s, e)) != 0)
		return r;
	im = lk_store_image(s);
	if (!atomic_load(&im->shared))
		r = tell_damage(s, &im->load, e);
	else if (lk_map_get(lk_index_map(im->index), LK_MAP_DAMAGED,
	    &marked) != 0 || marked || lk_image_touched(im, NULL))
		r = look_through(s, e);
	lk_store_leave(s);
	return r;
}

int
lk_store_keys(struct lk_store *s, const char *type, const char *account,
    int deleted, lk_key_fn fn, void *arg)
{
	struct lk_keys_wanted	 w = { type, account, NULL, deleted, 0 };

	return lk_store_keys_wanted(s, &w, fn, arg);
}

/* ---------------------------------------------------------------- accounts */

struct accounts {
	struct lk_store	*s;
	int64_t		 now;
	lk_account_fn	 fn;
	void		*arg;
};

static int
tell_account(void *arg, const char *name)
{
	struct accounts		*x = arg;
	struct lk_account	 out;
	int64_t			 n;
	int			 r;

	memset(&out, 0, sizeof out);
	memcpy(out.name, name, strlen(name) + 1);
	if ((r = lk_index_account(index_of(x->s), name, out.package)) == 0)
		return 0;		/* it was deleted                    */
	n = lk_store_count(x->s, NULL, name, x->now);
	if (r != 1 || n < 0)
		return LK_EUNAVAIL;
	out.keys = (size_t)n;
	return x->fn(x->arg, &out);
}

int
lk_store_accounts(struct lk_store *s, lk_account_fn fn, void *arg)
{
	struct accounts	 x = { s, lk_store_now(s), fn, arg };
	int		 r;

	r = lk_index_walk_accounts(index_of(s), tell_account, &x);
	return r == -1 ? LK_EUNAVAIL : r;
}

int
lk_store_account(struct lk_store *s, const char *account,
    char out[LK_NAME_MAX + 1])
{
	out[0] = '\0';
	return lk_index_account(index_of(s), account, out);
}
