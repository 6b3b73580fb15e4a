/*
 * digest.c: the only user of libgcrypt.
 *
 *	struct lk_hmac ──key──▶ thread 1: slot ──▶ handle, keyed
 *	  keyed master          thread 2: slot ──▶ handle, a copy of master
 *
 * A slot belongs to one object and one thread, and its handle is touched by
 * that thread alone.  It ends with its thread (destructor of the key) or with
 * the object.  These two may meet: a thread that ends may hold the address of a
 * slot which lk_hmac_free has just freed.  So every slot is in one list, and
 * the destructor takes only one that is in it and is of its own thread.  The
 * list is process-wide, as a thread cannot ask an object that is gone.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <endian.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <gcrypt.h>

#include "base/err.h"
#include "token/digest.h"

#define GCRYPT_OLDEST	"1.9.0"
#define CACHE_LINE	64		/* octets                            */

struct lk_hmac {
	gcry_md_hd_t	 master;	/* only ever copied, under the lock  */
	pthread_key_t	 key;
};

struct lk_hmac_slot {
	_Alignas(CACHE_LINE) gcry_md_hd_t md;
	const struct lk_hmac	*owner;
	pthread_t		 thread;
	struct lk_hmac_slot	*next;
};

struct lk_sha256_ctx {
	gcry_md_hd_t	 md;
};

static pthread_mutex_t	 lock = PTHREAD_MUTEX_INITIALIZER;
static struct lk_hmac_slot *slots;	/* all that live; under lock */
static pthread_once_t	 once = PTHREAD_ONCE_INIT;
static int		 init_result;

static void
take(void)
{
	pthread_mutex_lock(&lock);
}

static void
give(void)
{
	pthread_mutex_unlock(&lock);
}

static void
init(void)
{
	init_result = LK_EUNAVAIL;
	/* A child must not inherit the lock taken by a thread it lacks. */
	if (pthread_atfork(take, give, give) != 0)
		return;
	if (!gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P)) {
		if (gcry_check_version(GCRYPT_OLDEST) == NULL)
			return;
		/* We keep secrets in pages of our own (base/wipe); whoever
		 * began to set it up may want some. */
		if (!gcry_control(GCRYCTL_ANY_INITIALIZATION_P))
			gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
		gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
	} else if (gcry_check_version(GCRYPT_OLDEST) == NULL)
		return;
	init_result = 0;
}

int
lk_digest_init(struct lk_error *e)
{
	pthread_once(&once, init);
	if (init_result != 0)
		return lk_fail(e, init_result, "libgcrypt %s is too old: "
		    "install %s or newer", gcry_check_version(NULL),
		    GCRYPT_OLDEST);
	return 0;
}

/* ------------------------------------------------------------------ HMAC */

static void
slot_free(struct lk_hmac_slot *s)
{
	gcry_md_close(s->md);		/* wipes what it knew of the key */
	free(s);
}

/* The destructor of a thread's slot; see the drawing for when it is stale. */
static void
slot_end(void *arg)
{
	struct lk_hmac_slot	**at, *s = NULL;

	take();
	for (at = &slots; *at != NULL; at = &(*at)->next) {
		if (*at == arg && pthread_equal((*at)->thread,
		    pthread_self())) {
			s = *at;
			*at = s->next;
			break;
		}
	}
	give();
	if (s != NULL)
		slot_free(s);
}

/*
 * libgcrypt takes a lock of its own when a handle is opened.  A process that
 * forks has ours, so that no child finds that one held for ever.  0, or -1.
 */
static int
open_md(gcry_md_hd_t *md, unsigned flags)
{
	gcry_error_t	 err;

	take();
	err = gcry_md_open(md, GCRY_MD_SHA256, flags);
	give();
	return err == 0 ? 0 : -1;
}

/* The first call of a thread.  NULL: no memory, or libgcrypt says no. */
static struct lk_hmac_slot *
slot_new(const struct lk_hmac *h)
{
	struct lk_hmac_slot	*s;
	gcry_error_t		 err;

	if ((s = aligned_alloc(CACHE_LINE, sizeof *s)) == NULL)
		return NULL;
	s->md = NULL;
	s->owner = h;
	s->thread = pthread_self();
	take();
	if ((err = gcry_md_copy(&s->md, h->master)) == 0) {
		s->next = slots;
		slots = s;
	}
	give();
	if (err != 0) {
		free(s);
		return NULL;
	}
	if (pthread_setspecific(h->key, s) != 0) {
		slot_end(s);
		return NULL;
	}
	return s;
}

int
lk_hmac_new(const void *key, size_t n, struct lk_hmac **out,
    struct lk_error *e)
{
	struct lk_hmac	*h = NULL;
	int		 r;

