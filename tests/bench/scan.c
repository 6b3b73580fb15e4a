/*
 * scan.c: how fast tokens are found, and that nothing else is.
 *
 *	bench_scan make KIND SIZE FILE	generate; KIND: base62, prose, forms
 *	bench_scan find FILE		as lk_scan reads, without a store
 *	bench_scan lines FILE		the same, and its newlines counted
 *
 * base62  digits alone, and here and there a newline
 * prose   words of letters; some with underscores, as in programs
 * forms   what has all of a token but its checksum, a line each
 *
 * find prints how many there were: 0, or it exits 1.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "token/sift.h"

#define WINDOW	131072			/* octets, as in lk_scan             */

static const char	 digits[] =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
static const char *const words[] = { "the", "key", "of", "account", "is", "to",
	"lk_store_open", "a", "request", "ucd_token", "which", "PATH_MAX",
	"limits", "wpush_", "and", "int", "return", "size_t", "verify", "in" };
#define NWORDS	(sizeof words / sizeof words[0])

static const struct lk_sift_prefix	 set[] = {
	{ "wpush", 5 }, { "ucd", 3 }, { "mob", 3 },
};
#define NSET	(sizeof set / sizeof set[0])

static uint64_t		 seed = 88172645463325252ULL;

static unsigned
chance(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)((seed >> 32) * n >> 32);
}

static size_t
put_digits(char *p, size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		p[i] = digits[chance(62)];
	return n;
}

/* A piece of at most 128 octets. */
static size_t
piece(const char *kind, char *p)
{
	const char	*w = words[chance(NWORDS)];
	size_t		 n = strlen(w);

	if (strcmp(kind, "base62") == 0) {
		n = put_digits(p, 100);
		p[n] = '\n';
		return n + (chance(20) == 0);
	}
	if (strcmp(kind, "prose") == 0) {
		memcpy(p, w, n);
		p[n] = chance(12) == 0 ? '\n' : ' ';
		return n + 1;
	}
	n = chance(NSET);
	memcpy(p, set[n].p, set[n].n);
	p[set[n].n] = '_';
	n = set[n].n + 1;
	n += put_digits(p + n, LK_TOKEN_DIGITS);
	p[n] = '\n';
	return n + 1;
}

static int
make(const char *kind, size_t size, const char *file)
{
	static char	 buf[WINDOW + 128];
	size_t		 n = 0;
	int		 fd;

	fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd == -1)
		err(1, "%s", file);
	while (size > 0) {
		while (n < WINDOW)
			n += piece(kind, buf + n);
		if (n > size)
			n = size;
		if (write(fd, buf, n) != (ssize_t)n)
			err(1, "%s", file);
		size -= n;
		n = 0;
	}
	return close(fd);
}

static int
find(const char *file, int count)
{
	static char	 buf[WINDOW];
	size_t		 have = 0, at = 0, found = 0, keep;
	uint64_t	 lines = 0;
	struct lk_token	 t;
	ssize_t		 got;
	int		 fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		err(1, "%s", file);
	while ((got = read(fd, buf + have, sizeof buf - have)) > 0) {
		have += (size_t)got;
		while (lk_sift_next(buf, have, &at, set, NSET, &t))
			found++;
		keep = at > LK_SIFT_BEFORE ? at - LK_SIFT_BEFORE : 0;
		if (count)
			lines += lk_sift_lines(buf, keep);
		memmove(buf, buf + keep, have - keep);
		have -= keep;
		at -= keep;
	}
	if (got == -1)
		err(1, "%s", file);
	close(fd);
	printf("%zu found, %llu lines\n", found, (unsigned long long)lines);
	return found != 0;
}

int
main(int argc, char **argv)
{
	if (argc == 5 && strcmp(argv[1], "make") == 0)
		return make(argv[2], strtoull(argv[3], NULL, 10), argv[4]);
	if (argc == 3 && strcmp(argv[1], "find") == 0)
		return find(argv[2], 0);
	if (argc == 3 && strcmp(argv[1], "lines") == 0)
		return find(argv[2], 1);
	errx(1, "usage: bench_scan make KIND SIZE FILE | find FILE | "
	    "lines FILE");
}
