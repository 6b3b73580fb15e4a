/*
 * A journal that is all damage: what it costs to read, what is seen meanwhile,
 * and what memory that is not there changes.
 */
#include "table.h"

#include <errno.h>
#include <pthread.h>

#include "store/index.h"
#include "store_home.h"

#define BAD		20000		/* lines that are none               */
#define FAULTS		200000
#define ROUNDS		200
#define KEYS		200		/* keys a round                      */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||	\
    !defined(__GLIBC__)
#define OWN_MALLOC	0
#elif defined(__has_feature)
#define OWN_MALLOC	(!__has_feature(address_sanitizer) &&		\
			!__has_feature(thread_sanitizer) &&		\
			!__has_feature(memory_sanitizer))
#else
#define OWN_MALLOC	1
#endif

static int	no_memory;

#if OWN_MALLOC
#pragma GCC visibility push(default)
void	*__libc_malloc(size_t);
void	*__libc_calloc(size_t, size_t);

void *
malloc(size_t n)
{
	return no_memory ? NULL : __libc_malloc(n);
}

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
	    lk_index_stage(ix, &line, n, &why) != 0)
		fail_msg("%s", why);
	lk_buf_free(&b);
	lk_buf_free(&body);
}

/* LK_STATE_* of a key that is there. */
static int
state_of(struct lk_index *ix, const char *id)
{
	struct lk_found	 f;

	assert_int_equal(lk_index_id(ix, id, LK_KEYID_LEN, &f), 1);
	return f.state;
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
	lk_index_settle(ix);
	assert_int_equal(lk_index_damage(ix), FAULTS);
	assert_int_equal(state_of(ix, "K00000000001"), LK_STATE_UNSURE);
	assert_int_equal(state_of(ix, "K00000020000"), LK_STATE_ACTIVE);
	lk_index_free(&ix);
}

