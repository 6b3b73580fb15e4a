#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "accounts.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "hold.h"
#include "operator.h"

#define BATCH	10000			/* keys                              */

static int
is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* 1 when it is one; read for each record of an import. */
static int
is_name(const char *s)
{
	size_t	 n;

	for (n = 0; s[n] != '\0'; n++)
		if (!is_alnum(s[n]) && (n == 0 ||
		    (s[n] != '.' && s[n] != '_' && s[n] != '-')))
			return 0;
	return n >= 1 && n <= LK_ACCOUNT_MAX;
}

int
lk_account_name_check(const char *name, struct lk_error *e)
{
	if (is_name(name))
		return 0;
	return lk_fail(e, LK_EDATA, "not an account's name: 1 to %d of a-z, "
	    "0-9, '.', '_' and '-', a letter or digit first", LK_ACCOUNT_MAX);
}

/* The package must be one of the policy. */
static int
judge_package(const struct lk_policy *p, const char *package,
    struct lk_error *e)
{
	const char	*names[64], *near;
	size_t		 i, n = 0;

	if (lk_policy_package(p, package) >= 0)
		return 0;
	for (i = 0; i < p->npackages && n < 64; i++)
		names[n++] = p->packages[i].name;
	near = lk_nearest(package, names, n);
	return lk_fail(e, LK_EDATA, "%s has no such package%s%s%s",
	    p->source.path, near != NULL ? ": did you mean " : "",
	    near != NULL ? near : "", near != NULL ? "?" : "");
}

