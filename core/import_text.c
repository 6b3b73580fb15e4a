#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "accounts.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "import_text.h"
#include "values.h"

#define HEX_LEN		(2 * LK_DIGEST_SIZE)	/* octets of a SHA-256       */
#define BASE64		43			/* likewise, without padding */
#define GUARDED		"=+-@'"	/* what export puts an apostrophe before     */

int
lk_read_check(struct lk_row *row, struct lk_rules *r,
    const struct lk_slice *t, struct lk_error *e)
{
	(void)row;
	if (strcmp(t->p, r->check) == 0)
		return 0;
	return lk_fail(e, LK_ECONFIG, "it was exported under another pepper "
	    "(check value %.24s, ours is %s): import it into a store of that "
	    "pepper, or import the SHA-256 of its tokens", t->p, r->check);
}

static int
no_type(const struct lk_policy *p, const char *name, struct lk_error *e)
{
	const char	*names[64], *near;
	size_t		 i;

	for (i = 0; i < p->ntypes && i < 64; i++)
		names[i] = p->types[i].name;
	if ((near = lk_nearest(name, names, i)) != NULL)
		return lk_fail(e, LK_EDATA, "there is no type %.40s: did you "
		    "mean %s?", name, near);
	return lk_fail(e, LK_EDATA, "there is no type %.40s (latchkey types)",
	    name);
}

static int
takes_keys(const struct lk_live_type *t, int own, struct lk_error *e)
{
	const char	*name = t->type->name;

	/* No fault of the record: with skip-bad it would be left out. */
	if (t->plugin == NULL || t->fault_plugin[0] != '\0')
		return lk_fail(e, LK_EUNAVAIL, "no keys of type %s can be "
		    "made: %s", name, t->fault);
	if (!own && lk_instance_signs(t->plugin))
		return lk_fail(e, LK_EDATA, "callers of type %s sign what "
		    "they send: it has no tokens to import", name);
	if (!own && !t->type->imported)
		return lk_fail(e, LK_EDATA, "type %s does not take imported "
		    "keys: set \"imported: true\" in the policy", name);
	return 0;
}

int
lk_read_type(struct lk_row *row, struct lk_rules *r,
    const struct lk_slice *t, struct lk_error *e)
{
	const struct lk_policy		*p = r->snapshot->policy;
	const struct lk_policy_type	*type;
	int				 code;

	if (r->type == NULL || strcmp(r->type->type->name, t->p) != 0) {
		r->type = NULL;
		if ((type = lk_policy_type_by_name(p, t->p)) == NULL)
			return no_type(p, t->p, e);
		r->type = &r->snapshot->types[type->index];
	}
	if ((code = takes_keys(r->type, row->own, e)) != 0)
		return code;
	row->type = r->type;
	return 0;
}

int
lk_read_account(struct lk_row *row, struct lk_rules *r,
    const struct lk_slice *t, struct lk_error *e)
{
	(void)r;
	row->account = t->p;
	return lk_account_name_check(t->p, e);
}

/* ------------------------------------------------------------------ digests */

/* The value of a digit with HEX_DIGIT set; 0 for every other octet.  A table,
 * since what digit comes next no processor can foretell. */
#define HEX_DIGIT	0x10U
#define D(v)		(HEX_DIGIT | (v))

static const unsigned char	 hex[256] = {
	['0'] = D(0), ['1'] = D(1), ['2'] = D(2), ['3'] = D(3),
	['4'] = D(4), ['5'] = D(5), ['6'] = D(6), ['7'] = D(7),
	['8'] = D(8), ['9'] = D(9), ['a'] = D(10), ['b'] = D(11),
	['c'] = D(12), ['d'] = D(13), ['e'] = D(14), ['f'] = D(15),
	['A'] = D(10), ['B'] = D(11), ['C'] = D(12), ['D'] = D(13),
	['E'] = D(14), ['F'] = D(15),
};

static int
from_hex(const char *text, uint8_t out[LK_DIGEST_SIZE])
{
	const unsigned char	*p = (const unsigned char *)text;
	unsigned		 h, l, all = HEX_DIGIT;
	size_t			 i;

	for (i = 0; i < LK_DIGEST_SIZE; i++) {
		h = hex[p[2 * i]];
		l = hex[p[2 * i + 1]];
		all &= h & l;
		out[i] = (uint8_t)(h << 4 | (l & 0xf));
	}
	return all != 0 ? 0 : LK_ESYNTAX;
}

/* Either alphabet, with its padding or without. */
static int
from_base64(const struct lk_slice *t, uint8_t out[LK_DIGEST_SIZE])
{
	char	 url[BASE64];
	size_t	 i;

	if (t->n == BASE64 + 1 && t->p[BASE64] != '=')
		return LK_ESYNTAX;
	for (i = 0; i < BASE64; i++) {
		url[i] = t->p[i];
		if (url[i] == '+')
			url[i] = '-';
		else if (url[i] == '/')
			url[i] = '_';
	}
	return lk_base64url_decode(url, BASE64, out, LK_DIGEST_SIZE);
}

