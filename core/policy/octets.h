/*
 * octets.h: is a file text at all?
 */
#ifndef LK_POLICY_OCTETS_H
#define LK_POLICY_OCTETS_H

#include "policy/findings.h"

/*
 * UTF-8 without byte order mark, without control characters but tab, newline
 * and carriage return + newline.  0, or LK_ECONFIG: the first fault of each
 * line is in f.
 */
int	lk_octets_check(const char *text, size_t n, struct lk_findings *f);

#endif
