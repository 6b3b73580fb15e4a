/*
 * template.c: the start of a new API type: its token travels in one header.
 * What each call owes is in <latchkey/plugin.h>; README.md is the tutorial.
 */
#include <stdio.h>
#include <stdlib.h>

#include <latchkey/plugin.h>

struct instance {
	const struct lk_host	*host;
	const char		*header;
};

/* What the policy may say in `options:`; the core checks it. */
static const struct lk_option options[] = {
	{ .name = "header", .kind = LK_OPTION_HEADER, .fallback = "X-API-KEY",
	  .help = "the header that carries the token" },
};

/* One instance a type of the policy; what it keeps is freed by release. */
static uint32_t
configure(const struct lk_host *host, const struct lk_setup *setup,
    void **instance, struct lk_answer *a)
{
	struct instance	*t;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		return lk_plugin_broken(a, "no memory");
	t->host = host;
	if ((t->header = lk_plugin_option(host, setup, "header")) == NULL) {
		free(t);
		return lk_plugin_broken(a, "header must name a header");
	}
	*instance = t;
	return LK_PASS;
}

/* Find the credential in a request: a slice of it, nothing is copied. */
static uint32_t
present(void *instance, struct lk_call *c, struct lk_credential *cr,
    struct lk_answer *a)
{
	const struct instance	*t = instance;

	switch (t->host->header(c, t->header, &cr->token)) {
	case 1:
		return LK_PASS;
	case 0:
		return lk_plugin_refuse(a, LK_REASON_NO_CREDENTIAL, t->header,
		    "missing");
	default:
		return lk_plugin_refuse(a, LK_REASON_TWO_CREDENTIALS,
		    t->header, "given twice, differing");
	}
}

/* The text of a new token, in the core's form. */
static uint32_t
mint(void *instance, const struct lk_setup *setup, char *out, size_t size,
    struct lk_answer *a)
{
	return lk_plugin_mint(((struct instance *)instance)->host, setup, out,
	    size, a);
}

/* How it is sent, as one curl line. */
static uint32_t
usage(void *instance, const struct lk_usage *u, char *out, size_t size)
{
	int	 n = snprintf(out, size, "curl -X %.*s https://HOST%.*s "
		     "-H \"%s: %.*s\"", (int)u->method.n, u->method.p,
		     (int)u->path.n, u->path.p,
		     ((struct instance *)instance)->header, (int)u->token.n,
		     u->token.p);

	return n > 0 && (size_t)n < size ? LK_PASS : LK_BROKEN;
}

LK_PLUGIN_EXPORT const struct lk_plugin lk_plugin_v1 = {
	LK_PLUGIN_HEAD(LK_PLUGIN_TYPE),
	.flags = LK_PLUGIN_THREAD_SAFE,	/* configure alone writes */
	.name = "template",		/* as its file, without .so */
	.version = "1.0",
	.title = "A token in one header",
	.options = options,
	.noptions = sizeof(options) / sizeof(options[0]),
	.configure = configure,
	.release = free,
	.present = present,
	.mint = mint,
	.verify = lk_plugin_verify_bearer,	/* its digest proves it */
	.usage = usage,
};
