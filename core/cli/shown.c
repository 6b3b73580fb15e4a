#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "cli/key_out.h"
#include "cli/progress.h"
#include "cli/shown.h"

struct many {
	struct lk_cli		*c;
	struct lk_progress	 bar;
	uint64_t		 n, all;
	int			 why;	/* errno of what was not shown       */
};

int
lk_shown_write(const char *p, size_t n)
{
	ssize_t	 w;

	while (n != 0) {
		if ((w = write(STDOUT_FILENO, p, n)) == -1) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		p += w;
		n -= (size_t)w;
	}
	return 0;
}

/* Of the one object of --json, a member of its array. */
static void
add_member(struct lk_out *j, const char *token, const struct lk_key *key)
{
	lk_out_open(j, NULL, '{');
	lk_out_str(j, "token", token);
	lk_show_key(j, "key", key);
	lk_out_close(j, '}');
}

static int
show(void *arg, const char *token, const struct lk_key *key)
{
	struct many	*m = arg;
	struct lk_out	 j = LK_OUT_NONE, one = LK_OUT_NONE;
	int		 r;

	if (m->c->json) {
		lk_buf_str(&j.b, m->n == 0 ? "{\"keys\":[" : ",\n");
		add_member(&one, token, key);
		lk_buf_add(&j.b, one.b.p, one.b.n);
	} else
		lk_buf_fmt(&j.b, "%s\n", token);
	errno = ENOMEM;
	r = j.b.failed || one.b.failed ? -1 : lk_shown_write(j.b.p, j.b.n);
	m->why = r == 0 ? 0 : errno;
	lk_out_free(&one);
	lk_out_free(&j);
	if (r == 0)
		lk_progress_step(&m->bar, ++m->n, m->all);
	return r;
}

static int
failed(struct many *m, const struct lk_error *e)
{
	struct lk_cli	*c = m->c;
	struct lk_error	 full = *e;
	uint64_t	 n = m->n;
	int		 r;

	/* Standard output is gone, or has half of an object on it. */
	c->json = c->json && n == 0 && m->why == 0;
	if (e->code == LK_EIO && m->why != 0)
		snprintf(full.text, sizeof(full.text), "standard output: %s: "
		    "%.600s", strerror(m->why), e->text);
	r = lk_say_error(c, &full);
	if (n != 0)
		lk_say_note("%" PRIu64 " of %" PRIu64 " tokens were shown, and "
		    "their keys are there", n, m->all);
	return r;
}

int
lk_shown_many(struct lk_cli *c, const struct lk_generate *g, uint64_t n)
{
	struct many	 m = { .c = c, .all = n };
	struct lk_error	 e = { 0 };
	uint64_t	 shown;
	int		 r;

	lk_progress_start(&m.bar, "generate", "keys");
	/* On one terminal they would mix. */
	m.bar.on = m.bar.on && !isatty(STDOUT_FILENO);
	r = c->calls->generate_many(c, g, n, show, &m, &shown, &e);
	lk_progress_end(&m.bar);
	if (r != 0)
		return failed(&m, &e);
	if ((c->json && lk_shown_write("]}\n", 3) != 0) ||
	    close(STDOUT_FILENO) != 0) {
		c->json = 0;
		return lk_say(c, LK_EIO, "standard output: %s: some tokens "
		    "may be lost, and their keys are there: latchkey list %s "
		    "--account %s", strerror(errno), g->type, g->account);
	}
	lk_say_note("%" PRIu64 " keys of %s, type %s: their tokens are shown "
	    "this once", n, g->account, g->type);
	return 0;
}
