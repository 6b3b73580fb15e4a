/* self, bell: which process this is, and threads that wait for a word. */
#include "table.h"

#include <sys/wait.h>

#include <pthread.h>
#include <unistd.h>

#include "base/bell.h"
#include "base/self.h"

#define THREADS		8

static int
child_knows(const struct lk_self *self)
{
	pid_t	 pid = fork();
	int	 status;

	if (pid == 0)
		_exit(lk_self_pid(self) != getpid() ||
		    lk_self_pid(self) != getpid());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void
test_fork(void **state)
{
	struct lk_self	 self;

	(void)state;
	lk_self_init(&self);
	assert_int_equal(child_knows(&self), 1);
	assert_int_equal(lk_self_pid(&self), getpid());
	assert_int_equal(child_knows(&self), 1);
	assert_int_equal(lk_self_pid(&self), getpid());
	lk_self_free(&self);
	/* Without a page. */
	assert_int_equal(child_knows(&self), 1);
}

struct waiter {
	struct lk_bell	 bell;
	_Atomic int	 woken;
	int		 told;		/* before the bell is rung           */
};

static void *
await(void *arg)
{
	struct waiter	*w = arg;

	while (lk_bell_word(&w->bell) != 2)
		lk_bell_wait(&w->bell, 0);
	assert_int_equal(w->told, 1);
	w->woken++;
	return NULL;
}

static void
test_bell(void **state)
{
	struct waiter	 w = { .told = 0 };
	pthread_t	 t[THREADS];
	int		 i;

	(void)state;
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&t[i], NULL, await, &w), 0);
	usleep(2000);
	assert_int_equal(w.woken, 0);
	w.told = 1;
	lk_bell_ring(&w.bell, 2, LK_BELL_ALL);
	for (i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(w.woken, THREADS);
	/* It has rung already. */
	lk_bell_wait(&w.bell, 0);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_TEST(&t, test_fork);
	TABLE_TEST(&t, test_bell);
	return table_run(&t, "self");
}
