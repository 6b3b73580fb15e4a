/*
 * peppers.c: rotate and retire peppers.
 *
 * One pepper is current: new keys are digested under it, and the journal has
 * its MACs under it.  To rotate makes the next one and writes the journal anew;
 * the old one serves the keys that were made under it until it is retired.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "operator.h"
#include "peppers.h"

#define SHOWN		8		/* keys of a message                 */
#define BATCH		1000		/* keys that are deleted at once     */

/* Who loads peppers of a handle and puts them in place. */
static pthread_mutex_t	 loading = PTHREAD_MUTEX_INITIALIZER;

/* -------------------------------------------------------------- which one */

int
lk_peppers_load(const char *dir, const char *store, struct lk_pepper **out,
    struct lk_error *e)
{
	uint8_t	 check[LK_MAC_SIZE];
	int	 r;

	if ((r = lk_pepper_load(dir, out, e)) != 0)
		return r;
	if (lk_store_value(store, check, NULL) == 0)
		(void)lk_pepper_choose(*out, check);
	return 0;
}

/* Keep it as long as the handle: some call may be in it. */
static int
keep(struct lk *lk, struct lk_pepper *p)
{
	struct lk_pepper	**all;

	all = reallocarray(lk->peppers, lk->npeppers + 1, sizeof(*all));
	if (all == NULL)
		return LK_ENOMEM;
	lk->peppers = all;
	all[lk->npeppers++] = p;
	return 0;
}

static int
learn(void *arg, const uint8_t check[LK_MAC_SIZE], struct lk_hmac **mac,
    struct lk_error *e)
{
	struct lk		*lk = arg;
	struct lk_pepper	*p = NULL;
	uint8_t			 own[LK_MAC_SIZE];
	int			 r;

	if ((r = lk_pepper_load(lk->snapshot->policy->pepper, &p, e)) != 0)
		return r;
	if (lk_pepper_choose(p, check) != 1)
		r = lk_fail(e, LK_ECONFIG, "%s holds no pepper that the "
		    "journal is under: put that one back",
		    lk->snapshot->policy->pepper);
	else
		r = lk_pepper_journal(p, mac, own, e);
	if (r == 0 && (r = keep(lk, p)) != 0) {
		lk_hmac_free(mac);
		lk_fail(e, r, "no memory");
	}
	if (r != 0) {
		lk_pepper_free(&p);
		return r;
	}
	atomic_store_explicit(&lk->pepper, p, memory_order_release);
	return 0;
}

int
lk_peppers_learn(void *arg, const uint8_t check[LK_MAC_SIZE],
    struct lk_hmac **mac, struct lk_error *e)
{
	int	 r;

	pthread_mutex_lock(&loading);
	r = learn(arg, check, mac, e);
	pthread_mutex_unlock(&loading);
	return r;
}

static int
is_same(const struct lk_pepper *a, const struct lk_pepper *b)
{
	return lk_pepper_current(a) == lk_pepper_current(b) &&
	    lk_pepper_older(a) == lk_pepper_older(b) &&
	    lk_pepper_newer(a) == lk_pepper_newer(b);
}

/* As they are now: others may have rotated and retired. */
static int
load_again(struct lk *lk, struct lk_error *e)
{
	const struct lk_policy	*policy = lk->snapshot->policy;
	struct lk_pepper	*p;
	int			 r;

	if ((r = lk_peppers_load(policy->pepper, policy->store, &p, e)) != 0)
		return r;
	if (is_same(p, atomic_load(&lk->pepper)))
		lk_pepper_free(&p);
	else if ((r = keep(lk, p)) != 0) {
		lk_pepper_free(&p);
		return lk_fail(e, r, "no memory");
	} else
		atomic_store(&lk->pepper, p);
	return 0;
}

static int
look_again(struct lk *lk, struct lk_error *e)
{
	int	 r;

	if (lk_store_refresh(lk->store, e) != 0)
		return LK_EUNAVAIL;
	pthread_mutex_lock(&loading);
	r = load_again(lk, e);
	pthread_mutex_unlock(&loading);
	return r;
}

static int
judge(struct lk *lk, const struct lk_operator *op, unsigned may,
    const char *call, struct lk_error *e)
{
	int	 r;

	if (lk == NULL || op == NULL)
		return lk_fail(e, LK_EUSAGE, "%s: an argument is missing",
		    call);
	if (lk->snapshot == NULL)
		return lk_fail(e, LK_EUSAGE, "%s: opened without a pepper",
		    call);
	if (atomic_load(&lk->pepper) == NULL)
		return lk_fail(e, LK_ECONFIG, "the pepper could not be read");
	r = lk_operator_may(lk, op, may, e);
	return r != 0 ? r : look_again(lk, e);
}

