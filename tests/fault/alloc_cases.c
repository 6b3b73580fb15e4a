/*
 * alloc_cases.c: what is done without memory, and what must hold after it.
 */
#include <sys/mman.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"

/* ------------------------------------------------------------------- policy */

static int
run_policy(struct alloc_run *x)
{
	struct lk_error	 e = { 0 };

	return al_said(x, lk_policy_check(x->wide, NULL, x->h->store, NULL,
	    NULL, &e), &e);
}

static int
run_policy_wrong(struct alloc_run *x)
{
	struct lk_error	 e = { 0 };

	return al_said(x, lk_policy_check(x->h->policy, NULL, NULL, NULL, NULL,
	    &e), &e);
}

/* ------------------------------------------------------------ as operator */

static int
enter(struct alloc_run *x, unsigned flags, struct lk **lk,
    struct lk_operator *op)
{
	struct lk_error	 e = { 0 };
	int		 r;

	*lk = NULL;
	if ((r = al_said(x, lk_operator_self(op, &e), &e)) != 0)
		return r;
	return al_open(x, x->h->policy, flags, lk);
}

/* Open, one call of an operator, close. */
static int
as_operator(struct alloc_run *x, int (*call)(struct lk *lk,
    const struct lk_operator *op, struct lk_error *e))
{
	struct lk_operator	 op;
	struct lk_error		 e = { 0 };
	struct lk		*lk;
	int			 r;

	if ((r = enter(x, 0, &lk, &op)) == 0)
		r = al_said(x, call(lk, &op, &e), &e);
	lk_close(&lk);
	return r;
}

static char	made[LK_TOKEN_MAX + 1];

static int
run_generate(struct alloc_run *x)
{
	struct lk_generate	 g = { .size = sizeof g, .type = "ucd",
				    .account = "acme", .label = "a label" };
	struct lk_operator	 op;
	struct lk_error		 e = { 0 };
	struct lk_key		 key;
	struct lk		*lk;
	int			 r;

	memset(made, 0, sizeof made);
	if ((r = enter(x, 0, &lk, &op)) == 0 && (r = al_said(x, lk_generate(lk,
	    &op, &g, made, &key, NULL, 0, &e), &e)) == 0 &&
	    (strlen(key.id) != LK_KEYID_LEN || strcmp(key.account, "acme")))
		alloc_wrong(x, "the key that was made is not told");
	lk_close(&lk);
	return r;
}

static int
run_delete(struct alloc_run *x)
{
	struct lk_operator	 op;
	struct lk_error		 e = { 0 };
	const char		*id = x->h->ending.id;
	struct lk		*lk;
	int			 r;

	if ((r = enter(x, LK_REMOVE_ONLY, &lk, &op)) == 0)
		r = al_said(x, lk_delete(lk, &op, &id, 1, &e), &e);
	lk_close(&lk);
	return r;
}

static int
run_delete_store(struct alloc_run *x)
{
	struct lk_operator	 op;
	struct lk_error		 e = { 0 };
	const char		*id = x->h->ending.id;
	struct lk		*lk = NULL;
	int			 r;

	if ((r = al_said(x, lk_operator_self(&op, &e), &e)) == 0 &&
	    (r = al_said(x, lk_open_store(x->h->store, LK_REMOVE_ONLY, &lk,
	    &e), &e)) == 0)
		r = al_said(x, lk_delete(lk, &op, &id, 1, &e), &e);
	lk_close(&lk);
	return r;
}

static int
set_account(struct lk *lk, const struct lk_operator *op, struct lk_error *e)
{
	return lk_account_set(lk, op, "acme", "essential", e);
}

static int
rebuild(struct lk *lk, const struct lk_operator *op, struct lk_error *e)
{
	return lk_store_rebuild(lk, op, NULL, NULL, e);
}

static int
compact(struct lk *lk, const struct lk_operator *op, struct lk_error *e)
{
	struct lk_rewritten	 out = { .size = sizeof out };

	return lk_store_compact(lk, op, LK_COMPACT, NULL, NULL, &out, e);
}

