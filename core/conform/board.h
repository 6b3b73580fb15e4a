/*
 * board.h: what the child of a check writes and its parent reads, in memory
 * that both have: a plugin may close every descriptor.
 */
#ifndef LK_CONFORM_BOARD_H
#define LK_CONFORM_BOARD_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "conform/run.h"

#define LK_FINDINGS	8		/* kept of one check                 */
#define LK_FINDING_TEXT	320		/* octets                            */
#define LK_ASKED	8		/* names that a plugin looks for     */

/* What the child came to; anything else is the end of a process. */
#define LK_STAGE_START	0U
#define LK_STAGE_READY	1U		/* before the plugin is loaded       */
#define LK_STAGE_DONE	2U		/* the check is over                 */
#define LK_STAGE_LOOK	16U		/* and above: how much is mapped?    */

/* What a signal told. */
#define LK_TRAP_NONE	0U
#define LK_TRAP_CRASH	1U
#define LK_TRAP_REQUEST	2U		/* a write to the request            */
#define LK_TRAP_OUTPUT	3U		/* a write past the end of an output */
#define LK_TRAP_CALL	4U		/* a system call that is forbidden   */

struct lk_told {
	enum lk_verdict	 verdict;
	char		 text[LK_FINDING_TEXT];
};

struct lk_board {
	_Atomic uint32_t stage;		/* LK_STAGE_*                        */
	_Atomic uint32_t go;		/* the parent has looked at stage go */
	_Atomic uint64_t calls;		/* of the plugin, begun              */
	_Atomic(const char *) call;	/* the one that is in, or NULL       */
	_Atomic uint32_t trap;		/* LK_TRAP_*                         */
	_Atomic int	 signal;
	_Atomic int	 syscall;
	_Atomic uint64_t mapped;	/* octets, as the parent saw         */
	int		 filtered;	/* system calls are                  */
	char		 doing[128];	/* with what it is asked             */
	uint32_t	 ntold;
	struct lk_told	 told[LK_FINDINGS];
	char		 pass[128];	/* what is said when all is well     */

	/* What one check finds out and later ones use. */
	char		 token[2][LK_TOKEN_MAX + 1];
	char		 usage[2048];
	char		 sign[4096];	/* headers of what signed           */
	int64_t		 when;		/* it was signed                     */
	uint32_t	 nasked;
	struct lk_asked {
		int	 json;		/* a member, not a header            */
		char	 name[64];
	} asked[LK_ASKED];
};

#endif
