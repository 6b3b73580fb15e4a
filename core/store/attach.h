/*
 * attach.h: whose index an image looks things up in.
 *
 *	shared	the map in the file index.GENERATION.  Whoever writes keeps it
 *		up to date; readers load one word of `state` to see that it is
 *		still the one.  The journal is not read.
 *	private	in the memory of this process, made by reading the journal:
 *		where there is no index, or none that holds, and the process may
 *		not write; and for who writes where the journal is damaged.
 *
 * A map in a file holds when `state` vouches for it, that is, was written since
 * the machine was started: what is stored in maps is then in memory for
 * everybody.  After another start it holds when its checkpoint is all that the
 * journal has.  Otherwise what its checkpoint covers is taken over from it.
 */
#ifndef LK_STORE_ATTACH_H
#define LK_STORE_ATTACH_H

#include "image.h"

/*
 * Take the shared index, or start a private one from what of it holds.  1: it
 * is shared; 0: lk_image_read reads the rest; LK_EIO, LK_ENOMEM.
 */
int	lk_image_attach(struct lk_image *im, struct lk_error *e);
/* Was the journal written to by somebody who did not say so?  1 or 0; one look
 * at its inode, so what changed by itself on the disk is not seen.  st is what
 * its stat was just now, or NULL. */
int	lk_image_touched(const struct lk_image *im, const struct stat *st);
/* Who has a private one: is there no file of the generation that there is?  It
 * was disowned again, and what is private goes on.  1, 0. */
int	lk_image_alone(struct lk_image *im);
/* Another generation may have taken its place.  0; LK_IMAGE_AGAIN: there is
 * none to be had. */
int	lk_image_reattach(struct lk_image *im);
/* Is what a points to in the journal fd, as far as its last line tells, and all
 * that have no MAC at its end? */
int	lk_image_fits(const struct lk_image *im, int fd,
	    const struct lk_ack *a);
/* Has another file the journal's name than the one that is open? */
int	lk_image_moved(const struct lk_image *im);
/* Which of successor and copies is what was acknowledged of the open one. */
void	lk_image_resolve(struct lk_image *im);
/*
 * Where another journal took the place of the one that is open, and `state`
 * vouches for it, go over to that.  0, also where none did; LK_IMAGE_AGAIN, it
 * was put there by hand; LK_ECONFIG, it is under another pepper; or as
 * lk_folder_file.
 */
int	lk_image_follow(struct lk_image *im, struct lk_error *e);
/*
 * The rest is under the lock.
 *
 * lk_image_jump: go to where the journal was acknowledged to, without reading
 * it; st is its stat.  0; LK_EDAMAGE: it is not as it was left.
 */
int	lk_image_jump(struct lk_image *im, const struct stat *st,
	    struct lk_error *e);
/* Make a file of a private index that is settled, and share it.  0; LK_EIO, as
 * on a full disk; LK_ENOMEM; LK_EUNAVAIL. */
int	lk_image_share(struct lk_image *im, struct lk_error *e);
/* What state says of a journal that was read up to there. */
void	lk_image_describe(const struct lk_image *im, const struct lk_pos *at,
	    uint64_t cut, struct lk_ack *out);
/* Say in the index and then in state that all up to there is durable. */
void	lk_image_ack(struct lk_image *im, const struct lk_pos *at,
	    uint64_t cut);
/* Who has a private one ended n keys in the journal as far as it was read: that
 * holds for the shared one as well. */
void	lk_image_tell(struct lk_image *im, const struct lk_end *ends,
	    size_t n);
/* The index is a file from the start, for a journal of so many lines, which
 * nobody uses until it is published.  0; LK_EIO, LK_ENOMEM. */
int	lk_image_fill_file(struct lk_image *im, uint64_t lines,
	    struct lk_error *e);
/* The same with a shape, and all that a map has of the lines before a->length;
 * what comes behind them is read next.  LK_EDAMAGE too. */
int	lk_image_fill_from(struct lk_image *im, const struct lk_map *from,
	    const struct lk_shape *shape, const struct lk_ack *a,
	    struct lk_error *e);
/* Give one that was made aside its generation; who sets that in state publishes
 * it.  0 or LK_EIO. */
int	lk_image_number(struct lk_image *im, uint64_t generation,
	    struct lk_error *e);
int	lk_image_publish(struct lk_image *im, struct lk_error *e);
/* The shared index does not hold: nobody may use it any more. */
void	lk_image_disown(struct lk_image *im);
/* Places of the shared index that cannot be read, of which all is looked at,
 * and its generation.  0; LK_ENOTFOUND, there is none; LK_EDAMAGE, its header.
 */
int	lk_image_faults(const struct lk_image *im, uint64_t *generation,
	    uint64_t *n);
/* Who comes next and writes must read all of the journal. */
void	lk_image_mark_damaged(struct lk_image *im);
/* What comes next into the index may not be in the journal after a crash: then
 * it is made anew.  0; LK_EIO: that cannot be made sure, and nobody may use it
 * any more. */
int	lk_image_doubt(struct lk_image *im);

#endif
