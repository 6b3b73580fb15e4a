/*
 * selftest.c: a round trip through each plugin of a new policy, before it
 * serves: mint - form - present - verify - checks.
 *
 * The key is made up: its id and account are in no store.  So a check may
 * refuse it, but each must answer as it may, and nothing may pass without a
 * credential.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <string.h>

#include "base/net.h"
#include "base/source.h"
#include "base/wipe.h"
#include "call.h"
#include "making.h"
#include "reload.h"

#define NOBODY		"self-test"	/* an account */

struct trip {
	struct lk		*lk;
	struct lk_snapshot	*s;
	const struct lk_live_type *t;
	struct lk_report	*rep;
	struct lk_decision	 d;
	struct lk_call		 c;
	char			 id[LK_KEYID_LEN + 1];
	char			 token[LK_TOKEN_MAX + 1];
};

static void
fault(struct trip *x, const char *plugin, struct lk_place place,
    const char *what, const char *note)
{
	lk_report_at(x->rep, &x->s->policy->source, place, LK_ECONFIG, NULL,
	    "%s fails its self-test: %s%s%s", plugin, what,
	    note[0] != '\0' ? ": " : "", note);
}

static void
type_fault(struct trip *x, const char *what, const char *note)
{
	fault(x, x->t->type->plugin, x->t->type->plugin_place, what, note);
}

/* A call on its way, by a peer on this machine, with a record of NOBODY. */
static void
start(struct trip *x)
{
	struct lk_call		*c = &x->c;
	struct lk_found		*f = &c->found;
	struct lk_record	*k = &c->record;

	lk_call_begin(c, x->lk, x->s, &x->d, NULL);
	c->type = x->t;
	c->live = &x->t->apis[x->t->type->napis];
	c->pepper = atomic_load(&x->lk->pepper);
	c->peek = 1;
	(void)lk_net_parse("127.0.0.1", 9, &c->view.peer);
	memset(f, 0, sizeof(*f));
	memcpy(f->key_id, x->id, sizeof(x->id));
	memcpy(f->account, NOBODY, sizeof(NOBODY));
	f->account_len = sizeof(NOBODY) - 1;
	f->odd = (int)(lk_pepper_current(c->pepper) & 1);
	k->key_id = (struct lk_slice){ f->key_id, LK_KEYID_LEN };
	k->account = (struct lk_slice){ f->account, f->account_len };
	k->created = lk_store_now(x->lk->store);
}

static int
mint(struct trip *x)
{
	const struct lk_policy_type	*t = x->t->type;
	struct lk_setup_env		 env;
	struct lk_answer		 a;
	int				 signs;

	signs = lk_instance_signs(x->t->plugin);
	lk_snapshot_env(t, atomic_load(&x->lk->pepper), x->id, &env);
	if (lk_instance_mint(x->t->plugin, &env, x->token, sizeof(x->token),
	    &a) != LK_PASS) {
		type_fault(x, "it makes no token", a.note);
		return -1;
	}
	if (!signs && !lk_making_sound(x->t, x->token, strlen(x->token))) {
		type_fault(x, "what it makes is no token of the prefix",
		    t->prefix);
		return -1;
	}
	return signs;
}

/* A request that has nothing in it. */
static void
present_nothing(struct trip *x)
{
	static const struct lk_request	 empty = { .size = sizeof(empty),
					     .method = "GET", .path = "/" };
	struct lk_answer		 a;
	uint32_t			 r;

	start(x);
	x->c.request = &empty;
	x->c.view.method = (struct lk_slice){ "GET", 3 };
	x->c.view.target = (struct lk_slice){ "/", 1 };
	r = lk_instance_present(x->t->plugin, &x->c, &x->c.credential, &a);
	if (r == LK_PASS)
		type_fault(x, "it finds a credential in an empty request", "");
	else if (r == LK_BROKEN)
		type_fault(x, "an empty request", a.note);
	lk_call_end(&x->c);
}

/* Its own token must pass; of who signs, no proof is known here. */
static void
verify(struct trip *x, int signs)
{
	struct lk_answer	 a;
	uint32_t		 r;

	start(x);
	if (signs) {
		x->c.credential.key_id = x->c.record.key_id;
		x->c.credential.proof = (struct lk_slice){ "none", 4 };
	} else
		x->c.credential.token = (struct lk_slice){ x->token,
		    strlen(x->token) };
	r = lk_instance_verify(x->t->plugin, &x->c, &x->c.credential,
	    &x->c.record, &a);
	if (r == LK_BROKEN || (r != LK_PASS && !signs))
		type_fault(x, "it does not verify what it made", a.note);
	else if (r == LK_PASS && signs)
		type_fault(x, "it passes a proof that is none", "");
	lk_call_end(&x->c);
}

static void
check(struct trip *x, const struct lk_live_check *k)
{
	struct lk_answer	 a;

	if (k->plugin == NULL)
		return;
	start(x);
	x->c.check = k;
	if (lk_instance_check(k->plugin, &x->c, &x->c.record, &a) == LK_BROKEN)
		fault(x, k->line->plugin, k->line->place, "its check", a.note);
	lk_call_end(&x->c);
}

static void
test_type(struct trip *x)
{
	struct lk_error	 e = { 0 };
	size_t		 i;
	int		 signs;

	if (lk_keyid_mint(x->id, &e) != 0) {
		type_fault(x, "there is no key id for it", e.text);
		return;
	}
	if (x->t->plugin != NULL && (signs = mint(x)) != -1) {
		present_nothing(x);
		verify(x, signs);
	}
	for (i = 0; i < x->t->nchecks; i++)
		check(x, &x->t->checks[i]);
	lk_wipe(x->token, sizeof(x->token));
}

void
lk_self_test(struct lk *lk, struct lk_snapshot *s, struct lk_report *rep)
{
	struct trip	 x = { .lk = lk, .s = s, .rep = rep };
	struct lk_seat	*seat;
	size_t		 i;

	/* The peppers are those of the handle. */
	if ((seat = lk_hold(lk)) == NULL) {
		lk_report_at(rep, &s->policy->source,
		    (struct lk_place){ 0, 0 }, LK_ENOMEM, NULL,
		    "no memory for a self-test");
		return;
	}
	for (i = 0; i < s->policy->ntypes; i++) {
		x.t = &s->types[i];
		test_type(&x);
	}
	lk_release(seat);
}
