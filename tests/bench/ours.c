/*
 * ours.c: latchkey as a server that embeds it calls it.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <string.h>

#include "bench.h"

#define MANY	16			/* verifies of one call              */

static void
token_run(const struct turn *t)
{
	struct lk		*lk = ((const struct home *)t->arg)->lk;
	const struct visit	*v;
	struct lk_decision	 d;
	size_t			 n, i = t->at;

	for (n = 0; n < t->loops; n++) {
		v = turn_next(t, &i);
		lk_verify_token(lk, type_names[BARE], v->token, v->len, NULL,
		    NULL, &d);
		if (d.outcome != LK_ALLOW)
			errx(1, "lk_verify_token: %s", d.reason_name);
	}
}

/* A ucd request that stands alone: its headers are at hand with it. */
struct request {
	struct lk_header	 h[2];
	struct lk_request	 rq;
};

static struct sockaddr_in	 peer = { .sin_family = AF_INET };

static void
request_of(struct request *r, const struct visit *v)
{
	r->h[0] = (struct lk_header){ "X-PARTNER-NAME", 14, v->account,
	    strlen(v->account) };
	r->h[1] = (struct lk_header){ "X-REQUEST-TOKEN", 15, v->token,
	    v->len };
	r->rq = (struct lk_request){ .size = sizeof(r->rq), .method = "POST",
	    .path = "/api/user/v1/profile", .headers = r->h, .nheaders = 2,
	    .peer = &peer };
}

static void
request_run(const struct turn *t)
{
	struct lk		*lk = ((const struct home *)t->arg)->lk;
	struct request		 r;
	struct lk_decision	 d;
	size_t			 n, i = t->at;

	for (n = 0; n < t->loops; n++) {
		request_of(&r, turn_next(t, &i));
		lk_verify(lk, &r.rq, &d);
		if (d.outcome != LK_ALLOW)
			errx(1, "lk_verify: %s", d.reason_name);
	}
}

static void
allowed(const struct lk_decision *d, size_t n, const char *call)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		if (d[i].outcome != LK_ALLOW)
			errx(1, "%s: %s", call, d[i].reason_name);
}

static void
tokens_run(const struct turn *t)
{
	struct lk		*lk = ((const struct home *)t->arg)->lk;
	struct lk_token_request	 rq[MANY];
	struct lk_decision	 d[MANY];
	const struct visit	*v;
	size_t			 n, i = t->at, k;

	for (n = 0; n < t->loops; n += k) {
		for (k = 0; k < MANY && n + k < t->loops; k++) {
			v = turn_next(t, &i);
			rq[k] = (struct lk_token_request){ sizeof(rq[k]),
			    type_names[BARE], v->token, v->len, NULL, NULL,
			    NULL };
		}
		lk_verify_token_many(lk, rq, k, d);
		allowed(d, k, "lk_verify_token_many");
	}
}

static void
requests_run(const struct turn *t)
{
	struct lk		*lk = ((const struct home *)t->arg)->lk;
	struct request		 r[MANY];
	struct lk_request	 rq[MANY];
	struct lk_decision	 d[MANY];
	size_t			 n, i = t->at, k;

	for (n = 0; n < t->loops; n += k) {
		for (k = 0; k < MANY && n + k < t->loops; k++) {
			request_of(&r[k], turn_next(t, &i));
			rq[k] = r[k].rq;
		}
		lk_verify_many(lk, rq, k, d);
		allowed(d, k, "lk_verify_many");
	}
}

static const struct ours {
	const char	*name;
	race_fn		 run;
	int		 type, threads;
} rows[] = {
	{ "lk_verify_token",		token_run,	BARE, 1 },
	{ "lk_verify_token, 2 threads",	token_run,	BARE, 2 },
	{ "lk_verify, ucd",		request_run,	UCD, 1 },
	{ "lk_verify, ucd, 2 threads",	request_run,	UCD, 2 },
	{ "lk_verify_many, 16 at a time", tokens_run,	BARE, 1 },
	{ "lk_verify_many, 16 ucd",	requests_run,	UCD, 1 },
};

size_t
ours_racers(struct home *h, struct racer *r)
{
	size_t	 i, n = sizeof(rows) / sizeof(rows[0]);

	for (i = 0; i < n; i++) {
		memset(&r[i], 0, sizeof(r[i]));
		r[i].name = rows[i].name;
		r[i].run = rows[i].run;
		r[i].type = rows[i].type;
		r[i].threads = rows[i].threads;
		r[i].arg = h;
		r[i].home = h;
	}
	return n;
}
