/*
 * link.h: to a latchkeyd, by latchkey-remote, a program of its own that speaks
 * HTTP: it is started with the first question and ends with this process.
 */
#ifndef LK_CLI_LINK_H
#define LK_CLI_LINK_H

#include "base/json_out.h"
#include "cli/cli.h"
#include "json.h"

/* One question of /v1. */
struct lk_ask {
	const char	*method;	/* GET, POST, PUT, DELETE            */
	struct lk_buf	 target;	/* /v1/…; lk_link_ask frees it       */
	struct lk_out	 body;		/* likewise; empty: none             */
	int		 once;		/* not 0: with an Idempotency-Key    */
	const char	*look;		/* of a change: the command that shows
					 * whether it was done; or NULL      */
};

struct lk_ask	lk_ask_new(const char *method, const char *target);
/*
 * The target goes on with '/', or ',' between several, and an id or an account.
 * What cannot be one goes as "-", which is none either, so that it is told what
 * one is made of.
 */
void	lk_ask_name(struct lk_ask *q, char before, const char *value);
/* It has one more parameter, which is escaped; left out where value is NULL. */
void	lk_ask_param(struct lk_ask *q, const char *name, const char *value);

/*
 * From now on c->calls are done by a latchkeyd: the one of the policy, for a
 * user who is not the owner (refusal: why not here, and the mend; owner: who
 * may serve it beside root, or -1: not known), or that of --server.  0, or an
 * exit status when it was said what is wrong.
 */
int	lk_link_policy(struct lk_cli *c, const char *refusal, uid_t owner);
int	lk_link_server(struct lk_cli *c);
/* 1 when c->calls are. */
int	lk_link_is(const struct lk_cli *c);

/*
 * Ask it.  0: *out is what it answered, freed with lk_json_free; else its
 * failure, or why there was no answer:
 * LK_EPERM     there is no latchkeyd, or it is not for this user; where it is
 *              the one of the policy
 * LK_EAGAIN    it did not answer in time
 * LK_EUNAVAIL  any other reason
 */
int	lk_link_ask(struct lk_cli *c, struct lk_ask *q, struct lk_json **out,
	    struct lk_error *e);
/* Where the answer to a change cannot be used nobody here knows whether it was
 * done: says so in e, whose code is returned. */
int	lk_link_in_doubt(const struct lk_ask *q, struct lk_error *e);
void	lk_link_end(void);

#endif
