/*
 * loop.h: a loop from the inside, for http.c and loop.c alone.
 */
#ifndef LK_DAEMON_LOOP_H
#define LK_DAEMON_LOOP_H

#include <sys/socket.h>

#include <pthread.h>
#include <stdatomic.h>

#include "daemon/conn.h"
#include "daemon/http.h"
#include "daemon/mold.h"

struct MHD_Daemon;

struct lk_http {
	struct lk_http_options	 o;
	struct MHD_Daemon	*mhd;
	int			 epoll, mhd_fd, wake, spare;
	int			 ended;		/* eventfd: a job is over    */
	pthread_mutex_t		 lock;
	struct lk_job		*jobs;		/* under lock: those over    */
	size_t			 njobs;		/* not yet taken back        */
	struct lk_conns		 conns;
	struct lk_molds		 molds;		/* not in use                */
	int64_t			 looked;	/* milliseconds              */
	int64_t			 stop_at;	/* likewise; 0: not yet      */
	atomic_int		 stopping;
	atomic_uint		 beat;
};

/* A connection is over, or never was: count and forget it. */
void	lk_loop_drop(struct lk_http *h, int fd);
/* One more request of it is answered.  1: it shall be the last. */
int	lk_loop_last(struct lk_http *h, struct lk_conn *c);

/* http.c: 0, or -1; fills mhd and mhd_fd. */
int	lk_mhd_start(struct lk_http *h);
/* Hand a connection over, which is in the table; -1: it is closed. */
int	lk_mhd_add(struct lk_http *h, int fd, const struct sockaddr *sa,
	    socklen_t len);
/* Take back what the pool is done with. */
void	lk_mhd_resume(struct lk_http *h);
/* Read, answer and write whatever can be. */
void	lk_mhd_run(struct lk_http *h);
/* Milliseconds until it wants to run, at most most. */
int	lk_mhd_wait(struct lk_http *h, int most);
void	lk_mhd_stop(struct lk_http *h);

#endif
