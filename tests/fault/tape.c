#include <execinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tape.h"

/* Frames between who is asked and who called the sync: callers, on_synced,
 * do_sync, the function of the table. */
#define CALLED		4

struct sites	 sites;

static void
die(const char *why)
{
	fprintf(stderr, "tape: %s\n", why);
	abort();
}

static struct op *
push(struct tape *t, enum op_kind kind, int ino)
{
	struct op	*o;

	if (t->n == t->room) {
		t->room = t->room * 2 + 256;
		t->op = realloc(t->op, (size_t)t->room * sizeof *t->op);
		if (t->op == NULL)
			die("no memory");
	}
	o = &t->op[t->n++];
	memset(o, 0, sizeof *o);
	o->kind = kind;
	o->ino = ino;
	return o;
}

static void
fit(struct tape *t, int ino, size_t size)
{
	unsigned char	*p;

	if ((p = realloc(t->shadow[ino], size + 1)) == NULL)
		die("no memory");
	if (size > t->size[ino])
		memset(p + t->size[ino], 0, size - t->size[ino]);
	t->shadow[ino] = p;
	t->size[ino] = size;
}

static void
push_data(struct tape *t, enum op_kind kind, int ino, const void *p, size_t n,
    size_t at)
{
	struct op	*o = push(t, kind, ino);

	o->at = at;
	o->n = n;
	o->over = at + n <= t->size[ino];
	if ((o->data = malloc(n)) == NULL)
		die("no memory");
	memcpy(o->data, p, n);
	if (at + n > t->size[ino])
		fit(t, ino, at + n);
	memcpy(t->shadow[ino] + at, p, n);
}

static void
look_at_map(struct tape *t, int ino)
{
	const unsigned char	*p = vfs_data(ino);
	size_t			 at, n;

	for (at = 0; at < t->size[ino]; at += n) {
		n = t->size[ino] - at;
		if (n > VFS_PAGE)
			n = VFS_PAGE;
		if (memcmp(p + at, t->shadow[ino] + at, n) != 0)
			push_data(t, OP_PAGE, ino, p + at, n, at);
	}
}

static void
on_before(void *arg)
{
	int	 i;

	for (i = 0; i < vfs.nfiles; i++)
		if (vfs.file[i].used && vfs.file[i].written_by_map)
			look_at_map(arg, i);
}

static void
on_made(void *arg, int ino, int folder)
{
	push(arg, OP_MADE, ino)->folder = folder;
}

static void
on_named(void *arg, int dir, const char *name, int ino, const char *from)
{
	struct tape	*t = arg;
	struct op	*o = push(t, OP_NAMED, ino);

	o->dir = dir;
	snprintf(o->name, sizeof o->name, "%s", name);
	if (from != NULL)
		snprintf(o->from, sizeof o->from, "%s", from);
	t->last[dir] = t->n;
}

static void
on_wrote(void *arg, int ino, const void *p, size_t n, size_t at)
{
	struct tape	*t = arg;

	push_data(t, OP_WROTE, ino, p, n, at);
	t->last[ino] = t->n;
}

static void
on_sized(void *arg, int ino, size_t size)
{
	struct tape	*t = arg;

	push(t, OP_SIZED, ino)->at = size;
	fit(t, ino, size);
	t->last[ino] = t->n;
}

/* ------------------------------------------------------------------- sites */

/* Numbers are not part of a name. */
static void
plain(const char *name, char out[VFS_NAME])
{
	char	*o = out;

	for (; *name != '\0'; name++) {
		if (*name < '0' || *name > '9')
			*o++ = *name;
		else if (o == out || o[-1] != '#')
			*o++ = '#';
	}
	*o = '\0';
}

static void
name_of(int ino, char out[VFS_NAME])
{
	int	 i;

	strcpy(out, ino == VFS_ROOT ? "/" : "?");
	for (i = 0; i < vfs.nnames; i++)
		if (vfs.name[i].ino == ino)
			plain(vfs.name[i].name, out);
}

static void
describe_folder(const struct op *o, char *out, size_t n)
{
	char	 name[VFS_NAME], from[VFS_NAME];

	plain(o->name, name);
	plain(o->from, from);
	if (o->from[0] != '\0')
		snprintf(out, n, "after %s got the name %s", from, name);
	else
		snprintf(out, n, "after %s was %s", name,
		    o->ino == 0 ? "removed" : "made");
}

