/*
 * cli.h: the command latchkey: a verb is a const entry in a table, one file
 * each; what they share is below.
 *
 * A verb's function returns an exit status of sysexits(3).  It says what went
 * wrong by lk_say_* before; nothing is said twice.
 */
#ifndef LK_CLI_CLI_H
#define LK_CLI_CLI_H

#include <limits.h>
#include <sysexits.h>

#include "cli/calls.h"
#include "latchkey.h"
#include "show/show.h"

/* An option, as the help and the completions name it. */
struct lk_opt {
	const char	*name;		/* without its dashes                */
	const char	*arg;		/* what its value is; NULL: none     */
	const char	*help;		/* one line                          */
	char		 letter;	/* short form, or 0                  */
	char		 many;		/* not 0: may be given again         */
};

/* Of the verbs that do without a policy. */
#define LK_OPT_STORE	{ "store", "DIR", "a store by itself: works when the " \
			    "policy does not" }

struct lk_cli;

struct lk_verb {
	const char	*name;		/* "generate", "policy check"        */
	const char	*synopsis;	/* words and options of its own      */
	const char	*summary;	/* one line                          */
	const char	*example;	/* a command that can be pasted      */
	const struct lk_opt *opts;	/* its own, ended by name == NULL    */
	size_t		 min, max;	/* words behind the verb             */
	int		(*run)(struct lk_cli *);
};

/* The table of verbs, ended by NULL, and the options of every verb; then of
 * those that a latchkeyd may do. */
extern const struct lk_verb *const lk_verbs[];
extern const struct lk_opt lk_opts_common[];
extern const struct lk_opt lk_opts_remote[];

enum lk_where {
	LK_WHERE_OWNER,		/* by the owner of the store                 */
	LK_WHERE_HERE,		/* by whoever may read what it takes         */
	LK_WHERE_SERVER,	/* likewise, or by the latchkeyd of --server */
	LK_WHERE_EITHER		/* by the owner here, else by a latchkeyd    */
};

#define LK_MAY_BE_REMOTE(where)	((where) >= LK_WHERE_SERVER)

/* Where a verb is done (where.c has the table). */
enum lk_where lk_where(const struct lk_verb *verb);

struct lk_given {
	const struct lk_opt *opt;
	char		*value;		/* of argv, or NULL                  */
};

/* One call of the command. */
struct lk_cli {
	const struct lk_verb *verb;	/* NULL: none was found              */
	char		*group;		/* of verbs, when it stands alone    */
	char		**words;	/* of argv, behind the verb          */
	size_t		 nwords;
	struct lk_given	*given;
	size_t		 ngiven;
	int		 json, help, version;
	int		 became;	/* not 0: root, now the store's owner */
	const struct lk_calls *calls;	/* what is asked of the store        */
	struct lk	*lk;		/* NULL too where a latchkeyd does it */
	struct lk_operator op;		/* who ran it, before any setuid     */
	char		 home[PATH_MAX];
	char		 policy[PATH_MAX];	/* or the --server           */
	char		 store[PATH_MAX];
};

/* ------------------------------------------------------------------- args */

/*
 * Sort argv into verb, options and words.  0, or EX_USAGE when it was said
 * what is wrong.  Frees nothing: the command ends soon.
 */
int	lk_args_parse(struct lk_cli *c, int argc, char **argv);
/* The value of an option without its dashes; NULL when it was not given. */
char	*lk_args_value(const struct lk_cli *c, const char *name);
/* 1 when it was given, else 0. */
int	lk_args_has(const struct lk_cli *c, const char *name);
/* The value of the option's next place at or after *at; NULL at the end. */
char	*lk_args_next(const struct lk_cli *c, const char *name, size_t *at);
/* Its value as a duration, which with zero not 0 may be 0; *seconds stays where
 * it was not given.  0, or an exit status when it was said what is wrong. */
int	lk_args_duration(struct lk_cli *c, const char *name, int zero,
	    int64_t *seconds);

/* ------------------------------------------------------------------- help */

void	lk_help_overview(FILE *f);
void	lk_help_verb(FILE *f, const struct lk_verb *v);
/* The verb, or those of its group, by words.  0, or EX_USAGE. */
int	lk_help_words(struct lk_cli *c, char *const *words, size_t n);

/* -------------------------------------------------------------------- say */

/* One sentence on standard error; with --json also the object of an error. */
int	lk_say(struct lk_cli *c, int code, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));
/* The same of a failure.  Its exit status. */
int	lk_say_error(struct lk_cli *c, const struct lk_error *e);
/* A line on standard error beside the result. */
void	lk_say_note(const char *fmt, ...)
	    __attribute__((format(printf, 1, 2)));
/* ": did you mean NAME?", or "" when nothing is near. */
const char *lk_say_nearest(const char *word, const char *const *words,
	    size_t n, const char *dashes);
/* End standard output: 0, or EX_IOERR when something did not arrive. */
int	lk_say_done(struct lk_cli *c);
/* A start of colour, or "" where fd is no place for it; "" ends none. */
const char *lk_say_colour(int fd, const char *sgr);

/* ----------------------------------------------------------------- ending */

/* From now on the process ends by lk_ending_now alone, or in EX_UNAVAILABLE. */
void	lk_ending_watch(void);
/* End at once, with that status: no destructor has the last word. */
void	lk_ending_now(int status) __attribute__((noreturn));

/* ------------------------------------------------------------------ enter */

#define LK_ENTER_ANYONE	0x1U	/* another user than the owner goes on   */

/*
 * Find home, policy and store, learn who asks, and become the owner of the
 * store where root asks.  0, or an exit status when it was said why not.
 */
int	lk_enter(struct lk_cli *c, unsigned how);
/* The same for a store that is named, without policy. */
int	lk_enter_store(struct lk_cli *c, const char *dir);
/* Home and policy alone. */
int	lk_enter_home(struct lk_cli *c);
/* Say why lk_home_store failed.  Its exit status; c->store is then the store
 * that init would have made, if it is there, else "". */
int	lk_enter_no_policy(struct lk_cli *c, const struct lk_error *e);
/* Say why lk_open failed.  Its exit status. */
int	lk_enter_failed(struct lk_cli *c, const struct lk_error *e);
/* What --store names, opened with flags and no policy; else by the policy.
 * As of lk_enter_open it may come of it that c->calls go to a latchkeyd, and
 * that nothing is opened here. */
int	lk_enter_keys(struct lk_cli *c, unsigned flags);
/* What comes after lk_enter: lk_open with flags. */
int	lk_enter_lk(struct lk_cli *c, unsigned flags);
/* Both of them. */
int	lk_enter_open(struct lk_cli *c, unsigned how, unsigned flags);
/*
 * 1 when the policy has the type or it cannot be known, 0 when it has not;
 * then mean holds lk_say_nearest of it.
 */
int	lk_enter_type(struct lk_cli *c, const char *type, const char **mean);

#endif
