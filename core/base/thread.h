/*
 * thread.h: threads of ours in somebody else's process.
 */
#ifndef LK_BASE_THREAD_H
#define LK_BASE_THREAD_H

#include <pthread.h>

/*
 * As pthread_create, joinable and with all signals blocked: they stay the
 * caller's.  0, or -1 and there is none.
 */
int	lk_thread_start(pthread_t *out, void *(*fn)(void *), void *arg);

#endif