static void
describe(const struct tape *t, int ino, char *out, size_t n)
{
	const struct op	*o = t->last[ino] == 0 ? NULL :
			    &t->op[t->last[ino] - 1];

	if (o == NULL)
		snprintf(out, n, "%s", vfs.file[ino].written_by_map ?
		    "what its map holds" : "nothing new");
	else if (o->kind == OP_NAMED)
		describe_folder(o, out, n);
	else if (t->syncs[ino] == 0 && o->kind == OP_SIZED)
		snprintf(out, n, "%s", "new, and what its map holds");
	else if (o->kind == OP_SIZED)
		snprintf(out, n, "%s", "cut");
	else
		snprintf(out, n, "%s", o->over ? "written over" : "written");
}

/* Who called the sync, and who called that. */
static void __attribute__((noinline))
callers(const struct tape *t, const void *out[CALLERS])
{
	void	*frame[CALLED + 8] = { 0 };
	int	 i, at = CALLED + t->between;

	(void)backtrace(frame, at + CALLERS);
	for (i = 0; i < CALLERS; i++)
		out[i] = frame[at + i];
}

static int
site_of(const struct tape *t, int ino, int data, const void *caller[CALLERS])
{
	struct site	 new = { .data = data, .first = t->syncs[ino] == 0 };
	struct site	*x;
	char		 after[128];
	int		 i;

	name_of(ino, new.file);
	for (i = 0; i < sites.n; i++) {
		x = &sites.v[i];
		if (memcmp(x->caller, caller, sizeof x->caller) == 0 &&
		    strcmp(x->file, new.file) == 0 &&
		    x->data == data && x->first == new.first)
			return i;
	}
	if (sites.n == SITES_MAX)
		die("too many sites");
	memcpy(new.caller, caller, sizeof new.caller);
	describe(t, ino, after, sizeof after);
	snprintf(new.name, sizeof new.name, "%s of %.30s, %.50s", data ?
	    "fdatasync" : "fsync", new.file, after);
	sites.v[sites.n] = new;
	return sites.n++;
}

/* Not inlined: the frames are counted. */
static void __attribute__((noinline))
on_synced(void *arg, int ino, int data)
{
	struct tape	*t = arg;
	const void	*caller[CALLERS];
	int		 site;

	callers(t, caller);
	site = site_of(t, ino, data, caller);
	push(t, OP_SYNCED, ino)->site = site;
	t->last[ino] = 0;
	t->syncs[ino]++;
}

static int
on_syncing(void *arg)
{
	const struct tape	*t = arg;

	return t->on_sync == NULL ? 0 : t->on_sync(t->on_sync_arg);
}

/* -------------------------------------------------------------------- tape */

void
tape_start(struct tape *t)
{
	int	 i;

	memset(t, 0, sizeof *t);
	t->watch = (struct vfs_watch){ .arg = t, .before = on_before,
	    .made = on_made, .named = on_named, .wrote = on_wrote,
	    .sized = on_sized, .synced = on_synced,
	    .syncing = on_syncing };
	for (i = 0; i < vfs.nfiles; i++) {
		t->syncs[i] = 1;
		if (!vfs.file[i].used || vfs.file[i].folder)
			continue;
		fit(t, i, vfs.file[i].size);
		memcpy(t->shadow[i], vfs_data(i), t->size[i]);
	}
	vfs.watch = &t->watch;
}

void
tape_stop(struct tape *t)
{
	on_before(t);
	vfs.watch = NULL;
}

void
tape_mark(struct tape *t, int mark, int batch)
{
	struct op	*o;

	vfs_lock();
	on_before(t);
	o = push(t, OP_MARK, 0);
	o->mark = mark;
	o->batch = batch;
	vfs_unlock();
}

void
tape_free(struct tape *t)
{
	int	 i;

	for (i = 0; i < t->n; i++)
		free(t->op[i].data);
	for (i = 0; i < VFS_FILES; i++)
		free(t->shadow[i]);
	free(t->op);
	memset(t, 0, sizeof *t);
}
