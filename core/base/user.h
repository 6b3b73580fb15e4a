/*
 * user.h: users of this machine, by name.
 */
#ifndef LK_BASE_USER_H
#define LK_BASE_USER_H

#include <sys/types.h>

/* The user's name, or the number where there is none that is plain UTF-8. */
void	lk_user_name(uid_t uid, char *out, size_t n);
/*
 * Its groups as the system's databases have them now.  How many; 0: there is no
 * such user, or that cannot be told.
 */
size_t	lk_user_groups(uid_t uid, gid_t *out, size_t max);

#endif
