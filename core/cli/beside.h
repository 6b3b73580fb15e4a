/*
 * beside.h: programs of ours that the command starts.
 */
#ifndef LK_CLI_BESIDE_H
#define LK_CLI_BESIDE_H

#include <stddef.h>

/* The path of one by its name, in out, which is returned. */
const char *lk_beside(const char *name, char *out, size_t size);

#endif
