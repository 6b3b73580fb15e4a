#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "scenes.h"
#include "store/batch_inner.h"

void
nothing(struct play *p)
{
	(void)p;
}

void
run_init(struct play *p)
{
	struct lk_store	*s;
	struct lk_error	 e = { 0 };

	play_need(recover_make(&e) == 0, "make", &e);
	play_mark(p, MARK_MADE, 0);
	s = play_open(1, 1);
	play_add(p, s, 0, 1, 0);
	lk_store_close(&s);
}

void
run_generate(struct play *p)
{
	struct lk_store	*s = play_open(1, 1);
	int		 i;

	for (i = 0; i < 3; i++)
		play_add(p, s, i, i + 1, 0);
	lk_store_close(&s);
	s = play_open(1, 1);
	play_add(p, s, 3, 4, 0);
	lk_store_close(&s);
}

void
three_keys(struct play *p)
{
	struct lk_store	*s = play_open(1, 1);

	play_add(p, s, 0, 3, 0);
	lk_store_close(&s);
}

void
run_delete(struct play *p)
{
	struct lk_store	*s = play_open(1, 1);

	play_delete(p, s, 0, 1, 0);
	play_delete(p, s, 1, 3, 0);
	lk_store_close(&s);
}

/* Without a pepper, then with it again. */
void
run_bare(struct play *p)
{
	struct lk_store	*s = play_open(1, 0);

	play_delete(p, s, 0, 1, 0);
	play_delete(p, s, 1, 2, 0);
	lk_store_close(&s);
	s = play_open(1, 1);
	play_add(p, s, 3, 4, 0);
	lk_store_close(&s);
}

void
run_package(struct play *p)
{
	struct lk_store	*s = play_open(1, 1);

	play_package(p, s, 'a');
	play_add(p, s, 3, 4, 0);
	play_package(p, s, 'b');
	lk_store_close(&s);
}

/* A key that is made afterwards begins the account anew. */
void
run_forget(struct play *p)
{
	struct lk_store	*s = play_open(1, 1);

	play_package(p, s, 'a');
	play_forget(p, s, 0, 3);
	play_add(p, s, 3, 4, 0);
	lk_store_close(&s);
}

void
run_turns(struct play *p)
{
	struct lk_store	*a = play_open(1, 1), *b = play_open(1, 1);

	play_add(p, a, 3, 4, 0);
	play_delete(p, b, 3, 4, 0);
	play_add(p, b, 4, 6, 0);
	play_delete(p, a, 4, 5, 0);
	lk_store_close(&a);
	lk_store_close(&b);
}

/* Off, on, and off again; without a pepper too. */
void
run_disable(struct play *p)
{
	struct lk_store	*s = play_open(1, 1);

	play_batch(p, s, BATCH_DISABLE, 0, 2);
	play_batch(p, s, BATCH_ENABLE, 0, 1);
	play_batch(p, s, BATCH_DISABLE, 0, 1);
	lk_store_close(&s);
	s = play_open(1, 0);
	play_batch(p, s, BATCH_DISABLE, 2, 3);
	lk_store_close(&s);
	s = play_open(1, 1);
	play_batch(p, s, BATCH_ENABLE, 1, 3);
	lk_store_close(&s);
}

/* Pages of lines in one write. */
void
run_long(struct play *p)
{
	struct lk_store	*s = play_open(1, 1);

	play_add(p, s, 3, 60, 0);
	play_delete(p, s, 10, 50, 0);
	lk_store_close(&s);
}

/* What others made is seen, and a limit holds. */
void
run_limit(struct play *p)
{
	struct lk_store	*s[2] = { play_open(1, 1), play_open(1, 1) };
	struct lk_batch	*b;
	struct lk_error	 e = { 0 };
	int		 i, full;

	for (i = 3; i < 7; i++) {
		play_need(lk_batch_begin(s[i % 2], LK_BATCH_ADD, "ann", "cli",
		    0, &b, &e) == 0, "begin", &e);
		full = lk_batch_count(b, "ucd", "acme", fault_now) >= 5;
		lk_batch_abandon(&b);
		play_need(full == (i >= 5), "count", NULL);
		if (!full)
			play_add(p, s[i % 2], i, i + 1, 0);
	}
	lk_store_close(&s[0]);
	lk_store_close(&s[1]);
}

