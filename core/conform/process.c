/*
 * process.c: a process from the outside, by proc(5).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conform/child.h"

#define NFDS	(sizeof(((struct lk_process *)0)->fds) /	\
		    sizeof(((struct lk_process *)0)->fds[0]))

/* The value of "Name:\tvalue". */
static void
take(const char *line, const char *name, char *out, size_t size)
{
	size_t	 n = strlen(name);

	if (strncmp(line, name, n) != 0 || line[n] != ':')
		return;
	line += n + 1;
	line += strspn(line, " \t");
	snprintf(out, size, "%.*s", (int)strcspn(line, "\n"), line);
}

static void
read_status(int pid, struct lk_process *p)
{
	char	 path[64], line[256], threads[24] = "0";
	FILE	*f;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	if ((f = fopen(path, "re")) == NULL)
		return;
	while (fgets(line, sizeof(line), f) != NULL) {
		take(line, "Umask", p->umask, sizeof(p->umask));
		take(line, "SigBlk", p->blocked, sizeof(p->blocked));
		take(line, "SigIgn", p->ignored, sizeof(p->ignored));
		take(line, "SigCgt", p->caught, sizeof(p->caught));
		take(line, "Threads", threads, sizeof(threads));
	}
	p->threads = (unsigned)strtoul(threads, NULL, 10);
	fclose(f);
}

static void
read_link(const char *path, char *out, size_t size)
{
	ssize_t	 n = readlink(path, out, size - 1);

	out[n > 0 ? n : 0] = '\0';
}

static void
read_fds(int pid, struct lk_process *p)
{
	char		 path[64], name[sizeof(path) + 256];
	struct dirent	*e;
	DIR		*d;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	if ((d = opendir(path)) == NULL)
		return;
	while ((e = readdir(d)) != NULL && p->nfds < NFDS) {
		if (e->d_name[0] == '.')
			continue;
		p->fds[p->nfds].fd = atoi(e->d_name);
		snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
		read_link(name, p->fds[p->nfds].to,
		    sizeof(p->fds[p->nfds].to));
		p->nfds++;
	}
	closedir(d);
}

void
lk_process_read(int pid, struct lk_process *p)
{
	char	 path[64];

	memset(p, 0, sizeof(*p));
	read_status(pid, p);
	snprintf(path, sizeof(path), "/proc/%d/cwd", pid);
	read_link(path, p->folder, sizeof(p->folder));
	read_fds(pid, p);
}

uint64_t
lk_process_mapped(int pid)
{
	char		 path[64];
	unsigned long	 pages = 0;
	FILE		*f;

	snprintf(path, sizeof(path), "/proc/%d/statm", pid);
	if ((f = fopen(path, "re")) == NULL)
		return 0;
	if (fscanf(f, "%lu", &pages) != 1)
		pages = 0;
	fclose(f);
	return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

double
lk_process_worked(int pid, char *state)
{
	char		 path[64], line[1024], *p;
	unsigned long	 user = 0, system = 0;
	FILE		*f;

	*state = 'R';
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if ((f = fopen(path, "re")) == NULL)
		return 0;
	if (fgets(line, sizeof(line), f) != NULL &&
	    (p = strrchr(line, ')')) != NULL)
		(void)sscanf(p, ") %c %*d %*d %*d %*d %*d %*u %*u %*u %*u "
		    "%*u %lu %lu", state, &user, &system);
	fclose(f);
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

/* ------------------------------------------------------------------ compare */

static const struct lk_process_fd *
find_fd(const struct lk_process *p, const struct lk_process_fd *like)
{
	unsigned	 i;

	for (i = 0; i < p->nfds; i++)
		if (p->fds[i].fd == like->fd &&
		    strcmp(p->fds[i].to, like->to) == 0)
			return &p->fds[i];
	return NULL;
}

static unsigned
compare_fds(struct lk_run *r, const char *check, const struct lk_process *was,
    const struct lk_process *is, const char *own)
{
	unsigned	 i, closed = 0, left = 0, first = 0;

	for (i = 0; i < was->nfds; i++)
		closed += find_fd(is, &was->fds[i]) == NULL;
	for (i = 0; i < is->nfds; i++)
		if (find_fd(was, &is->fds[i]) == NULL &&
		    strcmp(is->fds[i].to, own) != 0 && left++ == 0)
			first = i;
	if (closed != 0)
		lk_run_tell(r, LK_FAULT, check, "closed %u descriptor%s that "
		    "it had not opened", closed, closed == 1 ? "" : "s");
	if (left != 0)
		lk_run_tell(r, LK_FAULT, check, "left %u descriptor%s open "
		    "(%s)", left, left == 1 ? "" : "s", is->fds[first].to);
	return (closed != 0) + (left != 0);
}

unsigned
lk_process_compare(struct lk_run *r, const char *check,
    const struct lk_process *was, const struct lk_process *is,
    const char *own)
{
	const struct {
		const char	*what, *was, *is;
	} rows[] = {
		{ "the umask",			was->umask, is->umask },
		{ "the signal mask",		was->blocked, is->blocked },
		{ "which signals are ignored",	was->ignored, is->ignored },
		{ "signal handlers",		was->caught, is->caught },
		{ "the working directory",	was->folder, is->folder },
	};
	unsigned	 n;
	size_t		 i;

	n = compare_fds(r, check, was, is, own);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].was, rows[i].is) == 0)
			continue;
		n++;
		lk_run_tell(r, LK_FAULT, check, "changed %s (%s, was %s): it "
		    "is the whole process's", rows[i].what, rows[i].is,
		    rows[i].was);
	}
	if (was->threads != is->threads) {
		n++;
		lk_run_tell(r, LK_FAULT, check, "left a thread behind (%u, "
		    "were %u)", is->threads, was->threads);
	}
	return n;
}
