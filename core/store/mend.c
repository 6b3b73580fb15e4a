/*
 * mend.c: a damaged journal without the lines that somebody accepts as lost.
 */
#include <sys/stat.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "inner.h"
#include "mend.h"
#include "swap.h"

#define TRIES	8			/* of a journal that writers disturb */

/* ------------------------------------------------------------------ faults */

/* Of these the line is named behind which, or before which, it is. */
static int
is_before(const char *why)
{
	static const char *const	 words[] = { "the batch before it",
					    "the journal was cut",
					    "the journal ends before",
					    "of the lines without a MAC" };
	size_t				 i;

	for (i = 0; i < sizeof words / sizeof *words; i++)
		if (strncmp(why, words[i], strlen(words[i])) == 0)
			return 1;
	return 0;
}

static void
take_fault(void *arg, int code, uint64_t line, const char *why)
{
	struct lk_fault	 f = { line, why, is_before(why) };

	if (code == LK_EDAMAGE)
		lk_buf_add(arg, &f, sizeof f);
}

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

/* sound: all that is sound of it, for lk_image_free, or NULL. */
static int
find_faults(const struct lk_store_options *o, struct lk_buf *out,
    struct lk_image **sound, struct lk_error *e)
{
	struct lk_store_options	 own = *o;
	struct lk_image		*im = NULL;
	int			 i, r = LK_IMAGE_AGAIN;

	own.write = own.remove = 0;
	for (i = 0; i < TRIES && r == LK_IMAGE_AGAIN; i++) {
		lk_buf_reset(out);
		if ((r = lk_image_open(&own, &im, e)) != 0)
			return r;
		im->load.fn = take_fault;
		im->load.arg = out;
		r = read_all(im, e);
		im->load.fn = NULL;
		if (r != 0)
			lk_image_free(&im);
	}
	if (r == LK_IMAGE_AGAIN)
		return lk_fail(e, LK_EUNAVAIL, "%s changes while it is read",
		    o->dir);
	if (r == 0 && out->failed)
		r = lk_fail(e, LK_ENOMEM, "no memory");
	if (r == 0 && sound != NULL) {
		*sound = im;
		im = NULL;
	}
	lk_image_free(&im);
	return r;
}

int
lk_mend_faults(const struct lk_store_options *o, struct lk_buf *out,
    struct lk_error *e)
{
	return find_faults(o, out, NULL, e);
}

/* ------------------------------------------------------------------ accept */

/* A line that is accepted as lost. */
struct lost {
	uint64_t	 line;
	uint64_t	 octets;
	int		 before;
	uint8_t		 sha256[LK_DIGEST_SIZE];
};

struct accepting {
	struct lost	*lost;		/* in the order of lines             */
	size_t		 n;
	struct lk_image	*sound;		/* of the sound lines alone          */
};

static struct lost *
lost_at(const struct accepting *a, uint64_t line)
{
	size_t	 i;

	for (i = 0; i < a->n; i++)
		if (a->lost[i].line == line)
			return &a->lost[i];
	return NULL;
}

static void
describe(struct lost *l, const struct lk_raw *raw)
{
	l->octets = raw->n;
	if (lk_sha256(raw->p, raw->n, l->sha256) != 0)
		memset(l->sha256, 0, sizeof l->sha256);
}

static int
is_accepted(void *arg, const struct lk_lines *x, const char *why)
{
	struct lost	*l = lost_at(arg, x->at);

	(void)why;
	if (l == NULL || l->before)
		return 0;
	describe(l, &x->raw);
	return 1;
}

/* What was made by a line that is lost has nothing left to end.  The store's
 * own index may be older than the damage, and have it. */
static int
has_key(const struct accepting *a, const char *id)
{
	struct lk_found	 k;

	return lk_index_id(a->sound->index, id, LK_KEYID_LEN, &k) == 1;
}

static int
keep(void *arg, struct lk_swap *w, struct lk_error *e)
{
	const struct lk_line	*l = &w->src.line;
	struct lost		*lost = lost_at(arg, w->src.at);

	(void)e;
	/* Sound by itself, but it cannot be: a key made twice. */
	if (lost != NULL && !lost->before) {
		describe(lost, &w->src.raw);
		return 0;
	}
	if (l->key_id[0] == '\0' || l->kind == LK_EVENT_GENERATE)
		return 1;
	return has_key(arg, l->key_id);
}

