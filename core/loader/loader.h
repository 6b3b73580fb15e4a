/*
 * loader.h: find a plugin, distrust it, load it, shake hands, configure it.
 *
 * The table of loaded builds is the one global of the library: a build, named
 * by its SHA-256, is loaded once a process and never unloaded; LK_BUILDS_MAX of
 * them, then a restart is asked for.
 */
#ifndef LK_LOADER_LOADER_H
#define LK_LOADER_LOADER_H

#include <sys/stat.h>

#include <signal.h>

#include "base/source.h"
#include "latchkey.h"

#define LK_BUILDS_MAX	64
#define LK_PLUGIN_FILE_MAX	(64 << 20)	/* octets                    */

struct lk_pools;		/* core/pools.h                      */
struct lk_build;		/* one loaded shared object; lives for ever */

/* What the loader is asked for, and what messages name. */
struct lk_want {
	const char	*dir;		/* folder of plugins                 */
	const char	*name;		/* [a-z0-9_]{1,32}                   */
	uint32_t	 kind;		/* LK_PLUGIN_*; 0: any               */
	const char	*pin;		/* hex SHA-256, lower case, or NULL  */
	const char	*where;		/* "policy.yaml:12", or NULL         */
};

/*
 * lk_build_load: dir/name.so, trusted, hashed, pinned, loaded under a name that
 * was never used before, its table read and judged before any call.
 *
 * 0, *out borrowed; LK_ECONFIG, LK_EIO, LK_ENOMEM: e names file, both versions
 * where they matter, the policy's line and the mend.
 */
int	lk_build_load(const struct lk_want *w, const struct lk_build **out,
	    struct lk_error *e);
/* By the path of its file. */
int	lk_build_load_path(const char *path, uint32_t kind,
	    const struct lk_build **out, struct lk_error *e);

/*
 * Trust and hash dir/name.so, or the file at path; nothing is loaded.  hex of
 * the SHA-256 in out, 65 octets; name, LK_NAME_MAX + 1, is that of the file.
 */
int	lk_build_hash(const struct lk_want *w, char out[65],
	    struct lk_error *e);
int	lk_build_hash_path(const char *path, char *name, char out[65],
	    struct lk_error *e);

/* The plugin's table, a copy that is zero beyond the size the plugin stated. */
const struct lk_plugin *lk_build_table(const struct lk_build *b);
const char	*lk_build_path(const struct lk_build *b);
const char	*lk_build_sha256(const struct lk_build *b);	/* hex */
/* Options, copied out with the plugin's option_size; noptions of them. */
const struct lk_option *lk_build_options(const struct lk_build *b, size_t *n);

/*
 * Handshake alone, of a table that may be shorter or longer than ours: fills
 * *out, all zero otherwise.  theirs must be as long as the size that it states,
 * which lk_build_load has made sure of.  w->name NULL: any.  0 or LK_ECONFIG.
 */
int	lk_handshake(const struct lk_plugin *theirs, const struct lk_want *w,
	    const char *path, struct lk_plugin *out, struct lk_error *e);

/* What of a process loading and configuring a plugin may not change. */
#define LK_UMASK_TEXT	8
#define LK_LOCALE_TEXT	256
struct lk_footprint {
	sigset_t	 mask;
	dev_t		 dev;		/* of the working directory          */
	ino_t		 ino;
	char		 locale[LK_LOCALE_TEXT];	/* a name a category */
	char		 umask[LK_UMASK_TEXT];
	uint64_t	 control;	/* of floating point: rounding, traps */
};

/* The words that control the floating point of this thread; 0 where it is not
 * known how they are read. */
uint64_t lk_float_control(void);

void	lk_footprint_take(struct lk_footprint *f);
/* "the umask", or NULL: nothing changed.  Static. */
const char *lk_footprint_changed(const struct lk_footprint *was);

/* ---------------------------------------------------------------- instances */

