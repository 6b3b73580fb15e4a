#include <string.h>

#include "base/text.h"
#include "line.h"
#include "token/token.h"

#define KEY	0x1			/* the event is one of a key         */
#define ANY	0x2			/* with or without a key             */
#define BARE	0x4			/* may come without a MAC            */

static const struct event {
	const char		*name;
	enum lk_event_kind	 kind;
	int			 flags;
} events[] = {
	{ "generate",	LK_EVENT_GENERATE,	KEY },
	{ "addresses",	LK_EVENT_ADDRESSES,	KEY },
	{ "delete",	LK_EVENT_DELETE,	KEY | BARE },
	{ "disable",	LK_EVENT_DISABLE,	KEY | BARE },
	{ "enable",	LK_EVENT_ENABLE,	KEY },
	{ "account",	LK_EVENT_ACCOUNT,	0 },
	{ "repair",	LK_EVENT_REPAIR,	0 },
	{ "compact",	LK_EVENT_COMPACT,	0 },
	{ "rotate",	LK_EVENT_ROTATE,	0 },
	{ "restore",	LK_EVENT_RESTORE,	0 },
	{ "accept",	LK_EVENT_ACCEPT,	0 },
	{ "expire",	LK_EVENT_EXPIRE,	KEY },
	{ "account_delete", LK_EVENT_ACCOUNT_DELETE, 0 },
};
static const struct event unknown_event = { "", LK_EVENT_UNKNOWN, ANY };

#define NEVENTS	(sizeof events / sizeof *events)

static int	 number(const struct lk_slice *, int64_t *);

static int
is_name(const struct lk_slice *v)
{
	size_t	 i;

	for (i = 0; i < v->n; i++)
		if (v->p[i] < 0x21 || v->p[i] > 0x7e)
			return 0;
	return v->n >= 1 && v->n <= LK_NAME_MAX;
}

static int
is_package(const struct lk_slice *v)
{
	return v->n == 0 || is_name(v);
}

static int
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static int
is_account(const struct lk_slice *v)
{
	size_t	 i;

	for (i = 0; i < v->n; i++)
		if (!is_letter(v->p[i]) && (i == 0 || (v->p[i] != '.' &&
		    v->p[i] != '_' && v->p[i] != '-')))
			return 0;
	return v->n >= 1 && v->n <= LK_ACCOUNT_MAX;
}

static int
is_digest(const struct lk_slice *v)
{
	uint8_t	 d[LK_DIGEST_SIZE];

	return lk_base64url_decode(v->p, v->n, d, sizeof d) == 0;
}

static int
is_number(const struct lk_slice *v)
{
	int64_t	 n;

	return number(v, &n) == 0;
}

static int
is_pepper(const struct lk_slice *v)
{
	int64_t	 n;

	return number(v, &n) == 0 && n >= 1 && n <= UINT32_MAX;
}

static int
is_hint(const struct lk_slice *v)
{
	return v->n >= 1 && v->n <= LK_HINT_MAX;
}

static int
is_label(const struct lk_slice *v)
{
	return v->n >= 1 && v->n <= LK_LABEL_MAX;
}

static int
is_nets(const struct lk_slice *v)
{
	struct lk_net	 nets[LK_ADDRESSES_MAX];

	return lk_line_nets(v->p, nets, LK_ADDRESSES_MAX) > 0;
}

static int
is_time(const struct lk_slice *v)
{
	int64_t	 n;

	return number(v, &n) == 0 && n <= LK_TIME_MAX;
}

static int
is_actor(const struct lk_slice *v)
{
	return v->n >= 1 && v->n < sizeof ((struct lk_line *)0)->actor;
}

static int
is_text(const struct lk_slice *v)
{
	return v->n >= 1;
}

static int
is_keyid(const struct lk_slice *v)
{
	return lk_keyid_valid(v->p, v->n);
}

static int
is_mac(const struct lk_slice *v)
{
	uint8_t	 mac[LK_MAC_SIZE];

	return lk_base64url_decode(v->p, v->n, mac, sizeof mac) == 0;
}

/* The names of an event, in the order that they are written in; kinds in
 * theirs. */
