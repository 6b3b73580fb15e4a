/*
 * image.c: lay a shared object out in memory, and relocate its data, without
 * ld.so: the table in it can then be read as if it were loaded.
 *
 *	file -> segments at their addresses -> dynamic section
 *	     -> symbols -> relocations: pointers into the image, or "elsewhere"
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "conform/image.h"
#include "loader/build.h"

#define SEGMENTS_MAX	64		/* as lk_file_elf takes them         */
#define DYNAMIC_MAX	1024		/* entries                           */
#define SPAN_MAX	(64U << 20)	/* octets of an image                */
#define TAGS		40		/* tags below it are kept by number  */

/* What a pointer to another object's symbol is made to point to. */
static const char	elsewhere[1];

/* The dynamic section, as far as it is used. */
struct dynamic {
	uint64_t	 v[TAGS];	/* by tag                            */
	uint64_t	 gnu_hash, flags1;
};

#if defined(__x86_64__)
#define RELOC_RELATIVE	R_X86_64_RELATIVE
#define RELOC_RESOLVED	R_X86_64_IRELATIVE
static const uint32_t	pointers[] = { R_X86_64_64, R_X86_64_GLOB_DAT,
			    R_X86_64_JUMP_SLOT };
#elif defined(__aarch64__)
#define RELOC_RELATIVE	R_AARCH64_RELATIVE
#define RELOC_RESOLVED	R_AARCH64_IRELATIVE
static const uint32_t	pointers[] = { R_AARCH64_ABS64, R_AARCH64_GLOB_DAT,
			    R_AARCH64_JUMP_SLOT };
#else
#error "the numbers of this machine's relocations are wanted here"
#endif

void *
lk_image_at(const struct lk_image *m, uint64_t addr, size_t n)
{
	if (addr > m->span || n > m->span - addr)
		return NULL;
	return m->base + addr;
}

int
lk_image_holds(const struct lk_image *m, const void *p, size_t n)
{
	uintptr_t	 at = (uintptr_t)p, base = (uintptr_t)m->base;

	return at >= base && lk_image_at(m, at - base, n) != NULL;
}

/* The same for what has an alignment; NULL where it has not. */
static void *
aligned(const struct lk_image *m, uint64_t addr, size_t n, size_t to)
{
	return addr % to == 0 ? lk_image_at(m, addr, n) : NULL;
}

/* ----------------------------------------------------------------- segments */

static int
headers_read(const struct lk_file *f, Elf64_Phdr *v, size_t *n)
{
	Elf64_Ehdr	 h;
	size_t		 size;

	if (pread(f->fd, &h, sizeof(h), 0) != (ssize_t)sizeof(h) ||
	    h.e_phnum > SEGMENTS_MAX)
		return -1;
	*n = h.e_phnum;
	size = *n * sizeof(*v);
	return pread(f->fd, v, size, (off_t)h.e_phoff) == (ssize_t)size ? 0 :
	    -1;
}

static int
span_of(const Elf64_Phdr *v, size_t n, size_t *span)
{
	size_t	 i;

	for (i = 0, *span = 0; i < n; i++) {
		if (v[i].p_type != PT_LOAD)
			continue;
		if (v[i].p_memsz > SPAN_MAX || v[i].p_vaddr > SPAN_MAX ||
		    v[i].p_filesz > v[i].p_memsz)
			return -1;
		if (v[i].p_vaddr + v[i].p_memsz > *span)
			*span = v[i].p_vaddr + v[i].p_memsz;
	}
	return 0;
}

static int
segments_read(const struct lk_file *f, const Elf64_Phdr *v, size_t n,
    struct lk_image *m)
{
	size_t	 i;
	void	*to;

	for (i = 0; i < n; i++) {
		if (v[i].p_type == PT_GNU_STACK)
			m->exec_stack = (v[i].p_flags & PF_X) != 0;
		if (v[i].p_type != PT_LOAD)
			continue;
		to = lk_image_at(m, v[i].p_vaddr, v[i].p_filesz);
		if (to == NULL || pread(f->fd, to, v[i].p_filesz,
		    (off_t)v[i].p_offset) != (ssize_t)v[i].p_filesz)
			return -1;
	}
	return 0;
}

/* --------------------------------------------------------- dynamic section */

static void
dynamic_keep(struct dynamic *d, const Elf64_Dyn *e)
{
	if (e->d_tag >= 0 && e->d_tag < TAGS)
		d->v[e->d_tag] = e->d_un.d_val;
	else if (e->d_tag == DT_GNU_HASH)
		d->gnu_hash = e->d_un.d_ptr;
	else if (e->d_tag == DT_FLAGS_1)
		d->flags1 = e->d_un.d_val;
	if (e->d_tag == DT_TEXTREL)
		d->v[DT_FLAGS] |= DF_TEXTREL;
}

static int
dynamic_read(const struct lk_image *m, const Elf64_Phdr *v, size_t n,
    struct dynamic *d, int *relro)
{
	const Elf64_Dyn	*e;
	uint64_t	 addr = 0;
	size_t		 i;

