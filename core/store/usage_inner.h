/*
 * usage_inner.h: behind struct lk_usage_file, for usage*.c and their
 * tests.
 */
#ifndef LK_STORE_USAGE_INNER_H
#define LK_STORE_USAGE_INNER_H

#include <stdatomic.h>

#include "store/usage.h"

#define LK_LINE_WORDS	8		/* of 64 octets                      */
#define LK_GROUP_WORDS	4		/* tags and three buckets            */
#define LK_GROUP_SIZE	3
#define LK_USAGE_PAGE	4096		/* octets; a file has whole ones     */

/* A mapped file, or memory in its form.  Constant once it is published; what
 * its header says is never read again. */
struct lk_usage_map {
	_Atomic uint64_t *words;
	size_t		 size;		/* octets                            */
	uint32_t	 sets;
	uint32_t	 lines;		/* of buckets                        */
	int		 memory;	/* not 0: no file                    */
	dev_t		 dev;
	ino_t		 ino;
	struct lk_usage_map *older;
};

struct lk_usage_file {
	const struct lk_io *io;
	const char	*dir;		/* borrowed                          */
	char		*path;
	int		 write;
	_Atomic(struct lk_usage_map *) map;
	_Atomic pid_t	 busy;		/* who maps another one              */
	unsigned	 maps;		/* the rest is theirs who is busy    */
	int		 told;
	ino_t		 tried;		/* could not be mapped; not again    */
	struct timespec	 tried_at;	/* until it is changed               */
};

static inline struct lk_usage_map *
lk_usage_now(const struct lk_usage_file *u)
{
	return atomic_load_explicit(&u->map, memory_order_acquire);
}

/* How many sets and lines for so many keys; the octets of them. */
size_t	lk_usage_plan(uint64_t nkeys, uint32_t *sets, uint32_t *lines);
/* The header of such. */
void	lk_usage_head(uint64_t w[LK_LINE_WORDS], uint32_t sets,
	    uint32_t lines);
/* Take over what another one says; now in nanoseconds. */
void	lk_usage_copy(struct lk_usage_map *to, const struct lk_usage_map *from,
	    int64_t now);
/*
 * Map what has the name in a folder of owner.  0; LK_ENOTFOUND; LK_EDAMAGE, of
 * no known form; LK_EUNAVAIL; LK_ENOMEM.
 */
int	lk_usage_map_name(const struct lk_usage_file *u, int dir, uid_t owner,
	    struct lk_usage_map **out);
/* Map a file that was judged.  0, LK_EDAMAGE, LK_EUNAVAIL, LK_ENOMEM. */
int	lk_usage_map_fd(const struct lk_usage_file *u, int fd,
	    const struct stat *st, struct lk_usage_map **out);
void	lk_usage_unmap(const struct lk_usage_file *u, struct lk_usage_map **m);
/*
 * Make one for nkeys, in a folder of these rights, and map it.  from NULL: if
 * nobody made one meanwhile; else in the place of that one, and with what it
 * says.  0; LK_EAGAIN, another is at it; LK_EIO, LK_EUNAVAIL, LK_ENOMEM.
 */
int	lk_usage_make(const struct lk_usage_file *u, int dir,
	    const struct stat *folder, uint64_t nkeys,
	    const struct lk_usage_map *from, struct lk_usage_map **out);

#endif
