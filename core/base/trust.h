/*
 * trust.h: open a file that nobody else may have written.
 *
 * The file is opened first and judged by its descriptor; then each folder above
 * it up to /, symbolic links resolved and judged alike.  Owner: root or the
 * running user.  Nobody else may write, a group other than root's included.  A
 * sticky folder of root's such as /tmp passes as an ancestor where the
 * component below it is root's or ours, never as the folder of the file itself.
 */
#ifndef LK_BASE_TRUST_H
#define LK_BASE_TRUST_H

#include "latchkey.h"

#define LK_TRUST_PUBLIC		0	/* others may read                   */
#define LK_TRUST_PRIVATE	1	/* owner and one group may read, 0640 */

/*
 * 0             *fd is open to read, close-on-exec
 * LK_ENOTFOUND  it is not there
 * LK_ECONFIG    not trusted; e names the component, what it is, what it should
 *               be and the chown or chmod that mends it; e->file is the path
 * LK_EPERM, LK_EIO, LK_ENOMEM
 */
int	lk_trust_open(const char *path, int want, int *fd, struct lk_error *e);
/* The same judgement of a folder (want as LK_TRUST_PUBLIC), not opened. */
int	lk_trust_folder(const char *path, struct lk_error *e);

/*
 * Read a whole file of at most max octets into malloc'd memory, NUL added; the
 * caller frees it with free.  0; LK_ECONFIG when it is larger, LK_EIO,
 * LK_ENOMEM.  e does not name the file: only the caller knows it.
 */
int	lk_read_all(int fd, size_t max, char **out, size_t *n,
	    struct lk_error *e);

#endif
