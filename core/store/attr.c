/*
 * attr.c: the values of a parsed line.
 */
#include <stdlib.h>
#include <string.h>

#include "line.h"

int64_t
lk_line_number(const struct lk_line *l, const char *name)
{
	const char	*v = lk_line_get(l, name);

	/* Its form was checked when the line was parsed. */
	return v != NULL ? strtoll(v, NULL, 10) : 0;
}

void
lk_line_details(const struct lk_line *l, char *out, size_t size)
{
	const struct lk_attr	*a;
	size_t			 i, at = 0;

	for (i = 0; i < l->nattrs; i++) {
		a = &l->attrs[i];
		/* The name's NUL, the value's, and that of the end. */
		if (size - at < a->name.n + a->value.n + 3)
			break;
		memcpy(out + at, a->name.p, a->name.n);
		at += a->name.n;
		out[at++] = '\0';
		memcpy(out + at, a->value.p, a->value.n + 1);
		at += a->value.n + 1;
	}
	out[at] = '\0';
}

int
lk_line_nets(const char *value, struct lk_net *out, size_t max)
{
	const char	*comma;
	size_t		 n = 0, len;

	for (;; value = comma + 1) {
		comma = strchr(value, ',');
		len = comma != NULL ? (size_t)(comma - value) : strlen(value);
		if (n == max || lk_net_parse(value, len, &out[n]) != 0)
			return LK_ESYNTAX;
		n++;
		if (comma == NULL)
			return (int)n;
	}
}
