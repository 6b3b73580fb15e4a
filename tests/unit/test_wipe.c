/* wipe: secrets. */
#include "table.h"

#include <sys/resource.h>

#include <unistd.h>

#include "base/wipe.h"
#include "latchkey.h"

static void
test_wipe_some(void **state)
{
	char	 s[8] = "secret!";

	(void)state;
	lk_wipe(s + 1, 3);
	assert_memory_equal(s, "s\0\0\0et!", 8);
	lk_wipe(s, 0);
	lk_wipe(NULL, 0);
	assert_int_equal(s[0], 's');
}

/* Every place of a difference, every bit of it. */
static void
test_equal(void **state)
{
	unsigned char	 a[40], b[40];
	size_t		 i;
	int		 bit;

	(void)state;
	for (i = 0; i < sizeof a; i++)
		a[i] = b[i] = (unsigned char)(i * 37);
	assert_int_equal(lk_equal(a, b, sizeof a), 1);
	assert_int_equal(lk_equal(a, "x", 0), 1);
	for (i = 0; i < sizeof a; i++) {
		for (bit = 0; bit < 8; bit++) {
			b[i] ^= (unsigned char)(1 << bit);
			assert_int_equal(lk_equal(a, b, sizeof a), 0);
			assert_int_equal(lk_equal(a, b, i), 1);
			b[i] = a[i];
		}
	}
}

static const struct alloc_case {
	const char	*name;
	size_t		 n;
	int		 want;
} alloc_cases[] = {
	{ "secret: none",		0,		0 },
	{ "secret: one octet",		1,		0 },
	{ "secret: a page",		4096,		0 },
	{ "secret: a page and one",	4097,		0 },
	{ "secret: too much",		SIZE_MAX,	LK_ENOMEM },
	{ "secret: more than there is",	SIZE_MAX / 2,	LK_ENOMEM },
};

static void
test_alloc(void **state)
{
	const struct alloc_case	*c = *state;
	struct lk_secret	 s;
	size_t			 i;

	assert_int_equal(lk_secret_alloc(c->n, &s), c->want);
	if (c->want != 0) {
		assert_null(s.p);
		return;
	}
	assert_int_equal(s.n, c->n);
	assert_true(s.mapped >= c->n);
	assert_int_equal(s.mapped % (size_t)sysconf(_SC_PAGESIZE), 0);
	for (i = 0; i < c->n; i++)
		assert_int_equal(s.p[i], 0);
	memset(s.p, 0xa5, s.n);
	lk_secret_free(&s);
	assert_null(s.p);
	assert_int_equal(s.mapped, 0);
	lk_secret_free(&s);
}

/* The flags of the mapping that holds p, from /proc/self/smaps. */
static void
flags_of(const void *p, char *flags, size_t size)
{
	FILE		*f = fopen("/proc/self/smaps", "r");
	char		 line[512];
	unsigned long	 from, to, at = (unsigned long)(uintptr_t)p;
	int		 here = 0;

	assert_non_null(f);
	flags[0] = '\0';
	while (fgets(line, sizeof line, f) != NULL) {
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			here = at >= from && at < to;
		else if (here && strncmp(line, "VmFlags:", 8) == 0)
			snprintf(flags, size, "%s", line);
	}
	fclose(f);
}

static void
test_not_dumped(void **state)
{
	struct lk_secret	 s;
	char			 flags[512], other[512], *plain;

	(void)state;
	assert_int_equal(lk_secret_alloc(32, &s), 0);
	flags_of(s.p, flags, sizeof flags);
	assert_non_null(strstr(flags, " dd"));
	/* The probe itself can tell: other memory has no such flag. */
	plain = malloc(32);
	flags_of(plain, other, sizeof other);
	assert_true(other[0] != '\0');
	free(plain);
	flags_of(&s, other, sizeof other);
	assert_null(strstr(other, " dd"));
	lk_secret_free(&s);
}

/* A host without locked memory is served all the same. */
static void
test_no_memlock(void **state)
{
	struct rlimit		 none = { 0, 0 };
	struct lk_secret	 s;

	(void)state;
	assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &none), 0);
	assert_int_equal(lk_secret_alloc(32, &s), 0);
	s.p[31] = 1;
	lk_secret_free(&s);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_TEST(&t, test_wipe_some);
	TABLE_TEST(&t, test_equal);
	TABLE_ROWS(&t, test_alloc, alloc_cases);
	TABLE_TEST(&t, test_not_dumped);
	TABLE_TEST(&t, test_no_memlock);
	return table_run(&t, "wipe");
}
