/*
 * operator_bearer.c: who asks, by a key that carries a role.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "hold.h"
#include "operator.h"

/* Account and role of a key that was let in just now. */
static int
take_key(struct lk *lk, const struct lk_decision *d, struct lk_operator *op,
    struct lk_error *e)
{
	struct lk_key	 k;

	if (lk_store_key(lk->store, d->key_id, &k) != 1)
		return lk_fail(e, LK_EUNAVAIL, "the store cannot tell of %s "
		    "(latchkey store check)", d->key_id);
	if (k.role[0] == '\0')
		return lk_fail(e, LK_EPERM, "key %s carries no role: it lets "
		    "nobody do anything", k.id);
	op->uid = (uid_t)-1;
	op->ngroups = 0;
	lk_text_copy(op->name, sizeof(op->name), k.account);
	lk_text_copy(op->role, sizeof(op->role), k.role);
	return 0;
}

/* By the first type that lets it in, else the last one's decision stands. */
static int
judge(struct lk *lk, const struct lk_policy *p, const struct lk_request *rq,
    int peek, struct lk_decision *d, struct lk_error *e)
{
	struct lk_request	 ask = *rq;
	size_t			 i;
	int			 found = 0;

	for (i = 0; i < p->ntypes; i++) {
		if (strcmp(p->types[i].plugin, LK_OPERATOR_PLUGIN) != 0)
			continue;
		found = 1;
		ask.type = p->types[i].name;
		if ((peek ? lk_peek(lk, &ask, d, NULL) :
		    lk_verify(lk, &ask, d)) != 0)
			return lk_fail(e, LK_EUNAVAIL, "the request cannot be "
			    "judged");
		if (d->outcome == LK_ALLOW)
			break;
	}
	return found ? 0 : lk_fail(e, LK_ENOTFOUND, "%s has no type with the "
	    "plugin " LK_OPERATOR_PLUGIN ": nobody can ask by a token",
	    p->source.path);
}

static int
bearer(struct lk *lk, const struct lk_request *rq, int peek,
    struct lk_operator *op, struct lk_decision *d, struct lk_error *e)
{
	struct lk_seat	*seat;
	int		 r;

	if (lk == NULL || rq == NULL || rq->size != sizeof(*rq) || op == NULL ||
	    op->size != sizeof(*op) || d == NULL)
		return lk_fail(e, LK_EUSAGE, "lk_operator_bearer: an argument "
		    "is missing");
	memset(d, 0, sizeof(*d));
	d->outcome = LK_ERROR;
	if ((seat = lk_hold(lk)) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory");
	if (seat->snapshot == NULL)
		r = lk_fail(e, LK_EUSAGE, "opened without a policy");
	else
		r = judge(lk, seat->snapshot->policy, rq, peek, d, e);
	if (r == 0 && d->outcome == LK_ALLOW)
		r = take_key(lk, d, op, e);
	lk_release(seat);
	return r;
}

int
lk_operator_bearer(struct lk *lk, const struct lk_request *rq,
    struct lk_operator *op, struct lk_decision *d, struct lk_error *e)
{
	return bearer(lk, rq, 0, op, d, e);
}

int
lk_operator_peek(struct lk *lk, const struct lk_request *rq,
    struct lk_operator *op, struct lk_decision *d, struct lk_error *e)
{
	return bearer(lk, rq, 1, op, d, e);
}