static int
end(void *arg, struct lk_swap *w, struct lk_error *e)
{
	const struct accepting	*a = arg;
	struct lk_buf		 body = LK_BUF_NONE;
	char			 digest[64];
	size_t			 i;
	int			 r = 0;

	for (i = 0; i < a->n && r == 0; i++) {
		lk_buf_reset(&body);
		lk_base64url(a->lost[i].sha256, sizeof a->lost[i].sha256,
		    digest);
		lk_line_begin(&body, LK_EVENT_ACCEPT, w->actor, w->from,
		    NULL);
		lk_swap_add_head(w, &body);
		lk_line_attr_number(&body, "line", (int64_t)a->lost[i].line);
		lk_line_attr_number(&body, "octets",
		    (int64_t)a->lost[i].octets);
		lk_line_attr(&body, "digest", digest);
		lk_line_attr(&body, "file", w->file);
		r = lk_swap_event(w, &body, e);
	}
	lk_buf_free(&body);
	return r;
}

/* Each line that is accepted is a fault, and each fault is accepted. */
static int
match(const struct lk_store *s, struct accepting *a,
    const struct lk_buf *faults, struct lk_error *e)
{
	const struct lk_fault	*f = (const void *)faults->p;
	size_t			 i, j, n = faults->n / sizeof *f;
	struct lost		*l;

	for (i = 0; i < a->n; i++) {
		for (j = 0; j < n && f[j].line != a->lost[i].line; j++)
			;
		if (j == n)
			return lk_journal_fail(e, LK_ENOTFOUND, s->o.dir,
			    a->lost[i].line, "this line is not damaged: "
			    "nothing was changed (latchkey store check)");
	}
	for (j = 0; j < n; j++) {
		if ((l = lost_at(a, f[j].line)) == NULL)
			return lk_journal_fail(e, LK_EDAMAGE, s->o.dir,
			    f[j].line, "%s: it was not accepted as lost, so "
			    "nothing was changed (--accept %" PRIu64 ")",
			    f[j].why, f[j].line);
		l->before = f[j].before;
	}
	return 0;
}

static int
prepare(struct lk_store *s, struct accepting *a, const uint64_t *lines,
    size_t n, struct lk_error *e)
{
	struct lk_buf	 faults = LK_BUF_NONE;
	size_t		 i;
	int		 r;

	if (n == 0)
		return lk_fail(e, LK_EUSAGE, "no line was given");
	if ((a->lost = calloc(n, sizeof *a->lost)) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory");
	for (i = 0; i < n; i++)
		if (lost_at(a, lines[i]) == NULL) {
			a->lost[a->n++].line = lines[i];
			(void)lk_sha256("", 0, a->lost[a->n - 1].sha256);
		}
	if ((r = find_faults(&s->o, &faults, &a->sound, e)) == 0)
		r = match(s, a, &faults, e);
	lk_buf_free(&faults);
	return r;
}

int
lk_store_accept(struct lk_store *s, const char *actor, const char *from,
    const uint64_t *lines, size_t n, lk_progress_fn progress, void *arg,
    struct lk_swapped *out, struct lk_error *e)
{
	struct accepting	 a = { NULL, 0, NULL };
	struct lk_swap_job	 job = { .mend = 1, .accept = is_accepted,
				     .keep = keep, .end = end, .arg = &a,
				     .progress = progress,
				     .progress_arg = arg };
	struct lk_swap		 w = { .before = 0 };
	int			 r;

	if (s->o.mac == NULL)
		return lk_fail(e, LK_ECONFIG, "the pepper is needed to write "
		    "the journal anew, and it is not at hand");
	if ((r = prepare(s, &a, lines, n, e)) == 0)
		r = lk_swap_run(&w, s, actor, from, &job, e);
	lk_image_free(&a.sound);
	free(a.lost);
	out->before = w.before;
	out->after = w.kept;
	memcpy(out->file, w.file, sizeof w.file);
	return r;
}