static const struct rule {
	enum lk_event_kind	 kind;
	const char		*name;
	int			 required;
	int			(*check)(const struct lk_slice *);
} rules[] = {
	{ LK_EVENT_GENERATE,	"type",		1,	is_name },
	{ LK_EVENT_GENERATE,	"account",	1,	is_account },
	{ LK_EVENT_GENERATE,	"digest",	1,	is_digest },
	{ LK_EVENT_GENERATE,	"pepper",	1,	is_pepper },
	{ LK_EVENT_GENERATE,	"hint",		1,	is_hint },
	{ LK_EVENT_GENERATE,	"label",	0,	is_label },
	{ LK_EVENT_GENERATE,	"expires",	0,	is_number },
	{ LK_EVENT_GENERATE,	"not_before",	0,	is_number },
	{ LK_EVENT_GENERATE,	"created",	0,	is_time },
	{ LK_EVENT_GENERATE,	"created_by",	0,	is_actor },
	{ LK_EVENT_GENERATE,	"replaces",	0,	is_keyid },
	{ LK_EVENT_GENERATE,	"role",		0,	is_name },
	{ LK_EVENT_ADDRESSES,	"add",		1,	is_nets },
	{ LK_EVENT_ACCOUNT,	"account",	1,	is_account },
	{ LK_EVENT_ACCOUNT,	"package",	1,	is_package },
	{ LK_EVENT_REPAIR,	"from",		1,	is_number },
	{ LK_EVENT_REPAIR,	"to",		1,	is_number },
	{ LK_EVENT_REPAIR,	"file",		1,	is_text },
	{ LK_EVENT_COMPACT,	"seq",		1,	is_number },
	{ LK_EVENT_COMPACT,	"mac",		1,	is_mac },
	{ LK_EVENT_COMPACT,	"was",		0,	is_mac },
	{ LK_EVENT_COMPACT,	"before",	1,	is_number },
	{ LK_EVENT_COMPACT,	"after",	1,	is_number },
	{ LK_EVENT_COMPACT,	"file",		1,	is_text },
	{ LK_EVENT_ROTATE,	"seq",		1,	is_number },
	{ LK_EVENT_ROTATE,	"mac",		1,	is_mac },
	{ LK_EVENT_ROTATE,	"was",		0,	is_mac },
	{ LK_EVENT_ROTATE,	"pepper",	1,	is_pepper },
	{ LK_EVENT_ROTATE,	"file",		1,	is_text },
	{ LK_EVENT_RESTORE,	"seq",		1,	is_number },
	{ LK_EVENT_RESTORE,	"mac",		1,	is_mac },
	{ LK_EVENT_RESTORE,	"was",		0,	is_mac },
	{ LK_EVENT_RESTORE,	"source",	1,	is_text },
	{ LK_EVENT_RESTORE,	"file",		1,	is_text },
	{ LK_EVENT_ACCEPT,	"seq",		1,	is_number },
	{ LK_EVENT_ACCEPT,	"mac",		1,	is_mac },
	{ LK_EVENT_ACCEPT,	"was",		0,	is_mac },
	{ LK_EVENT_ACCEPT,	"line",		1,	is_number },
	{ LK_EVENT_ACCEPT,	"octets",	1,	is_number },
	{ LK_EVENT_ACCEPT,	"digest",	1,	is_digest },
	{ LK_EVENT_ACCEPT,	"file",		1,	is_text },
	{ LK_EVENT_EXPIRE,	"expires",	0,	is_time },
	{ LK_EVENT_EXPIRE,	"successor",	0,	is_keyid },
	{ LK_EVENT_ACCOUNT_DELETE, "account",	1,	is_account },
};

#define NRULES	(sizeof rules / sizeof *rules)

_Static_assert(NRULES <= 64, "check_attrs has a bit for each");

/* What is left of a line while it is read. */
struct cursor {
	const char	*p, *end;
	char		*text;		/* free part of lk_line.text         */
	const char	*why;
};

static int
bad(struct cursor *c, const char *why)
{
	c->why = why;
	return LK_ESYNTAX;
}

/* The octets up to the next ":", which is passed over.  0: none left. */
static int
field(struct cursor *c, struct lk_slice *f)
{
	const char	*colon;

	if (c->p == c->end)
		return 0;
	colon = memchr(c->p, ':', (size_t)(c->end - c->p));
	if (colon == NULL)
		return 0;
	f->p = c->p;
	f->n = (size_t)(colon - c->p);
	c->p = colon + 1;
	return 1;
}

