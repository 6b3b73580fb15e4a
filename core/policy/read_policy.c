/*
 * read_policy.c: a file to a policy; the top of the tree.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/trust.h"
#include "policy/read.h"

#define AT(member)	.offset = offsetof(struct lk_policy, member)

static lk_read_fn	read_version;

/* In the order of reading: packages are made of types. */
static const struct lk_field fields[] = {
	{ .name = "version", .read = read_version,
	    .missing = "\"version: 1\"" },
	{ .name = "store", .read = lk_read_paths, AT(store),
	    .missing = "\"store: store\", the folder of its keys" },
	{ .name = "pepper", .read = lk_read_paths, AT(pepper),
	    .missing = "\"pepper: pepper\", the folder of its secret" },
	{ .name = "plugins", .read = lk_read_plugins, AT(plugins),
	    .missing = "\"plugins: PATH\", the folder of its plugins" },
	{ .name = "roles", .read = lk_read_roles,
	    .missing = "\"roles:\" with who may generate and delete keys" },
	{ .name = "types", .read = lk_read_types,
	    .missing = "\"types:\" with one type at least" },
	{ .name = "packages", .read = lk_read_packages },
	{ .name = "default_package", .read = lk_read_default },
	{ .name = "daemon", .read = lk_read_daemon, AT(daemon) },
};
static const struct lk_table table = LK_TABLE("the policy", fields);

static void
read_version(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, void *base)
{
	(void)f;
	(void)base;
	if (n->kind != LK_NODE_TEXT || n->quoted ||
	    strcmp(n->value, "1") != 0)
		lk_read_wrong(r, n, "1, the one form of a policy that this "
		    "latchkey knows");
}

/* -------------------------------------------------------------------- lines */

static size_t
lines_count(const char *text, size_t n)
{
	size_t	 i, count = 0;

	for (i = 0; i < n; i++)
		count += text[i] == '\n';
	return count + (n > 0 && text[n - 1] != '\n');
}

/* All lines are in one block, that of the first. */
static int
lines_keep(struct lk_policy *p, const char *text, size_t n)
{
	char	*copy, *end, *at;
	size_t	 count = lines_count(text, n);

	if (count == 0)
		return 0;
	if ((p->source.lines = calloc(count, sizeof *p->source.lines)) == NULL)
		return LK_ENOMEM;
	if ((copy = malloc(n + 1)) == NULL)
		return LK_ENOMEM;
	memcpy(copy, text, n);
	copy[n] = '\0';
	for (at = copy; p->source.nlines < count; at = end + 1) {
		p->source.lines[p->source.nlines++] = at;
		end = memchr(at, '\n', (size_t)(copy + n - at));
		if (end == NULL)
			break;
		*end = '\0';
		if (end > at && end[-1] == '\r')
			end[-1] = '\0';
	}
	return 0;
}

/* --------------------------------------------------------------------- read */

static int
policy_new(const char *path, const char *text, size_t n,
    struct lk_policy **out)
{
	struct lk_policy	*p;
	const char		*slash = strrchr(path, '/');

	if ((p = calloc(1, sizeof *p)) == NULL)
		return LK_ENOMEM;
	*out = p;
	p->default_package = -1;
	lk_daemon_defaults(&p->daemon);
	p->source.path = strdup(path);
	p->name = strdup(slash != NULL ? slash + 1 : path);
	if (p->source.path == NULL || p->name == NULL)
		return LK_ENOMEM;
	return lines_keep(p, text, n);
}

/* What is made of a text. */
typedef int fill_fn(struct lk_policy *, const char *, size_t,
    struct lk_findings *);

static int
policy_fill(struct lk_policy *p, const char *text, size_t n,
    struct lk_findings *f)
{
	struct lk_reader	 r = { p, f, 0, 0 };
	struct lk_node		*root = NULL;
	int			 e;

	if ((e = lk_yaml_read(text, n, f, &root)) != 0)
		return e;
	r.sound = f->errors == 0;
	lk_read_map(&r, root, &table, p);
	if (!f->nomem)
		lk_pins_lint(&r);
	if (!f->nomem && f->errors == 0)
		lk_dead_lint(&r);
	lk_node_free(&root);
	if (f->nomem)
		return LK_ENOMEM;
	return f->errors > 0 ? LK_ECONFIG : 0;
}

static int
settings_fill(struct lk_policy *p, const char *text, size_t n,
    struct lk_findings *f)
{
	struct lk_reader	 r = { p, f, 0, 0 };
	struct lk_node		*root = NULL;
	int			 e;

