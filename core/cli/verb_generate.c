/*
 * generate: make a key and show its token, once.
 *
 * What could not be shown is of no use to anybody: such a key is
 * deleted in the same run.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/key_out.h"
#include "cli/shown.h"
#include "cli/text_out.h"
#include "cli/verbs.h"

#define USAGE_MAX	1024	/* octets of the line that says how to send */

static const struct lk_opt opts[] = {
	{ "account", "A", "the account that will hold the key" },
	{ "label", "TEXT", "a word for people, at most 128 octets" },
	{ "expires", "WHEN", "90d, 24h, 15m, 30s or RFC 3339" },
	{ "not-before", "WHEN", "refused until then; likewise" },
	{ "allow", "CIDR", "address or network it may come from; may be "
	    "given again", 0, 1 },
	{ "role", "R", "of an operator's key: what its bearer may do" },
	{ "count", "N", "so many keys alike, for load; 1 to 1000000" },
	{ "accept-clock", NULL, "write although the clock is far off the "
	    "journal" },
	{ NULL }
};

/* What is shown, and all that is wiped after it. */
struct made {
	struct lk_key	 key;
	char		 token[LK_TOKEN_MAX + 1];
	char		 usage[USAGE_MAX];
};

/* A time to come, of the option of that name; 0 when it was not given. */
static int
read_when(struct lk_cli *c, const char *name, int64_t *when)
{
	const char	*text = lk_args_value(c, name);
	int64_t		 seconds;

	*when = 0;
	if (text == NULL)
		return 0;
	if (lk_duration_parse(text, strlen(text), &seconds) == 0) {
		if (seconds <= 0 ||
		    __builtin_add_overflow(lk_clock_now(), seconds, when))
			return lk_say(c, LK_EDATA, "--%s %s is no time to "
			    "come", name, text);
		return 0;
	}
	if (lk_time_parse(text, strlen(text), when) == 0) {
		/* 0 is 1970 here, but "never" to lk_generate. */
		if (*when != 0)
			return 0;
		return lk_say(c, LK_EDATA, "--%s %s is no time to come", name,
		    text);
	}
	return lk_say(c, LK_EDATA, "--%s %s is neither a duration (90d, 24h, "
	    "15m, 30s) nor a time (2027-01-31T00:00:00Z)", name, text);
}

static int
read_allow(struct lk_cli *c, struct lk_net *nets, size_t *n)
{
	const char	*text;
	size_t		 at = 0;

	*n = 0;
	while ((text = lk_args_next(c, "allow", &at)) != NULL) {
		if (*n == LK_ADDRESSES_MAX)
			return lk_say(c, LK_EDATA, "at most %d times --allow "
			    "a key", LK_ADDRESSES_MAX);
		if (lk_net_parse(text, strlen(text), &nets[(*n)++]) != 0)
			return lk_say(c, LK_EDATA, "--allow %s is no address "
			    "and no network (192.0.2.7, 10.0.0.0/8, "
			    "2001:db8::/32)", text);
	}
	return 0;
}

static int
show_made(struct lk_cli *c, const struct made *m)
{
	struct lk_out	 j = LK_OUT_NONE;
	int		 r;

	if (c->json) {
		lk_out_open(&j, NULL, '{');
		lk_out_str(&j, "token", m->token);
		lk_show_key(&j, "key", &m->key);
		lk_out_close(&j, '}');
	} else
		lk_buf_str(&j.b, m->token);
	lk_buf_add(&j.b, "\n", 1);
	errno = ENOMEM;
	r = j.b.failed ? -1 : lk_shown_write(j.b.p, j.b.n);
	if (r == 0)
		r = close(STDOUT_FILENO);
	lk_out_free(&j);
	return r;
}

