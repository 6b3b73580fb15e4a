#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "cli/answer.h"
#include "show/show.h"

#define DIGITS		"0123456789"
#define LOWER		"abcdefghijklmnopqrstuvwxyz"
#define UPPER		"ABCDEFGHIJKLMNOPQRSTUVWXYZ"

enum how {
	TEXT,		/* without control characters                        */
	WORD,		/* the same, null for ""                             */
	TIME,		/* RFC 3339, null for 0                              */
	SIZE,		/* a number from 0, to size_t                        */
	NUMBER,		/* likewise, to unsigned                             */
	NONE_OR_NUMBER,	/* null for 0                                        */
	COUNT,		/* to uint64_t                                       */
	WORDS		/* a list of texts, to one by ", "                   */
};

struct field {
	const char	*name;
	enum how	 how;
	size_t		 offset, size;	/* of what it fills                  */
	const char	*octets;	/* it may have, or NULL              */
};

#define TO(type, member)	offsetof(type, member), \
				sizeof(((type *)0)->member)

int
lk_answer_wrong(struct lk_error *e, const char *what, const char *member)
{
	return lk_fail(e, LK_EUNAVAIL, "the answer cannot be used: %s: %s is "
	    "not there, or not of its form", what, member);
}

/* ------------------------------------------------------------------ values */

static int
take_text(const struct lk_slice *s, const char *octets, char *out, size_t size)
{
	if (s->n >= size || !lk_utf8_plain(s->p, s->n))
		return -1;
	memcpy(out, s->p, s->n);
	out[s->n] = '\0';
	return octets == NULL || strspn(out, octets) == s->n ? 0 : -1;
}

static int
take_time(const struct lk_json_member *m, int64_t *out)
{
	*out = 0;
	if (m->kind == LK_JSON_NULL)
		return 0;
	if (m->kind != LK_JSON_STRING ||
	    lk_time_parse(m->text.p, m->text.n, out) != 0)
		return -1;
	return *out != 0 ? 0 : -1;
}

/* A list of texts as one, parted by gap. */
static int
take_words(const struct lk_json_value *v, size_t n, const char *gap,
    char *out, size_t size)
{
	struct lk_json_member	 m;
	size_t			 i, used = 0, k = strlen(gap);

	out[0] = '\0';
	for (i = 0; i < n; i++) {
		lk_json_look(lk_json_at(v, i), &m);
		if (i != 0) {
			if (k >= size - used)
				return -1;
			memcpy(out + used, gap, k);
			used += k;
		}
		if (m.kind != LK_JSON_STRING || m.text.n == 0 ||
		    take_text(&m.text, NULL, out + used, size - used) != 0)
			return -1;
		used += m.text.n;
	}
	return 0;
}

static int
take_field(const struct lk_json_value *v, const struct field *f, char *to)
{
	struct lk_json_member	 m;
	uint64_t		 n;

	lk_json_look(v, &m);
	switch (f->how) {
	case WORD:
	case NONE_OR_NUMBER:
		if (m.kind == LK_JSON_NULL)
			return 0;	/* it is zeroed */
		break;
	case TIME:
		return take_time(&m, (int64_t *)(void *)to);
	case WORDS:
		return m.kind != LK_JSON_LIST ? -1 :
		    take_words(v, m.n, ", ", to, f->size);
	default:
		break;
	}
	if (f->how == TEXT || f->how == WORD)
		return m.kind != LK_JSON_STRING ? -1 :
		    take_text(&m.text, f->octets, to, f->size);
	if (lk_answer_number(&m, &n) != 0 ||
	    (f->size == sizeof(unsigned) && n > UINT32_MAX))
		return -1;
	if (f->how == SIZE)
		*(size_t *)(void *)to = (size_t)n;
	else if (f->how == COUNT)
		*(uint64_t *)(void *)to = n;
	else
		*(unsigned *)(void *)to = (unsigned)n;
	return 0;
}

/* out is zeroed. */
static int
take_fields(const struct lk_json_value *v, const char *what,
    const struct field *f, size_t n, void *out, struct lk_error *e)
{
	const struct lk_json_value	*member;
	size_t				 i;

	for (i = 0; i < n; i++) {
		if ((member = lk_json_get(v, f[i].name)) == NULL ||
		    take_field(member, &f[i], (char *)out + f[i].offset) != 0)
			return lk_answer_wrong(e, what, f[i].name);
	}
	return 0;
}

