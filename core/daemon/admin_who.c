/*
 * admin_who.c: who asks.
 *
 * By a unix socket it is the user whom the kernel says has connected.  Groups
 * are those that the system's databases have now, so that who was taken out of
 * one has lost it at the next request, on a connection that is kept as well.  A
 * bearer token, where there is one, decides alone; by TCP there is nothing
 * else.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/user.h"
#include "daemon/admin.h"

static int
refuse(struct lk_admin_call *c, int status, const char *challenge)
{
	lk_admin_fail(c->r, status, &c->e, "");
	if (challenge != NULL)
		lk_reply_field_static(c->r, "WWW-Authenticate", challenge);
	return status;
}

/* ------------------------------------------------------------ unix sockets */

static int
peer_uid(const struct lk_admin_call *c, uid_t *uid)
{
	struct ucred	 cred;
	socklen_t	 len = sizeof(cred);

	if (getsockopt(c->rq->fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == -1 ||
	    len != sizeof(cred))
		return -1;
	*uid = cred.uid;
	return 0;
}

static int
by_user(struct lk_admin_call *c)
{
	uid_t	 uid;

	if (peer_uid(c, &uid) == -1 || uid == (uid_t)-1) {
		lk_fail(&c->e, LK_EPERM, "it cannot be told which user has "
		    "connected");
		return refuse(c, 401, NULL);
	}
	c->op.uid = uid;
	lk_user_name(uid, c->op.name, sizeof(c->op.name));
	c->op.ngroups = lk_user_groups(uid, c->op.groups, LK_GROUPS_MAX);
	snprintf(c->op.from, sizeof(c->op.from), "api unix");
	return 0;
}

/* ------------------------------------------------------------------- token */

union address {
	struct sockaddr_in	 in;
	struct sockaddr_in6	 in6;
};

/* For checks of its type; of a unix socket there is none. */
static const void *
address_of(const struct lk_net *peer, union address *out)
{
	memset(out, 0, sizeof(*out));
	if (peer->family == 4) {
		out->in.sin_family = AF_INET;
		memcpy(&out->in.sin_addr, peer->addr, 4);
	} else if (peer->family == 6) {
		out->in6.sin6_family = AF_INET6;
		memcpy(&out->in6.sin6_addr, peer->addr, 16);
	} else
		return NULL;
	return out;
}

static void
describe_token(struct lk_admin_call *c, const struct lk_decision *d)
{
	char	 peer[64];
	uid_t	 uid = (uid_t)-1;

	if (c->rq->peer.family != 0)
		lk_net_format(&c->rq->peer, peer, sizeof(peer));
	else if (peer_uid(c, &uid) == 0)
		snprintf(peer, sizeof(peer), "unix uid=%u", (unsigned)uid);
	else
		snprintf(peer, sizeof(peer), "unix");
	snprintf(c->op.from, sizeof(c->op.from), "api %s key=%s", peer,
	    d->key_id);
}

/* Nothing in a refusal tells one bad token from another. */
static int
not_allowed(struct lk_admin_call *c, const struct lk_decision *d)
{
	int	 code = d->outcome == LK_DENY ? LK_EPERM :
	    d->outcome == LK_LIMIT ? LK_EAGAIN : LK_EUNAVAIL;

	lk_fail(&c->e, code, "%s", d->caller_text);
	refuse(c, d->status, d->challenge);
	if (d->retry_after != 0 && d->status != 503)
		lk_reply_field_fmt(c->r, "Retry-After", "%u", d->retry_after);
	return d->status;
}

static int
by_token(struct lk_admin_call *c)
{
	struct lk_request	 rq = { .size = sizeof(rq) };
	struct lk_decision	 d;
	union address		 a;
	int			 r;

	rq.method = c->rq->method;
	rq.path = "/";
	rq.headers = c->rq->headers;
	rq.nheaders = c->rq->nheaders;
	rq.peer = address_of(&c->rq->peer, &a);
	/* A request is counted once. */
	r = (c->early ? lk_operator_peek : lk_operator_bearer)(c->s->lk, &rq,
	    &c->op, &d, &c->e);
	if (r == LK_ENOTFOUND) {
		lk_fail(&c->e, LK_EPERM, "no token is taken here: the policy "
		    "has no type with the plugin operator");
		return refuse(c, 401, "Bearer realm=\"latchkey\"");
	}
	if (r != 0)
		return refuse(c, 0, NULL);
	if (d.outcome != LK_ALLOW)
		return not_allowed(c, &d);
	describe_token(c, &d);
	return 0;
}

int
lk_admin_who(struct lk_admin_call *c)
{
	const struct lk_header	*h;

	c->op.size = sizeof(c->op);
	if (lk_http_header(c->rq, "Authorization", &h) != 0)
		return by_token(c);
	if (c->rq->peer.family == 0)
		return by_user(c);
	lk_fail(&c->e, LK_EPERM, "an operator's token is wanted: "
	    "Authorization: Bearer TOKEN");
	return refuse(c, 401, "Bearer realm=\"latchkey\"");
}
