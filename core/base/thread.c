#include <signal.h>

#include "thread.h"

int
lk_thread_start(pthread_t *out, void *(*fn)(void *), void *arg)
{
	sigset_t	 all, was;
	int		 r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &was);
	r = pthread_create(out, NULL, fn, arg);
	pthread_sigmask(SIG_SETMASK, &was, NULL);
	return r == 0 ? 0 : -1;
}
