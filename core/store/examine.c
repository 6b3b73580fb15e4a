#include <sys/stat.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "attach.h"
#include "base/err.h"
#include "image.h"

#define TRIES	8			/* of a journal that writers disturb */

/* Where findings go, and how many of them are faults. */
struct examine {
	const char	*dir;
	lk_finding_fn	 fn;
	void		*arg;
	unsigned	 faults;
	struct lk_buf	 held;		/* struct held, of one reading       */
};

/* A finding of the journal, until all of it was read. */
struct held {
	int		 code;
	uint64_t	 line;
	const char	*text;
};

static void
finding(struct examine *x, int code, const char *name, uint64_t line,
    const char *text)
{
	struct lk_error	 f = { .code = code, .line = (unsigned)line };

	snprintf(f.file, sizeof f.file, "%s%s%s", x->dir,
	    name != NULL ? "/" : "", name != NULL ? name : "");
	snprintf(f.text, sizeof f.text, "%s", text);
	if (code != LK_NOTE)
		x->faults++;
	if (x->fn != NULL)
		x->fn(x->arg, &f, NULL);
}

static void
from_load(void *arg, int code, uint64_t line, const char *text)
{
	struct examine	*x = arg;
	struct held	 h = { code, line, text };

	lk_buf_add(&x->held, &h, sizeof h);
}

static int
report_journal(struct examine *x, struct lk_error *e)
{
	struct held	 h;
	size_t		 at;

	if (x->held.failed)
		return lk_fail(e, LK_ENOMEM, "no memory");
	for (at = 0; at < x->held.n; at += sizeof h) {
		memcpy(&h, x->held.p + at, sizeof h);
		finding(x, h.code, LK_JOURNAL_NAME, h.line, h.text);
	}
	return 0;
}

static void
report_state(struct examine *x, struct lk_image *im)
{
	struct lk_ack	 ack;
	int		 vouched = lk_state_read(&im->state, &ack);

	if (im->state.words == NULL)
		finding(x, LK_NOTE, LK_STATE_NAME, 0, "it is not there: the "
		    "next writer makes it; until then nothing tells whether "
		    "the journal was cut off");
	else if (vouched == -1)
		finding(x, LK_NOTE, LK_STATE_NAME, 0, "neither of its copies "
		    "is sound: the next writer writes one; until then nothing "
		    "tells whether the journal was cut off");
	else if (vouched == 0)
		finding(x, LK_NOTE, LK_STATE_NAME, 0, "it is of an earlier "
		    "boot: the next writer takes the journal as it is");
}

static void
report_tail(struct examine *x, struct lk_image *im)
{
	const struct lk_load	*l = &im->load;
	char			 text[256];

	if (l->end != LK_LOAD_TORN)
		return;
	snprintf(text, sizeof text, "a torn tail of %" PRIu64 " octets (%s), "
	    "which nobody was told was written: the next writer cuts it and "
	    "keeps it as torn.TIME", l->limit - l->pos.end, l->tail_why);
	finding(x, LK_NOTE, LK_JOURNAL_NAME, l->tail_line, text);
}

/* Of what is derived from the journal nothing is lost, but nobody is let in by
 * what cannot be read. */
static void
report_index(struct examine *x, struct lk_image *im)
{
	uint64_t	 g = 0, n = 0;
	char		 name[64], text[256];
	int		 r;

	if (im->state.words == NULL ||
	    (r = lk_image_faults(im, &g, &n)) == LK_ENOTFOUND)
		return;
	if (r == 0 && n == 0)
		return;
	if (r != 0)
		g = lk_state_generation(&im->state);
	snprintf(name, sizeof name, "index.%" PRIu64, g);
	if (r != 0) {
		finding(x, LK_NOTE, name, 0, "it cannot be read: the next "
		    "writer makes it anew; until then each process reads the "
		    "journal");
		return;
	}
	snprintf(text, sizeof text, "%" PRIu64 " place%s of it cannot be read, "
	    "and who needs one is refused with error: make it anew (latchkey "
	    "store rebuild)", n, n == 1 ? "" : "s");
	finding(x, LK_EDAMAGE, name, 0, text);
}

/* Read what is acknowledged, and then what lies behind it. */
static int
read_all(struct lk_image *im, struct lk_error *e)
{
	struct stat	 st;
	int		 r;

	if ((r = lk_image_read(im, e)) != 0)
		return r;
	if (im->load.end != LK_LOAD_WHOLE ||
	    im->folder.io->fstat(im->folder.io->ctx, im->fd, &st) != 0 ||
	    (uint64_t)st.st_size <= im->load.pos.end)
		return 0;
	return lk_image_read_tail(im, (uint64_t)st.st_size, e);
}

static int
total(const struct examine *x, struct lk_error *e)
{
	if (x->faults == 0)
		return 0;
	return lk_fail(e, LK_EDAMAGE, "%u fault%s in %s", x->faults,
	    x->faults == 1 ? "" : "s", x->dir);
}

/* What keeps the store from opening is a finding, if there is a store. */
static int
will_not_open(struct examine *x, int r, const struct lk_error *why,
    struct lk_error *e)
{
	if (r != LK_ECONFIG && r != LK_EDAMAGE && r != LK_EUNAVAIL) {
		if (e != NULL)
			*e = *why;
		return r;
	}
	finding(x, r, why->file[0] != '\0' ? LK_JOURNAL_NAME : NULL,
	    why->line, why->text);
	return total(x, e);
}

/* Open and read, anew when a writer cut or mended what was being read. */
static int
read_anew(struct examine *x, const struct lk_store_options *o,
    struct lk_image **out, int *opened, struct lk_error *e)
{
	int	 i, r = LK_IMAGE_AGAIN;

	for (i = 0; i < TRIES && r == LK_IMAGE_AGAIN; i++) {
		lk_image_free(out);
		lk_buf_reset(&x->held);
		*opened = 0;
		if ((r = lk_image_open(o, out, e)) != 0)
			return r;
		*opened = 1;
		(*out)->load.fn = from_load;
		(*out)->load.arg = x;
		r = read_all(*out, e);
	}
	if (r == LK_IMAGE_AGAIN)
		r = lk_fail(e, LK_EUNAVAIL, "%s changes while it is read",
		    o->dir);
	return r;
}

static int
report(struct examine *x, struct lk_image *im, struct lk_error *e)
{
	int	 r;

	if ((r = report_journal(x, e)) != 0)
		return r;
	report_tail(x, im);
	report_state(x, im);
	report_index(x, im);
	return total(x, e);
}

int
lk_store_examine(const struct lk_store_options *o, lk_finding_fn fn,
    void *arg, struct lk_error *e)
{
	struct examine		 x = { .dir = o->dir, .fn = fn, .arg = arg };
	struct lk_store_options	 own = *o;
	struct lk_error		 why = { 0 };
	struct lk_image		*im = NULL;
	int			 r, opened;

	own.write = 0;
	if (own.io == NULL)
		own.io = &lk_io_system;
	r = read_anew(&x, &own, &im, &opened, &why);
	if (r == 0)
		r = report(&x, im, e);
	else if (!opened)
		r = will_not_open(&x, r, &why, e);
	else if (e != NULL)
		*e = why;
	lk_image_free(&im);
	lk_buf_free(&x.held);
	lk_hmac_free(&own.mac);		/* handed over                       */
	return r;
}