void
many_keys(struct play *p)
{
	struct lk_store	*s = play_open(1, 1);

	play_add(p, s, 0, 189, 0);
	lk_store_close(&s);
}

/* A bigger index takes the place of the one there is. */
void
run_growth(struct play *p)
{
	struct lk_store	*s = play_open(1, 1);

	play_add(p, s, 189, 191, 0);
	play_add(p, s, 191, 195, 0);
	play_delete(p, s, 2, 4, 0);
	lk_store_close(&s);
}

#define MEANWHILE	2		/* syncs before it has the lock       */

static struct other {
	struct play	*p;
	struct lk_store	*s;
	int		 add, end;	/* the first keys of many           */
	int		 writes, syncs;
} other;

/* While the bigger index is synced, another one writes. */
static int
write_meanwhile(void *arg)
{
	int	 n = other.syncs;

	(void)arg;
	if (other.writes || n == MEANWHILE ||
	    vfs_find(STORE "/index.new") == 0)
		return 0;
	other.writes = 1;
	play_add(other.p, other.s, other.add + n, other.add + n + 1, 0);
	play_delete(other.p, other.s, other.end + n, other.end + n + 1, 0);
	other.syncs++;
	other.writes = 0;
	return 0;
}

/* What is written meanwhile is in it too. */
void
run_growth_shared(struct play *p)
{
	struct lk_store	*s = play_open(1, 1);

	other = (struct other){ p, play_open(1, 1), 195, 4, 0, 0 };
	p->r->tape.on_sync = write_meanwhile;
	play_add(p, s, 189, 195, 0);
	p->r->tape.on_sync = NULL;
	play_need(other.syncs >= 2, "no growth", NULL);
	play_delete(p, s, 2, 4, 0);
	lk_store_close(&other.s);
	lk_store_close(&s);
}

/* Room at once, then keys of another system in batches; another one writes
 * meanwhile. */
void
run_import(struct play *p)
{
	struct lk_store	*s = play_open(1, 1);
	struct lk_error	 e = { 0 };

	other = (struct other){ p, play_open(1, 1), 60, 1, 0, 0 };
	p->r->tape.on_sync = write_meanwhile;
	play_need(lk_store_make_room(s, 250, 4, &e) == 0, "room", &e);
	p->r->tape.on_sync = NULL;
	play_need(other.syncs >= 2, "no growth", NULL);
	play_batch(p, s, BATCH_IMPORT, 3, 40);
	play_delete(p, other.s, 6, 8, 0);
	play_batch(p, s, BATCH_IMPORT, 40, 60);
	lk_store_close(&other.s);
	lk_store_close(&s);
}

/* Likewise. */
void
run_rebuild(struct play *p)
{
	struct lk_store	*s = play_open(1, 1);
	struct lk_error	 e = { 0 };

	play_add(p, s, 3, 5, 0);
	other = (struct other){ p, play_open(1, 1), 5, 3, 0, 0 };
	p->r->tape.on_sync = write_meanwhile;
	play_need(lk_store_remake(s, "ann", "cli", NULL, NULL, &e) == 0,
	    "remake", &e);
	p->r->tape.on_sync = NULL;
	play_need(other.syncs >= 2, "no rebuild", NULL);
	play_delete(p, s, 1, 2, 0);
	lk_store_close(&other.s);
	lk_store_close(&s);
}

static int
rebuild_meanwhile(void *arg)
{
	struct lk_error	 e = { 0 };

	(void)arg;
	if (other.writes || vfs_find(STORE "/index.new") == 0)
		return 0;
	other.writes = 1;
	play_need(lk_store_remake(other.s, "ann", "cli", NULL, NULL, &e) == 0,
	    "remake", &e);
	return 0;
}

/* While somebody makes an index beside the old one, another one makes one with
 * the lock held; the first one gives up. */
void
run_rebuild_locked(struct play *p)
{
	struct lk_store	*s = play_open(1, 1);

	other = (struct other){ p, play_open(1, 1), 0, 0, 0, 0 };
	p->r->tape.on_sync = rebuild_meanwhile;
	play_add(p, s, 189, 195, 0);
	p->r->tape.on_sync = NULL;
	play_need(other.writes, "no growth", NULL);
	play_delete(p, s, 2, 4, 0);
	lk_store_close(&other.s);
	lk_store_close(&s);
}

