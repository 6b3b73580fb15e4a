/*
 * signed.c: a type whose callers sign each request and never send their secret.
 *
 *	X-KEY-ID:     the key's id
 *	X-DATE:       seconds UTC since 1970, at most `window` off
 *	X-SIGNATURE:  hex of HMAC-SHA-256(secret, METHOD LF PATH LF DATE LF
 *		      hex of SHA-256(BODY))
 *
 * PATH is the target as it is sent, with its query.  What the holder was shown
 * once is KEYID.SECRET; the secret's 64 hex digits as they stand are the key of
 * the HMAC.  Whoever sees a request can send it again within the window: where
 * that hurts, let the API refuse what it has seen, by the signature.
 */
#include <stdio.h>
#include <stdlib.h>

#include "plugin.h"

#define HEX		(2 * LK_SECRET_SIZE)
#define SIGNED_MAX	8192		/* octets that are signed at most    */
#define DATE_MAX	12		/* digits                            */

struct signing {
	const struct lk_host	*host;
	const char		*id, *date, *signature;	/* headers           */
	int64_t			 window;		/* seconds           */
};

static const struct lk_option options[] = {
	{ .name = "id_header", .kind = LK_OPTION_HEADER,
	  .fallback = "X-KEY-ID",
	  .help = "the header that names the key" },
	{ .name = "date_header", .kind = LK_OPTION_HEADER,
	  .fallback = "X-DATE",
	  .help = "the header with the time of the signature" },
	{ .name = "signature_header", .kind = LK_OPTION_HEADER,
	  .fallback = "X-SIGNATURE",
	  .help = "the header with the signature" },
	{ .name = "window", .kind = LK_OPTION_DURATION, .min = 1, .max = 86400,
	  .fallback = "5m",
	  .help = "how far the time may be off: as long a request can be "
	    "sent again" },
};

static void
hex(const uint8_t in[LK_SECRET_SIZE], char out[HEX + 1])
{
	static const char	 digits[] = "0123456789abcdef";
	size_t			 i;

	for (i = 0; i < LK_SECRET_SIZE; i++) {
		out[2 * i] = digits[in[i] >> 4];
		out[2 * i + 1] = digits[in[i] & 15];
	}
	out[HEX] = '\0';
}

static uint32_t
configure(const struct lk_host *host, const struct lk_setup *setup,
    void **instance, struct lk_answer *a)
{
	struct signing	*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return lk_plugin_broken(a, "no memory");
	s->host = host;
	s->id = lk_plugin_option(host, setup, "id_header");
	s->date = lk_plugin_option(host, setup, "date_header");
	s->signature = lk_plugin_option(host, setup, "signature_header");
	if (s->id == NULL || s->date == NULL || s->signature == NULL ||
	    host->option_number(setup, "window", &s->window) != 0) {
		free(s);
		return lk_plugin_broken(a, "all three headers are needed");
	}
	*instance = s;
	return LK_PASS;
}

static uint32_t
present(void *instance, struct lk_call *c, struct lk_credential *cr,
    struct lk_answer *a)
{
	const struct signing	*s = instance;
	int			 id, proof;

	id = s->host->header(c, s->id, &cr->key_id);
	proof = s->host->header(c, s->signature, &cr->proof);
	if (id < 0 || proof < 0)
		return lk_plugin_refuse(a, LK_REASON_TWO_CREDENTIALS,
		    id < 0 ? s->id : s->signature, "given twice, differing");
	if (id == 0 || proof == 0)
		return lk_plugin_refuse(a, LK_REASON_NO_CREDENTIAL,
		    id == 0 ? s->id : s->signature, "missing");
	if (cr->proof.n != HEX)
		return lk_plugin_refuse(a, LK_REASON_MALFORMED, s->signature,
		    "is not 64 hex digits");
	return LK_PASS;
}

static uint32_t
mint(void *instance, const struct lk_setup *setup, char *out, size_t size,
    struct lk_answer *a)
{
	const struct signing	*s = instance;
	const char		*id = s->host->key_id(setup);
	uint8_t			 secret[LK_SECRET_SIZE];
	char			 digits[HEX + 1];
	int			 n;

	if (id == NULL || s->host->derive_new(setup, secret) != 0)
		return lk_plugin_broken(a, "the core gave no secret");
	hex(secret, digits);
	n = snprintf(out, size, "%s.%s", id, digits);
	if (n < 0 || (size_t)n >= size)
		return lk_plugin_broken(a, "no room for the secret");
	return LK_PASS;
}

/* The date as it was signed, in seconds.  0, or -1. */
static int
take_date(const struct signing *s, const struct lk_call *c,
    struct lk_slice *date, int64_t *when)
{
	size_t	 i;

