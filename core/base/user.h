/*
 * user.h: users of this machine, by name.
 */
#ifndef LK_BASE_USER_H
#define LK_BASE_USER_H

#include <sys/types.h>

/* The user's name, or the number where there is none that is plain UTF-8. */
void	lk_user_name(uid_t uid, char *out, size_t n);

#endif
