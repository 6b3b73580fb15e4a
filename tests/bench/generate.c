/*
 * generate.c: keys a second, beside appends of a line of that length alone.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <err.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

#define ALONE		256		/* keys, or lines, a round           */
#define THREADS		64
#define EACH		32		/* keys a thread and round           */

enum { BARE_APPEND, ONE, MANY, NWAYS };

static struct lk_operator	 op;
static pthread_barrier_t	 start;
static _Atomic unsigned		 made;	/* keys, five an account             */

static void
generate(struct lk *lk)
{
	struct lk_generate	 g = { .size = sizeof(g),
				     .label = "label0000000" };
	char			 account[16], token[LK_TOKEN_MAX + 1];
	struct lk_error		 e;

	snprintf(account, sizeof(account), "g%07u",
	    atomic_fetch_add(&made, 1) / ACCOUNT_KEYS);
	g.type = type_names[BARE];
	g.account = account;
	if (lk_generate(lk, &op, &g, token, NULL, NULL, 0, &e) != 0)
		errx(1, "generate: %s", e.text);
}

/* What a thread's first call makes is made before the clock runs. */
static void *
writer(void *arg)
{
	int	 i;

	generate(arg);
	pthread_barrier_wait(&start);
	for (i = 0; i < EACH; i++)
		generate(arg);
	return NULL;
}

/* Keys a second. */
static double
many(struct lk *lk)
{
	pthread_t	 t[THREADS];
	double		 from;
	int		 i;

	pthread_barrier_init(&start, NULL, THREADS + 1);
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&t[i], NULL, writer, lk) != 0)
			errx(1, "no thread");
	pthread_barrier_wait(&start);
	from = now_ns();
	for (i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	pthread_barrier_destroy(&start);
	return THREADS * EACH * 1e9 / (now_ns() - from);
}

static double
one(struct lk *lk)
{
	double	 from = now_ns();
	int	 i;

	for (i = 0; i < ALONE; i++)
		generate(lk);
	return ALONE * 1e9 / (now_ns() - from);
}

/* The octets of the journal's last line; its own newline included. */
static size_t
last_line(const struct home *h, char *out, size_t size)
{
	char	 path[PATH_MAX + 16];
	ssize_t	 n;
	char	*nl;
	int	 fd;

	snprintf(path, sizeof(path), "%s/store/journal", h->dir);
	if ((fd = open(path, O_RDONLY)) == -1 ||
	    lseek(fd, -(off_t)size, SEEK_END) == -1 ||
	    (n = read(fd, out, size)) != (ssize_t)size)
		err(1, "%s", path);
	close(fd);
	if ((nl = memrchr(out, '\n', size - 1)) == NULL)
		errx(1, "%s: a line over %zu octets", path, size);
	n -= ++nl - out;
	memmove(out, nl, (size_t)n);
	return (size_t)n;
}

/* Lines a second. */
static double
append(int fd, const char *line, size_t n)
{
	double	 from = now_ns();
	int	 i;

	for (i = 0; i < ALONE; i++)
		if (write(fd, line, n) != (ssize_t)n || fdatasync(fd) == -1)
			err(1, "append");
	return ALONE * 1e9 / (now_ns() - from);
}

static void
rounds_of(struct home *h, int fd, double t[NWAYS][ROUNDS_MAX], int rounds)
{
	char	 line[2048];
	size_t	 n;
	int	 i;

	generate(h->lk);
	n = last_line(h, line, sizeof(line));
	for (i = 0; i < rounds; i++) {
		t[BARE_APPEND][i] = append(fd, line, n);
		t[ONE][i] = one(h->lk);
		t[MANY][i] = many(h->lk);
	}
}

void
generate_figures(struct home *h, int rounds)
{
	static double	 t[NWAYS][ROUNDS_MAX];
	struct figure	 f[NWAYS] = {
		{ .what = "append + fdatasync, bare" },
		{ .what = "generate, 1 thread", .other = "bare" },
		{ .what = "generate, 64 threads", .other = "1 thread" },
	};
	struct lk_error	 e;
	char		 path[PATH_MAX + 16];
	int		 fd, i;

	if (lk_operator_self(&op, &e) != 0)
		errx(1, "%s", e.text);
	snprintf(path, sizeof(path), "%s/append", h->dir);
	if ((fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600)) == -1)
		err(1, "%s", path);
	lk_close(&h->lk);
	home_open(h, 0);
	rounds_of(h, fd, t, rounds);
	close(fd);
	for (i = 0; i < NWAYS; i++) {
		f[i].unit = "a second";
		f[i].value = median(t[i], rounds, &f[i].spread);
		if (i > 0)
			f[i].ratio[OTHER] = f[i].value / f[i - 1].value;
		table_figure(&f[i]);
	}
}
