/*
 * alloc_wrap.c: allocations that are counted and refused.
 */
#include <sys/mman.h>

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "alloc.h"

#define TABLE		(1U << 16)	/* what lives at once, at most      */
#define GCRY_NO_MEMORY	0x8056U		/* GPG_ERR_ENOMEM                    */
#define SITE		__builtin_return_address(0)
#define OURS		__attribute__((visibility("default")))

struct alloc_state	 alloc_state;

static void		*table[TABLE];	/* open addressing; GONE: was one    */
static char		 gone;

#define GONE		((void *)&gone)

/* 1 when this one is refused. */
static int
refused(void *site)
{
	struct alloc_state	*s = &alloc_state;

	if (!s->on)
		return 0;
	if (s->count < ALLOC_SITES)
		s->site[s->count] = site;
	s->count++;
	if (s->at == 0 || s->count < s->at ||
	    (s->count > s->at && !s->for_good))
		return 0;
	s->failed++;
	errno = ENOMEM;
	return 1;
}

static size_t
place(const void *p)
{
	return ((uintptr_t)p >> 4) * 2654435761U % TABLE;
}

static void *
born(void *p)
{
	size_t	 i;

	if (p == NULL)
		return NULL;
	for (i = place(p); table[i] != NULL && table[i] != GONE;)
		i = (i + 1) % TABLE;
	table[i] = p;
	alloc_state.live++;
	return p;
}

static void
died(const void *p)
{
	size_t	 i;

	if (p == NULL)
		return;
	for (i = place(p); table[i] != NULL; i = (i + 1) % TABLE)
		if (table[i] == p) {
			table[i] = GONE;
			alloc_state.live--;
			return;
		}
}

/* --------------------------------------------------------------- of libcore */

void		*__real_malloc(size_t);
void		*__real_calloc(size_t, size_t);
void		*__real_realloc(void *, size_t);
void		*__real_reallocarray(void *, size_t, size_t);
void		*__real_aligned_alloc(size_t, size_t);
int		 __real_posix_memalign(void **, size_t, size_t);
char		*__real_strdup(const char *);
char		*__real_strndup(const char *, size_t);
void		 __real_free(void *);
void		*__real_mmap(void *, size_t, int, int, int, off_t);
void		*__real_mremap(void *, size_t, size_t, int, ...);
DIR		*__real_opendir(const char *);
char		*__real_realpath(const char *, char *);
int		 __real_pthread_setspecific(pthread_key_t, const void *);
int		 __real_pthread_key_create(pthread_key_t *, void (*)(void *));
unsigned	 __real_gcry_md_open(void **, int, unsigned);
unsigned	 __real_gcry_md_copy(void **, void *);

void		*__wrap_malloc(size_t);
void		*__wrap_calloc(size_t, size_t);
void		*__wrap_realloc(void *, size_t);
void		*__wrap_reallocarray(void *, size_t, size_t);
void		*__wrap_aligned_alloc(size_t, size_t);
int		 __wrap_posix_memalign(void **, size_t, size_t);
char		*__wrap_strdup(const char *);
char		*__wrap_strndup(const char *, size_t);
int		 __wrap_asprintf(char **, const char *, ...)
		    __attribute__((format(printf, 2, 3)));
int		 __wrap___asprintf_chk(char **, int, const char *, ...)
		    __attribute__((format(printf, 3, 4)));
void		 __wrap_free(void *);
void		*__wrap_mmap(void *, size_t, int, int, int, off_t);
void		*__wrap_mremap(void *, size_t, size_t, int, void *);
DIR		*__wrap_opendir(const char *);
char		*__wrap_realpath(const char *, char *);
int		 __wrap_pthread_setspecific(pthread_key_t, const void *);
int		 __wrap_pthread_key_create(pthread_key_t *, void (*)(void *));
unsigned	 __wrap_gcry_md_open(void **, int, unsigned);
unsigned	 __wrap_gcry_md_copy(void **, void *);

void *
__wrap_malloc(size_t n)
{
	return refused(SITE) ? NULL : born(__real_malloc(n));
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return refused(SITE) ? NULL : born(__real_calloc(n, size));
}

static void *
resize(void *p, size_t n, void *site)
{
	if (refused(site))
		return NULL;
	died(p);
	return born(__real_realloc(p, n));
}

void *
__wrap_realloc(void *p, size_t n)
{
	return resize(p, n, SITE);
}

