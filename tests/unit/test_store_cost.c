/*
 * A journal that is all damage: what it costs to read, what is seen meanwhile,
 * and what memory that is not there changes.
 */
#include "table.h"

#include <pthread.h>

#include "store/index.h"
#include "store_home.h"

#define BAD		20000		/* lines that are none               */
#define FAULTS		200000
#define ROUNDS		200
#define KEYS		200		/* keys a round                      */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||	\
    !defined(__GLIBC__)
#define OWN_CALLOC	0
#elif defined(__has_feature)
#define OWN_CALLOC	(!__has_feature(address_sanitizer) &&		\
			!__has_feature(thread_sanitizer) &&		\
			!__has_feature(memory_sanitizer))
#else
#define OWN_CALLOC	1
#endif

static int	no_memory;

#if OWN_CALLOC
#pragma GCC visibility push(default)
void	*__libc_calloc(size_t, size_t);

void *
calloc(size_t n, size_t size)
{
	return no_memory ? NULL : __libc_calloc(n, size);
}
#pragma GCC visibility pop
#endif

static size_t	octets;			/* that were read                    */

static ssize_t
count_pread(void *ctx, int fd, void *p, size_t n, off_t at)
{
	ssize_t	 got = lk_io_system.pread(ctx, fd, p, n, at);

	if (got > 0)
		octets += (size_t)got;
	return got;
}

static void
append(const struct home *h, const char *text, unsigned times)
{
	FILE	*f = fopen(h->journal, "a");

	assert_non_null(f);
	while (times-- > 0)
		fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

/* ------------------------------------------------------------------- reads */

static const struct reads_case {
	const char	*name, *text, *after;
	enum vouch	 vouch;
} reads_cases[] = {
	{ "no state", "x\n", "", NO_STATE },
	{ "after a boot", "x\n", "", OLD_BOOT },
	{ "two batches behind", "x\n",
	    "9:9:1700000000:delete:-:-:K00000000001:-\n"
	    "11:11:1700000000:delete:-:-:K00000000001:-\n", NO_STATE },
	{ "two batches again and again", "x\nx\n"
	    "9:9:1700000000:delete:-:-:K00000000001:-\n"
	    "11:11:1700000000:delete:-:-:K00000000001:-\n", "", NO_STATE },
	{ "vouched for", "x\n", "", VOUCHED },
};

static void
test_reads(void **state)
{
	const struct reads_case	*c = *state;
	struct lk_io		 io;
	struct home		 h;
	struct lk_store		*s;
	size_t			 n;

	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 3);
	lk_store_close(&s);
	append(&h, c->text, BAD);
	append(&h, c->after, 1);
	home_vouch(&h, c->vouch);
	free(slurp(h.journal, &n));
	io = *h.io;
	io.pread = count_pread;
	h.io = &io;
	octets = 0;
	assert_int_equal(home_state(&h, 2), c->vouch == VOUCHED ?
	    LK_STATE_ACTIVE : LK_STATE_UNSURE);
	if (octets > 6 * n)
		fail_msg("%zu octets read of %zu", octets, n);
	home_remove(&h);
}

/* ------------------------------------------------------------------ faults */

static void
stage(struct lk_index *ix, unsigned n)
{
	struct lk_buf	 b = LK_BUF_NONE, body = LK_BUF_NONE;
	struct lk_line	 line;
	const char	*why = "";
	char		 id[LK_KEYID_LEN + 1], digest[64];
	uint8_t		 d[LK_DIGEST_SIZE];

	key_id(n, id);
	key_digest(n, d);
	lk_base64url(d, sizeof d, digest);
	lk_line_begin(&body, LK_EVENT_GENERATE, "ann", "cli", id);
	lk_buf_fmt(&body, ":type=ucd:account=acme:digest=%s:pepper=1:hint=h",
	    digest);
	lk_line_cover(&b, n, n, 1700000000, body.p, body.n);
	lk_buf_str(&b, "AAAAAAAAAAAAAAAAAAAAAA");
	if (lk_line_parse(b.p, b.n, &line, &why) != 0 ||
	    lk_index_stage(ix, &line, &why) != 0)
		fail_msg("%s", why);
	lk_buf_free(&b);
	lk_buf_free(&body);
}