static int
rotate(struct lk *lk, const struct lk_operator *op, struct lk_error *e)
{
	struct lk_rewritten	 out = { .size = sizeof out };

	return lk_pepper_rotate(lk, op, NULL, NULL, &out, e);
}

static int
run_account_set(struct alloc_run *x)
{
	return as_operator(x, set_account);
}

static int
delete_account(struct lk *lk, const struct lk_operator *op, struct lk_error *e)
{
	return lk_account_delete(lk, op, "acme", LK_DELETE_KEYS, NULL, e);
}

static int
run_account_delete(struct alloc_run *x)
{
	return as_operator(x, delete_account);
}

static int
run_rebuild(struct alloc_run *x)
{
	return as_operator(x, rebuild);
}

static int
run_compact(struct alloc_run *x)
{
	return as_operator(x, compact);
}

static int
run_rotate(struct alloc_run *x)
{
	return as_operator(x, rotate);
}

#define SHA(x)		"0123456789abcdef0123456789abcdef0123456789abcdef" \
			"0123456789abcde" x

/* Three records; how many were taken is what came of it. */
static int
run_import(struct alloc_run *x)
{
	static const char	 text[] = "type,account,sha256,label\n"
				    "ucd,acme," SHA("1") ",one\n"
				    "ucd,beta," SHA("2") ",two\n"
				    "ucd,beta," SHA("3") ",\n";
	struct lk_import	 o = { .size = sizeof o, .name = "keys.csv",
				    .format = LK_FORMAT_CSV };
	struct lk_imported	 out = { 0 };
	struct lk_operator	 op;
	struct lk_error		 e = { 0 };
	struct lk		*lk;
	int			 r;

	if ((o.fd = memfd_create("keys", MFD_CLOEXEC)) == -1 ||
	    pwrite(o.fd, text, sizeof text - 1, 0) != sizeof text - 1)
		return alloc_wrong(x, "no file in memory");
	if ((r = enter(x, 0, &lk, &op)) == 0)
		r = al_said(x, lk_import(lk, &op, &o, &out, &e), &e);
	lk_close(&lk);
	close(o.fd);
	if (r == 0 && out.added != 3)
		alloc_wrong(x, "%u of 3 are taken", (unsigned)out.added);
	return r;
}

static int
count_any(void *arg, const void *p)
{
	(void)p;
	++*(size_t *)arg;
	return 0;
}

static int
on_key(void *arg, const struct lk_key *k)
{
	return count_any(arg, k);
}

static int
on_account(void *arg, const struct lk_account *a)
{
	return count_any(arg, a);
}

static int
on_type(void *arg, const struct lk_type *t)
{
	return count_any(arg, t);
}

static int
on_plugin(void *arg, const struct lk_plugin_info *p)
{
	return count_any(arg, p);
}

static int
on_event(void *arg, const struct lk_event *v)
{
	return count_any(arg, v);
}

static int
run_list(struct alloc_run *x)
{
	struct lk_filter	 all = { .size = sizeof all, .deleted = 1 };
	struct lk_operator	 op;
	struct lk_error		 e = { 0 };
	struct lk_key		 key;
	struct lk		*lk;
	size_t			 n = 0;
	int			 r;

	if ((r = enter(x, LK_LIST_ONLY, &lk, &op)) == 0 && (r = al_said(x,
	    lk_list(lk, &op, &all, on_key, &n, &e), &e)) == 0 &&
	    n != x->h->keys + 1)	/* and the deleted one */
		alloc_wrong(x, "%zu of %zu keys are listed", n,
		    x->h->keys + 1);
	if (r == 0)
		r = al_said(x, lk_show(lk, &op, x->h->gone.id, &key, &e), &e);
	lk_close(&lk);
	return r;
}

