/*
 * rotate: a successor for a key, whose token is shown once; the key itself goes
 * on for a while.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/key_out.h"
#include "cli/shown.h"
#include "cli/verbs.h"

static const struct lk_opt opts[] = {
	{ "grace", "TIME", "how long the old key lives on: 0 or up to 30d; 24h "
	    "when not given" },
	{ "accept-clock", NULL, "write although the clock is far off the "
	    "journal" },
	{ NULL }
};

struct shown {
	struct lk_cli	*c;
	struct lk_key	 key;
	int		 why;		/* errno of what was not shown       */
};

static int
show(void *arg, const char *token, const struct lk_key *key)
{
	struct shown	*s = arg;
	struct lk_out	 j = LK_OUT_NONE;
	int		 r;

	s->key = *key;
	if (s->c->json) {
		lk_out_open(&j, NULL, '{');
		lk_out_str(&j, "token", token);
		lk_show_key(&j, "key", key);
		lk_out_close(&j, '}');
	} else
		lk_buf_str(&j.b, token);
	lk_buf_add(&j.b, "\n", 1);
	errno = ENOMEM;
	r = j.b.failed ? -1 : lk_shown_write(j.b.p, j.b.n);
	if (r == 0)
		r = close(STDOUT_FILENO);
	s->why = r == 0 ? 0 : errno;
	lk_out_free(&j);
	return r;
}

static int
failed(const struct shown *s, const struct lk_error *e)
{
	if (s->why == 0)
		return lk_say_error(s->c, e);
	/* Standard output is gone: no object of the error goes there. */
	s->c->json = 0;
	return lk_say(s->c, e->code, "standard output: %s: %.700s",
	    strerror(s->why), e->text);
}

static void
hint(const struct shown *s)
{
	struct lk_error	 e = { 0 };
	struct lk_key	 old;
	char		 when[32];

	fprintf(stderr, "key %s of %s, type %s, takes the place of %s: its "
	    "token is shown this once\n", s->key.id, s->key.account,
	    s->key.type, s->key.replaces);
	if (s->c->calls->show(s->c, s->key.replaces, &old, &e) == 0)
		fprintf(stderr, "key %s lives until %s\n", old.id,
		    lk_key_time(old.expires, when, sizeof(when)));
}

static int
run(struct lk_cli *c)
{
	static struct shown	 s;
	struct lk_rotate	 o = { .size = sizeof(o),
				     .grace = LK_GRACE_DEFAULT };
	struct lk_error		 e = { 0 };
	int			 r;

	o.id = c->words[0];
	o.accept_clock = lk_args_has(c, "accept-clock");
	if ((r = lk_args_duration(c, "grace", 1, &o.grace)) != 0 ||
	    (r = lk_enter_open(c, 0, 0)) != 0)
		return r;
	s.c = c;
	if (c->calls->rotate(c, &o, show, &s, &e) != 0)
		return failed(&s, &e);
	if (!c->json)
		hint(&s);
	return 0;
}

const struct lk_verb lk_verb_rotate = {
	.name = "rotate",
	.synopsis = "KEYID [--grace TIME] [--accept-clock]",
	.summary = "make a successor of a key, which lives on for a while",
	.example = "latchkey rotate 4fJx0aPq9ZrT --grace 24h",
	.opts = opts,
	.min = 1,
	.max = 1,
	.run = run,
};
