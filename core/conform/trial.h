/*
 * trial.h: the plugin in the child of one check: loaded, configured, asked.
 *
 * The core is played by this program: a host table whose services can be made
 * to fail, two keys, and requests in memory that cannot be written to.
 */
#ifndef LK_CONFORM_TRIAL_H
#define LK_CONFORM_TRIAL_H

#include <pthread.h>

#include "conform/board.h"
#include "json.h"
#include "loader/instance.h"

#define LK_FIELDS_MAX	100		/* headers a request                 */
#define LK_ARENA	(4U << 20)	/* octets of a request               */
#define LK_HANDED	16		/* slices that one call gave out     */
#define LK_THREADS	8		/* of the check of threads           */

/* Services that fail, in a mask. */
#define LK_FAIL_HEADER	0x001U		/* -1                                */
#define LK_FAIL_JSON	0x002U		/* -1                                */
#define LK_FAIL_MEMBER	0x004U		/* json: -2                          */
#define LK_FAIL_SHA256	0x008U
#define LK_FAIL_MAC	0x010U
#define LK_FAIL_DERIVE	0x020U
#define LK_FAIL_MINT	0x040U
#define LK_FAIL_KEY_ID	0x080U
#define LK_FAIL_VIEW	0x100U		/* no request: a token alone         */
#define LK_FAIL_PACKAGE	0x200U		/* not entitled                      */
#define LK_FAIL_ROOM	0x400U		/* no budget left                    */
#define LK_FAIL_BUDGET	0x800U		/* -2                                */

/* A key as the core would have it. */
struct lk_holder {
	const char	*id, *account;
	const char	*token;		/* on the board                      */
};

struct lk_field {
	struct lk_slice	 name, value;
};

/* A request before it is laid out; slices are whoever's made it. */
struct lk_ask {
	struct lk_slice	 method, target, body;
	struct lk_field	 fields[LK_FIELDS_MAX];
	size_t		 nfields;
	struct lk_net	 peer;
	const struct lk_holder *holder;	/* whose key it has                  */
	int		 no_record;	/* verify and check are given none   */
	int		 addresses;	/* the key has a list of its own     */
};

struct lk_trial;

/* One call, as the plugin is handed it. */
struct lk_call {
	struct lk_trial	*t;
	const struct lk_view *view;	/* sealed, as all that follows       */
	const struct lk_record *record;
	const struct lk_field *fields;
	size_t		 nfields;
	struct lk_json	*json;
	int		 json_state;	/* 0 unread, 1, -1                   */
	struct lk_slice	 handed[LK_HANDED];	/* strings of its JSON       */
	unsigned	 nhanded;
};

struct lk_trial {
	struct lk_run	*run;
	struct lk_board	*board;
	const struct lk_build *build;
	struct lk_instance *i;
	struct lk_host	 host;
	unsigned	 fail;		/* LK_FAIL_*                         */
	int64_t		 now;
	char		*arena;		/* LK_ARENA octets, a guard behind   */
	size_t		 used;
	struct lk_credential *cr;	/* each at the end of a page         */
	struct lk_answer *a;
	struct lk_holder holders[2];
	void		(*work)(struct lk_trial *);	/* of the threads    */
};

/* ------------------------------------------------------------------ trial.c */

/* Load the plugin; 0, or -1 when that was told. */
int	lk_trial_load(struct lk_trial *t);
/* Configure it with the options of the run.  0, or -1: told. */
int	lk_trial_configure(struct lk_trial *t);
/* With others; what it answers, LK_PASS or LK_BROKEN.  Not told. */
uint32_t lk_trial_try(struct lk_trial *t, const struct lk_settings *s,
	    struct lk_error *e);
void	lk_trial_release(struct lk_trial *t);

void	lk_trial_tell(struct lk_trial *t, enum lk_verdict v, const char *fmt,
	    ...) __attribute__((format(printf, 3, 4)));