/* One configured plugin: of a type, or of one line of checks. */
struct lk_instance;

/* What setup services need of the core (host.c); borrowed while calls last. */
struct lk_setup_env {
	const char	*prefix;	/* of the type, or ""                */
	const char	*type;
	const char	*key_id;	/* while minting, or NULL            */
	const void	*pepper;	/* struct lk_pepper, or NULL         */
	int		(*derive)(const struct lk_setup_env *,
			    uint8_t out[LK_SECRET_SIZE]);
	int		(*mint)(const struct lk_setup_env *, char *out,
			    size_t size);

	/* Of a check alone, while it is configured; else NULL and 0. */
	int		(*budget)(const struct lk_setup_env *,
			    struct lk_budget *, char *why, size_t size);
	const char	*api;		/* whose it is; NULL: the type's     */
	const char	*check;		/* its plugin                        */
	unsigned	 nth;		/* of that plugin there, from 0      */
	unsigned	 line;		/* of the policy                     */
	struct lk_pools	*pools;		/* of the policy, so far             */
};

/*
 * Check settings against what the plugin declares and report each fault at its
 * place (unknown name with did you mean, wrong kind, out of range, missing).
 * The number of faults; the first is in e.  s NULL: none were given; src or rep
 * NULL: no report.  A missing option is reported at place.
 */
unsigned lk_settings_check(const struct lk_build *b,
	    const struct lk_settings *s, const struct lk_source *src,
	    struct lk_place place, struct lk_report *rep, struct lk_error *e);

/*
 * Make an instance: settings are checked, values parsed and kept, configure
 * called.  host lives as long as the instance, settings and env need not.
 * 0; LK_ECONFIG; LK_ENOMEM; LK_EUNAVAIL (the plugin says no).
 */
int	lk_instance_new(const struct lk_build *b, const struct lk_settings *s,
	    const struct lk_source *src, struct lk_place place,
	    const struct lk_host *host, const struct lk_setup_env *env,
	    struct lk_instance **out, struct lk_error *e);
void	lk_instance_free(struct lk_instance **i);
const struct lk_build *lk_instance_build(const struct lk_instance *i);
/* Whether it is a type whose callers sign: its secrets are of any form. */
int	lk_instance_signs(const struct lk_instance *i);

/*
 * Calls.  A plugin that is not thread-safe is entered one thread at a time.
 * The answer is judged: one that the call does not document comes back as
 * LK_BROKEN with a note; so does LK_REFUSE with a reason not allowed there, and
 * verify and check without a record.  What comes back:
 *
 * present  PASS REFUSE NOT_MINE BROKEN   the caller zeroed *cr but its size
 * verify   PASS REFUSE BROKEN
 * check    PASS REFUSE WAIT BROKEN       WAIT: reason rate_limited, wait >= 1
 * mint     PASS BROKEN                   out is all zero when BROKEN
 * usage    PASS BROKEN                   "" when BROKEN or the plugin has none
 *
 * Of *a only the head and the first octet of the note are cleared before a
 * call; a note that comes back is ended and can be shown.
 */
uint32_t lk_instance_present(struct lk_instance *i, struct lk_call *c,
	    struct lk_credential *cr, struct lk_answer *a);
uint32_t lk_instance_verify(struct lk_instance *i, struct lk_call *c,
	    const struct lk_credential *cr, const struct lk_record *r,
	    struct lk_answer *a);
uint32_t lk_instance_check(struct lk_instance *i, struct lk_call *c,
	    const struct lk_record *r, struct lk_answer *a);
uint32_t lk_instance_mint(struct lk_instance *i,
	    const struct lk_setup_env *env, char *out, size_t size,
	    struct lk_answer *a);
uint32_t lk_instance_usage(struct lk_instance *i, const struct lk_usage *u,
	    char *out, size_t size);

/* The setup services of struct lk_host, for host.c to put in its table. */
extern const struct lk_host lk_setup_services;

#endif
