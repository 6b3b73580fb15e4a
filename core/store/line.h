/*
 * line.h: one line of the journal as text and as a struct.
 *
 * The form is drawn on top of journal.h.  Pure: no file, clock or key.
 */
#ifndef LK_STORE_LINE_H
#define LK_STORE_LINE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "latchkey.h"
#include "token/digest.h"

#define LK_LINE_MAX	2048		/* octets, the newline included      */
#define LK_LINE_HEAD	66		/* at most: seq, batch, time, 3 ":"  */
#define LK_LINE_TAIL	24		/* ":", MAC, newline                 */
#define LK_MAC_TEXT	22		/* octets of a MAC in base64url      */
#define LK_ATTRS_MAX	32		/* names a line                      */
#define LK_TIME_MAX	253402300799	/* seconds: the end of year 9999     */
#define LK_BATCH_LINES	1000000		/* lines a batch                     */

enum lk_event_kind {
	LK_EVENT_UNKNOWN,		/* of a newer latchkey               */
	LK_EVENT_GENERATE,
	LK_EVENT_ADDRESSES,
	LK_EVENT_DELETE,
	LK_EVENT_DISABLE,
	LK_EVENT_ENABLE,
	LK_EVENT_ACCOUNT,
	LK_EVENT_REPAIR,
	LK_EVENT_COMPACT,
	LK_EVENT_ROTATE,
	LK_EVENT_RESTORE,
	LK_EVENT_ACCEPT,
	LK_EVENT_EXPIRE,
	LK_EVENT_ACCOUNT_DELETE
};

/* The name points into the line as read, the value into lk_line.text. */
struct lk_attr {
	struct lk_slice	 name;
	struct lk_slice	 value;		/* decoded, a NUL behind it          */
};

struct lk_line {
	uint64_t	 seq, batch;
	int64_t		 time;
	enum lk_event_kind kind;
	char		 event[16];
	char		 actor[64];
	char		 from[128];
	char		 key_id[LK_KEYID_LEN + 1];	/* "": none          */
	int		 is_signed;	/* 0: its MAC is "-"                 */
	uint8_t		 mac[LK_MAC_SIZE];
	size_t		 covered;	/* octets before its MAC             */
	size_t		 nattrs;
	struct lk_attr	 attrs[LK_ATTRS_MAX];
	char		 text[LK_LINE_MAX];
};

/*
 * lk_line_parse: n octets, without the newline.
 *
 * 0            *out is filled; its names are borrowed from p
 * LK_ESYNTAX   *why is the cause, static.  What was read before the fault is
 *              in *out: seq and batch are 0 when they could not be read
 */
int	lk_line_parse(const char *p, size_t n, struct lk_line *out,
	    const char **why);
/* The value of a name, or NULL; ended by NUL. */
const char *lk_line_get(const struct lk_line *l, const char *name);
/* The same as a number; 0 where it is not there. */
int64_t	lk_line_number(const struct lk_line *l, const char *name);
/* Each name, and its value decoded, ended by NUL, then an empty name: at most
 * as many octets as the line. */
void	lk_line_details(const struct lk_line *l, char *out, size_t size);
/* The comma-parted networks of a value into out; how many, or LK_ESYNTAX. */
int	lk_line_nets(const char *value, struct lk_net *out, size_t max);

/* The word of an event; "" of LK_EVENT_UNKNOWN. */
const char *lk_event_name(enum lk_event_kind kind);
/* event:actor:from:keyid; an empty actor or from reads "-". */
void	lk_line_begin(struct lk_buf *b, enum lk_event_kind kind,
	    const char *actor, const char *from, const char *key_id);
/* :name=value */
void	lk_line_attr(struct lk_buf *b, const char *name, const char *value);
void	lk_line_attr_number(struct lk_buf *b, const char *name, int64_t v);
/* seq:batch:time:BODY: that is all of a line that its MAC covers. */
void	lk_line_cover(struct lk_buf *b, uint64_t seq, uint64_t batch,
	    int64_t when, const char *body, size_t n);

#endif
