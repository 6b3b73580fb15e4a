#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <string.h>
#include <unistd.h>

#include "cli/tree.h"

/* A pipe in the place of a file that was regular would not come to an end. */
#define BELOW	(O_NOFOLLOW | O_NONBLOCK)

static int
take(const struct lk_tree *t, const char *path, int fd, int below)
{
	struct stat	 st;

	if (fstat(fd, &st) == -1) {
		t->failed(t->arg, path, errno);
		return 0;
	}
	if (S_ISREG(st.st_mode))
		return t->file(t->arg, path, fd, (uint64_t)st.st_size);
	return below ? 0 : t->file(t->arg, path, fd, 0);
}

static int
open_file(const struct lk_tree *t, const FTSENT *x)
{
	int	 below = x->fts_level != FTS_ROOTLEVEL, fd, r;

	fd = open(x->fts_accpath, O_RDONLY | O_CLOEXEC | O_NOCTTY |
	    (below ? BELOW : 0));
	if (fd == -1) {
		/* It went, or another thing is in its place. */
		if (!below || (errno != ENOENT && errno != ELOOP))
			t->failed(t->arg, x->fts_path, errno);
		return 0;
	}
	r = take(t, x->fts_path, fd, below);
	close(fd);
	return r;
}

static int
visit(const struct lk_tree *t, const FTSENT *x)
{
	switch (x->fts_info) {
	case FTS_F:
		return open_file(t, x);
	case FTS_DEFAULT:
		if (x->fts_level == FTS_ROOTLEVEL)
			return open_file(t, x);
		break;
	case FTS_SLNONE:
		t->failed(t->arg, x->fts_path, ENOENT);
		break;
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		if (x->fts_level == FTS_ROOTLEVEL || x->fts_errno != ENOENT)
			t->failed(t->arg, x->fts_path, x->fts_errno);
		break;
	}
	return 0;
}

static int
by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

int
lk_tree_walk(const struct lk_tree *t, char *path)
{
	char	*paths[] = { path, NULL };
	FTSENT	*x;
	FTS	*tree;
	int	 r = 0;

	if (strcmp(path, "-") == 0)
		return take(t, path, STDIN_FILENO, 0);
	/* It changes into each folder, and sees that it is the one it saw. */
	tree = fts_open(paths, FTS_PHYSICAL | FTS_COMFOLLOW, by_name);
	if (tree == NULL) {
		t->failed(t->arg, path, errno);
		return 0;
	}
	for (errno = 0; r == 0 && (x = fts_read(tree)) != NULL; errno = 0)
		r = visit(t, x);
	if (r == 0 && errno != 0)
		t->failed(t->arg, path, errno);
	fts_close(tree);
	return r;
}
