/*
 * policy.h: the YAML policy as checked structs.
 *
 * The reader is strict: what it does not know is an error with line and column.
 * A policy is immutable once read; everything in it is owned by it and freed
 * with it.  Source: DESIGN.md 3 and 10; latchkey.yaml(5).
 */
#ifndef LK_POLICY_POLICY_H
#define LK_POLICY_POLICY_H

#include "base/source.h"
#include "latchkey.h"

#define LK_POLICY_MAX		262144	/* octets of the file                */
#define LK_FINDINGS_MAX		500	/* kept; the rest is counted alone   */
#define LK_POLICY_DEPTH		32	/* levels of nesting                 */

struct lk_policy_check {		/* one line of checks:               */
	char		*plugin;
	struct lk_settings settings;
	struct lk_place	 place;
	int		 observe;	/* its denials are told, not enforced */
};

struct lk_policy_api {
	char		*name;
	char		**methods;	/* upper case; at least one          */
	size_t		 nmethods;
	char		*pattern;	/* as written: /v1/single/{campaign} */
	struct lk_policy_check *checks;	/* its own, after the type's         */
	size_t		 nchecks;
	struct lk_place	 place;
};

struct lk_policy_type {
	char		*name, *title, *plugin, *prefix;
	unsigned	 limit;		/* 0: none                           */
	struct lk_policy_api *apis;
	size_t		 napis;		/* 0: one API, "*"                   */
	struct lk_settings options;
	struct lk_policy_check *checks;	/* as written                        */
	size_t		 nchecks;
	struct lk_net	*within;	/* outer bound of a key's addresses  */
	size_t		 nwithin;
	size_t		 body_max;	/* octets; LK_BODY_DEFAULT           */
	struct lk_place	 place, plugin_place;
	struct lk_place	 options_place;
	unsigned	 index;		/* in lk_policy.types                */
	struct lk_place	 prefix_place;
	struct lk_place	 limit_place;	/* line 0: none given                */
	size_t		 first_api;	/* its first, among all APIs         */
	int		 imported;	/* keys of other systems are taken   */
	int64_t		 closes;	/* its keys are refused; 0: never    */
	struct lk_place	 closes_place;
};

struct lk_policy_role {
	char		*name;
	unsigned	 may;		/* LK_MAY_*                          */
	char		**users, **groups;
	size_t		 nusers, ngroups;
	uid_t		*uids;		/* those that exist; nuids of them   */
	gid_t		*gids;
	size_t		 nuids, ngids;
	struct lk_place	 place;
};

struct lk_policy_package {
	char		*name;
	char		**globs;	/* "ucd.*", "ucd.identify"           */
	size_t		 nglobs;
	uint8_t		*holds;		/* a bit per API of the policy, see  */
	struct lk_place	 place;		/* lk_policy_package_holds           */
};

/* What a plugin is pinned to; plugins: may be a path or, in the long form,
 * { folder: PATH, pins: { ucd: SHA256 } }. */
struct lk_policy_pin {
	char		*plugin;
	char		 sha256[65];	/* hex, lower case                   */
	struct lk_place	 place;
};

struct lk_policy {
	struct lk_source source;
	char		*name;		/* its last component, for traces    */
	char		*store, *pepper, *plugins;	/* absolute paths    */
	struct lk_policy_role *roles;
	size_t		 nroles;
	struct lk_policy_package *packages;
	size_t		 npackages;
	int		 default_package;	/* index, or -1              */
	struct lk_policy_type *types;
	size_t		 ntypes;
	struct lk_policy_pin *pins;
	size_t		 npins;
	size_t		 napis;		/* of all types                      */
	struct lk_routes *routes;
	struct lk_wholes *wholes;	/* those of its paths without {x}    */
	struct lk_daemon daemon;	/* settings of latchkeyd             */
};

/*
 * lk_policy_read: read and check n octets of text.
 *
 * path     what messages name; relative paths in the policy start at its folder
 * 0        *out, freed with lk_policy_free
 * LK_ECONFIG  at least one error; all were reported, the first is in e (its
 *             text ends in the count where there are more)
 * LK_ENOMEM
 */
int	lk_policy_read(const char *path, const char *text, size_t n,
	    struct lk_report *rep, struct lk_policy **out,
	    struct lk_error *e);
/* The same of a file: opened and, with trusted, judged by base/trust. */
int	lk_policy_load(const char *path, int trusted, struct lk_report *rep,
	    struct lk_policy **out, struct lk_error *e);
/*
 * The same, to look for more faults: on LK_ECONFIG *out is what could be read,
 * or NULL.  In it any pointer may be NULL, so nothing else may be done with it.
 */
int	lk_policy_load_faulty(const char *path, struct lk_report *rep,
	    struct lk_policy **out, struct lk_error *e);
/*
 * Options of one plugin, as a policy has them behind options:, by themselves.
 * They are those of the one type of *out, which has nothing else.
 */
int	lk_settings_read(const char *path, const char *text, size_t n,
	    struct lk_report *rep, struct lk_policy **out,
	    struct lk_error *e);
void	lk_policy_free(struct lk_policy **p);

const struct lk_policy_type *lk_policy_type_by_name(const struct lk_policy *p,
	    const char *name);
/* The type whose prefix is n octets at prefix, or NULL. */
const struct lk_policy_type *lk_policy_type_by_prefix(
	    const struct lk_policy *p, const char *prefix, size_t n);
/* The SHA-256 in hex that a plugin is pinned to, or NULL. */
const char	*lk_policy_pin(const struct lk_policy *p, const char *plugin);
/* 1 when some check entitlement is enforced. */
int	lk_policy_entitles(const struct lk_policy *p);
/* Index of a package, or -1. */
int	lk_policy_package(const struct lk_policy *p, const char *name);
/* 1 when package (an index) holds api of type; api -1 stands for "*": any API
 * of the type.  No allocation, no string compare. */
int	lk_policy_package_holds(const struct lk_policy *p, int package,
	    const struct lk_policy_type *t, int api);
/* LK_MAY_* that uid and its groups have, of all roles. */
unsigned lk_policy_may(const struct lk_policy *p, uid_t uid,
	    const gid_t *groups, size_t ngroups);

/*
 * lk_route: the type and API of a method and a target in origin form.
 *
 * 1  found; *type and *api (an index of its apis)
 * 0  none; note (static) says why: "no path like it", "path known, method not",
 *    "encoded slash", …
 *
 * The most literal pattern is the one: at the first segment where two patterns
 * differ, a literal one wins over {x}.  Its methods alone count; for another
 * method no less literal pattern is tried.  No allocation, no lock.
 */
int	lk_route(const struct lk_policy *p, const char *method,
	    const char *target, size_t target_len,
	    const struct lk_policy_type **type, int *api, const char **note);

#endif
