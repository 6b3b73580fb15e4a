/* pepper: load the folder, derive, make. */
#include "table.h"

#include <sys/stat.h>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "token/pepper.h"

static char	 top[128];

/* Two peppers of 32 octets, and what goes wrong. */
#define P1	"0123456789abcdefghijklmnopqrstuv"
#define P2	"another pepper, also 32 octets.."
#define SAME	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static void
put(const char *name, const char *text, size_t n, int mode)
{
	char	 path[256];
	FILE	*f;

	snprintf(path, sizeof path, "%s/%s", top, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	assert_int_equal(fchmod(fileno(f), (mode_t)mode), 0);
	assert_int_equal(fclose(f), 0);
}

static void
clean(void)
{
	struct dirent	*entry;
	DIR		*d = opendir(top);

	assert_non_null(d);
	while ((entry = readdir(d)) != NULL) {
		if (entry->d_name[0] != '.' || entry->d_name[1] == 's') {
			unlinkat(dirfd(d), entry->d_name, 0);
			unlinkat(dirfd(d), entry->d_name, AT_REMOVEDIR);
		}
	}
	closedir(d);
}

static const struct file_case {
	const char	*name, *file, *text;
	int		 mode, want;
	const char	*says;
} file_cases[] = {
	{ "one", "1", P1, 0600, 0, NULL },
	{ "for a group", "1", P1, 0640, 0, NULL },
	{ "a high version", "999999999", P1, 0600, 0, NULL },
	{ "33 octets, a newline", "1", P1 "\n", 0600, 0, NULL },
	{ "too short", "1", "0123456789abcdefghijklmnopqrstu", 0600,
	    LK_ECONFIG, "31 octets" },
	{ "empty", "1", "", 0600, LK_ECONFIG, "0 octets" },
	{ "constant", "1", SAME SAME, 0600, LK_ECONFIG, "repeated" },
	{ "constant but the last", "1", SAME "y", 0600, 0, NULL },
	{ "constant but the first", "1", "y" SAME, 0600, 0, NULL },
	{ "others may read", "1", P1, 0644, LK_ECONFIG, "chmod g-wx,o=" },
	{ "the group may write", "1", P1, 0660, LK_ECONFIG,
	    "chmod g-wx,o=" },
	{ "version 0", "0", P1, 0600, LK_ECONFIG, "/0 is named" },
	{ "leading zero", "01", P1, 0600, LK_ECONFIG, "/01 is named" },
	{ "too high a version", "1000000000", P1, 0600, LK_ECONFIG,
	    "is named" },
	{ "sign", "+1", P1, 0600, LK_ECONFIG, "is named" },
	{ "a copy of an editor", "1~", P1, 0600, LK_ECONFIG, "/1~ is named" },
	{ "hidden", ".swp", P1, 0600, LK_ECONFIG, "/.swp is named" },
};

static void
test_file(void **state)
{
	const struct file_case	*c = *state;
	struct lk_pepper	*p;
	struct lk_error		 e = { 0 };

	put(c->file, c->text, strlen(c->text), c->mode);
	assert_int_equal(lk_pepper_load(top, &p, &e), c->want);
	if (c->want == 0) {
		assert_int_equal(lk_pepper_current(p), atoi(c->file));
	} else {
		assert_null(p);
		assert_int_equal(e.code, c->want);
		assert_true(e.file[0] != '\0');
		if (strstr(e.text, c->says) == NULL)
			fail_msg("\"%s\" says no \"%s\"", e.text, c->says);
		/* A secret gets into no sentence. */
		assert_null(strstr(e.text, "0123456789"));
		assert_int_equal(lk_pepper_load(top, &p, NULL), c->want);
	}
	lk_pepper_free(&p);
	lk_pepper_free(&p);
	clean();
}

static void
load_size(size_t n, int want)
{
	struct lk_pepper	*p;
	char			*text = malloc(n);

	assert_non_null(text);
	memset(text, 'x', n);
	text[0] = 'y';
	put("1", text, n, 0600);
	assert_int_equal(lk_pepper_load(top, &p, NULL), want);
	lk_pepper_free(&p);
	free(text);
	clean();
}

static void
test_sizes(void **state)
{
	(void)state;
	load_size(LK_PEPPER_MIN - 1, LK_ECONFIG);
	load_size(LK_PEPPER_MIN, 0);
	load_size(LK_PEPPER_MAX, 0);
	load_size(LK_PEPPER_MAX + 1, LK_ECONFIG);
	load_size(10 * LK_PEPPER_MAX, LK_ECONFIG);
}

static void
test_no_file(void **state)
{
	struct lk_pepper	*p;
	struct lk_error		 e;
	char			 none[200];

	(void)state;
	assert_int_equal(lk_pepper_load(top, &p, &e), LK_ECONFIG);
	assert_non_null(strstr(e.text, "holds no pepper"));
	snprintf(none, sizeof none, "%s/none", top);
	assert_int_equal(lk_pepper_load(none, &p, &e), LK_ECONFIG);
	assert_non_null(strstr(e.text, "latchkey init"));
	put("1", P1, 32, 0600);
	snprintf(none, sizeof none, "%s/1", top);
	assert_int_equal(lk_pepper_load(none, &p, &e), LK_ECONFIG);
	assert_null(p);
	clean();
}

static void
test_no_regular_file(void **state)
{
	struct lk_pepper	*p;
	struct lk_error		 e;
	char			 path[200], target[200];

	(void)state;
	snprintf(path, sizeof path, "%s/1", top);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(lk_pepper_load(top, &p, &e), LK_ECONFIG);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(lk_pepper_load(top, &p, &e), LK_ECONFIG);
	assert_int_equal(unlink(path), 0);

	assert_int_equal(symlink("none", path), 0);
	assert_int_equal(lk_pepper_load(top, &p, &e), LK_ECONFIG);
	assert_int_equal(unlink(path), 0);
	/* A link to a pepper that alone would be taken. */
	put("2", P1, 32, 0600);
	assert_int_equal(lk_pepper_load(top, &p, &e), 0);
	lk_pepper_free(&p);
	snprintf(target, sizeof target, "%s/2", top);
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(lk_pepper_load(top, &p, &e), LK_ECONFIG);
	assert_non_null(strstr(e.text, "symbolic link"));
	clean();
}

static void
test_versions(void **state)
{
	struct lk_pepper	*p;
	struct lk_error		 e;
	uint8_t			 d[LK_DIGEST_SIZE], want[LK_DIGEST_SIZE];
	uint8_t			 zero[LK_DIGEST_SIZE] = { 0 };

	(void)state;
	put("9", P1, 32, 0600);
	put("10", P2, 32, 0600);
	assert_int_equal(lk_pepper_load(top, &p, &e), 0);
	/* A number, not a text: 10 comes after 9. */
	assert_int_equal(lk_pepper_current(p), 10);
	assert_int_equal(lk_pepper_digest(p, 9, "token", 5, d), 0);
	lk_hmac_once(P1, 32, "token", 5, want);
	assert_memory_equal(d, want, sizeof d);
	assert_int_equal(lk_pepper_digest(p, 10, "token", 5, d), 0);
	lk_hmac_once(P2, 32, "token", 5, want);
	assert_memory_equal(d, want, sizeof d);
	assert_int_equal(lk_pepper_digest(p, 1, "token", 5, d), LK_ENOTFOUND);
	assert_memory_equal(d, zero, sizeof d);
	lk_pepper_free(&p);

	put("11", P2, 32, 0600);
	assert_int_equal(lk_pepper_load(top, &p, &e), LK_ECONFIG);
	assert_non_null(strstr(e.text, "more than 2"));
	clean();
}

static void
test_derived(void **state)
{
	struct lk_pepper	*p;
	struct lk_hmac		*mac;
	uint8_t			 d[LK_DIGEST_SIZE], want[LK_DIGEST_SIZE];
	uint8_t			 key[LK_DIGEST_SIZE], check[LK_MAC_SIZE];
	char			 type[200];

	(void)state;
	put("1", P1, 32, 0600);
	assert_int_equal(lk_pepper_load(top, &p, NULL), 0);

	assert_int_equal(lk_pepper_derive(p, 1, "ucd", "0123456789ab", 12, d),
	    0);
	lk_hmac_once(P1, 32, "sign\0ucd\0" "0123456789ab", 21, want);
	assert_memory_equal(d, want, sizeof d);
	/* What stands where matters, not the run of letters. */
	assert_int_equal(lk_pepper_derive(p, 1, "ucd0", "123456789ab", 11, d),
	    0);
	assert_memory_not_equal(d, want, sizeof d);
	memset(type, 't', sizeof type - 1);
	type[sizeof type - 1] = '\0';
	assert_int_equal(lk_pepper_derive(p, 1, type, "k", 1, d), LK_EUNAVAIL);
	assert_int_equal(lk_pepper_derive(p, 1, "t", type, 199, d),
	    LK_EUNAVAIL);

	memset(key, 's', sizeof key);
	assert_int_equal(lk_pepper_foreign(p, 1, key, d), 0);
	lk_hmac_once(P1, 32, "sha256\0ssssssssssssssssssssssssssssssss", 39,
	    want);
	assert_memory_equal(d, want, sizeof d);
	assert_int_equal(lk_pepper_foreign(p, 2, key, d), LK_ENOTFOUND);

	assert_int_equal(lk_pepper_journal(p, &mac, check, NULL), 0);
	lk_hmac_once(P1, 32, "latchkey key check", 18, want);
	assert_memory_equal(check, want, sizeof check);
	lk_hmac_once(P1, 32, "latchkey journal mac", 20, key);
	lk_hmac_once(key, sizeof key, "line", 4, want);
	assert_int_equal(lk_hmac(mac, "line", 4, d), 0);
	assert_memory_equal(d, want, sizeof d);
	lk_hmac_free(&mac);
	lk_pepper_free(&p);
	clean();
}

static void
test_make(void **state)
{
	struct lk_pepper	*p;
	struct lk_error		 e;
	struct stat		 st;
	uint8_t			 a[LK_DIGEST_SIZE], b[LK_DIGEST_SIZE];
	char			 path[200];

	(void)state;
	snprintf(path, sizeof path, "%s/1", top);
	umask(077);		/* the mode is as asked for all the same */
	assert_int_equal(lk_pepper_make(top, 1, 0640, getegid(), &e), 0);
	umask(022);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(st.st_size, LK_PEPPER_MIN);
	assert_int_equal(st.st_gid, getegid());
	assert_int_equal(lk_pepper_load(top, &p, &e), 0);
	assert_int_equal(lk_pepper_digest(p, 1, "t", 1, a), 0);
	lk_pepper_free(&p);

	/* Never made anew where one is. */
	assert_int_equal(lk_pepper_make(top, 1, 0600, (gid_t)-1, &e),
	    LK_ECONFIG);
	assert_int_equal(lk_pepper_load(top, &p, &e), 0);
	assert_int_equal(lk_pepper_digest(p, 1, "t", 1, b), 0);
	assert_memory_equal(a, b, sizeof a);
	lk_pepper_free(&p);
	clean();

	/* And each is another. */
	assert_int_equal(lk_pepper_make(top, 1, 0600, (gid_t)-1, &e), 0);
	assert_int_equal(lk_pepper_load(top, &p, &e), 0);
	assert_int_equal(lk_pepper_digest(p, 1, "t", 1, b), 0);
	assert_memory_not_equal(a, b, sizeof a);
	lk_pepper_free(&p);
	clean();
	snprintf(path, sizeof path, "%s/none", top);
	assert_int_equal(lk_pepper_make(path, 1, 0600, (gid_t)-1, &e), LK_EIO);
}

static void
test_other_owner(void **state)
{
	struct lk_pepper	*p;
	struct lk_error		 e;
	char			 path[200];

	(void)state;
	put("1", P1, 32, 0600);
	snprintf(path, sizeof path, "%s/1", top);
	if (geteuid() == 0) {
		assert_int_equal(chown(path, 65533, (gid_t)-1), 0);
		assert_int_equal(lk_pepper_load(top, &p, &e), LK_ECONFIG);
		assert_non_null(strstr(e.text, "chown root"));
	} else {
		assert_int_equal(chmod(path, 0), 0);
		assert_int_equal(lk_pepper_load(top, &p, &e), LK_EPERM);
	}
	assert_null(p);
	clean();
}

int
main(void)
{
	struct table	 t = { 0 };
	const char	*tmp = getenv("TMPDIR");
	int		 r;

	snprintf(top, sizeof top, "%.80s/lk_pepper_XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(top) == NULL) {
		perror(top);
		return 1;
	}
	umask(022);
	TABLE_ROWS(&t, test_file, file_cases);
	TABLE_TEST(&t, test_sizes);
	TABLE_TEST(&t, test_no_file);
	TABLE_TEST(&t, test_no_regular_file);
	TABLE_TEST(&t, test_versions);
	TABLE_TEST(&t, test_derived);
	TABLE_TEST(&t, test_make);
	TABLE_TEST(&t, test_other_owner);
	r = table_run(&t, "pepper");
	rmdir(top);
	return r;
}
