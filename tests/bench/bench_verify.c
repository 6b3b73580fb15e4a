/*
 * bench_verify: what a verify costs beside an HMAC alone, in one run.
 *
 * bench_verify PLUGINS [KEYS...]
 *
 * For each number of keys: a home is made in a temporary folder, its store is
 * filled, and five loops run in turn, seven times, over the keys in a random
 * order: a bare HMAC-SHA-256 with a reused libgcrypt handle; lk_verify_token of
 * a type without checks; the same of ucd, with entitlement; lk_verify of a ucd
 * request with route and two headers; the same with a rate limit by account.
 * Medians in ns and their ratio.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <gcrypt.h>

#include "snapshot.h"
#include "token/token.h"

#define ROUNDS		7
#define LOOPS		200000		/* verifies a round                  */
#define BATCH		1000		/* keys a batch of the journal       */
#define TOKEN_SIZE	64

enum loop { HMAC, TOKEN_PLAIN, TOKEN_UCD, REQUEST, RATED, NLOOPS };

static const char *const loop_names[NLOOPS] = {
	"HMAC alone", "lk_verify_token, no checks", "lk_verify_token, ucd",
	"lk_verify, ucd request", "the same, with a rate limit",
};

/* What a run works on: half of the keys are of bare, half of ucd. */
struct bench {
	struct lk	*lk;
	char		(*tokens[2])[TOKEN_SIZE];	/* bare, ucd */
	size_t		 n;		/* of each                           */
	unsigned	*order;		/* LOOPS indices                     */
	gcry_md_hd_t	 md;
};

static const char *const types[2] = { "bare", "ucd" };
static char	 home[] = "/tmp/latchkey-bench.XXXXXX";

