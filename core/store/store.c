#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attach.h"
#include "base/err.h"
#include "base/text.h"
#include "checkpoint.h"
#include "inner.h"

/* The folder by a path that a chdir does not change. */
static int
absolute(const char *dir, char **out, struct lk_error *e)
{
	char	 cwd[PATH_MAX];
	int	 n;

	if (*dir == '/')
		*out = strdup(dir);
	else if (getcwd(cwd, sizeof cwd) == NULL)
		return lk_fail_errno(e, LK_EIO, "the working directory is not "
		    "known");
	else if ((n = asprintf(out, "%s/%s", cwd, dir)) == -1)
		*out = NULL;
	return *out != NULL ? 0 : lk_fail(e, LK_ENOMEM, "no memory");
}

static int
init(struct lk_store *s, const struct lk_store_options *o, struct lk_error *e)
{
	char	*dir = NULL;
	int	 r;

	if ((r = absolute(o->dir, &dir, e)) != 0)
		return r;
	s->o = *o;
	s->o.dir = dir;
	if (o->check != NULL) {
		memcpy(s->check, o->check, sizeof s->check);
		s->o.check = s->check;
	}
	if (s->o.io == NULL)
		s->o.io = &lk_io_system;
	if (s->o.wait == 0)
		s->o.wait = LK_STORE_WAIT;
	if (s->o.clock == NULL)
		s->o.clock = lk_clock_now;
	s->denied = LK_BUF_NONE;
	lk_self_init(&s->self);
	lk_mutex_init(&s->refresh, &s->self);
	lk_lock_init(&s->lock, &s->self);
	pthread_mutex_init(&s->group_mutex, NULL);
	pthread_cond_init(&s->group_end, NULL);
	s->group_pid = lk_self_pid(&s->self);
	return 0;
}

int
lk_store_open(const struct lk_store_options *o, struct lk_store **out,
    struct lk_error *e)
{
	struct lk_hmac	*mac = o->mac;	/* ours from here on                 */
	struct lk_store	*s;
	uint64_t	 nkeys = 0;
	int		 r;

	*out = NULL;
	if ((s = calloc(1, sizeof *s)) == NULL) {
		lk_hmac_free(&mac);
		return lk_fail(e, LK_ENOMEM, "no memory");
	}
	if ((r = init(s, o, e)) != 0) {
		lk_hmac_free(&mac);
		free(s);
		return r;
	}
	if ((r = lk_store_enter(s, e)) == 0) {
		if ((r = lk_store_reload(s, e)) == 0)
			nkeys = lk_store_size(s);
		lk_store_leave(s);
	}
	/* A delete needs none of it, so it makes none. */
	if (r == 0 && (r = lk_usage_open(s->o.io, s->o.dir, s->o.write &&
	    !s->o.remove, &s->usage)) != 0)
		r = lk_fail(e, r, "no memory");
	if (r != 0) {
		lk_store_close(&s);
		return r;
	}
	lk_usage_fit(s->usage, nkeys);
	atomic_store(&s->looked, s->o.clock());
	*out = s;
	return 0;
}

void
lk_store_close(struct lk_store **sp)
{
	struct lk_store	*s = *sp;
	struct lk_image	*im;
	union {
		const char	*in;
		char		*out;
	} dir;

	*sp = NULL;
	if (s == NULL)
		return;
	im = atomic_load(&s->image);
	/* What a sync left in doubt must not seem durable in the index. */
	if (im != NULL && s->wrote && !s->poisoned)
		lk_checkpoint_make(im);
	lk_image_free(&im);
	lk_usage_close(&s->usage);
	lk_lock_destroy(&s->lock, s->o.io);
	lk_mutex_destroy(&s->refresh);
	lk_self_free(&s->self);
	lk_buf_free(&s->denied);
	lk_hmac_free(&s->o.mac);
	while (s->nmacs > 0)
		lk_hmac_free(&s->macs[--s->nmacs]);
	dir.in = s->o.dir;
	free(dir.out);
	free(s);
}