int
lk_read_sha256(struct lk_row *row, struct lk_rules *r,
    const struct lk_slice *t, struct lk_error *e)
{
	uint8_t	 sha[LK_DIGEST_SIZE];
	int	 code = LK_ESYNTAX;

	if (t->n == HEX_LEN)
		code = from_hex(t->p, sha);
	else if (t->n == BASE64 || t->n == BASE64 + 1)
		code = from_base64(t, sha);
	if (code != 0)
		return lk_fail(e, LK_EDATA, "sha256 is no SHA-256: 64 digits "
		    "of hex, or base64 of 32 octets");
	code = lk_pepper_foreign(r->live, row->pepper, sha, row->digest);
	row->has_older = lk_pepper_older(r->live) != 0;
	if (code == 0 && row->has_older)
		code = lk_pepper_foreign(r->live, lk_pepper_older(r->live),
		    sha, row->older);
	lk_wipe(sha, sizeof(sha));
	if (code != 0)
		return lk_fail(e, LK_EUNAVAIL, "libgcrypt gave no digest");
	return 0;
}

int
lk_read_digest(struct lk_row *row, struct lk_rules *r,
    const struct lk_slice *t, struct lk_error *e)
{
	(void)r;
	if (lk_base64url_decode(t->p, t->n, row->digest,
	    LK_DIGEST_SIZE) != 0)
		return lk_fail(e, LK_EDATA, "digest is none: base64url of 32 "
		    "octets, as latchkey export writes it");
	return 0;
}

/* Digits alone, no leading zero.  0, LK_ESYNTAX. */
static int
number(const struct lk_slice *t, int64_t *out)
{
	size_t	 i;

	*out = 0;
	if (t->n > 15 || (t->n > 1 && t->p[0] == '0'))
		return LK_ESYNTAX;
	for (i = 0; i < t->n; i++) {
		if (t->p[i] < '0' || t->p[i] > '9')
			return LK_ESYNTAX;
		*out = *out * 10 + (t->p[i] - '0');
	}
	return 0;
}

int
lk_read_pepper(struct lk_row *row, struct lk_rules *r,
    const struct lk_slice *t, struct lk_error *e)
{
	uint8_t	 any[LK_DIGEST_SIZE];
	int64_t	 v;

	if (number(t, &v) != 0 || v < 1 || v > UINT32_MAX)
		return lk_fail(e, LK_EDATA, "pepper is no version: 1, 2, ...");
	if (r->pepper != (unsigned)v && lk_pepper_digest(
	    r->live, (unsigned)v, "", 0, any) != 0)
		return lk_fail(e, LK_EDATA, "its digest is under version %s "
		    "of the pepper, which is not there", t->p);
	r->pepper = row->pepper = (unsigned)v;
	return 0;
}

/* -------------------------------------------------------------------- texts */

static int
key_id(const char *name, const struct lk_slice *t, const char **out,
    struct lk_error *e)
{
	*out = t->p;
	if (!lk_keyid_valid(t->p, t->n))
		return lk_fail(e, LK_EDATA, "%s is none: %d letters and "
		    "digits", name, LK_KEYID_LEN);
	return 0;
}

int
lk_read_id(struct lk_row *row, struct lk_rules *r,
    const struct lk_slice *t, struct lk_error *e)
{
	(void)r;
	return key_id("id", t, &row->id, e);
}

/* A spreadsheet takes what begins so for a formula: see export.c. */
static struct lk_slice
unguarded(const struct lk_row *row, const struct lk_rules *r,
    const struct lk_slice *t)
{
	struct lk_slice	 out = *t;

	if (row->own && r->csv && t->n > 1 && t->p[0] == '\'' &&
	    strchr(GUARDED, t->p[1]) != NULL) {
		out.p++;
		out.n--;
	}
	return out;
}

int
lk_read_label(struct lk_row *row, struct lk_rules *r,
    const struct lk_slice *t, struct lk_error *e)
{
	struct lk_slice	 label = unguarded(row, r, t);

	row->label = label.p;
	return lk_label_check(label.p, label.n, e);
}

static int
plain(const struct lk_slice *t, const char *name, size_t max,
    struct lk_error *e)
{
	if (t->n <= max && lk_utf8_plain(t->p, t->n))
		return 0;
	return lk_fail(e, LK_EDATA, "%s is over %zu octets, or no UTF-8 "
	    "without control characters", name, max);
}

int
lk_read_hint(struct lk_row *row, struct lk_rules *r,
    const struct lk_slice *t, struct lk_error *e)
{
	(void)r;
	row->hint = t->p;
	return plain(t, "hint", LK_HINT_MAX, e);
}

int
lk_read_created_by(struct lk_row *row, struct lk_rules *r,
    const struct lk_slice *t, struct lk_error *e)
{
	struct lk_slice	 by = unguarded(row, r, t);

	row->created_by = by.p;
	return plain(&by, "created_by",
	    sizeof(((struct lk_key *)0)->created_by) - 1, e);
}

int
lk_read_state(struct lk_row *row, struct lk_rules *r,
    const struct lk_slice *t, struct lk_error *e)
{
	(void)r;
	row->disabled = strcmp(t->p, "disabled") == 0;
	if (!row->disabled && strcmp(t->p, "active") != 0)
		return lk_fail(e, LK_EDATA, "state is active or disabled, not "
		    "\"%.20s\"", t->p);
	return 0;
}

