/*
 * plugin_file.h: copies of plugins in a folder of the test's own, which only we
 * may write, so that tests can spoil them.
 */
#ifndef PLUGIN_FILE_H
#define PLUGIN_FILE_H

#include <sys/stat.h>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "latchkey.h"
#include "table.h"

/* Where make check staged them; see tests/stage.sh. */
static inline const char *
plugin_folder(int tests)
{
	const char	*dir = getenv(tests ? "LATCHKEY_TEST_PLUGINS" :
			    "LATCHKEY_PLUGINS");

	if (dir == NULL)
		fail_msg("run me by make check, or set %s", tests ?
		    "LATCHKEY_TEST_PLUGINS" : "LATCHKEY_PLUGINS");
	return dir;
}

/* A new folder, 0700, below /tmp; out of 64 octets. */
static inline void
folder_make(char *out)
{
	strcpy(out, "/tmp/latchkey-loader.XXXXXX");
	assert_non_null(mkdtemp(out));
}

static inline void
folder_remove(const char *dir)
{
	DIR		*d = opendir(dir);
	struct dirent	*f;

	assert_non_null(d);
	while ((f = readdir(d)) != NULL)
		unlinkat(dirfd(d), f->d_name, 0);
	closedir(d);
	rmdir(dir);
}

/* Octets behind a shared object change its SHA-256 and nothing else. */
static inline void
file_append(const char *path, const char *text)
{
	int	 fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* n octets at at. */
static inline void
file_poke(const char *path, long at, const void *p, size_t n)
{
	int	 fd = open(path, O_WRONLY | O_CLOEXEC);

	assert_int_not_equal(fd, -1);
	assert_int_equal(pwrite(fd, p, n, at), n);
	close(fd);
}

static inline void
file_copy(const char *from, const char *to)
{
	char	 chunk[4096];
	ssize_t	 n;
	int	 in = open(from, O_RDONLY | O_CLOEXEC);
	int	 out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (in == -1 || out == -1)
		fail_msg("cannot copy %s to %s", from, to);
	fchmod(out, 0644);		/* whatever the umask is */
	while ((n = read(in, chunk, sizeof(chunk))) > 0)
		assert_int_equal(write(out, chunk, (size_t)n), n);
	close(in);
	close(out);
}

/* Copy the test plugin file to dir/name.so; path of 256 octets. */
static inline void
plugin_put(const char *dir, const char *file, const char *name, char *path)
{
	char	 from[512];

	snprintf(from, sizeof(from), "%s/%s.so", plugin_folder(1), file);
	snprintf(path, 256, "%s/%s.so", dir, name);
	file_copy(from, path);
}

#endif
