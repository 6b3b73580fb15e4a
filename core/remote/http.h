/*
 * http.h: one request, one answer, by libcurl.
 *
 * Certificates are judged always, and no proxy, redirect, cookie, .netrc or
 * compression has a say.
 */
#ifndef LK_REMOTE_HTTP_H
#define LK_REMOTE_HTTP_H

#include "base/buf.h"

struct lk_http;				/* a connection that is kept         */

struct lk_http *lk_http_new(void);	/* NULL: no memory                   */
void	lk_http_free(struct lk_http **h);
/* The frames are those of remote.h; out is emptied first. */
void	lk_http_ask(struct lk_http *h, const struct lk_buf *in,
	    struct lk_buf *out);

#endif