static double
now_ns(void)
{
	struct timespec	 t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void
run(const char *command)
{
	if (system(command) != 0)
		errx(1, "%s", command);
}

/* A home whose policy has a type without checks besides its own. */
static void
make_home(const char *plugins, struct bench *b)
{
	struct lk_error	 e;
	char		 path[512], dir[256], command[600];
	FILE		*f;

	if (mkdtemp(home) == NULL)
		err(1, "%s", home);
	snprintf(dir, sizeof(dir), "%s/h", home);
	if (lk_home_init(dir, NULL, plugins, path, sizeof(path), &e) != 0)
		errx(1, "%s", e.text);
	snprintf(path, sizeof(path), "%s/policy.yaml", dir);
	/* A limit that no loop comes to. */
	snprintf(command, sizeof(command), "sed -i s/25000/1000000000/ '%s'",
	    path);
	run(command);
	if ((f = fopen(path, "a")) == NULL)
		err(1, "%s", path);
	fprintf(f, "  bare:\n    plugin: ucd\n    prefix: bare\n"
	    "    apis: { any: POST /bare }\n");
	fclose(f);
	if (lk_open(path, 0, &b->lk, &e) != 0)
		errx(1, "%s", e.text);
}

static void
add_key(struct bench *b, struct lk_batch *batch, int type, size_t i)
{
	const struct lk_pepper	*p = b->lk->snapshot->pepper;
	struct lk_new_key	 k = { .type = types[type], .label = "",
				     .pepper = 1 };
	struct lk_error		 e;
	char			 id[LK_KEYID_LEN + 1], account[32];
	char			 hint[LK_HINT_MAX + 1];

	snprintf(account, sizeof(account), "account%zu", i / 5);
	k.id = id;
	k.account = account;
	k.hint = hint;
	if (lk_keyid_mint(id, &e) != 0 ||
	    lk_token_mint(types[type], b->tokens[type][i], TOKEN_SIZE,
	    &e) != 0 || lk_pepper_digest(p, 1, b->tokens[type][i],
	    strlen(b->tokens[type][i]), k.digest) != 0)
		errx(1, "%s", e.text);
	lk_token_hint(types[type], b->tokens[type][i],
	    strlen(b->tokens[type][i]), hint);
	if (lk_batch_generate(batch, &k, &e) != 0)
		errx(1, "%s", e.text);
}

static void
fill(struct bench *b, size_t keys)
{
	struct lk_batch	*batch;
	struct lk_error	 e;
	size_t		 i, j;
	double		 t = now_ns();

	b->n = keys / 2;
	b->tokens[0] = calloc(b->n, TOKEN_SIZE);
	b->tokens[1] = calloc(b->n, TOKEN_SIZE);
	for (i = 0; i < b->n; i = j) {
		if (lk_batch_begin(b->lk->store, LK_BATCH_ADD, "bench",
		    "bench", 0, &batch, &e) != 0)
			errx(1, "%s", e.text);
		for (j = i; j < b->n && j < i + BATCH / 2; j++) {
			add_key(b, batch, 0, j);
			add_key(b, batch, 1, j);
		}
		if (lk_batch_commit(&batch, &e) != 0)
			errx(1, "%s", e.text);
	}
	printf("%zu keys, five an account, filled in %.2f s\n", keys,
	    (now_ns() - t) / 1e9);
}

static void
one_hmac(struct bench *b, unsigned i)
{
	static volatile unsigned char	 sink;
	const char			*t = b->tokens[0][i];

	gcry_md_reset(b->md);
	gcry_md_write(b->md, t, strlen(t));
	sink = *gcry_md_read(b->md, 0);
	(void)sink;
}

static void
one_token(struct bench *b, int type, unsigned i)
{
	const char		*t = b->tokens[type][i];
	struct lk_decision	 d;

	lk_verify_token(b->lk, types[type], t, strlen(t), NULL, NULL, &d);
	if (d.outcome != LK_ALLOW)
		errx(1, "%s: %s", t, d.reason_name);
}

static void
one_request(struct bench *b, const char *path, unsigned i)
{
	const char		*t = b->tokens[1][i];
	char			 account[32];
	struct lk_header	 h[2] = {
		{ "X-PARTNER-NAME", 14, account, 0 },
		{ "X-REQUEST-TOKEN", 15, t, strlen(t) },
	};
	struct sockaddr_in	 sa = { .sin_family = AF_INET };
	struct lk_request	 rq = { .size = sizeof(rq), .method = "POST",
				     .path = path,
				     .headers = h, .nheaders = 2,
				     .peer = &sa };
	struct lk_decision	 d;

	h[0].value_len = (size_t)sprintf(account, "account%u", i / 5);
	lk_verify(b->lk, &rq, &d);
	if (d.outcome != LK_ALLOW)
		errx(1, "request: %s", d.reason_name);
}

static double
loop(struct bench *b, enum loop which)
{
	double		 t = now_ns();
	unsigned	 i;

	for (i = 0; i < LOOPS; i++)
		switch (which) {
		case HMAC:
			one_hmac(b, b->order[i]);
			break;
		case TOKEN_PLAIN:
			one_token(b, 0, b->order[i]);
			break;
		case TOKEN_UCD:
			one_token(b, 1, b->order[i]);
			break;
		case REQUEST:
			one_request(b, "/api/user/v1/profile", b->order[i]);
			break;
		default:
			one_request(b, "/api/user/v1/upsert", b->order[i]);
			break;
		}
	return (now_ns() - t) / LOOPS;
}

static int
by_value(const void *a, const void *b)
{
	double	 x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
measure(struct bench *b)
{
	double	 t[NLOOPS][ROUNDS];
	double	 floor_ns;
	int	 r, w;

	for (r = 0; r < ROUNDS; r++)
		for (w = 0; w < NLOOPS; w++)
			t[w][r] = loop(b, (enum loop)w);
	for (w = 0; w < NLOOPS; w++)
		qsort(t[w], ROUNDS, sizeof(double), by_value);
	floor_ns = t[HMAC][ROUNDS / 2];
	for (w = 0; w < NLOOPS; w++)
		printf("  %-28s %7.1f ns  x %.2f  (%.1f to %.1f)\n",
		    loop_names[w], t[w][ROUNDS / 2],
		    t[w][ROUNDS / 2] / floor_ns, t[w][0], t[w][ROUNDS - 1]);
}

static void
bench(const char *plugins, size_t keys)
{
	struct bench	 b = { 0 };
	char		 command[300];
	unsigned	 i;

	strcpy(home, "/tmp/latchkey-bench.XXXXXX");
	make_home(plugins, &b);
	fill(&b, keys);
	b.order = calloc(LOOPS, sizeof(*b.order));
	for (i = 0; i < LOOPS; i++)
		b.order[i] = (unsigned)((size_t)random() % b.n);
	if (gcry_md_open(&b.md, GCRY_MD_SHA256, GCRY_MD_FLAG_HMAC) != 0 ||
	    gcry_md_setkey(b.md, "0123456789abcdef0123456789abcdef", 32) != 0)
		errx(1, "libgcrypt");
	measure(&b);
	gcry_md_close(b.md);
	lk_close(&b.lk);
	free(b.tokens[0]);
	free(b.tokens[1]);
	free(b.order);
	snprintf(command, sizeof(command), "rm -r '%s'", home);
	run(command);
}

int
main(int argc, char **argv)
{
	int	 i;

	if (argc < 2)
		errx(1, "usage: bench_verify PLUGINS [KEYS...]");
	printf("median of %d rounds of %d, one thread, in turn\n", ROUNDS,
	    LOOPS);
	if (argc == 2) {
		bench(argv[1], 1000);
		bench(argv[1], 100000);
	}
	for (i = 2; i < argc; i++)
		bench(argv[1], (size_t)strtoul(argv[i], NULL, 10));
	return 0;
}
