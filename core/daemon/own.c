#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdlib.h>

#include "base/err.h"
#include "daemon/own.h"

static int
own_fill(struct lk_own *o, const struct lk_daemon *d, struct lk_ring *r)
{
	if ((o->counts = lk_counts_new()) == NULL)
		return -1;
	o->lines = lk_lines_new(d, o->counts, r);
	return o->lines != NULL ? 0 : -1;
}

int
lk_owns_new(const struct lk_daemon *d, struct lk_log *log, unsigned n,
    struct lk_own **out, struct lk_error *e)
{
	struct lk_own	*v = calloc(n, sizeof(*v));
	unsigned	 i;

	for (i = 0; v != NULL && i < n; i++)
		if (own_fill(&v[i], d, lk_log_ring(log, i)) == -1)
			lk_owns_free(&v, n);
	*out = v;
	return v != NULL ? 0 :
	    lk_fail(e, LK_ENOMEM, "no memory for %u loops", n);
}

void
lk_owns_free(struct lk_own **owns, size_t n)
{
	struct lk_own	*v = *owns;
	size_t		 i;

	if (v == NULL)
		return;
	for (i = 0; i < n; i++) {
		lk_lines_free(&v[i].lines);
		lk_counts_free(&v[i].counts);
	}
	free(v);
	*owns = NULL;
}
