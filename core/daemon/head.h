/*
 * head.h: the head of a request, as HTTP has it and libmicrohttpd does not see
 * to.
 */
#ifndef LK_DAEMON_HEAD_H
#define LK_DAEMON_HEAD_H

#include "daemon/http.h"

/* 1: n octets may be the value of a header. */
int	lk_head_value(const char *p, size_t n);
/* 1: it may be a target. */
int	lk_head_target(const char *uri);
/* 1: the library took a NUL in a word of the request line for its end, and next
 * is the word behind it, in a head of at most most octets.  0: no, or it keeps
 * that one elsewhere. */
int	lk_head_cut(const char *word, size_t len, const char *next,
	    size_t most);
/* May the body come, which may have so many octets?  0, or a status. */
int	lk_head_judge(const struct lk_http_request *rq, size_t most);
/* 1: one will come; of a head that was judged. */
int	lk_head_body(const struct lk_http_request *rq);
/* What is wrong, of a status. */
const char *lk_head_refusal(int status);

#endif