/* Another writer takes over what one wrote that was killed before it was
 * synced; whoever verifies is told of it from then on. */
void
run_killed(struct play *p)
{
	struct lk_store	*a = play_open(1, 1), *b;
	int		 n;

	play_add(p, a, 3, 4, 0);
	n = play_killed(p, a, BATCH_ADD, 4, 6);
	b = play_open(1, 1);
	play_begin(b);
	play_mark(p, MARK_ACKED, n);
	play_delete(p, b, 0, 1, 0);
	lk_store_close(&b);
}

/* A sync fails, and the same writer goes on. */
void
run_doubt(struct play *p)
{
	struct lk_store	*s = play_open(1, 1);
	int		 n = play_doubt(p, s, BATCH_DELETE, 0, 1, 1);

	play_begin(s);
	play_mark(p, MARK_ACKED, n);
	play_add(p, s, 3, 4, 0);
	(void)play_doubt(p, s, BATCH_DELETE, 1, 2, 1);
	lk_store_close(&s);
}

/* As above, but nothing can be synced any more. */
void
run_dying(struct play *p)
{
	struct lk_store	*s = play_open(1, 1);

	play_add(p, s, 3, 4, 0);
	(void)play_doubt(p, s, BATCH_DELETE, 0, 1, 100);
	lk_store_close(&s);
}

/* ------------------------------------------------------------------ groups */

#define THREADS		4

static struct crowd {
	struct play	*p;
	struct lk_store	*s;
	_Atomic int	 waited;
} crowd;

/* Keys of batches that are not written, or not synced yet. */
static size_t
on_their_way(void)
{
	const struct lk_group	*g;
	size_t			 n = 0;

	pthread_mutex_lock(&crowd.s->group_mutex);
	for (g = crowd.s->groups; g != NULL; g = g->next)
		n += g->keys.n;
	pthread_mutex_unlock(&crowd.s->group_mutex);
	return n;
}

/* The first one syncs when the others wait to be the next group. */
static int
wait_for_others(void *arg)
{
	struct timespec	 t = { 0, 1000000 };
	int		 i;

	(void)arg;
	for (i = 0; !crowd.waited && i < 2000 && on_their_way() < THREADS; i++)
		nanosleep(&t, NULL);
	crowd.waited = 1;
	return 0;
}

static void *
one_of_many(void *arg)
{
	const int	*n = arg;
	struct lk_batch	*b;
	struct lk_error	 e = { 0 };

	play_mark(crowd.p, MARK_BEGUN, *n);
	play_need(lk_batch_begin(crowd.s, LK_BATCH_ADD, "ann", "cli", 0, &b,
	    &e) == 0, "begin", &e);
	play_need(key_add(b, crowd.p->r->model.plan[*n].from, &e) == 0, "add",
	    &e);
	play_need(lk_batch_commit(&b, &e) == 0, "commit", &e);
	play_mark(crowd.p, MARK_ACKED, *n);
	return NULL;
}

/* Threads commit at once: one batch, and then the others as one. */
void
run_group(struct play *p)
{
	pthread_t	 t[THREADS];
	int		 n[THREADS], i;

	crowd.p = p;
	crowd.s = play_open(1, 1);
	crowd.waited = 0;
	play_begin(crowd.s);
	p->r->tape.on_sync = wait_for_others;
	for (i = 0; i < THREADS; i++)
		n[i] = play_plan(p, BATCH_ADD, 3 + i, 4 + i, 0);
	for (i = 0; i < THREADS; i++)
		play_need(pthread_create(&t[i], NULL, one_of_many, &n[i]) ==
		    0, "thread", NULL);
	for (i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	p->r->tape.on_sync = NULL;
	lk_store_close(&crowd.s);
}

/* More keys than state and index say for certain. */
void
since_checkpoint(struct play *p)
{
	three_keys(p);
	p->killed = play_open(1, 1);
	play_add(p, p->killed, 3, 6, 0);
	play_delete(p, p->killed, 1, 2, 0);
}

void
run_unclean(struct play *p)
{
	struct lk_store	*s = play_open(1, 1);

	play_begin(s);
	play_delete(p, s, 4, 5, 0);
	play_add(p, s, 6, 8, 0);
	lk_store_close(&s);
}