/* Decimal, no sign, no leading zero, at most INT64_MAX. */
static int
number(const struct lk_slice *f, int64_t *out)
{
	int64_t	 v = 0;
	size_t	 i;

	if (f->n == 0 || f->n > 19 || (f->n > 1 && f->p[0] == '0'))
		return LK_ESYNTAX;
	for (i = 0; i < f->n; i++) {
		if (f->p[i] < '0' || f->p[i] > '9')
			return LK_ESYNTAX;
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, f->p[i] - '0', &v))
			return LK_ESYNTAX;
	}
	*out = v;
	return 0;
}

/* [a-z_]+ */
static int
is_word(const struct lk_slice *f)
{
	size_t	 i;

	for (i = 0; i < f->n; i++)
		if ((f->p[i] < 'a' || f->p[i] > 'z') && f->p[i] != '_')
			return 0;
	return f->n > 0;
}

/* Decode a field to UTF-8 without controls, a NUL behind it. */
static int
decode(struct cursor *c, const struct lk_slice *f, struct lk_slice *out)
{
	size_t	 n;

	if (lk_unescape(f->p, f->n, c->text, &n) != 0)
		return bad(c, "an escape is not of the one form");
	/* What needed no escape is plain. */
	if (n != f->n && !lk_utf8_plain(c->text, n))
		return bad(c, "a value is not UTF-8 or has a control "
		    "character");
	out->p = c->text;
	out->n = n;
	c->text[n] = '\0';
	c->text += n + 1;
	return 0;
}

static int
decode_into(struct cursor *c, char *out, size_t size, const char *why)
{
	struct lk_slice	 f, v;

	if (!field(c, &f) || decode(c, &f, &v) != 0 || v.n == 0 ||
	    v.n >= size)
		return bad(c, why);
	memcpy(out, v.p, v.n + 1);
	return 0;
}

static int
parse_numbers(struct cursor *c, struct lk_line *l)
{
	struct lk_slice	 seq, batch, when;
	int64_t		 s, b;

	if (!field(c, &seq) || number(&seq, &s) != 0 || s == 0)
		return bad(c, "it does not start with a sequence number");
	if (!field(c, &batch) || number(&batch, &b) != 0 || b < s)
		return bad(c, "its batch is no number, or one before its own");
	if (b - s >= LK_BATCH_LINES)
		return bad(c, "its batch is over 1,000,000 lines");
	l->seq = (uint64_t)s;
	l->batch = (uint64_t)b;
	if (!field(c, &when) || number(&when, &l->time) != 0)
		return bad(c, "its time is no number");
	if (l->time > LK_TIME_MAX)
		return bad(c, "its time is after the year 9999");
	return 0;
}

static int
parse_event(struct cursor *c, struct lk_line *l, const struct event **ev)
{
	struct lk_slice	 f;
	size_t		 i;

	if (!field(c, &f) || !is_word(&f) || f.n >= sizeof l->event)
		return bad(c, "its event is no word");
	memcpy(l->event, f.p, f.n);
	l->event[f.n] = '\0';
	*ev = &unknown_event;
	for (i = 0; i < NEVENTS; i++)
		if (strcmp(events[i].name, l->event) == 0)
			*ev = &events[i];
	l->kind = (*ev)->kind;
	return 0;
}

static int
parse_key(struct cursor *c, struct lk_line *l, int flags)
{
	struct lk_slice	 f;

	if (!field(c, &f))
		return bad(c, "it ends before its key id");
	if (f.n == 1 && f.p[0] == '-') {
		if (flags & KEY)
			return bad(c, "it has no key id");
		return 0;
	}
	if (!lk_keyid_valid(f.p, f.n) || !(flags & (KEY | ANY)))
		return bad(c, "its key id is none");
	memcpy(l->key_id, f.p, f.n);
	l->key_id[f.n] = '\0';
	return 0;
}

static int
slice_is(const struct lk_slice *s, const char *word)
{
	return strlen(word) == s->n && memcmp(s->p, word, s->n) == 0;
}

