/*
 * test_loader.c: files of plugins, each fault with its own sentence.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <elf.h>
#include <link.h>

#include "loader/loader.h"
#include "plugin_file.h"
#include "table.h"

#define WHERE	"policy.yaml:12"

static int
load(const char *dir, const char *name, uint32_t kind, const char *pin,
    const struct lk_build **b, struct lk_error *e)
{
	const struct lk_want	 w = { dir, name, kind, pin, WHERE };

	memset(e, 0, sizeof(*e));
	return lk_build_load(&w, b, e);
}

static void
says(const struct lk_error *e, const char *text)
{
	if (strstr(e->text, text) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", e->text, text);
}

/* ------------------------------------------------------- what it is made of */

static const struct load_case {
	const char	*name;
	const char	*file;		/* of tests/plugins                  */
	const char	*as;
	uint32_t	 kind;
	const char	*says;		/* NULL: it loads                    */
} load_cases[] = {
	{ "sound", "subject", "subject", LK_PLUGIN_TYPE, NULL },
	{ "of any kind", "subject", "subject", 0, NULL },
	{ "longer", "longer", "longer", LK_PLUGIN_CHECK, NULL },
	{ "older in minor", "older_minor", "subject", 0, NULL },
	{ "too new in minor", "too_new_minor", "subject", 0,
	  "made for plugin ABI 1.9, this latchkey has 1.1: too new, install a "
	  "newer latchkey or rebuild it" },
	{ "too new in major", "too_new_major", "subject", 0,
	  "made for plugin ABI 2.1, this latchkey has 1.1: too new" },
	{ "too old in major", "too_old_major", "subject", 0,
	  "made for plugin ABI 0.1, this latchkey has 1.1: too old, rebuild" },
	{ "shorter", "shorter", "subject", 0,
	  "its table has 48 octets, ABI 1.1 has " },
	{ "lies about its size", "lying", "subject", 0,
	  "smaller than the size that it states" },
	{ "another magic", "bad_magic", "subject", 0,
	  "begins with 0x7f454c46, not with LK_PLUGIN_MAGIC" },
	{ "wrong kind", "wrong_kind", "subject", LK_PLUGIN_TYPE,
	  "a check plugin, and a type plugin is wanted here" },
	{ "the other wrong kind", "subject", "subject", LK_PLUGIN_CHECK,
	  "a type plugin, and a check plugin is wanted here" },
	{ "no kind", "no_kind", "subject", 0,
	  "of a kind (0x1) that this latchkey does not know" },
	{ "odd flags", "odd_flags", "subject", 0, "sets flags (0x80)" },
	{ "another name", "misnamed", "subject", 0,
	  "the plugin in it is another 1.0: install it as another.so" },
	{ "a call is missing", "no_present", "subject", 0,
	  "without all of its calls: it must have present, mint and verify" },
	{ "bad option table", "bad_option", "subject", 0,
	  "count: its fallback is not what it takes itself" },
	{ "without the symbol", "no_symbol", "subject", 0,
	  "exports no lk_plugin_v1: not a latchkey plugin" },
	{ "the symbol is a function", "function", "subject", 0,
	  "its lk_plugin_v1 is no struct lk_plugin" },
	{ "an RPATH", "rpath", "subject", 0,
	  "(RPATH or RUNPATH), and who may write there nobody has judged: link "
	  "it without -rpath, or chrpath -d" },
	{ "a RUNPATH", "runpath", "subject", 0, "(RPATH or RUNPATH)" },
	{ "needs what nobody has", "undefined", "subject", 0,
	  "cannot be loaded, undefined symbol: nobody_has_this: link" },
};

static void
test_load(void **state)
{
	const struct load_case	*c = *state;
	const struct lk_build	*b = NULL, *again = NULL;
	struct lk_error		 e;
	char			 dir[64], path[256];
	int			 r, twice;

	folder_make(dir);
	plugin_put(dir, c->file, c->as, path);
	r = load(dir, c->as, c->kind, NULL, &b, &e);
	twice = load(dir, c->as, c->kind, NULL, &again, &e);
	folder_remove(dir);
	assert_int_equal(r, twice);
	assert_ptr_equal(b, again);
	if (c->says == NULL) {
		assert_int_equal(r, 0);
		assert_string_equal(lk_build_table(b)->name, c->as);
		return;
	}
	assert_int_equal(r, LK_ECONFIG);
	assert_null(b);
	says(&e, c->says);
	says(&e, path);
	says(&e, "(" WHERE ")");
}