static int
path_of(const struct lk *lk, unsigned version, char *out, size_t size)
{
	return snprintf(out, size, "%s/%u", lk->snapshot->policy->pepper,
	    version) < (int)size ? 0 : LK_ECONFIG;
}

/* ----------------------------------------------------------------- rotate */

/* The next one, as readable as the current one.  What an earlier rotation left
 * that did not come to be is as good. */
static int
make_next(const struct lk *lk, unsigned next, struct lk_error *e)
{
	const char	*dir = lk->snapshot->policy->pepper;
	struct lk_error	 why = { 0 };
	struct stat	 st;
	char		 path[LK_PATH_MAX];
	int		 r;

	if (path_of(lk, next, path, sizeof(path)) != 0)
		return lk_fail(e, LK_ECONFIG, "the pepper's path is too long");
	if (lstat(path, &st) == 0)
		return 0;
	if (path_of(lk, next - 1, path, sizeof(path)) != 0 ||
	    stat(path, &st) == -1)
		return lk_fail_errno(e, LK_EIO, "%s", path);
	r = lk_pepper_make(dir, next, st.st_mode & 0777, st.st_gid, &why);
	if (r == LK_ECONFIG)		/* somebody else made it meanwhile   */
		return 0;
	if (r != 0 && e != NULL)
		*e = why;
	return r;
}

static int
rekey(struct lk *lk, const struct lk_operator *op, unsigned next,
    lk_progress_fn progress, void *arg, struct lk_swapped *w,
    struct lk_error *e)
{
	struct lk_pepper	*p = NULL;
	struct lk_hmac		*mac = NULL;
	uint8_t			 check[LK_MAC_SIZE];
	int			 r;

	if ((r = lk_pepper_load(lk->snapshot->policy->pepper, &p, e)) != 0)
		return r;
	if (!lk_pepper_choose_version(p, next))
		r = lk_fail(e, LK_EAGAIN, "pepper %u is gone again: try again",
		    next);
	else if ((r = lk_pepper_journal(p, &mac, check, e)) == 0)
		r = lk_store_rekey(lk->store, op->name, op->from, mac, check,
		    next, progress, arg, w, e);
	lk_hmac_free(&mac);
	lk_pepper_free(&p);
	return r;
}

int
lk_pepper_rotate(struct lk *lk, const struct lk_operator *op,
    lk_progress_fn progress, void *arg, struct lk_rewritten *out,
    struct lk_error *e)
{
	struct lk_swapped	 w = { 0 };
	const struct lk_pepper	*p;
	unsigned		 older, next;
	int			 r;

	if (out == NULL || out->size != sizeof(*out))
		return lk_fail(e, LK_EUSAGE, "lk_pepper_rotate: an argument "
		    "is missing");
	if ((r = judge(lk, op, LK_MAY_GENERATE, "lk_pepper_rotate", e)) != 0)
		return r;
	p = atomic_load(&lk->pepper);
	if ((older = lk_pepper_older(p)) != 0)
		return lk_fail(e, LK_ECONFIG, "peppers %u and %u are live, and "
		    "there may be two: end the old one first (latchkey pepper "
		    "retire)", older, lk_pepper_current(p));
	next = lk_pepper_current(p) + 1;
	if ((r = make_next(lk, next, e)) == 0)
		r = rekey(lk, op, next, progress, arg, &w, e);
	out->before = w.before;
	out->after = w.after;
	memcpy(out->file, w.file, sizeof(w.file));
	return r;
}

/* ----------------------------------------------------------------- retire */

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
	const char	*dir = lk->snapshot->policy->pepper;
	char		 path[LK_PATH_MAX];
	int		 fd, r = 0;

	if (path_of(lk, version, path, sizeof(path)) != 0)
		return lk_fail(e, LK_ECONFIG, "the pepper's path is too long");
	if (unlink(path) == -1)
		return lk_fail_errno(e, LK_EIO, "%s cannot be removed", path);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1 || fsync(fd) == -1)
		r = lk_fail_errno(e, LK_EIO, "%s cannot be synced: pepper %u "
		    "may be there again after a power cut", dir, version);
	if (fd != -1)
		close(fd);
	return r;
}

