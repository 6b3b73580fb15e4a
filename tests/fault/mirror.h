/*
 * mirror.h: what is done to a real folder is done in vfs.h as well, and so
 * recorded: the system calls of code that does not go through a table.
 *
 * The linker sends the calls here (--wrap).
 */
#ifndef FAULT_MIRROR_H
#define FAULT_MIRROR_H

#include <setjmp.h>

/* From now on, what is below root, which is empty; NULL: nothing any more. */
void	mirror(const char *root);
/* Before that operation from now (1: the next) longjmp to where, as if killed;
 * 0: never. */
void	mirror_kill(int operation, jmp_buf *where);
/* How many operations there were since mirror(), and whether one is a sync. */
#define MIRROR_OPERATIONS	256
extern int		 mirror_count;
extern unsigned char	 mirror_syncs[MIRROR_OPERATIONS];
/* Make the files of vfs.h in a folder that is there and empty. */
void	mirror_out(const char *root);
/* Remove what is in it. */
void	mirror_clear(const char *root);

/* Frames between a sync of vfs.h and who called that of the system. */
#define MIRROR_FRAMES	1

#endif
