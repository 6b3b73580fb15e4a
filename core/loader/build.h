/*
 * build.h: what the files of the loader share.  Nobody else includes it.
 */
#ifndef LK_LOADER_BUILD_H
#define LK_LOADER_BUILD_H

#include <pthread.h>
#include <sys/stat.h>

#include "loader/loader.h"

#define LK_SHA256_HEX	65	/* octets, NUL included                      */

/* A file of a plugin, trusted and hashed, not loaded. */
struct lk_file {
	int		 fd;		/* -1: none, or handed over          */
	dev_t		 dev;
	ino_t		 ino;
	off_t		 size;		/* octets                            */
	char		 sha256[LK_SHA256_HEX];
};

/*
 * One loaded shared object.  Once it is in the table of builds only fault,
 * table and options change, under the table's lock, and only until the first
 * handshake that succeeds; a build that was handed out is constant.
 */
struct lk_build {
	struct lk_file	 file;		/* its descriptor stays open         */
	char		*path;		/* where it was first found          */
	void		*handle;	/* never closed                      */
	const struct lk_plugin *theirs;	/* their table, or NULL: see fault   */
	const char	*fault;		/* static: why there is no table     */
	int		 shaken;	/* table and options are filled      */
	struct lk_plugin table;
	struct lk_option *options;
	pthread_mutex_t	*enter;		/* for one that is not thread-safe   */
};

/* "PATH: why (policy.yaml:12)".  Returns code. */
int	lk_refuse(struct lk_error *e, int code, const struct lk_want *w,
	    const char *path, const char *fmt, ...)
	    __attribute__((format(printf, 5, 6)));

/* Ends text within size and replaces what cannot be shown. */
void	lk_text_tidy(char *text, size_t size);

/*
 * Open path, distrust it, hash it and compare the pin.  0 and f->fd;
 * LK_ECONFIG, LK_EIO, LK_ENOMEM.
 */
int	lk_file_open(const struct lk_want *w, const char *path,
	    struct lk_file *f, struct lk_error *e);
void	lk_file_close(struct lk_file *f);
/*
 * A shared object of this machine, whole, that names no folders to take
 * libraries from?  ld.so maps a file that was cut off and dies of SIGBUS, and
 * asks nobody who may write to such a folder.  0, or LK_ECONFIG.
 */
int	lk_file_elf(const struct lk_want *w, const char *path,
	    const struct lk_file *f, struct lk_error *e);

/*
 * dlopen a file under a name that was never used: nth differs from call to call
 * that succeeds.  Fills handle and theirs or fault of b.  0 or LK_ECONFIG.
 */
int	lk_build_open(const struct lk_want *w, size_t nth, struct lk_build *b,
	    struct lk_error *e);

#endif
