/*
 * home.c: where a home is, and how one is made.
 *
 * The policy is written last: where there is one, the home is whole, and what a
 * killed init left behind is taken up by the next.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/text.h"
#include "base/user.h"
#include "home.h"
#include "peppers.h"
#include "snapshot.h"

#define ROOT_HOME	"/etc/latchkey"
#define ROOT_STORE	"/var/lib/latchkey"

/* What a new home is made of. */
struct making {
	char		 home[LK_PATH_MAX], policy[LK_PATH_MAX];
	char		 pepper[LK_PATH_MAX], store[LK_PATH_MAX];
	char		 plugins[LK_PATH_MAX];
	gid_t		 gid;
	int		 verifiers;	/* not 0: gid may verify             */
};

/* ------------------------------------------------------------------- where */

static int
put(char *out, size_t n, const char *a, const char *b, struct lk_error *e)
{
	int	 r = snprintf(out, n, "%s%s", a, b);

	if (r < 0 || (size_t)r >= n)
		return lk_fail(e, LK_EUSAGE, "a path is over %zu octets", n);
	return 0;
}

/* The home of a user who is not root: below the configuration folder. */
static int
user_home(char *out, size_t n, struct lk_error *e)
{
	const char	*xdg = secure_getenv("XDG_CONFIG_HOME");
	const char	*home = secure_getenv("HOME");

	if (xdg != NULL && xdg[0] == '/')
		return put(out, n, xdg, "/latchkey", e);
	if (home != NULL && home[0] == '/')
		return put(out, n, home, "/.config/latchkey", e);
	return lk_fail(e, LK_ENOTFOUND, "no home is known: give --home DIR");
}

/* An empty name would be the root folder, from a variable that is not set. */
static int
given_home(const char *home, char *out, size_t n, struct lk_error *e)
{
	if (home[0] == '\0')
		return lk_fail(e, LK_EUSAGE, "the home is named by nothing: "
		    "--home takes a folder");
	return put(out, n, home, "", e);
}

int
lk_home_find(const char *home, char *out, size_t out_len,
    struct lk_error *e)
{
	const char	*env = secure_getenv("LATCHKEY_HOME");
	struct stat	 st;

	if (home != NULL)
		return given_home(home, out, out_len, e);
	if (env != NULL && env[0] != '\0')
		return put(out, out_len, env, "", e);
	if (stat(ROOT_HOME, &st) == 0 && S_ISDIR(st.st_mode))
		return put(out, out_len, ROOT_HOME, "", e);
	return user_home(out, out_len, e);
}

int
lk_home_store(const char *policy, char *out, size_t out_len,
    struct lk_error *e)
{
	struct lk_report	 quiet = { NULL, NULL, 0 };
	struct lk_policy	*p = NULL;
	struct stat		 st;
	int			 r;

	/* To open a pipe would wait for whoever writes into it. */
	if (stat(policy, &st) == 0 && !S_ISREG(st.st_mode) &&
	    !S_ISDIR(st.st_mode))
		return lk_fail(e, LK_ECONFIG, "%s is no regular file: put a "
		    "policy there", policy);
	if ((r = lk_policy_load(policy, 0, &quiet, &p, e)) == 0)
		r = put(out, out_len, p->store, "", e);
	lk_policy_free(&p);
	return r;
}

/* ------------------------------------------------------------------ folders */

