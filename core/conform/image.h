/*
 * image.h: a plugin as ld.so would lay it out, read from its file alone: no
 * constructor runs, nothing of it is called.
 *
 * Every octet of the file is judged before it is used; what points out of the
 * image is not followed.
 */
#ifndef LK_CONFORM_IMAGE_H
#define LK_CONFORM_IMAGE_H

#include <link.h>
#include <stddef.h>
#include <stdint.h>

#include "loader/loader.h"

struct lk_file;				/* loader/build.h                    */

#define LK_CRT_CONSTRUCTORS 1		/* the compiler's own frame_dummy    */

struct lk_image {
	unsigned char	*base;		/* span octets and a NUL             */
	size_t		 span;
	const Elf64_Sym	*syms;		/* in the image; nsyms of them       */
	size_t		 nsyms;
	const char	*names;		/* of symbols; nnames octets         */
	size_t		 nnames;
	size_t		 constructors;	/* entries of DT_INIT_ARRAY          */
	uint64_t	 init_array, init;	/* addresses, or 0           */
	size_t		 destructors;	/* likewise of DT_FINI_ARRAY         */
	uint64_t	 fini_array, fini;
	size_t		 resolvers;	/* run while it is relocated         */
	int		 text_relocs;	/* it writes to its own code         */
	int		 exec_stack;	/* it makes the stack executable     */
	int		 writable_got;	/* no RELRO, or bound lazily         */
};

/*
 * Read the file of f, which lk_file_elf has judged.  0; LK_ECONFIG when
 * something in it leads nowhere; LK_EIO, LK_ENOMEM.
 */
int	lk_image_read(const struct lk_file *f, struct lk_image *out,
	    struct lk_error *e);
void	lk_image_free(struct lk_image *m);

/* n octets at an address of the image, or NULL. */
void	*lk_image_at(const struct lk_image *m, uint64_t addr, size_t n);
/* Whether n octets at p lie in it. */
int	lk_image_holds(const struct lk_image *m, const void *p, size_t n);
/* The name of a symbol, or "". */
const char *lk_image_name(const struct lk_image *m, const Elf64_Sym *s);
/* A symbol that it defines, or NULL. */
const Elf64_Sym *lk_image_symbol(const struct lk_image *m, const char *name);

/* The symbols for others that it defines, and those that it needs. */
int	lk_image_exports(const Elf64_Sym *s);
int	lk_image_imports(const Elf64_Sym *s);

#endif
