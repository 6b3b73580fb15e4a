/*
 * sweep.h: the command, killed and failed at each system call of each verb.
 *
 * One home, made once and put back before each run; a table of verbs with what
 * each may end with; a run of the command with shim.so in it; and what must
 * hold of the command's words and of the home after it.
 */
#ifndef FAULT_SWEEP_H
#define FAULT_SWEEP_H

#include <stddef.h>
#include <time.h>

#include "latchkey.h"
#include "shim.h"

#define SWEEP_PATH	512		/* octets of a path              */
#define SWEEP_FILES	16		/* files of a home               */
#define SWEEP_TEXT	16384		/* octets of an output           */
#define SWEEP_WORDS	14

/* ------------------------------------------------------------------- home */

/* What the home is before a run. */
enum sweep_start {
	START_HOME,
	START_NOTHING,		/* no home                               */
	START_WRONG,		/* a policy with a fault                 */
	START_DAMAGED,		/* a line in the middle is changed       */
	START_TORN,		/* a piece of a line at the end          */
	START_TOUCHED		/* written by hand: the index is remade  */
};

struct sweep_key {
	char		 id[LK_KEYID_LEN + 1];
	char		 token[LK_TOKEN_MAX + 1];
	char		 headers[SWEEP_PATH];	/* file for -H           */
};

struct sweep_file {
	char		 name[64];	/* below the home                */
	char		*p;
	size_t		 n;
	unsigned	 mode;
	struct timespec	 times[2];
};

struct sweep_home {
	char		 dir[SWEEP_PATH];	/* holds it all          */
	char		 home[SWEEP_PATH], policy[SWEEP_PATH];
	char		 store[SWEEP_PATH];
	char		 copy[SWEEP_PATH];	/* a journal from before */
	/* ending is deleted, off is disabled, spent has expired, the only one
	 * of its account is last. */
	struct sweep_key live, gone, ending, off, spent, last;
	size_t		 keys;			/* not deleted           */
	struct sweep_file file[SWEEP_FILES];
	size_t		 nfiles;
};

#define SWEEP_ACCOUNT	"brief"			/* of last               */

/* Ends the program where it cannot be made. */
void	sweep_home_make(struct sweep_home *h);
/* With an old pepper that no key is under. */
void	sweep_home_make_old(struct sweep_home *h);
/* What is there now is what is put back. */
void	sweep_home_take(struct sweep_home *h);
void	sweep_home_put(const struct sweep_home *h, enum sweep_start start);
/* 1 when no octet of it is changed. */
int	sweep_home_same(const struct sweep_home *h);
/* For lk_list: counts into a size_t. */
int	sweep_count_key(void *arg, const struct lk_key *key);
void	sweep_home_remove(struct sweep_home *h);
/* The command line's @live.id, @gone.headers ... */
const char	*sweep_home_word(const struct sweep_home *h, const char *w);

/* ------------------------------------------------------------------ verbs */

/* What is asked of a verb beside its status. */
#define SWEEP_READS	0x01U	/* with 0, its output is that of no fault    */
#define SWEEP_TOKEN	0x02U	/* shows a token                             */
#define SWEEP_ENDS	0x04U	/* deletes the key ending                    */
#define SWEEP_DENIES	0x08U	/* never allows, nor finds sound             */
#define SWEEP_PACKAGE	0x10U	/* gives acme the package essential          */
#define SWEEP_INIT	0x20U
#define SWEEP_NO_CHECK	0x40U	/* the store is left damaged                 */
#define SWEEP_FAULTY	0x80U	/* another output tells of a faulty plugin   */
#define SWEEP_NOTES	0x100U	/* another output has a note more            */
#define SWEEP_MORE	0x200U	/* makes SWEEP_MANY keys                     */
#define SWEEP_MANY	3
#define SWEEP_ENABLES	0x400U	/* the key off                               */
#define SWEEP_PRUNES	0x800U	/* deletes the key spent                     */
#define SWEEP_RETIRES	0x1000U	/* the old pepper of its home                */
#define SWEEP_FORGETS	0x2000U	/* the account of last, with its key         */

struct sweep_verb {
	const char	*name;
	const char	*words[SWEEP_WORDS];
	const char	*input;		/* a word too, or NULL           */
	enum sweep_start start;
	unsigned	 kind;
	int		 clean;		/* status without a fault        */
	int		 failed[10];	/* what a fault may give; ends with 0 */
};

extern const struct sweep_verb sweep_verbs[];
extern const size_t sweep_nverbs;

/* -------------------------------------------------------------------- run */

struct sweep_result {
	int		 status;	/* -1: ended by signal           */
	int		 signal;
	int		 hung;
	size_t		 nout, nerr;
	char		 out[SWEEP_TEXT + 1], err[SWEEP_TEXT + 1];
};

/* The page that shim.so maps; made by sweep_run_start. */
extern struct fault_page *sweep_page;

void	sweep_run_start(void);
/* 1 where no system call is handed back, or a sanitizer makes its own. */
int	sweep_run_barred(const struct sweep_home *h);
/* Run the command as the page says. */
void	sweep_run(const struct sweep_home *h, const struct sweep_verb *v,
	    struct sweep_result *r);

/* ----------------------------------------------------------------- oracle */

struct sweep_judge {
	const struct sweep_home	*h;
	const struct sweep_verb	*v;
	const struct sweep_result *clean, *now;
	int		 faulty;	/* a fault was met               */
	char		 why[512];	/* what does not hold            */
};

/* 0 when all holds; else 1, and why. */
int	sweep_judge(struct sweep_judge *j);
/* Its first half: what the command said.  The second: the home. */
int	sweep_judge_words(struct sweep_judge *j);
int	sweep_judge_home(struct sweep_judge *j);
int	sweep_wrong(struct sweep_judge *j, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

#endif
