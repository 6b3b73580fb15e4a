/*
 * run.h: one conformance run: what is asked of which plugin, and what was told.
 *
 *	file alone (look.c) -> a child for each check (child.c) -> summary
 *
 * A program of its own, latchkey-plugin-check, which latchkey(1) starts: a
 * plugin that was never seen before runs in none of latchkey's processes.
 */
#ifndef LK_CONFORM_RUN_H
#define LK_CONFORM_RUN_H

#include "conform/image.h"
#include "loader/build.h"

enum lk_verdict {
	LK_CONFORMS,
	LK_FAULT,
	LK_REMARK		/* no fault, but worth a line                */
};

struct lk_board;			/* board.h                           */

struct lk_run {
	const char	*path;		/* of the plugin                     */
	const char	*real;		/* the same, links resolved           */
	char		 name[LK_NAME_MAX + 1];	/* of its file, without .so  */
	const char	*sign;		/* a command that signs, or NULL     */
	const struct lk_settings *settings;	/* options; never NULL       */
	int		 made_up;	/* they are not the caller's         */
	struct lk_file	 file;
	struct lk_image	 image;
	int		 bare;		/* a copy without constructors, or -1 */
	struct lk_plugin table;		/* as the file has it; in the image  */
	struct lk_board	*board;		/* shared with the child             */
	unsigned	 faults, remarks, passed;
	int		 over;		/* a child died of it: no more runs  */
};

/* A line: verdict, check and what was seen, parted by tabs. */
void	lk_run_tell(struct lk_run *r, enum lk_verdict v, const char *check,
	    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/*
 * Judge the file alone: trust, table, options, symbols, constructors.  0 when
 * it can be loaded; -1 when what was told forbids that.
 */
int	lk_look(struct lk_run *r);
/* The option i of the table in the image. */
void	lk_look_option(const struct lk_run *r, size_t i,
	    struct lk_option *out);

/* checks_load.c: the copy, a descriptor; -1 where there are none, or it cannot
 * be made. */
int	lk_load_bare(struct lk_run *r);

#endif
