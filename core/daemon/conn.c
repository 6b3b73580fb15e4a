/*
 * conn.c: connections of a loop.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/socket.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/conn.h"

#define CAP_FIRST	64		/* descriptors                       */
#define BODY_FIRST	1024		/* octets                            */
#define BODY_KEPT	8192		/* octets; more is given back        */
#define TARGET_FIRST	128
#define DRAIN		16384		/* octets of one read                */
#define DRAINS		64

int64_t
lk_now_ms(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
lk_now_ns(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* ------------------------------------------------------------------- table */

static int
table_grow(struct lk_conns *t, size_t want)
{
	struct lk_conn	**v;
	size_t		  cap = t->cap != 0 ? t->cap : CAP_FIRST;

	while (cap <= want)
		cap *= 2;
	if ((v = realloc(t->v, cap * sizeof(struct lk_conn *))) == NULL)
		return -1;
	memset(v + t->cap, 0, (cap - t->cap) * sizeof(struct lk_conn *));
	t->v = v;
	t->cap = cap;
	return 0;
}

struct lk_conn *
lk_conn_add(struct lk_conns *t, int fd)
{
	struct lk_conn	*c;

	if ((size_t)fd >= t->cap && table_grow(t, (size_t)fd) == -1)
		return NULL;
	if ((c = calloc(1, sizeof(*c))) == NULL)
		return NULL;
	c->fd = fd;
	c->state = LK_CONN_NEW;
	c->since = lk_now_ms();
	t->v[fd] = c;
	t->n++;
	return c;
}

struct lk_conn *
lk_conn_get(const struct lk_conns *t, int fd)
{
	return fd >= 0 && (size_t)fd < t->cap ? t->v[fd] : NULL;
}

void
lk_conn_remove(struct lk_conns *t, int fd)
{
	struct lk_conn	*c = lk_conn_get(t, fd);

	if (c == NULL)
		return;
	lk_conn_done(c);
	free(c->target);
	free(c->body);
	free(c);
	t->v[fd] = NULL;
	t->n--;
}

void
lk_conns_free(struct lk_conns *t)
{
	size_t	 i;

	for (i = 0; i < t->cap; i++)
		lk_conn_remove(t, (int)i);
	free(t->v);
	memset(t, 0, sizeof(*t));
}

/* ----------------------------------------------------------------- request */

/* Room for n octets in *p; what is moved is wiped where it was. */
static int
room(char **p, size_t *cap, size_t used, size_t n, size_t first)
{
	size_t	 more = *cap != 0 ? *cap : first;
	char	*q;

	if (n <= *cap)
		return 0;
	while (more < n)
		more *= 2;
	if ((q = malloc(more)) == NULL)
		return -1;
	if (used != 0)
		memcpy(q, *p, used);
	if (*p != NULL)
		lk_wipe(*p, used);
	free(*p);
	*p = q;
	*cap = more;
	return 0;
}

int
lk_conn_target(struct lk_conn *c, const char *target)
{
	size_t	 n = strnlen(target, LK_PATH_MAX + 1);

	if (n > LK_PATH_MAX ||
	    room(&c->target, &c->target_cap, 0, n + 1, TARGET_FIRST) == -1)
		return -1;
	memcpy(c->target, target, n + 1);
	return 0;
}

int
lk_conn_body(struct lk_conn *c, const void *p, size_t n, size_t max)
{
	if (n > max || c->body_len > max - n)
		return 413;
	if (room(&c->body, &c->body_cap, c->body_len, c->body_len + n,
	    BODY_FIRST) == -1)
		return 503;
	memcpy(c->body + c->body_len, p, n);
	c->body_len += n;
	return 0;
}

void
lk_conn_drain(const struct lk_conn *c)
{
	char	 b[DRAIN];
	int	 i;

	for (i = 0; i < DRAINS && recv(c->fd, b, sizeof(b), MSG_DONTWAIT) > 0;
	    i++)
		continue;
	lk_wipe(b, sizeof(b));
}

void
lk_conn_done(struct lk_conn *c)
{
	if (c->body_len != 0)
		lk_wipe(c->body, c->body_len);
	c->body_len = 0;
	if (c->body_cap > BODY_KEPT) {
		free(c->body);
		c->body = NULL;
		c->body_cap = 0;
	}
	c->refusal = 0;
	c->state = LK_CONN_IDLE;
	c->since = lk_now_ms();
}

/*
 * An octet a second would keep a connection for ever if each one gave it more
 * time.  So the time of a head begins with the one before, or the connection.
 */
int
lk_conn_late(const struct lk_conn *c, const struct lk_daemon *d, int64_t now)
{
	int64_t	 limit;

	if (c->state == LK_CONN_NEW)
		limit = d->head_time;
	else if (c->state == LK_CONN_IDLE)
		limit = (int64_t)d->idle;
	else
		limit = d->body_time;
	return now - c->since > limit * 1000;
}
