/*
 * guard.h: maps of files that somebody may make shorter by hand.
 *
 * To touch what is behind the end of a mapped file is SIGBUS, which ends the
 * process.  Once lk_guard (latchkey.h) was called, a page of a map that is in
 * the table here becomes one of zeros instead, of this process alone, and the
 * access goes on: whoever reads it must take zeros for damage.
 *
 * A map that was hit shows no longer what others store: map the file anew.
 *
 * Any thread.  To add may allocate; what cannot be added is not guarded.
 */
#ifndef LK_BASE_GUARD_H
#define LK_BASE_GUARD_H

#include <stddef.h>

/* n octets mapped at base, with these PROT_* bits. */
void	lk_guard_add(const void *base, size_t n, int prot);
/* Before it is unmapped, and when it is no file any more. */
void	lk_guard_forget(const void *base);
/* 1 when a page of it was lost; 0, also of what is not in the table. */
int	lk_guard_hit(const void *base);

#endif
