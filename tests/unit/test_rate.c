/*
 * Rate limits on the way of a request: what is spent, by whom, and when not.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <arpa/inet.h>
#include <netinet/in.h>

#include <pthread.h>
#include <stdatomic.h>

#include "checks.h"
#include "plugin_file.h"
#include "store/usage.h"
#include "table.h"

#define KEYS	3
#define THREADS	8

static const char *const accounts[KEYS] = { "acme", "acme", "small" };

static char		 home[] = "/tmp/latchkey-rate.XXXXXX";
static char		 tokens[KEYS][LK_TOKEN_MAX + 1];
static struct lk_key	 keys[KEYS];
static struct lk	*lk;
static struct lk_operator op;

static const char	 policy[] =
    "version: 1\nstore: store\npepper: pepper\nplugins: %s/plugins\n"
    "roles: { all: { may: [ generate, delete, list, accounts ],"
    " users: [ %s ] } }\n"
    "packages: { most: [ p.up, p.down, p.day, p.open, p.key, p.peer, p.wide,"
    " p.both, p.same, p.peek, p.burst, p.race, p.left, p.older,"
    " p.own, p.other, p.told, p.daily, p.seen ] }\n"
    "default_package: most\n"
    "types:\n  p:\n    plugin: ucd\n    prefix: pp\n"
    "    options: { account_header: none }\n"
    "    apis:\n"
    "      up: { on: POST /up, checks: [ rate: &P ] }\n"
    "      down: { on: POST /down, checks: [ rate: &P ] }\n"
    "      day: { on: POST /day, checks: [ rate: { limit: 1, per: day } ] }\n"
    "      closed: { on: POST /closed, checks:"
    " [ rate: &C, entitlement, rate: { limit: 9, per: 1h } ] }\n"
    "      open: { on: POST /open, checks: [ rate: &C ] }\n"
    "      key: { on: POST /key, checks:"
    " [ rate: { limit: 2, per: 1h, by: key } ] }\n"
    "      peer: { on: POST /peer, checks:"
    " [ rate: { limit: 2, per: 1h, by: address } ] }\n"
    "      wide: { on: POST /wide, checks: [ rate: &W ] }\n"
    "      both: { on: POST /both, checks:"
    " [ rate: &W, rate: { limit: 2, per: 1h } ] }\n"
    "      same: { on: POST /same, checks: [ rate: &S, rate: &S ] }\n"
    "      peek: { on: POST /peek, checks: [ rate: { limit: 1, per: 1h } ] }\n"
    "      burst: { on: POST /burst, checks:"
    " [ rate: { limit: 10, per: 1h, burst: 1 } ] }\n"
    "      race: { on: POST /race, checks:"
    " [ rate: &L, rate: { limit: 100, per: 1h } ] }\n"
    "      left: { on: POST /left, checks: [ rate: &L ] }\n"
    "      older: { on: POST /older, checks: [ older_check ] }\n"
    "      own: { on: POST /own, checks: [ rate: { limit: 1, per: 1h } ] }\n"
    "      other: { on: POST /other, checks:"
    " [ rate: { limit: 1, per: 1h } ] }\n"
    "      told: { on: POST /told, checks: [ rate: { limit: 9, per: 1h },"
    " rate: { limit: 2, per: 1h, by: key } ] }\n"
    "      daily: { on: POST /daily, checks:"
    " [ rate: { limit: 7, per: day } ] }\n"
    "      seen: { on: POST /seen, checks:"
    " [ rate: { limit: 1, per: 1h, observe: true } ] }\n";

/* YAML has no anchors here, so the marks above stand for these. */
static const struct {
	const char	*mark, *text;
} marks[] = {
	{ "&P", "{ limit: 3, per: 1h, pool: two_apis }" },
	{ "&C", "{ limit: 2, per: 1h, pool: closed }" },
	{ "&W", "{ limit: 5, per: 1h, pool: wide }" },
	{ "&S", "{ limit: 2, per: 1h, pool: same }" },
	{ "&L", "{ limit: 250, per: day, pool: left }" },
};

