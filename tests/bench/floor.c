/*
 * floor.c: the least that a verify can be: an HMAC with a handle that is used
 * again, one slot of a mapped table, and the compare of an expiry.
 *
 *	slot	digest (32)  expires (8)  state (4)  unused (20)
 *
 * The table is open addressing with linear probing at a load of 0.7; the first
 * 32 bits of the digest say where a key's slot would be.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/mman.h>

#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "hmac.h"

struct slot {
	uint8_t		 digest[DIGEST_SIZE];
	int64_t		 expires;
	uint32_t	 state;		/* 0: empty */
	uint8_t		 unused[20];
};

struct floor {
	const struct home	*home;
	struct slot		*slots;
	size_t			 n;
};

static size_t
place(const struct floor *f, const uint8_t *digest)
{
	uint64_t	 head = (uint64_t)digest[0] << 24 |
			     (uint64_t)digest[1] << 16 |
			     (uint64_t)digest[2] << 8 | digest[3];

	return (size_t)(head * f->n >> 32);
}

static void
put(struct floor *f, const struct entry *e)
{
	size_t	 i = place(f, e->digest);

	while (f->slots[i].state != 0)
		if (++i == f->n)
			i = 0;
	memcpy(f->slots[i].digest, e->digest, DIGEST_SIZE);
	f->slots[i].expires = INT64_MAX;
	f->slots[i].state = e->record.state;
}

/* Filled through one map, read through another that has its pages at hand. */
struct floor *
floor_make(const char *dir, const struct home *h)
{
	struct floor	*f = calloc(1, sizeof(*f));
	char		 path[PATH_MAX + 16];
	size_t		 i, octets;
	int		 fd;

	if (f == NULL)
		err(1, NULL);
	f->home = h;
	f->n = h->keys * 10 / 7;
	octets = f->n * sizeof(struct slot);
	snprintf(path, sizeof(path), "%s/floor", dir);
	if ((fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600)) == -1 ||
	    ftruncate(fd, (off_t)octets) == -1 ||
	    (f->slots = mmap(NULL, octets, PROT_READ | PROT_WRITE, MAP_SHARED,
	    fd, 0)) == MAP_FAILED)
		err(1, "%s", path);
	for (i = 0; i < h->keys; i++)
		put(f, &h->entries[i]);
	munmap(f->slots, octets);
	f->slots = mmap(NULL, octets, PROT_READ, MAP_SHARED | MAP_POPULATE, fd,
	    0);
	if (f->slots == MAP_FAILED)
		err(1, "%s", path);
	close(fd);
	return f;
}

static const struct slot *
get(const struct floor *f, const uint8_t *digest)
{
	size_t	 i = place(f, digest);

	while (f->slots[i].state != 0) {
		if (memcmp(f->slots[i].digest, digest, DIGEST_SIZE) == 0)
			return &f->slots[i];
		if (++i == f->n)
			i = 0;
	}
	return NULL;
}

void
floor_run(const struct turn *t)
{
	const struct floor	*f = t->arg;
	const struct visit	*v;
	const struct slot	*s;
	gcry_md_hd_t		 md = hmac_open(f->home);
	int64_t			 now = (int64_t)time(NULL);
	size_t			 n, i = t->at;

	for (n = 0; n < t->loops; n++) {
		v = turn_next(t, &i);
		gcry_md_reset(md);
		gcry_md_write(md, v->token, v->len);
		s = get(f, gcry_md_read(md, 0));
		if (s == NULL || now >= s->expires)
			errx(1, "floor: %s is not there", v->token);
	}
	gcry_md_close(md);
}

void
floor_free(struct floor *f)
{
	munmap(f->slots, f->n * sizeof(struct slot));
	free(f);
}