	memset(d, 0, sizeof(*d));
	for (i = 0, *relro = 0; i < n; i++) {
		if (v[i].p_type == PT_DYNAMIC)
			addr = v[i].p_vaddr;
		*relro |= v[i].p_type == PT_GNU_RELRO;
	}
	for (i = 0; i < DYNAMIC_MAX && addr != 0; i++, addr += sizeof(*e)) {
		e = aligned(m, addr, sizeof(*e), _Alignof(Elf64_Dyn));
		if (e == NULL)
			return -1;
		if (e->d_tag == DT_NULL)
			return 0;
		dynamic_keep(d, e);
	}
	return -1;
}

/* ------------------------------------------------------------------ symbols */

/* The end of the chain that begins at symbol i, by DT_GNU_HASH. */
static size_t
chain_end(const struct lk_image *m, uint64_t chains, uint32_t first, size_t i)
{
	const uint32_t	*h;

	for (; i >= first; i++) {
		h = aligned(m, chains + (i - first) * sizeof(*h),
		    sizeof(*h), sizeof(*h));
		if (h == NULL)
			return 0;
		if ((*h & 1) != 0)
			return i + 1;
	}
	return 0;
}

/* How many symbols there are, as only the hash tables tell. */
static size_t
symbols_count(const struct lk_image *m, const struct dynamic *d)
{
	const uint32_t	*h, *bucket;
	uint64_t	 buckets;
	size_t		 i, last = 0;

	if (d->v[DT_HASH] != 0) {
		h = aligned(m, d->v[DT_HASH], 2 * sizeof(*h), sizeof(*h));
		return h != NULL ? h[1] : 0;
	}
	h = aligned(m, d->gnu_hash, 4 * sizeof(*h), sizeof(*h));
	if (h == NULL || d->gnu_hash == 0)
		return 0;
	buckets = d->gnu_hash + 4 * sizeof(*h) + h[2] * sizeof(Elf64_Addr);
	for (i = 0; i < h[0]; i++) {
		bucket = aligned(m, buckets + i * sizeof(*h), sizeof(*h),
		    sizeof(*h));
		if (bucket == NULL)
			return 0;
		if (*bucket > last)
			last = *bucket;
	}
	if (last < h[1])
		return h[1];
	return chain_end(m, buckets + h[0] * sizeof(*h), h[1], last);
}

static int
symbols_find(struct lk_image *m, const struct dynamic *d)
{
	m->nsyms = symbols_count(m, d);
	if (m->nsyms > SPAN_MAX / sizeof(*m->syms))
		return -1;
	m->nnames = d->v[DT_STRSZ];
	m->syms = aligned(m, d->v[DT_SYMTAB],
	    m->nsyms * sizeof(*m->syms), _Alignof(Elf64_Sym));
	m->names = lk_image_at(m, d->v[DT_STRTAB], m->nnames);
	return m->syms != NULL && m->names != NULL && m->nsyms != 0 ? 0 : -1;
}

const char *
lk_image_name(const struct lk_image *m, const Elf64_Sym *s)
{
	const char	*p = m->names + s->st_name;

	if (s->st_name >= m->nnames ||
	    memchr(p, '\0', m->nnames - s->st_name) == NULL)
		return "";
	return p;
}

const Elf64_Sym *
lk_image_symbol(const struct lk_image *m, const char *name)
{
	size_t	 i;

	for (i = 0; i < m->nsyms; i++)
		if (m->syms[i].st_shndx != SHN_UNDEF &&
		    strcmp(lk_image_name(m, &m->syms[i]), name) == 0)
			return &m->syms[i];
	return NULL;
}

int
lk_image_exports(const Elf64_Sym *s)
{
	return s->st_shndx != SHN_UNDEF && s->st_shndx != SHN_ABS &&
	    ELF64_ST_BIND(s->st_info) != STB_LOCAL &&
	    ELF64_ST_VISIBILITY(s->st_other) == STV_DEFAULT;
}

int
lk_image_imports(const Elf64_Sym *s)
{
	return s->st_shndx == SHN_UNDEF &&
	    ELF64_ST_BIND(s->st_info) != STB_LOCAL;
}

/* -------------------------------------------------------------- relocations */

static int
place(struct lk_image *m, uint64_t at, const void *value)
{
	void	*to = lk_image_at(m, at, sizeof(value));

	if (to == NULL)
		return -1;
	memcpy(to, &value, sizeof(value));
	return 0;
}

static int
is_pointer(uint32_t kind)
{
	size_t	 i;

	for (i = 0; i < sizeof(pointers) / sizeof(pointers[0]); i++)
		if (pointers[i] == kind)
			return 1;
	return 0;
}

/* What a relocated pointer points to; never out of the image. */
static const void *
target(const struct lk_image *m, const Elf64_Rela *r)
{
	uint64_t	 addr = (uint64_t)r->r_addend;
	size_t		 sym = ELF64_R_SYM(r->r_info);
	const void	*p;

	if (ELF64_R_TYPE(r->r_info) != RELOC_RELATIVE) {
		if (sym >= m->nsyms)
			return elsewhere;
		if (m->syms[sym].st_shndx == SHN_UNDEF)
			return ELF64_ST_BIND(m->syms[sym].st_info) ==
			    STB_WEAK ? NULL : elsewhere;
		addr += m->syms[sym].st_value;
	}
	p = lk_image_at(m, addr, 0);
	return p != NULL ? p : elsewhere;
}

