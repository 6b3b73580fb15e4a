/*
 * alloc.h: the library without memory: each allocation fails in turn.
 *
 * What libcore, libyaml and jansson ask for goes through alloc_wrap.c (ld's
 * --wrap, names of libyaml's that the program has as well, and
 * json_set_alloc_funcs), where the nth is refused, and what is not given back
 * is counted.  libgcrypt is asked through gcry_md_open and gcry_md_copy, which
 * are refused as well; what it takes inside it cannot do without, and then ends
 * the process (latchkey.h says so).  The dynamic linker's and libc's own are
 * not reached.
 */
#ifndef FAULT_ALLOC_H
#define FAULT_ALLOC_H

#include <stddef.h>

#include "sweep.h"

#define ALLOC_SITES	200000		/* of a run that are noted */

struct alloc_state {
	int		 on;		/* count                             */
	unsigned long	 at;		/* the one that fails; 0: none       */
	int		 for_good;
	unsigned long	 count, failed;
	size_t		 live;		/* not given back                    */
	void		*site[ALLOC_SITES];	/* who asked                 */
};

extern struct alloc_state alloc_state;

/* Before anything of the library is called. */
void	alloc_start(void);

/* ------------------------------------------------------------------ cases */

struct alloc_run {
	struct sweep_home *h;
	const char	*wide;		/* a policy with three types         */
	struct sweep_key push, mobile;	/* keys of those                     */
	int		 faulty;	/* an allocation was refused         */
	char		 why[512];
};

/* A run: what the library said, 0 or an enum lk_code. */
typedef int (*alloc_fn)(struct alloc_run *);

struct alloc_case {
	const char	*name;
	alloc_fn	 run;
	/* Without a fault, when all is put back or as it was left. */
	int		 (*judge)(struct alloc_run *, int code);
	int		 clean;		/* the code without a fault          */
	int		 also;		/* one more that may be              */
	enum sweep_start start;
	int		 writes;
};

extern const struct alloc_case alloc_cases[];
extern const size_t alloc_ncases;
extern const struct alloc_case alloc_planted[];
extern const size_t alloc_nplanted;

int	alloc_open(struct alloc_run *);
int	alloc_open_verify(struct alloc_run *);
int	alloc_open_list(struct alloc_run *);
int	alloc_verify(struct alloc_run *);
int	alloc_verify_gone(struct alloc_run *);
int	alloc_request(struct alloc_run *);
int	alloc_bearer(struct alloc_run *);
int	alloc_json(struct alloc_run *);
int	alloc_plant_leak(struct alloc_run *);
int	alloc_plant_allow(struct alloc_run *);

/* r, of which e must tell. */
int	al_said(struct alloc_run *x, int r, const struct lk_error *e);
int	al_open(struct alloc_run *x, const char *policy, unsigned flags,
	    struct lk **lk);
/* 1, and why. */
int	alloc_wrong(struct alloc_run *x, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

#endif