static int
sync_folder(const char *path)
{
	int	 fd, r;

	if ((fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return -1;
	r = fsync(fd);
	close(fd);
	return r;
}

/* A folder, and its entry in the one above it on the disk.  One that was there
 * may be left by an init that was killed; then above may be somebody else's. */
static int
make_one(const char *path, const char *above)
{
	int	 made = mkdir(path, 0755) == 0;

	if (!made && errno != EEXIST)
		return -1;
	return sync_folder(above) == -1 && made ? -1 : 0;
}

/* dir and what is missing above it; 0755 each.  0, LK_EPERM or LK_EIO. */
static int
make_parents(const char *dir, struct lk_error *e)
{
	char	 path[LK_PATH_MAX], above[LK_PATH_MAX];
	size_t	 n;
	int	 r = 0;

	strcpy(above, *dir == '/' ? "/" : ".");
	for (n = strspn(dir, "/"); dir[n] != '\0' && r == 0;
	    n += strspn(dir + n, "/")) {
		n += strcspn(dir + n, "/");
		if (n >= sizeof(path))
			return lk_fail(e, LK_EUSAGE, "a path is over %zu "
			    "octets", sizeof(path));
		memcpy(path, dir, n);
		path[n] = '\0';
		r = make_one(path, above);
		memcpy(above, path, n + 1);
	}
	return r == 0 ? 0 : lk_fail_errno(e, errno == EACCES ? LK_EPERM :
	    LK_EIO, "cannot make the folder %s", path);
}

/* A folder of its own mode, of the verifiers' group where there is one. */
static int
make_folder(const struct making *m, const char *path, struct lk_error *e)
{
	mode_t	 mode = m->verifiers ? 0750 : 0700;

	if (mkdir(path, mode) == -1 && errno != EEXIST)
		return lk_fail_errno(e, LK_EIO, "cannot make the folder %s",
		    path);
	if (m->verifiers && chown(path, (uid_t)-1, m->gid) == -1)
		return lk_fail_errno(e, LK_EPERM, "cannot give %s to the "
		    "group", path);
	if (chmod(path, mode) == -1)
		return lk_fail_errno(e, LK_EIO, "cannot set the mode of %s",
		    path);
	return 0;
}

/* ------------------------------------------------------------------ policy */

/* The administrators: root and who runs this, as names. */
static void
admins(struct lk_buf *b)
{
	char	 name[64];

	lk_buf_str(b, "root");
	if (geteuid() == 0)
		return;
	lk_user_name(geteuid(), name, sizeof(name));
	lk_buf_fmt(b, ", %s", name);
}

/*
 * The plugins are named from here, the policy's paths start at its folder: so
 * from the root.  NULL is the folder that is installed.
 */
static int
name_plugins(struct making *m, const char *dir, struct lk_error *e)
{
	char	*real;
	int	 r;

	if (dir == NULL)
		return put(m->plugins, sizeof(m->plugins), lk_plugin_dir(), "",
		    e);
	if ((real = realpath(dir, NULL)) == NULL)
		return lk_fail_errno(e, errno == ENOENT || errno == ENOTDIR ?
		    LK_ENOTFOUND : errno == EACCES ? LK_EPERM : LK_EIO,
		    "no folder of plugins %s", dir);
	r = put(m->plugins, sizeof(m->plugins), real, "", e);
	if (r == 0 && !lk_utf8_plain(real, strlen(real)))
		r = lk_fail(e, LK_EDATA, "a policy cannot name the folder of "
		    "plugins: its path is not UTF-8 without control "
		    "characters");
	free(real);
	return r;
}

/* A path as YAML: in double quotes where it is not plainly itself. */
static void
quoted(struct lk_buf *b, const char *path)
{
	static const char	 plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+";

	if (strspn(path, plain) == strlen(path)) {
		lk_buf_str(b, path);
		return;
	}
	lk_buf_str(b, "\"");
	for (; *path != '\0'; path++) {
		if (*path == '"' || *path == '\\')
			lk_buf_str(b, "\\");
		lk_buf_add(b, path, 1);
	}
	lk_buf_str(b, "\"");
}

/* One line of the default policy, its mark replaced if it has one. */
static void
add_line(struct lk_buf *b, const struct making *m, const char *line)
{
	static const char	*const marks[] = { "@ADMIN_USERS@",
				    "@PLUGINS@", "@STORE@" };
	const char		*at = NULL;
	size_t			 i;

	for (i = 0; i < 3; i++)
		if ((at = strstr(line, marks[i])) != NULL)
			break;
	if (at == NULL) {
		lk_buf_str(b, line);
		return;
	}
	lk_buf_add(b, line, (size_t)(at - line));
	if (i == 0)
		admins(b);
	else
		quoted(b, i == 1 ? m->plugins :
		    strcmp(m->store, ROOT_STORE) == 0 ? ROOT_STORE : "store");
	lk_buf_str(b, at + strlen(marks[i]));
}

static int
is_there(const struct making *m, struct lk_error *e)
{
	return lk_fail(e, LK_ECONFIG, "%s is there already: nothing was "
	    "changed", m->policy);
}

/* A file of nobody else's, for several may make the same home at once. */
static int
open_new(const struct making *m, char *tmp, size_t size, int *fd,
    struct lk_error *e)
{
	char	 pid[32];
	int	 r;

	snprintf(pid, sizeof(pid), ".new.%ld", (long)getpid());
	if ((r = put(tmp, size, m->policy, pid, e)) != 0)
		return r;
	(void)unlink(tmp);		/* of an earlier one that was killed */
	*fd = lk_io_system.open(NULL, AT_FDCWD, tmp,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0644);
	if (*fd == -1)
		return lk_fail_errno(e, LK_EIO, "cannot write %s", tmp);
	return 0;
}

/* Give what was written its name, unless that is taken. */
static int
name_new(const struct making *m, const char *tmp, struct lk_error *e)
{
	if (link(tmp, m->policy) == -1)
		return errno == EEXIST ? is_there(m, e) : lk_fail_errno(e,
		    LK_EIO, "cannot write %s", m->policy);
	if (sync_folder(m->home) == -1)
		return lk_fail_errno(e, LK_EIO, "cannot sync %s", m->home);
	return 0;
}

/* Write text as path, whole or not at all, never over one that is there. */
static int
write_new(const struct making *m, const char *text, size_t n,
    struct lk_error *e)
{
	char	 tmp[LK_PATH_MAX];
	int	 fd, r;

	if ((r = open_new(m, tmp, sizeof(tmp), &fd, e)) != 0)
		return r;
	/* It goes on after a short write, so that errno is that of a fault. */
	if (lk_io_write_all(&lk_io_system, fd, text, n, 0) == -1 ||
	    fchmod(fd, 0644) == -1 || fsync(fd) == -1)
		r = lk_fail_errno(e, LK_EIO, "cannot write %s", m->policy);
	if (close(fd) == -1 && r == 0)
		r = lk_fail_errno(e, LK_EIO, "cannot write %s", m->policy);
	if (r == 0)
		r = name_new(m, tmp, e);
	(void)unlink(tmp);
	return r;
}

static int
make_policy(const struct making *m, struct lk_error *e)
{
	struct lk_buf	 b = LK_BUF_NONE;
	size_t		 i;
	int		 r;

	for (i = 0; lk_default_policy[i] != NULL; i++)
		add_line(&b, m, lk_default_policy[i]);
	if (b.failed)
		r = lk_fail(e, LK_ENOMEM, "no memory for a policy");
	else
		r = write_new(m, b.p, b.n, e);
	lk_buf_free(&b);
	return r;
}

/* --------------------------------------------------------- pepper and store */

/* A pepper is never made anew over a store with keys. */
static int
check_orphan(const struct making *m, struct lk_error *e)
{
	char		 journal[LK_PATH_MAX], first[LK_PATH_MAX];
	struct stat	 st;
	int		 r;

	if ((r = put(journal, sizeof(journal), m->store, "/journal",
	    e)) != 0 ||
	    (r = put(first, sizeof(first), m->pepper, "/1", e)) != 0)
		return r;
	if (lk_pepper_there(m->pepper))
		return 0;
	if (lstat(journal, &st) == 0)
		return lk_fail(e, LK_ECONFIG, "the store %s was made with a "
		    "pepper that is not here: put it back as %s; nothing was "
		    "made", m->store, first);
	if (errno != ENOENT && errno != ENOTDIR)
		return lk_fail_errno(e, LK_EPERM, "cannot tell whether %s "
		    "holds a store", m->store);
	return 0;
}

/* On the disk before there is a store, which is refused without its pepper;
 * also what an init left that was killed before it synced. */
static int
make_pepper(const struct making *m, struct lk_pepper **out,
    struct lk_error *e)
{
	int	 r;

	if ((r = make_folder(m, m->pepper, e)) != 0)
		return r;
	if (!lk_pepper_there(m->pepper))
		r = lk_pepper_make(m->pepper, 1, m->verifiers ? 0640 : 0600,
		    m->verifiers ? m->gid : (gid_t)-1, e);
	else if (sync_folder(m->pepper) == -1)
		r = lk_fail_errno(e, LK_EIO, "cannot sync %s", m->pepper);
	if (r == 0 && sync_folder(m->home) == -1)
		r = lk_fail_errno(e, LK_EIO, "cannot sync %s", m->home);
	return r != 0 ? r : lk_peppers_load(m->pepper, m->store, out, e);
}

static int
make_store(const struct making *m, const struct lk_pepper *p,
    struct lk_error *e)
{
	struct lk_store_options	 o = { 0 };
	struct lk_store		*s = NULL;
	uint8_t			 check[LK_MAC_SIZE];
	int			 r;

	o.dir = m->store;
	o.write = 1;
	if ((r = lk_pepper_journal(p, &o.mac, check, e)) != 0)
		return r;
	o.check = check;
	r = lk_store_open(&o, &s, e);	/* left by an init that was killed? */
	lk_store_close(&s);
	if (r == 0)
		return sync_folder(m->store) == 0 ? 0 : lk_fail_errno(e,
		    LK_EIO, "cannot sync %s", m->store);
	o.mac = NULL;			/* handed over above */
	if ((r = lk_pepper_journal(p, &o.mac, check, e)) != 0)
		return r;
	return lk_store_make(&o, m->verifiers ? 0750 : 0700,
	    0640, m->verifiers ? m->gid : (gid_t)-1, e);
}

/* -------------------------------------------------------------------- init */

static int
group_of(const char *name, gid_t *gid, struct lk_error *e)
{
	struct group	 gr, *found = NULL;
	char		 buf[16384];

	/* Each of them trusts root's files and his own, nobody else's. */
	if (geteuid() != 0)
		return lk_fail(e, LK_EPERM, "--verifiers takes root: members "
		    "of %s would not trust a policy of yours", name);
	if (getgrnam_r(name, &gr, buf, sizeof(buf), &found) != 0 ||
	    found == NULL)
		return lk_fail(e, LK_EDATA, "no group %s on this system "
		    "(groupadd %s)", name, name);
	*gid = gr.gr_gid;
	return 0;
}

static int
name_paths(struct making *m, const char *home, struct lk_error *e)
{
	int	 root = home == NULL && geteuid() == 0;
	int	 r;

	if (home != NULL)
		r = given_home(home, m->home, sizeof(m->home), e);
	else if (root)
		r = put(m->home, sizeof(m->home), ROOT_HOME, "", e);
	else
		r = user_home(m->home, sizeof(m->home), e);
	if (r != 0)
		return r;
	while (strlen(m->home) > 1 && m->home[strlen(m->home) - 1] == '/')
		m->home[strlen(m->home) - 1] = '\0';
	if ((r = put(m->policy, sizeof(m->policy), m->home, "/policy.yaml",
	    e)) != 0 ||
	    (r = put(m->pepper, sizeof(m->pepper), m->home, "/pepper",
	    e)) != 0)
		return r;
	if (root)
		return put(m->store, sizeof(m->store), ROOT_STORE, "", e);
	return put(m->store, sizeof(m->store), m->home, "/store", e);
}

int
lk_home_init(const char *home, const char *verifiers, const char *plugins,
    char *out, size_t out_len, struct lk_error *e)
{
	struct making		 m = { .verifiers = verifiers != NULL };
	struct lk_pepper	*p = NULL;
	struct stat		 st;
	int			 r;

	if ((r = lk_digest_init(e)) != 0 ||
	    (verifiers != NULL && (r = group_of(verifiers, &m.gid, e)) != 0) ||
	    (r = name_plugins(&m, plugins, e)) != 0 ||
	    (r = name_paths(&m, home, e)) != 0 ||
	    (r = put(out, out_len, m.home, "", e)) != 0)
		return r;
	if (lstat(m.policy, &st) == 0)
		return is_there(&m, e);
	if ((r = check_orphan(&m, e)) != 0 ||
	    (r = make_parents(m.home, e)) != 0 ||
	    (r = make_pepper(&m, &p, e)) != 0 ||
	    (r = make_store(&m, p, e)) != 0)
		goto out;
	r = make_policy(&m, e);
out:
	lk_pepper_free(&p);
	return r;
}
