#include <string.h>

#include "model.h"
#include "plants.h"

/* What is at from comes to stand at to, the rest moves. */
static void
move(struct tape *t, int from, int to)
{
	struct op	 o = t->op[from];

	if (from > to)
		memmove(&t->op[to + 1], &t->op[to],
		    (size_t)(from - to) * sizeof o);
	else
		memmove(&t->op[from], &t->op[from + 1],
		    (size_t)(to - from) * sizeof o);
	t->op[to] = o;
}

static int
syncs(const struct op *o, const char *file)
{
	return o->kind == OP_SYNCED &&
	    strcmp(sites.v[o->site].file, file) == 0;
}

/* Yes is said before the journal is synced. */
static int
early_yes(struct tape *t)
{
	int	 i, j, n = 0;

	for (i = 0; i < t->n; i++) {
		if (t->op[i].kind != OP_MARK || t->op[i].mark != MARK_ACKED)
			continue;
		for (j = i; j > 0 && !syncs(&t->op[j], "journal"); j--)
			;
		move(t, i, j);
		n++;
	}
	return n > 0;
}

/* The sync of an index comes after the next change of that page of a file. */
static int
late_sync(struct tape *t, const char *file, int same)
{
	const struct op	*o;
	int		 i, j, n = 0;

	for (i = 0; i < t->n; i++) {
		if (!syncs(&t->op[i], file) || !sites.v[t->op[i].site].first)
			continue;
		for (j = i + 1; j < t->n; j++) {
			o = &t->op[j];
			if (o->kind == OP_PAGE && o->at == 0 &&
			    (o->ino == t->op[i].ino) == same)
				break;
		}
		if (j == t->n)
			continue;
		move(t, i, j);
		n++;
		i = j;
	}
	return n > 0;
}

static int
late_for_checkpoint(struct tape *t)
{
	return late_sync(t, "index.#", 1);
}

static int
late_for_generation(struct tape *t)
{
	return late_sync(t, "index.#", 0);
}

const struct plant	 plants[] = {
	{ "yes is said before the sync",	early_yes,		0 },
	{ "an index is synced after its checkpoint",
						late_for_checkpoint,	0 },
	/* Its checkpoint, which comes after the sync, is what makes an index
	 * hold after a start of the machine, and not that it is named. */
	{ "an index is synced after its generation is named",
						late_for_generation,	1 },
};
const size_t		 nplants = sizeof plants / sizeof *plants;