/* The tail of a longer table and of longer options is not there for us. */
static void
test_longer(void **state)
{
	const struct lk_option	*o;
	const struct lk_build	*b;
	struct lk_error		 e;
	size_t			 n;

	(void)state;
	assert_int_equal(load(plugin_folder(1), "longer", LK_PLUGIN_CHECK, NULL,
	    &b, &e), 0);
	o = lk_build_options(b, &n);
	assert_int_equal(n, 2);
	assert_string_equal(o[0].name, "first");
	assert_string_equal(o[1].name, "second");
	assert_string_equal(o[1].fallback, "2");
}

/* ------------------------------------------------------------------- no ELF */

/* Spoil a copy of a sound plugin. */
static void
as_text(const char *path)
{
	file_poke(path, 0, "#!/bin/sh\n", 10);
}

static void
as_empty(const char *path)
{
	assert_int_equal(truncate(path, 0), 0);
}

static void
as_cut_off(const char *path)
{
	assert_int_equal(truncate(path, 2000), 0);
}

/* The one octet of the last segment that nobody has. */
static void
as_cut_off_a_bit(const char *path)
{
	ElfW(Ehdr)	 h;
	ElfW(Phdr)	 p;
	off_t		 end = 0;
	int		 i, fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_int_equal(read(fd, &h, sizeof(h)), sizeof(h));
	for (i = 0; i < h.e_phnum; i++) {
		assert_int_equal(pread(fd, &p, sizeof(p), (off_t)h.e_phoff +
		    i * (off_t)sizeof(p)), sizeof(p));
		if (p.p_type == PT_LOAD &&
		    (off_t)(p.p_offset + p.p_filesz) > end)
			end = (off_t)(p.p_offset + p.p_filesz);
	}
	close(fd);
	assert_int_equal(truncate(path, end - 1), 0);
}

/* An offset that wraps around when the size is added to it. */
static void
as_wrapped(const char *path)
{
	ElfW(Off)	 at = 0;

	at -= 64;
	file_poke(path, (long)sizeof(ElfW(Ehdr)) +
	    (long)offsetof(ElfW(Phdr), p_offset), &at, sizeof(at));
}

/* Its libc.so.6 is libc/so.6. */
static void
as_needs_a_path(const char *path)
{
	static char	 text[LK_PLUGIN_FILE_MAX >> 6];
	ssize_t		 n;
	char		*at;
	int		 fd = open(path, O_RDONLY | O_CLOEXEC);

	n = read(fd, text, sizeof(text));
	close(fd);
	assert_true(n > 0 && n < (ssize_t)sizeof(text));
	assert_non_null(at = memmem(text, (size_t)n, "\0libc.so.6", 11));
	file_poke(path, at - text + 5, "/", 1);
}

/* The dynamic section is where nothing is loaded. */
static void
as_no_dynamic(const char *path)
{
	ElfW(Ehdr)	 h;
	ElfW(Phdr)	 p;
	long		 at;
	int		 fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_int_equal(read(fd, &h, sizeof(h)), sizeof(h));
	at = (long)h.e_phoff - (long)sizeof(p);
	do {
		at += (long)sizeof(p);
		assert_int_equal(pread(fd, &p, sizeof(p), at), sizeof(p));
	} while (p.p_type != PT_DYNAMIC);
	close(fd);
	p.p_vaddr += 1UL << 30;
	file_poke(path, at, &p, sizeof(p));
}

static void
as_half_a_header(const char *path)
{
	assert_int_equal(truncate(path, 40), 0);
}

static void
as_other_machine(const char *path)
{
	uint16_t	 machine = EM_68K;

	file_poke(path, offsetof(ElfW(Ehdr), e_machine), &machine, 2);
}

static void
as_other_class(const char *path)
{
	file_poke(path, EI_CLASS, "\3", 1);
}

static void
as_object(const char *path)
{
	uint16_t	 type = ET_REL;

	file_poke(path, offsetof(ElfW(Ehdr), e_type), &type, 2);
}

static void
as_huge(const char *path)
{
	assert_int_equal(truncate(path, LK_PLUGIN_FILE_MAX + 1L), 0);
}

static void
as_fifo(const char *path)
{
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
}

static void
as_folder(const char *path)
{
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
}

static void
as_nothing(const char *path)
{
	unlink(path);
}

