#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "import_row.h"
#include "import_text.h"

#define OWN	0x1			/* of export's records               */
#define NEEDED	0x2			/* it must be there and not be empty */
#define FOREIGN	0x4
#define BOTH	(OWN | FOREIGN)

/* In the order in which they are looked at. */
static const struct column {
	enum lk_column	 id;
	const char	*name;
	int		 flags;
	lk_column_fn	*read;
} columns[] = {
	{ LK_COLUMN_CHECK,	"check",	OWN | NEEDED,	lk_read_check },
	{ LK_COLUMN_TYPE,	"type",		BOTH | NEEDED,	lk_read_type },
	{ LK_COLUMN_ACCOUNT,	"account",	BOTH | NEEDED,
	    lk_read_account },
	{ LK_COLUMN_SHA256,	"sha256",	FOREIGN | NEEDED,
	    lk_read_sha256 },
	{ LK_COLUMN_ID,		"id",		OWN | NEEDED,	lk_read_id },
	{ LK_COLUMN_PEPPER,	"pepper",	OWN | NEEDED,
	    lk_read_pepper },
	{ LK_COLUMN_DIGEST,	"digest",	OWN | NEEDED,
	    lk_read_digest },
	{ LK_COLUMN_LABEL,	"label",	BOTH,		lk_read_label },
	{ LK_COLUMN_HINT,	"hint",		OWN | NEEDED,	lk_read_hint },
	{ LK_COLUMN_STATE,	"state",	OWN | NEEDED,	lk_read_state },
	{ LK_COLUMN_CREATED,	"created",	BOTH,
	    lk_read_created },
	{ LK_COLUMN_CREATED_BY,	"created_by",	OWN,
	    lk_read_created_by },
	{ LK_COLUMN_EXPIRES,	"expires",	BOTH,
	    lk_read_expires },
	{ LK_COLUMN_NOT_BEFORE,	"not_before",	OWN,
	    lk_read_not_before },
	{ LK_COLUMN_ADDRESSES,	"addresses",	BOTH,
	    lk_read_addresses },
	{ LK_COLUMN_PACKAGE,	"package",	OWN,
	    lk_read_package },
	{ LK_COLUMN_REPLACES,	"replaces",	OWN,
	    lk_read_replaces },
	{ LK_COLUMN_REPLACED_BY, "replaced_by",	OWN,
	    lk_read_replaced_by },
	{ LK_COLUMN_ROLE,	"role",		OWN,		lk_read_role },
};

#define NCOLUMNS	(sizeof(columns) / sizeof(columns[0]))

const char *
lk_column_name(enum lk_column c)
{
	size_t	 i;

	for (i = 0; i < NCOLUMNS; i++)
		if (columns[i].id == c)
			return columns[i].name;
	return "";
}

enum lk_column
lk_column_find(const char *name, struct lk_error *e)
{
	const char	*names[NCOLUMNS], *near;
	size_t		 i;

	for (i = 0; i < NCOLUMNS; i++) {
		if (strcmp(columns[i].name, name) == 0)
			return columns[i].id;
		names[i] = columns[i].name;
	}
	if ((near = lk_nearest(name, names, NCOLUMNS)) != NULL)
		lk_fail(e, LK_EDATA, "unknown column \"%.40s\": did you mean "
		    "\"%s\"?", name, near);
	else
		lk_fail(e, LK_EDATA, "unknown column \"%.40s\": an import "
		    "takes type, account, sha256 and, if they are there, "
		    "label, created, expires and addresses", name);
	return LK_COLUMNS;
}

int
lk_columns_check(unsigned set, int *own, struct lk_error *e)
{
	const struct column	*c;
	int			 form;
	size_t			 i;

	*own = (set & 1U << LK_COLUMN_DIGEST) != 0;
	form = *own ? OWN : FOREIGN;
	for (i = 0; i < NCOLUMNS; i++) {
		c = &columns[i];
		if ((set & 1U << c->id) == 0) {
			if ((c->flags & NEEDED) == 0 || (c->flags & form) == 0)
				continue;
			return lk_fail(e, LK_EDATA, "there is no column %s: "
			    "an import needs type, account and sha256, or "
			    "all that latchkey export wrote", c->name);
		}
		if ((c->flags & form) == 0)
			return lk_fail(e, LK_EDATA, *own ? "%s does not go "
			    "with digest" : "%s goes with digest alone, in "
			    "what latchkey export wrote", c->name);
	}
	return 0;
}

int
lk_rules_start(struct lk_rules *r, const struct lk *lk, struct lk_error *e)
{
	struct lk_hmac	*mac = NULL;
	uint8_t		 check[LK_MAC_SIZE];
	int		 code;

	memset(r, 0, sizeof(*r));
	r->lk = lk;
	r->snapshot = lk_held(lk);
	r->live = atomic_load(&lk->pepper);
	r->now = lk_store_now(lk->store);
	if ((code = lk_pepper_journal(r->live, &mac, check,
	    e)) != 0)
		return code;
	lk_hmac_free(&mac);
	lk_base64url(check, sizeof(check), r->check);
	return 0;
}

/* The texts of one record of ours; a foreign one has no more than these. */
static void
start(struct lk_row *row, const struct lk_rules *r)
{
	row->id = row->label = row->package = row->role = "";
	row->hint = LK_HINT_FOREIGN;
	row->created_by = NULL;
	row->pepper = lk_pepper_current(r->live);
	row->has_older = 0;
	row->replaces = row->replaced_by = NULL;
	row->disabled = 0;
	row->created = row->expires = row->not_before = 0;
	row->naddresses = 0;
}

static int
check_one(const struct column *c, struct lk_row *row, struct lk_rules *r,
    struct lk_error *e)
{
	const struct lk_slice	*text = &row->text[c->id];

	if (text->p == NULL || text->n == 0) {
		if ((c->flags & NEEDED) == 0 ||
		    (c->flags & (row->own ? OWN : FOREIGN)) == 0)
			return 0;
		return lk_fail(e, LK_EDATA, "%s is %s", c->name,
		    text->p == NULL ? "not there" : "empty");
	}
	if (memchr(text->p, '\0', text->n) != NULL)
		return lk_fail(e, LK_EDATA, "a NUL octet in %s: is it text "
		    "in UTF-8?", c->name);
	return c->read(row, r, text, e);
}

int
lk_row_check(struct lk_row *row, struct lk_rules *r, enum lk_column *at,
    struct lk_error *e)
{
	size_t	 i;
	int	 code;

	start(row, r);
	for (i = 0; i < NCOLUMNS; i++) {
		*at = columns[i].id;
		if ((code = check_one(&columns[i], row, r, e)) != 0)
			return code;
	}
	*at = LK_COLUMNS;
	return lk_row_agrees(row, r, e);
}
