/*
 * json_out.h: the one JSON object of a call, on standard output.
 */
#ifndef LK_CLI_JSON_OUT_H
#define LK_CLI_JSON_OUT_H

#include "base/json_out.h"

/* The object and a newline on standard output by stdio; wipes and frees. */
int	lk_out_print(struct lk_out *j);

#endif
