/*
 * reply.h: an answer of latchkeyd while it is made, and its refusals.
 *
 * Header values are copied into the reply; what does not fit makes it a 500
 * when it is sent.  A refusal is a problem of RFC 9457 with a request id.
 */
#ifndef LK_DAEMON_REPLY_H
#define LK_DAEMON_REPLY_H

#include "base/buf.h"

#define LK_REPLY_FIELDS		20	/* headers                           */
#define LK_REPLY_TEXT		2048	/* octets of all their values        */
#define LK_REQUEST_ID		24	/* octets of one, with a NUL         */

struct lk_reply_field {
	const char	*name;		/* static                            */
	const char	*value;		/* in text, or static                */
};

struct lk_reply {
	int		 status;
	size_t		 n;
	struct lk_reply_field fields[LK_REPLY_FIELDS];
	size_t		 used;
	char		 text[LK_REPLY_TEXT];
	struct lk_buf	 body;		/* owned                             */
	int		 overflow;	/* something did not fit             */
	int		 close;		/* the connection ends with it       */
	char		 id[LK_REQUEST_ID];	/* of a refusal; or ""       */
	/* For the log, of the admin alone. */
	const char	*name;		/* static: what was asked for        */
	const char	*reason;	/* static, of a failure              */
	char		 who[64], from[128];	/* of the operator, or ""    */
	int64_t		 ns;		/* that it took                      */
};

void	lk_reply_begin(struct lk_reply *r);
void	lk_reply_end(struct lk_reply *r);

/* Free a body that is sent: a text, in which there may be a new token. */
void	lk_reply_wipe(void *body);

/* name is static; value is copied.  A control character is an overflow. */
void	lk_reply_field(struct lk_reply *r, const char *name,
	    const char *value);
void	lk_reply_field_fmt(struct lk_reply *r, const char *name,
	    const char *fmt, ...) LK_PRINTF(3, 4);
/* The value is static. */
void	lk_reply_field_static(struct lk_reply *r, const char *name,
	    const char *value);

/*
 * A problem: status, what the caller may read, and the outcome or NULL.  What
 * was in the reply is dropped, but its id is made.
 */
void	lk_reply_problem(struct lk_reply *r, int status, const char *detail,
	    const char *outcome);
/* All of one but its body. */
void	lk_reply_begin_problem(struct lk_reply *r, int status);
/* The phrase of a status: "Forbidden". */
const char *lk_reply_phrase(int status);
/* Append text as the inside of a JSON string. */
void	lk_reply_json(struct lk_buf *b, const char *text);

#endif
