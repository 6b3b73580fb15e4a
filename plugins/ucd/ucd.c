/*
 * ucd.c: keys that travel in a pair of headers, the token in one and the
 * account's name in the other, as those of the Unified Customer Database do.
 *
 * account_header: none makes a type whose keys name no account; its token alone
 * in a header of any name is the commonest form of an API key there is.
 */
#include <stdio.h>
#include <stdlib.h>

#include "plugin.h"

struct ucd {
	const struct lk_host	*host;
	const char		*token_header;
	const char		*account_header;	/* NULL: not named */
};

static const struct lk_option options[] = {
	{ .name = "token_header", .kind = LK_OPTION_HEADER,
	  .fallback = "X-REQUEST-TOKEN",
	  .help = "the header that carries the token" },
	{ .name = "account_header", .kind = LK_OPTION_HEADER,
	  .fallback = "X-PARTNER-NAME",
	  .help = "the header that names the account; none: it is not named" },
};

static int
same(const char *a, const char *b)
{
	return b != NULL && strlen(a) == strlen(b) &&
	    lk_plugin_same(a, b, strlen(a));
}

static uint32_t
configure(const struct lk_host *host, const struct lk_setup *setup,
    void **instance, struct lk_answer *a)
{
	struct ucd	*u;

	if ((u = calloc(1, sizeof(*u))) == NULL)
		return lk_plugin_broken(a, "no memory");
	u->host = host;
	u->token_header = lk_plugin_option(host, setup, "token_header");
	u->account_header = lk_plugin_option(host, setup, "account_header");
	if (u->token_header == NULL || same(u->token_header,
	    u->account_header)) {
		free(u);
		return lk_plugin_broken(a, "token_header is a header's name, "
		    "and another one than account_header");
	}
	*instance = u;
	return LK_PASS;
}

/* A header that must be there once; twice is what `twice` says. */
static uint32_t
take(const struct ucd *u, const struct lk_call *c, const char *name,
    uint32_t twice, struct lk_slice *out, struct lk_answer *a)
{
	switch (u->host->header(c, name, out)) {
	case 1:
		if (out->n == 0)
			return lk_plugin_refuse(a, LK_REASON_MALFORMED, name,
			    "is empty");
		return LK_PASS;
	case 0:
		return lk_plugin_refuse(a, LK_REASON_NO_CREDENTIAL, name,
		    "missing");
	default:
		return lk_plugin_refuse(a, twice, name,
		    "given twice, differing");
	}
}

static uint32_t
present(void *instance, struct lk_call *c, struct lk_credential *cr,
    struct lk_answer *a)
{
	const struct ucd	*u = instance;
	uint32_t		 r;

	r = take(u, c, u->token_header, LK_REASON_TWO_CREDENTIALS, &cr->token,
	    a);
	if (r != LK_PASS || u->account_header == NULL)
		return r;
	return take(u, c, u->account_header, LK_REASON_BAD_REQUEST,
	    &cr->account, a);
}

static uint32_t
mint(void *instance, const struct lk_setup *setup, char *out, size_t size,
    struct lk_answer *a)
{
	const struct ucd	*u = instance;

	return lk_plugin_mint(u->host, setup, out, size, a);
}

static uint32_t
usage(void *instance, const struct lk_usage *w, char *out, size_t size)
{
	const struct ucd	*u = instance;
	char			 named[256] = "";
	int			 n;

	if (u->account_header != NULL)
		snprintf(named, sizeof(named), "-H '%s: %.*s' ",
		    u->account_header, (int)w->account.n, w->account.p);
	n = snprintf(out, size, "curl -X %.*s https://HOST%.*s %s"
	    "-H \"%s: %.*s\"", (int)w->method.n, w->method.p,
	    (int)w->path.n, w->path.p, named, u->token_header,
	    (int)w->token.n, w->token.p);
	return n > 0 && (size_t)n < size ? LK_PASS : LK_BROKEN;
}

LK_PLUGIN_EXPORT const struct lk_plugin lk_plugin_v1 = {
	LK_PLUGIN_HEAD(LK_PLUGIN_TYPE),
	.flags = LK_PLUGIN_THREAD_SAFE,
	.name = "ucd",
	.version = "1.0",
	.title = "A token in one header, its account in another",
	.options = options,
	.noptions = sizeof(options) / sizeof(options[0]),
	.configure = configure,
	.release = free,
	.present = present,
	.mint = mint,
	.verify = lk_plugin_verify_bearer,
	.usage = usage,
};
