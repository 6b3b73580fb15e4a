/*
 * image.h: the open files of a store and what was read of them.
 *
 * One image at a time is the store's; when files are replaced by hand, or an
 * image cannot go on from what it read, a new one is built beside it and
 * published.  Old ones live until the store is closed, since readers may be in
 * them; so there are LK_IMAGES_MAX of them at most.
 *
 * Look-ups may come from any thread.  Everything else is for one thread at a
 * time: who holds the store's refresh mutex.
 */
#ifndef LK_STORE_IMAGE_H
#define LK_STORE_IMAGE_H

#include <stdatomic.h>

#include "journal.h"
#include "load.h"
#include "state.h"
#include "store.h"

struct lk_image {
	struct lk_folder folder;
	int		 fd;		/* of the journal                    */
	_Atomic dev_t	 dev;
	_Atomic ino_t	 ino;
	const uint8_t	*check;		/* as in struct lk_store_options     */
	struct lk_state	 state;		/* words NULL: there is none         */
	struct lk_index	*index;
	struct lk_load	 load;
	_Atomic uint64_t size, stamp;	/* of journal and state, as last read */
	int		 ahead;		/* something stood behind it then    */
	int		 writes;
	uint64_t	 swept;		/* generation + 1, of the last time  */
	int		 aside;		/* its index is index.new            */
	_Atomic int	 shared;	/* see attach.h                      */
	_Atomic uint64_t tried;		/* the last generation that was      */
	struct lk_error	 why;		/* there is no bigger index          */
	struct lk_image	*older;
};

/* lk_image_read could not go on: build a new image. */
#define LK_IMAGE_AGAIN	1

/*
 * Open folder, journal and state, and check the first line; nothing is read
 * yet.  Errors as lk_store_open.
 */
int	lk_image_open(const struct lk_store_options *o, struct lk_image **out,
	    struct lk_error *e);
/* The same of a journal of another name, with an index aside, that nobody uses
 * yet. */
int	lk_image_open_aside(const struct lk_store_options *o, const char *name,
	    struct lk_image **out, struct lk_error *e);
/* This one and all older ones. */
void	lk_image_free(struct lk_image **im);
/*
 * Read what was added, up to what is acknowledged, or, where no state vouches,
 * to the end.  0, LK_IMAGE_AGAIN, LK_EIO, LK_ENOMEM, LK_EUNAVAIL.
 */
int	lk_image_read(struct lk_image *im, struct lk_error *e);
/* Was another journal acknowledged than the one that was read to there?  0; 1,
 * by its last MAC; 2, by what stands without one behind that. */
int	lk_image_is_other(const struct lk_pos *p, const struct lk_ack *ack);
/* Read on to the end of the file, which the caller holds the lock of. */
int	lk_image_read_tail(struct lk_image *im, uint64_t size,
	    struct lk_error *e);
/* The chain as it stands at pos, ready to sign what follows. */
int	lk_image_chain(struct lk_image *im, struct lk_chain *c,
	    struct lk_error *e);
/* Octets of the journal that count; 0: none. */
uint64_t lk_image_end(const struct lk_image *im);
/* 0 when nothing changed since it was read or attached to; 1; LK_EUNAVAIL. */
int	lk_image_stale(struct lk_image *im, struct lk_error *e);
/* 1 when what is mapped of state or index was written over, or is no more what
 * others write to. */
int	lk_image_overwritten(struct lk_image *im);
/* 1 when another file now has the name of the journal or of state, or when what
 * is mapped of state or index was written over; -1 when there is no journal. */
int	lk_image_replaced(struct lk_image *im);

#endif
