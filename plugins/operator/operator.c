/*
 * operator.c: keys of those who manage keys.  Such a key carries a role of the
 * policy, which says what its bearer may ask of latchkeyd --admin.
 *
 * The token travels as RFC 6750, 2.1 has it: Authorization: Bearer TOKEN, and
 * nowhere else.  The core knows a type of operators by the name of this plugin.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin.h"

#define HEADER	"Authorization"
#define SCHEME	"Bearer"

struct operator
{
	const struct lk_host	*host;
};

static uint32_t
configure(const struct lk_host *host, const struct lk_setup *setup,
    void **instance, struct lk_answer *a)
{
	struct operator* o;

	(void)setup;
	if ((o = calloc(1, sizeof(*o))) == NULL)
		return lk_plugin_broken(a, "no memory");
	o->host = host;
	*instance = o;
	return LK_PASS;
}

/* Cut the scheme and the blanks behind it off.  0: it is another one. */
static int
strip(struct lk_slice *s)
{
	size_t	 n = strlen(SCHEME);

	if (s->n <= n || !lk_plugin_same(s->p, SCHEME, n) || s->p[n] != ' ')
		return 0;
	for (; n < s->n && s->p[n] == ' '; n++)
		continue;
	s->p += n;
	s->n -= n;
	return 1;
}

static uint32_t
present(void *instance, struct lk_call *c, struct lk_credential *cr,
    struct lk_answer *a)
{
	const struct operator* o = instance;

	switch (o->host->header(c, HEADER, &cr->token)) {
	case 1:
		break;
	case 0:
		return lk_plugin_refuse(a, LK_REASON_NO_CREDENTIAL, HEADER,
		    "missing");
	default:
		return lk_plugin_refuse(a, LK_REASON_TWO_CREDENTIALS, HEADER,
		    "given twice, differing");
	}
	if (!strip(&cr->token))
		return lk_plugin_refuse(a, LK_REASON_NO_CREDENTIAL, HEADER,
		    "is of another scheme, or empty");
	return LK_PASS;
}

static uint32_t
mint(void *instance, const struct lk_setup *setup, char *out, size_t size,
    struct lk_answer *a)
{
	const struct operator* o = instance;

	return lk_plugin_mint(o->host, setup, out, size, a);
}

static uint32_t
usage(void *instance, const struct lk_usage *u, char *out, size_t size)
{
	int	 n;

	(void)instance;
	n = snprintf(out, size, "curl https://HOST/v1/types -H \"" HEADER ": "
	    SCHEME " %.*s\"", (int)u->token.n, u->token.p);
	return n > 0 && (size_t)n < size ? LK_PASS : LK_BROKEN;
}

LK_PLUGIN_EXPORT const struct lk_plugin lk_plugin_v1 = {
	LK_PLUGIN_HEAD(LK_PLUGIN_TYPE), .flags = LK_PLUGIN_THREAD_SAFE, .name =
	    "operator",
	.version = "1.0",
	.title = "A bearer token of those who manage keys",
	.configure = configure,
	.release = free,
	.present = present,
	.mint = mint,
	.verify = lk_plugin_verify_bearer,
	.usage = usage,
};
