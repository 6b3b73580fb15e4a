/*
 * source.h: a text that people wrote: where things stand in it, settings as
 * they were written, and what was found wrong.
 */
#ifndef LK_BASE_SOURCE_H
#define LK_BASE_SOURCE_H

#include "base/err.h"

/* Where something stands in a file. */
struct lk_place {
	unsigned	 line, column;	/* from 1; columns in characters     */
};

/* A file and its lines; all owned by whoever read it. */
struct lk_source {
	char		*path;		/* as opened                         */
	char		**lines;	/* without their newlines            */
	size_t		 nlines;
};

/* A name and what stands behind it, as written. */
struct lk_setting {
	char		*name;
	char		*value;		/* a scalar, or NULL for a list      */
	char		**list;		/* nlist scalars, or NULL            */
	size_t		 nlist;
	int		 quoted;	/* the scalar stood in quotes        */
	struct lk_place	 place;		/* of the name                       */
	struct lk_place	 value_place;
	struct lk_place	*list_places;
};

struct lk_settings {
	struct lk_setting *v;
	size_t		 n;
};

/*
 * Who is told of findings: fn is called for each error and note with file, line
 * and column set and the line's text.  arg is the caller's.
 */
struct lk_report {
	lk_finding_fn	 fn;		/* NULL: they are counted alone      */
	void		*arg;
	unsigned	 errors;
};

/*
 * Report one finding at a place of src.  code: LK_NOTE, or an error's, which is
 * counted; the first error goes into *e too (or NULL).
 */
void	lk_report_at(struct lk_report *rep, const struct lk_source *src,
	    struct lk_place place, int code, struct lk_error *e,
	    const char *fmt, ...) LK_PRINTF(6, 7);

#endif
