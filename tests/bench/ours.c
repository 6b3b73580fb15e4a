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

static void
request_run(const struct turn *t)
{
	struct lk		*lk = ((const struct home *)t->arg)->lk;
	const struct visit	*v;
	struct lk_header	 h[2] = {
		{ "X-PARTNER-NAME", 14, NULL, 0 },
		{ "X-REQUEST-TOKEN", 15, NULL, 0 },
	};
	struct sockaddr_in	 sa = { .sin_family = AF_INET };
	struct lk_request	 rq = { .size = sizeof(rq), .method = "POST",
				     .path = "/api/user/v1/profile",
				     .headers = h, .nheaders = 2,
				     .peer = &sa };
	struct lk_decision	 d;
	size_t			 n, i = t->at;

	for (n = 0; n < t->loops; n++) {
		v = turn_next(t, &i);
		h[0].value = v->account;
		h[0].value_len = strlen(v->account);
		h[1].value = v->token;
		h[1].value_len = v->len;
		lk_verify(lk, &rq, &d);
		if (d.outcome != LK_ALLOW)
			errx(1, "lk_verify: %s", d.reason_name);
	}
}

static const struct ours {
	const char	*name;
	race_fn		 run;
	const char	*why;
	int		 type, threads;
} rows[] = {
	{ "lk_verify_token",		token_run,	NULL, BARE, 1 },
	{ "lk_verify_token, 2 threads",	token_run,	NULL, BARE, 2 },
	{ "lk_verify, ucd",		request_run,	NULL, UCD, 1 },
	{ "lk_verify, ucd, 2 threads",	request_run,	NULL, UCD, 2 },
	{ "lk_verify_many, 16 at a time", NULL,
	    "the library has no such call", BARE, 1 },
};

size_t
ours_racers(struct home *h, struct racer *r)
{
	size_t	 i, n = sizeof(rows) / sizeof(rows[0]);

	for (i = 0; i < n; i++) {
		memset(&r[i], 0, sizeof(r[i]));
		r[i].name = rows[i].name;
		r[i].run = rows[i].run;
		r[i].why = rows[i].why;
		r[i].type = rows[i].type;
		r[i].threads = rows[i].threads;
		r[i].arg = h;
		r[i].home = h;
	}
	return n;
}
