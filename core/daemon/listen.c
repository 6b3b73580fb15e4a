/*
 * listen.c: the sockets of a duty.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/endpoint.h"
#include "base/err.h"
#include "base/trust.h"
#include "daemon/listen.h"

#define BACKLOG		1024
#define MORE		16		/* octets of what a path may grow by */

/* ------------------------------------------------------------- handed over */

static int
is_duty(const char *name)
{
	return strcmp(name, "verify") == 0 || strcmp(name, "admin") == 0 ||
	    strcmp(name, "metrics") == 0;
}

int
lk_handed_named(const struct lk_handed *h)
{
	size_t	 i;

	for (i = 0; i < h->n; i++)
		if (is_duty(h->names[i]))
			return 1;
	return 0;
}

/* It must listen already, whoever made it. */
static int
take_handed(int fd, struct lk_sockets *out, struct lk_error *e)
{
	struct lk_socket	*s = &out->v[out->n];
	socklen_t		 len = sizeof(int);
	int			 on = 0, fl;

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &len) == -1 || !on)
		return lk_fail(e, LK_ECONFIG, "descriptor %d, which the "
		    "service manager handed over, is no socket that listens",
		    fd);
	if ((fl = fcntl(fd, F_GETFL)) == -1 ||
	    fcntl(fd, F_SETFL, fl | O_NONBLOCK) == -1)
		return lk_fail_errno(e, LK_EIO, "descriptor %d", fd);
	s->fd = fd;
	s->lock = -1;
	s->path[0] = '\0';
	out->n++;
	return 0;
}

static int
take_all(const struct lk_handed *h, const char *duty, struct lk_sockets *out,
    struct lk_error *e)
{
	int	 named = lk_handed_named(h), r;
	size_t	 i;

	/* Who may ask may do so by a socket without a name; no more. */
	named |= strcmp(duty, "metrics") == 0;
	for (i = 0; i < h->n; i++) {
		if (named && strcmp(h->names[i], duty) != 0)
			continue;
		if ((r = take_handed(h->fds[i], out, e)) != 0)
			return r;
	}
	return 0;
}

/* ------------------------------------------------------------ unix sockets */

/* The folder of a path: nobody else may put another socket there. */
static int
judge_folder(const char *path, struct lk_error *e)
{
	char	 dir[LK_LISTEN_LEN];
	size_t	 n = (size_t)(strrchr(path, '/') - path);

	snprintf(dir, sizeof(dir), "%.*s", n == 0 ? 1 : (int)n, path);
	return lk_trust_folder(dir, e);
}

static int
lock_path(const char *path, struct lk_socket *s, struct lk_error *e)
{
	char	 name[LK_LISTEN_LEN + MORE];

	snprintf(name, sizeof(name), "%s.lock", path);
	s->lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	/* Root may have become the owner of the store before. */
	if (s->lock == -1 && errno == EACCES)
		return lk_fail_errno(e, LK_EPERM, "cannot make %s as uid %u, "
		    "who must be able to write the folder", name,
		    (unsigned)geteuid());
	if (s->lock == -1)
		return lk_fail_errno(e, LK_EIO, "cannot make %s", name);
	if (flock(s->lock, LOCK_EX | LOCK_NB) == 0)
		return 0;
	return errno == EWOULDBLOCK ? lk_fail(e, LK_EAGAIN, "another latchkeyd "
	    "listens on %s: stop it first", path) :
	    lk_fail_errno(e, LK_EIO, "cannot lock %s", name);
}

/* Under the lock, a socket that stands there is one of the dead. */
static int
judge_place(const char *path, struct lk_error *e)
{
	struct stat	 st;

	if (lstat(path, &st) == -1 || S_ISSOCK(st.st_mode))
		return 0;
	return lk_fail(e, LK_ECONFIG, "%s is there and no socket: remove it, "
	    "or name another path in the policy's \"daemon\"", path);
}

static int
group_id(const char *name, gid_t *gid)
{
	struct group	*g;
	char		*end;

	if ((g = getgrnam(name)) != NULL) {
		*gid = g->gr_gid;
		return 0;
	}
	errno = 0;
	*gid = (gid_t)strtoul(name, &end, 10);
	return *end == '\0' && *name >= '0' && *name <= '9' && errno == 0 ?
	    0 : -1;
}

