/*
 * shim.h: what a driver and shim.so, which is preloaded into the command, tell
 * each other: one page that both have mapped.
 *
 * shim.so has the kernel hand back each system call of the command that is in
 * the table below (seccomp, SIGSYS), those within libc and the dynamic linker
 * too.  It counts and notes them, makes them itself, and at the one that it is
 * told to it ends the process, or has the call fail, or do half.
 */
#ifndef FAULT_SHIM_H
#define FAULT_SHIM_H

#include <stdint.h>

#define FAULT_ENV	"LATCHKEY_FAULT_FD"	/* number of the page's file */
#define FAULT_SEEN	6000			/* calls that are noted      */
#define FAULT_OBJECT	27			/* octets of a file's name   */

/* What is done at the call that is named. */
enum fault_how {
	FAULT_NONE,
	FAULT_KILL,		/* SIGKILL instead of the call               */
	FAULT_ERROR,		/* the call is not made, and errno is given  */
	FAULT_SHORT,		/* a read or write does half                 */
	FAULT_LIE,		/* a write does half and says it did all     */
	FAULT_ABORT		/* SIGABRT: nothing in the command may do so */
};

/* Which errors are in the nature of a call. */
#define FAULT_SPACE	0x01U	/* ENOSPC EDQUOT                             */
#define FAULT_IO	0x02U	/* EIO                                       */
#define FAULT_FILES	0x04U	/* EMFILE ENFILE                             */
#define FAULT_MEMORY	0x08U	/* ENOMEM                                    */
#define FAULT_INTR	0x10U	/* EINTR                                     */
#define FAULT_ACCESS	0x20U	/* EACCES                                    */
#define FAULT_ROFS	0x40U	/* EROFS                                     */
#define FAULT_HALF	0x80U	/* short                                     */

struct fault_seen {
	uint8_t		 call;			/* of fault_calls[]          */
	uint8_t		 nature;		/* FAULT_SPACE ...           */
	uint8_t		 fd;			/* 255: none, or over 254    */
	char		 object[FAULT_OBJECT + 1];	/* last part of path */
};

struct fault_page {
	/* asked */
	uint32_t	 at;			/* from 1; 0: never          */
	uint32_t	 how;			/* enum fault_how            */
	int32_t		 error;
	uint32_t	 nature;		/* of the error              */
	uint32_t	 for_good;		/* each later one as well    */
	uint32_t	 hurry;			/* a sync does nothing       */
	/* answered */
	uint32_t	 barred;		/* errno: no such filter     */
	uint32_t	 count;			/* calls                     */
	uint32_t	 hits;			/* faults                    */
	uint32_t	 again;			/* syncs after a failed one  */
	struct fault_seen seen[FAULT_SEEN];
};

/* Where a call names its file. */
#define FAULT_FD	0x100U	/* argument 0 is a descriptor                */
#define FAULT_PATH	0x200U	/* argument 0 is a path                      */
#define FAULT_AT	0x400U	/* arguments 0 and 1: folder and path        */
#define FAULT_MAP	0x800U	/* argument 4 is a descriptor                */
#define FAULT_OPENS	0x1000U	/* the result is a descriptor                */

struct fault_call {
	int		 nr;
	const char	*name;
	unsigned	 flags;
};

extern const struct fault_call fault_calls[];
extern const unsigned fault_ncalls;

#endif
