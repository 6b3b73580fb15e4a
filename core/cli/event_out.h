/*
 * event_out.h: an event of the journal as JSON and as text.
 */
#ifndef LK_CLI_EVENT_OUT_H
#define LK_CLI_EVENT_OUT_H

#include "cli/json_out.h"
#include "latchkey.h"

/* The object of latchkey(1), "store log", into a struct lk_out; an lk_event_fn:
 * 0. */
int	lk_event_json(void *out, const struct lk_event *v);
/* What it says, name=value by " ". */
void	lk_event_details(struct lk_buf *b, const struct lk_event *v);

#endif
