/*
 * limits.h: who may connect: how many in all, how many of one address, and
 * from where; and how many may stay.  One gate is shared by all loops; any
 * thread may ask it.
 */
#ifndef LK_DAEMON_LIMITS_H
#define LK_DAEMON_LIMITS_H

#include "latchkey.h"

enum lk_entry {
	LK_ENTRY_OK,
	LK_ENTRY_FULL,		/* as many as there may be in all            */
	LK_ENTRY_PEER,		/* as many as one address may have           */
	LK_ENTRY_STRANGER,	/* neither loopback nor trusted              */
	LK_ENTRY_COUNT
};

struct lk_gate;

/* d is borrowed as long as the gate is there.  NULL: no memory. */
struct lk_gate	*lk_gate_new(const struct lk_daemon *d);
void		 lk_gate_free(struct lk_gate **g);

/*
 * Ask for one more connection of sa (struct sockaddr_in, _in6 or _un); *peer is
 * its address, family 0 of a unix socket.  With LK_ENTRY_OK it is counted until
 * lk_gate_leave.
 */
enum lk_entry	 lk_gate_enter(struct lk_gate *g, const void *sa,
		    struct lk_net *peer);
void		 lk_gate_leave(struct lk_gate *g, const struct lk_net *peer);
/* One was turned away by who asked: it is counted.  The reason. */
enum lk_entry	 lk_gate_refuse(struct lk_gate *g, enum lk_entry why);
/* May one more stay open after an answer?  1: it is counted until unkeep. */
int		 lk_gate_keep(struct lk_gate *g);
void		 lk_gate_unkeep(struct lk_gate *g);
/* Connections now, and those kept; how many were turned away for a reason. */
unsigned	 lk_gate_count(const struct lk_gate *g);
unsigned	 lk_gate_kept(const struct lk_gate *g);
uint64_t	 lk_gate_refused(const struct lk_gate *g, enum lk_entry why);

#endif
