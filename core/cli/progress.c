#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/progress.h"

#define EVERY	100			/* milliseconds from line to line    */
#define WIDTH	30			/* columns of the bar                */

static int64_t
now_ms(void)
{
	struct timespec	 t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
lk_progress_start(struct lk_progress *p, const char *what, const char *unit)
{
	memset(p, 0, sizeof(*p));
	p->what = what;
	p->unit = unit;
	p->on = isatty(STDERR_FILENO);
	p->began = now_ms();
}

/* 12.3 M of a number. */
static void
scaled(double v, char *out, size_t size)
{
	static const char	*const names[] = { "", " k", " M", " G" };
	unsigned		 i = 0;

	for (; v >= 1000 && i < 3; i++)
		v /= 1000;
	snprintf(out, size, i == 0 ? "%.0f%s" : "%.1f%s", v, names[i]);
}

static void
draw(const struct lk_progress *p, uint64_t done, uint64_t all, int64_t now)
{
	char	 bar[WIDTH + 1], rate[32];
	size_t	 full = 0;
	int64_t	 spent = now - p->began;

	if (all == 0) {
		scaled((double)done, rate, sizeof(rate));
		fprintf(stderr, "\r%s: %s %s\033[K", p->what, rate, p->unit);
		fflush(stderr);
		return;
	}
	if (done > all)
		all = done;
	full = (size_t)((double)done / (double)all * WIDTH);
	memset(bar, '.', WIDTH);
	memset(bar, '#', full);
	bar[WIDTH] = '\0';
	scaled((double)done * 1000 / (double)(spent > 0 ? spent : 1), rate,
	    sizeof(rate));
	fprintf(stderr, "\r%s [%s] %3.0f %%  %s %s/s\033[K", p->what, bar,
	    (double)done * 100 / (double)all, rate, p->unit);
	fflush(stderr);
}

void
lk_progress_step(void *progress, uint64_t done, uint64_t all)
{
	struct lk_progress	*p = progress;
	int64_t			 now;

	if (!p->on || (now = now_ms()) - p->last < EVERY)
		return;
	p->last = now;
	p->drawn = 1;
	draw(p, done, all, now);
}

void
lk_progress_end(struct lk_progress *p)
{
	if (p->drawn)
		fputs("\r\033[K", stderr);
	p->drawn = 0;
}
