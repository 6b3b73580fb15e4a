/*
 * sweep_oracle.c: what must hold of the home after a run.
 *
 * Keys are as they were, or as the command said that it made them; nobody is
 * allowed who should not be; and the next who comes can work.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sweep.h"

#define ASKED	"ucd"			/* the type of all keys          */

/* What is found of the keys, before anybody writes again. */
struct found {
	int	 live, gone, ending, off, last, shown; /* 1 allowed, 0 denied */
	size_t	 keys;
	int	 essential, brief;
};

static int
find_account(void *arg, const struct lk_account *a)
{
	struct found	*f = arg;

	if (strcmp(a->name, "acme") == 0)
		f->essential = strcmp(a->package, "essential") == 0;
	if (strcmp(a->name, SWEEP_ACCOUNT) == 0)
		f->brief = 1;
	return 0;
}

/* Whether a token is allowed; -1: it cannot be known. */
static int
ask(struct lk *lk, const char *token, size_t n, const char *account)
{
	struct lk_trace		 t = { .size = sizeof t };
	struct lk_decision	 d;

	if (lk_peek_token(lk, ASKED, token, n, account, NULL, NULL, &d,
	    &t) != 0)
		return -1;
	return d.outcome == LK_ALLOW ? 1 : d.outcome == LK_DENY ? 0 : -1;
}

/* The token that the command showed, by itself or in an object. */
static const char *
shown_token(const struct sweep_judge *j, size_t *n)
{
	static const char	 name[] = "\"token\":\"";
	const char		*p = j->now->out;

	*n = 0;
	if ((j->v->kind & SWEEP_TOKEN) == 0 || j->now->nout == 0)
		return NULL;
	if (*p == '{') {
		if ((p = strstr(p, name)) == NULL)
			return NULL;
		p += sizeof name - 1;
	}
	*n = strcspn(p, "\"\n");
	return p;
}

static int
look(struct sweep_judge *j, struct lk *lk, const struct lk_operator *op,
    struct found *f, struct lk_error *e)
{
	const struct sweep_home	*h = j->h;
	struct lk_filter	 all = { .size = sizeof all };
	const char		*token;
	size_t			 n;

	f->keys = 0;
	f->essential = f->brief = 0;
	f->live = ask(lk, h->live.token, strlen(h->live.token), "acme");
	f->gone = ask(lk, h->gone.token, strlen(h->gone.token), "acme");
	f->ending = ask(lk, h->ending.token, strlen(h->ending.token), "acme");
	f->off = ask(lk, h->off.token, strlen(h->off.token), "acme");
	f->last = ask(lk, h->last.token, strlen(h->last.token), SWEEP_ACCOUNT);
	token = shown_token(j, &n);
	f->shown = token != NULL ? ask(lk, token, n,
	    j->now->out[0] == '{' ? "beta" : "acme") : 0;
	if (lk_list(lk, op, &all, sweep_count_key, &f->keys, e) != 0 ||
	    lk_account_list(lk, op, find_account, f, e) != 0)
		return sweep_wrong(j, "keys cannot be listed: %s", e->text);
	return 0;
}

static int
judge_made(struct sweep_judge *j, const struct found *f)
{
	const struct sweep_result	*r = j->now;
	size_t				 n;
	int				 shown = shown_token(j, &n) != NULL;
	/* Where nothing can be written, it cannot be taken back or told. */
	int				 stuck = sweep_page->for_good &&
					    r->status == 74;

	if (r->status == 0 && (f->shown != 1 || f->keys != j->h->keys + 1))
		return sweep_wrong(j, "the token that was shown is not good");
	if (r->status == -1 && shown && f->shown != 1)
		return sweep_wrong(j, "killed, and the token that was shown "
		    "is not good");
	if (r->status > 0 && f->shown == 1 && !stuck)
		return sweep_wrong(j, "status %d, and its token is good",
		    r->status);
	if (f->keys == j->h->keys || r->status <= 0 || r->status == 71 ||
	    stuck || strstr(r->err, "is still there") != NULL)
		return 0;
	return sweep_wrong(j, "status %d, and a key more that nobody has: %s",
	    r->status, r->err);
}

/* What was shown, a line each, is there, and nothing else; an import shows
 * nothing, and is one batch. */
static int
judge_more(struct sweep_judge *j, const struct found *f)
{
	size_t	 more = f->keys - j->h->keys, shown = 0, i;
	int	 status = j->now->status, right;

	for (i = 0; i < j->now->nout; i++)
		shown += j->now->out[i] == '\n';
	if (status == 0)
		right = more == SWEEP_MANY;
	else if (j->v->input != NULL || status == -1 || status == 71 ||
	    sweep_page->for_good ||
	    strstr(j->now->err, "still there") != NULL)
		right = more == 0 || more == SWEEP_MANY;
	else
		right = more == shown;
	return right ? 0 : sweep_wrong(j, "status %d, and %zu keys more of "
	    "%zu that were shown: %s", status, more, shown, j->now->err);
}

