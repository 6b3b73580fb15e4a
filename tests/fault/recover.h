/*
 * recover.h: come back after a power cut, and say whether all that was
 * promised holds.
 */
#ifndef FAULT_RECOVER_H
#define FAULT_RECOVER_H

#include "model.h"
#include "store/store.h"

#define STORE		"/home/store"
#define RECOVER_MAC	"a key of thirty-two octets, just so"
#define RECOVER_CHECK	"0123456789abcdef"
#define NEXT_MAC	"another key of 32 octets, for it"
#define NEXT_CHECK	"fedcba9876543210"

enum verdict { HOLDS, STOPPED, BROKEN };

/* Once. */
void	recover_start(void);
/* In the files of vfs.h.  keyed 0: without a pepper. */
int	recover_open(int write, int remove, int keyed, struct lk_store **out,
	    struct lk_error *e);
int	recover_make(struct lk_error *e);
void	key_name(int n, char id[LK_KEYID_LEN + 1]);
const uint8_t *key_digest(int n);
int	key_add(struct lk_batch *b, int n, struct lk_error *e);
/* Of another time, with what model.h says of such keys. */
int	key_import(struct lk_batch *b, int n, struct lk_error *e);
int64_t	fault_clock(void);
extern int64_t	fault_now;		/* what the clock says               */

/*
 * A reader, a writer, a writer again, and now and then a batch more.  garbage:
 * it may stop, with the place named.  why: of BROKEN.
 */
enum verdict recover(const struct model *m, int garbage, int more, char *why,
	    size_t n);

#endif