/* A key of an event that is not known, and a disable in doubt: still error. */
static void
test_doubt_of_unsure(void **state)
{
	static const char	 text[] = "2:2:1:freeze:a:b:K00000000001:"
				    "AAAAAAAAAAAAAAAAAAAAAA";
	static const char	 id[] = "K00000000001";
	struct lk_index		*ix;
	struct lk_line		 line;
	const char		*why;

	(void)state;
	assert_int_equal(lk_index_new(&ix), 0);
	stage(ix, 1);
	assert_int_equal(lk_index_publish(ix, 1), 0);
	assert_int_equal(lk_index_doubt(ix, id, LK_STATE_DISABLED), 0);
	assert_int_equal(lk_index_doubts_renew(ix), 0);
	assert_int_equal(state_of(ix, id), LK_STATE_DISABLED);
	assert_int_equal(lk_line_parse(text, sizeof text - 1, &line, &why), 0);
	assert_int_equal(lk_index_stage(ix, &line, 100, &why), 0);
	assert_int_equal(lk_index_publish(ix, 1), 0);
	assert_int_equal(state_of(ix, id), LK_STATE_UNSURE);
	assert_int_equal(lk_index_doubt(ix, id, LK_STATE_DELETED), 0);
	assert_int_equal(lk_index_doubts_renew(ix), 0);
	assert_int_equal(state_of(ix, id), LK_STATE_DELETED);
	assert_int_equal(lk_index_doubts_renew(ix), 0);
	assert_int_equal(state_of(ix, id), LK_STATE_UNSURE);
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
	struct shared	*x = arg;
	struct lk_found	 k;
	char		 id[LK_KEYID_LEN + 1];
	unsigned	 n;
	int		 r;

	while ((n = x->n) != 0) {
		key_id(n, id);
		while (x->n == n) {
			r = lk_index_id(x->ix, id, LK_KEYID_LEN, &k);
			if (r != 1)
				continue;
			x->seen++;
			if (k.state != LK_STATE_UNSURE)
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
	reader = home_open(&h, 0, 1);	/* there is no index yet             */
	free(slurp(h.journal, &n));
	s = home_open(&h, 1, 1);
	must_add(s, 1, 2);
	lk_store_close(&s);
	assert_int_equal(truncate(h.journal, (off_t)n), 0);
	home_forget(&h);
	no_memory = OWN_MALLOC;
	assert_int_equal(lk_store_refresh(reader, &e), OWN_MALLOC ?
	    LK_EUNAVAIL : 0);
	no_memory = 0;
	assert_int_equal(lk_store_refresh(reader, &e), 0);
	assert_int_equal(key_state(reader, 1), UNKNOWABLE);
	lk_store_close(&reader);
	home_remove(&h);
}

static char	cut_path[256];
static off_t	cut_to;

/* A writer cuts the torn tail right before the journal is read. */
static ssize_t
cut_pread(void *ctx, int fd, void *p, size_t n, off_t at)
{
	if (n > 1000 && cut_to != 0) {
		if (truncate(cut_path, cut_to) != 0)
			return -1;
		cut_to = 0;
		return 0;
	}
	return lk_io_system.pread(ctx, fd, p, n, at);
}

/* A check that meets a repair tells of all of the journal, and once. */
static void
test_examine_again(void **state)
{
	struct findings	 x;
	struct home	 h;
	struct lk_store	*s;
	struct lk_io	 io;
	size_t		 n, at;
	char		*text;

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	for (n = 1; n < 20; n++)
		must_add(s, (unsigned)n, (unsigned)n + 1);
	lk_store_close(&s);
	home_vouch(&h, OLD_BOOT);
	text = slurp(h.journal, &n);
	at = line_at(text, n, 10, NULL);
	memcpy(memmem(text + at, n - at, ":ann:", 5), ":eve:", 5);
	spill(h.journal, text, n);
	free(text);
	append(&h, "21:21:17", 1);
	snprintf(cut_path, sizeof cut_path, "%s", h.journal);
	cut_to = (off_t)n;
	io = *h.io;
	io.pread = cut_pread;
	h.io = &io;
	assert_int_equal(home_examine(&h, &x), LK_EDAMAGE);
	assert_int_equal(cut_to, 0);
	assert_int_equal(x.faults, 1);
	assert_int_equal(x.line, 10);
	home_remove(&h);
}

static int
sync_without_memory(void *ctx, int fd)
{
	(void)ctx;
	(void)fd;
	no_memory = OWN_MALLOC;
	errno = EIO;
	return -1;
}

/* Nothing to remember a delete in doubt by: it was taken before the sync. */
static void
test_doubt(void **state)
{
	struct lk_error	 e = { 0 };
	struct lk_store	*s;
	struct lk_io	 io;
	struct home	 h;
	size_t		 n;

	(void)state;
	home_make(&h);
	io = *h.io;
	h.io = &io;
	s = home_open(&h, 1, 1);
	must_add(s, 1, 3);
	free(slurp(h.journal, &n));
	io.fdatasync = sync_without_memory;
	assert_int_equal(keys_delete(s, 1, 2, &e), LK_EINDOUBT);
	no_memory = 0;
	io.fdatasync = no_sync;
	assert_int_equal(truncate(h.journal, (off_t)n), 0);
	must_add(s, 3, 4);		/* which reads all anew              */
	assert_int_equal(key_state(s, 1), LK_STATE_DELETED);
	assert_int_equal(key_state(s, 2), LK_STATE_ACTIVE);
	lk_store_close(&s);
	home_remove(&h);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_reads, reads_cases);
	TABLE_TEST(&t, test_faults);
	TABLE_TEST(&t, test_doubt_of_unsure);
	TABLE_TEST(&t, test_half);
	TABLE_TEST(&t, test_memory);
	TABLE_TEST(&t, test_doubt);
	TABLE_TEST(&t, test_examine_again);
	return table_run(&t, "store_cost");
}
