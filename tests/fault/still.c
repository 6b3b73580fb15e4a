#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recover.h"
#include "still.h"

#define JOURNAL_MAX	(1 << 20)

static const char *
journal(size_t *n)
{
	int	 ino = vfs_find(STILL_JOURNAL);

	*n = ino == 0 ? 0 : vfs.file[ino].size;
	return ino == 0 ? "" : (const char *)vfs_data(ino);
}

void
still_keep(struct still *k)
{
	const char	*p = journal(&k->n);
	int		 i;

	if (k->n > JOURNAL_MAX || (k->text = malloc(k->n + 1)) == NULL)
		abort();
	memcpy(k->text, p, k->n);
	k->torn = 0;
	for (i = 0; i < vfs.nnames; i++)
		k->torn += vfs.name[i].ino != 0 &&
		    strncmp(vfs.name[i].name, "torn.", 5) == 0;
}

int
still_say(char *why, size_t n, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	vsnprintf(why, n, fmt, ap);
	va_end(ap);
	return -1;
}

/* The journal of which a line of a repair cut something: the one before this
 * recovery, or, where the line was there already, what the model has. */
static const char *
torn_journal(const struct model *m, const struct still *before, size_t at,
    const char *line, size_t len, size_t *n)
{
	if (before->n >= at + len && memcmp(before->text + at, line, len) == 0)
		return *n = m->ntorn, m->torn;
	*n = before->n;
	return before->text;
}

/* What was cut is kept. */
static int
check_evidence(const struct model *m, const struct still *before, size_t off,
    const char *line, size_t len, char *why, size_t n)
{
	char		 path[128], name[64] = "";
	const char	*at = memmem(line, len, ":from=", 6), *torn;
	unsigned long	 from = 0, to = 0;
	size_t		 size;
	int		 ino;

	if (at == NULL || sscanf(at, ":from=%lu:to=%lu:file=%63[^:]", &from,
	    &to, name) != 3 || strcmp(name, "-") == 0)
		return 0;
	snprintf(path, sizeof path, STORE "/%s", name);
	if ((ino = vfs_find(path)) == 0)
		return still_say(why, n, "what was cut is not kept: no %s",
		    name);
	if (vfs.file[ino].size != from - to)
		return still_say(why, n, "%s has %zu octets and not %lu", name,
		    vfs.file[ino].size, from - to);
	torn = torn_journal(m, before, off, line, len, &size);
	if (torn != NULL && size >= from &&
	    memcmp(vfs_data(ino), torn + to, from - to) != 0)
		return still_say(why, n, "%s is not what was cut", name);
	return 0;
}

/* Lines but the first and those of repairs; -1: something is wrong. */
int
still_lines(const struct model *m, const struct still *before, char *why,
    size_t n)
{
	size_t		 size;
	const char	*start = journal(&size), *p = start, *nl;
	const char	*end = start + size;
	int		 lines = -1;

	for (; p < end && (nl = memchr(p, '\n', (size_t)(end - p))) != NULL;
	    p = nl + 1) {
		if (memmem(p, (size_t)(nl - p), ":repair:", 8) == NULL)
			lines++;
		else if (check_evidence(m, before, (size_t)(p - start), p,
		    (size_t)(nl - p), why, n) != 0)
			return -1;
	}
	return lines;
}
