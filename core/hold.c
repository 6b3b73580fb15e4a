/*
 * hold.c: seats of threads, and the end of what they left.
 *
 * A seat ends with its thread (destructor of the key) or with its handle.  As
 * in token/digest.c these two may meet, so all seats are in one list, and the
 * destructor takes only one that is in it and is of its own thread.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/syscall.h>

#include <linux/membarrier.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "hold.h"

static pthread_mutex_t	 lock = PTHREAD_MUTEX_INITIALIZER;
static struct lk_seat	*seats;		/* of all handles; under lock        */
static pthread_once_t	 once = PTHREAD_ONCE_INIT;

/* ------------------------------------------------------------------ fork */

static void
take(void)
{
	pthread_mutex_lock(&lock);
}

static void
give(void)
{
	pthread_mutex_unlock(&lock);
}

/* The threads that sat there are not in the child. */
static void
stand_up(void)
{
	struct lk_seat	*s;

	for (s = seats; s != NULL; s = s->next)
		if (!pthread_equal(s->thread, pthread_self()))
			atomic_store(&s->since, 0);
	pthread_mutex_unlock(&lock);
}

static void
fork_watch(void)
{
	pthread_atfork(take, give, stand_up);
}

/* ------------------------------------------------------------------ seats */

static void
seat_end(void *arg)
{
	struct lk_seat	**at, *s = NULL;

	take();
	for (at = &seats; *at != NULL; at = &(*at)->next) {
		if (*at == arg && pthread_equal((*at)->thread,
		    pthread_self())) {
			s = *at;
			*at = s->next;
			break;
		}
	}
	give();
	free(s);
}

struct lk_seat *
lk_seat_new(struct lk *lk)
{
	struct lk_seat	*s;

	if ((s = aligned_alloc(_Alignof(struct lk_seat), sizeof(*s))) == NULL)
		return NULL;
	atomic_init(&s->since, 0);
	s->depth = 0;
	s->snapshot = NULL;
	s->lk = lk;
	s->thread = pthread_self();
	take();
	s->next = seats;
	seats = s;
	give();
	if (pthread_setspecific(lk->seats, s) == 0)
		return s;
	seat_end(s);
	return NULL;
}

static long
membarrier(int what)
{
	return syscall(SYS_membarrier, what, 0, 0);
}

int
lk_seats_open(struct lk *lk, struct lk_error *e)
{
	pthread_once(&once, fork_watch);
	atomic_init(&lk->epoch, 1);
	lk->fenced = membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) ==
	    -1;
	if (pthread_key_create(&lk->seats, seat_end) != 0)
		return lk_fail(e, LK_EUNAVAIL, "no thread key is left for a "
		    "handle: this process uses all of them");
	lk->seated = 1;
	return 0;
}

/* ---------------------------------------------------------------- retired */

static void
retired_free(struct lk_retired *r)
{
	struct lk_retired	*next;

	for (; r != NULL; r = next) {
		next = r->next;
		lk_snapshot_free(&r->snapshot);
		lk_pepper_free(&r->pepper);
		free(r);
	}
}

void
lk_retire(struct lk *lk, struct lk_retired *r)
{
	take();
	r->epoch = atomic_fetch_add(&lk->epoch, 1);
	r->next = lk->retired;
	lk->retired = r;
	give();
}

/* Since when somebody is in a call, at the earliest. */
static uint64_t
oldest(const struct lk *lk)
{
	const struct lk_seat	*s;
	uint64_t		 since, min = UINT64_MAX;

	for (s = seats; s != NULL; s = s->next) {
		since = s->lk == lk ? atomic_load(&s->since) : 0;
		if (since != 0 && since < min)
			min = since;
	}
	return min;
}

/* Whoever read what was in place before has said so by now. */
static int
barrier(const struct lk *lk)
{
	return lk->fenced ||
	    membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == 0;
}

size_t
lk_reclaim(struct lk *lk)
{
	struct lk_retired	**at, *r, *done = NULL;
	uint64_t		 min;
	size_t			 n = 0;

	take();
	min = lk->retired != NULL && barrier(lk) ? oldest(lk) : 0;
	for (at = &lk->retired; (r = *at) != NULL; ) {
		if (r->epoch >= min) {
			at = &r->next;
			n++;
			continue;
		}
		*at = r->next;
		r->next = done;
		done = r;
	}
	give();
	retired_free(done);
	return n;
}

void
lk_seats_close(struct lk *lk)
{
	struct lk_seat	**at, *s, *mine = NULL;

	if (lk->seated)
		pthread_key_delete(lk->seats);
	take();
	for (at = &seats; (s = *at) != NULL; ) {
		if (s->lk != lk) {
			at = &s->next;
			continue;
		}
		*at = s->next;
		s->next = mine;
		mine = s;
	}
	give();
	while ((s = mine) != NULL) {
		mine = s->next;
		free(s);
	}
	retired_free(lk->retired);
	lk->retired = NULL;
}