/*
 * Calls in order, parted by blanks: [?]API.KEY[@ADDRESS]=REASON; ? is a peek,
 * the keys a and b are of one account, c is of another.
 */
static const struct script {
	const char	*name, *calls;
} scripts[] = {
	{ "a pool of two APIs", "up.a=allowed down.b=allowed up.a=allowed "
	    "down.a=rate_limited up.b=rate_limited up.c=allowed" },
	{ "a calendar day", "day.a=allowed day.b=rate_limited day.c=allowed" },
	{ "each check its own", "own.a=allowed own.a=rate_limited "
	    "other.a=allowed other.a=rate_limited" },
	{ "a denial spends nothing", "closed.a=not_entitled "
	    "closed.a=not_entitled closed.a=not_entitled open.a=allowed "
	    "open.a=allowed open.a=rate_limited closed.a=not_entitled" },
	{ "by key", "key.a=allowed key.a=allowed key.a=rate_limited "
	    "key.b=allowed key.b=allowed key.b=rate_limited" },
	{ "by address", "peer.a@10.0.0.1=allowed peer.c@10.0.0.1=allowed "
	    "peer.b@10.0.0.1=rate_limited peer.a@10.0.0.2=allowed "
	    "peer.a@::ffff:10.0.0.1=rate_limited peer.a=address_refused" },
	{ "by a network of IPv6", "peer.a@2001:db8::1=allowed "
	    "peer.a@2001:db8::2=allowed peer.a@2001:db8::3:0:0=rate_limited "
	    "peer.a@2001:db8:0:1::1=allowed" },
	{ "all or none", "both.a=allowed both.a=allowed both.a=rate_limited "
	    "both.b=rate_limited wide.a=allowed wide.a=allowed wide.a=allowed "
	    "wide.a=rate_limited" },
	{ "twice in a call is once", "same.a=allowed same.a=allowed "
	    "same.a=rate_limited" },
	{ "a peek spends nothing", "?peek.a=allowed ?peek.a=allowed "
	    "peek.a=allowed ?peek.a=rate_limited peek.a=rate_limited" },
	{ "burst", "burst.a=allowed burst.a=rate_limited" },
	{ "a plugin of minor 0", "older.a=allowed older.a=allowed" },
};

static void
peer_of(const char *text, struct sockaddr_storage *ss)
{
	struct sockaddr_in	*in = (struct sockaddr_in *)ss;
	struct sockaddr_in6	*in6 = (struct sockaddr_in6 *)ss;

	memset(ss, 0, sizeof(*ss));
	if (inet_pton(AF_INET, text, &in->sin_addr) == 1)
		in->sin_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &in6->sin6_addr) == 1)
		in6->sin6_family = AF_INET6;
	else
		fail_msg("no address: %s", text);
}

static void
ask(struct lk *of, const char *api, int key, const char *peer, int peek,
    struct lk_decision *d, struct lk_trace *t)
{
	struct sockaddr_storage	 ss;
	struct lk_header	 h = { "X-REQUEST-TOKEN", 15, tokens[key],
				     strlen(tokens[key]) };
	struct lk_request	 rq = { .size = sizeof(rq), .method = "POST",
				     .headers = &h, .nheaders = 1 };
	char			 path[64];

	snprintf(path, sizeof(path), "/%s", api);
	rq.path = path;
	if (peer != NULL) {
		peer_of(peer, &ss);
		rq.peer = &ss;
	}
	if ((peek ? lk_peek : lk_verify_trace)(of, &rq, d, t) != 0)
		fail_msg("%s cannot be judged", api);
}

