/*
 * bench.h: what the parts of the bench share.  How it measures is told in
 * bench.sh; whatever fails ends the program with a sentence.
 */
#ifndef BENCH_H
#define BENCH_H

#include <limits.h>
#include <stdio.h>

#include "latchkey.h"
#include "peer.h"

#define ACCOUNT_KEYS	5		/* keys an account                   */
#define ROUNDS_MAX	99
#define RACERS_MAX	24
#define PEERS_MAX	8
#define SIZES_MAX	16		/* numbers of keys a run             */
#define KEYS_MIN	1000
#define KEYS_MAX	10000000

/* ------------------------------------------------------------------- homes */

/* Half of the accounts have keys of a type without checks, half ucd's. */
enum { BARE, UCD, NTYPES };
extern const char *const type_names[NTYPES];

/*
 * A token to present, a cache line each, in the order of presenting: that is a
 * random one, so that the record behind it is anywhere, while to read the token
 * costs nobody more than the next line of an array.
 */
struct visit {
	char	 token[48];
	char	 account[15];
	uint8_t	 len;			/* of the token */
};

struct entry {
	uint8_t		 digest[DIGEST_SIZE];
	struct record	 record;
};

struct home {
	char		 dir[PATH_MAX];		/* of the home               */
	char		 policy[PATH_MAX + 32];
	size_t		 keys;
	struct lk	*lk;			/* NULL: closed              */
	struct visit	*visits[NTYPES];
	size_t		 nvisits[NTYPES];
	struct entry	*entries;		/* keys, by digest, or NULL  */
};

/* Make a home in dir, of which there is nothing yet; more: policy to add. */
void	home_make(struct home *h, const char *dir, const char *plugins,
	    const char *more);
/* Fill it with keys, and tell the peers' entries by digest. */
void	home_fill(struct home *h, size_t keys);
void	home_open(struct home *h, unsigned flags);
void	home_free(struct home *h);

/* ------------------------------------------------------------------ racers */

/* A thread's share of a round. */
struct turn {
	void			*arg;
	const struct visit	*v;
	size_t			 nv, at;	/* begin at v[at], go round  */
	size_t			 loops;
};

typedef void (*race_fn)(const struct turn *);

struct racer {
	const char	*name;
	race_fn		 run;		/* NULL: why it is left out          */
	const char	*why;
	void		*arg;
	const struct home *home;
	int		 type;		/* whose tokens it is given          */
	int		 threads;
	size_t		 loops;		/* of each thread and round          */
	double		 ns[ROUNDS_MAX];	/* a verify, by wall clock   */
};

/* The token that is next. */
static inline const struct visit *
turn_next(const struct turn *t, size_t *i)
{
	const struct visit	*v = &t->v[*i];

	if (++*i == t->nv)
		*i = 0;
	return v;
}

/*
 * All of them in turn, rounds times; fills loops and ns.  What somebody threw
 * out of the page cache is brought back before each round.  How many pages had
 * to come from the disk all the same.
 */
long	race(struct racer *r, size_t n, int rounds, const char *dir);
/* Enough to have each page of it at hand: all its tokens, but for 10 s. */
void	race_warm(struct racer *r);
double	now_ns(void);

/* ------------------------------------------------------------------- floor */

struct floor;

struct floor *floor_make(const char *dir, const struct home *h);
void	floor_run(const struct turn *t);
void	floor_free(struct floor *f);

/* -------------------------------------------------------------------- ours */

/* The racers of ours over h, into r; how many. */
size_t	ours_racers(struct home *h, struct racer *r);

/* ------------------------------------------------------------------- peers */

/* A peer in use. */
struct rival {
	const struct peer	*peer;
	const struct home	*home;
	void			*ctx;	/* NULL: left out of this size       */
	char			 dir[PATH_MAX];
};

/* The peers: those built in and these modules. */
void	peers_load(char *const *modules, size_t n);
size_t	peers_open(const char *dir, const struct home *h, struct rival *r);
void	peer_run(const struct turn *t);
void	peers_close(struct rival *r, size_t n);

/* ------------------------------------------------------------------- table */

enum ratio { NO_RATIO, FLOOR, OURS, OTHER, NRATIOS };

/* A line of the table. */
struct figure {
	const char	*what;
	const char	*unit;
	double		 value;
	double		 spread;	/* (high - low) / median; 0: none    */
	double		 ratio[NRATIOS];	/* 0: none                   */
	const char	*other;		/* what OTHER is a ratio to          */
};

void	table_open(const char *tsv);
void	table_head(size_t keys);
void	table_figure(const struct figure *f);
void	table_note(const char *what, const char *why);
void	table_close(void);
/* The middle of n values, and how far they lie apart; sorts them. */
double	median(double *v, int n, double *spread);

/* ------------------------------------------------------- one file a subject */

/* Octets of the files in dir whose names begin so; -1: there is none. */
double	octets_of(const char *dir, const char *prefix);
void	remove_tree(const char *dir);
/* Read each file below dir, but the journal, into the page cache. */
void	at_hand(const char *dir);

/* What a command took. */
struct spent {
	double	 seconds;
	double	 octets;	/* of memory at the most */
	int	 status;	/* of exit, or -1        */
};

/* argv by path, with a file as standard input, or NULL; output is dropped. */
struct spent command_run(const char *const *argv, const char *in, int quiet);

void	memory_figures(struct home *h, struct racer *ours, size_t n);
void	size_figures(const struct home *h);
void	open_figures(struct home *h, int rounds);
void	command_figures(const char *latchkey, const struct home *h,
	    const struct home *small, int rounds);
void	generate_figures(struct home *h, int rounds);

/* Of import and rebuild: measured before all else, told with the rest. */
struct bulk {
	size_t		 keys;
	struct figure	 f[8];
	size_t		 n;
	const char	*why[2];	/* left out: import, rebuild         */
	int		 failed;
};
/* Fills what is behind keys. */
void	bulk_measure(struct bulk *b, const char *latchkey, const char *dir,
	    const char *plugins);
void	bulk_figures(const struct bulk *b);

#endif
