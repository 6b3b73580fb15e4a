/*
 * lock.h: one writer at a time: a mutex in the process, then OFD locks of
 * `lock`, of `state` and of the journal, each on a descriptor that this process
 * opened.
 *
 * More than one, since either file may be removed or put back by hand under a
 * writer, who then goes on with one that has no name: whoever makes or meets
 * the new one still waits for the lock of the others.  Always in this order;
 * who makes `state` goes without that one, and lets go before taking all.
 *
 * Whoever may read a file may lock it against writers, for as long as he
 * likes.  `lock` is empty and for the owner alone, so who has it can tell such
 * a lock of the other two, which no writer takes, from a writer's, and goes on
 * without.  It is made by the first writer who misses it; where it cannot be,
 * all others are waited for.
 *
 * The lock alone does not do: it is granted to every thread that uses the
 * descriptor, and a forked child inherits it.  The mutex alone does not either:
 * it knows no other process, and a child that was forked while another thread
 * held it finds it locked for ever.  So the pid is kept, and a child makes both
 * anew when it first asks.
 *
 * An OFD lock is not given in turn: who takes it again at once would keep it
 * from all others for ever.  So who waits says so in `state`, and who lets go
 * of it then takes it again only after all of them looked for it once.
 */
#ifndef LK_STORE_LOCK_H
#define LK_STORE_LOCK_H

#include <sys/stat.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "base/self.h"
#include "fs.h"
#include "state.h"

#define LK_LOCK_NAME	"lock"

/* One deadline for all that a writer waits for. */
struct lk_wait {
	int64_t	 until;			/* CLOCK_MONOTONIC, microseconds     */
	int	 seconds;		/* from the beginning, for people    */
};

void	lk_wait_start(struct lk_wait *w, int seconds);

/* A mutex that a forked child may use whatever its parent's threads held. */
struct lk_mutex {
	pthread_mutex_t	 m;
	_Atomic pid_t	 pid;		/* 0: being made anew                */
	const struct lk_self *self;	/* borrowed                          */
};

void	lk_mutex_init(struct lk_mutex *m, const struct lk_self *self);
void	lk_mutex_destroy(struct lk_mutex *m);
/* 0; 1 when it is held and this is the first call in a forked child, so that
 * what it guards may be half done; LK_EAGAIN when it is until (as in lk_wait;
 * -1: never). */
int	lk_mutex_take(struct lk_mutex *m, int64_t until);
void	lk_mutex_drop(struct lk_mutex *m);

struct lk_lock {
	struct lk_mutex	 mutex;
	const struct lk_self *self;	/* borrowed                          */
	int		 fd[3];		/* state, journal, lock; or -1       */
	struct stat	 st[3];		/* of these, when they were opened   */
	int		 alone;		/* not 0: lock is held               */
	pid_t		 pid;		/* who opened them                   */
	int		 turn;		/* not 0: it is that of who waits    */
};

void	lk_lock_init(struct lk_lock *l, const struct lk_self *self);
void	lk_lock_destroy(struct lk_lock *l, const struct lk_io *io);
/* Take the mutex.  0 or LK_EAGAIN. */
int	lk_lock_enter(struct lk_lock *l, const struct lk_wait *w,
	    struct lk_error *e);
void	lk_lock_leave(struct lk_lock *l);
/*
 * Take the OFD locks of the state and the journal that now have the names (they
 * must be there), in a folder; state is what the caller has mapped, to name a
 * holder from.
 *
 * 0           held, and *journal is the stat of that one; *same is 0 when
 *             state's file is not the one that is mapped, or another folder has
 *             the folder's name
 * LK_EAGAIN   not had in time; e names who holds it
 * LK_ENOTFOUND, LK_EUNAVAIL, LK_EIO …  as lk_folder_file
 */
int	lk_lock_take(struct lk_lock *l, const struct lk_folder *f,
	    const struct lk_wait *w, struct lk_state *state,
	    struct stat *journal, int *same, struct lk_error *e);
void	lk_lock_drop(struct lk_lock *l, const struct lk_folder *f,
	    struct lk_state *state);
/* The journal's alone, to make `state` under; as lk_lock_take. */
int	lk_lock_take_journal(struct lk_lock *l, const struct lk_folder *f,
	    const struct lk_wait *w, struct lk_state *state,
	    struct lk_error *e);
void	lk_lock_drop_journal(struct lk_lock *l, const struct lk_folder *f);

#endif
