/*
 * lock.h: one writer at a time: a mutex in the process, then an OFD lock on a
 * descriptor of `state` that this process opened.
 *
 * The lock alone does not do: it is granted to every thread that uses the
 * descriptor, and a forked child inherits it.  The mutex alone does not either:
 * it knows no other process, and a child that was forked while another thread
 * held it finds it locked for ever.  So the pid is kept, and a child makes both
 * anew when it first asks.
 */
#ifndef LK_STORE_LOCK_H
#define LK_STORE_LOCK_H

#include <pthread.h>
#include <stdatomic.h>

#include "fs.h"
#include "state.h"

/* A mutex that a forked child may use whatever its parent's threads held. */
struct lk_mutex {
	pthread_mutex_t	 m;
	_Atomic pid_t	 pid;		/* 0: being made anew                */
};

void	lk_mutex_init(struct lk_mutex *m);
void	lk_mutex_destroy(struct lk_mutex *m);
/* 0; 1 when it is held and this is the first call in a forked child, so that
 * what it guards may be half done; LK_EAGAIN after wait seconds (-1: never). */
int	lk_mutex_take(struct lk_mutex *m, int wait);
void	lk_mutex_drop(struct lk_mutex *m);

struct lk_lock {
	struct lk_mutex	 mutex;
	int		 fd;		/* of state, opened by pid; or -1    */
	pid_t		 pid;
};

void	lk_lock_init(struct lk_lock *l);
void	lk_lock_destroy(struct lk_lock *l, const struct lk_io *io);
/*
 * Take the mutex; wait at most wait seconds.  0 or LK_EAGAIN.
 */
int	lk_lock_enter(struct lk_lock *l, int wait, struct lk_error *e);
void	lk_lock_leave(struct lk_lock *l);
/*
 * Take the OFD lock of the state that now has the name (it must be there), in
 * a folder; state is what the caller has mapped, to name a holder from.
 *
 * 0           held; *same is 0 when the file is not the one that is mapped
 * LK_EAGAIN   not had within wait seconds; e names who holds it
 * LK_ENOTFOUND, LK_EUNAVAIL, LK_EIO …  as lk_folder_file
 */
int	lk_lock_take(struct lk_lock *l, const struct lk_folder *f, int wait,
	    struct lk_state *state, int *same, struct lk_error *e);
void	lk_lock_drop(struct lk_lock *l, const struct lk_folder *f,
	    struct lk_state *state);
/* The same wait for a lock of any descriptor: 0, or -1 with errno. */
int	lk_lock_wait(const struct lk_io *io, int fd, int wait);

#endif
