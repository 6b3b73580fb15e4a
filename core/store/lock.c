#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "journal.h"
#include "lock.h"

#define FIRST_NAP	1000		/* microseconds                      */
#define LAST_NAP	2000
#define TURN		4000		/* longer than all who wait sleep    */
#define TRIES		8		/* to lock a file that is replaced   */

#define STATE		0		/* of fd and names                   */
#define JOURNAL		1
#define LOCK		2
#define NFILES		3

static const char *const names[] = { LK_STATE_NAME, LK_JOURNAL_NAME,
				   LK_LOCK_NAME };

static int64_t
micros(void)
{
	struct timespec	 t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void
lk_wait_start(struct lk_wait *w, int seconds)
{
	w->seconds = seconds;
	w->until = micros() + (int64_t)seconds * 1000000;
}

/* Sleep for between half of nap and all of it. */
static void
doze(int64_t nap, int64_t left)
{
	struct timespec	 t;

	nap -= micros() % (nap / 2);
	if (nap > left)
		nap = left;
	t.tv_sec = 0;
	t.tv_nsec = (long)nap * 1000;
	nanosleep(&t, NULL);
}

/* Sleep, longer each time.  0 when it is until. */
static int
nap(int64_t *length, int64_t until)
{
	int64_t	 left = until - micros();

	if (left <= 0)
		return 0;
	doze(*length, left);
	*length = *length * 2 > LAST_NAP ? LAST_NAP : *length * 2;
	return 1;
}

void
lk_mutex_init(struct lk_mutex *m, const struct lk_self *self)
{
	pthread_mutex_init(&m->m, NULL);
	m->self = self;
	atomic_init(&m->pid, lk_self_pid(self));
}

void
lk_mutex_destroy(struct lk_mutex *m)
{
	/* One that a parent's thread held must not be destroyed. */
	if (atomic_load(&m->pid) == lk_self_pid(m->self))
		pthread_mutex_destroy(&m->m);
}

/* In a forked child: 1 for the one thread that made the mutex anew. */
static int
mutex_renew(struct lk_mutex *m)
{
	pid_t	 me = lk_self_pid(m->self), was = atomic_load(&m->pid);

	while (was != me) {
		if (was != 0 &&
		    atomic_compare_exchange_strong(&m->pid, &was, 0)) {
			pthread_mutex_init(&m->m, NULL);
			atomic_store(&m->pid, me);
			return 1;
		}
		sched_yield();
		was = atomic_load(&m->pid);
	}
	return 0;
}

static int
mutex_wait(pthread_mutex_t *m, int64_t until)
{
#ifdef HAVE_PTHREAD_MUTEX_CLOCKLOCK
	struct timespec	 t = { until / 1000000, until % 1000000 * 1000 };

	return pthread_mutex_clocklock(m, CLOCK_MONOTONIC, &t);
#else
	int64_t	 length = FIRST_NAP;
	int	 r;

	while ((r = pthread_mutex_trylock(m)) == EBUSY)
		if (!nap(&length, until))
			return EBUSY;
	return r;
#endif
}

int
lk_mutex_take(struct lk_mutex *m, int64_t until)
{
	int	 anew, r;

	anew = mutex_renew(m);
	r = until == -1 ? pthread_mutex_lock(&m->m) :
	    mutex_wait(&m->m, until);
	return r == 0 ? anew : LK_EAGAIN;
}

void
lk_mutex_drop(struct lk_mutex *m)
{
	pthread_mutex_unlock(&m->m);
}

static void
forget(struct lk_lock *l, const struct lk_io *io, int which)
{
	if (l->fd[which] != -1)
		io->close(io->ctx, l->fd[which]);	/* lets the lock go  */
	l->fd[which] = -1;
}

static void
forget_all(struct lk_lock *l, const struct lk_io *io)
{
	int	 i;

	for (i = 0; i < NFILES; i++)
		forget(l, io, i);
	l->alone = 0;
}

void
lk_lock_init(struct lk_lock *l, const struct lk_self *self)
{
	lk_mutex_init(&l->mutex, self);
	l->self = self;
	l->fd[STATE] = l->fd[JOURNAL] = l->fd[LOCK] = -1;
	l->alone = 0;
	l->pid = 0;
	l->turn = 0;
}

void
lk_lock_destroy(struct lk_lock *l, const struct lk_io *io)
{
	forget_all(l, io);
	lk_mutex_destroy(&l->mutex);
}

int
lk_lock_enter(struct lk_lock *l, const struct lk_wait *w, struct lk_error *e)
{
	if (lk_mutex_take(&l->mutex, w->until) < 0)
		return lk_fail(e, LK_EAGAIN, "another thread of this process "
		    "has been writing to the store for %d s: try again",
		    w->seconds);
	return 0;
}

void
lk_lock_leave(struct lk_lock *l)
{
	lk_mutex_drop(&l->mutex);
}

/* 0, or -1 with errno; EAGAIN: not had in time.  Whoever has it is told that
 * another one waits.  alone: who locked it for reading is no writer. */
static int
lock_wait(const struct lk_io *io, int fd, int alone, const struct lk_wait *w,
    const struct lk_state *state)
{
	int64_t	 length = FIRST_NAP;

	while (io->lock(io->ctx, fd, F_WRLCK) != 0) {
		if (errno != EAGAIN && errno != EINTR)
			return -1;
		if (alone && io->read_locked != NULL &&
		    io->read_locked(io->ctx, fd))
			return 0;
		lk_state_want(state, 1);
		if (!nap(&length, w->until)) {
			errno = EAGAIN;
			return -1;
		}
	}
	return 0;
}

static int
name_of(pid_t pid, char *out, size_t size)
{
	char	 path[64];
	ssize_t	 n;
	int	 fd;

	snprintf(path, sizeof path, "/proc/%ld/comm", (long)pid);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return 0;
	n = read(fd, out, size - 1);
	close(fd);
	if (n <= 0)
		return 0;
	out[n] = '\0';
	out[strcspn(out, "\n")] = '\0';
	return 1;
}

static int
held(const struct lk_folder *f, int which, const struct lk_state *state,
    const struct lk_wait *w, struct lk_error *e)
{
	char	 comm[64];
	pid_t	 pid;

	if (errno != EAGAIN)
		return lk_fail_errno(e, LK_EIO, "%s/%s cannot be locked",
		    f->path, names[which]);
	pid = state->words != NULL ? lk_state_holder(state) : 0;
	if (pid == 0)
		return lk_fail(e, LK_EAGAIN, "%s has been locked by another "
		    "process for %d s: try again", f->path, w->seconds);
	if (!name_of(pid, comm, sizeof comm))
		return lk_fail(e, LK_EAGAIN, "%s is locked; pid %ld, which "
		    "took the lock, has ended: a process forked by it still "
		    "holds it", f->path, (long)pid);
	return lk_fail(e, LK_EAGAIN, "%s is held by pid %ld (%s), and was not "
	    "let go within %d s: try again", f->path, (long)pid, comm,
	    w->seconds);
}

/* What is there already need not be made. */
static void
make_lock(const struct lk_folder *f)
{
	int	 fd;

	fd = f->io->open(f->io->ctx, f->fd, LK_LOCK_NAME,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd != -1)
		f->io->close(f->io->ctx, fd);
}

static int
open_own(struct lk_lock *l, const struct lk_folder *f, int which,
    struct lk_error *e)
{
	pid_t	 me = lk_self_pid(l->self);
	int	 r;

	if (l->pid != me) {		/* a parent's, who may hold them     */
		forget_all(l, f->io);
		l->pid = me;
	}
	if (l->fd[which] != -1)
		return 0;
	r = lk_folder_file(f, names[which], O_RDWR, &l->fd[which],
	    &l->st[which], e);
	if (r != LK_ENOTFOUND || which != LOCK)
		return r;
	make_lock(f);
	return lk_folder_file(f, names[which], O_RDWR, &l->fd[which],
	    &l->st[which], e);
}

static void
drop(struct lk_lock *l, const struct lk_folder *f, int which)
{
	if (which == LOCK)
		l->alone = 0;
	if (l->fd[which] != -1 &&
	    f->io->lock(f->io->ctx, l->fd[which], F_UNLCK) != 0)
		forget(l, f->io, which);
}

#define ELSEWHERE	2		/* in a folder that lost its name    */

static int
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

/* Is the file that is locked still the one of that name, whose stat is *st?  By
 * its path, since the folder itself may have been put in place anew.  1, 0,
 * ELSEWHERE, LK_EIO. */
static int
still_named(const struct lk_lock *l, const struct lk_folder *f, int which,
    struct stat *st, struct lk_error *e)
{
	const struct lk_io	*io = f->io;
	char			 path[PATH_MAX];
	int			 moved;

	snprintf(path, sizeof path, "%s/%s", f->path, names[which]);
	moved = io->stat(io->ctx, AT_FDCWD, path, st) == 0 || errno == ENOENT;
	if (moved && is_same(st, &l->st[which]))
		return 1;
	if (io->stat(io->ctx, f->fd, names[which], st) != 0)
		return errno == ENOENT ? 0 : lk_fail_errno(e, LK_EIO,
		    "%s/%s: stat", f->path, names[which]);
	if (!is_same(st, &l->st[which]))
		return 0;
	return moved ? ELSEWHERE : 1;
}

/* Lock one of them; st is its stat.  0, ELSEWHERE, or an error. */
static int
take(struct lk_lock *l, const struct lk_folder *f, int which,
    const struct lk_wait *w, const struct lk_state *state, struct stat *st,
    struct lk_error *e)
{
	int	 i, r;

	/* It may have been replaced by hand before it was ours. */
	for (i = 0; i < TRIES; i++) {
		if ((r = open_own(l, f, which, e)) != 0)
			return r;
		if (lock_wait(f->io, l->fd[which], l->alone, w,
		    state) != 0)
			return held(f, which, state, w, e);
		if ((r = still_named(l, f, which, st, e)) > 0)
			return r == 1 ? 0 : r;
		/* A forked child may have the descriptor, and with it the
		 * lock of what others still wait for. */
		drop(l, f, which);
		forget(l, f->io, which);
		if (r < 0)
			return r;
	}
	return lk_fail(e, LK_EAGAIN, "%s/%s is being replaced: try again",
	    f->path, names[which]);
}

/* Of the owner's own.  0, also when there is none; LK_EAGAIN. */
static int
take_lock(struct lk_lock *l, const struct lk_folder *f,
    const struct lk_wait *w, const struct lk_state *state,
    struct lk_error *e)
{
	struct lk_error	 why = { 0 };
	struct stat	 st;
	int		 r = take(l, f, LOCK, w, state, &st, &why);

	l->alone = r >= 0;
	if (r != LK_EAGAIN)
		return 0;
	if (e != NULL)
		*e = why;
	return r;
}

/* Both, with the first one held.  0, ELSEWHERE, or an error. */
static int
take_both(struct lk_lock *l, const struct lk_folder *f,
    const struct lk_wait *w, struct lk_state *state, struct stat *st,
    struct stat *journal, struct lk_error *e)
{
	int	 moved, r;

	if ((moved = take(l, f, STATE, w, state, st, e)) < 0)
		return moved;
	if ((r = take(l, f, JOURNAL, w, state, journal, e)) < 0) {
		drop(l, f, STATE);
		return r;
	}
	return moved != 0 ? moved : r;
}

int
lk_lock_take(struct lk_lock *l, const struct lk_folder *f,
    const struct lk_wait *w, struct lk_state *state, struct stat *journal,
    int *same, struct lk_error *e)
{
	struct stat	 st;
	int		 r;

	if (l->turn)			/* it is somebody else's             */
		doze(TURN, w->until - micros());
	l->turn = 0;
	if ((r = take_lock(l, f, w, state, e)) < 0)
		return r;
	if ((r = take_both(l, f, w, state, &st, journal, e)) < 0) {
		drop(l, f, LOCK);
		return r;
	}
	*same = state->words != NULL && r == 0 &&
	    st.st_ino == state->ino && st.st_dev == state->dev;
	if (*same)
		lk_state_hold(state, lk_self_pid(l->self));
	return 0;
}

void
lk_lock_drop(struct lk_lock *l, const struct lk_folder *f,
    struct lk_state *state)
{
	if (state->words != NULL)
		lk_state_hold(state, 0);
	l->turn = lk_state_want(state, 0);
	drop(l, f, JOURNAL);
	drop(l, f, STATE);
	drop(l, f, LOCK);
}

int
lk_lock_take_journal(struct lk_lock *l, const struct lk_folder *f,
    const struct lk_wait *w, struct lk_state *state, struct lk_error *e)
{
	struct stat	 st;
	int		 r;

	if ((r = take_lock(l, f, w, state, e)) < 0)
		return r;
	if ((r = take(l, f, JOURNAL, w, state, &st, e)) < 0)
		drop(l, f, LOCK);
	return r > 0 ? 0 : r;
}

void
lk_lock_drop_journal(struct lk_lock *l, const struct lk_folder *f)
{
	drop(l, f, JOURNAL);
	drop(l, f, LOCK);
}
