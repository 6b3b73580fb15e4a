/*
 * trust: who may have written this file?
 *
 * A row is a list of steps that make a tree below a folder of ours, and what
 * opening p in it gives.  Steps, by blanks:
 *	d:NAME:MODE  f:NAME:MODE  l:NAME:TARGET  p:NAME:MODE (pipe)
 *	o:NAME:UID   g:NAME:GID   (need root, as do rows marked so)
 * @ in a target is the folder of ours.
 */
#include "table.h"

#include <sys/stat.h>
#include <sys/xattr.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <unistd.h>

#include "base/trust.h"

#define OTHER	65533			/* a uid and gid that is not ours */

static char	 top[128];		/* resolved */

struct trust_case {
	const char	*name, *steps, *open;
	int		 want_public, want_private;
	const char	*says;		/* in the sentence, or NULL */
	int		 root;		/* needs it */
};

#define BAD	LK_ECONFIG
#define NONE	LK_ENOTFOUND

static const struct trust_case trust_cases[] = {
	{ "0600", "f:a:0600", "a", 0, 0, NULL, 0 },
	{ "0640", "f:a:0640", "a", 0, 0, NULL, 0 },
	{ "0644", "f:a:0644", "a", 0, BAD, "chmod g-wx,o= @/a", 0 },
	{ "0604", "f:a:0604", "a", 0, BAD, "chmod g-wx,o= @/a", 0 },
	{ "0602", "f:a:0602", "a", BAD, BAD, "@/a has mode 0602", 0 },
	{ "0646", "f:a:0646", "a", BAD, BAD, "@/a has mode 0646", 0 },
	{ "0650", "f:a:0650", "a", 0, BAD, "@/a has mode 0650", 0 },
	{ "0700", "f:a:0700", "a", 0, 0, NULL, 0 },
	{ "0400", "f:a:0400", "a", 0, 0, NULL, 0 },
	{ "absent", "f:a:0600", "b", NONE, NONE, "@/b", 0 },
	{ "absent folder", "", "no/b", NONE, NONE, "@/no", 0 },
	{ "a file as folder", "f:a:0600", "a/b", NONE, NONE, "@/a", 0 },
	{ "a folder", "d:d:0700", "d", BAD, BAD, "no regular file", 0 },
	{ "a pipe", "p:a:0600", "a", BAD, BAD, "no regular file", 0 },

	{ "in 0755", "d:d:0755 f:d/a:0600", "d/a", 0, 0, NULL, 0 },
	{ "in 0757", "d:d:0757 f:d/a:0600", "d/a", BAD, BAD,
	    "@/d has mode 0757: all may write it, only its owner should: "
	    "chmod go-w @/d", 0 },
	{ "two below 0757", "d:d:0757 d:d/e:0700 f:d/e/a:0600", "d/e/a", BAD,
	    BAD, "chmod go-w @/d", 0 },
	{ "ours, sticky", "d:d:01777 f:d/a:0600", "d/a", BAD, BAD, "@/d", 0 },
	{ "dots", "d:d:0700 f:a:0600", "d/.././/a", 0, 0, NULL, 0 },
	{ "dots through 0757", "d:d:0757 f:a:0600", "d/../a", BAD, BAD,
	    "@/d", 0 },

	{ "link", "f:a:0600 l:b:a", "b", 0, 0, NULL, 0 },
	{ "link, absolute", "f:a:0600 l:b:@/a", "b", 0, 0, NULL, 0 },
	{ "link to 0666", "f:a:0666 l:b:a", "b", BAD, BAD, "@/a has", 0 },
	{ "link to a folder", "d:d:0755 f:d/a:0600 l:b:d", "b/a", 0, 0, NULL,
	    0 },
	{ "link into 0757", "d:d:0757 f:d/a:0600 l:b:d/a", "b", BAD, BAD,
	    "@/d has", 0 },
	{ "link, then out of 0757", "d:d:0757 f:a:0600 l:d/b:../a", "d/b",
	    BAD, BAD, "@/d has", 0 },
	{ "link through 0757 and back", "d:d:0757 f:a:0600 l:b:d/../a", "b",
	    BAD, BAD, "@/d has", 0 },
	{ "link to itself", "l:a:a", "a", BAD, BAD, "symbolic links", 0 },
	{ "links in a ring", "l:a:b l:b:c l:c:a", "a", BAD, BAD,
	    "symbolic links", 0 },
	{ "link to nothing", "l:a:none", "a", NONE, NONE, "@/none", 0 },
	{ "two links", "f:a:0600 l:b:a l:c:b", "c", 0, 0, NULL, 0 },

	{ "a quote", "d:x'_y:0755 f:x'_y/a:0602", "x'_y/a", BAD, BAD,
	    "chmod go-w '@/x'\\''_y/a'", 0 },

	{ "another's file", "f:a:0644 o:a:65533", "a", BAD, BAD,
	    "@/a belongs to uid 65533, it should belong to root: "
	    "chown root @/a", 1 },
	{ "another's folder", "d:d:0755 f:d/a:0600 o:d:65533", "d/a", BAD,
	    BAD, "chown root @/d", 1 },
	{ "another's link", "f:a:0600 l:b:a o:b:65533", "b", BAD, BAD,
	    "chown -h root @/b", 1 },
	{ "root's group may write", "f:a:0660", "a", 0, BAD, NULL, 1 },
	{ "another group may write", "f:a:0660 g:a:65533", "a", BAD, BAD,
	    "has mode 0660: group 65533 may write it", 1 },
	{ "another group may read", "f:a:0640 g:a:65533", "a", 0, 0, NULL,
	    1 },
	{ "another group's folder", "d:d:0775 g:d:65533 f:d/a:0600", "d/a",
	    BAD, BAD, "chmod go-w @/d", 1 },
	{ "sticky above", "d:d:01777 d:d/e:0755 f:d/e/a:0600", "d/e/a", 0, 0,
	    NULL, 1 },
	{ "sticky above another's",
	    "d:d:01777 d:d/e:0755 f:d/e/a:0600 o:d/e:65533", "d/e/a", BAD,
	    BAD, "chown root @/d/e", 1 },
	{ "sticky holds it", "d:d:01777 f:d/a:0600", "d/a", BAD, BAD,
	    "@/d has mode 1777", 1 },
	{ "sticky holds a link to it", "d:d:01777 f:a:0600 l:d/b:../a",
	    "d/b", BAD, BAD, "@/d has mode 1777", 1 },
	{ "sticky holds a link on the way",
	    "d:d:01777 d:e:0755 f:e/a:0600 l:d/b:../e", "d/b/a", 0, 0, NULL,
	    1 },
	{ "sticky holds another's link",
	    "d:d:01777 d:e:0755 f:e/a:0600 l:d/b:../e o:d/b:65533", "d/b/a",
	    BAD, BAD, "chown -h root @/d/b", 1 },
	{ "another's sticky above",
	    "d:d:01777 d:d/e:0755 f:d/e/a:0600 o:d:65533", "d/e/a", BAD, BAD,
	    "chown root @/d", 1 },
};

