/*
 * check.h: what would a start meet, and a reload?
 */
#ifndef LK_DAEMON_CHECK_H
#define LK_DAEMON_CHECK_H

/*
 * Say each fault of a policy, with the keys and accounts of its store, or else
 * what keeps a process of these flags of lk_open from serving by it.  owner:
 * root is to become that of the store first.  The exit status.
 */
int	lk_check(const char *policy, unsigned flags, int owner);
/* The same of --both with --verifier: as the owner, then as that user. */
int	lk_check_both(const char *policy, const char *verifier);

#endif