/* The keys are not walked: this would be two billion of them. */
static void
test_faults(void **state)
{
	struct lk_index	*ix;
	unsigned	 i;

	(void)state;
	assert_int_equal(lk_index_new(&ix), 0);
	for (i = 1; i <= 10000; i++)
		stage(ix, i);
	assert_int_equal(lk_index_publish(ix, 1), 0);
	for (i = 0; i < FAULTS; i++)
		assert_int_equal(lk_index_fault(ix, 1), 0);
	stage(ix, 20000);
	assert_int_equal(lk_index_publish(ix, 1), 0);
	assert_int_equal(lk_index_damage(ix), FAULTS);
	assert_int_equal(lk_index_state(ix, lk_index_id(ix, "K00000000001",
	    LK_KEYID_LEN)), LK_STATE_UNSURE);
	assert_int_equal(lk_index_state(ix, lk_index_id(ix, "K00000020000",
	    LK_KEYID_LEN)), LK_STATE_ACTIVE);
	lk_index_free(&ix);
}

struct shared {
	struct lk_index	*ix;
	_Atomic unsigned n;		/* the key that is staged; 0: stop   */
	_Atomic unsigned seen, wrong;
};

static void *
reader(void *arg)
{
	struct shared		*x = arg;
	struct lk_ix_key	*k;
	char			 id[LK_KEYID_LEN + 1];
	unsigned		 n;

	while ((n = x->n) != 0) {
		key_id(n, id);
		while (x->n == n) {
			k = lk_index_id(x->ix, id, LK_KEYID_LEN);
			if (k == NULL)
				continue;
			x->seen++;
			if (lk_index_state(x->ix, k) != LK_STATE_UNSURE)
				x->wrong++;
		}
	}
	return NULL;
}

/* A key of a batch that is not whole is never active, not for a moment. */
static void
test_half(void **state)
{
	struct shared	 x = { .n = 1 };
	pthread_t	 t;
	unsigned	 i, j;

	(void)state;
	assert_int_equal(lk_index_new(&x.ix), 0);
	assert_int_equal(pthread_create(&t, NULL, reader, &x), 0);
	for (i = 1; i <= ROUNDS || x.seen == 0; i++) {
		x.n = i * KEYS;
		for (j = 0; j < KEYS; j++)
			stage(x.ix, i * KEYS + j);
		assert_int_equal(lk_index_fault(x.ix, 1), 0);
	}
	x.n = 0;
	pthread_join(t, NULL);
	assert_int_equal(x.wrong, 0);
	lk_index_free(&x.ix);
}

/* ------------------------------------------------------------------ memory */

/* There was no memory to say that the journal was cut off: it is said later. */
static void
test_memory(void **state)
{
	struct lk_error	 e = { 0 };
	struct lk_store	*reader, *s;
	struct home	 h;
	size_t		 n;

	(void)state;
	home_make(&h);
	reader = home_open(&h, 0, 1);
	free(slurp(h.journal, &n));
	s = home_open(&h, 1, 1);
	must_add(s, 1, 2);
	lk_store_close(&s);
	assert_int_equal(truncate(h.journal, (off_t)n), 0);
	no_memory = OWN_CALLOC;
	assert_int_equal(lk_store_refresh(reader, &e), OWN_CALLOC ?
	    LK_EUNAVAIL : 0);
	no_memory = 0;
	assert_int_equal(lk_store_refresh(reader, &e), 0);
	assert_int_equal(key_state(reader, 1), UNKNOWABLE);
	lk_store_close(&reader);
	home_remove(&h);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_reads, reads_cases);
	TABLE_TEST(&t, test_faults);
	TABLE_TEST(&t, test_half);
	TABLE_TEST(&t, test_memory);
	return table_run(&t, "store_cost");
}