static void
play(struct lk *of, const char *calls)
{
	struct lk_decision	 d;
	char			 text[512], *call, *key, *peer, *want;
	char			*rest = text;
	int			 peek;

	snprintf(text, sizeof(text), "%s", calls);
	while ((call = strsep(&rest, " ")) != NULL) {
		if ((peek = *call == '?'))
			call++;
		want = strchr(call, '=');
		*want++ = '\0';
		if ((peer = strchr(call, '@')) != NULL)
			*peer++ = '\0';
		key = strchr(call, '.');
		*key++ = '\0';
		ask(of, call, *key - 'a', peer, peek, &d, NULL);
		if (strcmp(d.reason_name, want) != 0)
			fail_msg("%s.%s: %s, not %s (%s)", call, key,
			    d.reason_name, want, calls);
	}
}

static void
script(void **state)
{
	play(lk, ((const struct script *)*state)->calls);
}

static void
decision(void **state)
{
	struct lk_trace		 t = { .size = sizeof(t) };
	struct lk_decision	 d;

	(void)state;
	ask(lk, "day", 0, NULL, 0, &d, &t);
	assert_int_equal(d.outcome, LK_LIMIT);
	assert_int_equal(d.status, 429);
	assert_true(d.retry_after >= 1 && d.retry_after <= 86400);
	assert_string_equal(t.steps[t.n - 1].step, "check");
	assert_string_equal(t.steps[t.n - 1].name, "rate");
	assert_int_equal(t.steps[t.n - 1].reason, LK_REASON_RATE_LIMITED);
	assert_non_null(strstr(t.steps[t.n - 1].note, "the account"));
	/* Written before entitlement, and run after it. */
	ask(lk, "closed", 2, NULL, 0, &d, &t);
	assert_string_equal(t.steps[t.n - 1].name, "entitlement");
}

/* What a caller may be told of the limit that is nearest to its end. */
static void
told(void **state)
{
	struct lk_decision	 d;

	(void)state;
	ask(lk, "told", 2, NULL, 0, &d, NULL);
	assert_int_equal(d.outcome, LK_ALLOW);
	assert_int_equal(d.rate_limit, 2);
	assert_int_equal(d.rate_period, 3600);
	assert_int_equal(d.rate_left, 1);
	assert_true(d.rate_reset >= 1799 && d.rate_reset <= 1800);
	ask(lk, "told", 2, NULL, 0, &d, NULL);
	assert_int_equal(d.rate_left, 0);
	ask(lk, "told", 2, NULL, 0, &d, NULL);
	assert_int_equal(d.outcome, LK_LIMIT);
	assert_int_equal(d.rate_limit, 2);
	assert_int_equal(d.rate_left, 0);
	assert_int_equal(d.rate_reset, d.retry_after);
	ask(lk, "daily", 2, NULL, 0, &d, NULL);
	assert_int_equal(d.rate_period, 86400);
	assert_int_equal(d.rate_left, 6);
	assert_true(d.rate_reset >= 1 && d.rate_reset <= 86400);
	/* Nothing of one that is observed, or of none. */
	ask(lk, "seen", 2, NULL, 0, &d, NULL);
	assert_int_equal(d.outcome, LK_ALLOW);
	assert_int_equal(d.rate_limit, 0);
	ask(lk, "seen", 2, NULL, 0, &d, NULL);
	assert_int_equal(d.observed, 1);
	assert_int_equal(d.rate_limit, 0);
	ask(lk, "older", 2, NULL, 0, &d, NULL);
	assert_int_equal(d.rate_limit, 0);
}