static int
give_group(const char *path, const char *group, struct lk_error *e)
{
	gid_t	 gid;

	if (group[0] == '\0')
		return 0;
	if (group_id(group, &gid) == -1)
		return lk_fail(e, LK_ECONFIG, "there is no group \"%s\", which "
		    "is to have %s", group, path);
	if (lchown(path, (uid_t)-1, gid) == -1)
		return lk_fail_errno(e, LK_EPERM, "cannot give %s to group %s",
		    path, group);
	return 0;
}

/* Made under another name and moved into place with its rights, so that nobody
 * who may not connect can for a moment, and nobody who may finds it missing. */
static int
bind_path(const char *path, const struct lk_listening *l, struct lk_socket *s,
    struct lk_error *e)
{
	struct sockaddr_un	 un = { .sun_family = AF_UNIX };
	char			 name[LK_LISTEN_LEN + MORE];
	mode_t			 mask;
	int			 r;

	snprintf(name, sizeof(name), "%s.new", path);
	if (strlen(name) >= sizeof(un.sun_path))
		return lk_fail(e, LK_ECONFIG, "%s: the path of a socket is too "
		    "long", path);
	strcpy(un.sun_path, name);
	(void)unlink(name);
	s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mask = umask(0777);
	r = s->fd == -1 ? -1 : bind(s->fd, (struct sockaddr *)&un, sizeof(un));
	umask(mask);
	if (r == -1 || listen(s->fd, BACKLOG) == -1)
		return lk_fail_errno(e, errno == EACCES ? LK_EPERM : LK_EIO,
		    "cannot listen on %s", path);
	if ((r = give_group(name, l->group, e)) == 0 &&
	    (chmod(name, l->mode) == -1 || rename(name, path) == -1))
		r = lk_fail_errno(e, LK_EIO, "cannot put %s into its place",
		    path);
	if (r != 0)
		(void)unlink(name);
	else
		snprintf(s->path, sizeof(s->path), "%s", path);
	return r;
}

static int
open_path(const char *path, const struct lk_listening *l, struct lk_socket *s,
    struct lk_error *e)
{
	int	 r;

	if ((r = judge_folder(path, e)) != 0 ||
	    (r = lock_path(path, s, e)) != 0 ||
	    (r = judge_place(path, e)) != 0)
		return r;
	return bind_path(path, l, s, e);
}

/* --------------------------------------------------------------------- TCP */

static int
open_address(const char *text, const struct lk_endpoint *at,
    struct lk_socket *s, struct lk_error *e)
{
	int	 on = 1;

	s->fd = socket(at->sa.any.sa_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->fd == -1)
		return lk_fail_errno(e, LK_EIO, "cannot listen on %s", text);
	setsockopt(s->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (at->sa.any.sa_family == AF_INET6)
		setsockopt(s->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(s->fd, &at->sa.any, at->len) == -1 ||
	    listen(s->fd, BACKLOG) == -1)
		return lk_fail_errno(e, errno == EADDRINUSE ? LK_EAGAIN :
		    errno == EACCES ? LK_EPERM : LK_EIO, "cannot listen on %s",
		    text);
	return 0;
}

/* --------------------------------------------------------------------- all */

static int
open_one(const struct lk_listening *l, const char *text, struct lk_socket *s,
    struct lk_error *e)
{
	struct lk_endpoint	 at;
	const char		*why = "", *path;

	if (lk_endpoint_parse(text, &at, &why) != 0)
		return lk_fail(e, LK_ECONFIG, "%s: %s", text, why);
	path = lk_endpoint_path(&at);
	return path != NULL ? open_path(path, l, s, e) :
	    open_address(text, &at, s, e);
}

int
lk_sockets_open(const struct lk_listening *l, const char *duty,
    const struct lk_handed *handed, struct lk_sockets *out, struct lk_error *e)
{
	struct lk_socket	*s;
	size_t			 i;
	int			 r;

	memset(out, 0, sizeof(*out));
	if ((r = take_all(handed, duty, out, e)) != 0)
		return r;
	if (out->n > 0)
		return 0;
	for (i = 0; i < l->n && r == 0; i++) {
		s = &out->v[out->n++];
		s->fd = s->lock = -1;
		s->path[0] = '\0';
		r = open_one(l, l->at[i], s, e);
	}
	if (r != 0)
		lk_sockets_close(out);
	return r;
}

void
lk_sockets_close(struct lk_sockets *s)
{
	size_t	 i;

	for (i = 0; i < s->n; i++) {
		if (s->v[i].path[0] != '\0')
			(void)unlink(s->v[i].path);
		if (s->v[i].fd != -1)
			close(s->v[i].fd);
		if (s->v[i].lock != -1)
			close(s->v[i].lock);
	}
	s->n = 0;
}