/* ------------------------------------------------------------ the steps */

/* text with @ as the folder of ours. */
static const char *
expand(const char *text, char *out, size_t size)
{
	size_t	 n = 0;

	out[0] = '\0';
	for (; *text != '\0' && n + 1 < size; text++) {
		if (*text == '@')
			n += (size_t)snprintf(out + n, size - n, "%s", top);
		else {
			out[n++] = *text;
			out[n] = '\0';
		}
	}
	return out;
}

static void
step(char kind, const char *name, const char *value)
{
	char	 path[512], target[512];
	int	 fd, mode = (int)strtol(value, NULL, 8);
	uid_t	 id = (uid_t)strtol(value, NULL, 10);

	snprintf(path, sizeof path, "%s/%s", top, name);
	switch (kind) {
	case 'd':
		assert_int_equal(mkdir(path, 0700), 0);
		assert_int_equal(chmod(path, (mode_t)mode), 0);
		break;
	case 'f':
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
		assert_true(fd >= 0);
		assert_int_equal(write(fd, "text", 4), 4);
		assert_int_equal(fchmod(fd, (mode_t)mode), 0);
		close(fd);
		break;
	case 'p':
		assert_int_equal(mkfifo(path, (mode_t)mode), 0);
		break;
	case 'l':
		expand(value, target, sizeof target);
		assert_int_equal(symlink(target, path), 0);
		break;
	case 'o':
		assert_int_equal(lchown(path, id, (gid_t)-1), 0);
		break;
	case 'g':
		assert_int_equal(lchown(path, (uid_t)-1, (gid_t)id), 0);
		break;
	default:
		fail_msg("no step %c", kind);
	}
}

