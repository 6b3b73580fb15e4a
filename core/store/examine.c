#include <sys/stat.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "image.h"

/* Where findings go, and how many of them are faults. */
struct examine {
	const char	*dir;
	lk_finding_fn	 fn;
	void		*arg;
	unsigned	 faults;
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
	finding(arg, code, LK_JOURNAL_NAME, line, text);
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

/* Read what is acknowledged, and then what lies behind it. */
static int
read_all(struct lk_image *im, struct lk_error *e)
{
	struct stat	 st;
	int		 r;

	if ((r = lk_image_read(im, e)) == LK_IMAGE_AGAIN)
		return lk_fail(e, LK_EUNAVAIL, "%s was mended while it was "
		    "checked: what was found may be gone, check again",
		    im->folder.path);
	if (r != 0)
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
	finding(x, r, NULL, why->line, why->text);
	return total(x, e);
}

int
lk_store_examine(const struct lk_store_options *o, lk_finding_fn fn,
    void *arg, struct lk_error *e)
{
	struct examine		 x = { o->dir, fn, arg, 0 };
	struct lk_store_options	 own = *o;
	struct lk_error		 why = { 0 };
	struct lk_image		*im = NULL;
	int			 r;

	own.write = 0;
	if (own.io == NULL)
		own.io = &lk_io_system;
	if ((r = lk_image_open(&own, &im, &why)) != 0) {
		r = will_not_open(&x, r, &why, e);
		goto out;
	}
	im->load.fn = from_load;
	im->load.arg = &x;
	if ((r = read_all(im, &why)) < 0) {
		if (e != NULL)
			*e = why;
		goto out;
	}
	report_tail(&x, im);
	report_state(&x, im);
	r = total(&x, e);
out:
	lk_image_free(&im);
	lk_hmac_free(&own.mac);		/* handed over                       */
	return r;
}