/* Nobody makes keys under it any more, so it is looked at without a lock. */
static int
retire(struct lk *lk, const struct lk_operator *op, unsigned flags,
    unsigned version, uint64_t *ended, struct lk_error *e)
{
	struct under	 u = { LK_BUF_NONE };
	uint64_t	 n, again = 0;
	int		 r;

	if ((r = find_under(lk, version, &u, &n, e)) == 0 && n > 0) {
		if ((flags & LK_DELETE_KEYS) == 0)
			r = still_used(&u, version, n, e);
		else if ((r = delete_under(lk, op, &u, n, e)) == 0 &&
		    (r = find_under(lk, version, &u, &again, e)) == 0 &&
		    again != 0)
			r = still_used(&u, version, again, e);
		*ended = r == 0 ? n : 0;
	}
	if (r == 0)
		r = remove_pepper(lk, version, e);
	lk_buf_free(&u.ids);
	return r;
}

int
lk_pepper_retire(struct lk *lk, const struct lk_operator *op, unsigned flags,
    struct lk_rewritten *out, struct lk_error *e)
{
	const struct lk_pepper	*p;
	unsigned		 older;
	int			 r;

	if (out == NULL || out->size != sizeof(*out) ||
	    (flags & ~LK_DELETE_KEYS) != 0)
		return lk_fail(e, LK_EUSAGE, "lk_pepper_retire: an argument "
		    "is missing or not known");
	if ((r = judge(lk, op, LK_MAY_DELETE, "lk_pepper_retire", e)) != 0)
		return r;
	p = atomic_load(&lk->pepper);
	if ((older = lk_pepper_older(p)) == 0)
		return lk_fail(e, LK_ENOTFOUND, "there is no old pepper, only "
		    "%u: there is nothing to retire (latchkey pepper rotate)",
		    lk_pepper_current(p));
	return retire(lk, op, flags, older, &out->ended, e);
}

/* ----------------------------------------------------------------- status */

static int
tell(const struct lk *lk, unsigned version, int state, uint64_t keys,
    lk_pepper_fn fn, void *arg)
{
	struct lk_pepper_info	 info = { 0 };
	struct stat		 st;

	info.version = version;
	info.state = state;
	info.keys = keys;
	if (path_of(lk, version, info.path, sizeof(info.path)) == 0 &&
	    stat(info.path, &st) == 0)
		info.made = st.st_mtim.tv_sec;
	return fn(arg, &info);
}

int
lk_pepper_status(struct lk *lk, const struct lk_operator *op,
    lk_pepper_fn fn, void *arg, struct lk_error *e)
{
	const struct lk_pepper	*p;
	uint64_t		 keys[2];
	unsigned		 v;
	int			 r;

	if ((r = judge(lk, op, LK_MAY_LIST, "lk_pepper_status", e)) != 0)
		return r;
	if (lk_store_peppers(lk->store, keys, 0, NULL, NULL) != 0)
		return lk_fail(e, LK_EUNAVAIL, "the store cannot tell which "
		    "keys are under which (latchkey store check)");
	p = atomic_load(&lk->pepper);
	if ((v = lk_pepper_older(p)) != 0)
		r = tell(lk, v, LK_PEPPER_OLD, keys[v & 1], fn, arg);
	v = lk_pepper_current(p);
	if (r == 0)
		r = tell(lk, v, LK_PEPPER_CURRENT, keys[v & 1], fn, arg);
	if (r == 0 && (v = lk_pepper_newer(p)) != 0)
		r = tell(lk, v, LK_PEPPER_UNUSED, 0, fn, arg);
	return r;
}

int
lk_pepper_keys(struct lk *lk, const struct lk_operator *op, unsigned version,
    int (*fn)(void *arg, const char *id), void *arg, struct lk_error *e)
{
	const struct lk_pepper	*p;
	uint64_t		 keys[2];
	int			 r;

	if ((r = judge(lk, op, LK_MAY_LIST, "lk_pepper_keys", e)) != 0)
		return r;
	p = atomic_load(&lk->pepper);
	if (version == 0 || lk_pepper_of(p, (int)(version & 1)) != version)
		return lk_fail(e, LK_ENOTFOUND, "no keys are under a pepper "
		    "%u (latchkey pepper status)", version);
	r = lk_store_peppers(lk->store, keys, (int)(version & 1), fn, arg);
	return r == LK_EUNAVAIL ? lk_fail(e, r, "the store cannot tell which "
	    "keys are under it (latchkey store check)") : r;
}