static int
take_back(struct lk_cli *c, const struct made *m, int why)
{
	const char	*id = m->key.id;
	struct lk_error	 e = { 0 };
	int		 r;

	r = c->calls->take_back(c, id, &e);
	/* Standard output is gone: no object of the error goes there. */
	c->json = 0;
	if (r == 0)
		return lk_say(c, LK_EIO, "standard output: %s: the token "
		    "could not be shown, so key %s was deleted again",
		    strerror(why), id);
	return lk_say(c, LK_EIO, "standard output: %s: the token could not be "
	    "shown, and key %s is still there: latchkey delete %s (%s)",
	    strerror(why), id, id, e.text);
}

static void
hint(const struct made *m)
{
	fprintf(stderr, "key %s of %s, type %s: its token is shown this once\n",
	    m->key.id, m->key.account, m->key.type);
	if (m->usage[0] == '\0')
		return;
	fputs("send it: ", stderr);
	lk_text_put(stderr, m->usage);
	fputc('\n', stderr);
}

/* 0: one alone, in the form of one. */
static int
read_count(struct lk_cli *c, uint64_t *n)
{
	const char	*text = lk_args_value(c, "count");
	char		*end;

	*n = 0;
	if (text == NULL)
		return 0;
	errno = 0;
	*n = strtoull(text, &end, 10);
	if (errno == 0 && *end == '\0' && *text >= '0' && *text <= '9' &&
	    *n >= 1 && *n <= LK_GENERATE_MAX)
		return 0;
	return lk_say(c, LK_EUSAGE, "--count %s is no number from 1 to %d",
	    text, LK_GENERATE_MAX);
}

static int
no_type(struct lk_cli *c, const struct lk_generate *g, const char *mean)
{
	return lk_say(c, LK_EUSAGE, "no type %s in %s%s%s", g->type,
	    c->policy, mean, *mean == '\0' ? " (latchkey types)" : "");
}

static int
make(struct lk_cli *c, const struct lk_generate *g, struct made *m)
{
	struct lk_error	 e = { 0 };
	const char	*mean = "";
	int		 r;

	r = c->calls->generate(c, g, m->token, &m->key, m->usage,
	    sizeof(m->usage), &e);
	if (r == LK_EUSAGE && !lk_enter_type(c, g->type, &mean))
		return no_type(c, g, mean);
	if (r != 0)
		return lk_say_error(c, &e);
	if (show_made(c, m) != 0)
		return take_back(c, m, errno);
	if (!c->json)
		hint(m);
	return 0;
}

static int
run(struct lk_cli *c)
{
	static struct lk_net	 nets[LK_ADDRESSES_MAX];
	static struct made	 m;
	struct lk_generate	 g = { .size = sizeof(g) };
	const char		*mean = "";
	uint64_t		 n;
	int			 r;

	g.type = c->words[0];
	g.account = lk_args_value(c, "account");
	g.label = lk_args_value(c, "label");
	g.role = lk_args_value(c, "role");
	g.addresses = nets;
	g.accept_clock = lk_args_has(c, "accept-clock");
	if (g.account == NULL)
		return lk_say(c, LK_EUSAGE, "generate needs --account: "
		    "latchkey generate %s --account A", g.type);
	if ((r = read_when(c, "expires", &g.expires)) != 0 ||
	    (r = read_when(c, "not-before", &g.not_before)) != 0 ||
	    (r = read_allow(c, nets, &g.naddresses)) != 0)
		return r;
	if ((r = read_count(c, &n)) != 0 || (r = lk_enter_open(c, 0, 0)) != 0)
		return r;
	if (n != 0)
		return lk_enter_type(c, g.type, &mean) ?
		    lk_shown_many(c, &g, n) : no_type(c, &g, mean);
	r = make(c, &g, &m);
	lk_wipe(&m, sizeof(m));
	return r;
}

const struct lk_verb lk_verb_generate = {
	.name = "generate",
	.synopsis = "TYPE --account A [--label TEXT] [--expires WHEN] "
	    "[--not-before WHEN] [--allow CIDR]... [--role R] [--count N] "
	    "[--accept-clock]",
	.summary = "make a key and show its token, once",
	.example = "latchkey generate ucd --account acme --label 'CRM' "
	    "--expires 90d",
	.opts = opts,
	.min = 1,
	.max = 1,
	.run = run,
};
