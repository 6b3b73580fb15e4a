/*
 * limits.c: who may connect.
 *
 * Addresses that have connections are in an open table, a key and a count each,
 * twice as long as there may be connections; its lock is taken when one comes
 * or goes, and never for a request.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/endpoint.h"
#include "base/net.h"
#include "daemon/limits.h"

struct seat {
	struct lk_net	 peer;		/* family 0: free                    */
	unsigned	 n;
};

struct lk_gate {
	const struct lk_daemon	*d;
	atomic_uint		 n, kept;
	_Atomic(uint64_t)	 refused[LK_ENTRY_COUNT];
	pthread_mutex_t		 lock;
	size_t			 mask;
	struct seat		*seats;		/* under lock                */
};

struct lk_gate *
lk_gate_new(const struct lk_daemon *d)
{
	struct lk_gate	*g = calloc(1, sizeof(*g));
	size_t		 n = 16;

	if (g == NULL)
		return NULL;
	while (n < 2 * (size_t)d->connections)
		n *= 2;
	g->d = d;
	g->mask = n - 1;
	g->seats = calloc(n, sizeof(*g->seats));
	if (g->seats == NULL || pthread_mutex_init(&g->lock, NULL) != 0) {
		free(g->seats);
		free(g);
		return NULL;
	}
	return g;
}

void
lk_gate_free(struct lk_gate **gp)
{
	struct lk_gate	*g = *gp;

	if (g == NULL)
		return;
	pthread_mutex_destroy(&g->lock);
	free(g->seats);
	free(g);
	*gp = NULL;
}

/* An attacker chooses among addresses that he has: the table is twice as long
 * as all can fill, and a long walk costs him a connection each. */
static size_t
seat_first(const struct lk_gate *g, const struct lk_net *peer)
{
	uint64_t	 a, b;

	memcpy(&a, peer->addr, sizeof(a));
	memcpy(&b, peer->addr + sizeof(a), sizeof(b));
	a = (a ^ b * 0xff51afd7ed558ccd) * 0x9e3779b97f4a7c15;
	return (size_t)(a ^ a >> 32) & g->mask;
}

static int
same(const struct lk_net *a, const struct lk_net *b)
{
	return a->family == b->family &&
	    memcmp(a->addr, b->addr, sizeof(a->addr)) == 0;
}

/* The seat of an address, or the free one where it would be. */
static size_t
seat_find(const struct lk_gate *g, const struct lk_net *peer)
{
	size_t	 i = seat_first(g, peer);

	while (g->seats[i].peer.family != 0 && !same(&g->seats[i].peer, peer))
		i = (i + 1) & g->mask;
	return i;
}

/* Free a seat, and let those behind it move up that would miss it. */
static void
seat_free(struct lk_gate *g, size_t hole)
{
	size_t	 i = hole, home;

	for (;;) {
		i = (i + 1) & g->mask;
		if (g->seats[i].peer.family == 0)
			break;
		home = seat_first(g, &g->seats[i].peer);
		if (((i - home) & g->mask) < ((i - hole) & g->mask))
			continue;
		g->seats[hole] = g->seats[i];
		hole = i;
	}
	memset(&g->seats[hole], 0, sizeof(g->seats[hole]));
}

static int
peer_enter(struct lk_gate *g, const struct lk_net *peer)
{
	struct seat	*s;
	int		 ok;

	pthread_mutex_lock(&g->lock);
	s = &g->seats[seat_find(g, peer)];
	ok = s->n < g->d->connections_per_peer;
	if (ok) {
		s->peer = *peer;
		s->n++;
	}
	pthread_mutex_unlock(&g->lock);
	return ok;
}

static void
peer_leave(struct lk_gate *g, const struct lk_net *peer)
{
	size_t	 i;

	pthread_mutex_lock(&g->lock);
	i = seat_find(g, peer);
	if (g->seats[i].n > 0 && --g->seats[i].n == 0)
		seat_free(g, i);
	pthread_mutex_unlock(&g->lock);
}

static int
is_unix(const void *sa)
{
	sa_family_t	 family;

	memcpy(&family, (const char *)sa +
	    offsetof(struct sockaddr, sa_family), sizeof(family));
	return family == AF_UNIX;
}

enum lk_entry
lk_gate_refuse(struct lk_gate *g, enum lk_entry why)
{
	atomic_fetch_add_explicit(&g->refused[why], 1, memory_order_relaxed);
	return why;
}

enum lk_entry
lk_gate_enter(struct lk_gate *g, const void *sa, struct lk_net *peer)
{
	lk_net_from_sockaddr(sa, peer);
	if (peer->family == 0 && !is_unix(sa))
		return lk_gate_refuse(g, LK_ENTRY_STRANGER);
	if (peer->family != 0 && !lk_net_loopback(peer) &&
	    !lk_net_in(peer, g->d->trusted, g->d->ntrusted))
		return lk_gate_refuse(g, LK_ENTRY_STRANGER);
	if (atomic_fetch_add(&g->n, 1) >= g->d->connections) {
		atomic_fetch_sub(&g->n, 1);
		return lk_gate_refuse(g, LK_ENTRY_FULL);
	}
	if (peer->family != 0 && !peer_enter(g, peer)) {
		atomic_fetch_sub(&g->n, 1);
		return lk_gate_refuse(g, LK_ENTRY_PEER);
	}
	return LK_ENTRY_OK;
}

void
lk_gate_leave(struct lk_gate *g, const struct lk_net *peer)
{
	if (peer->family != 0)
		peer_leave(g, peer);
	atomic_fetch_sub(&g->n, 1);
}

int
lk_gate_keep(struct lk_gate *g)
{
	if (atomic_fetch_add(&g->kept, 1) < g->d->kept)
		return 1;
	lk_gate_unkeep(g);
	return 0;
}

void
lk_gate_unkeep(struct lk_gate *g)
{
	atomic_fetch_sub(&g->kept, 1);
}

unsigned
lk_gate_kept(const struct lk_gate *g)
{
	return atomic_load_explicit(&g->kept, memory_order_relaxed);
}

unsigned
lk_gate_count(const struct lk_gate *g)
{
	return atomic_load_explicit(&g->n, memory_order_relaxed);
}

uint64_t
lk_gate_refused(const struct lk_gate *g, enum lk_entry why)
{
	return atomic_load_explicit(&g->refused[why], memory_order_relaxed);
}
