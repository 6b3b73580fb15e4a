/*
 * pepper_retire.c: end an old pepper, once no key is under it any more.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "hold.h"
#include "peppers.h"

#define SHOWN		8		/* keys of a message                 */
#define BATCH		1000		/* keys that are deleted at once     */

struct under {
	struct lk_buf	 ids;		/* each ended by NUL                 */
};

static int
add_id(void *arg, const char *id)
{
	struct under	*u = arg;

	lk_buf_add(&u->ids, id, LK_KEYID_LEN + 1);
	return u->ids.failed ? LK_ENOMEM : 0;
}

static int
find_under(struct lk *lk, unsigned version, struct under *u, uint64_t *n,
    struct lk_error *e)
{
	uint64_t	 keys[2];
	int		 odd = (int)(version & 1), r;

	lk_buf_reset(&u->ids);
	r = lk_store_peppers(lk->store, keys, odd, add_id, u);
	*n = keys[odd];
	if (r != 0)
		return lk_fail(e, r, r == LK_ENOMEM ? "no memory" : "the store "
		    "cannot tell which keys are under it (latchkey store "
		    "check)");
	return 0;
}

static int
still_used(const struct under *u, unsigned version, uint64_t n,
    struct lk_error *e)
{
	char		 names[SHOWN * (LK_KEYID_LEN + 2) + 8] = "";
	uint64_t	 i;

	for (i = 0; i < n && i < SHOWN; i++) {
		strcat(names, i == 0 ? "" : ", ");
		strcat(names, u->ids.p + i * (LK_KEYID_LEN + 1));
	}
	if (n > SHOWN)
		strcat(names, ", ...");
	return lk_fail(e, LK_ELIMIT, "%" PRIu64 " key%s under pepper %u, "
	    "which stay alive with it alone: rotate %s first (latchkey "
	    "pepper status --keys), or end %s with --delete-keys: %s", n,
	    n == 1 ? " is" : "s are", version, n == 1 ? "it" : "them",
	    n == 1 ? "it" : "them", names);
}

/* Keys from..to-1 of them, as one batch. */
static int
delete_some(struct lk *lk, const struct lk_operator *op, const char *ids,
    uint64_t n, struct lk_error *e)
{
	struct lk_batch	*b;
	uint64_t	 i;
	int		 r;

	if ((r = lk_batch_begin(lk->store, LK_BATCH_REMOVE, op->name, op->from,
	    0, &b, e)) != 0)
		return r;
	for (i = 0; i < n && r == 0; i++)
		r = lk_batch_delete(b, ids + i * (LK_KEYID_LEN + 1), e);
	if (r == 0)
		return lk_batch_commit(&b, e);
	lk_batch_abandon(&b);
	return r;
}

static int
delete_under(struct lk *lk, const struct lk_operator *op, struct under *u,
    uint64_t n, struct lk_error *e)
{
	uint64_t	 at, some;
	int		 r = 0;

	for (at = 0; at < n && r == 0; at += some) {
		some = n - at < BATCH ? n - at : BATCH;
		r = delete_some(lk, op, u->ids.p + at * (LK_KEYID_LEN + 1),
		    some, e);
	}
	return r;
}

static int
remove_pepper(const struct lk *lk, unsigned version, struct lk_error *e)
{
	const char	*dir = lk_held(lk)->policy->pepper;
	char		 path[LK_PATH_MAX];
	int		 fd, r = 0;

	if (lk_peppers_path(lk, version, path, sizeof(path)) != 0)
		return lk_fail(e, LK_ECONFIG, "the pepper's path is too long");
	if (unlink(path) == -1 && errno != ENOENT)
		return errno != EACCES ? lk_fail_errno(e, LK_EIO, "%s cannot "
		    "be removed", path) : lk_fail(e, LK_EPERM, "no key is "
		    "under pepper %u any more, and %s is another user's to "
		    "remove: rm %s", version, path, path);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1 || fsync(fd) == -1)
		r = lk_fail_errno(e, LK_EIO, "%s cannot be synced: pepper %u "
		    "may be there again after a power cut", dir, version);
	if (fd != -1)
		close(fd);
	return r;
}

/* Nobody makes keys under it any more, but what was exported may be imported:
 * who does so looks for the pepper under the lock. */
static int
remove_unused(struct lk *lk, unsigned version, struct under *u,
    struct lk_error *e)
{
	struct lk_batch	*b;
	uint64_t	 n;
	int		 r;

	if ((r = lk_batch_begin_alone(lk->store, LK_BATCH_REMOVE, NULL, NULL,
	    &b, e)) != 0)
		return r;
	if ((r = find_under(lk, version, u, &n, e)) == 0 && n != 0)
		r = still_used(u, version, n, e);
	if (r == 0) {
		lk_store_none_under(lk->store, (int)(version & 1));
		r = remove_pepper(lk, version, e);
	}
	lk_batch_abandon(&b);
	return r;
}

static int
retire(struct lk *lk, const struct lk_operator *op, unsigned flags,
    unsigned version, uint64_t *ended, struct lk_error *e)
{
	struct under	 u = { LK_BUF_NONE };
	uint64_t	 n;
	int		 r;

	if ((r = find_under(lk, version, &u, &n, e)) == 0 && n > 0) {
		if ((flags & LK_DELETE_KEYS) == 0)
			r = still_used(&u, version, n, e);
		else if ((r = delete_under(lk, op, &u, n, e)) == 0)
			*ended = n;
	}
	if (r == 0)
		r = remove_unused(lk, version, &u, e);
	lk_buf_free(&u.ids);
	return r;
}

/* The old one; or one that is gone before its keys were.  0: neither. */
static int
find_old(struct lk *lk, unsigned *version, struct lk_error *e)
{
	const struct lk_pepper	*p = atomic_load(&lk->pepper);
	unsigned		 current = lk_pepper_current(p);
	uint64_t		 n;

	if (!lk_store_keyed(lk->store))
		return lk_fail(e, LK_ECONFIG, "%s holds no pepper that the "
		    "journal is under: put that one back",
		    lk_held(lk)->policy->pepper);
	if ((*version = lk_pepper_older(p)) != 0)	/* that one, indeed */
		return lk_pepper_before(p) == 0 ? 0 : lk_peppers_whole(
		    lk->store, lk_held(lk)->policy->pepper, p, e);
	if (current > 1 && lk_store_under(lk->store, !(current & 1), &n) != 0)
		*version = current - 1;
	return *version != 0 ? 0 : lk_fail(e, LK_ENOTFOUND, "there is no old "
	    "pepper, only %u: there is nothing to retire (latchkey pepper "
	    "rotate)", current);
}

int
lk_pepper_retire(struct lk *lk, const struct lk_operator *op, unsigned flags,
    struct lk_rewritten *out, struct lk_error *e)
{
	struct lk_seat		*seat;
	unsigned		 older = 0;
	int			 r;

	if (out == NULL || out->size != sizeof(*out) ||
	    (flags & ~LK_DELETE_KEYS) != 0)
		return lk_fail(e, LK_EUSAGE, "lk_pepper_retire: an argument "
		    "is missing or not known");
	if ((r = lk_peppers_begin(lk, op, LK_MAY_DELETE, "lk_pepper_retire",
	    &seat, e)) != 0)
		return r;
	if ((r = find_old(lk, &older, e)) == 0)
		r = retire(lk, op, flags, older, &out->ended, e);
	lk_release(seat);
	return r;
}