/* What removes nothing leaves the key off; what is done is told. */
static int
judge_off(struct sweep_judge *j, const struct found *f)
{
	int	 enables = j->v->kind & SWEEP_ENABLES;

	if (f->off == -1 || (!enables && f->off != 0))
		return sweep_wrong(j, "a disabled key is %d afterwards",
		    f->off);
	if (enables && j->now->status == 0 && f->off != 1)
		return sweep_wrong(j, "status 0 of enable, and the key is "
		    "denied");
	return 0;
}

static int
judge_pruned(struct sweep_judge *j, const struct found *f)
{
	if (f->keys == j->h->keys - 1 ||
	    (f->keys == j->h->keys && j->now->status != 0))
		return 0;
	return sweep_wrong(j, "status %d of prune, and %zu keys are there",
	    j->now->status, f->keys);
}

/* An account and its keys go in one batch; in doubt, the keys are denied. */
static int
judge_account(struct sweep_judge *j, const struct found *f)
{
	int	 forgets = (j->v->kind & SWEEP_FORGETS) != 0;
	int	 denied = forgets && j->now->status == 71 && f->last == 0;

	if ((f->last != f->brief && !denied) || (!forgets && !f->brief))
		return sweep_wrong(j, "an account is %s, its key is %d",
		    f->brief ? "there" : "gone", f->last);
	if (forgets && j->now->status == 0 && f->brief)
		return sweep_wrong(j, "status 0 of account delete, and it is "
		    "there");
	return 0;
}

static int
judge_found(struct sweep_judge *j, const struct found *f)
{
	int	 ends = j->v->kind & SWEEP_ENDS;
	int	 status = j->now->status;

	if (f->live != 1)
		return sweep_wrong(j, "a good key is %d afterwards", f->live);
	if (f->gone != 0)
		return sweep_wrong(j, "a deleted key is %d afterwards",
		    f->gone);
	if (f->ending == -1 || f->shown == -1 || (!ends && f->ending != 1))
		return sweep_wrong(j, "keys cannot be judged afterwards");
	/* Before a tail is cut nothing of the delete is done. */
	if (ends && (status == 0 || (status == 71 &&
	    j->v->start != START_TORN)) && f->ending != 0)
		return sweep_wrong(j, "status %d of delete, and the key is "
		    "allowed", status);
	if (judge_off(j, f) != 0 || judge_account(j, f) != 0)
		return 1;
	if (j->v->kind & SWEEP_PRUNES)
		return judge_pruned(j, f);
	if (j->v->kind & SWEEP_PACKAGE && status == 0 && !f->essential)
		return sweep_wrong(j, "status 0, and the package is not set");
	if (j->v->kind & SWEEP_TOKEN)
		return judge_made(j, f);
	if (j->v->kind & SWEEP_MORE)
		return judge_more(j, f);
	if (f->keys + !f->last != j->h->keys &&
	    !(ends && f->ending == 0))
		return sweep_wrong(j, "%zu keys are alive", f->keys);
	return 0;
}

static int
judge_check(struct sweep_judge *j, const char *when)
{
	struct lk_error	 e = { 0 };

	if (lk_store_check(j->h->policy, NULL, NULL, NULL, &e) != 0)
		return sweep_wrong(j, "%s: store check: %s", when, e.text);
	return 0;
}

/* Who comes next can make a key, use it and delete it. */
static int
work(struct sweep_judge *j, struct lk *lk, const struct lk_operator *op)
{
	struct lk_generate	 g = { .size = sizeof g, .type = ASKED,
				    .account = "next" };
	struct lk_error		 e = { 0 };
	struct lk_key		 key;
	const char		*id = key.id;
	char			 token[LK_TOKEN_MAX + 1];

	if (lk_generate(lk, op, &g, token, &key, NULL, 0, &e) != 0)
		return sweep_wrong(j, "the next generate: %s", e.text);
	if (ask(lk, token, strlen(token), "next") != 1)
		return sweep_wrong(j, "the next key is not allowed");
	if (lk_delete(lk, op, &id, 1, &e) != 0)
		return sweep_wrong(j, "the next delete: %s", e.text);
	if (ask(lk, token, strlen(token), "next") != 0)
		return sweep_wrong(j, "the next key that was deleted is "
		    "allowed");
	return 0;
}

static int
is_own(const char *name)
{
	static const char	*const own[] = { "journal", "state", "usage",
				    "lock", "torn.", "index.", "journal." };
	size_t			 i;

	for (i = 0; i < sizeof own / sizeof own[0]; i++)
		if (strcmp(name, own[i]) == 0 || (strchr(own[i], '.') != NULL &&
		    strncmp(name, own[i], strlen(own[i])) == 0))
			return 1;
	return 0;
}

/*
 * Nothing lies about when the next has worked, but for the index that one who
 * was killed had begun, whose name the next growth takes.
 */
