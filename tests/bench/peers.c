/*
 * peers.c: what a peer is asked for is the work of a verify: form and checksum
 * of the token, its digest, the record, and type, state and times of that.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/stat.h>

#include <dlfcn.h>
#include <err.h>
#include <string.h>
#include <time.h>

#include "bench.h"
#include "hmac.h"
#include "peers.h"
#include "token/token.h"

static const struct peer	*peers[PEERS_MAX];
static size_t			 npeers;

static void
add(const struct peer *p)
{
	if (npeers == PEERS_MAX)
		errx(1, "at most %d peers", PEERS_MAX);
	peers[npeers++] = p;
}

void
peers_load(char *const *modules, size_t n)
{
	size_t	 i;
	void	*so, *p;

	for (i = 0; i < n; i++) {
		if ((so = dlopen(modules[i], RTLD_NOW | RTLD_LOCAL)) == NULL ||
		    (p = dlsym(so, "bench_peer")) == NULL)
			errx(1, "%s", dlerror());
		add(p);
	}
	add(&peer_linear);
}

/* -------------------------------------------------------------------- work */

/* What a decision tells, as ours hands it out. */
struct verdict {
	char	 key_id[LK_KEYID_LEN + 1];
	char	 type[LK_NAME_MAX + 1];
	char	 account[LK_ACCOUNT_MAX + 1];
};

static int
parse(const struct visit *v, const char *type)
{
	struct lk_token	 t;

	return lk_token_parse(v->token, v->len, &t) == 0 &&
	    t.prefix_len == strlen(type) &&
	    memcmp(t.prefix, type, t.prefix_len) == 0;
}

static int
judge(const struct record *r, const char *type, struct verdict *out)
{
	int64_t	 now = (int64_t)time(NULL);

	if (strncmp(r->type, type, sizeof(r->type)) != 0 ||
	    r->state != RECORD_ACTIVE || now < r->not_before ||
	    (r->expires != 0 && now >= r->expires))
		return 0;
	memcpy(out->key_id, r->key_id, LK_KEYID_LEN);
	out->key_id[LK_KEYID_LEN] = '\0';
	memcpy(out->type, r->type, sizeof(r->type));
	memcpy(out->account, r->account, sizeof(r->account));
	return 1;
}

void
peer_run(const struct turn *t)
{
	const struct rival	*rival = t->arg;
	const struct peer	*p = rival->peer;
	const char		*type = type_names[BARE];
	const struct visit	*v;
	gcry_md_hd_t		 md = hmac_open(rival->home);
	struct verdict		 out;
	struct record		 r;
	size_t			 n, i = t->at;

	for (n = 0; n < t->loops; n++) {
		v = turn_next(t, &i);
		if (!parse(v, type))
			errx(1, "%s: no token", v->token);
		gcry_md_reset(md);
		gcry_md_write(md, v->token, v->len);
		if (p->get(rival->ctx, gcry_md_read(md, 0), &r) != 1 ||
		    !judge(&r, type, &out) ||
		    strcmp(out.account, v->account) != 0)
			errx(1, "%s: %s is not allowed", p->name, v->token);
	}
	gcry_md_close(md);
}

/* ---------------------------------------------------------- open and close */

static void
fill(const struct rival *r)
{
	const struct home	*h = r->home;
	size_t			 i;

	for (i = 0; i < h->keys; i++)
		if (r->peer->put(r->ctx, h->entries[i].digest,
		    &h->entries[i].record) != 0)
			errx(1, "%s cannot be filled", r->peer->name);
	if (r->peer->freeze(r->ctx) != 0)
		errx(1, "%s cannot be filled", r->peer->name);
}

size_t
peers_open(const char *dir, const struct home *h, struct rival *r)
{
	size_t	 i;

	memset(r, 0, npeers * sizeof(*r));
	for (i = 0; i < npeers; i++) {
		r[i].peer = peers[i];
		r[i].home = h;
		if (peers[i]->max_keys != 0 && h->keys > peers[i]->max_keys)
			continue;
		snprintf(r[i].dir, sizeof(r[i].dir), "%s/peer%zu", dir, i);
		if (mkdir(r[i].dir, 0700) == -1)
			err(1, "%s", r[i].dir);
		if (peers[i]->open(r[i].dir, h->keys, &r[i].ctx) != 0)
			errx(1, "%s cannot be made", peers[i]->name);
		fill(&r[i]);
	}
	return npeers;
}

void
peers_close(struct rival *r, size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		if (r[i].ctx != NULL)
			r[i].peer->close(r[i].ctx);
}
