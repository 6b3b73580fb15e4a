/*
 * web_push.c: bearer tokens (RFC 6750) whose account, when there is a JSON
 * body, is a member of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin.h"

/* A bit for each octet that a token may have: below 64, and from there on.
 * Source: RFC 6750, 2.1: b64token, its padding apart. */
static const uint64_t	 token68_bits[2] = {
	0x03ffe80000000000, 0x47fffffe87fffffe
};

struct web_push {
	const struct lk_host	*host;
	const char		*header;
	const char		*scheme;	/* NULL: the value itself    */
	const char		*account_member; /* NULL: none is named      */
};

static int
in_token68(char c)
{
	unsigned char	 u = (unsigned char)c;

	return u < 128 && (token68_bits[u / 64] >> u % 64 & 1) != 0;
}

/* How many octets at p are of a token. */
static size_t
span_token68(const char *p, size_t n)
{
	size_t	 i = 0;

	while (i < n && in_token68(p[i]))
		i++;
	return i;
}

static const struct lk_option options[] = {
	{ .name = "header", .kind = LK_OPTION_HEADER,
	  .fallback = "Authorization",
	  .help = "the header that carries the token" },
	{ .name = "scheme", .kind = LK_OPTION_STRING, .min = 1, .max = 32,
	  .fallback = "Bearer",
	  .help = "the word before the token; none: there is no such word" },
	{ .name = "account_member", .kind = LK_OPTION_STRING, .min = 1,
	  .max = 64, .fallback = "partner_id",
	  .help = "the JSON member that names the account; none: not named" },
};

static uint32_t
configure(const struct lk_host *host, const struct lk_setup *setup,
    void **instance, struct lk_answer *a)
{
	struct web_push	*w;

	if ((w = calloc(1, sizeof(*w))) == NULL)
		return lk_plugin_broken(a, "no memory");
	w->host = host;
	w->header = lk_plugin_option(host, setup, "header");
	w->scheme = lk_plugin_option(host, setup, "scheme");
	w->account_member = lk_plugin_option(host, setup, "account_member");
	if (w->header == NULL || (w->scheme != NULL &&
	    w->scheme[span_token68(w->scheme, strlen(w->scheme))] != '\0')) {
		free(w);
		return lk_plugin_broken(a, "header is a header's name, and "
		    "scheme one word, such as Bearer");
	}
	*instance = w;
	return LK_PASS;
}

/* One token68 and nothing else. */
static int
is_token68(const struct lk_slice *s)
{
	size_t	 i = span_token68(s->p, s->n);

	if (i == 0)
		return 0;
	while (i < s->n && s->p[i] == '=')
		i++;
	return i == s->n;
}

/*
 * Cut the scheme and the blanks behind it off.  0 when the value is of another
 * scheme.
 */
static int
strip(const struct web_push *w, struct lk_slice *s)
{
	size_t	 n = w->scheme != NULL ? strlen(w->scheme) : 0;

	if (w->scheme == NULL)
		return 1;
	if (s->n < n || !lk_plugin_same(s->p, w->scheme, n) ||
	    (s->n > n && s->p[n] != ' '))
		return 0;
	for (; n < s->n && s->p[n] == ' '; n++)
		continue;
	s->p += n;
	s->n -= n;
	return 1;
}

static uint32_t
take_token(const struct web_push *w, const struct lk_call *c,
    struct lk_slice *out, struct lk_answer *a)
{
	switch (w->host->header(c, w->header, out)) {
	case 1:
		break;
	case 0:
		return lk_plugin_refuse(a, LK_REASON_NO_CREDENTIAL, w->header,
		    "missing");
	default:
		return lk_plugin_refuse(a, LK_REASON_TWO_CREDENTIALS, w->header,
		    "given twice, differing");
	}
	if (!strip(w, out))
		return lk_plugin_refuse(a, LK_REASON_NO_CREDENTIAL, w->header,
		    "is of another scheme");
	if (!is_token68(out))
		return lk_plugin_refuse(a, LK_REASON_MALFORMED, w->header,
		    "holds no single token");
	return LK_PASS;
}

/* The account that the body names, if there is one that does. */
static uint32_t
take_account(const struct web_push *w, struct lk_call *c,
    struct lk_slice *out, struct lk_answer *a)
{
	switch (w->host->json(c, w->account_member, out)) {
	case 1:
		return LK_PASS;
	case 0:
		out->p = NULL;
		out->n = 0;
		return LK_PASS;
	case -2:
		return lk_plugin_refuse(a, LK_REASON_BAD_REQUEST,
		    w->account_member, "in the body is not a string");
	default:
		return lk_plugin_refuse(a, LK_REASON_BAD_REQUEST, "the body",
		    "is over the limit or no JSON object");
	}
}

static uint32_t
present(void *instance, struct lk_call *c, struct lk_credential *cr,
    struct lk_answer *a)
{
	const struct web_push	*w = instance;
	uint32_t		 r;

	r = take_token(w, c, &cr->token, a);
	if (r != LK_PASS || w->account_member == NULL)
		return r;
	return take_account(w, c, &cr->account, a);
}

static uint32_t
mint(void *instance, const struct lk_setup *setup, char *out, size_t size,
    struct lk_answer *a)
{
	const struct web_push	*w = instance;

	return lk_plugin_mint(w->host, setup, out, size, a);
}

static uint32_t
usage(void *instance, const struct lk_usage *u, char *out, size_t size)
{
	const struct web_push	*w = instance;
	char			 body[256] = "";
	int			 n;

	if (w->account_member != NULL)
		snprintf(body, sizeof(body), " -H 'Content-Type: "
		    "application/json' -d '{\"%s\": \"%.*s\"}'",
		    w->account_member, (int)u->account.n, u->account.p);
	n = snprintf(out, size, "curl -X %.*s https://HOST%.*s "
	    "-H \"%s: %s%s%.*s\"%s", (int)u->method.n, u->method.p,
	    (int)u->path.n, u->path.p, w->header,
	    w->scheme != NULL ? w->scheme : "", w->scheme != NULL ? " " : "",
	    (int)u->token.n, u->token.p, body);
	return n > 0 && (size_t)n < size ? LK_PASS : LK_BROKEN;
}

LK_PLUGIN_EXPORT const struct lk_plugin lk_plugin_v1 = {
	LK_PLUGIN_HEAD(LK_PLUGIN_TYPE),
	.flags = LK_PLUGIN_THREAD_SAFE,
	.name = "web_push",
	.version = "1.0",
	.title = "A bearer token, its account in the JSON body",
	.options = options,
	.noptions = sizeof(options) / sizeof(options[0]),
	.configure = configure,
	.release = free,
	.present = present,
	.mint = mint,
	.verify = lk_plugin_verify_bearer,
	.usage = usage,
};
