/*
 * walk.c: see walk.h.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/walk.h"

static const struct errno_code {
	int	 err, code;
} errno_codes[] = {
	{ ENOENT,	LK_ENOTFOUND },
	{ ENOTDIR,	LK_ENOTFOUND },
	{ EACCES,	LK_EPERM },
	{ EPERM,	LK_EPERM },
	{ ELOOP,	LK_ECONFIG },
	{ ENAMETOOLONG,	LK_ECONFIG },
	{ ENOMEM,	LK_ENOMEM },
};

int
lk_walk_failed(const struct lk_walk *w, const char *at, struct lk_error *e)
{
	size_t	 i, n = sizeof errno_codes / sizeof errno_codes[0];
	int	 err = errno, code = LK_EIO;

	for (i = 0; i < n; i++) {
		if (errno_codes[i].err == err)
			code = errno_codes[i].code;
	}
	errno = err;
	lk_fail_errno(e, code, "%s", at);
	return e == NULL ? code :
	    lk_fail_at(e, code, w->asked, 0, 0, "%s", e->text);
}

static int
too_long(const struct lk_walk *w, struct lk_error *e)
{
	errno = ENAMETOOLONG;
	return lk_walk_failed(w, w->asked, e);
}

/* "/" alone is the only path that ends in one. */
static int
join(char out[PATH_MAX], const char *dir, const char *name)
{
	int	 n;

	n = snprintf(out, PATH_MAX, "%s%s%s", dir,
	    dir[strlen(dir) - 1] == '/' ? "" : "/", name);
	return n >= 0 && n < PATH_MAX ? 0 : -1;
}

static int
go_to_root(struct lk_walk *w, struct lk_error *e)
{
	if (w->dir != -1)
		close(w->dir);
	w->dir = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (w->dir == -1 || fstat(w->dir, &w->dir_st) == -1)
		return lk_walk_failed(w, "/", e);
	memcpy(w->dir_path, "/", sizeof "/");
	return 0;
}

int
lk_walk_start(struct lk_walk *w, const char *path, struct lk_error *e)
{
	char	 cwd[PATH_MAX];

	memset(w, 0, sizeof *w);
	w->asked = path;
	w->dir = w->met = -1;
	if (path[0] == '\0') {
		errno = ENOENT;
		return lk_walk_failed(w, "a path of no letters", e);
	}
	if (path[0] != '/' && getcwd(cwd, sizeof cwd) == NULL)
		return lk_walk_failed(w, "the current folder", e);
	if (join(w->rest, path[0] == '/' ? "/" : cwd, path) != 0)
		return too_long(w, e);
	return go_to_root(w, e);
}

/* The resolved path of name in the folder we are in. */
static int
name_it(struct lk_walk *w)
{
	char	*slash;

	if (strcmp(w->name, "..") != 0)
		return join(w->met_path, w->dir_path, w->name);
	memcpy(w->met_path, w->dir_path, sizeof w->met_path);
	slash = strrchr(w->met_path, '/');
	slash[slash == w->met_path] = '\0';
	return 0;
}

/* Take the next name off rest, past "/" and ".".  1, 0 none left, -1. */
static int
take_name(struct lk_walk *w)
{
	char	*p = w->rest;
	size_t	 n;

	for (;;) {
		p += strspn(p, "/");
		n = strcspn(p, "/");
		if (n != 1 || p[0] != '.')
			break;
		p++;
	}
	if (n > NAME_MAX)
		return -1;
	memcpy(w->name, p, n);
	w->name[n] = '\0';
	memmove(w->rest, p + n, strlen(p + n) + 1);
	w->last = w->rest[strspn(w->rest, "/")] == '\0';
	return n != 0;
}

int
lk_walk_next(struct lk_walk *w, struct lk_error *e)
{
	int	 r;

	/* A file stays met, and nothing is found in it. */
	if (w->met != -1 && w->rest[strspn(w->rest, "/")] == '\0')
		return 0;
	if ((r = take_name(w)) <= 0)
		return r == 0 ? 0 : too_long(w, e);
	if (name_it(w) != 0)
		return too_long(w, e);
	w->met = openat(w->dir, w->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (w->met == -1 || fstat(w->met, &w->met_st) == -1)
		return lk_walk_failed(w, w->met_path, e);
	return 1;
}

/* What a link holds goes in front of the rest. */
static int
follow(struct lk_walk *w, struct lk_error *e)
{
	char	 target[PATH_MAX], rest[PATH_MAX];
	ssize_t	 n;

	if (++w->links > LK_WALK_LINKS) {
		errno = ELOOP;
		return lk_walk_failed(w, w->asked, e);
	}
	/* Of the descriptor: the very link that was judged. */
	n = readlinkat(w->met, "", target, sizeof target - 1);
	if (n == -1)
		return lk_walk_failed(w, w->met_path, e);
	if (n == 0) {
		errno = ENOENT;
		return lk_walk_failed(w, w->met_path, e);
	}
	target[n] = '\0';
	if ((size_t)n == sizeof target - 1 ||
	    (w->rest[0] != '\0' && join(rest, target, w->rest) != 0))
		return too_long(w, e);
	memcpy(w->rest, w->rest[0] != '\0' ? rest : target, sizeof w->rest);
	close(w->met);
	w->met = -1;
	return target[0] == '/' ? go_to_root(w, e) : 0;
}

int
lk_walk_enter(struct lk_walk *w, struct lk_error *e)
{
	if (S_ISLNK(w->met_st.st_mode))
		return follow(w, e);
	if (S_ISDIR(w->met_st.st_mode)) {
		close(w->dir);
		w->dir = w->met;
		w->met = -1;
		w->dir_st = w->met_st;
		memcpy(w->dir_path, w->met_path, sizeof w->dir_path);
		return 0;
	}
	if (w->last)
		return 0;
	errno = ENOTDIR;
	return lk_walk_failed(w, w->met_path, e);
}

void
lk_walk_end(struct lk_walk *w)
{
	if (w->dir != -1)
		close(w->dir);
	if (w->met != -1)
		close(w->met);
	w->dir = w->met = -1;
}
