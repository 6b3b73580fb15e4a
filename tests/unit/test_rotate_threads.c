/*
 * Threads of one process rotate the same keys at once, at the limit, while
 * others make keys: each key gets one successor, no key is one too many, and
 * each token that was shown is good.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <pthread.h>

#include "reload_home.h"

#define LIMIT		5
#define THREADS		8		/* that rotate, and 2 that generate  */
#define ROUNDS		12

struct key {
	char	 id[LK_KEYID_LEN + 1], token[LK_TOKEN_MAX + 1];
};

static const char	 policy[] =
	"packages: { all: [ \"*\" ] }\ndefault_package: all\n"
	"types:\n"
	"  ucd:\n    plugin: ucd\n    prefix: ucd\n    limit: 5\n"
	"    apis: { upsert: POST /upsert }\n";

static struct lk	*lk;
static struct lk_operator op;
static struct key	 keys[LIMIT], next[LIMIT];
static _Atomic unsigned	 done[LIMIT], lost, wrong;
static pthread_barrier_t start;
static int64_t		 grace;

static int
keep(void *arg, const char *token, const struct lk_key *key)
{
	struct key	*k = arg;

	memcpy(k->id, key->id, sizeof(k->id));
	memcpy(k->token, token, strlen(token) + 1);
	return 0;
}

/* Whoever is late finds that it has a successor, or has expired. */
static void
rotate(size_t i)
{
	struct lk_rotate	 o = { .size = sizeof(o), .id = keys[i].id,
				     .grace = grace };
	struct lk_error		 e = { 0 };
	struct key		 k;
	int			 r;

	r = lk_rotate(lk, &op, &o, keep, &k, &e);
	if (r == 0 && done[i]++ == 0)
		next[i] = k;
	else if (r == LK_EDATA)
		lost++;
	else
		wrong++;
}

static void *
rotator(void *arg)
{
	size_t	 i, first = (size_t)(uintptr_t)arg;

	pthread_barrier_wait(&start);
	for (i = 0; i < LIMIT; i++)
		rotate((first + i) % LIMIT);
	return NULL;
}

static void *
generator(void *arg)
{
	struct lk_generate	 g = { .size = sizeof(g), .type = "ucd",
				     .account = "acme" };
	struct lk_error		 e = { 0 };
	char			 token[LK_TOKEN_MAX + 1];
	int			 i;

	(void)arg;
	pthread_barrier_wait(&start);
	for (i = 0; i < 2 * LIMIT; i++)
		if (lk_generate(lk, &op, &g, token, NULL, NULL, 0, &e) !=
		    LK_ELIMIT)
			wrong++;
	return NULL;
}

static int
count(void *arg, const struct lk_key *k)
{
	*(unsigned *)arg += k->state == LK_STATE_ACTIVE &&
	    k->replaced_by[0] == '\0';
	return 0;
}

static void
one_round(void)
{
	struct lk_filter	 all = { .size = sizeof(all) };
	struct lk_error		 e = { 0 };
	pthread_t		 t[THREADS + 2];
	unsigned		 n = 0;
	size_t			 i;

	lost = wrong = 0;
	memset(done, 0, sizeof(done));
	pthread_barrier_init(&start, NULL, THREADS + 2);
	for (i = 0; i < THREADS + 2; i++)
		assert_int_equal(pthread_create(&t[i], NULL, i < THREADS ?
		    rotator : generator, (void *)(uintptr_t)i), 0);
	for (i = 0; i < THREADS + 2; i++)
		pthread_join(t[i], NULL);
	pthread_barrier_destroy(&start);
	assert_int_equal(wrong, 0);
	assert_int_equal(lost, (THREADS - 1) * LIMIT);
	assert_int_equal(lk_list(lk, &op, &all, count, &n, &e), 0);
	assert_int_equal(n, LIMIT);
	for (i = 0; i < LIMIT; i++) {
		assert_int_equal(done[i], 1);
		assert_int_equal(ask(lk, PATH_UPSERT, next[i].token),
		    LK_REASON_ALLOWED);
		assert_int_equal(ask(lk, PATH_UPSERT, keys[i].token),
		    grace == 0 ? LK_REASON_EXPIRED : LK_REASON_ALLOWED);
	}
	memcpy(keys, next, sizeof(keys));
}

