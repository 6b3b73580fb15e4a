#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "lock.h"

#define FIRST_NAP	1000		/* microseconds                      */
#define LAST_NAP	20000
#define TRIES		8		/* to lock a file that is replaced   */

void
lk_mutex_init(struct lk_mutex *m)
{
	pthread_mutex_init(&m->m, NULL);
	atomic_init(&m->pid, getpid());
}

void
lk_mutex_destroy(struct lk_mutex *m)
{
	/* One that a parent's thread held must not be destroyed. */
	if (atomic_load(&m->pid) == getpid())
		pthread_mutex_destroy(&m->m);
}

/* In a forked child: 1 for the one thread that made the mutex anew. */
static int
mutex_renew(struct lk_mutex *m)
{
	pid_t	 me = getpid(), was = atomic_load(&m->pid);

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

int
lk_mutex_take(struct lk_mutex *m, int wait)
{
	struct timespec	 until;
	int		 anew;

	anew = mutex_renew(m);
	if (wait < 0)
		return pthread_mutex_lock(&m->m) == 0 ? anew : LK_EAGAIN;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += wait;
	return pthread_mutex_timedlock(&m->m, &until) == 0 ? anew : LK_EAGAIN;
}

void
lk_mutex_drop(struct lk_mutex *m)
{
	pthread_mutex_unlock(&m->m);
}

void
lk_lock_init(struct lk_lock *l)
{
	lk_mutex_init(&l->mutex);
	l->fd = -1;
	l->pid = 0;
}

void
lk_lock_destroy(struct lk_lock *l, const struct lk_io *io)
{
	if (l->fd != -1)
		io->close(io->ctx, l->fd);
	l->fd = -1;
	lk_mutex_destroy(&l->mutex);
}

int
lk_lock_enter(struct lk_lock *l, int wait, struct lk_error *e)
{
	if (lk_mutex_take(&l->mutex, wait) < 0)
		return lk_fail(e, LK_EAGAIN, "another thread of this process "
		    "has been writing to the store for %d s: try again", wait);
	return 0;
}

void
lk_lock_leave(struct lk_lock *l)
{
	lk_mutex_drop(&l->mutex);
}

static int64_t
micros(void)
{
	struct timespec	 t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
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

int
lk_lock_wait(const struct lk_io *io, int fd, int wait)
{
	int64_t	 left, end = micros() + (int64_t)wait * 1000000;
	int64_t	 nap = FIRST_NAP;

	while (io->lock(io->ctx, fd, F_WRLCK) != 0) {
		if (errno != EAGAIN && errno != EINTR)
			return -1;
		if ((left = end - micros()) <= 0) {
			errno = EAGAIN;
			return -1;
		}
		doze(nap, left);
		nap = nap * 2 > LAST_NAP ? LAST_NAP : nap * 2;
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
held(const struct lk_folder *f, const struct lk_state *state, int wait,
    struct lk_error *e)
{
	char	 comm[64];
	pid_t	 pid;

	if (errno != EAGAIN)
		return lk_fail_errno(e, LK_EIO, "%s/%s cannot be locked",
		    f->path, LK_STATE_NAME);
	pid = state->words != NULL ? lk_state_holder(state) : 0;
	if (pid == 0)
		return lk_fail(e, LK_EAGAIN, "%s has been locked by another "
		    "process for %d s: try again", f->path, wait);
	if (!name_of(pid, comm, sizeof comm))
		return lk_fail(e, LK_EAGAIN, "%s is locked; pid %ld, which "
		    "took the lock, has ended: a process forked by it still "
		    "holds it", f->path, (long)pid);
	return lk_fail(e, LK_EAGAIN, "%s is held by pid %ld (%s), and was not "
	    "let go within %d s: try again", f->path, (long)pid, comm, wait);
}

static int
open_own(struct lk_lock *l, const struct lk_folder *f, struct lk_error *e)
{
	if (l->fd != -1 && l->pid == getpid())
		return 0;
	if (l->fd != -1)
		f->io->close(f->io->ctx, l->fd);
	l->fd = -1;
	l->pid = getpid();
	return lk_folder_file(f, LK_STATE_NAME, O_RDWR, &l->fd, NULL, e);
}

static void
forget(struct lk_lock *l, const struct lk_io *io)
{
	io->close(io->ctx, l->fd);	/* which lets the lock go            */
	l->fd = -1;
}

/* Is the file that is locked still the one of that name?  1, 0, LK_EIO. */
static int
still_named(const struct lk_lock *l, const struct lk_folder *f,
    struct stat *own, struct lk_error *e)
{
	const struct lk_io	*io = f->io;
	struct stat		 named = { 0 };

	if (io->fstat(io->ctx, l->fd, own) != 0 ||
	    (io->stat(io->ctx, f->fd, LK_STATE_NAME, &named) != 0 &&
	    errno != ENOENT))
		return lk_fail_errno(e, LK_EIO, "%s/%s: fstat", f->path,
		    LK_STATE_NAME);
	return own->st_nlink > 0 && named.st_ino == own->st_ino &&
	    named.st_dev == own->st_dev;
}

int
lk_lock_take(struct lk_lock *l, const struct lk_folder *f, int wait,
    struct lk_state *state, int *same, struct lk_error *e)
{
	struct stat	 own;
	int		 i, r = 0;

	/* It may have been replaced by hand before it was ours. */
	for (i = 0; i < TRIES && r == 0; i++) {
		if ((r = open_own(l, f, e)) != 0)
			return r;
		if (lk_lock_wait(f->io, l->fd, wait) != 0)
			return held(f, state, wait, e);
		if ((r = still_named(l, f, &own, e)) != 1)
			forget(l, f->io);
	}
	if (r < 0)
		return r;
	if (r == 0)
		return lk_fail(e, LK_EAGAIN, "%s/%s is being replaced: try "
		    "again", f->path, LK_STATE_NAME);
	*same = state->words != NULL && own.st_ino == state->ino &&
	    own.st_dev == state->dev;
	if (*same)
		lk_state_hold(state, getpid());
	return 0;
}

void
lk_lock_drop(struct lk_lock *l, const struct lk_folder *f,
    struct lk_state *state)
{
	if (state->words != NULL)
		lk_state_hold(state, 0);
	if (f->io->lock(f->io->ctx, l->fd, F_UNLCK) != 0)
		forget(l, f->io);
}