static const struct spoil_case {
	const char	*name;
	void		(*spoil)(const char *);
	const char	*says;
} spoil_cases[] = {
	{ "a script", as_text, "not ELF" },
	{ "empty", as_empty, "not ELF" },
	{ "half a header", as_half_a_header, "not ELF" },
	{ "cut off", as_cut_off, "cut off, parts of it are missing" },
	{ "cut off by an octet", as_cut_off_a_bit, "cut off, parts" },
	{ "a segment out of bounds", as_wrapped, "cut off, parts" },
	{ "needs a library by its path", as_needs_a_path,
	  "needs a library by its path, and who may write there nobody" },
	{ "a dynamic section that is not loaded", as_no_dynamic,
	  "damaged, the end of its dynamic section is missing" },
	{ "another machine", as_other_machine,
	  "built for another machine (ELF machine 4, this one is" },
	{ "another word size", as_other_class, "built for another machine" },
	{ "an object file", as_object, "link it with -shared" },
	{ "over 64 MiB", as_huge, "over 64 MiB" },
	{ "a FIFO", as_fifo, "" },
	{ "a folder", as_folder, "" },
	{ "not there", as_nothing, "no such plugin: install it" },
};

static void
test_spoiled(void **state)
{
	const struct spoil_case	*c = *state;
	const struct lk_build	*b;
	struct lk_error		 e;
	char			 dir[64], path[256];
	int			 r;

	folder_make(dir);
	plugin_put(dir, "subject", "subject", path);
	file_append(path, "spoiled");
	c->spoil(path);
	r = load(dir, "subject", LK_PLUGIN_TYPE, NULL, &b, &e);
	rmdir(path);
	folder_remove(dir);
	assert_int_not_equal(r, 0);
	assert_null(b);
	says(&e, c->says);
	says(&e, path);
	says(&e, "(" WHERE ")");
}

/* -------------------------------------------------------------------- names */

static const struct name_case {
	const char	*name;
	const char	*plugin;
} name_cases[] = {
	{ "no name", "" },
	{ "of a path", "../subject" },
	{ "with a slash", "a/b" },
	{ "upper case", "Subject" },
	{ "with a dot", "subject.so" },
	{ "33 octets", "abcdefghijklmnopqrstuvwxyzabcdefg" },
};

static void
test_name(void **state)
{
	const struct name_case	*c = *state;
	const struct lk_build	*b;
	struct lk_error		 e;

	assert_int_equal(load(plugin_folder(1), c->plugin, 0, NULL, &b, &e),
	    LK_ECONFIG);
	says(&e, "is no name of a plugin: 1 to 32 of a-z, 0-9 and _");
}

static const struct path_case {
	const char	*name;
	const char	*path;
	const char	*says;
} path_cases[] = {
	{ "without .so", "/tmp/subject", "a plugin's file is NAME.so" },
	{ "nothing but .so", "/tmp/.so", "a plugin's file is NAME.so" },
	{ "name of other letters", "/tmp/Sub-ject.so", "is no name" },
	{ "not there", "/tmp/not_there_at_all.so", "no such plugin" },
};

static void
test_path(void **state)
{
	const struct path_case	*c = *state;
	const struct lk_build	*b;
	struct lk_error		 e = { 0 };

	assert_int_equal(lk_build_load_path(c->path, 0, &b, &e), LK_ECONFIG);
	says(&e, c->says);
}

/* --------------------------------------------------------------------- pins */

static void
test_pin(void **state)
{
	const struct lk_build	*b;
	struct lk_error		 e;
	char			 pin[65];

	(void)state;
	assert_int_equal(load(plugin_folder(1), "subject", 0, NULL, &b, &e), 0);
	memcpy(pin, lk_build_sha256(b), sizeof(pin));
	assert_int_equal(strlen(pin), 64);
	assert_int_equal(load(plugin_folder(1), "subject", 0, pin, &b, &e), 0);
	pin[63] = pin[63] == '0' ? '1' : '0';
	assert_int_equal(load(plugin_folder(1), "subject", 0, pin, &b, &e),
	    LK_ECONFIG);
	assert_null(b);
	says(&e, "its SHA-256 is ");
	says(&e, pin);
	says(&e, "(" WHERE ")");
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_load, load_cases);
	TABLE_TEST(&t, test_longer);
	TABLE_ROWS(&t, test_spoiled, spoil_cases);
	TABLE_ROWS(&t, test_name, name_cases);
	TABLE_ROWS(&t, test_path, path_cases);
	TABLE_TEST(&t, test_pin);
	return table_run(&t, "loader");
}
