/*
 * mobile.c: keys that travel in a member of the JSON body, else in a header.
 *
 * A request that has it in both places is refused, and so is one whose body
 * cannot be read although the header has it: what the body hides is not known.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin.h"

struct mobile {
	const struct lk_host	*host;
	const char		*member;	/* NULL: not in the body     */
	const char		*header;	/* NULL: not in a header     */
	const char		*account_member; /* NULL: none is named      */
};

static const struct lk_option options[] = {
	{ .name = "member", .kind = LK_OPTION_STRING, .min = 1, .max = 64,
	  .fallback = "api_key",
	  .help = "the JSON member that carries the token; none: no member" },
	{ .name = "header", .kind = LK_OPTION_HEADER,
	  .fallback = "X-API-KEY",
	  .help = "the header that may carry it instead; none: no header" },
	{ .name = "account_member", .kind = LK_OPTION_STRING, .min = 1,
	  .max = 64, .fallback = "none",
	  .help = "the JSON member that names the account; none: not named" },
};

static uint32_t
configure(const struct lk_host *host, const struct lk_setup *setup,
    void **instance, struct lk_answer *a)
{
	struct mobile	*m;

	if ((m = calloc(1, sizeof(*m))) == NULL)
		return lk_plugin_broken(a, "no memory");
	m->host = host;
	m->member = lk_plugin_option(host, setup, "member");
	m->header = lk_plugin_option(host, setup, "header");
	m->account_member = lk_plugin_option(host, setup, "account_member");
	if (m->member == NULL && m->header == NULL) {
		free(m);
		return lk_plugin_broken(a, "member and header are both none: "
		    "no place is left for the token");
	}
	*instance = m;
	return LK_PASS;
}

/* A string of the body: 1, 0, or -1 with the answer filled. */
static int
from_body(const struct mobile *m, struct lk_call *c, const char *member,
    struct lk_slice *out, struct lk_answer *a)
{
	int	 r;

	out->p = NULL;
	out->n = 0;
	if (member == NULL)
		return 0;
	if ((r = m->host->json(c, member, out)) >= 0)
		return r;
	if (r == -2)
		lk_plugin_refuse(a, LK_REASON_BAD_REQUEST, member,
		    "in the body is not a string");
	else
		lk_plugin_refuse(a, LK_REASON_BAD_REQUEST, "the body",
		    "is over the limit or no JSON object");
	return -1;
}

static int
from_header(const struct mobile *m, const struct lk_call *c,
    struct lk_slice *out, struct lk_answer *a)
{
	int	 r;

	out->p = NULL;
	out->n = 0;
	if (m->header == NULL)
		return 0;
	if ((r = m->host->header(c, m->header, out)) < 0)
		lk_plugin_refuse(a, LK_REASON_TWO_CREDENTIALS, m->header,
		    "given twice, differing");
	return r;
}

static uint32_t
take_token(const struct mobile *m, struct lk_call *c, struct lk_slice *out,
    struct lk_answer *a)
{
	struct lk_slice	 header, member;
	int		 h, b;

	if ((h = from_header(m, c, &header, a)) < 0 ||
	    (b = from_body(m, c, m->member, &member, a)) < 0)
		return LK_REFUSE;
	if (h == 1 && b == 1)
		return lk_plugin_refuse(a, LK_REASON_TWO_CREDENTIALS, m->header,
		    "and the body have one each");
	if (h != 1 && b != 1)
		return lk_plugin_refuse(a, LK_REASON_NO_CREDENTIAL,
		    m->member != NULL ? m->member : m->header, "missing");
	*out = b == 1 ? member : header;
	if (out->n == 0)
		return lk_plugin_refuse(a, LK_REASON_MALFORMED,
		    b == 1 ? m->member : m->header, "is empty");
	return LK_PASS;
}

static uint32_t
present(void *instance, struct lk_call *c, struct lk_credential *cr,
    struct lk_answer *a)
{
	const struct mobile	*m = instance;
	uint32_t		 r;

	if ((r = take_token(m, c, &cr->token, a)) != LK_PASS)
		return r;
	if (from_body(m, c, m->account_member, &cr->account, a) < 0)
		return LK_REFUSE;
	return LK_PASS;
}

static uint32_t
mint(void *instance, const struct lk_setup *setup, char *out, size_t size,
    struct lk_answer *a)
{
	const struct mobile	*m = instance;

	return lk_plugin_mint(m->host, setup, out, size, a);
}

/* \"account_id\": \"acme\", for a body in double quotes, or nothing. */
static void
usage_account(const struct mobile *m, const struct lk_usage *u, char *out,
    size_t size)
{
	out[0] = '\0';
	if (m->account_member != NULL)
		snprintf(out, size, "\\\"%s\\\": \\\"%.*s\\\"",
		    m->account_member, (int)u->account.n, u->account.p);
}

static uint32_t
usage(void *instance, const struct lk_usage *u, char *out, size_t size)
{
	static const char	 json[] = "-H 'Content-Type: application/json'";
	const struct mobile	*m = instance;
	char			 who[256], what[1024];
	int			 n;

	usage_account(m, u, who, sizeof(who));
	if (m->member != NULL)
		snprintf(what, sizeof(what), "%s -d \"{\\\"%s\\\": "
		    "\\\"%.*s\\\"%s%s}\"", json, m->member, (int)u->token.n,
		    u->token.p, who[0] != '\0' ? ", " : "", who);
	else if (who[0] != '\0')
		snprintf(what, sizeof(what), "-H \"%s: %.*s\" %s -d \"{%s}\"",
		    m->header, (int)u->token.n, u->token.p, json, who);
	else
		snprintf(what, sizeof(what), "-H \"%s: %.*s\"", m->header,
		    (int)u->token.n, u->token.p);
	n = snprintf(out, size, "curl -X %.*s https://HOST%.*s %s",
	    (int)u->method.n, u->method.p, (int)u->path.n, u->path.p, what);
	return n > 0 && (size_t)n < size ? LK_PASS : LK_BROKEN;
}

LK_PLUGIN_EXPORT const struct lk_plugin lk_plugin_v1 = {
	LK_PLUGIN_HEAD(LK_PLUGIN_TYPE),
	.flags = LK_PLUGIN_THREAD_SAFE,
	.name = "mobile",
	.version = "1.0",
	.title = "A token in the JSON body, else in a header",
	.options = options,
	.noptions = sizeof(options) / sizeof(options[0]),
	.configure = configure,
	.release = free,
	.present = present,
	.mint = mint,
	.verify = lk_plugin_verify_bearer,
	.usage = usage,
};
