/*
 * tree.h: the files that PATHs name, folders with all that is below them, each
 * opened to be read.
 *
 * What is named itself is read whatever it is, a device or a pipe too, and a
 * symbolic link is followed.  Below a folder only regular files are, and no
 * link is followed: nothing outside is read, whoever changes it meanwhile.
 */
#ifndef LK_CLI_TREE_H
#define LK_CLI_TREE_H

#include <stdint.h>

struct lk_tree {
	/* A file; fd is closed afterwards.  size: 0 where it is not known.
	 * Not 0 ends the walk. */
	int	(*file)(void *arg, const char *path, int fd, uint64_t size);
	/* One that cannot be read, and errno of why. */
	void	(*failed)(void *arg, const char *path, int err);
	void	*arg;
};

/* One PATH; "-" is standard input.  The names of a folder are in order.  0,
 * or what file returned. */
int	lk_tree_walk(const struct lk_tree *t, char *path);

#endif
