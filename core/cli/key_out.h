/*
 * key_out.h: a key as text; show.h has it as JSON.
 */
#ifndef LK_CLI_KEY_OUT_H
#define LK_CLI_KEY_OUT_H

#include "cli/cli.h"
#include "cli/json_out.h"
#include "latchkey.h"
#include "show/show.h"

/* Its networks by ", ", "" when it has none. */
void	lk_key_networks(struct lk_buf *b, const struct lk_key *k);
/* RFC 3339, or "-" for 0; size of 32 is enough. */
const char *lk_key_time(int64_t when, char *out, size_t size);
/* The other key of its pair: "to ID", "from ID" or "-"; likewise. */
const char *lk_key_rotated(const struct lk_key *k, char *out, size_t size);
/* One of c->calls for the keys that were named, and what it did to them:
 * "deleted".  The exit status. */
int	lk_keys_change(struct lk_cli *c, lk_change_fn call, const char *done);

#endif
