/*
 * self.h: which process this is, without a system call.
 *
 * The pid is kept in a page that the kernel gives to a forked child full of
 * zeros, whoever forked it and how (MADV_WIPEONFORK, Linux 4.14).  Where there
 * is no such page the system is asked each time.
 */
#ifndef LK_BASE_SELF_H
#define LK_BASE_SELF_H

#include <sys/types.h>

struct lk_self {
	_Atomic pid_t	*page;		/* 0 in it: not known; NULL: none    */
	size_t		 size;		/* octets                            */
};

/* Cannot fail.  Any number of them, each as long as its owner. */
void	lk_self_init(struct lk_self *self);
void	lk_self_free(struct lk_self *self);
/* As getpid(2); any thread. */
pid_t	lk_self_pid(const struct lk_self *self);

#endif
