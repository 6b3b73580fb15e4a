/*
 * plants.h: bugs put into what was recorded, which must be found: a harness
 * that finds nothing says nothing.
 */
#ifndef FAULT_PLANTS_H
#define FAULT_PLANTS_H

#include "cuts.h"

struct plant {
	const char	*name;
	/* Change the order of the operations; 1 when something was changed. */
	int		(*put)(struct tape *t);
	int		 harmless;	/* and it is known why               */
};

extern const struct plant plants[];
extern const size_t nplants;

#endif
