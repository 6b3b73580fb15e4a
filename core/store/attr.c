/*
 * attr.c: the values of a parsed line.
 */
#include <stdio.h>
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
	size_t	 i, at = 0;
	int	 n;

	out[0] = '\0';
	for (i = 0; i < l->nattrs && at < size; i++) {
		n = snprintf(out + at, size - at, "%s%.*s=%s",
		    i == 0 ? "" : " ", (int)l->attrs[i].name.n,
		    l->attrs[i].name.p, l->attrs[i].value.p);
		if (n > 0)
			at += (size_t)n;
	}
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