static int
run_inspect(struct alloc_run *x)
{
	struct lk_operator	 op;
	struct lk_error		 e = { 0 };
	struct lk		*lk;
	size_t			 n = 0;
	int			 r;

	if ((r = enter(x, LK_LIST_ONLY, &lk, &op)) == 0 &&
	    (r = al_said(x, lk_account_list(lk, &op, on_account, &n, &e),
	    &e)) == 0 &&
	    (r = al_said(x, lk_types(lk, &op, on_type, &n, &e), &e)) == 0 &&
	    (r = al_said(x, lk_store_log(lk, &op, NULL, on_event, &n,
	    &e), &e)) == 0 && n < 3)
		alloc_wrong(x, "only %zu are listed", n);
	lk_close(&lk);
	return r;
}

static int
run_plugins(struct alloc_run *x)
{
	struct lk_operator	 op;
	struct lk_error		 e = { 0 };
	struct lk		*lk;
	size_t			 n = 0;
	int			 r;

	if ((r = enter(x, 0, &lk, &op)) == 0)
		r = al_said(x, lk_plugins(lk, on_plugin, &n, &e), &e);
	lk_close(&lk);
	if (r == 0)
		r = al_said(x, lk_plugin_show(x->h->policy, NULL, "ucd",
		    on_plugin, &n, &e), &e);
	return r;
}

static int
run_check(struct alloc_run *x)
{
	struct lk_error	 e = { 0 };

	return al_said(x, lk_store_check(x->h->policy, NULL, NULL, NULL, &e),
	    &e);
}

static int
run_init(struct alloc_run *x)
{
	struct lk_error	 e = { 0 };
	char		 home[SWEEP_PATH];

	return al_said(x, lk_home_init(x->h->home, NULL,
	    getenv("LATCHKEY_PLUGINS"), home, sizeof home, &e), &e);
}

/* ------------------------------------------------------------------- after */

static int
is_allowed(struct alloc_run *x, const char *token)
{
	struct lk_trace		 t = { .size = sizeof t };
	struct lk_decision	 d;
	struct lk_error		 e = { 0 };
	struct lk		*lk;
	int			 r;

	if (lk_open(x->h->policy, LK_VERIFY_ONLY, &lk, &e) != 0)
		return -1;
	r = lk_peek_token(lk, "ucd", token, strlen(token), "acme", NULL, NULL,
	    &d, &t);
	lk_close(&lk);
	return r != 0 || d.outcome == LK_ERROR ? -1 : d.outcome == LK_ALLOW;
}

/* Of every case but those that begin with another home. */
static int
judge_store(struct alloc_run *x, int code)
{
	struct lk_error	 e = { 0 };

	(void)code;
	if (is_allowed(x, x->h->live.token) != 1)
		return alloc_wrong(x, "a good key is not allowed afterwards");
	if (is_allowed(x, x->h->gone.token) != 0)
		return alloc_wrong(x, "a deleted key is not denied afterwards");
	if (lk_store_check(x->h->policy, NULL, NULL, NULL, &e) != 0)
		return alloc_wrong(x, "store check: %s", e.text);
	return 0;
}

static int
judge_generate(struct alloc_run *x, int code)
{
	if (code == 0 && is_allowed(x, made) != 1)
		return alloc_wrong(x, "the token that was made is not good");
	if (code != 0 && made[0] != '\0')
		return alloc_wrong(x, "code %d, and a token", code);
	return judge_store(x, code);
}

static int
judge_delete(struct alloc_run *x, int code)
{
	int	 r = is_allowed(x, x->h->ending.token);

	if (r == -1 || (code == 0 && r != 0))
		return alloc_wrong(x, "code %d of delete, and then %d", code,
		    r);
	return judge_store(x, code);
}

/* With both of its keys, or not at all. */
static int
judge_account(struct alloc_run *x, int code)
{
	struct lk_error	 e = { 0 };
	int		 live = is_allowed(x, x->h->live.token);

	if (live == -1 || (code == 0 && live != 0) ||
	    is_allowed(x, x->h->ending.token) != live)
		return alloc_wrong(x, "code %d of account delete, and then %d",
		    code, live);
	if (lk_store_check(x->h->policy, NULL, NULL, NULL, &e) != 0)
		return alloc_wrong(x, "store check: %s", e.text);
	return 0;
}

