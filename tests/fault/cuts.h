/*
 * cuts.h: try the states that a power cut may leave of a scenario.
 */
#ifndef FAULT_CUTS_H
#define FAULT_CUTS_H

#include "disk.h"
#include "model.h"

struct counts {
	unsigned long	 states;	/* different ones, each recovered    */
	unsigned long	 kind[KINDS];
	unsigned long	 stopped;	/* with garbage, the place named     */
	unsigned long	 deep;		/* a second cut while recovering     */
	unsigned long	 broken;
	char		 why[480];	/* of the first that broke           */
};

/* What a scenario left behind. */
struct record {
	const char	*name;
	struct disk	 start;
	struct tape	 tape;
	struct model	 model;
	int		 from;		/* the first operation that is tried */
};

/* 1 when that sync is on its tape. */
int	record_has(const struct record *r, int site);
/* 1 when its file is synced again each time before any name is changed or yes
 * is said: it is there for time alone. */
int	record_is_early(const struct record *r, int site);

/* States that were recovered already. */
struct seen;
struct seen *seen_new(void);
void	seen_free(struct seen *s);

#define ALL_SITES	(-1)		/* each sync does what it says       */
#define NO_SITE		(-2)		/* likewise, up to the first fault   */

/*
 * At each place of the tape: all old, all new, each thing alone, all but each;
 * then others until there are most, from seed.  mute: a site that syncs
 * nothing, and it then ends with the first state that breaks; ALL_SITES or
 * NO_SITE.
 */
void	cuts_try(struct record *r, struct seen *seen, int mute,
	    unsigned long most, uint64_t seed, struct counts *c);

#endif
