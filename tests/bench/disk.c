/*
 * disk.c: what the store takes, on disk and in memory, and how fast it opens.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/stat.h>

#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <ftw.h>
#include <malloc.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

#define OPEN_NS		20e9		/* for all of the opens, about       */

double
octets_of(const char *dir, const char *prefix)
{
	const struct dirent	*d;
	struct stat		 st;
	double			 sum = -1;
	DIR			*folder;

	if ((folder = opendir(dir)) == NULL)
		err(1, "%s", dir);
	while ((d = readdir(folder)) != NULL) {
		if (strncmp(d->d_name, prefix, strlen(prefix)) != 0 ||
		    fstatat(dirfd(folder), d->d_name, &st, 0) == -1 ||
		    !S_ISREG(st.st_mode))
			continue;
		sum = (sum < 0 ? 0 : sum) + (double)st.st_size;
	}
	closedir(folder);
	return sum;
}

static int
remove_one(const char *path, const struct stat *st, int what, struct FTW *at)
{
	(void)st;
	(void)what;
	(void)at;
	return remove(path);
}

void
remove_tree(const char *dir)
{
	if (nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
		err(1, "%s", dir);
}

/* ------------------------------------------------------------- page cache */

static char	 block[1 << 20];

static int
read_one(const char *path, const struct stat *st, int what, struct FTW *at)
{
	int	 fd;

	if (what != FTW_F || !S_ISREG(st->st_mode) ||
	    strcmp(path + at->base, "journal") == 0)
		return 0;
	if ((fd = open(path, O_RDONLY)) == -1)
		return 0;
	while (read(fd, block, sizeof(block)) > 0)
		continue;
	close(fd);
	return 0;
}

void
at_hand(const char *dir)
{
	if (nftw(dir, read_one, 16, FTW_PHYS) != 0)
		err(1, "%s", dir);
}

/* ------------------------------------------------------------------ memory */

struct resident {
	double	 own, mapped;		/* octets */
};

static struct resident
resident(void)
{
	struct resident	 r = { 0, 0 };
	char		 line[256];
	double		 n;
	FILE		*f;

	if ((f = fopen("/proc/self/status", "r")) == NULL)
		return r;
	while (fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "RssAnon: %lf", &n) == 1)
			r.own += n * 1024;
		else if (sscanf(line, "RssFile: %lf", &n) == 1 ||
		    sscanf(line, "RssShmem: %lf", &n) == 1)
			r.mapped += n * 1024;
	}
	fclose(f);
	return r;
}

static void
memory_figure(const char *what, double octets, const struct home *h,
    double index)
{
	struct figure	 f = { .what = what, .unit = "octets a key",
			     .other = "index" };

	f.value = octets > 0 ? octets / (double)h->keys : 0;
	f.ratio[OTHER] = index > 0 ? octets / index : 0;
	table_figure(&f);
}

/* How much more is resident when each key of either type was asked for. */
void
memory_figures(struct home *h, struct racer *r, size_t n)
{
	struct resident	 before, after;
	char		 dir[PATH_MAX + 16];
	double		 own, mapped;
	size_t		 i;

	lk_close(&h->lk);
	malloc_trim(0);
	before = resident();
	home_open(h, LK_VERIFY_ONLY);
	for (i = 0; i < n; i++)
		race_warm(&r[i]);
	after = resident();
	own = after.own - before.own;
	mapped = after.mapped - before.mapped;
	snprintf(dir, sizeof(dir), "%s/store", h->dir);
	memory_figure("memory, its own", own, h, 0);
	memory_figure("memory, mapped files", mapped, h, 0);
	memory_figure("memory, both", own + mapped, h,
	    octets_of(dir, "index."));
}

/* -------------------------------------------------------------------- open */

void
open_figures(struct home *h, int rounds)
{
	struct figure	 f = { .what = "open", .unit = "ms" };
	double		 ms[ROUNDS_MAX], from, start = now_ns();
	int		 n;

	for (n = 0; n < rounds && now_ns() - start < OPEN_NS; n++) {
		lk_close(&h->lk);
		from = now_ns();
		home_open(h, LK_VERIFY_ONLY);
		ms[n] = (now_ns() - from) / 1e6;
	}
	f.value = median(ms, n, &f.spread);
	table_figure(&f);
}

/* -------------------------------------------------------------------- size */

static const struct {
	const char	*what, *prefix, *none;
} files[] = {
	{ "journal", "journal", "no such file" },
	{ "index", "index.", "no such file: the index is in memory" },
	{ "usage", "usage", "no such file" },
};

void
size_figures(const struct home *h)
{
	char		 dir[PATH_MAX + 16];
	struct figure	 f = { .unit = "octets a key" };
	double		 octets;
	size_t		 i;

	snprintf(dir, sizeof(dir), "%s/store", h->dir);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		octets = octets_of(dir, files[i].prefix);
		f.what = files[i].what;
		f.value = octets / (double)h->keys;
		if (octets < 0)
			table_note(f.what, files[i].none);
		else
			table_figure(&f);
	}
}