static int
relocate(struct lk_image *m, uint64_t addr, uint64_t size)
{
	const Elf64_Rela	*r;
	uint32_t		 kind;

	for (; size >= sizeof(*r); size -= sizeof(*r), addr += sizeof(*r)) {
		r = aligned(m, addr, sizeof(*r), _Alignof(Elf64_Rela));
		if (r == NULL)
			return -1;
		kind = ELF64_R_TYPE(r->r_info);
		m->resolvers += kind == RELOC_RESOLVED;
		if ((kind == RELOC_RELATIVE || is_pointer(kind)) &&
		    place(m, r->r_offset, target(m, r)) != 0)
			return -1;
	}
	return 0;
}

/* One pointer of DT_RELR: what is written there is an address of the image. */
static int
relr_one(struct lk_image *m, uint64_t at)
{
	uint64_t	 addr;
	const void	*p = lk_image_at(m, at, sizeof(addr));

	if (p == NULL)
		return -1;
	memcpy(&addr, p, sizeof(addr));
	p = lk_image_at(m, addr, 0);
	return place(m, at, p != NULL ? p : elsewhere);
}

/* The packed form: an address, then words of 63 bits for those behind it. */
static int
relocate_packed(struct lk_image *m, uint64_t addr, uint64_t size)
{
	const uint64_t	*e;
	uint64_t	 at = 0, bits, k;

	for (; size >= sizeof(*e); size -= sizeof(*e), addr += sizeof(*e)) {
		e = aligned(m, addr, sizeof(*e), sizeof(*e));
		if (e == NULL)
			return -1;
		if ((*e & 1) == 0) {
			if (relr_one(m, *e) != 0)
				return -1;
			at = *e + sizeof(at);
			continue;
		}
		for (k = 0, bits = *e >> 1; bits != 0; k++, bits >>= 1)
			if ((bits & 1) != 0 &&
			    relr_one(m, at + k * sizeof(at)) != 0)
				return -1;
		at += 63 * sizeof(at);
	}
	return 0;
}

/* --------------------------------------------------------------------- read */

static int
lay_out(const struct lk_file *f, struct lk_image *m)
{
	Elf64_Phdr	 v[SEGMENTS_MAX];
	struct dynamic	 d;
	size_t		 n = 0;
	int		 relro;

	if (headers_read(f, v, &n) != 0 || span_of(v, n, &m->span) != 0)
		return -1;
	/* One more: whatever text there is has an end. */
	if ((m->base = calloc(1, m->span + 1)) == NULL)
		return LK_ENOMEM;
	if (segments_read(f, v, n, m) != 0 ||
	    dynamic_read(m, v, n, &d, &relro) != 0 ||
	    symbols_find(m, &d) != 0 ||
	    relocate(m, d.v[DT_RELA], d.v[DT_RELASZ]) != 0 ||
	    relocate(m, d.v[DT_JMPREL], d.v[DT_PLTRELSZ]) != 0)
		return -1;
#ifdef DT_RELR
	if (relocate_packed(m, d.v[DT_RELR], d.v[DT_RELRSZ]) != 0)
		return -1;
#endif
	m->constructors = d.v[DT_INIT_ARRAYSZ] / sizeof(Elf64_Addr);
	m->init_array = d.v[DT_INIT_ARRAY];
	m->init = d.v[DT_INIT];
	m->destructors = d.v[DT_FINI_ARRAYSZ] / sizeof(Elf64_Addr);
	m->fini_array = d.v[DT_FINI_ARRAY];
	m->fini = d.v[DT_FINI];
	if (lk_image_at(m, m->init_array, d.v[DT_INIT_ARRAYSZ]) == NULL ||
	    lk_image_at(m, m->fini_array, d.v[DT_FINI_ARRAYSZ]) == NULL)
		return -1;
	m->text_relocs = (d.v[DT_FLAGS] & DF_TEXTREL) != 0;
	m->writable_got = !relro || ((d.v[DT_FLAGS] & DF_BIND_NOW) == 0 &&
	    (d.flags1 & DF_1_NOW) == 0);
	return 0;
}

int
lk_image_read(const struct lk_file *f, struct lk_image *out,
    struct lk_error *e)
{
	int	 r;

	memset(out, 0, sizeof(*out));
	if ((r = lay_out(f, out)) == 0)
		return 0;
	lk_image_free(out);
	if (r == LK_ENOMEM)
		return lk_fail(e, r, "no memory for an image of it");
	return lk_fail(e, LK_ECONFIG, "what its headers say leads nowhere: "
	    "link it again");
}

void
lk_image_free(struct lk_image *m)
{
	free(m->base);
	memset(m, 0, sizeof(*m));
}
