/*
 * leaks.c: tokens of ours in what others wrote, and whose they are.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "hold.h"
#include "peppers.h"
#include "token/sift.h"

#define WINDOW	((size_t)131072)	/* octets in hand: of a cache's size */

/* A search as it goes on. */
struct search {
	struct lk		*lk;
	const struct lk_search	*what;
	struct lk_sift_prefix	*set;
	size_t			 nset;
	char			*p;	/* of WINDOW octets, n in hand       */
	size_t			 n;
	size_t			 most;	/* that n ever was                   */
	size_t			 at;	/* where digits may begin            */
	size_t			 counted;	/* its lines are in line     */
	uint64_t		 line;	/* that p + counted is in            */
	uint64_t		 passed;	/* octets before p           */
};

/* ----------------------------------------------------------------- its key */

static int
wanted(const struct lk_search *what, const char *type)
{
	size_t	 i;

	for (i = 0; i < what->ntypes; i++)
		if (strcmp(what->types[i], type) == 0)
			return 1;
	return what->ntypes == 0;
}

static int
by_pepper(struct search *s, const struct lk_token *t, unsigned version,
    struct lk_found *f)
{
	const struct lk_pepper	*pepper = atomic_load(&s->lk->pepper);
	uint8_t			 digest[LK_DIGEST_SIZE];
	int			 r = -1;

	if (lk_pepper_digest(pepper, version, t->text, t->text_len,
	    digest) == 0)
		r = lk_store_by_digest(s->lk->store, digest, f);
	lk_wipe(digest, sizeof(digest));
	return r;
}

/* As a verify looks it up.  1, 0, -1 it cannot be known. */
static int
by_token(struct search *s, const struct lk_token *t, struct lk_found *f)
{
	unsigned	 current, older;
	uint64_t	 n;
	int		 r;

	if (lk_store_refresh(s->lk->store, NULL) != 0)
		return -1;
	current = lk_pepper_current(s->lk->pepper);
	if ((r = by_pepper(s, t, current, f)) != 0)
		return r;
	if ((older = lk_pepper_before(s->lk->pepper)) == 0)
		return lk_store_under(s->lk->store, !(current & 1), &n) == 0 ?
		    0 : -1;
	r = by_pepper(s, t, older, f);
	return r == 1 && f->odd != (int)(older & 1) ? -1 : r;
}

static int
state_of(struct search *s, const struct lk_found *f)
{
	if (f->state == LK_STATE_ACTIVE && f->expires != 0 &&
	    lk_store_now(s->lk->store) >= f->expires)
		return LK_STATE_EXPIRED;
	return f->state;
}

static void
take_key(struct search *s, const struct lk_found *f, struct lk_leak *l)
{
	l->state = state_of(s, f);
	memcpy(l->key_id, f->key_id, sizeof(l->key_id));
	memcpy(l->account, f->account, sizeof(l->account));
	memcpy(l->type, f->type, sizeof(l->type));
}

/*
 * Letters that happen to stand before a shorter prefix may make a longer one of
 * it.  Where the store knows none of them, the longest is told.
 */
static void
identify(struct search *s, const struct lk_token *found,
    struct lk_token *t, struct lk_leak *l)
{
	struct lk_found	 f;
	struct lk_token	 other = *found;
	int		 r;

	do
		r = by_token(s, &other, &f);
	while (r == 0 && lk_sift_shorter(s->set, s->nset, &other));
	*t = r != 0 ? other : *found;
	l->state = r == 0 ? LK_STATE_UNKNOWN : LK_STATE_UNSURE;
	if (r == 1)
		take_key(s, &f, l);
}

/* What has no checksum is one where the store knows it, and else nothing. */
static int
identify_signed(struct search *s, const struct lk_token *t, struct lk_leak *l)
{
	struct lk_found	 f, key;
	int		 r;

	if (lk_store_refresh(s->lk->store, NULL) != 0 ||
	    lk_store_by_id(s->lk->store, t->text, LK_KEYID_LEN, &f) != 1 ||
	    !wanted(s->what, f.type) || (r = by_token(s, t, &key)) == 0)
		return 0;
	take_key(s, &f, l);
	if (r != 1)
		l->state = LK_STATE_UNSURE;
	return 1;
}

/* The type that is known of it, or whose prefix it has; or NULL. */
static const struct lk_policy_type *
type_of(const struct search *s, const struct lk_token *t,
    const struct lk_leak *l)
{
	const struct lk_policy	*p = lk_held(s->lk)->policy;

	return t->prefix_len == 0 ? lk_policy_type_by_name(p, l->type) :
	    lk_policy_type_by_prefix(p, t->prefix, t->prefix_len);
}

