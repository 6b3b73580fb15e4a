/*
 * test_loader_threads.c: a plugin that is not thread-safe is entered one thread
 * at a time, through whichever instance; one file is loaded once, however many
 * ask; and a child of fork is held up by no thread that it lacks.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/wait.h>

#include <pthread.h>
#include <stdatomic.h>

#include "loader/loader.h"
#include "plugin_file.h"
#include "table.h"

#define THREADS		4
#define CALLS		500		/* a thread */
#define FORKS		100
/* The locks of the thread sanitizer do not survive a fork. */
#ifdef __SANITIZE_THREAD__
#define FORKS_SAFELY	0
#else
#define FORKS_SAFELY	1
#endif
#define HUNG		60		/* seconds */

static const struct lk_record	 record = { .size = sizeof(record),
				     .key_id = { "abcdefghijkl", 12 } };

struct worker {
	pthread_t		 id;
	struct lk_instance	*instance;
	const struct lk_build	*build;
	const char		*dir;
	const char		*name;
	int			 alone, failed;
};

static void *
work(void *arg)
{
	struct worker		*w = arg;
	struct lk_answer	 a;
	int			 i;

	for (i = 0; i < CALLS; i++)
		w->alone += lk_instance_check(w->instance, NULL, &record,
		    &a) == LK_WAIT;
	return NULL;
}

static void *
ask(void *arg)
{
	struct worker		*w = arg;
	const struct lk_want	 want = { w->dir, w->name, 0, NULL, NULL };
	struct lk_error		 e;

	w->failed = lk_build_load(&want, &w->build, &e) != 0;
	return NULL;
}

static void
run(struct worker *w, void *(*f)(void *))
{
	int	 i;

	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&w[i].id, NULL, f, &w[i]), 0);
	for (i = 0; i < THREADS; i++)
		pthread_join(w[i].id, NULL);
}

static void
test_serialised(void **state)
{
	static const struct lk_place	 none;
	const struct lk_want	 want = { plugin_folder(1), "serial",
				     LK_PLUGIN_CHECK, NULL, NULL };
	struct worker		 w[THREADS];
	const struct lk_build	*b;
	struct lk_answer	 a;
	struct lk_error		 e;
	int			 i, alone = 0;

	(void)state;
	memset(w, 0, sizeof(w));
	assert_int_equal(lk_build_load(&want, &b, &e), 0);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(lk_instance_new(b, NULL, NULL, none,
		    &lk_setup_services, NULL, &w[i].instance, &e), 0);
	run(w, work);
	for (i = 0; i < THREADS; i++)
		alone += w[i].alone;
	assert_int_equal(alone, THREADS * CALLS);
	/* It counts without a lock: no call was lost. */
	assert_int_equal(lk_instance_check(w[0].instance, NULL, &record, &a),
	    LK_WAIT);
	assert_int_equal(a.wait, THREADS * CALLS + 1);
	for (i = 0; i < THREADS; i++)
		lk_instance_free(&w[i].instance);
}

static void
test_loaded_once(void **state)
{
	struct worker	 w[THREADS];
	char		 dir[64], path[256];
	int		 i;

	(void)state;
	memset(w, 0, sizeof(w));
	folder_make(dir);
	plugin_put(dir, "subject", "subject", path);
	for (i = 0; i < THREADS; i++) {
		w[i].dir = dir;
		w[i].name = "subject";
	}
	run(w, ask);
	folder_remove(dir);
	for (i = 0; i < THREADS; i++) {
		assert_int_equal(w[i].failed, 0);
		assert_ptr_equal(w[i].build, w[0].build);
	}
}

static atomic_int	 enough;

static void *
work_on(void *arg)
{
	while (!enough)
		work(arg);
	return NULL;
}

static void *
ask_on(void *arg)
{
	while (!enough)
		ask(arg);
	return NULL;
}

/* In a child: what a thread of the parent may be about. */
static void
child(struct worker *w)
{
	struct lk_answer	 a;

	alarm(HUNG);
	lk_instance_check(w->instance, NULL, &record, &a);
	ask(w);
	_exit(w->failed);
}

static void
test_fork(void **state)
{
	static const struct lk_place	 none;
	struct worker		 w = { .dir = plugin_folder(1),
				     .name = "serial" };
	pthread_t		 threads[2];
	struct lk_error		 e;
	int			 i, status = 0;
	pid_t			 pid;

	(void)state;
	ask(&w);
	assert_int_equal(w.failed, 0);
	assert_int_equal(lk_instance_new(w.build, NULL, NULL, none,
	    &lk_setup_services, NULL, &w.instance, &e), 0);
	enough = 0;
	assert_int_equal(pthread_create(&threads[0], NULL, work_on, &w), 0);
	assert_int_equal(pthread_create(&threads[1], NULL, ask_on,
	    &(struct worker){ .dir = w.dir, .name = w.name }), 0);
	for (i = 0; i < FORKS && status == 0; i++) {
		if ((pid = fork()) == 0)
			child(&w);
		assert_int_equal(waitpid(pid, &status, 0), pid);
	}
	enough = 1;
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	lk_instance_free(&w.instance);
	assert_int_equal(status, 0);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_TEST(&t, test_loaded_once);
	TABLE_TEST(&t, test_serialised);
	if (FORKS_SAFELY)
		TABLE_TEST(&t, test_fork);
	return table_run(&t, "loader/threads");
}