static void
build(const char *steps)
{
	char	 kind, name[64], value[128];
	int	 used;

	while (sscanf(steps, " %c:%63[^:]:%127s%n", &kind, name, value,
	    &used) == 3) {
		step(kind, name, value);
		steps += used;
	}
	assert_int_equal(steps[strspn(steps, " ")], '\0');
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	(void)type;
	return f->level == 0 ? 0 : remove(path);
}

static void
clean(void)
{
	assert_int_equal(nftw(top, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static void
check_open(const struct trust_case *c, int private, const char *sentence)
{
	char		 path[512], says[512], text[5] = "";
	struct lk_error	 e = { 0 };
	int		 fd = 99, want, r;

	want = private ? c->want_private : c->want_public;
	snprintf(path, sizeof path, "%s/%s", top, c->open);
	r = lk_trust_open(path, private ? LK_TRUST_PRIVATE : LK_TRUST_PUBLIC,
	    &fd, &e);
	if (r != want)
		fail_msg("%d, not %d: %s", r, want, e.text);
	if (want == 0) {
		assert_int_equal(read(fd, text, 4), 4);
		assert_string_equal(text, "text");
		assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
		close(fd);
		return;
	}
	assert_int_equal(fd, -1);
	assert_int_equal(e.code, want);
	assert_string_equal(e.file, path);
	if (sentence != NULL && strstr(e.text,
	    expand(sentence, says, sizeof says)) == NULL)
		fail_msg("\"%s\" says no \"%s\"", e.text, says);
	assert_int_equal(lk_trust_open(path, private, &fd, NULL), want);
}

static void
test_trust(void **state)
{
	const struct trust_case	*c = *state;

	if (c->root && geteuid() != 0) {
		/* What only root can build cannot be built by us. */
		assert_int_not_equal(chown(top, OTHER, (gid_t)-1), 0);
		return;
	}
	build(c->steps);
	/* The sentence is that of the first want that fails. */
	check_open(c, 0, c->says);
	check_open(c, 1, c->want_public == 0 ? c->says : NULL);
	clean();
}

/* 40 links are gone through, 41 are not. */
static void
test_many_links(void **state)
{
	char		 name[16], target[16], path[256];
	struct lk_error	 e;
	int		 i, fd;

	(void)state;
	build("f:l0:0600");
	for (i = 1; i <= 41; i++) {
		snprintf(name, sizeof name, "l%d", i);
		snprintf(target, sizeof target, "l%d", i - 1);
		step('l', name, target);
	}
	snprintf(path, sizeof path, "%s/l40", top);
	assert_int_equal(lk_trust_open(path, 0, &fd, &e), 0);
	close(fd);
	snprintf(path, sizeof path, "%s/l41", top);
	assert_int_equal(lk_trust_open(path, 0, &fd, &e), LK_ECONFIG);
	clean();
}

static void
test_relative(void **state)
{
	char	 before[512];
	int	 fd;

	(void)state;
	build("d:d:0700 f:a:0600");
	assert_non_null(getcwd(before, sizeof before));
	assert_int_equal(chdir(top), 0);
	assert_int_equal(lk_trust_open("a", 0, &fd, NULL), 0);
	close(fd);
	assert_int_equal(lk_trust_open("./d/../a", 0, &fd, NULL), 0);
	close(fd);
	assert_int_equal(lk_trust_open("", 0, &fd, NULL), LK_ENOTFOUND);
	assert_int_equal(chdir(before), 0);
	clean();
}

static void
test_folder(void **state)
{
	char		 path[256];
	struct lk_error	 e;

	(void)state;
	build("d:good:0755 d:bad:0777 f:file:0600 l:link:good");
	assert_int_equal(lk_trust_folder(top, &e), 0);
	snprintf(path, sizeof path, "%s/good", top);
	assert_int_equal(lk_trust_folder(path, &e), 0);
	snprintf(path, sizeof path, "%s/good/", top);
	assert_int_equal(lk_trust_folder(path, &e), 0);
	snprintf(path, sizeof path, "%s/link", top);
	assert_int_equal(lk_trust_folder(path, &e), 0);
	snprintf(path, sizeof path, "%s/bad", top);
	assert_int_equal(lk_trust_folder(path, &e), LK_ECONFIG);
	assert_non_null(strstr(e.text, "chmod go-w"));
	snprintf(path, sizeof path, "%s/file", top);
	assert_int_equal(lk_trust_folder(path, &e), LK_ECONFIG);
	snprintf(path, sizeof path, "%s/none", top);
	assert_int_equal(lk_trust_folder(path, &e), LK_ENOTFOUND);
	assert_int_equal(lk_trust_folder("/", &e), 0);
	clean();
}

static void
test_too_long(void **state)
{
	struct lk_error	 e;
	char		*path;
	int		 fd;

	(void)state;
	path = malloc(8000);
	assert_non_null(path);
	memset(path, 'a', 7999);
	path[7999] = '\0';
	path[0] = '/';
	assert_int_equal(lk_trust_open(path, 0, &fd, &e), LK_ECONFIG);
	path[1000] = '\0';		/* a name of more than 255 octets */
	assert_int_equal(lk_trust_open(path, 0, &fd, &e), LK_ECONFIG);
	free(path);
}

/* A list that lets uid 65533 read and write; as setfacl(1) would set it. */
static void
test_acl(void **state)
{
	static const unsigned char	 acl[] = {
		2, 0, 0, 0,
		1, 0, 6, 0, 0xff, 0xff, 0xff, 0xff,	/* owner     */
		2, 0, 6, 0, 0xfd, 0xff, 0, 0,		/* uid 65533 */
		4, 0, 4, 0, 0xff, 0xff, 0xff, 0xff,	/* group     */
		16, 0, 6, 0, 0xff, 0xff, 0xff, 0xff,	/* mask      */
		32, 0, 0, 0, 0xff, 0xff, 0xff, 0xff,	/* others    */
	};
	char		 path[256];
	int		 fd = -1, r;

	(void)state;
	build("f:a:0600");
	snprintf(path, sizeof path, "%s/a", top);
	r = setxattr(path, "system.posix_acl_access", acl, sizeof acl, 0);
	if (r == 0) {
		assert_int_equal(lk_trust_open(path, LK_TRUST_PUBLIC, &fd,
		    NULL), LK_ECONFIG);
		assert_int_equal(lk_trust_open(path, LK_TRUST_PRIVATE, &fd,
		    NULL), LK_ECONFIG);
	} else {
		/* A file system without lists: nothing to find in it. */
		assert_int_equal(errno, EOPNOTSUPP);
		assert_int_equal(lk_trust_open(path, LK_TRUST_PRIVATE, &fd,
		    NULL), 0);
		close(fd);
	}
	clean();
}

static const struct read_case {
	const char	*name;
	size_t		 n, max;
	int		 want;
} read_cases[] = {
	{ "read: nothing",		0,	0,	0 },
	{ "read: some",			100,	200,	0 },
	{ "read: as much as may be",	5000,	5000,	0 },
	{ "read: one too many",		5001,	5000,	LK_ECONFIG },
	{ "read: many chunks",		100000,	200000,	0 },
};

static void
test_read(void **state)
{
	const struct read_case	*c = *state;
	struct lk_error		 e;
	FILE			*f = tmpfile();
	char			*out;
	size_t			 i, n;

	assert_non_null(f);
	for (i = 0; i < c->n; i++)
		putc((int)('a' + i % 26), f);
	fflush(f);
	assert_int_equal(lseek(fileno(f), 0, SEEK_SET), 0);
	assert_int_equal(lk_read_all(fileno(f), c->max, &out, &n, &e),
	    c->want);
	if (c->want == 0) {
		assert_int_equal(n, c->n);
		assert_int_equal(strlen(out), n);
		for (i = 0; i < n; i++)
			assert_int_equal(out[i], 'a' + i % 26);
	} else
		assert_null(out);
	free(out);
	fclose(f);
}

static void
test_read_fails(void **state)
{
	struct lk_error	 e;
	char		*out;
	size_t		 n;

	(void)state;
	assert_int_equal(lk_read_all(-1, 10, &out, &n, &e), LK_EIO);
	assert_null(out);
}

int
main(void)
{
	struct table	 t = { 0 };
	const char	*tmp = getenv("TMPDIR");
	char		 made[128], *real;
	int		 r;

	snprintf(made, sizeof made, "%.80s/lk_trust_XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(made) == NULL || (real = realpath(made, NULL)) == NULL) {
		perror(made);
		return 1;
	}
	snprintf(top, sizeof top, "%s", real);
	free(real);
	umask(022);
	TABLE_ROWS(&t, test_trust, trust_cases);
	TABLE_TEST(&t, test_many_links);
	TABLE_TEST(&t, test_relative);
	TABLE_TEST(&t, test_folder);
	TABLE_TEST(&t, test_too_long);
	TABLE_TEST(&t, test_acl);
	TABLE_ROWS(&t, test_read, read_cases);
	TABLE_TEST(&t, test_read_fails);
	r = table_run(&t, "trust");
	rmdir(top);
	return r;
}