static int
parse_attr(struct cursor *c, struct lk_line *l, const struct lk_slice *f)
{
	struct lk_attr	*a;
	struct lk_slice	 raw;
	const char	*equal;
	size_t		 i;

	if (l->nattrs == LK_ATTRS_MAX)
		return bad(c, "it has too many names");
	if ((equal = memchr(f->p, '=', f->n)) == NULL)
		return bad(c, "a name has no value");
	a = &l->attrs[l->nattrs];
	a->name.p = f->p;
	a->name.n = (size_t)(equal - f->p);
	if (!is_word(&a->name))
		return bad(c, "a name is not of a-z and _");
	for (i = 0; i < l->nattrs; i++)
		if (l->attrs[i].name.n == a->name.n &&
		    memcmp(l->attrs[i].name.p, f->p, a->name.n) == 0)
			return bad(c, "a name is there twice");
	raw.p = equal + 1;
	raw.n = f->n - a->name.n - 1;
	l->nattrs++;
	return decode(c, &raw, &a->value);
}

static size_t
rule_of(enum lk_event_kind kind, const struct lk_slice *name)
{
	size_t	 i;

	for (i = 0; i < NRULES && rules[i].kind <= kind; i++)
		if (rules[i].kind == kind && rules[i].name[0] == *name->p &&
		    slice_is(name, rules[i].name))
			return i;
	return NRULES;
}

/* Known names: in order, all that are required, each of its own form. */
static int
check_attrs(struct cursor *c, const struct lk_line *l)
{
	uint64_t	 seen = 0;
	size_t		 i, r;

	for (i = 0; i < l->nattrs; i++) {
		if ((r = rule_of(l->kind, &l->attrs[i].name)) == NRULES)
			continue;
		if (seen >> r != 0)
			return bad(c, "its names are out of order");
		if (!rules[r].check(&l->attrs[i].value))
			return bad(c, "a value is not of its form");
		seen |= (uint64_t)1 << r;
	}
	for (r = 0; r < NRULES && rules[r].kind <= l->kind; r++)
		if (rules[r].kind == l->kind && rules[r].required &&
		    (seen >> r & 1) == 0)
			return bad(c, "a name that its event needs is not "
			    "there");
	return 0;
}

static int
parse_mac(struct cursor *c, struct lk_line *l, int flags)
{
	size_t	 n = (size_t)(c->end - c->p);

	if (n == 1 && c->p[0] == '-') {
		if (!(flags & BARE))
			return bad(c, "it has no MAC, which only delete and "
			    "disable may lack");
		return 0;
	}
	if (lk_base64url_decode(c->p, n, l->mac, sizeof l->mac) != 0)
		return bad(c, "it does not end in a MAC");
	l->is_signed = 1;
	return 0;
}

static int
parse(struct cursor *c, struct lk_line *l)
{
	const struct event	*ev;
	struct lk_slice		 f;
	int			 r;

	if ((r = parse_numbers(c, l)) != 0 ||
	    (r = parse_event(c, l, &ev)) != 0 ||
	    (r = decode_into(c, l->actor, sizeof l->actor,
	    "its actor is none")) != 0 ||
	    (r = decode_into(c, l->from, sizeof l->from,
	    "its origin is none")) != 0 ||
	    (r = parse_key(c, l, ev->flags)) != 0)
		return r;
	while (field(c, &f))
		if ((r = parse_attr(c, l, &f)) != 0)
			return r;
	if ((r = check_attrs(c, l)) != 0)
		return r;
	return parse_mac(c, l, ev->flags);
}

const char *
lk_event_name(enum lk_event_kind kind)
{
	size_t	 i;

	for (i = 0; i < NEVENTS; i++)
		if (events[i].kind == kind)
			return events[i].name;
	return "";
}

int
lk_line_parse(const char *p, size_t n, struct lk_line *out, const char **why)
{
	struct cursor	 c = { p, p + n, out->text, NULL };
	int		 r;

	/* All but text and the attrs that are not there. */
	memset(out, 0, offsetof(struct lk_line, attrs));
	if (n >= LK_LINE_MAX)
		r = bad(&c, "it is over 2,048 octets");
	else
		r = parse(&c, out);
	out->covered = (size_t)(c.p - p);
	if (why != NULL)
		*why = c.why;
	return r;
}

const char *
lk_line_get(const struct lk_line *l, const char *name)
{
	size_t	 i;

	for (i = 0; i < l->nattrs; i++)
		if (slice_is(&l->attrs[i].name, name))
			return l->attrs[i].value.p;
	return NULL;
}