static int
check_package(struct lk *lk, const char *package, struct lk_error *e)
{
	struct lk_seat	*seat;
	int		 r;

	if ((seat = lk_hold(lk)) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory");
	r = judge_package(seat->snapshot->policy, package, e);
	lk_release(seat);
	return r;
}

/* Alone, so that nobody deletes or begins the account meanwhile. */
static int
begin(struct lk *lk, const struct lk_operator *op, const char *account,
    struct lk_batch **b, struct lk_error *e)
{
	char	 package[LK_NAME_MAX + 1];
	int	 r;

	if ((r = lk_batch_begin_alone(lk->store, LK_BATCH_ADD, op->name,
	    op->from, b, e)) != 0)
		return r;
	if ((r = lk_store_account(lk->store, account, package)) == 1)
		return 0;
	lk_batch_abandon(b);
	return r == 0 ? lk_fail(e, LK_ENOTFOUND, "no account %s: it comes with "
	    "its first key (latchkey generate)", account) :
	    lk_fail(e, LK_EUNAVAIL, "the store cannot tell of %s (latchkey "
	    "store check)", account);
}

int
lk_account_set(struct lk *lk, const struct lk_operator *op,
    const char *account, const char *package, struct lk_error *e)
{
	struct lk_batch	*b = NULL;
	int		 r;

	if (lk->snapshot == NULL)
		return lk_fail(e, LK_EUSAGE, "opened without a policy");
	if ((r = lk_operator_may(lk, op, LK_MAY_ACCOUNTS, e)) != 0 ||
	    (r = lk_account_name_check(account, e)) != 0 ||
	    (r = check_package(lk, package, e)) != 0)
		return r;
	if ((r = begin(lk, op, account, &b, e)) != 0)
		return r;
	if ((r = lk_batch_account(b, account, package, e)) != 0) {
		lk_batch_abandon(&b);
		return r;
	}
	return lk_batch_commit(&b, e);
}

/* ------------------------------------------------------------------ delete */

static int
collect(void *arg, const struct lk_key *k)
{
	struct lk_buf	*ids = arg;

	lk_buf_add(ids, k->id, sizeof(k->id));
	return ids->failed ? LK_ENOMEM : 0;
}

/* The ids of its keys that are not deleted, each ended by NUL. */
static int
find_keys(struct lk *lk, const char *account, struct lk_buf *ids,
    struct lk_error *e)
{
	int	 r;

	lk_buf_reset(ids);
	r = lk_store_keys(lk->store, NULL, account, 0, collect, ids);
	return r == 0 ? 0 : lk_fail(e, r, "the keys of %s cannot be listed: "
	    "%s (latchkey store check)", account, r == LK_ENOMEM ?
	    "no memory" : "the store cannot be read");
}

/* As many keys as a batch takes and, after the last, the account.  *n: keys. */
static int
fill_batch(struct lk_batch *b, const char *account, unsigned flags,
    const struct lk_buf *ids, size_t *n, struct lk_error *e)
{
	size_t	 i, all = ids->n / (LK_KEYID_LEN + 1);
	int	 r = 0;

	if (all != 0 && (flags & LK_DELETE_KEYS) == 0)
		return lk_fail(e, LK_ELIMIT, "%s holds %zu key%s that %s not "
		    "deleted: delete %s first (latchkey list --account %s), "
		    "or end %s with --delete-keys", account, all,
		    all == 1 ? "" : "s", all == 1 ? "is" : "are",
		    all == 1 ? "it" : "them", account,
		    all == 1 ? "it" : "them");
	*n = all < BATCH ? all : BATCH;
	for (i = 0; i < *n && r == 0; i++)
		r = lk_batch_delete(b, ids->p + i * (LK_KEYID_LEN + 1), e);
	if (r == 0 && *n == all)
		r = lk_batch_account_delete(b, account, e);
	return r == 0 ? *n == all : r;
}

/* 1 when that was all of it; 0 there are more keys. */
static int
delete_some(struct lk *lk, const struct lk_operator *op, const char *account,
    unsigned flags, struct lk_buf *ids, size_t *n, struct lk_error *e)
{
	struct lk_batch	*b = NULL;
	int		 r, done;

	if ((r = begin(lk, op, account, &b, e)) != 0)
		return r;
	if ((r = find_keys(lk, account, ids, e)) == 0)
		r = fill_batch(b, account, flags, ids, n, e);
	if (r < 0) {
		lk_batch_abandon(&b);
		return r;
	}
	done = r;
	return (r = lk_batch_commit(&b, e)) == 0 ? done : r;
}

static int
judge_delete(struct lk *lk, const struct lk_operator *op, const char *account,
    unsigned flags, struct lk_error *e)
{
	int	 r;

	if (lk->snapshot == NULL)
		return lk_fail(e, LK_EUSAGE, "opened without a policy");
	if (account == NULL || (flags & ~LK_DELETE_KEYS) != 0)
		return lk_fail(e, LK_EUSAGE, "lk_account_delete: an argument "
		    "is missing or not known");
	if ((r = lk_operator_may(lk, op, LK_MAY_ACCOUNTS, e)) == 0 &&
	    (flags & LK_DELETE_KEYS) != 0)
		r = lk_operator_may(lk, op, LK_MAY_DELETE, e);
	return r == 0 ? lk_account_name_check(account, e) : r;
}

int
lk_account_delete(struct lk *lk, const struct lk_operator *op,
    const char *account, unsigned flags, uint64_t *ended, struct lk_error *e)
{
	struct lk_buf	 ids = LK_BUF_NONE;
	uint64_t	 all = 0;
	size_t		 n;
	int		 r;

	if ((r = judge_delete(lk, op, account, flags, e)) == 0)
		do {
			n = 0;
			r = delete_some(lk, op, account, flags, &ids, &n, e);
			all += r < 0 ? 0 : n;
		} while (r == 0);
	lk_buf_free(&ids);
	if (ended != NULL)
		*ended = all;
	return r == 1 ? 0 : r;
}

/* -------------------------------------------------------------------- list */

int
lk_account_list(struct lk *lk, const struct lk_operator *op,
    lk_account_fn fn, void *arg, struct lk_error *e)
{
	int	 r;

	if ((r = lk_operator_may(lk, op, LK_MAY_LIST, e)) != 0 ||
	    (r = lk_store_refresh(lk->store, e)) != 0)
		return r;
	if (e != NULL)
		e->text[0] = '\0';
	r = lk_store_accounts(lk->store, fn, arg);
	if (r < 0 && e != NULL && e->text[0] == '\0')
		lk_fail(e, r, "the accounts cannot be listed: %s (latchkey "
		    "store check)", r == LK_ENOMEM ? "no memory" :
		    "the store cannot be read");
	return r;
}
