/*
 * host.h: the one table of services that plugins get.
 */
#ifndef LK_HOST_H
#define LK_HOST_H

#include "plugin.h"

/* Static, the same for all; any thread. */
const struct lk_host	*lk_host_table(void);

#endif
