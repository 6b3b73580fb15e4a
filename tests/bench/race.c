/*
 * race.c: racers take turns, so that whatever else the machine does meets all
 * of them alike.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/resource.h>

#include <err.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "bench.h"

#define ROUND_NS	100e6		/* aim of a turn                     */
#define LOOPS_MIN	5
#define LOOPS_MAX	250000		/* of all threads of a turn          */
#define WARM_NS		10e9		/* at the most                       */
#define WARM_PART	4		/* one in so many, untimed           */
#define THREADS_MAX	8

/* Where the next turn of each type goes on, so that no two in a row present
 * the same tokens. */
static size_t	 cursor[NTYPES];

struct lane {
	pthread_t		 thread;
	pthread_barrier_t	*start;
	race_fn			 run;
	struct turn		 turn;
	double			 from, to;
};

double
now_ns(void)
{
	struct timespec	 t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static struct turn
deal(const struct racer *r, size_t loops)
{
	struct turn	 t = { 0 };

	t.arg = r->arg;
	t.v = r->home->visits[r->type];
	t.nv = r->home->nvisits[r->type];
	t.at = cursor[r->type] % t.nv;
	t.loops = loops;
	cursor[r->type] = (t.at + loops) % t.nv;
	return t;
}

/* Before the clock runs: what a thread's first call makes is made, and the
 * cache holds what is ours and not what is the racer's before us. */
static void
warm(race_fn run, struct turn t)
{
	t.loops = t.loops / WARM_PART + 1;
	run(&t);
}

static void *
lane_main(void *arg)
{
	struct lane	*l = arg;

	warm(l->run, l->turn);
	pthread_barrier_wait(l->start);
	l->from = now_ns();
	l->run(&l->turn);
	l->to = now_ns();
	return NULL;
}

/* ns of wall clock a verify, of all threads together. */
static double
abreast(const struct racer *r, size_t loops)
{
	struct lane		 l[THREADS_MAX];
	pthread_barrier_t	 start;
	double			 from, to;
	int			 i;

	pthread_barrier_init(&start, NULL, (unsigned)r->threads);
	for (i = 0; i < r->threads; i++) {
		l[i].start = &start;
		l[i].run = r->run;
		l[i].turn = deal(r, loops);
		if (pthread_create(&l[i].thread, NULL, lane_main, &l[i]) != 0)
			errx(1, "no thread");
	}
	for (i = 0; i < r->threads; i++)
		pthread_join(l[i].thread, NULL);
	pthread_barrier_destroy(&start);
	from = l[0].from;
	to = l[0].to;
	for (i = 1; i < r->threads; i++) {
		from = l[i].from < from ? l[i].from : from;
		to = l[i].to > to ? l[i].to : to;
	}
	return (to - from) / (double)loops / r->threads;
}

static double
take_turn(const struct racer *r, size_t loops)
{
	struct turn	 t;
	double		 from;

	if (r->threads > 1)
		return abreast(r, loops);
	t = deal(r, loops);
	warm(r->run, t);
	from = now_ns();
	r->run(&t);
	return (now_ns() - from) / (double)loops;
}

static size_t
within(double v, size_t low, size_t high)
{
	if (v < (double)low)
		return low;
	return v > (double)high ? high : (size_t)v;
}

void
race_warm(struct racer *r)
{
	size_t	 all = r->home->nvisits[r->type];
	double	 ns;

	if (r->run == NULL)
		return;
	ns = take_turn(r, LOOPS_MIN);
	ns = take_turn(r, within(WARM_NS / ns / 100, LOOPS_MIN, all));
	ns = take_turn(r, within(WARM_NS / ns, LOOPS_MIN, all));
	r->loops = within(ROUND_NS / ns / r->threads, LOOPS_MIN,
	    LOOPS_MAX / (size_t)r->threads);
}

/* Another order in each round, so that nobody has one predecessor for all. */
static void
draw(size_t *order, size_t n)
{
	size_t	 i, j;

	for (i = 0; i < n; i++) {
		j = (size_t)random() % (i + 1);
		order[i] = order[j];
		order[j] = i;
	}
}

static long
from_disk(void)
{
	struct rusage	 ru;

	getrusage(RUSAGE_SELF, &ru);
	return ru.ru_majflt;
}

long
race(struct racer *r, size_t n, int rounds, const char *dir)
{
	struct racer	*next;
	size_t		 i, order[RACERS_MAX];
	long		 before = from_disk();
	int		 k;

	for (k = 0; k < rounds; k++) {
		at_hand(dir);
		draw(order, n);
		for (i = 0; i < n; i++) {
			next = &r[order[i]];
			if (next->run != NULL)
				next->ns[k] = take_turn(next, next->loops);
		}
	}
	return from_disk() - before;
}
