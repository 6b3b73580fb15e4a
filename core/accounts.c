#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "accounts.h"
#include "base/err.h"
#include "base/text.h"
#include "hold.h"
#include "operator.h"

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

int
lk_account_set(struct lk *lk, const struct lk_operator *op,
    const char *account, const char *package, struct lk_error *e)
{
	struct lk_batch	*b = NULL;
	char		 now[LK_NAME_MAX + 1];
	int		 r;

	if (lk->snapshot == NULL)
		return lk_fail(e, LK_EUSAGE, "opened without a policy");
	if ((r = lk_operator_may(lk, op, LK_MAY_ACCOUNTS, e)) != 0 ||
	    (r = lk_account_name_check(account, e)) != 0 ||
	    (r = check_package(lk, package, e)) != 0)
		return r;
	if ((r = lk_batch_begin(lk->store, LK_BATCH_ADD, op->name, op->from, 0,
	    &b, e)) != 0)
		return r;
	if (lk_store_account(lk->store, account, now) != 1) {
		lk_batch_abandon(&b);
		return lk_fail(e, LK_ENOTFOUND, "no account %s: it comes with "
		    "its first key (latchkey generate)", account);
	}
	if ((r = lk_batch_account(b, account, package, e)) != 0) {
		lk_batch_abandon(&b);
		return r;
	}
	return lk_batch_commit(&b, e);
}

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
