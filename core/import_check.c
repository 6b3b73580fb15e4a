/*
 * import_check.c: the first pass: is each record of an import good, alone and
 * beside the others?
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <inttypes.h>
#include <string.h>

#include "base/err.h"
#include "import_inner.h"
#include "operator.h"

#define STEP	4096			/* records from progress to progress */

struct checking {
	struct lk_importing	*m;
	struct lk_seen		 seen;
	struct lk_tally		 tally;
};

/* --------------------------------------------------------- of other records */

static int
note(struct checking *c, const uint8_t octets[LK_SEEN_OCTETS],
    const char *what, struct lk_error *e)
{
	int64_t	 line;

	line = lk_seen_add(&c->seen, octets, c->m->reader.record.line);
	if (line == 0)
		return 0;
	if (line < 0)
		return lk_fail(e, LK_ENOMEM, "no memory");
	return lk_fail(e, LK_EDATA, "%s is that of line %" PRId64, what,
	    line);
}

/* A key takes the place of one other. */
static int
check_successor(struct checking *c, struct lk_error *e)
{
	const struct lk_row	*row = &c->m->row;
	uint8_t			 octets[LK_SEEN_OCTETS];

	if (row->replaced_by == NULL)
		return 0;
	lk_seen_rotated(row->replaced_by, octets);
	return note(c, octets, "its successor", e);
}

static int
check_twins(struct checking *c, struct lk_error *e)
{
	const struct lk_row	*row = &c->m->row;
	uint8_t			 id[LK_SEEN_OCTETS];
	int			 r;

	if ((r = note(c, row->digest, row->own ? "its digest" : "its sha256",
	    e)) != 0)
		return r;
	if (!row->own)
		return 0;
	lk_seen_id(row->id, id);
	return note(c, id, "its id", e);
}

/* ------------------------------------------------------------ of an account */

/* What is in the store of an account that is met for the first time. */
static int
recall(struct checking *c, struct lk_tally_one *one, struct lk_error *e)
{
	const struct lk_row	*row = &c->m->row;
	struct lk_store		*s = c->m->lk->store;
	char			 package[LK_NAME_MAX + 1];
	int64_t			 held = 0;
	int			 r;

	if ((r = lk_store_account(s, row->account, package)) == 0)
		c->m->accounts++;
	else if (r == 1)
		held = lk_store_count(s, row->type->type->name, row->account,
		    c->m->rules.now);
	if (r == -1 || held < 0)
		return lk_fail(e, LK_EUNAVAIL, "the store cannot tell how "
		    "many keys %s holds (latchkey store check)", row->account);
	one->held = (uint32_t)held;
	return 0;
}

/*
 * Will one more count when it is taken?  1, 0; -1 no memory.  Of a pair that is
 * imported the first one does, whichever that is.
 */
static int
is_more(struct checking *c)
{
	const struct lk_row	*row = &c->m->row;
	struct lk_new_key	 k = { .id = row->id,
				     .type = row->type->type->name,
				     .account = row->account,
				     .expires = row->expires,
				     .replaces = row->replaces,
				     .replaced_by = row->replaced_by };
	uint8_t			 octets[LK_SEEN_OCTETS];
	int64_t			 line = 0;

	if (row->expires != 0 && row->expires <= c->m->rules.now)
		return 0;
	if (row->replaces == NULL && row->replaced_by == NULL)
		return 1;
	lk_seen_heir(row->replaced_by != NULL ? row->replaced_by : row->id,
	    row->account, row->type->type->index, octets);
	line = lk_seen_add(&c->seen, octets, c->m->reader.record.line);
	if (line != 0)
		return line > 0 ? 0 : -1;
	return lk_store_counts_new(c->m->lk->store, &k, c->m->rules.now);
}

