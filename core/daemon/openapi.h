/*
 * openapi.h: what /v1 is, for programs that read OpenAPI 3.1.
 */
#ifndef LK_DAEMON_OPENAPI_H
#define LK_DAEMON_OPENAPI_H

#include "base/json_out.h"

/* The object that names the shapes of answers. */
void	lk_openapi_schemas(struct lk_out *j, const char *name);

#endif
