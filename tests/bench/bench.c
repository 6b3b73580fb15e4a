/*
 * bench.c: a section of the table for each number of keys.
 *
 *	bench_verify -d FOLDER -p PLUGINS -c LATCHKEY -t TSV [-r ROUNDS]
 *	    [-m MODULE]... KEYS...
 *
 * FOLDER is empty and the caller removes it; bench.sh calls this and says how
 * it measures.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/stat.h>

#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

struct options {
	const char	*dir, *plugins, *latchkey, *tsv;
	int		 rounds;
	char		*modules[PEERS_MAX];
	size_t		 nmodules;
};

/* All that races over one number of keys; ours are the first of r after the
 * floor's. */
struct section {
	const struct options *o;
	char		 dir[PATH_MAX / 2];
	struct home	 home;
	struct floor	*floor;
	struct rival	 rivals[PEERS_MAX];
	size_t		 nrivals;
	struct racer	 r[RACERS_MAX];
	size_t		 n, ours, nours;
};

/* ------------------------------------------------------------------ racers */

static void
add_racer(struct section *s, const char *name, race_fn run, void *arg,
    int threads)
{
	struct racer	*r = &s->r[s->n++];

	memset(r, 0, sizeof(*r));
	r->name = name;
	r->run = run;
	r->arg = arg;
	r->home = &s->home;
	r->type = BARE;
	r->threads = threads;
}

static void
line_up(struct section *s)
{
	size_t	 i;

	add_racer(s, "floor", floor_run, s->floor, 1);
	add_racer(s, "floor, 2 threads", floor_run, s->floor, 2);
	s->ours = s->n;
	s->nours = ours_racers(&s->home, &s->r[s->n]);
	s->n += s->nours;
	for (i = 0; i < s->nrivals; i++) {
		add_racer(s, s->rivals[i].peer->name, peer_run, &s->rivals[i],
		    1);
		if (s->rivals[i].ctx == NULL) {
			s->r[s->n - 1].run = NULL;
			s->r[s->n - 1].why = "too many keys to go through";
		}
	}
}

/* A racer of two threads is told beside the one of one, which is before it. */
static void
race_figures(struct section *s)
{
	const struct racer	*r;
	struct figure		 f;
	double			 ns[RACERS_MAX], spread[RACERS_MAX];
	size_t			 i;

	for (i = 0; i < s->n; i++)
		if (s->r[i].run != NULL)
			ns[i] = median(s->r[i].ns, s->o->rounds, &spread[i]);
	for (i = 0; i < s->n; i++) {
		r = &s->r[i];
		if (r->run == NULL) {
			table_note(r->name, r->why);
			continue;
		}
		f = (struct figure){ .what = r->name, .unit = "ns" };
		f.value = ns[i];
		f.spread = spread[i];
		f.ratio[FLOOR] = ns[i] / ns[0];
		f.ratio[OURS] = ns[i] / ns[s->ours];
		if (r->threads == 2) {
			f.ratio[OTHER] = ns[i - 1] / ns[i];
			f.other = "1 thread";
		}
		table_figure(&f);
	}
}

static void
rival_figures(const struct section *s)
{
	const struct rival	*r;
	struct figure		 f = { .unit = "octets a key" };
	char			 what[64];
	double			 octets;
	size_t			 i;

	for (i = 0; i < s->nrivals; i++) {
		r = &s->rivals[i];
		if (r->ctx == NULL)
			continue;
		octets = r->peer->octets != NULL ? r->peer->octets(r->ctx) :
		    octets_of(r->dir, "");
		snprintf(what, sizeof(what), "%s, %s", r->peer->name,
		    r->peer->octets != NULL ? "memory" : "files");
		f.what = what;
		f.value = octets / (double)s->home.keys;
		table_figure(&f);
	}
}

/* ----------------------------------------------------------------- section */

/* What is still to be written would be written while something is measured. */
static void
settle(const char *dir)
{
	int	 fd = open(dir, O_RDONLY | O_DIRECTORY);

	if (fd == -1 || syncfs(fd) == -1)
		err(1, "%s", dir);
	close(fd);
}

