/*
 * question.h: what verify is asked.
 */
#ifndef LK_CLI_QUESTION_H
#define LK_CLI_QUESTION_H

#include <netinet/in.h>

#include "cli/input.h"

/* A request, or a token of a type. */
struct lk_question {
	struct lk_request	 rq;
	struct lk_headers	 headers;
	struct lk_input		 body, token;
	const char		*type;		/* NULL: a request */
	union {
		struct sockaddr_in	 in;
		struct sockaddr_in6	 in6;
	} peer;
};

/*
 * Have the latchkeyd of --server judge it.  0 and d and t are filled, t->size
 * set before; or an exit status when it was said why not.
 */
int	lk_question_remote(struct lk_cli *c, const struct lk_question *q,
	    struct lk_decision *d, struct lk_trace *t);

#endif
