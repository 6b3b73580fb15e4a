/*
 * head.h: the head of a request, as HTTP has it and libmicrohttpd does not see
 * to.
 */
#ifndef LK_DAEMON_HEAD_H
#define LK_DAEMON_HEAD_H

#include "daemon/http.h"

/* 1: n octets may be the value of a header, or a target. */
int	lk_head_value(const char *p, size_t n);
/* May the body come, which may have so many octets?  0, or a status. */
int	lk_head_judge(const struct lk_http_request *rq, size_t most);
/* What is wrong, of a status. */
const char *lk_head_refusal(int status);

#endif