static void
section_make(struct section *s, size_t keys)
{
	char	 path[PATH_MAX];

	if (mkdir(s->dir, 0700) == -1)
		err(1, "%s", s->dir);
	snprintf(path, sizeof(path), "%s/home", s->dir);
	home_make(&s->home, path, s->o->plugins, "");
	home_fill(&s->home, keys);
	s->floor = floor_make(s->dir, &s->home);
	s->nrivals = peers_open(s->dir, &s->home, s->rivals);
	free(s->home.entries);
	s->home.entries = NULL;
	settle(s->dir);
	line_up(s);
}

static void
section_free(struct section *s)
{
	floor_free(s->floor);
	peers_close(s->rivals, s->nrivals);
	home_free(&s->home);
	remove_tree(s->dir);
}

static void
section(const struct options *o, const struct home *small,
    const struct bulk *b)
{
	struct section	 s = { .o = o };
	char		 text[64];
	long		 pages;
	size_t		 i;

	snprintf(s.dir, sizeof(s.dir), "%s/%zu", o->dir, b->keys);
	table_head(b->keys);
	section_make(&s, b->keys);
	at_hand(s.dir);
	home_open(&s.home, LK_VERIFY_ONLY);
	for (i = 0; i < s.n; i++)
		race_warm(&s.r[i]);
	pages = race(s.r, s.n, o->rounds, s.dir);
	race_figures(&s);
	if (pages != 0) {
		snprintf(text, sizeof(text), "%ld pages came from the disk "
		    "meanwhile", pages);
		table_note("disturbed", text);
	}
	memory_figures(&s.home, &s.r[s.ours], s.nours);
	size_figures(&s.home);
	rival_figures(&s);
	open_figures(&s.home, o->rounds);
	command_figures(o->latchkey, &s.home, small, o->rounds);
	generate_figures(&s.home, o->rounds);
	bulk_figures(b);
	section_free(&s);
}

/* -------------------------------------------------------------------- main */

static _Noreturn void
usage(void)
{
	errx(1, "usage: bench_verify -d FOLDER -p PLUGINS -c LATCHKEY -t TSV "
	    "[-r ROUNDS] [-m MODULE]... KEYS...");
}

static void
read_options(struct options *o, int argc, char **argv)
{
	int	 c;

	while ((c = getopt(argc, argv, "d:p:c:t:r:m:")) != -1)
		switch (c) {
		case 'd':
			o->dir = optarg;
			break;
		case 'p':
			o->plugins = optarg;
			break;
		case 'c':
			o->latchkey = optarg;
			break;
		case 't':
			o->tsv = optarg;
			break;
		case 'r':
			o->rounds = atoi(optarg);
			break;
		case 'm':
			if (o->nmodules == PEERS_MAX - 1)
				usage();
			o->modules[o->nmodules++] = optarg;
			break;
		default:
			usage();
		}
	if (o->dir == NULL || o->plugins == NULL || o->latchkey == NULL ||
	    o->tsv == NULL || optind == argc || argc - optind > SIZES_MAX ||
	    o->rounds < 1 || o->rounds > ROUNDS_MAX)
		usage();
}

static size_t
read_keys(const char *text)
{
	unsigned long	 keys;
	char		*end;

	keys = strtoul(text, &end, 10);
	if (*end != '\0' || keys < KEYS_MIN || keys > KEYS_MAX)
		errx(1, "%s: no number of keys from %d to %d", text, KEYS_MIN,
		    KEYS_MAX);
	return keys;
}

int
main(int argc, char **argv)
{
	struct options	 o = { .rounds = 9 };
	struct bulk	 b[SIZES_MAX];
	struct home	 small;
	char		 dir[PATH_MAX / 2];
	size_t		 i, n;
	int		 failed = 0;

	read_options(&o, argc, argv);
	n = (size_t)(argc - optind);
	for (i = 0; i < n; i++)
		b[i].keys = read_keys(argv[(size_t)optind + i]);
	table_open(o.tsv);
	for (i = 0; i < n; i++) {
		bulk_measure(&b[i], o.latchkey, o.dir, o.plugins);
		failed |= b[i].failed;
	}
	peers_load(o.modules, o.nmodules);
	snprintf(dir, sizeof(dir), "%s/small", o.dir);
	home_make(&small, dir, o.plugins, "");
	home_fill(&small, KEYS_MIN);
	for (i = 0; i < n; i++)
		section(&o, &small, &b[i]);
	table_close();
	home_free(&small);
	return failed;
}
