/*
 * peer_linear.c: a text file with a key a line, read from its top for each
 * look-up, as passwd(5) is; mapped, so that no time goes into reading it.
 *
 *	DIGEST-IN-HEX:id:type:account:state:created:not_before:expires
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/mman.h>

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "peers.h"

#define HEX		(2 * DIGEST_SIZE)

struct ctx {
	FILE		*f;
	const char	*map;
	size_t		 n;
};

static void
hex(const uint8_t *digest, char *out)
{
	static const char	 digits[] = "0123456789abcdef";
	size_t			 i;

	for (i = 0; i < DIGEST_SIZE; i++) {
		*out++ = digits[digest[i] >> 4];
		*out++ = digits[digest[i] & 15];
	}
}

static int
linear_open(const char *dir, size_t keys, void **ctx)
{
	struct ctx	*c = calloc(1, sizeof(*c));
	char		 path[4096];

	(void)keys;
	snprintf(path, sizeof(path), "%s/linear", dir);
	if (c == NULL || (c->f = fopen(path, "w+x")) == NULL) {
		warn("%s", path);
		free(c);
		return -1;
	}
	*ctx = c;
	return 0;
}

static int
linear_put(void *ctx, const uint8_t *digest, const struct record *r)
{
	struct ctx	*c = ctx;
	char		 text[HEX];

	hex(digest, text);
	return fprintf(c->f, "%.*s:%.12s:%.12s:%.12s:%" PRIu32 ":%" PRId64
	    ":%" PRId64 ":%" PRId64 "\n", HEX, text, r->key_id, r->type,
	    r->account, r->state, r->created, r->not_before,
	    r->expires) > 0 ? 0 : -1;
}

static int
linear_freeze(void *ctx)
{
	struct ctx	*c = ctx;

	if (fflush(c->f) != 0 || fsync(fileno(c->f)) == -1)
		return -1;
	c->n = (size_t)ftell(c->f);
	c->map = mmap(NULL, c->n, PROT_READ, MAP_SHARED, fileno(c->f), 0);
	return c->map == MAP_FAILED ? -1 : 0;
}

/* Up to the next colon or the end of the line; how far. */
static size_t
field(const char *p, char *out, size_t size)
{
	size_t	 n = strcspn(p, ":\n");

	memcpy(out, p, n < size ? n : size);
	return n + 1;
}

static void
split(const char *p, struct record *r)
{
	char	*end;

	memset(r, 0, sizeof(*r));
	p += field(p, r->key_id, sizeof(r->key_id));
	p += field(p, r->type, sizeof(r->type));
	p += field(p, r->account, sizeof(r->account));
	r->state = (uint32_t)strtoul(p, &end, 10);
	r->created = strtoll(end + 1, &end, 10);
	r->not_before = strtoll(end + 1, &end, 10);
	r->expires = strtoll(end + 1, &end, 10);
}

static int
linear_get(void *ctx, const uint8_t *digest, struct record *out)
{
	const struct ctx	*c = ctx;
	const char		*p = c->map, *end = c->map + c->n;
	char			 want[HEX];

	hex(digest, want);
	while (p != NULL && p < end) {
		if (memcmp(p, want, HEX) == 0) {
			split(p + HEX + 1, out);
			return 1;
		}
		if ((p = memchr(p, '\n', (size_t)(end - p))) != NULL)
			p++;
	}
	return 0;
}

static void
linear_close(void *ctx)
{
	struct ctx	*c = ctx;

	munmap((void *)(uintptr_t)c->map, c->n);
	fclose(c->f);
	free(c);
}

const struct peer peer_linear = {
	.name = "linear file",
	.max_keys = 10000,
	.open = linear_open,
	.put = linear_put,
	.freeze = linear_freeze,
	.get = linear_get,
	.close = linear_close,
};