void *
__wrap_reallocarray(void *p, size_t n, size_t size)
{
	if (refused(SITE))
		return NULL;
	died(p);
	return born(__real_reallocarray(p, n, size));
}

void *
__wrap_aligned_alloc(size_t alignment, size_t n)
{
	return refused(SITE) ? NULL :
	    born(__real_aligned_alloc(alignment, n));
}

int
__wrap_posix_memalign(void **p, size_t alignment, size_t n)
{
	int	 r;

	if (refused(SITE))
		return ENOMEM;
	if ((r = __real_posix_memalign(p, alignment, n)) == 0)
		born(*p);
	return r;
}

char *
__wrap_strdup(const char *s)
{
	return refused(SITE) ? NULL : born(__real_strdup(s));
}

char *
__wrap_strndup(const char *s, size_t n)
{
	return refused(SITE) ? NULL : born(__real_strndup(s, n));
}

static int __attribute__((format(printf, 2, 0)))
print(char **out, const char *fmt, va_list ap, void *site)
{
	int	 r;

	if (refused(site))
		return -1;
	if ((r = vasprintf(out, fmt, ap)) != -1)
		born(*out);
	return r;
}

int
__wrap_asprintf(char **out, const char *fmt, ...)
{
	va_list	 ap;
	int	 r;

	va_start(ap, fmt);
	r = print(out, fmt, ap, SITE);
	va_end(ap);
	return r;
}

int
__wrap___asprintf_chk(char **out, int flag, const char *fmt, ...)
{
	va_list	 ap;
	int	 r;

	(void)flag;
	va_start(ap, fmt);
	r = print(out, fmt, ap, SITE);
	va_end(ap);
	return r;
}

void
__wrap_free(void *p)
{
	died(p);
	__real_free(p);
}

void *
__wrap_mmap(void *p, size_t n, int prot, int flags, int fd, off_t at)
{
	return refused(SITE) ? MAP_FAILED :
	    __real_mmap(p, n, prot, flags, fd, at);
}

void *
__wrap_mremap(void *p, size_t n, size_t to, int flags, void *at)
{
	return refused(SITE) ? MAP_FAILED :
	    __real_mremap(p, n, to, flags, at);
}

DIR *
__wrap_opendir(const char *path)
{
	return refused(SITE) ? NULL : __real_opendir(path);
}

char *
__wrap_realpath(const char *path, char *out)
{
	char	*p;

	if (refused(SITE))
		return NULL;
	p = __real_realpath(path, out);
	return out == NULL ? born(p) : p;
}

int
__wrap_pthread_setspecific(pthread_key_t key, const void *p)
{
	return p != NULL && refused(SITE) ? ENOMEM :
	    __real_pthread_setspecific(key, p);
}

int
__wrap_pthread_key_create(pthread_key_t *key, void (*end)(void *))
{
	return refused(SITE) ? ENOMEM : __real_pthread_key_create(key, end);
}

unsigned
__wrap_gcry_md_open(void **h, int algo, unsigned flags)
{
	*h = NULL;
	return refused(SITE) ? GCRY_NO_MEMORY :
	    __real_gcry_md_open(h, algo, flags);
}

unsigned
__wrap_gcry_md_copy(void **out, void *h)
{
	*out = NULL;
	return refused(SITE) ? GCRY_NO_MEMORY : __real_gcry_md_copy(out, h);
}

/* ------------------------------------------------- of libyaml, of jansson */

OURS void	*yaml_malloc(size_t);
OURS void	*yaml_realloc(void *, size_t);
OURS void	 yaml_free(void *);
OURS unsigned char *yaml_strdup(const unsigned char *);

/* As libyaml's own: of nothing it asks for one octet. */
void *
yaml_malloc(size_t n)
{
	return refused(SITE) ? NULL : born(__real_malloc(n != 0 ? n : 1));
}

void *
yaml_realloc(void *p, size_t n)
{
	return resize(p, n != 0 ? n : 1, SITE);
}

void
yaml_free(void *p)
{
	__wrap_free(p);
}

unsigned char *
yaml_strdup(const unsigned char *s)
{
	if (s == NULL || refused(SITE))
		return NULL;
	return born(__real_strdup((const char *)s));
}

static void *
jansson_malloc(size_t n)
{
	return refused(SITE) ? NULL : born(__real_malloc(n));
}

void
alloc_start(void)
{
	json_set_alloc_funcs(jansson_malloc, __wrap_free);
}
