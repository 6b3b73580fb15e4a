/*
 * upkeep.c: what the owner of a store does to all of it.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "hold.h"
#include "operator.h"

static int
judge(const struct lk *lk, const struct lk_operator *op,
    const struct lk_rewritten *out, const char *call, struct lk_error *e)
{
	if (lk == NULL || op == NULL || out == NULL ||
	    out->size != sizeof(*out))
		return lk_fail(e, LK_EUSAGE, "%s: an argument is missing",
		    call);
	return 0;
}

static void
describe(const struct lk_swapped *w, struct lk_rewritten *out)
{
	out->before = w->before;
	out->after = w->after;
	memcpy(out->file, w->file, sizeof(w->file));
}

int
lk_store_compact(struct lk *lk, const struct lk_operator *op, unsigned what,
    lk_progress_fn progress, void *arg, struct lk_rewritten *out,
    struct lk_error *e)
{
	struct lk_swapped	 w = { 0 };
	unsigned		 n = 0;
	int			 r;

	if ((r = judge(lk, op, out, "lk_store_compact", e)) != 0)
		return r;
	if (what == 0 || (what & ~(LK_COMPACT | LK_DISCARD)) != 0)
		return lk_fail(e, LK_EUSAGE, "lk_store_compact: what 0x%x is "
		    "not known", what);
	if ((r = lk_operator_may(lk, op, LK_MAY_DELETE, e)) != 0)
		return r;
	if (what & LK_COMPACT)
		r = lk_store_shrink(lk->store, op->name, op->from, progress,
		    arg, &w, e);
	describe(&w, out);
	if (r == 0 && what & LK_DISCARD)
		r = lk_store_discard(lk->store, &n, e);
	out->discarded = n;
	return r;
}

int
lk_store_repair(struct lk *lk, const struct lk_operator *op,
    const uint64_t *lines, size_t n, lk_progress_fn progress, void *arg,
    struct lk_rewritten *out, struct lk_error *e)
{
	struct lk_swapped	 w = { 0 };
	int			 r;

	if ((r = judge(lk, op, out, "lk_store_repair", e)) != 0 ||
	    (r = lk_operator_may(lk, op, LK_MAY_GENERATE, e)) != 0)
		return r;
	r = lk_store_accept(lk->store, op->name, op->from, lines, n, progress,
	    arg, &w, e);
	describe(&w, out);
	return r;
}

/* ----------------------------------------------------------------- restore */

static int
open_copy(const char *file, int *fd, struct lk_error *e)
{
	struct stat	 st;

	*fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (*fd == -1)
		return lk_fail_errno(e, errno == ENOENT ? LK_ENOTFOUND :
		    errno == EACCES ? LK_EPERM : LK_EIO, "%s cannot be opened",
		    file);
	if (fstat(*fd, &st) == -1 || !S_ISREG(st.st_mode))
		return lk_fail(e, LK_EDATA, "%s is no regular file", file);
	return 0;
}

/* The key of the pepper that it is under: the current one or the one before. */
static int
key_of(const struct lk *lk, const char *file, int fd, struct lk_hmac **key,
    struct lk_error *e)
{
	const struct lk_policy	*policy = lk_held(lk)->policy;
	struct lk_pepper	*p = NULL;
	uint8_t			 check[LK_MAC_SIZE], own[LK_MAC_SIZE];
	int			 r;

	if (lk_copy_value(fd, check) != 0)
		return lk_fail(e, LK_EDATA, "%s is no journal: its first line "
		    "is not that of one", file);
	if ((r = lk_pepper_load(policy->pepper, &p, e)) != 0)
		return r;
	if (lk_pepper_choose(p, check) != 1)
		r = lk_fail(e, LK_ECONFIG, "%s is under a pepper that is not "
		    "in %s: put that one there", file, policy->pepper);
	else
		r = lk_pepper_journal(p, key, own, e);
	lk_pepper_free(&p);
	return r;
}

static int
put_back(struct lk *lk, const struct lk_operator *op, const char *file,
    struct lk_copy *copy, unsigned flags, lk_progress_fn progress, void *arg,
    struct lk_rewritten *out, struct lk_error *e)
{
	struct lk_put_back	 b = { .ended = 0 };
	const char		*slash = strrchr(file, '/');
	char			 dir[LK_PATH_MAX];
	int			 r;

	if (snprintf(dir, sizeof(dir), "%.*s", slash == NULL ? 1 :
	    (int)(slash - file), slash == NULL ? "." : file) >=
	    (int)sizeof(dir))
		return lk_fail(e, LK_EUSAGE, "the path of the copy is too "
		    "long");
	copy->dir = dir;
	copy->name = slash == NULL ? file : slash + 1;
	r = lk_store_put_back(lk->store, op->name, op->from, copy,
	    flags == LK_ACCEPT_LOSS, progress, arg, &b, e);
	describe(&b.swapped, out);
	out->ended = b.ended;
	out->lacking = b.lacking;
	return r;
}

int
lk_store_restore(struct lk *lk, const struct lk_operator *op,
    const char *file, unsigned flags, lk_progress_fn progress, void *arg,
    struct lk_rewritten *out, struct lk_error *e)
{
	struct lk_copy	 copy = { .fd = -1 };
	struct lk_seat	*seat;
	int		 r;

	if ((r = judge(lk, op, out, "lk_store_restore", e)) != 0)
		return r;
	if (file == NULL || lk->snapshot == NULL ||
	    (flags & ~LK_ACCEPT_LOSS) != 0)
		return lk_fail(e, LK_EUSAGE, "lk_store_restore: an argument "
		    "is missing or not known");
	if ((r = lk_operator_may(lk, op, LK_MAY_GENERATE, e)) != 0)
		return r;
	if ((seat = lk_hold(lk)) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory");
	if ((r = open_copy(file, &copy.fd, e)) == 0 &&
	    (r = key_of(lk, file, copy.fd, &copy.key, e)) == 0)
		r = put_back(lk, op, file, &copy, flags, progress, arg, out,
		    e);
	lk_hmac_free(&copy.key);
	if (copy.fd != -1)
		close(copy.fd);
	lk_release(seat);
	return r;
}