/* What is said when the check found nothing. */
void	lk_trial_pass(struct lk_trial *t, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
/* With what the plugin is asked next; a fault names it. */
void	lk_trial_doing(struct lk_trial *t, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
/* What the plugin answered last in this thread, before it was judged. */
uint32_t lk_trial_raw(void);
/* Out of the plugin while a service of the host works, and in again. */
const char *lk_trial_out(void);
void	lk_trial_in(const char *call);
/* A setup for minting a key with that id. */
void	lk_trial_env(struct lk_trial *t, const char *key_id,
	    struct lk_setup_env *env);
/* size octets whose last is the last before a guard. */
char	*lk_trial_guarded(size_t size);
/* Run t->work in all threads that wait, until each has done it. */
void	lk_trial_threads(struct lk_trial *t);
int	lk_trial_threads_start(struct lk_trial *t);

/* ------------------------------------------------------------------- host.c */

void	lk_trial_host(struct lk_trial *t);

/* -------------------------------------------------------------------- ask.c */

/* Lay the request out, seal it and make a call of it; end it with _end. */
void	lk_ask_lay(struct lk_trial *t, const struct lk_ask *k,
	    struct lk_call *c);
void	lk_ask_end(struct lk_call *c);
/* Whether n octets at p are of the request, or of what the host gave. */
int	lk_ask_holds(const struct lk_call *c, const struct lk_slice *s);
/* An empty request of the first holder: POST /v1/conform. */
void	lk_ask_plain(struct lk_trial *t, struct lk_ask *k);
void	lk_ask_field(struct lk_ask *k, const char *name, const char *value,
	    size_t n);

/*
 * Parse one curl line as a shell would, with the token in the place of $TOKEN.
 * text: of size octets, that what is found lives in.  0, or -1.
 */
int	lk_curl_parse(const char *line, const char *token, char *text,
	    size_t size, struct lk_ask *k);

/* ----------------------------------------------------------------- decide.c */

/* What the core would decide; what is illegal on the way was told. */
#define LK_WAY_ALLOW	1
#define LK_WAY_NO	0
#define LK_WAY_BROKEN	(-1)

int	lk_decide(struct lk_trial *t, const struct lk_ask *k);
/* The same of a request that is laid out; any thread, with cr and a its own. */
int	lk_decide_call(struct lk_trial *t, struct lk_call *c,
	    const struct lk_ask *k, struct lk_credential *cr,
	    struct lk_answer *a);
/* The request that the holder would send, by what the plugin says of usage or
 * by what signed it.  0, or -1: none is known. */
int	lk_decide_good(struct lk_trial *t, const struct lk_holder *h,
	    char *text, size_t size, struct lk_ask *k);

/* ------------------------------------------------------------------- heap.c */

/* What the plugin alone takes of the heap. */
struct lk_heap {
	size_t	 count, octets;		/* alive                             */
	size_t	 taken;			/* allocations so far                */
	size_t	 biggest;		/* that was refused: over the limit  */
};

#define LK_HEAP_MAX	(64U << 20)	/* octets that a plugin may have     */

/* 1 when the heap is watched; not so under a sanitizer. */
int	lk_heap_watched(void);
void	lk_heap_enter(void);
void	lk_heap_leave(void);
void	lk_heap_read(struct lk_heap *h);
/* Fail allocation nth from now, 1 the next, and all: those after it as well; 0
 * ends that. */
void	lk_heap_fail(size_t nth, int all);

/* ------------------------------------------------------------------- checks */

#define LK_FOR_TYPE	0x1U
#define LK_FOR_CHECK	0x2U
#define LK_FOR_ALL	(LK_FOR_TYPE | LK_FOR_CHECK)

struct lk_check {
	const char	*name;
	unsigned	 kinds;		/* LK_FOR_*                          */
	int		 threads;	/* it wants them                     */
	void		(*fn)(struct lk_trial *);
};

extern const struct lk_check lk_checks[];	/* ended by name NULL        */

/* What several checks do: one round of whatever the plugin is for, LK_WAY_*;
 * the best request there is, 1 when it should pass, else 0; a token; a line of
 * usage of up to size octets. */
int	lk_try_ask(struct lk_trial *t, const struct lk_ask *k);
int	lk_try_best(struct lk_trial *t, struct lk_ask *k);
void	lk_try_mint(struct lk_trial *t);
uint32_t lk_try_usage(struct lk_trial *t, size_t size, char *out);

/* checks_load.c */
void	lk_check_constructors(struct lk_trial *t);
/* checks_setup.c */
void	lk_check_load(struct lk_trial *t);
void	lk_check_configure(struct lk_trial *t);
void	lk_check_options(struct lk_trial *t);
void	lk_check_mint(struct lk_trial *t);
void	lk_check_usage(struct lk_trial *t);
/* checks_input.c */
void	lk_check_round(struct lk_trial *t);
void	lk_check_foreign(struct lk_trial *t);
void	lk_check_cut(struct lk_trial *t);
void	lk_check_mutated(struct lk_trial *t);
void	lk_check_large(struct lk_trial *t);
void	lk_check_random(struct lk_trial *t);
/* checks_core.c */
void	lk_check_record(struct lk_trial *t);
void	lk_check_services(struct lk_trial *t);
void	lk_check_memory(struct lk_trial *t);
void	lk_check_threads(struct lk_trial *t);
void	lk_check_condition(struct lk_trial *t);
/* checks_leak.c */
void	lk_check_leak(struct lk_trial *t);

#endif
