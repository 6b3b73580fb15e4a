/*
 * signed_test.c: a type whose callers sign their requests and never send their
 * secret.
 *
 *	X-KEY-ID:     the key's id
 *	X-DATE:       seconds UTC since 1970, at most WINDOW off
 *	X-SIGNATURE:  hex of HMAC-SHA-256(secret, method LF target LF date LF
 *	              hex of SHA-256(body))
 *
 * What the holder was shown once is KEYID.SECRET, the secret being hex of what
 * derive_new gave, 64 digits; they are the key of the HMAC as they stand.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin.h"

#define WINDOW		300		/* seconds */
#define HEX		(2 * LK_SECRET_SIZE)
#define SIGNED_MAX	16384		/* octets that are signed at most    */
#define DATE_MAX	12		/* digits                            */

struct signing {
	const struct lk_host	*host;
};

static void
hex(const uint8_t in[LK_SECRET_SIZE], char out[HEX + 1])
{
	size_t	 i;

	for (i = 0; i < LK_SECRET_SIZE; i++)
		snprintf(out + 2 * i, 3, "%02x", in[i]);
}

static uint32_t
refuse(struct lk_answer *a, uint32_t reason, const char *note)
{
	a->reason = reason;
	snprintf(a->note, sizeof(a->note), "%s", note);
	return LK_REFUSE;
}

static uint32_t
configure(const struct lk_host *host, const struct lk_setup *setup,
    void **instance, struct lk_answer *a)
{
	struct signing	*s;

	(void)setup;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return lk_plugin_broken(a, "no memory");
	s->host = host;
	*instance = s;
	return LK_PASS;
}

static uint32_t
present(void *instance, struct lk_call *c, struct lk_credential *cr,
    struct lk_answer *a)
{
	const struct signing	*s = instance;
	int			 id, proof;

	id = s->host->header(c, "X-KEY-ID", &cr->key_id);
	proof = s->host->header(c, "X-SIGNATURE", &cr->proof);
	if (id < 0 || proof < 0)
		return refuse(a, LK_REASON_TWO_CREDENTIALS,
		    "two keys or two signatures");
	if (id == 0 && proof == 0)
		return LK_NOT_MINE;
	if (id == 0 || proof == 0)
		return refuse(a, LK_REASON_NO_CREDENTIAL,
		    "X-KEY-ID without X-SIGNATURE, or the other way");
	if (cr->proof.n != HEX)
		return refuse(a, LK_REASON_MALFORMED,
		    "X-SIGNATURE is 64 digits");
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

	if (id == NULL || s->host->derive_new(setup, secret) != 0)
		return lk_plugin_broken(a, "the core gave no secret");
	hex(secret, digits);
	if (snprintf(out, size, "%s.%s", id, digits) >= (int)size)
		return lk_plugin_broken(a, "no room for the secret");
	return LK_PASS;
}

/* The date as signed, in whole seconds.  0, or -1. */
static int
take_date(const struct signing *s, const struct lk_call *c,
    struct lk_slice *date, int64_t *when)
{
	size_t	 i;

	*when = 0;
	if (s->host->header(c, "X-DATE", date) != 1 || date->n == 0 ||
	    date->n > DATE_MAX)
		return -1;
	for (i = 0; i < date->n; i++) {
		if (date->p[i] < '0' || date->p[i] > '9')
			return -1;
		*when = *when * 10 + (date->p[i] - '0');
	}
	return 0;
}

/* What is signed, into text; its length, or -1. */
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
	return n < SIGNED_MAX ? n : -1;
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
	struct lk_slice		 date;
	char			 digits[HEX + 1];
	int64_t			 when, now = s->host->now(c);

	if (s->host->view(c) == NULL)
		return refuse(a, LK_REASON_BAD_REQUEST, "no request to check");
	if (take_date(s, c, &date, &when) != 0)
		return refuse(a, LK_REASON_BAD_REQUEST, "X-DATE is no time");
	if (when < now - WINDOW)
		return refuse(a, LK_REASON_EXPIRED, "signed too long ago");
	if (when > now + WINDOW)
		return refuse(a, LK_REASON_NOT_YET, "signed in the future");
	if (expected(s, c, &record->key_id, &date, digits) != 0)
		return lk_plugin_broken(a, "the signature cannot be computed");
	if (cr->proof.n != HEX || !s->host->equal(cr->proof.p, digits, HEX))
		return refuse(a, LK_REASON_MALFORMED, "the signature is not "
		    "of this request");
	return LK_PASS;
}

LK_PLUGIN_EXPORT const struct lk_plugin lk_plugin_v1 = {
	LK_PLUGIN_HEAD(LK_PLUGIN_TYPE),
	.flags = LK_PLUGIN_THREAD_SAFE | LK_PLUGIN_SIGNS,
	.name = "signed_test",
	.version = "1.0",
	.title = "Signed requests",
	.configure = configure,
	.release = free,
	.present = present,
	.mint = mint,
	.verify = verify,
};
