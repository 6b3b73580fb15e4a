/*
 * whole.c: the paths without {x}, each as one text, by a hash of it.
 *
 * Most requests are for one of them.  What a policy may have as a path is
 * nothing that cutting would refuse, and the literal way is always the first,
 * so a target that is such a text ends where the tree would have led it.
 */
#include <stdlib.h>
#include <string.h>

#include "policy/routes.h"

#define FIRST_SIZE	16		/* a power of two                    */

struct lk_whole {
	const char	*text;		/* borrowed from the policy; or NULL */
	size_t		 len;
	const struct lk_routes *to;
};

/* At most half of it is in use. */
struct lk_wholes {
	size_t		 n, size;
	struct lk_whole	*v;
};

static uint64_t
load(const char *p)
{
	uint64_t	 w;

	memcpy(&w, p, sizeof w);
	return w;
}

/* The policy's paths alone are in the table: nobody can crowd a place. */
static uint64_t
hash(const char *p, size_t n)
{
	uint64_t	 h = n * 0x9e3779b97f4a7c15, i;

	for (i = 0; i + 8 < n; i += 8)
		h = (h ^ load(p + i)) * 0xff51afd7ed558ccd;
	if (n >= 8)
		h = (h ^ load(p + n - 8)) * 0xff51afd7ed558ccd;
	for (i = n < 8 ? 0 : n; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * 0xff51afd7ed558ccd;
	return h ^ h >> 32;
}

/* Where a text stands, or would. */
static struct lk_whole *
place(const struct lk_wholes *w, const char *text, size_t n)
{
	struct lk_whole	*v;
	size_t		 i = (size_t)hash(text, n);

	for (;; i++) {
		v = &w->v[i & (w->size - 1)];
		if (v->text == NULL ||
		    (v->len == n && memcmp(v->text, text, n) == 0))
			return v;
	}
}

static int
grow(struct lk_wholes *w)
{
	struct lk_wholes	 more = { w->n, w->size == 0 ? FIRST_SIZE :
				     2 * w->size, NULL };
	size_t			 i;

	if ((more.v = calloc(more.size, sizeof *more.v)) == NULL)
		return LK_ENOMEM;
	for (i = 0; i < w->size; i++)
		if (w->v[i].text != NULL)
			*place(&more, w->v[i].text, w->v[i].len) = w->v[i];
	free(w->v);
	*w = more;
	return 0;
}

int
lk_wholes_add(struct lk_wholes **wp, const char *text,
    const struct lk_routes *to)
{
	struct lk_wholes	*w = *wp;
	size_t			 n = strlen(text);

	if (w == NULL && (*wp = w = calloc(1, sizeof *w)) == NULL)
		return LK_ENOMEM;
	if (w->n >= w->size / 2 && grow(w) != 0)
		return LK_ENOMEM;
	w->n += place(w, text, n)->text == NULL;
	*place(w, text, n) = (struct lk_whole){ text, n, to };
	return 0;
}

const struct lk_routes *
lk_wholes_find(const struct lk_wholes *w, const char *text, size_t n)
{
	return w != NULL ? place(w, text, n)->to : NULL;
}

void
lk_wholes_free(struct lk_wholes **wp)
{
	if (*wp != NULL)
		free((*wp)->v);
	free(*wp);
	*wp = NULL;
}