static int
judge_init(struct alloc_run *x, int code)
{
	struct lk_error	 e = { 0 };
	char		 home[SWEEP_PATH];
	struct lk	*lk;
	int		 r;

	r = lk_home_init(x->h->home, NULL, getenv("LATCHKEY_PLUGINS"), home,
	    sizeof home, &e);
	if (r != 0 && r != LK_ECONFIG)
		return alloc_wrong(x, "code %d, and the next init: %s", code,
		    e.text);
	if (lk_open(x->h->policy, 0, &lk, &e) != 0)
		return alloc_wrong(x, "the home does not open: %s", e.text);
	lk_close(&lk);
	return 0;
}

const struct alloc_case alloc_planted[] = {
	{ "a leak", alloc_plant_leak, NULL, 0, 0, START_HOME, 0 },
	{ "an allow", alloc_plant_allow, NULL, 0, 0, START_HOME, 0 },
};
const size_t alloc_nplanted = sizeof alloc_planted / sizeof alloc_planted[0];

const struct alloc_case alloc_cases[] = {
	{ "policy check", run_policy, NULL, 0, LK_ECONFIG, START_HOME, 0 },
	{ "policy check, wrong", run_policy_wrong, NULL, LK_ECONFIG,
	    0, START_WRONG, 0 },
	{ "open", alloc_open, NULL, 0, 0, START_HOME, 0 },
	{ "open to verify", alloc_open_verify, NULL, 0, 0, START_HOME, 0 },
	{ "open to list", alloc_open_list, NULL, 0, 0, START_HOME, 0 },
	{ "open, touched", alloc_open, judge_store, 0, 0, START_TOUCHED, 1 },
	{ "verify a token", alloc_verify, NULL, 0, 0, START_HOME, 0 },
	{ "verify a deleted one", alloc_verify_gone, NULL, 0, 0, START_HOME,
	    0 },
	{ "verify a request", alloc_request, NULL, 0, 0, START_HOME, 0 },
	{ "verify a bearer", alloc_bearer, NULL, 0, 0, START_HOME, 0 },
	{ "verify a body", alloc_json, NULL, 0, 0, START_HOME, 0 },
	{ "generate", run_generate, judge_generate, 0, 0, START_HOME, 1 },
	{ "generate, touched", run_generate, judge_generate, 0, 0,
	    START_TOUCHED, 1 },
	{ "generate, torn tail", run_generate, judge_generate, 0, 0,
	    START_TORN, 1 },
	{ "delete", run_delete, judge_delete, 0, 0, START_HOME, 1 },
	{ "delete, touched", run_delete, judge_delete, 0, 0, START_TOUCHED, 1 },
	{ "delete, torn tail", run_delete, judge_delete, 0, 0, START_TORN, 1 },
	{ "delete from a store", run_delete_store, judge_delete, 0, 0,
	    START_HOME, 1 },
	{ "account set", run_account_set, judge_store, 0, 0, START_HOME, 1 },
	{ "account delete", run_account_delete, judge_account, 0, 0,
	    START_HOME, 1 },
	{ "list and show", run_list, NULL, 0, 0, START_HOME, 0 },
	{ "accounts, types, log", run_inspect, NULL, 0, 0, START_HOME, 0 },
	{ "plugins", run_plugins, NULL, 0, LK_ECONFIG, START_HOME, 0 },
	{ "store check", run_check, NULL, 0, 0, START_HOME, 0 },
	{ "store check, damaged", run_check, NULL, LK_EDAMAGE, 0,
	    START_DAMAGED, 0 },
	{ "store rebuild", run_rebuild, judge_store, 0, 0, START_HOME, 1 },
	{ "store compact", run_compact, judge_store, 0, 0, START_HOME, 1 },
	{ "pepper rotate", run_rotate, judge_store, 0, 0, START_HOME, 1 },
	{ "import", run_import, judge_store, 0, 0, START_HOME, 1 },
	{ "init", run_init, judge_init, 0, 0, START_NOTHING, 1 },
};
const size_t alloc_ncases = sizeof alloc_cases / sizeof alloc_cases[0];