/* To the minute, of who was allowed, and not of a peek. */
static void
last_used(void **state)
{
	struct lk_decision	 d;
	struct lk_error		 e = { 0 };
	struct lk_key		 k;
	int64_t			 now = lk_store_now(lk->store);

	(void)state;
	assert_int_equal(lk_show(lk, &op, keys[1].id, &k, &e), 0);
	assert_int_equal(k.last_used, 0);
	ask(lk, "older", 1, NULL, 1, &d, NULL);
	ask(lk, "closed", 1, NULL, 0, &d, NULL);
	assert_int_equal(lk_show(lk, &op, keys[1].id, &k, &e), 0);
	assert_int_equal(k.last_used, 0);
	ask(lk, "older", 1, NULL, 0, &d, NULL);
	assert_int_equal(lk_show(lk, &op, keys[1].id, &k, &e), 0);
	assert_true(k.last_used == now / 60 * 60 ||
	    k.last_used == now / 60 * 60 + 60);
}

static _Atomic unsigned	 raced;

static void *
racer(void *arg)
{
	struct lk_decision	 d;
	int			 i;

	for (i = 0; i < 60; i++) {
		ask(lk, arg, 0, NULL, 0, &d, NULL);
		if (d.outcome == LK_ALLOW)
			atomic_fetch_add(&raced, 1);
		else if (d.outcome != LK_LIMIT || d.retry_after == 0)
			atomic_fetch_add(&raced, 1000);
	}
	return NULL;
}

static unsigned
race(const char *api)
{
	pthread_t	 t[THREADS];
	int		 i;

	atomic_store(&raced, 0);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&t[i], NULL, racer,
		    (void *)(uintptr_t)api), 0);
	for (i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	return atomic_load(&raced);
}

/* The one of two that was had is given back when the other is not. */
static void
give_back(void **state)
{
	struct lk_usage_file	*u = lk_store_usage(lk->store);
	struct lk_decision	 d;
	struct lk_trace		 t = { .size = sizeof(t) };
	struct lk_call		 c;
	uint32_t		 wait;
	unsigned		 i;

	(void)state;
	lk_call_begin(&c, lk, lk->snapshot, &d, &t);
	c.clock = 1790000000 * LK_SECOND;
	for (i = 0; i < 2; i++) {
		c.spends[i].id = 77 + i;
		lk_budget_set(&c.spends[i], 1, 60, 1);
		c.spenders[i] = &lk->snapshot->types[0].checks[i];
		c.budgets[i] = NULL;
	}
	c.nspends = 2;
	assert_int_equal(lk_usage_take(u, &c.spends[1], c.clock, &wait), 1);
	assert_int_equal(lk_step_budgets(&c), LK_REFUSE);
	assert_int_equal(d.outcome, LK_LIMIT);
	assert_int_equal(d.retry_after, 60);
	assert_int_equal(t.n, 1);
	assert_int_equal(t.steps[0].line, c.spenders[1]->line->place.line);
	assert_int_equal(lk_usage_peek(u, &c.spends[0], c.clock, &wait), 1);
	lk_usage_give(u, &c.spends[1], c.clock);
	assert_int_equal(lk_step_budgets(&c), LK_PASS);
	assert_int_equal(lk_usage_peek(u, &c.spends[0], c.clock, &wait), 0);
	assert_int_equal(lk_usage_peek(u, &c.spends[1], c.clock, &wait), 0);
	lk_call_end(&c);
}

/* Who loses one budget by a race gives the other back. */
static void
races(void **state)
{
	(void)state;
	assert_int_equal(race("race"), 100);
	assert_int_equal(race("left"), 150);
}

/* Without the file a process counts by itself; keys are verified as ever. */
static void
without_file(void **state)
{
	struct lk_error	 e = { 0 };
	struct lk	*own;
	char		 path[512], file[512];

	(void)state;
	snprintf(path, sizeof(path), "%s/h/policy.yaml", home);
	snprintf(file, sizeof(file), "%s/h/store/usage", home);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(lk_open(path, LK_VERIFY_ONLY, &own, &e), 0);
	play(own, "up.a=allowed up.a=allowed up.b=allowed up.a=rate_limited "
	    "older.a=allowed");
	lk_close(&own);
	assert_int_equal(mkdir(file, 0700), 0);
	assert_int_equal(lk_open(path, LK_VERIFY_ONLY, &own, &e), 0);
	play(own, "up.a=allowed up.a=allowed up.b=allowed up.a=rate_limited "
	    "older.a=allowed");
	lk_close(&own);
}

