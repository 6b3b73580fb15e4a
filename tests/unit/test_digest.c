/* digest: known answers, refusals, fork, what is left behind in memory. */
#include "table.h"

#include <sys/wait.h>

#include <limits.h>
#include <pthread.h>
#include <unistd.h>

#include "token/digest.h"

/* FIPS 180-4's examples, and one of no octets. */
static const struct sha_case {
	const char	*name, *in, *want;
} sha_cases[] = {
	{ "sha256: nothing", "",
	    "e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855" },
	{ "sha256: abc", "abc",
	    "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad" },
	{ "sha256: two blocks",
	    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	    "248d6a61d20638b8e5c026930c3e6039"
	    "a33ce45964ff2167f6ecedd419db06c1" },
};

static void
assert_hex(const uint8_t *d, const char *want)
{
	char	 hex[2 * LK_DIGEST_SIZE + 1];
	size_t	 i;

	for (i = 0; i < LK_DIGEST_SIZE; i++)
		snprintf(hex + 2 * i, 3, "%02x", d[i]);
	assert_string_equal(hex, want);
}

static void
test_sha(void **state)
{
	const struct sha_case	*c = *state;
	struct lk_sha256_ctx	*ctx;
	uint8_t			 d[LK_DIGEST_SIZE];
	size_t			 i, n = strlen(c->in);

	assert_int_equal(lk_sha256(c->in, n, d), 0);
	assert_hex(d, c->want);
	assert_int_equal(lk_sha256_open(&ctx), 0);
	for (i = 0; i < n; i++)
		lk_sha256_add(ctx, c->in + i, 1);
	memset(d, 0, sizeof d);
	assert_int_equal(lk_sha256_close(&ctx, d), 0);
	assert_hex(d, c->want);
	assert_null(ctx);
	assert_int_equal(lk_sha256_close(&ctx, d), LK_EUNAVAIL);
}

/* RFC 4231, test cases 1, 2, 6 and 7, and a message of no octets. */
static const struct hmac_case {
	const char	*name, *key;
	size_t		 repeat;	/* key's first octet so often; 0: no */
	const char	*in, *want;
} hmac_cases[] = {
	{ "hmac: RFC 4231, 1", "\x0b", 20, "Hi There",
	    "b0344c61d8db38535ca8afceaf0bf12b"
	    "881dc200c9833da726e9376c2e32cff7" },
	{ "hmac: RFC 4231, 2", "Jefe", 0, "what do ya want for nothing?",
	    "5bdcc146bf60754e6a042426089575c7"
	    "5a003f089d2739839dec58b964ec3843" },
	{ "hmac: RFC 4231, 6", "\xaa", 131,
	    "Test Using Larger Than Block-Size Key - Hash Key First",
	    "60e431591ee0b67f0d8a26aacbf5b77f"
	    "8e0bc6213728c5140546040f0ee37f54" },
	{ "hmac: RFC 4231, 7", "\xaa", 131,
	    "This is a test using a larger than block-size key and a larger "
	    "than block-size data. The key needs to be hashed before being "
	    "used by the HMAC algorithm.",
	    "9b09ffa71b942fcb27635fbcd5b0e944"
	    "bfdc63644f0713938a7f51535c3a35e2" },
	{ "hmac: nothing", "key", 0, "",
	    "5d5d139563c95b5967b9bd9a8c9b233a"
	    "9dedb45072794cd232dc1b74832607d0" },
};

static void
test_hmac(void **state)
{
	const struct hmac_case	*c = *state;
	struct lk_hmac		*h;
	struct lk_error		 e;
	uint8_t			 d[LK_DIGEST_SIZE];
	char			 key[200];
	size_t			 n = strlen(c->in), k = strlen(c->key), i;

	memcpy(key, c->key, k);
	if (c->repeat != 0)
		memset(key, c->key[0], k = c->repeat);
	assert_int_equal(lk_hmac_once(key, k, c->in, n, d), 0);
	assert_hex(d, c->want);
	assert_int_equal(lk_hmac_new(key, k, &h, &e), 0);
	memset(key, 0, sizeof key);		/* it was copied */
	for (i = 0; i < 3; i++) {
		memset(d, 0, sizeof d);
		assert_int_equal(lk_hmac(h, c->in, n, d), 0);
		assert_hex(d, c->want);
	}
	lk_hmac_free(&h);
	assert_null(h);
	lk_hmac_free(&h);
}

static void
test_empty_key(void **state)
{
	struct lk_hmac	*h = (struct lk_hmac *)state;
	struct lk_error	 e;
	uint8_t		 d[LK_DIGEST_SIZE], zero[LK_DIGEST_SIZE] = { 0 };

	memset(d, 1, sizeof d);
	assert_int_equal(lk_hmac_new("", 0, &h, &e), LK_EDATA);
	assert_null(h);
	assert_true(e.text[0] != '\0');
	assert_int_equal(lk_hmac_once("", 0, "x", 1, d), LK_EDATA);
	assert_memory_equal(d, zero, sizeof d);
}

static void
test_two_keys(void **state)
{
	struct lk_hmac	*a, *b;
	struct lk_error	 e;
	uint8_t		 x[LK_DIGEST_SIZE], y[LK_DIGEST_SIZE];
	int		 i;

	(void)state;
	assert_int_equal(lk_hmac_new("a", 1, &a, &e), 0);
	assert_int_equal(lk_hmac_new("b", 1, &b, &e), 0);
	for (i = 0; i < 3; i++) {
		assert_int_equal(lk_hmac(a, "m", 1, x), 0);
		assert_int_equal(lk_hmac(b, "m", 1, y), 0);
		assert_memory_not_equal(x, y, sizeof x);
		assert_int_equal(lk_hmac_once("b", 1, "m", 1, x), 0);
		assert_memory_equal(x, y, sizeof x);
	}
	lk_hmac_free(&a);
	assert_int_equal(lk_hmac(b, "m", 1, x), 0);
	assert_memory_equal(x, y, sizeof x);
	lk_hmac_free(&b);
}

