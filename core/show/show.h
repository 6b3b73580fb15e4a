/*
 * show.h: what latchkey.h hands out, as the JSON objects of latchkey(1): the
 * command prints them under --json, latchkeyd answers with them.
 *
 * name is that of a member; NULL within an array and for a whole answer.
 */
#ifndef LK_SHOW_SHOW_H
#define LK_SHOW_SHOW_H

#include "base/json_out.h"
#include "latchkey.h"

void	lk_show_type(struct lk_out *j, const char *name,
	    const struct lk_type *t);
void	lk_show_account(struct lk_out *j, const char *name,
	    const struct lk_account *a);
void	lk_show_key(struct lk_out *j, const char *name,
	    const struct lk_key *k);
/* Its state in a word: "active". */
const char *lk_show_state(const struct lk_key *k);
void	lk_show_event(struct lk_out *j, const char *name,
	    const struct lk_event *v);
void	lk_show_decision(struct lk_out *j, const char *name,
	    const struct lk_decision *d, const struct lk_trace *t);
/* The verdict of a step in a word: "pass". */
const char *lk_show_verdict(const struct lk_step *s);

/* The word for a failure of latchkey(1), REASONS OF A FAILURE. */
const char *lk_show_reason(int code);
/* The sentence of a failure with its place; size of LK_SENTENCE_MAX. */
#define LK_SENTENCE_MAX	2048	/* octets of a message, NUL included */
void	lk_show_sentence(const struct lk_error *e, char *out, size_t size);

#endif