static int
check_limit(struct checking *c, struct lk_error *e)
{
	const struct lk_row	*row = &c->m->row;
	unsigned		 limit = row->type->type->limit;
	struct lk_tally_one	*one;
	int			 more, new, r;

	one = lk_tally_get(&c->tally, row->account, row->type->type->index,
	    &new);
	if (one == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory");
	if (new && (r = recall(c, one, e)) != 0)
		return r;
	if ((more = is_more(c)) < 0)
		return lk_fail(e, LK_ENOMEM, "no memory");
	if (more == 0)
		return 0;
	if (limit != 0 && one->held + one->added >= limit)
		return lk_fail(e, LK_EDATA, "%s may hold %u %s keys: %u are "
		    "there, and %u stand above this one", row->account, limit,
		    row->type->type->name, one->held, one->added);
	one->added++;
	return 0;
}

/* An account that the import makes has one package: that of all its records. */
static int
check_one_package(struct checking *c, struct lk_error *e)
{
	const struct lk_row	*row = &c->m->row;
	const struct lk_policy	*p = c->m->rules.snapshot->policy;
	struct lk_tally_one	*one;
	uint32_t		 package = 0;
	int			 new;

	if (row->package[0] != '\0')
		package = (uint32_t)lk_policy_package(p, row->package) + 1;
	one = lk_tally_get(&c->tally, row->account, LK_TALLY_PACKAGE, &new);
	if (one == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory");
	if (new)
		one->held = package;
	if (one->held == package)
		return 0;
	return lk_fail(e, LK_EDATA, "%s has %s in a record above, and %s here: "
	    "an account has one package", row->account, one->held == 0 ?
	    "none" : p->packages[one->held - 1].name, package == 0 ? "none" :
	    row->package);
}

/* An account keeps the package that it has here. */
static int
check_package(struct checking *c, struct lk_error *e)
{
	struct lk_importing	*m = c->m;
	char			 is[LK_NAME_MAX + 1];
	int			 r;

	if (!m->row.own)
		return 0;
	r = lk_store_account(m->lk->store, m->row.account, is);
	if (r == 0 && (r = check_one_package(c, e)) != 0)
		return r;
	if (m->row.package[0] == '\0')
		return 0;
	if (r == 1 && strcmp(is, m->row.package) != 0)
		return lk_fail(e, LK_EDATA, "%s has the package %s here, not "
		    "%s (latchkey account set)", m->row.account,
		    is[0] != '\0' ? is : "that is the default",
		    m->row.package);
	if (r != 0 || m->may_accounts)
		return 0;
	m->may_accounts = 1;
	return lk_operator_may(m->lk, m->op, LK_MAY_ACCOUNTS, e);
}

/* Who imports a key of an operator makes it as who generates one does. */
static int
check_role(struct checking *c, struct lk_error *e)
{
	const struct lk_importing	*m = c->m;

	return lk_operator_give(m->rules.snapshot->policy, m->row.type->type,
	    m->op, m->row.role, e);
}

/* ----------------------------------------------------------------- the pass */

/* 0; LK_EDATA, it is bad; or what ends the import. */
static int
check_row(struct checking *c, enum lk_column *at, struct lk_error *e)
{
	struct lk_importing	*m = c->m;
	int			 r;

	if ((r = lk_row_check(&m->row, &m->rules, at, e)) != 0)
		return r;
	*at = m->row.own ? LK_COLUMN_DIGEST : LK_COLUMN_SHA256;
	if ((r = check_twins(c, e)) != 0 ||
	    (r = lk_import_there(m, e)) < 0)
		return r;
	if (r == 1) {
		m->n->there++;
		return 0;
	}
	*at = LK_COLUMN_REPLACED_BY;
	if ((r = check_successor(c, e)) != 0)
		return r;
	*at = LK_COLUMN_ROLE;
	if ((r = check_role(c, e)) != 0)
		return r;
	/* What is bad for its package does not count against a limit. */
	*at = LK_COLUMN_PACKAGE;
	if ((r = check_package(c, e)) != 0)
		return r;
	*at = LK_COLUMN_ACCOUNT;
	if ((r = check_limit(c, e)) != 0)
		return r;
	m->n->fresh++;
	m->n->expired += m->row.expires != 0 &&
	    m->row.expires <= m->rules.now;
	return 0;
}

/* What is told of how far it is; and how many there will be, once a few were
 * read.  No memory for all of them now may be one for those that come. */
static void
step(struct checking *c)
{
	struct lk_importing	*m = c->m;
	uint64_t		 done = lk_feed_done(&m->reader.feed);

	if (m->n->records == STEP && done > 0)
		(void)lk_seen_expect(&c->seen, m->octets / done * STEP);
	if (m->o->progress != NULL)
		m->o->progress(m->o->progress_arg, 0, done, m->octets);
}

/* 1 go on, 0 the end, or what ends the import. */
static int
check_next(struct checking *c, struct lk_error *e)
{
	struct lk_importing	*m = c->m;
	enum lk_column		 at = LK_COLUMNS;
	int			 r;

	if ((r = lk_import_read(&m->reader, &m->row, e)) == 0)
		return 0;
	m->n->records++;
	if (r == 1 && (r = check_row(c, &at, e)) == 0)
		return 1;
	if (r != LK_EDATA)
		return lk_import_fatal(m, at, e);
	lk_import_bad(m, at, e);
	return 1;
}

static int
check_all(struct checking *c, struct lk_error *e)
{
	struct lk_importing	*m = c->m;
	int			 r;

	if ((r = lk_import_reader_start(&m->reader, m->fd, m->start,
	    m->o->format, e)) != 0)
		return lk_import_fatal(m, LK_COLUMNS, e);
	m->rules.csv = !m->reader.jsonl;
	do {
		r = check_next(c, e);
		if (m->n->records % STEP == 0)
			step(c);
	} while (r == 1);
	return r;
}

int
lk_import_check(struct lk_importing *m, struct lk_error *e)
{
	struct checking	 c = { .m = m, .tally = LK_TALLY_NONE };
	int		 r;

	r = check_all(&c, e);
	lk_import_reader_end(&m->reader);
	lk_seen_free(&c.seen);
	lk_tally_free(&c.tally);
	return r;
}