/* A rename of the folder's own: the owner makes it anew and counts in it. */
static void
anew(void **state)
{
	struct lk_error	 e = { 0 };
	struct lk	*own;
	char		 path[512], file[512];
	struct stat	 st;

	(void)state;
	snprintf(path, sizeof(path), "%s/h/policy.yaml", home);
	snprintf(file, sizeof(file), "%s/h/store/usage", home);
	assert_int_equal(lk_open(path, 0, &own, &e), 0);
	assert_int_equal(stat(file, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	play(own, "up.a=allowed up.a=allowed up.b=allowed up.a=rate_limited");
	lk_close(&own);
}

static void
copy_plugin(const char *from, const char *dir, const char *name)
{
	char	 in[512], out[512];

	snprintf(in, sizeof(in), "%s/%s.so", getenv(from), name);
	snprintf(out, sizeof(out), "%s/%s.so", dir, name);
	file_copy(in, out);
}

static void
write_policy(const char *path)
{
	const char	*p;
	char		 text[8192];
	FILE		*f = fopen(path, "w");
	size_t		 i;

	assert_non_null(f);
	snprintf(text, sizeof(text), policy, home, op.name);
	for (p = text; *p != '\0'; p++) {
		for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
			if (strncmp(p, marks[i].mark, 2) == 0)
				break;
		if (i == sizeof(marks) / sizeof(marks[0]))
			fputc(*p, f);
		else {
			fputs(marks[i].text, f);
			p++;
		}
	}
	assert_int_equal(fclose(f), 0);
}

static void
make_home(void)
{
	struct lk_generate	 g = { .size = sizeof(g), .type = "p" };
	struct lk_error		 e = { 0 };
	char			 path[512], dir[512];
	int			 i;

	if (mkdtemp(home) == NULL || lk_operator_self(&op, &e) != 0)
		exit(1);
	snprintf(dir, sizeof(dir), "%s/plugins", home);
	if (mkdir(dir, 0755) != 0)
		exit(1);
	copy_plugin("LATCHKEY_PLUGINS", dir, "rate");
	copy_plugin("LATCHKEY_PLUGINS", dir, "ucd");
	copy_plugin("LATCHKEY_PLUGINS", dir, "entitlement");
	copy_plugin("LATCHKEY_TEST_PLUGINS", dir, "older_check");
	snprintf(dir, sizeof(dir), "%s/h", home);
	if (lk_home_init(dir, NULL, getenv("LATCHKEY_PLUGINS"), path,
	    sizeof(path), &e) != 0)
		goto fail;
	snprintf(path, sizeof(path), "%s/h/policy.yaml", home);
	write_policy(path);
	if (lk_open(path, 0, &lk, &e) != 0)
		goto fail;
	for (i = 0; i < KEYS; i++) {
		g.account = accounts[i];
		if (lk_generate(lk, &op, &g, tokens[i], &keys[i], NULL, 0,
		    &e) != 0)
			goto fail;
	}
	return;
fail:
	fprintf(stderr, "%s\n", e.text);
	exit(1);
}

int
main(void)
{
	struct table	 t = { 0 };
	char		 command[300];
	int		 r;

	make_home();
	TABLE_TEST(&t, last_used);
	TABLE_ROWS(&t, script, scripts);
	TABLE_TEST(&t, decision);
	TABLE_TEST(&t, give_back);
	TABLE_TEST(&t, told);
	TABLE_TEST(&t, races);
	TABLE_TEST(&t, without_file);
	TABLE_TEST(&t, anew);
	r = table_run(&t, "rate");
	lk_close(&lk);
	snprintf(command, sizeof(command), "rm -r '%s'", home);
	if (system(command) != 0)
		r = 1;
	return r;
}