static int
judge_left(struct sweep_judge *j)
{
	struct dirent	*d;
	unsigned	 indexes = 0;
	unsigned	 most = 1 + (j->now->status == -1 ||
			    sweep_page->for_good);
	int		 r = 0;
	DIR		*dp;

	if ((dp = opendir(j->h->store)) == NULL)
		return sweep_wrong(j, "no store");
	while (r == 0 && (d = readdir(dp)) != NULL) {
		if (d->d_name[0] == '.')
			continue;
		indexes += strncmp(d->d_name, "index.", 6) == 0;
		if (!is_own(d->d_name) || indexes > most)
			r = sweep_wrong(j, "%s is left", d->d_name);
	}
	closedir(dp);
	return r;
}

/* First as one who only reads, then as one who writes. */
static int
judge_store(struct sweep_judge *j)
{
	struct lk_operator	 op;
	struct lk_error		 e = { 0 };
	struct lk		*lk;
	struct found		 before, after;
	int			 r;

	if (lk_operator_self(&op, &e) != 0 ||
	    lk_open(j->h->policy, LK_VERIFY_ONLY, &lk, &e) != 0)
		return sweep_wrong(j, "it does not open to verify: %s",
		    e.text);
	r = look(j, lk, &op, &before, &e) || judge_found(j, &before);
	lk_close(&lk);
	if (r != 0 || judge_check(j, "after it") != 0)
		return 1;
	if (lk_open(j->h->policy, 0, &lk, &e) != 0)
		return sweep_wrong(j, "it does not open: %s", e.text);
	r = work(j, lk, &op) || look(j, lk, &op, &after, &e) ||
	    judge_found(j, &after);
	lk_close(&lk);
	if (r != 0 || judge_check(j, "after the next") != 0)
		return 1;
	/* What was written and not acknowledged, a writer takes up. */
	if (j->now->status != -1 && j->now->status != 71 &&
	    (before.ending != after.ending || before.keys != after.keys ||
	    before.shown != after.shown ||
	    before.essential != after.essential ||
	    before.brief != after.brief))
		return sweep_wrong(j, "the next who wrote changed what was");
	return judge_left(j);
}

/* Who comes next ends what is left of it, or hears that it is done. */
static int
judge_retired(struct sweep_judge *j)
{
	struct lk_rewritten	 w = { .size = sizeof w };
	struct lk_operator	 op;
	struct lk_error		 e = { 0 };
	struct lk		*lk;
	char			 path[SWEEP_PATH + 16];
	int			 r;

	snprintf(path, sizeof path, "%s/pepper/1", j->h->home);
	if (j->now->status == 0 && access(path, F_OK) == 0)
		return sweep_wrong(j, "status 0, and the old pepper is there");
	if (lk_operator_self(&op, &e) != 0 ||
	    lk_open(j->h->policy, 0, &lk, &e) != 0)
		return sweep_wrong(j, "it does not open: %s", e.text);
	r = lk_pepper_retire(lk, &op, 0, &w, &e);
	lk_close(&lk);
	if ((r != 0 && r != LK_ENOTFOUND) || access(path, F_OK) == 0)
		return sweep_wrong(j, "the next retire: %s", e.text);
	return judge_check(j, "after the next retire");
}

/* Where init did not say that it was done, the next one makes the home. */
static int
judge_init(struct sweep_judge *j)
{
	const struct sweep_home	*h = j->h;
	struct lk_operator	 op;
	struct lk_error		 e = { 0 };
	struct lk		*lk;
	char			 home[SWEEP_PATH];
	int			 r, there = access(h->policy, F_OK) == 0;

	if (j->now->status == 0 && !there)
		return sweep_wrong(j, "status 0, and no policy");
	r = lk_home_init(h->home, NULL, getenv("LATCHKEY_PLUGINS"), home,
	    sizeof home, &e);
	if (r != (there ? LK_ECONFIG : 0))
		return sweep_wrong(j, "the next init: %s", e.text);
	if (lk_operator_self(&op, &e) != 0 ||
	    lk_open(h->policy, 0, &lk, &e) != 0)
		return sweep_wrong(j, "the home does not open: %s", e.text);
	r = work(j, lk, &op);
	lk_close(&lk);
	return r != 0 ? r : judge_check(j, "after init");
}

int
sweep_judge_home(struct sweep_judge *j)
{
	const struct sweep_verb	*v = j->v;

	if (v->kind & SWEEP_NO_CHECK)
		return 0;
	if (v->kind & SWEEP_INIT)
		return judge_init(j);
	if (!sweep_home_same(j->h))
		return judge_store(j) || (v->kind & SWEEP_RETIRES &&
		    judge_retired(j));
	/* All is as it was. */
	if (j->now->status == 0 &&
	    v->kind & (SWEEP_TOKEN | SWEEP_ENDS | SWEEP_PACKAGE |
	    SWEEP_MORE | SWEEP_ENABLES | SWEEP_PRUNES | SWEEP_RETIRES |
	    SWEEP_FORGETS))
		return sweep_wrong(j, "status 0, and nothing was done");
	return 0;
}

int
sweep_judge(struct sweep_judge *j)
{
	return sweep_judge_words(j) || sweep_judge_home(j);
}