	if ((p->types = calloc(1, sizeof *p->types)) == NULL)
		return LK_ENOMEM;
	p->ntypes = 1;
	if ((e = lk_yaml_read(text, n, f, &root)) != 0)
		return e;
	lk_read_settings(&r, root, &p->types[0].options);
	lk_node_free(&root);
	if (f->nomem)
		return LK_ENOMEM;
	return f->errors > 0 ? LK_ECONFIG : 0;
}

/* The first error, which is in e, and how many there are with it. */
static void
error_count(struct lk_error *e, unsigned errors)
{
	size_t	 n;

	if (e == NULL || errors < 2)
		return;
	n = strlen(e->text);
	snprintf(e->text + n, sizeof e->text - n, " (and %u more %s)",
	    errors - 1, errors == 2 ? "error" : "errors");
}

/* keep: hand out what was read of a faulty one as well. */
static int
read_text(fill_fn *fill, const char *path, const char *text, size_t n,
    int keep, struct lk_report *rep, struct lk_policy **out, struct lk_error *e)
{
	struct lk_report	 quiet = { NULL, NULL, 0 };
	struct lk_findings	 f = LK_FINDINGS_NONE;
	struct lk_policy	*p = NULL;
	int			 r;

	*out = NULL;
	if (rep == NULL)
		rep = &quiet;
	if (n > LK_POLICY_MAX)
		return lk_fail_at(e, LK_ECONFIG, path, 0, 0, "a policy has at "
		    "most %d octets, this one has %zu", LK_POLICY_MAX, n);
	if ((r = policy_new(path, text, n, &p)) == 0)
		r = fill(p, text, n, &f);
	if (r == LK_ENOMEM) {
		lk_fail(e, r, "no memory to read a policy");
		goto out;
	}
	lk_findings_report(&f, p, rep, e);
	if (r != 0)
		error_count(e, f.errors);
	if (r != 0 && !keep)
		goto out;
	*out = p;
	p = NULL;			/* handed over */
out:
	lk_findings_free(&f);
	lk_policy_free(&p);
	return r;
}

int
lk_policy_read(const char *path, const char *text, size_t n,
    struct lk_report *rep, struct lk_policy **out, struct lk_error *e)
{
	return read_text(policy_fill, path, text, n, 0, rep, out, e);
}

int
lk_settings_read(const char *path, const char *text, size_t n,
    struct lk_report *rep, struct lk_policy **out, struct lk_error *e)
{
	return read_text(settings_fill, path, text, n, 0, rep, out, e);
}

/* --------------------------------------------------------------------- file */

static int
open_plain(const char *path, int *fd, struct lk_error *e)
{
	int	 code;

	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (*fd != -1)
		return 0;
	code = errno == ENOENT || errno == ENOTDIR ? LK_ENOTFOUND :
	    errno == EACCES ? LK_EPERM : LK_EIO;
	return lk_fail_errno(e, code, "cannot read the policy %s", path);
}

static int
load(const char *path, int trusted, int keep, struct lk_report *rep,
    struct lk_policy **out, struct lk_error *e)
{
	struct stat	 st;
	char		*text = NULL;
	size_t		 n = 0;
	int		 fd = -1, r;

	*out = NULL;
	r = trusted ? lk_trust_open(path, LK_TRUST_PUBLIC, &fd, e) :
	    open_plain(path, &fd, e);
	if (r != 0)
		goto out;
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		r = lk_fail_at(e, LK_ECONFIG, path, 0, 0, "%s is a folder: "
		    "name the policy in it", path);
		goto out;
	}
	if (st.st_size > LK_POLICY_MAX) {
		r = lk_fail_at(e, LK_ECONFIG, path, 0, 0, "a policy has at "
		    "most %d octets, this one has %lld", LK_POLICY_MAX,
		    (long long)st.st_size);
		goto out;
	}
	if ((r = lk_read_all(fd, LK_POLICY_MAX, &text, &n, e)) == 0)
		r = read_text(policy_fill, path, text, n, keep, rep, out, e);
out:
	free(text);
	if (fd != -1)
		close(fd);
	return r;
}

int
lk_policy_load(const char *path, int trusted, struct lk_report *rep,
    struct lk_policy **out, struct lk_error *e)
{
	return load(path, trusted, 0, rep, out, e);
}

int
lk_policy_load_faulty(const char *path, struct lk_report *rep,
    struct lk_policy **out, struct lk_error *e)
{
	return load(path, 0, 1, rep, out, e);
}