#define TAKE(v, what, fields, out, e)	take_fields((v), (what), (fields), \
	    sizeof(fields) / sizeof((fields)[0]), (out), (e))

/* ----------------------------------------------------------------- structs */

#define NAME	LOWER DIGITS "_"
#define ACCOUNT	LOWER DIGITS "._-"
#define ID	LOWER UPPER DIGITS

static const struct field type_fields[] = {
	{ "type", TEXT, TO(struct lk_type, name), NAME },
	{ "title", WORD, TO(struct lk_type, title) },
	{ "prefix", TEXT, TO(struct lk_type, prefix), NAME },
	{ "plugin", TEXT, TO(struct lk_type, plugin), NAME },
	{ "limit", NONE_OR_NUMBER, TO(struct lk_type, limit) },
	{ "held", SIZE, TO(struct lk_type, held) },
	{ "apis", SIZE, TO(struct lk_type, apis) },
	{ "generators", WORDS, TO(struct lk_type, generators) },
	{ "closes", TIME, TO(struct lk_type, closes) },
	{ "line", NUMBER, TO(struct lk_type, line) },
};

int
lk_answer_type(const struct lk_json_value *v, struct lk_type *out,
    struct lk_error *e)
{
	memset(out, 0, sizeof(*out));
	return TAKE(v, "type", type_fields, out, e);
}

static const struct field account_fields[] = {
	{ "account", TEXT, TO(struct lk_account, name), ACCOUNT },
	{ "package", WORD, TO(struct lk_account, package), NAME },
	{ "keys", SIZE, TO(struct lk_account, keys) },
};

int
lk_answer_account(const struct lk_json_value *v, struct lk_account *out,
    struct lk_error *e)
{
	memset(out, 0, sizeof(*out));
	return TAKE(v, "account", account_fields, out, e);
}

static const struct field key_fields[] = {
	{ "id", TEXT, TO(struct lk_key, id), ID },
	{ "type", TEXT, TO(struct lk_key, type), NAME },
	{ "account", TEXT, TO(struct lk_key, account), ACCOUNT },
	{ "label", WORD, TO(struct lk_key, label) },
	{ "hint", TEXT, TO(struct lk_key, hint) },
	{ "created", TIME, TO(struct lk_key, created) },
	{ "created_by", TEXT, TO(struct lk_key, created_by) },
	{ "expires", TIME, TO(struct lk_key, expires) },
	{ "not_before", TIME, TO(struct lk_key, not_before) },
	{ "last_used", TIME, TO(struct lk_key, last_used) },
	{ "deleted", TIME, TO(struct lk_key, deleted) },
	{ "replaces", WORD, TO(struct lk_key, replaces), ID },
	{ "replaced_by", WORD, TO(struct lk_key, replaced_by), ID },
	{ "role", WORD, TO(struct lk_key, role), NAME },
};

static int
take_state(const struct lk_json_value *v, int *out)
{
	struct lk_json_member	 m;
	struct lk_key		 k = { .state = LK_STATE_ACTIVE };

	lk_json_look(v, &m);
	if (m.kind != LK_JSON_STRING)
		return -1;
	for (; k.state <= LK_STATE_UNSURE; k.state++)
		if (m.text.n == strlen(lk_show_state(&k)) &&
		    memcmp(m.text.p, lk_show_state(&k), m.text.n) == 0) {
			*out = k.state;
			return 0;
		}
	return -1;
}

static int
take_networks(const struct lk_json_value *v, struct lk_key *k)
{
	struct lk_json_member	 m;
	size_t			 n;

	lk_json_look(v, &m);
	if (m.kind != LK_JSON_LIST || m.n > LK_ADDRESSES_MAX)
		return -1;
	n = m.n;
	for (; k->naddresses < n; k->naddresses++) {
		lk_json_look(lk_json_at(v, k->naddresses), &m);
		if (m.kind != LK_JSON_STRING || lk_net_parse(m.text.p,
		    m.text.n, &k->addresses[k->naddresses]) != 0)
			return -1;
	}
	return 0;
}

int
lk_answer_key(const struct lk_json_value *v, struct lk_key *out,
    struct lk_error *e)
{
	int	 r;

