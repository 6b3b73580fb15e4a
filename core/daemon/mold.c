#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdlib.h>
#include <string.h>

#include "daemon/mold.h"

#define KEPT	64			/* of a loop, but those in use      */

static int
fits(const struct lk_mold *m, const struct lk_reply *r)
{
	size_t	 i;

	if (m->n != r->n)
		return 0;
	for (i = 0; i < m->n; i++)
		if (m->names[i] != r->fields[i].name)
			return 0;
	return 1;
}

struct lk_mold *
lk_mold_take(struct lk_molds *ms, const struct lk_reply *r)
{
	struct lk_mold	**p, *m;

	for (p = &ms->free; (m = *p) != NULL; p = &m->next)
		if (fits(m, r)) {
			*p = m->next;
			ms->n--;
			return m;
		}
	if ((m = malloc(sizeof(*m))) != NULL) {
		m->m = NULL;
		m->n = 0;
	}
	return m;
}

const char *
lk_mold_value(const struct lk_mold *m, size_t i)
{
	return i < m->n ? m->text + m->at[i] : NULL;
}

int
lk_mold_note(struct lk_mold *m, const struct lk_reply *r)
{
	size_t	 i, len, used = 0;

	for (i = 0; i < r->n; i++) {
		len = strlen(r->fields[i].value) + 1;
		if (len > sizeof(m->text) - used)
			return -1;
		memcpy(m->text + used, r->fields[i].value, len);
		m->names[i] = r->fields[i].name;
		m->at[i] = used;
		used += len;
	}
	m->n = r->n;
	return 0;
}

int
lk_mold_give(struct lk_molds *ms, struct lk_mold *m)
{
	if (ms->n >= KEPT)
		return 1;
	m->next = ms->free;
	ms->free = m;
	ms->n++;
	return 0;
}