static void
test_rotate_at_once(void **state)
{
	struct lk_generate	 g = { .size = sizeof(g), .type = "ucd",
				     .account = "acme" };
	struct lk_error		 e = { 0 };
	struct lk_key		 key;
	size_t			 i;

	(void)state;
	policy_put(policy);
	lk = home_open(0);
	assert_int_equal(lk_operator_self(&op, &e), 0);
	for (i = 0; i < LIMIT; i++) {
		assert_int_equal(lk_generate(lk, &op, &g, keys[i].token, &key,
		    NULL, 0, &e), 0);
		memcpy(keys[i].id, key.id, sizeof(key.id));
	}
	for (i = 0; i < ROUNDS; i++)
		one_round();
	grace = 3600;
	one_round();
	assert_int_equal(lk_store_check(home.policy, NULL, NULL, NULL, &e), 0);
	lk_close(&lk);
}

/* ------------------------------------------------------------------ evaders */

/* The key that is listed as the nth, or its successor. */
struct pick {
	unsigned	 n;
	char		 id[LK_KEYID_LEN + 1], by[LK_KEYID_LEN + 1];
};

static int
pick(void *arg, const struct lk_key *k)
{
	struct pick	*p = arg;

	memcpy(p->id, k->id, sizeof(p->id));
	memcpy(p->by, k->replaced_by, sizeof(p->by));
	return p->n-- == 0;
}

/* Rotate with a long grace, delete the successor, generate: each in turn, on
 * whatever there is; what is refused is refused. */
static void *
evader(void *arg)
{
	struct lk_filter	 all = { .size = sizeof(all) };
	struct lk_generate	 g = { .size = sizeof(g), .type = "ucd",
				     .account = "acme" };
	struct lk_rotate	 o = { .size = sizeof(o),
				     .grace = LK_GRACE_MAX };
	unsigned		 i, first = (unsigned)(uintptr_t)arg;
	char			 token[LK_TOKEN_MAX + 1];
	struct lk_error		 e = { 0 };
	struct pick		 p;
	struct key		 k;
	const char		*ids[1];

	pthread_barrier_wait(&start);
	for (i = 0; i < 3 * ROUNDS; i++) {
		p = (struct pick){ (first + i / 3) % LIMIT, "", "" };
		if (lk_list(lk, &op, &all, pick, &p, &e) < 0)
			wrong++;
		o.id = p.id;
		ids[0] = p.by[0] != '\0' ? p.by : p.id;
		if ((first + i) % 3 == 0)
			(void)lk_rotate(lk, &op, &o, keep, &k, &e);
		else if ((first + i) % 3 == 1)
			(void)lk_delete(lk, &op, ids, 1, &e);
		else
			(void)lk_generate(lk, &op, &g, token, NULL, NULL, 0,
			    &e);
	}
	return NULL;
}

/* The journal is judged by another count of them: limit.awk. */
static void
test_evade_at_once(void **state)
{
	const char	*top = getenv("top_srcdir");
	char		 command[512];
	pthread_t	 t[THREADS];
	size_t		 i;

	(void)state;
	policy_put(policy);
	lk = home_open(0);
	wrong = 0;
	pthread_barrier_init(&start, NULL, THREADS);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&t[i], NULL, evader,
		    (void *)(uintptr_t)i), 0);
	for (i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	pthread_barrier_destroy(&start);
	lk_close(&lk);
	assert_int_equal(wrong, 0);
	snprintf(command, sizeof(command), "awk -v limit=%d -v threads=1 "
	    "-f %s/tests/integration/limit.awk %s/store/journal >&2", LIMIT,
	    top != NULL ? top : ".", home.dir);
	assert_int_equal(system(command), 0);
	/* It is no proof where no successor was deleted, or none made. */
	snprintf(command, sizeof(command), "awk -F: '$4 == \"delete\" && $7 in "
	    "h { n++ } $4 == \"expire\" { h[substr($9, 11)] } "
	    "END { exit n < 5 }' %s/store/journal", home.dir);
	assert_int_equal(system(command), 0);
}

int
main(void)
{
	struct table	 t = { 0 };
	size_t		 i;

	TABLE_TEST(&t, test_rotate_at_once);
	TABLE_TEST(&t, test_evade_at_once);
	for (i = 0; i < t.n; i++) {
		t.tests[i].setup_func = home_make;
		t.tests[i].teardown_func = home_remove;
	}
	return table_run(&t, "rotate_threads");
}
