/*
 * scenes.c: scenarios that begin with something broken, or that replace the
 * journal; and the table of all of them.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "scenes.h"

static unsigned char *
journal(size_t *n)
{
	int	 ino = vfs_find(STORE "/journal");

	*n = vfs.file[ino].size;
	return vfs_data(ino);
}

/* A batch of which a sector is missing in the middle, and nobody was told. */
static void
torn_tail(struct play *p)
{
	struct lk_store	*s;
	struct disk	 d;
	unsigned char	*text;
	size_t		 n, from;
	int		 ino;

	three_keys(p);
	disk_take(&d);
	(void)journal(&from);
	s = play_open(1, 1);
	play_add(p, s, 3, 12, 0);
	lk_store_close(&s);
	/* Nothing of it counts. */
	p->r->model.begun_before[--p->r->model.n] = 0;
	(void)journal(&n);
	text = malloc(n);
	play_need(text != NULL, "memory", NULL);
	memcpy(text, journal(&n), n);
	memset(text + from / VFS_SECTOR * VFS_SECTOR + VFS_SECTOR, 0,
	    VFS_SECTOR);
	disk_put(&d);
	disk_free(&d);
	ino = vfs_find(STORE "/journal");
	vfs_resize(ino, n);
	memcpy(vfs_data(ino), text, n);
	p->r->model.torn = (char *)text;
	p->r->model.ntorn = n;
}

static void
run_repair(struct play *p)
{
	struct lk_store	*s = play_open(1, 1);

	play_begin(s);
	play_add(p, s, 3, 5, 0);
	lk_store_close(&s);
}

static void
no_state(struct play *p)
{
	three_keys(p);
	vfs_link(vfs_find(STORE), "state", 0);
}

static void
run_no_state(struct play *p)
{
	struct lk_store	*s = play_open(1, 1);

	play_begin(s);
	play_add(p, s, 3, 6, 0);
	play_delete(p, s, 0, 2, 0);
	lk_store_close(&s);
}

/* One was killed before it synced, and `state` is lost as well. */
static void
run_killed_no_state(struct play *p)
{
	struct lk_store	*a = play_open(1, 1), *b;
	int		 n = play_killed(p, a, BATCH_ADD, 3, 4);

	vfs_io.unlink(NULL, AT_FDCWD, STORE "/state");
	b = play_open(1, 1);
	play_begin(b);
	play_mark(p, MARK_ACKED, n);
	lk_store_close(&b);
}

static void
odd_state(struct play *p)
{
	three_keys(p);
	memset(vfs_data(vfs_find(STORE "/state")), 'x', 64);
	p->r->model.sick = 1;
}

/* What nobody can read does not keep a key from being deleted. */
static void
run_odd_state(struct play *p)
{
	struct lk_store	*s = play_open(1, 0);

	play_delete(p, s, 0, 2, 0);
	lk_store_close(&s);
	s = play_open(1, 1);
	play_add(p, s, 3, 5, 0);
	lk_store_close(&s);
}

/* The disk is full: a delete has what is kept for it. */
static void
run_reserve(struct play *p)
{
	struct lk_store	*s = play_open(1, 1);

	vfs.room = 0;
	play_add(p, s, 3, 20, 0);
	play_add(p, s, 20, 100, LK_EIO);
	play_delete(p, s, 0, 2, 0);
	play_delete(p, s, 3, 12, 0);
	vfs.room = -1;
	lk_store_close(&s);
}

/* -------------------------------------------------------------- compaction */

static void
mixed_keys(struct play *p)
{
	struct lk_store	*s = play_open(1, 1);

	p->r->model.rewritten = 1;
	play_add(p, s, 0, 6, 0);
	play_package(p, s, 'a');
	play_delete(p, s, 1, 4, 0);
	play_package(p, s, 'b');
	lk_store_close(&s);
}

