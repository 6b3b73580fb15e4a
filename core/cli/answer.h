/*
 * answer.h: what latchkeyd answered, back into the structs of latchkey.h.
 *
 * An answer is read as hostile: each member that is needed is there, of its
 * kind, no longer than its struct has room, of the octets that it may have, and
 * a token is a token.  Members that are not known are passed over, since a
 * newer latchkeyd may have more.
 *
 * Each returns 0, or LK_EUNAVAIL with the member at fault in e; what it filled
 * is to be thrown away then.
 */
#ifndef LK_CLI_ANSWER_H
#define LK_CLI_ANSWER_H

#include "json.h"
#include "latchkey.h"

int	lk_answer_type(const struct lk_json_value *v, struct lk_type *out,
	    struct lk_error *e);
int	lk_answer_account(const struct lk_json_value *v,
	    struct lk_account *out, struct lk_error *e);
int	lk_answer_key(const struct lk_json_value *v, struct lk_key *out,
	    struct lk_error *e);
int	lk_answer_event(const struct lk_json_value *v, struct lk_event *out,
	    struct lk_error *e);
/* t->size is set before. */
int	lk_answer_decision(const struct lk_json_value *v,
	    struct lk_decision *d, struct lk_trace *t, struct lk_error *e);
/* The member token of n octets, which is the room with its NUL; wiped unless
 * it returns 0. */
int	lk_answer_token(const struct lk_json_value *v, char *out, size_t n,
	    struct lk_error *e);
/* A member that is a text without control characters, or not there: "". */
int	lk_answer_text(const struct lk_json_value *v, const char *name,
	    char *out, size_t n, struct lk_error *e);
/* A member that is a number from 0. */
int	lk_answer_count(const struct lk_json_value *v, const char *name,
	    uint64_t *out, struct lk_error *e);
/* A whole number from 0.  0, or -1. */
int	lk_answer_number(const struct lk_json_member *m, uint64_t *out);
/* A member that is a list: its length.  0; LK_EUNAVAIL: there is none. */
int	lk_answer_list(const struct lk_json_value *v, const char *name,
	    const struct lk_json_value **out, size_t *n, struct lk_error *e);
/* 0: e is a failure as it was there. */
int	lk_answer_failure(const struct lk_json_value *v, struct lk_error *e);
/* An answer that cannot be used: LK_EUNAVAIL. */
int	lk_answer_wrong(struct lk_error *e, const char *what,
	    const char *member);

#endif
