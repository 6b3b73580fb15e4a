/*
 * alloc_verify.c: keys are verified without memory.
 */
#include <arpa/inet.h>
#include <netinet/in.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"

int
alloc_wrong(struct alloc_run *x, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	vsnprintf(x->why, sizeof x->why, fmt, ap);
	va_end(ap);
	return 1;
}

/* A failure has a sentence. */
int
al_said(struct alloc_run *x, int r, const struct lk_error *e)
{
	if (r < 0 && (e->text[0] == '\0' || e->code != r))
		alloc_wrong(x, "code %d, but it says %d: %s", r, e->code,
		    e->text);
	return r;
}

/* ------------------------------------------------------------------- opened */

int
al_open(struct alloc_run *x, const char *policy, unsigned flags,
    struct lk **lk)
{
	struct lk_error	 e = { 0 };

	*lk = NULL;
	return al_said(x, lk_open(policy, flags, lk, &e), &e);
}

int
alloc_open(struct alloc_run *x)
{
	struct lk	*lk;
	int		 r = al_open(x, x->wide, 0, &lk);

	lk_close(&lk);
	return r;
}

int
alloc_open_verify(struct alloc_run *x)
{
	struct lk	*lk;
	int		 r = al_open(x, x->h->policy, LK_VERIFY_ONLY, &lk);

	lk_close(&lk);
	return r;
}

int
alloc_open_list(struct alloc_run *x)
{
	struct lk	*lk;
	int		 r = al_open(x, x->h->policy, LK_LIST_ONLY, &lk);

	lk_close(&lk);
	return r;
}

/* ----------------------------------------------------------------- verified */

#define GOOD		1		/* allow, or error                   */
#define BAD		0		/* deny, or error                    */

/* Never the other of allow and deny. */
static int
expect(struct alloc_run *x, int want, int r, const struct lk_decision *d)
{
	uint32_t	 right = want == GOOD ? LK_ALLOW : LK_DENY;

	if (r != 0)
		return r;
	if (d->outcome == LK_ERROR)
		return LK_EUNAVAIL;
	if (d->outcome != right)
		alloc_wrong(x, "%s: %s", lk_outcome_name(d->outcome),
		    d->reason_name);
	return 0;
}

static int
verify_one(struct alloc_run *x, const char *policy, const char *type,
    const struct sweep_key *k, int want)
{
	struct lk_decision	 d;
	struct lk		*lk;
	int			 r;

	if ((r = al_open(x, policy, LK_VERIFY_ONLY, &lk)) == 0) {
		r = lk_verify_token(lk, type, k->token, strlen(k->token),
		    "acme", NULL, &d);
		r = expect(x, want, r, &d);
	}
	lk_close(&lk);
	return r;
}

int
alloc_verify(struct alloc_run *x)
{
	return verify_one(x, x->h->policy, "ucd", &x->h->live, GOOD);
}

int
alloc_verify_gone(struct alloc_run *x)
{
	return verify_one(x, x->h->policy, "ucd", &x->h->gone, BAD);
}

int
alloc_request(struct alloc_run *x)
{
	const struct sweep_key	*k = &x->h->live;
	const struct lk_header	 h[] = {
		{ "X-PARTNER-NAME", 14, "acme", 4 },
		{ "X-REQUEST-TOKEN", 15, k->token, strlen(k->token) },
	};
	struct lk_request	 rq = { .size = sizeof rq, .method = "POST",
				    .path = "/api/user/v1/upsert",
				    .headers = h, .nheaders = 2 };
	struct lk_decision	 d;
	struct lk		*lk;
	int			 r;

	if ((r = al_open(x, x->h->policy, LK_VERIFY_ONLY, &lk)) == 0)
		r = expect(x, GOOD, lk_verify(lk, &rq, &d), &d);
	lk_close(&lk);
	return r;
}

int
alloc_bearer(struct alloc_run *x)
{
	char			 value[LK_TOKEN_MAX + 8];
	struct lk_header	 h = { "Authorization", 13, value, 0 };
	struct lk_request	 rq = { .size = sizeof rq, .method = "POST",
				    .path = "/v2/single/spring",
				    .headers = &h, .nheaders = 1 };
	struct lk_decision	 d;
	struct lk		*lk;
	int			 r;

	h.value_len = (size_t)snprintf(value, sizeof value, "Bearer %s",
	    x->push.token);
	if ((r = al_open(x, x->wide, LK_VERIFY_ONLY, &lk)) == 0)
		r = expect(x, GOOD, lk_verify(lk, &rq, &d), &d);
	lk_close(&lk);
	return r;
}

int
alloc_json(struct alloc_run *x)
{
	char			 body[LK_TOKEN_MAX + 128];
	struct lk_request	 rq = { .size = sizeof rq, .method = "POST",
				    .path = "/api/v1/push/bulk",
				    .body = body };
	struct sockaddr_in	 peer = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(0x7f000001) };
	struct lk_decision	 d;
	struct lk		*lk;
	int			 r;

	rq.peer = &peer;
	rq.body_len = (size_t)snprintf(body, sizeof body,
	    "{\"api_key\":\"%s\",\"list\":[1,{\"a\":\"b\"}]}",
	    x->mobile.token);
	if ((r = al_open(x, x->wide, LK_VERIFY_ONLY, &lk)) == 0)
		r = expect(x, GOOD, lk_verify(lk, &rq, &d), &d);
	lk_close(&lk);
	/*
	 * jansson (2.14) leaves an octet out of a string where its buffer
	 * cannot grow, and tells nobody: the credential is malformed then.
	 */
	if (r == 0 && d.reason == LK_REASON_MALFORMED)
		x->why[0] = '\0';
	return r;
}

/* ----------------------------------------------------------------- planted */

int
alloc_plant_leak(struct alloc_run *x)
{
	char	*a = malloc(8), *b = a != NULL ? malloc(8) : NULL;

	(void)x;
	if (b == NULL)
		return LK_ENOMEM;
	free(a);
	free(b);
	return 0;
}

int
alloc_plant_allow(struct alloc_run *x)
{
	struct lk_decision	 d = { .outcome = LK_DENY, .reason_name = "" };
	char			*p = malloc(8);

	if (p == NULL)
		d.outcome = LK_ALLOW;
	free(p);
	return expect(x, BAD, 0, &d);
}
