/*
 * bulk.c: import and rebuild, by the command, where it has these verbs.
 *
 * What a process is told to have used at the most is never less than the most
 * that its parent had before, so this runs while the bench holds nothing yet.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <err.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "bench.h"

#define ARGS_MAX	8

/* Types that take tokens of other systems say so. */
static const char	 policy[] = "    imported: true\n";

/* The verbs, and what each leaves in the table. */
static const struct step {
	const char	*verb[ARGS_MAX];	/* --home DIR goes behind it */
	int		 file;			/* and the file, if not 0    */
	const char	*what, *memory, *index;
} steps[] = {
	{ { "import" }, 1, "import", "import, memory", "index after import" },
	{ { "store", "rebuild" }, 0, "rebuild", "rebuild, memory",
	    "index after rebuild" },
};

#define NSTEPS	(sizeof(steps) / sizeof(steps[0]))

static void
add(struct bulk *b, const char *what, const char *unit, double value,
    double ratio)
{
	struct figure	*f = &b->f[b->n++];

	memset(f, 0, sizeof(*f));
	f->what = what;
	f->unit = unit;
	f->value = value;
	f->ratio[OTHER] = ratio;
	f->other = "index";
}

static struct spent
call(const char *latchkey, const struct step *s, const char *option,
    const char *value, const char *file, int quiet)
{
	const char	*argv[ARGS_MAX + 5] = { latchkey };
	size_t		 n = 1, i;

	for (i = 0; i < ARGS_MAX && s->verb[i] != NULL; i++)
		argv[n++] = s->verb[i];
	argv[n++] = option;
	if (value != NULL)
		argv[n++] = value;
	if (file != NULL)
		argv[n++] = file;
	argv[n] = NULL;
	return command_run(argv, NULL, quiet);
}

static int
has_verb(const char *latchkey, const struct step *s)
{
	return call(latchkey, s, "--help", NULL, NULL, 1).status == 0;
}

/* Hashes of tokens that nobody has seen are any 32 octets. */
static void
write_csv(const char *path, size_t keys)
{
	FILE	*f = fopen(path, "w");
	size_t	 i, k;

	if (f == NULL)
		err(1, "%s", path);
	fprintf(f, "type,account,sha256,label\n");
	for (i = 0; i < keys; i++) {
		fprintf(f, "%s,a%07zu,", type_names[BARE], i / ACCOUNT_KEYS);
		for (k = 0; k < DIGEST_SIZE / 2; k++)
			fprintf(f, "%04lx", random() & 0xffff);
		fprintf(f, ",label%07zu\n", i % KEYS_MAX);
	}
	if (fclose(f) != 0)
		err(1, "%s", path);
}

static void
take(struct bulk *b, size_t at, const char *latchkey, const struct home *h,
    const char *file)
{
	const struct step	*s = &steps[at];
	char			 store[PATH_MAX + 16];
	struct spent		 took;
	double			 index;

	took = call(latchkey, s, "--home", h->dir, s->file ? file : NULL, 0);
	if (took.status != 0) {
		warnx("latchkey %s ended with %d", s->what, took.status);
		b->why[at] = "failed";
		b->failed = 1;
		return;
	}
	snprintf(store, sizeof(store), "%s/store", h->dir);
	index = octets_of(store, "index.");
	add(b, s->what, "s", took.seconds, 0);
	add(b, s->memory, "octets a key", took.octets / (double)h->keys,
	    index > 0 ? took.octets / index : 0);
	if (index > 0)
		add(b, s->index, "octets a key", index / (double)h->keys, 0);
}

void
bulk_measure(struct bulk *b, const char *latchkey, const char *dir,
    const char *plugins)
{
	struct home	 h;
	char		 path[PATH_MAX + 32];
	size_t		 i;

	b->n = 0;
	b->failed = 0;
	for (i = 0; i < NSTEPS; i++)
		b->why[i] = has_verb(latchkey, &steps[i]) ? NULL :
		    "the command has no such verb";
	/* A rebuild needs keys; they come by import. */
	if (b->why[0] != NULL)
		return;
	snprintf(path, sizeof(path), "%s/bulk", dir);
	home_make(&h, path, plugins, policy);
	h.keys = b->keys;
	snprintf(path, sizeof(path), "%s/bulk/keys.csv", dir);
	write_csv(path, b->keys);
	for (i = 0; i < NSTEPS && !b->failed; i++)
		if (b->why[i] == NULL)
			take(b, i, latchkey, &h, path);
	home_free(&h);
}

void
bulk_figures(const struct bulk *b)
{
	size_t	 i;

	for (i = 0; i < NSTEPS; i++)
		if (b->why[i] != NULL)
			table_note(steps[i].what, b->why[i]);
	for (i = 0; i < b->n; i++)
		table_figure(&b->f[i]);
}
