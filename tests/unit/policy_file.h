/*
 * policy_file.h: what the tests of the policy share.
 */
#ifndef POLICY_FILE_H
#define POLICY_FILE_H

#include "base/buf.h"
#include "policy/policy.h"
#include "table.h"

/* A file of the source tree, as text; the caller frees it. */
static inline char *
source_file(const char *name, size_t *n)
{
	const char	*top = getenv("srcdir");
	char		 path[4096];
	FILE		*f;
	char		*p = calloc(1, 1 << 20);

	snprintf(path, sizeof path, "%s/%s", top != NULL ? top : ".", name);
	if (p == NULL || (f = fopen(path, "r")) == NULL) {
		perror(path);
		exit(1);
	}
	*n = fread(p, 1, (1 << 20) - 1, f);
	fclose(f);
	return p;
}

/* One record of wrong.txt or right.txt; all of it borrowed from the file. */
struct record {
	char	*name;
	char	*said;		/* its lines behind "--- ", or ""            */
	char	*text;
};

static inline char *
cut_line(char *p)
{
	char	*end = strchr(p, '\n');

	*end = '\0';
	return end + 1;
}

/* Take file apart in place.  The number of records. */
static inline size_t
records_cut(char *file, struct record *v, size_t max)
{
	static char	 none[1];
	char	*p = strstr(file, "\n=== "), *next, *w, *from;
	size_t	 n = 0;

	for (; p != NULL && n < max; p = next, n++) {
		next = strstr(p + 1, "\n=== ");
		if (next != NULL)
			*next = '\0';
		v[n].name = p + 5;
		from = cut_line(v[n].name);
		for (w = v[n].said = from; strncmp(from, "--- ", 4) == 0; ) {
			p = cut_line(from);
			w += sprintf(w, "%s", from + 4);
			*w++ = '\n';
			from = p;
		}
		/* the lines moved left by the marks that they lost */
		if (w == v[n].said)
			v[n].said = none;
		else
			w[0] = '\0';
		v[n].text = from;
	}
	return n;
}

/* Findings as the lines of wrong.txt have them. */
static inline void
said_add(void *arg, const struct lk_error *f, const char *line)
{
	(void)line;
	lk_buf_fmt(arg, "%u:%u %s%s\n", f->line, f->column,
	    f->code == LK_NOTE ? "note: " : "", f->text);
}

/* The default policy as init writes it; the caller frees it. */
static inline char *
default_policy(size_t *n)
{
	static const char *const marks[][2] = {
		{ "@ADMIN_USERS@", "root, 4242" },
		{ "@PLUGINS@", "/usr/lib/latchkey" },
		{ "@STORE@", "store" },
	};
	char		*file = source_file("conf/policy.yaml", n), *at, *p;
	struct lk_buf	 b = LK_BUF_NONE;
	size_t		 i;

	p = file;
	for (at = strchr(p, '@'); at != NULL; at = strchr(p, '@')) {
		lk_buf_add(&b, p, (size_t)(at - p));
		for (i = 0; i < 3; i++) {
			if (strncmp(at, marks[i][0], strlen(marks[i][0])) == 0)
				break;
		}
		assert_true(i < 3);
		lk_buf_str(&b, marks[i][1]);
		p = at + strlen(marks[i][0]);
	}
	lk_buf_str(&b, p);
	free(file);
	*n = b.n;
	return b.p;
}

#endif