	*when = 0;
	if (s->host->header(c, s->date, date) != 1 || date->n == 0 ||
	    date->n > DATE_MAX)
		return -1;
	for (i = 0; i < date->n; i++) {
		if (date->p[i] < '0' || date->p[i] > '9')
			return -1;
		*when = *when * 10 + (date->p[i] - '0');
	}
	return 0;
}

/* METHOD LF PATH LF DATE LF hex of SHA-256(BODY); its length, or -1. */
static int
signed_text(const struct signing *s, const struct lk_view *v,
    const struct lk_slice *date, char text[SIGNED_MAX])
{
	uint8_t	 sum[LK_SECRET_SIZE];
	char	 digits[HEX + 1];
	int	 n;

	if (s->host->sha256(v->body.p != NULL ? v->body.p : "", v->body.n,
	    sum) != 0)
		return -1;
	hex(sum, digits);
	n = snprintf(text, SIGNED_MAX, "%.*s\n%.*s\n%.*s\n%s",
	    (int)v->method.n, v->method.p, (int)v->target.n, v->target.p,
	    (int)date->n, date->p, digits);
	return n > 0 && n < SIGNED_MAX ? n : -1;
}

/* The signature as it should be, in hex.  0, or -1. */
static int
expected(const struct signing *s, const struct lk_call *c,
    const struct lk_slice *key_id, const struct lk_slice *date,
    char out[HEX + 1])
{
	uint8_t	 secret[LK_SECRET_SIZE], sum[LK_SECRET_SIZE];
	char	 key[HEX + 1], text[SIGNED_MAX];
	int	 n;

	n = signed_text(s, s->host->view(c), date, text);
	if (n < 0 || s->host->derive(c, key_id, secret) != 0)
		return -1;
	hex(secret, key);
	if (s->host->mac(key, HEX, text, (size_t)n, sum) != 0)
		return -1;
	hex(sum, out);
	return 0;
}

static uint32_t
verify(void *instance, struct lk_call *c, const struct lk_credential *cr,
    const struct lk_record *record, struct lk_answer *a)
{
	const struct signing	*s = instance;
	const struct lk_view	*view = s->host->view(c);
	struct lk_slice		 date;
	char			 digits[HEX + 1];
	int64_t			 when, now = s->host->now(c);

	if (view == NULL || view->method.p == NULL)
		return lk_plugin_refuse(a, LK_REASON_BAD_REQUEST,
		    "a signature", "needs the request that it is of");
	if (take_date(s, c, &date, &when) != 0)
		return lk_plugin_refuse(a, LK_REASON_BAD_REQUEST, s->date,
		    "is missing, or no time in seconds since 1970");
	if (when < now - s->window)
		return lk_plugin_refuse(a, LK_REASON_EXPIRED, s->date,
		    "is too long ago");
	if (when > now + s->window)
		return lk_plugin_refuse(a, LK_REASON_NOT_YET, s->date,
		    "is in the future");
	if (expected(s, c, &record->key_id, &date, digits) != 0)
		return lk_plugin_broken(a, "the signature cannot be computed");
	if (cr->proof.n != HEX || !s->host->equal(cr->proof.p, digits, HEX))
		return lk_plugin_refuse(a, LK_REASON_MALFORMED, s->signature,
		    "is not of this request and key");
	return LK_PASS;
}

/* What there is to send; $SIGNATURE is what client.sh of README.md makes. */
static uint32_t
usage(void *instance, const struct lk_usage *u, char *out, size_t size)
{
	const struct signing	*s = instance;
	int			 n;

	n = snprintf(out, size, "curl -X %.*s https://HOST%.*s -H \"%s: "
	    "${TOKEN%%%%.*}\" -H \"%s: $DATE\" -H \"%s: $SIGNATURE\"",
	    (int)u->method.n, u->method.p, (int)u->path.n, u->path.p, s->id,
	    s->date, s->signature);
	return n > 0 && (size_t)n < size ? LK_PASS : LK_BROKEN;
}

LK_PLUGIN_EXPORT const struct lk_plugin lk_plugin_v1 = {
	LK_PLUGIN_HEAD(LK_PLUGIN_TYPE),
	.flags = LK_PLUGIN_THREAD_SAFE | LK_PLUGIN_SIGNS,
	.name = "signed",
	.version = "1.0",
	.title = "Requests that are signed, a secret that is never sent",
	.options = options,
	.noptions = sizeof(options) / sizeof(options[0]),
	.configure = configure,
	.release = free,
	.present = present,
	.mint = mint,
	.verify = verify,
	.usage = usage,
};
