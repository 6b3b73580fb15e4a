/*
 * remake.c: the index anew, from a journal that is read from its first line.
 */
#include <stdlib.h>
#include <string.h>

#include "attach.h"
#include "base/err.h"
#include "batch_inner.h"
#include "grow.h"

#define CHUNK	1048576			/* octets                            */

/* Newlines, which the first guess of the size is made of.  Who acknowledged
 * them has counted them; to read a large journal twice takes long. */
static int
count_lines(const struct lk_image *im, uint64_t *lines, struct lk_error *e)
{
	const struct lk_io	*io = im->folder.io;
	const char		*at, *end;
	uint64_t		 off = 0;
	struct lk_ack		 ack;
	ssize_t			 n;
	char			*p;

	if (lk_state_read(&im->state, &ack) == 1) {
		*lines = ack.lines;
		return 0;
	}
	*lines = 0;
	if ((p = malloc(CHUNK)) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory");
	while ((n = lk_io_read_at(io, im->fd, p, CHUNK, (off_t)off)) > 0) {
		off += (uint64_t)n;
		for (at = p, end = p + n; (at = memchr(at, '\n',
		    (size_t)(end - at))) != NULL; at++)
			++*lines;
	}
	free(p);
	return n == 0 ? 0 : lk_fail_errno(e, LK_EIO, "%s/%s cannot be read",
	    im->folder.path, LK_JOURNAL_NAME);
}

static int
read_all(struct lk_image *im, lk_progress_fn progress, void *arg,
    struct lk_error *e)
{
	uint64_t	 lines;
	int		 r;

	if ((r = count_lines(im, &lines, e)) != 0 ||
	    (r = lk_image_fill_file(im, lines, e)) != 0)
		return r;
	im->load.progress = progress;
	im->load.progress_arg = arg;
	r = lk_image_read(im, e);
	im->load.progress = NULL;
	if (r == LK_IMAGE_AGAIN)
		r = lk_fail(e, LK_EAGAIN, "%s was changed by hand meanwhile",
		    im->folder.path);
	return r;
}

static int
note_damage(const struct lk_store *s, const struct lk_load *l,
    struct lk_error *e)
{
	if (l->faults == 0)
		return 0;
	lk_journal_fail(e, LK_NOTE, s->o.dir, l->fault_line, "%s: keys may be "
	    "missing or unsure (latchkey store check)", l->fault_why);
	return 1;
}

/* With the lock held, so that nobody writes meanwhile. */
static int
remake(struct lk_store *s, lk_progress_fn progress, void *arg,
    struct lk_error *e)
{
	struct lk_image	*im = NULL;
	int		 r;

	if ((r = lk_image_open(&s->o, &im, e)) == 0 &&
	    (r = read_all(im, progress, arg, e)) == 0 &&
	    (r = lk_image_publish(im, e)) == 0)
		r = note_damage(s, &im->load, e);
	else if (im != NULL && lk_index_map(im->index)->generation != 0)
		lk_map_unlink(&im->folder,
		    lk_index_map(im->index)->generation);
	lk_image_free(&im);
	return r;
}

/* ... and use it. */
static int
go_over(struct lk_store *s, lk_progress_fn progress, void *arg,
    struct lk_error *e)
{
	int	 r = remake(s, progress, arg, e);

	if (lk_store_enter(s, NULL) != 0)
		return r;
	if (lk_store_catch_up(s, NULL) != 0 && r >= 0)
		r = lk_fail(e, LK_EUNAVAIL, "the new index cannot be used");
	lk_store_leave(s);
	return r;
}

/* What removes power goes on by an index of its own, as on a full disk. */
static int
go_alone(struct lk_store *s, struct lk_error *e)
{
	int	 r;

	if ((r = lk_store_enter(s, e)) != 0)
		return r;
	lk_image_mark_damaged(lk_store_image(s));
	if ((r = lk_store_reload(s, e)) == 0)
		lk_image_disown(lk_store_image(s));
	lk_store_leave(s);
	return r;
}

int
lk_store_renew(struct lk_store *s, int remove, struct lk_error *e)
{
	struct lk_error	 why = { 0 };
	int		 r;

	if ((r = go_over(s, NULL, NULL, &why)) >= 0)
		return 0;
	if (remove)
		return go_alone(s, e);
	return lk_fail(e, r, "the index in %s is damaged, and cannot be made "
	    "anew: %s", s->o.dir, why.text);
}

static int
remake_locked(struct lk_store *s, const char *actor, const char *from,
    lk_progress_fn progress, void *arg, struct lk_error *e)
{
	struct lk_batch	*b;
	int		 r;

	if ((r = lk_batch_begin_alone(s, LK_BATCH_REMOVE, actor, from, &b,
	    e)) != 0)
		return r;
	r = go_over(s, progress, arg, e);
	lk_batch_abandon(&b);
	return r;
}

/* Of a sound store it is made beside the old one, as growth makes it, so that
 * others go on to write. */
int
lk_store_remake(struct lk_store *s, const char *actor, const char *from,
    lk_progress_fn progress, void *arg, struct lk_error *e)
{
	int	 r;

	if ((r = lk_grow_anew(s, progress, arg, e)) != 1)
		return r;
	return remake_locked(s, actor, from, progress, arg, e);
}

static int
is_spoilt(struct lk_store *s)
{
	uint64_t	 g, n = 0;
	int		 r;

	if (lk_store_enter(s, NULL) != 0)
		return 0;
	r = lk_image_faults(lk_store_image(s), &g, &n);
	lk_store_leave(s);
	return r == 0 && n != 0;
}

int
lk_store_heal(struct lk_store *s, const char *actor, const char *from,
    struct lk_error *e)
{
	int	 r;

	if (!is_spoilt(s))
		return 0;
	r = lk_store_remake(s, actor, from, NULL, NULL, e);
	return r < 0 ? r : 1;
}
