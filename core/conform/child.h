/*
 * child.h: one check in a process of its own, with limits; and what became of
 * it, as its parent saw.
 *
 * The child stands still before the plugin is loaded and after the check; the
 * parent then reads in /proc what it is: a plugin cannot hide from that.
 */
#ifndef LK_CONFORM_CHILD_H
#define LK_CONFORM_CHILD_H

#include "conform/board.h"
#include "conform/trial.h"

/* Run one check and tell its verdict, or each fault; r->over when it died. */
void	lk_child_run(struct lk_run *r, const struct lk_check *k);

/* In the child: how many octets are mapped, as its parent sees it. */
uint64_t lk_child_mapped(struct lk_board *b);

/* A system call filter: built with libseccomp, and the kernel has one. */
#define LK_FILTER_LOAD	0		/* what loading needs                */
#define LK_FILTER_CALLS	1		/* what a call of a plugin may do    */

/* 0, or -1: system calls are not filtered. */
int	lk_filter_set(int which);
/* The name of a system call; out of 32 octets. */
void	lk_filter_name(int nr, char out[32]);
/* What a plugin that makes it did, for people; static. */
const char *lk_filter_deed(const char *name);

/* Signals of a fault, told to the board. */
void	lk_trap_set(struct lk_board *b);
/* The places whose fault has a meaning; p NULL: none. */
void	lk_trap_request(const void *p, size_t n);
void	lk_trap_output(const void *p, size_t n);

/* What /proc tells of a process. */
struct lk_process {
	char		 umask[8], blocked[24], ignored[24], caught[24];
	char		 folder[256];
	unsigned	 threads;
	unsigned	 nfds;
	struct lk_process_fd {
		int	 fd;
		char	 to[256];
	} fds[64];
};

void	lk_process_read(int pid, struct lk_process *p);
uint64_t lk_process_mapped(int pid);	/* octets                            */
/* Seconds of processor time that it has used, and its state: R where it runs or
 * would, if others left it the processor. */
double	lk_process_worked(int pid, char *state);
/* Tell what differs; a new descriptor of own (a path) is the loader's. */
unsigned lk_process_compare(struct lk_run *r, const char *check,
	    const struct lk_process *was, const struct lk_process *is,
	    const char *own);

#endif