static void
tell_type(const struct search *s, const struct lk_token *t, struct lk_leak *l)
{
	const struct lk_policy_type	*type = type_of(s, t, l);
	char				 prefix[LK_PREFIX_MAX + 1] = "";

	if (t->prefix_len != 0)
		memcpy(prefix, t->prefix, t->prefix_len);
	else if (type != NULL)
		memcpy(prefix, type->prefix, strlen(type->prefix));
	lk_token_hint(prefix, t->text, t->text_len, l->hint);
	if (l->type[0] == '\0' && type != NULL)
		memcpy(l->type, type->name, strlen(type->name));
}

static int
tell(struct search *s, const struct lk_token *found)
{
	struct lk_leak	 l;
	struct lk_token	 t = *found;
	size_t		 at;

	memset(&l, 0, sizeof(l));
	if (found->prefix_len != 0)
		identify(s, found, &t, &l);
	else if (!identify_signed(s, found, &l))
		return 0;
	at = (size_t)(t.text - s->p);
	s->line += lk_sift_lines(s->p + s->counted, at - s->counted);
	s->counted = at;
	l.line = s->line;
	l.at = s->passed + at;
	tell_type(s, &t, &l);
	return s->what->fn(s->what->arg, &l);
}

/* -------------------------------------------------------------- the octets */

/* What may be the beginning of a token stays. */
static void
pass(struct search *s)
{
	size_t	 keep = s->at > LK_SIFT_BEFORE ? s->at - LK_SIFT_BEFORE : 0;

	if (keep > s->counted)
		s->line += lk_sift_lines(s->p + s->counted,
		    keep - s->counted);
	s->counted = keep > s->counted ? 0 : s->counted - keep;
	memmove(s->p, s->p + keep, s->n - keep);
	s->n -= keep;
	s->at -= keep;
	s->passed += keep;
}

static int
sift(struct search *s, struct lk_error *e)
{
	struct lk_token	 t;
	ssize_t		 got;
	int		 r;

	for (;;) {
		got = read(s->what->fd, s->p + s->n, WINDOW - s->n);
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return lk_fail_errno(e, LK_EIO, "cannot be read");
		if (got == 0)
			return 0;
		s->n += (size_t)got;
		if (s->n > s->most)
			s->most = s->n;
		while (lk_sift_next(s->p, s->n, &s->at, s->set, s->nset, &t))
			if ((r = tell(s, &t)) != 0)
				return r;
		pass(s);
		if (s->what->progress != NULL)
			s->what->progress(s->what->progress_arg,
			    s->passed + s->n, 0);
	}
}

/* -------------------------------------------------------------- what for */

static int
longer_first(const void *a, const void *b)
{
	const struct lk_sift_prefix	*x = a, *y = b;

	return (x->n < y->n) - (x->n > y->n);
}

static int
take_prefixes(struct search *s, struct lk_error *e)
{
	const struct lk_policy	*p = lk_held(s->lk)->policy;
	size_t			 i;

	for (i = 0; i < s->what->ntypes; i++)
		if (lk_policy_type_by_name(p, s->what->types[i]) == NULL)
			return lk_fail(e, LK_EUSAGE, "no type %s in the "
			    "policy (latchkey types)", s->what->types[i]);
	if ((s->set = calloc(p->ntypes + 1, sizeof(*s->set))) == NULL ||
	    (s->p = malloc(WINDOW)) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory to look for tokens");
	for (i = 0; i < p->ntypes; i++)
		if (wanted(s->what, p->types[i].name))
			s->set[s->nset++].p = p->types[i].prefix;
	for (i = 0; i < s->nset; i++)
		s->set[i].n = strlen(s->set[i].p);
	qsort(s->set, s->nset, sizeof(*s->set), longer_first);
	return 0;
}

int
lk_scan(struct lk *lk, const struct lk_search *what, struct lk_error *e)
{
	struct search	 s = { .lk = lk, .what = what, .line = 1 };
	struct lk_seat	*seat;
	int		 r;

	if (lk == NULL || what == NULL || what->size != sizeof(*what) ||
	    what->fn == NULL || (what->ntypes != 0 && what->types == NULL))
		return lk_fail(e, LK_EUSAGE, "lk_scan: an argument is "
		    "missing");
	/* Under another pepper every token would be unknown. */
	if (lk->snapshot == NULL || !lk->keyed)
		return lk_fail(e, LK_ECONFIG, "which keys tokens are of is "
		    "known with the pepper of the store alone, and it is not "
		    "there, or is another one (latchkey verify says which)");
	if ((seat = lk_hold(lk)) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory");
	r = lk_peppers_whole(lk->store, lk_held(lk)->policy->pepper,
	    atomic_load(&lk->pepper), e);
	if (r == 0 && (r = take_prefixes(&s, e)) == 0)
		r = sift(&s, e);
	lk_release(seat);
	if (s.p != NULL)
		lk_wipe(s.p, s.most);
	free(s.p);
	free(s.set);
	return r;
}