/* A process has 1,024 thread keys: when they are gone it is said. */
static void
test_no_thread_key(void **state)
{
	pthread_key_t	 keys[PTHREAD_KEYS_MAX];
	struct lk_hmac	*h;
	struct lk_error	 e;
	size_t		 n = 0;

	(void)state;
	while (n < PTHREAD_KEYS_MAX && pthread_key_create(&keys[n], NULL) == 0)
		n++;
	assert_int_equal(lk_hmac_new("k", 1, &h, &e), LK_EUNAVAIL);
	assert_null(h);
	assert_non_null(strstr(e.text, "thread key"));
	while (n > 0)
		pthread_key_delete(keys[--n]);
	assert_int_equal(lk_hmac_new("k", 1, &h, &e), 0);
	lk_hmac_free(&h);
}

/* A child goes on with the parent's handle, and opens and ends its own. */
static void
test_fork(void **state)
{
	struct lk_hmac	*h, *mine;
	uint8_t		 x[LK_DIGEST_SIZE], y[LK_DIGEST_SIZE];
	pid_t		 pid;
	int		 status;

	(void)state;
	assert_int_equal(lk_hmac_new("key", 3, &h, NULL), 0);
	assert_int_equal(lk_hmac(h, "m", 1, x), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (lk_hmac(h, "m", 1, y) != 0 ||
		    memcmp(x, y, sizeof x) != 0)
			_exit(1);
		if (lk_hmac_new("key", 3, &mine, NULL) != 0 ||
		    lk_hmac(mine, "m", 1, y) != 0 ||
		    memcmp(x, y, sizeof x) != 0)
			_exit(2);
		lk_hmac_free(&mine);
		lk_hmac_free(&h);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	lk_hmac_free(&h);
}

/* ------------------------------------- nothing of a token stays behind */

#define SECRET_LEN	40
#define MASK		0x2a
#define MAP_MAX		(64UL << 20)	/* octets: a sanitizer's are larger */

static volatile char	 masked[SECRET_LEN];	/* the secret, never as it is */

static void
unmask(volatile char *out)
{
	int	 i;

	for (i = 0; i < SECRET_LEN; i++)
		out[i] = (char)(masked[i] ^ MASK);
}

/* How often 16 octets of the secret stand in p, compared by the octet. */
static int __attribute__((no_sanitize("address", "thread")))
count_in(const volatile char *p, size_t n)
{
	int	 found = 0, i;
	size_t	 at;

	for (at = 0; at + 16 <= n; at++) {
		for (i = 0; i < 16; i++) {
			if ((p[at + (size_t)i] ^ masked[8 + i]) != MASK)
				break;
		}
		found += i == 16;
	}
	return found;
}

static int
count_in_memory(void)
{
	FILE		*f = fopen("/proc/self/maps", "r");
	unsigned long	 from, to;
	char		 line[512], mode[8];
	int		 found = 0;

	assert_non_null(f);
	while (fgets(line, sizeof line, f) != NULL) {
		if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) == 3 &&
		    mode[0] == 'r' && mode[1] == 'w' && to - from < MAP_MAX)
			found += count_in((volatile char *)from, to - from);
	}
	fclose(f);
	return found;
}

/* In two parts: the same digest, and the next one is not spoilt by it. */
static void
hold_and_forget(struct lk_hmac *h, char *token)
{
	struct lk_hmac_slot	*held;
	uint8_t			 d[LK_DIGEST_SIZE], want[LK_DIGEST_SIZE];

	assert_int_equal(lk_hmac(h, token, SECRET_LEN, want), 0);
	assert_int_equal(lk_hmac_held(h, token, SECRET_LEN, d, &held), 0);
	lk_wipe(token, SECRET_LEN);
	assert_memory_equal(d, want, sizeof d);
	lk_hmac_forget(held);
	assert_int_equal(count_in_memory(), 0);
	unmask(token);
	assert_int_equal(lk_hmac(h, token, SECRET_LEN, d), 0);
	assert_memory_equal(d, want, sizeof d);
}

static void
test_nothing_left(void **state)
{
	struct lk_hmac	*h;
	uint8_t		 d[LK_DIGEST_SIZE];
	volatile char	*token;
	int		 i;

	(void)state;
	for (i = 0; i < SECRET_LEN; i++)
		masked[i] = (char)(('A' + i * 7 % 26) ^ MASK);
	assert_int_equal(lk_hmac_new("key", 3, &h, NULL), 0);
	token = malloc(SECRET_LEN);
	assert_non_null((void *)(uintptr_t)token);
	unmask(token);
	/* The search finds what is there. */
	assert_true(count_in_memory() >= 1);
	assert_int_equal(lk_hmac(h, (void *)(uintptr_t)token, SECRET_LEN, d),
	    0);
	hold_and_forget(h, (void *)(uintptr_t)token);
	lk_wipe((void *)(uintptr_t)token, SECRET_LEN);
	assert_int_equal(count_in_memory(), 0);
	free((void *)(uintptr_t)token);
	lk_hmac_free(&h);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_sha, sha_cases);
	TABLE_ROWS(&t, test_hmac, hmac_cases);
	TABLE_TEST(&t, test_empty_key);
	TABLE_TEST(&t, test_two_keys);
	TABLE_TEST(&t, test_no_thread_key);
	TABLE_TEST(&t, test_fork);
	TABLE_TEST(&t, test_nothing_left);
	return table_run(&t, "digest");
}