	*out = NULL;
	if (n == 0)			/* libgcrypt would take it */
		return lk_fail(e, LK_EDATA, "an HMAC key must not be empty");
	if ((r = lk_digest_init(e)) != 0)
		return r;
	if ((h = calloc(1, sizeof *h)) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory for a digest");
	if (open_md(&h->master, GCRY_MD_FLAG_HMAC) != 0 ||
	    gcry_md_setkey(h->master, key, n) != 0) {
		r = lk_fail(e, LK_EUNAVAIL, "libgcrypt gives no HMAC-SHA-256");
		goto out;
	}
	if (pthread_key_create(&h->key, slot_end) != 0) {
		r = lk_fail(e, LK_EUNAVAIL, "no thread key is left for a "
		    "digest: this process uses all of them");
		goto out;
	}
	*out = h;
	h = NULL;			/* handed over */
out:
	if (h != NULL)
		gcry_md_close(h->master);
	free(h);
	return r;
}

void
lk_hmac_free(struct lk_hmac **hp)
{
	struct lk_hmac		*h = *hp;
	struct lk_hmac_slot	**at, *s, *mine = NULL;

	*hp = NULL;
	if (h == NULL)
		return;
	pthread_key_delete(h->key);
	take();
	for (at = &slots; (s = *at) != NULL; ) {
		if (s->owner != h) {
			at = &s->next;
			continue;
		}
		*at = s->next;
		s->next = mine;
		mine = s;
	}
	give();
	while ((s = mine) != NULL) {
		mine = s->next;
		slot_free(s);
	}
	gcry_md_close(h->master);
	free(h);
}

/*
 * libgcrypt has just stored it by four octets.  A load of more of them waits
 * until they have left the processor, so they are put together here.
 */
static inline void
copy_digest(uint8_t out[LK_DIGEST_SIZE], const unsigned char *d)
{
	uint32_t	 half[2];
	uint64_t	 word;
	size_t		 i;

	for (i = 0; i < LK_DIGEST_SIZE; i += sizeof word) {
		memcpy(&half[0], d + i, sizeof half[0]);
		memcpy(&half[1], d + i + sizeof half[0], sizeof half[1]);
		word = htole64(le32toh(half[0]) |
		    (uint64_t)le32toh(half[1]) << 32);
		memcpy(out + i, &word, sizeof word);
	}
}

static inline int
digest(struct lk_hmac_slot *s, const void *p, size_t n,
    uint8_t out[LK_DIGEST_SIZE])
{
	const unsigned char	*d = NULL;

	if (s != NULL) {
		gcry_md_write(s->md, p, n);
		d = gcry_md_read(s->md, GCRY_MD_SHA256);
	}
	if (d != NULL) {
		copy_digest(out, d);
		return 0;
	}
	memset(out, 0, LK_DIGEST_SIZE);
	return LK_EUNAVAIL;
}

static inline struct lk_hmac_slot *
slot_of(const struct lk_hmac *h)
{
	struct lk_hmac_slot	*s = pthread_getspecific(h->key);

	return s != NULL ? s : slot_new(h);
}

int
lk_hmac_held(struct lk_hmac *h, const void *p, size_t n,
    uint8_t out[LK_DIGEST_SIZE], struct lk_hmac_slot **held)
{
	*held = slot_of(h);
	return digest(*held, p, n, out);
}

void
lk_hmac_forget(struct lk_hmac_slot *held)
{
	if (held != NULL)
		gcry_md_reset(held->md);
}

int
lk_hmac(struct lk_hmac *h, const void *p, size_t n,
    uint8_t out[LK_DIGEST_SIZE])
{
	struct lk_hmac_slot	*held;
	int			 r = lk_hmac_held(h, p, n, out, &held);

	lk_hmac_forget(held);
	return r;
}

int
lk_hmac_once(const void *key, size_t key_len, const void *p, size_t n,
    uint8_t out[LK_DIGEST_SIZE])
{
	gcry_md_hd_t		 md = NULL;
	const unsigned char	*d = NULL;

	memset(out, 0, LK_DIGEST_SIZE);
	if (key_len == 0)
		return LK_EDATA;
	if (lk_digest_init(NULL) != 0)
		return LK_EUNAVAIL;
	if (open_md(&md, GCRY_MD_FLAG_HMAC) == 0 &&
	    gcry_md_setkey(md, key, key_len) == 0) {
		gcry_md_write(md, p, n);
		d = gcry_md_read(md, GCRY_MD_SHA256);
	}
	if (d != NULL)
		memcpy(out, d, LK_DIGEST_SIZE);
	gcry_md_close(md);
	return d != NULL ? 0 : LK_EUNAVAIL;
}

/* --------------------------------------------------------------- SHA-256 */

int
lk_sha256(const void *p, size_t n, uint8_t out[LK_DIGEST_SIZE])
{
	/* Asked first, since gcry_md_hash_buffer can only succeed or abort. */
	if (lk_digest_init(NULL) != 0 ||
	    !gcry_control(GCRYCTL_OPERATIONAL_P, 0)) {
		memset(out, 0, LK_DIGEST_SIZE);
		return LK_EUNAVAIL;
	}
	gcry_md_hash_buffer(GCRY_MD_SHA256, out, p, n);
	return 0;
}

int
lk_sha256_open(struct lk_sha256_ctx **out)
{
	struct lk_sha256_ctx	*c;

	*out = NULL;
	if (lk_digest_init(NULL) != 0)
		return LK_EUNAVAIL;
	if ((c = calloc(1, sizeof *c)) == NULL)
		return LK_ENOMEM;
	if (open_md(&c->md, 0) != 0) {
		free(c);
		return LK_EUNAVAIL;
	}
	*out = c;
	return 0;
}

void
lk_sha256_add(struct lk_sha256_ctx *c, const void *p, size_t n)
{
	gcry_md_write(c->md, p, n);
}

int
lk_sha256_close(struct lk_sha256_ctx **cp, uint8_t out[LK_DIGEST_SIZE])
{
	struct lk_sha256_ctx	*c = *cp;
	const unsigned char	*d;

	*cp = NULL;
	memset(out, 0, LK_DIGEST_SIZE);
	if (c == NULL)
		return LK_EUNAVAIL;
	if ((d = gcry_md_read(c->md, GCRY_MD_SHA256)) != NULL)
		memcpy(out, d, LK_DIGEST_SIZE);
	gcry_md_close(c->md);
	free(c);
	return d != NULL ? 0 : LK_EUNAVAIL;
}
