/*
 * read.h: from a tree to the structs of policy.h, by tables.
 *
 * A mapping is read with a table of its keys; each row names the function that
 * takes the value.  The order of a table is the order of reading, whatever the
 * order of the file, so a row may lean on those before it; findings are sorted
 * in the end.  A value that is not right is reported and left out: the policy
 * is thrown away then, and reading goes on for the sake of its other faults.
 */
#ifndef LK_POLICY_READ_H
#define LK_POLICY_READ_H

#include "policy/findings.h"
#include "policy/node.h"
#include "policy/policy.h"

struct lk_reader {
	struct lk_policy *p;
	struct lk_findings *f;
	int		 sound;		/* as YAML: nothing was left out     */
	int		 have_types;	/* names of types can be looked up   */
};

struct lk_field {
	const char	*name;
	void		(*read)(struct lk_reader *, const struct lk_node *,
			    const struct lk_field *, void *base);
	size_t		 offset;	/* of what it fills, in base         */
	const char	*missing;	/* NULL: optional; else the mend     */
	unsigned long	 min, max;	/* of a number, or octets of a text  */
	const char	*zero;		/* of a number: the mend of a 0      */
};

struct lk_table {
	const char	*what;		/* "a type"                          */
	const struct lk_field *v;
	size_t		 n;
};

#define LK_TABLE(what, v)	{ (what), (v), sizeof (v) / sizeof *(v) }

/* ------------------------------------------------------------------ read.c */

/* Read a mapping.  0, or -1 if it is none (reported). */
int	lk_read_map(struct lk_reader *r, const struct lk_node *n,
	    const struct lk_table *t, void *base);
/*
 * `KEY: expected EXPECTED, found FOUND`, at the value.  Says nothing of a node
 * that was reported already.
 */
void	lk_read_wrong(struct lk_reader *r, const struct lk_node *n,
	    const char *expected);
/* Fields: a text to char *; a number to unsigned; a number to size_t. */
void	lk_read_text(struct lk_reader *r, const struct lk_node *n,
	    const struct lk_field *f, void *base);
void	lk_read_unsigned(struct lk_reader *r, const struct lk_node *n,
	    const struct lk_field *f, void *base);
void	lk_read_size(struct lk_reader *r, const struct lk_node *n,
	    const struct lk_field *f, void *base);

/* 1 when n is a text that is not empty; else it is reported. */
int	lk_want_text(struct lk_reader *r, const struct lk_node *n,
	    const char *expected);
/*
 * Zeroed memory for each child of a list or mapping that is not empty.  NULL
 * if it is neither (reported), or no memory is left.
 */
void	*lk_want_list(struct lk_reader *r, const struct lk_node *n,
	    const char *expected, size_t size);
void	*lk_want_map(struct lk_reader *r, const struct lk_node *n,
	    const char *expected, size_t size);
/* Zeroed; NULL sets nomem. */
void	*lk_read_alloc(struct lk_reader *r, size_t n, size_t size);
char	*lk_read_dup(struct lk_reader *r, const char *s, size_t n);

/* Check the key of a child: [a-z][a-z0-9_]{0,31}; what is "a type". */
void	lk_read_name(struct lk_reader *r, const struct lk_node *n,
	    const char *what);
int	lk_name_valid(const char *s, size_t n);
/* A plugin's name: [a-z0-9_]{1,32}. */
int	lk_plugin_name_valid(const char *s);
/* The place of the octet at of the text of n. */
struct lk_place	lk_place_in(const struct lk_node *n, size_t at);

/* ---------------------------------------------------------- fields, by file */

typedef void	lk_read_fn(struct lk_reader *, const struct lk_node *,
		    const struct lk_field *, void *);

lk_read_fn	lk_read_paths;		/* read_paths.c: store, pepper       */
lk_read_fn	lk_read_plugins;
lk_read_fn	lk_read_roles;		/* read_roles.c                      */
lk_read_fn	lk_read_packages;	/* read_packages.c                   */
lk_read_fn	lk_read_default;
lk_read_fn	lk_read_types;		/* read_types.c                      */
lk_read_fn	lk_read_daemon;		/* read_daemon.c                     */
lk_read_fn	lk_read_listen;		/* read_listen.c                     */
lk_read_fn	lk_read_mode, lk_read_group, lk_read_trusted;
lk_read_fn	lk_read_apis;		/* read_apis.c; base is a type       */
lk_read_fn	lk_read_options;	/* read_checks.c                     */
/* name: value, as the options of a plugin. */
void	lk_read_settings(struct lk_reader *r, const struct lk_node *n,
	    struct lk_settings *s);
lk_read_fn	lk_read_type_checks;
lk_read_fn	lk_read_api_checks;

/* Checks that never act or never pass; of a policy without errors. */
void	lk_dead_lint(struct lk_reader *r);
/* What holds where nothing is said of latchkeyd. */
void	lk_daemon_defaults(struct lk_daemon *d);
/* Whoever can be reached from afar says by whom. */
void	lk_listen_lint(struct lk_reader *r, const struct lk_node *n,
	    const struct lk_daemon *d);
/* Each pin names a plugin that is used. */
void	lk_pins_lint(struct lk_reader *r);
/* Each type can get keys, and lose them. */
void	lk_roles_lint(struct lk_reader *r, const struct lk_node *roles);

#endif