static int
compact(struct lk_store *s, struct lk_error *e)
{
	struct lk_swapped	 out;

	fault_now++;
	return lk_store_shrink(s, "ann", "cli", NULL, NULL, &out, e);
}

static void
run_compact(struct play *p)
{
	struct lk_store	*s = play_open(1, 1);
	struct lk_error	 e = { 0 };

	play_need(compact(s, &e) == 0, "compact", &e);
	play_add(p, s, 6, 8, 0);
	play_delete(p, s, 0, 1, 0);
	lk_store_close(&s);
}

/* It is killed when the new journal has the name and the folder is not synced;
 * the next writer takes it over. */
static void
run_compact_killed(struct play *p)
{
	struct lk_store	*a = play_open(1, 1), *b;
	struct lk_error	 e = { 0 };

	play_fail_sync(p, 5, 1);
	play_need(compact(a, &e) == LK_EINDOUBT, "compact", &e);
	play_fail_sync(p, 0, 0);
	p->killed = a;
	vfs_drop_locks();
	b = play_open(1, 1);
	play_add(p, b, 6, 7, 0);
	play_delete(p, b, 0, 1, 0);
	lk_store_close(&b);
}

/* All of it under another pepper. */
static void
run_rotate(struct play *p)
{
	struct lk_store		*s = play_open(1, 1);
	struct lk_swapped	 out;
	struct lk_hmac		*key;
	struct lk_error		 e = { 0 };

	fault_now++;
	play_need(lk_hmac_new(NEXT_MAC, 32, &key, &e) == 0, "key", &e);
	play_need(lk_store_rekey(s, "ann", "cli", key,
	    (const uint8_t *)NEXT_CHECK, 2, NULL, NULL, &out, &e) == 0,
	    "rekey", &e);
	lk_hmac_free(&key);
	lk_store_close(&s);
	s = play_open(1, 1);
	play_add(p, s, 6, 8, 0);
	play_delete(p, s, 0, 1, 0);
	lk_store_close(&s);
}

const struct scenario	 scenarios[] = {
	{ "first init",		NULL,		run_init,	0 },
	{ "generate",		nothing,	run_generate,	0 },
	{ "delete",		three_keys,	run_delete,	0 },
	{ "delete, no pepper",	three_keys,	run_bare,	0 },
	{ "disable, enable",	three_keys,	run_disable,	0 },
	{ "account set",	three_keys,	run_package,	0 },
	{ "account delete",	three_keys,	run_forget,	0 },
	{ "limit race",		three_keys,	run_limit,	0 },
	{ "threads in groups",	three_keys,	run_group,	0 },
	{ "two writers in turn", three_keys,	run_turns,	0 },
	{ "a long batch",	three_keys,	run_long,	0 },
	{ "import",		three_keys,	run_import,	0 },
	{ "growth",		many_keys,	run_growth,	0 },
	{ "growth, another writes", many_keys, run_growth_shared, 0 },
	{ "rebuild",		three_keys,	run_rebuild,	0 },
	{ "rebuild, with the lock", many_keys,	run_rebuild_locked, 0 },
	{ "a killed writer",	three_keys,	run_killed,	0 },
	{ "a sync that fails",	three_keys,	run_doubt,	0 },
	{ "no sync any more",	three_keys,	run_dying,	0 },
	{ "unclean boot",	since_checkpoint, run_unclean,	1 },
	{ "repair",		torn_tail,	run_repair,	1 },
	{ "no state",		no_state,	run_no_state,	0 },
	{ "killed, and no state", three_keys,	run_killed_no_state, 0 },
	{ "state unreadable",	odd_state,	run_odd_state,	0 },
	{ "the reserve",	three_keys,	run_reserve,	0 },
	{ "compaction",		mixed_keys,	run_compact,	0 },
	{ "pepper rotation",	mixed_keys,	run_rotate,	0 },
	{ "compaction, killed",	mixed_keys,	run_compact_killed, 0 },
};
const size_t		 nscenarios = sizeof scenarios / sizeof *scenarios;