int
lk_read_package(struct lk_row *row, struct lk_rules *r,
    const struct lk_slice *t, struct lk_error *e)
{
	const struct lk_policy	*p = r->snapshot->policy;

	row->package = t->p;
	if (lk_policy_package(p, t->p) >= 0)
		return 0;
	return lk_fail(e, LK_EDATA, "%s has no package %.40s: put it there "
	    "first", p->source.path, t->p);
}

/* Whether it is one of the policy, and may be given, is asked with who gives
 * it. */
int
lk_read_role(struct lk_row *row, struct lk_rules *r,
    const struct lk_slice *t, struct lk_error *e)
{
	(void)r;
	row->role = t->p;
	return t->n <= LK_NAME_MAX ? 0 : lk_fail(e, LK_EDATA, "role is no name "
	    "of one: over %d octets", LK_NAME_MAX);
}

/* -------------------------------------------------------------------- times */

/* Seconds, or RFC 3339.  0 is no time: it may stand for never, or for 1970. */
static int
when(const struct lk_slice *t, const char *name, const char *without,
    int64_t *out, struct lk_error *e)
{
	if (number(t, out) != 0 && lk_time_parse(t->p, t->n, out) != 0)
		return lk_fail(e, LK_EDATA, "%s is no time: RFC 3339 "
		    "(2027-01-31T00:00:00Z), or seconds since 1970", name);
	if (*out > LK_EXPIRES_MAX)
		return lk_fail(e, LK_EDATA, "%s lies behind the year 9999: "
		    "are these milliseconds?", name);
	if (*out <= 0)
		return lk_fail(e, LK_EDATA, "%s is not after 1970: leave it "
		    "empty %s", name, without);
	return 0;
}

int
lk_read_created(struct lk_row *row, struct lk_rules *r,
    const struct lk_slice *t, struct lk_error *e)
{
	int	 code;

	if ((code = when(t, "created", "where it is not known", &row->created,
	    e)) != 0)
		return code;
	if (row->created > r->now)
		return lk_fail(e, LK_EDATA, "created lies in the future");
	return 0;
}

/* One that is over may be taken: it lets nobody in. */
int
lk_read_expires(struct lk_row *row, struct lk_rules *r,
    const struct lk_slice *t, struct lk_error *e)
{
	(void)r;
	return when(t, "expires", "for a key that does not expire",
	    &row->expires, e);
}

int
lk_read_not_before(struct lk_row *row, struct lk_rules *r,
    const struct lk_slice *t, struct lk_error *e)
{
	(void)r;
	return when(t, "not_before", "for a key that may be used at once",
	    &row->not_before, e);
}

int
lk_read_replaces(struct lk_row *row, struct lk_rules *r,
    const struct lk_slice *t, struct lk_error *e)
{
	(void)r;
	return key_id("replaces", t, &row->replaces, e);
}

/* Such a key does not count while its successor does, so it must end soon. */
int
lk_read_replaced_by(struct lk_row *row, struct lk_rules *r,
    const struct lk_slice *t, struct lk_error *e)
{
	if (row->expires == 0 || row->expires - LK_GRACE_MAX > r->now)
		return lk_fail(e, LK_EDATA, "a key that has a successor "
		    "expires, within %d days", LK_GRACE_MAX / 86400);
	return key_id("replaced_by", t, &row->replaced_by, e);
}

/* ------------------------------------------------------------- and together */

int
lk_read_addresses(struct lk_row *row, struct lk_rules *r,
    const struct lk_slice *t, struct lk_error *e)
{
	static const char	 gaps[] = " \t;";
	const char		*p = t->p;
	size_t			 n;

	(void)r;
	for (p += strspn(p, gaps); *p != '\0'; p += n + strspn(p + n, gaps)) {
		n = strcspn(p, gaps);
		if (row->naddresses == LK_ADDRESSES_MAX)
			return lk_fail(e, LK_EDATA, "over %d addresses",
			    LK_ADDRESSES_MAX);
		if (lk_net_parse(p, n, &row->addresses[row->naddresses]) != 0)
			return lk_fail(e, LK_EDATA, "%.*s is no address and "
			    "no network", n < 60 ? (int)n : 60, p);
		row->naddresses++;
	}
	if (row->naddresses == 0)
		return lk_fail(e, LK_EDATA, "addresses has none: leave it "
		    "empty for a key that may come from anywhere");
	return 0;
}

int
lk_row_agrees(struct lk_row *row, struct lk_rules *r, struct lk_error *e)
{
	const struct lk_policy_type	*t = row->type->type;

	(void)r;
	if (row->own && !t->imported &&
	    strcmp(row->hint, LK_HINT_FOREIGN) == 0)
		return lk_fail(e, LK_EDATA, "its token is one of another "
		    "system, which type %s does not take: set \"imported: "
		    "true\" in the policy", t->name);
	return lk_addresses_check(t, row->addresses, row->naddresses, e);
}
