/*
 * anchor.c: is the line that was noted once still there?
 *
 * A journal that was cut off, or an older one in its place, is sound by itself;
 * whoever noted number and MAC of a line finds it out.  Where the journal was
 * written anew since, its last lines name the one that was before, which was
 * kept: the line is looked for in there.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "journal.h"
#include "line.h"
#include "scan.h"
#include "store.h"

#define DEEP		64		/* kept journals one behind another  */

struct looking {
	const struct lk_folder	*folder;
	const struct lk_anchor	*want;
	struct lk_anchor	 last;	/* of the file that is read          */
	int			 found;
	char			 kept[64];	/* "": not written anew */
	uint64_t		 line;	/* that says so                      */
	uint64_t		 at;
};

static int
is_it(const struct lk_anchor *a, uint64_t seq, const uint8_t mac[LK_MAC_SIZE])
{
	return a->seq == seq && memcmp(a->mac, mac, sizeof a->mac) == 0;
}

/* Of a line that tells what the journal was before: is it that head, or may it
 * be in there? */
static void
note_anew(struct looking *x, const struct lk_line *l)
{
	const char	*mac = lk_line_get(l, "mac");
	uint64_t	 seq = (uint64_t)lk_line_number(l, "seq");
	uint8_t		 head[LK_MAC_SIZE];

	if (lk_base64url_decode(mac, strlen(mac), head, sizeof head) != 0)
		return;
	if (is_it(x->want, seq, head))
		x->found = 1;
	/* Of a copy that was put back the head is the copy's, and shorter. */
	if (x->kept[0] != '\0' ||
	    (l->kind != LK_EVENT_RESTORE && seq < x->want->seq))
		return;
	snprintf(x->kept, sizeof x->kept, "%s", lk_line_get(l, "file"));
	x->line = x->at;
}

static void
look_at(struct looking *x, const struct lk_line *l)
{
	if (l->is_signed) {
		x->last.seq = l->seq;
		memcpy(x->last.mac, l->mac, sizeof x->last.mac);
	}
	if (x->want == NULL)
		return;
	if (l->is_signed && is_it(x->want, l->seq, l->mac))
		x->found = 1;
	if (l->kind == LK_EVENT_COMPACT || l->kind == LK_EVENT_ROTATE ||
	    l->kind == LK_EVENT_ACCEPT || l->kind == LK_EVENT_RESTORE)
		note_anew(x, l);
}

static int
look_through(struct looking *x, const char *name, struct lk_error *e)
{
	const struct lk_io	*io = x->folder->io;
	struct lk_scan		 scan;
	struct lk_raw		 raw;
	struct lk_line		 line;
	struct stat		 st;
	int			 fd, r;

	x->kept[0] = '\0';
	x->at = 1;
	memset(&x->last, 0, sizeof x->last);
	r = lk_folder_file(x->folder, name, O_RDONLY, &fd, &st, e);
	if (r != 0)
		return r;
	r = lk_scan_start(&scan, io, fd, LK_JOURNAL_FIRST,
	    (uint64_t)st.st_size);
	while (r == 0 && (r = lk_scan_next(&scan, &raw)) == 1) {
		r = 0;
		x->at++;
		/* What cannot be read is store check's matter. */
		if (lk_line_parse(raw.p, raw.n, &line, NULL) == 0)
			look_at(x, &line);
		if (raw.next >= (uint64_t)st.st_size)
			break;
	}
	lk_scan_end(&scan);
	io->close(io->ctx, fd);
	return r == 0 ? 0 : lk_fail(e, r, "%s/%s cannot be read",
	    x->folder->path, name);
}

static int
not_there(const struct looking *x, struct lk_error *e)
{
	return lk_journal_fail(e, LK_EDAMAGE, x->folder->path, 0, "there is no "
	    "line %" PRIu64 " with that MAC: the journal was cut off, or an "
	    "older one was put in its place", x->want->seq);
}

/* In the journal, or in one that was kept before it. */
static int
look_back(struct looking *x, struct lk_anchor *present, struct lk_error *e)
{
	struct lk_error	 why = { 0 };
	char		 name[sizeof x->kept] = LK_JOURNAL_NAME;
	uint64_t	 line = 0;
	int		 i, r;

	for (i = 0; i < DEEP; i++) {
		r = look_through(x, name, &why);
		if (i == 0)
			*present = x->last;
		if (r != 0 && i > 0)
			return lk_journal_fail(e, LK_EDAMAGE, x->folder->path,
			    (unsigned)line, "it was written anew since, and "
			    "the journal that was kept is not there or cannot "
			    "be read, so nobody can tell (%s): note a new "
			    "anchor", name);
		if (r != 0) {
			if (e != NULL)
				*e = why;
			return r;
		}
		if (x->want == NULL || x->found)
			return 0;
		if (x->kept[0] == '\0')
			return not_there(x, e);
		if (i == 0)
			line = x->line;
		memcpy(name, x->kept, sizeof name);
	}
	return not_there(x, e);
}

int
lk_store_anchored(const char *dir, const struct lk_anchor *want,
    struct lk_anchor *present, struct lk_error *e)
{
	struct lk_folder	 f = { .io = &lk_io_system, .fd = -1 };
	struct looking		 x = { .folder = &f, .want = want };
	int			 r;

	memset(present, 0, sizeof *present);
	if ((r = lk_folder_open(&lk_io_system, dir, 0, &f, e)) != 0)
		return r;
	r = look_back(&x, present, e);
	lk_folder_close(&f);
	return r;
}
