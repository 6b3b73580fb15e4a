/* token: minting, with a getrandom(2) of our own in front of the system's. */
#include "table.h"

#include <sys/random.h>
#include <sys/syscall.h>

#include <errno.h>
#include <unistd.h>

#include "base/random.h"
#include "token/token.h"

#define TOKENS	20000

/* What the next calls do: r real, i EINTR, e ENOSYS, s one octet short, 0 and
 * f octets of that value, c counting octets.  The last step goes on. */
static const char	*steps = "r";
static unsigned		 calls, last_flags;
static unsigned char	 counter;

ssize_t
getrandom(void *p, size_t n, unsigned flags)
{
	unsigned char	*u = p;
	char		 step = *steps;
	size_t		 i;

	if (steps[1] != '\0')
		steps++;
	calls++;
	last_flags = flags;
	if (step == 'i' || step == 'e') {
		errno = step == 'i' ? EINTR : ENOSYS;
		return -1;
	}
	if (step == '0' || step == 'f')
		memset(p, step == '0' ? 0 : 0xff, n);
	for (i = 0; step == 'c' && i < n; i++)
		u[i] = counter++;
	if (step == 'r')
		return syscall(SYS_getrandom, p, n, flags);
	if (step == 's') {
		memset(p, 0x5a, n);
		return (ssize_t)n - 1;
	}
	return (ssize_t)n;
}

static const struct source_case {
	const char	*name, *steps;
	int		 want;
} source_cases[] = {
	{ "source: gives",		"r",	0 },
	{ "source: interrupted",	"iiir",	0 },
	{ "source: fails",		"e",	LK_EUNAVAIL },
	{ "source: interrupted, fails",	"ie",	LK_EUNAVAIL },
	{ "source: too little",		"s",	LK_EUNAVAIL },
	{ "source: never a digit",	"f",	LK_EUNAVAIL },
};

static int
all_zero(const char *p, size_t n)
{
	while (n > 0 && *p == '\0') {
		p++;
		n--;
	}
	return n == 0;
}

static void
test_source(void **state)
{
	const struct source_case	*c = *state;
	struct lk_error			 e = { 0 };
	struct lk_token			 t;
	char				 token[64], id[LK_KEYID_LEN + 1];

	memset(token, 'x', sizeof token);
	memset(id, 'x', sizeof id);
	steps = c->steps;
	assert_int_equal(lk_token_mint("ucd", token, sizeof token, &e),
	    c->want);
	assert_int_equal(last_flags, 0);
	steps = c->steps;
	assert_int_equal(lk_keyid_mint(id, NULL), c->want);
	if (c->want != 0) {
		assert_true(all_zero(token, sizeof token));
		assert_true(all_zero(id, sizeof id));
		assert_non_null(strstr(e.text, "getrandom"));
		return;
	}
	assert_int_equal(strlen(token), 40);
	assert_int_equal(lk_token_parse(token, 40, &t), 0);
	assert_int_equal(strlen(id), LK_KEYID_LEN);
	assert_int_equal(lk_keyid_valid(id, LK_KEYID_LEN), 1);
}

/* The failure may come after some digits were drawn: they go as well. */
static void
test_fails_late(void **state)
{
	char	 out[100];

	(void)state;
	steps = "re";
	assert_int_equal(lk_base62_random(out, sizeof out, NULL),
	    LK_EUNAVAIL);
	assert_true(all_zero(out, sizeof out));
}

/*
 * All 256 octets equally often, so that each digit must come equally often: a
 * modulo gives 8 digits a fifth time out of 256.
 */
static void
test_no_bias(void **state)
{
	char	 out[62 * 4 * 4];
	int	 seen[256] = { 0 };
	size_t	 i;

	(void)state;
	steps = "c";
	counter = 0;
	assert_int_equal(lk_base62_random(out, sizeof out, NULL), 0);
	for (i = 0; i < sizeof out; i++)
		seen[(unsigned char)out[i]]++;
	for (i = 0; i < 256; i++)
		assert_true(seen[i] == 0 || seen[i] == 16);
	assert_int_equal(seen['0'], 16);
	assert_int_equal(seen['7'], 16);
	assert_int_equal(seen['z'], 16);
}

static const struct room_case {
	const char	*name, *prefix;
	size_t		 size;
	int		 want;
} room_cases[] = {
	{ "room: just enough",		"ucd", 41,		0 },
	{ "room: no room for the NUL",	"ucd", 40,		LK_EUNAVAIL },
	{ "room: none",			"ucd", 0,		LK_EUNAVAIL },
	{ "room: longest prefix",	"abcdefghij12", 50,	0 },
	{ "room: prefix too long",	"abcdefghij123", 64,	LK_EUNAVAIL },
};

static void
test_room(void **state)
{
	const struct room_case	*c = *state;
	char			 out[65];

	memset(out, 'x', sizeof out);
	steps = "r";
	assert_int_equal(lk_token_mint(c->prefix, out, c->size, NULL),
	    c->want);
	assert_int_equal(out[c->size], 'x');
	if (c->want == 0)
		assert_int_equal(strlen(out), c->size - 1);
	else
		assert_true(all_zero(out, c->size));
}

static int
by_text(const void *a, const void *b)
{
	return memcmp(a, b, 64);
}

static void
test_many(void **state)
{
	static char	 tokens[TOKENS][64];
	struct lk_token	 t;
	size_t		 i;

	(void)state;
	steps = "r";
	for (i = 0; i < TOKENS; i++) {
		assert_int_equal(lk_token_mint("ucd", tokens[i], 64, NULL),
		    0);
		assert_int_equal(lk_token_parse(tokens[i], 40, &t), 0);
	}
	qsort(tokens, TOKENS, 64, by_text);
	for (i = 1; i < TOKENS; i++)
		assert_true(memcmp(tokens[i - 1], tokens[i], 64) != 0);
}

static void
test_raw(void **state)
{
	char	 p[LK_RANDOM_MAX];

	(void)state;
	steps = "r";
	calls = 0;
	memset(p, 0, sizeof p);
	assert_int_equal(lk_random(p, sizeof p, NULL), 0);
	assert_int_equal(calls, 1);
	assert_false(all_zero(p, sizeof p));
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_source, source_cases);
	TABLE_TEST(&t, test_fails_late);
	TABLE_TEST(&t, test_no_bias);
	TABLE_ROWS(&t, test_room, room_cases);
	TABLE_TEST(&t, test_many);
	TABLE_TEST(&t, test_raw);
	return table_run(&t, "token_random");
}
