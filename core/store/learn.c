/*
 * learn.c: under which pepper the journal is.
 */
#include <fcntl.h>
#include <string.h>

#include "base/err.h"
#include "inner.h"

/* The check value of the journal in dir. */
static int
value_of(const struct lk_io *io, const char *dir, uint8_t out[LK_MAC_SIZE],
    struct lk_error *e)
{
	struct lk_folder	 f = { .io = io, .fd = -1 };
	int			 fd, r;

	if ((r = lk_folder_open(io, dir, 0, &f, e)) != 0)
		return r;
	r = lk_folder_file(&f, LK_JOURNAL_NAME, O_RDONLY, &fd, NULL, e);
	if (r == 0) {
		r = lk_journal_value(&f, fd, out, e);
		io->close(io->ctx, fd);
	}
	lk_folder_close(&f);
	return r;
}

int
lk_store_value(const char *dir, uint8_t check[LK_MAC_SIZE],
    struct lk_error *e)
{
	return value_of(&lk_io_system, dir, check, e);
}

int
lk_store_keyed(const struct lk_store *s)
{
	return s->o.check != NULL;
}

/* Old ones are kept: what was read under them may still be in use. */
static void
take_key(struct lk_store *s, struct lk_hmac *mac, const uint8_t *check)
{
	if (s->o.mac != NULL)
		s->macs[s->nmacs++] = s->o.mac;
	s->o.mac = mac;
	if (check == NULL)
		s->o.check = NULL;
	else
		memcpy(s->check, check, sizeof s->check);
}

int
lk_store_learn(struct lk_store *s, struct lk_error *e)
{
	uint8_t		 check[LK_MAC_SIZE];
	struct lk_hmac	*mac = NULL;
	int		 r;

	if (s->o.check == NULL || s->o.pepper == NULL ||
	    s->nmacs == LK_IMAGES_MAX)
		return LK_ECONFIG;
	if ((r = value_of(s->o.io, s->o.dir, check, e)) != 0)
		return r;
	if (memcmp(check, s->check, sizeof check) == 0)
		return LK_ECONFIG;	/* it is something else              */
	r = s->o.pepper(s->o.pepper_arg, check, &mac, e);
	if (r == 0)
		take_key(s, mac, check);
	else if (s->o.remove)		/* what removes power needs none     */
		take_key(s, NULL, NULL);
	else
		return r;
	return 0;
}