	memset(out, 0, sizeof(*out));
	if ((r = TAKE(v, "key", key_fields, out, e)) != 0)
		return r;
	if (strlen(out->id) != LK_KEYID_LEN)
		return lk_answer_wrong(e, "key", "id");
	if (take_state(lk_json_get(v, "state"), &out->state) != 0)
		return lk_answer_wrong(e, "key", "state");
	if (take_networks(lk_json_get(v, "addresses"), out) != 0)
		return lk_answer_wrong(e, "key", "addresses");
	return 0;
}

/* ------------------------------------------------------------------ events */

static const struct field event_fields[] = {
	{ "seq", COUNT, TO(struct lk_event, seq) },
	{ "line", COUNT, TO(struct lk_event, line) },
	{ "time", TIME, TO(struct lk_event, time) },
	{ "event", TEXT, TO(struct lk_event, event) },
	{ "actor", TEXT, TO(struct lk_event, actor) },
	{ "from", TEXT, TO(struct lk_event, from) },
	{ "key", WORD, TO(struct lk_event, key_id), ID },
};

/* What lk_event_detail makes of a name in such an event. */
static int
kind_of(const struct lk_event *v, const char *name)
{
	struct lk_event	 probe;
	struct lk_detail d;
	size_t		 at = 0;

	memset(&probe, 0, sizeof(probe));
	memcpy(probe.event, v->event, sizeof(probe.event));
	snprintf(probe.details, sizeof(probe.details), "%s", name);
	return lk_event_detail(&probe, &at, &d) ? d.kind : LK_DETAIL_TEXT;
}

/* A value as the journal has it. */
static int
take_value(const struct lk_json_value *v, int kind, char *out, size_t size)
{
	struct lk_json_member	 m;
	uint64_t		 n;
	int64_t			 when = 0;
	int			 len;

	lk_json_look(v, &m);
	if (kind == LK_DETAIL_NETS)
		return m.kind != LK_JSON_LIST ? -1 :
		    take_words(v, m.n, ",", out, size);
	if (kind == LK_DETAIL_TIME) {
		if (take_time(&m, &when) != 0)
			return -1;
		len = snprintf(out, size, "%lld", (long long)when);
	} else if (kind == LK_DETAIL_NUMBER) {
		if (lk_answer_number(&m, &n) != 0)
			return -1;
		len = snprintf(out, size, "%llu", (unsigned long long)n);
	} else if (m.kind == LK_JSON_NULL)
		len = snprintf(out, size, "%s", "");
	else if (m.kind == LK_JSON_STRING)
		len = snprintf(out, size, "%.*s", (int)m.text.n, m.text.p);
	else
		return -1;
	return len >= 0 && (size_t)len < size ? 0 : -1;
}

/* name NUL value NUL …, and one more NUL at the end. */
static int
take_details(const struct lk_json_value *v, struct lk_event *out)
{
	const struct lk_json_value	*value;
	struct lk_json_member		 m;
	size_t				 n, used = 0;
	size_t				 size = sizeof(out->details) - 1;
	void				*at = NULL;

	lk_json_look(v, &m);
	if (m.kind != LK_JSON_OBJECT)
		return -1;
	while (lk_json_walk(v, &at, &m, &value)) {
		n = strlen(m.name) + 1;
		if (n == 1 || n >= size - used ||
		    !lk_utf8_plain(m.name, n - 1))
			return -1;
		memcpy(out->details + used, m.name, n);
		used += n;
		if (take_value(value, kind_of(out, m.name),
		    out->details + used, size - used) != 0)
			return -1;
		used += strlen(out->details + used) + 1;
		if (used > size)
			return -1;
	}
	return 0;
}

int
lk_answer_event(const struct lk_json_value *v, struct lk_event *out,
    struct lk_error *e)
{
	struct lk_json_member	 m;
	int			 r;

	memset(out, 0, sizeof(*out));
	if ((r = TAKE(v, "event", event_fields, out, e)) != 0)
		return r;
	if (take_details(lk_json_get(v, "details"), out) != 0)
		return lk_answer_wrong(e, "event", "details");
	lk_json_look(lk_json_get(v, "signed"), &m);
	if (m.kind != LK_JSON_BOOL)
		return lk_answer_wrong(e, "event", "signed");
	out->unsigned_line = m.number == 0;
	return 0;
}
