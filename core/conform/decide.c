/*
 * decide.c: the way of a request through a plugin as the core goes it: present,
 * the token's form and digest, the record, verify.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <string.h>

#include "conform/child.h"
#include "token/token.h"

/* A fault of the plugin that the loader would have caught. */
static int
judged(struct lk_trial *t, const char *call, uint32_t answer,
    const struct lk_answer *a)
{
	if (answer == LK_BROKEN && lk_trial_raw() != LK_BROKEN) {
		lk_trial_tell(t, LK_FAULT, "%s: %s (with %s)", call, a->note,
		    t->board->doing);
		return LK_WAY_BROKEN;
	}
	if (answer == LK_BROKEN && strncmp(a->note, "broken, ", 8) == 0)
		lk_trial_tell(t, LK_FAULT, "%s: %s (with %s)", call, a->note,
		    t->board->doing);
	return answer == LK_BROKEN ? LK_WAY_BROKEN : answer == LK_PASS;
}

static void
holds(struct lk_trial *t, const struct lk_call *c, const char *what,
    const struct lk_slice *s)
{
	if (!lk_ask_holds(c, s))
		lk_trial_tell(t, LK_FAULT, "present handed back %s that lies "
		    "neither in the request nor in what the host gave (with "
		    "%s)", what, t->board->doing);
}

static int
is(const struct lk_slice *s, const char *text)
{
	return s->p != NULL && s->n == strlen(text) &&
	    memcmp(s->p, text, s->n) == 0;
}

/* As the core finds a record, with whose key the request is.  1 or 0. */
static int
found(const struct lk_ask *k, const struct lk_credential *cr)
{
	const struct lk_holder	*h = k->holder;
	struct lk_token		 token;

	if (cr->account.p != NULL && !is(&cr->account, h->account))
		return 0;
	if (cr->token.p == NULL)
		return is(&cr->key_id, h->id);
	return is(&cr->token, h->token) &&
	    lk_token_parse(cr->token.p, cr->token.n, &token) == 0;
}

int
lk_decide_call(struct lk_trial *t, struct lk_call *c, const struct lk_ask *k,
    struct lk_credential *cr, struct lk_answer *a)
{
	uint32_t	 r;
	int		 way;

	memset(cr, 0, sizeof(*cr));
	cr->size = sizeof(*cr);
	r = lk_instance_present(t->i, c, cr, a);
	if ((way = judged(t, "present", r, a)) != LK_WAY_ALLOW)
		return way;
	holds(t, c, "a token", &cr->token);
	holds(t, c, "a key id", &cr->key_id);
	holds(t, c, "a proof", &cr->proof);
	holds(t, c, "an account", &cr->account);
	if (!found(k, cr))
		return LK_WAY_NO;
	r = lk_instance_verify(t->i, c, cr, c->record, a);
	return judged(t, "verify", r, a);
}

int
lk_decide(struct lk_trial *t, const struct lk_ask *k)
{
	struct lk_call	 c;
	int		 way;

	lk_ask_lay(t, k, &c);
	way = lk_decide_call(t, &c, k, t->cr, t->a);
	lk_ask_end(&c);
	return way;
}

/* ---------------------------------------------------------- a good request */

/* The headers of what signed it: NAME: VALUE, a line each. */
static int
signed_fields(char *text, struct lk_ask *k)
{
	char	*line, *rest = text, *colon;

	while ((line = strsep(&rest, "\n")) != NULL) {
		if ((colon = strchr(line, ':')) == NULL || colon == line)
			continue;
		*colon = '\0';
		colon += 1 + strspn(colon + 1, " ");
		lk_ask_field(k, line, colon, strlen(colon));
	}
	return k->nfields != 0 ? 0 : -1;
}

int
lk_decide_good(struct lk_trial *t, const struct lk_holder *h, char *text,
    size_t size, struct lk_ask *k)
{
	static const char	 body[] = "{\"conform\": true}";

	lk_ask_plain(t, k);
	k->holder = h;
	if ((t->run->table.flags & LK_PLUGIN_SIGNS) == 0)
		return t->board->usage[0] == '\0' ? -1 :
		    lk_curl_parse(t->board->usage, h->token, text, size, k);
	if (t->run->sign == NULL || h != &t->holders[0])
		return -1;
	k->body.p = body;
	k->body.n = sizeof(body) - 1;
	snprintf(text, size, "%s", t->board->sign);
	return signed_fields(text, k);
}
