/*
 * quick.c: system calls that a recovery makes often, done without the system.
 * The linker sends those of the store here (--wrap); libraries keep theirs.
 *
 * Memory comes from a pool and is zeroed when it is given out again.  A map of
 * a file of vfs.h is the file.  The boot id is read from a file in memory.
 */
#include <sys/mman.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "vfs.h"

#define POOL		64
#define BOOT_ID		"/proc/sys/kernel/random/boot_id"
#define BOOT_TEXT	"0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0\n"

static struct piece {
	void	*p;
	size_t	 n;
	int	 used;
} pool[POOL];
static pthread_mutex_t	 mutex = PTHREAD_MUTEX_INITIALIZER;
static int		 boot_fd = -1;

void	*__real_mmap(void *at, size_t n, int prot, int flags, int fd,
	    off_t off);
int	 __real_munmap(void *p, size_t n);
void	*__real_mremap(void *p, size_t n, size_t m, int flags, void *to);
int	 __real_open(const char *path, int flags, mode_t mode);
int	 __real_close(int fd);
void	*__wrap_mmap(void *at, size_t n, int prot, int flags, int fd,
	    off_t off);
int	 __wrap_munmap(void *p, size_t n);
void	*__wrap_mremap(void *p, size_t n, size_t m, int flags, void *to);
int	 __wrap_open(const char *path, int flags, mode_t mode);
int	 __wrap_close(int fd);

static struct piece *
piece_of(const void *p)
{
	int	 i;

	for (i = 0; i < POOL; i++)
		if (pool[i].p == p && p != NULL)
			return &pool[i];
	return NULL;
}

/* One of that size that is free, or a new one; NULL: the pool is full. */
static void *
take(size_t n)
{
	struct piece	*x = NULL;
	int		 i;

	for (i = 0; i < POOL && x == NULL; i++)
		if (pool[i].p != NULL && !pool[i].used && pool[i].n == n)
			x = &pool[i];
	if (x != NULL)
		memset(x->p, 0, n);
	for (i = 0; i < POOL && x == NULL; i++) {
		if (pool[i].p != NULL)
			continue;
		pool[i].p = __real_mmap(NULL, n, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		pool[i].n = n;
		if (pool[i].p == MAP_FAILED)
			pool[i].p = NULL;
		else
			x = &pool[i];
	}
	if (x == NULL)
		return NULL;
	x->used = 1;
	return x->p;
}

void *
__wrap_mmap(void *at, size_t n, int prot, int flags, int fd, off_t off)
{
	void	*p = NULL;

	if (fd == -1 && (flags & MAP_ANONYMOUS)) {
		pthread_mutex_lock(&mutex);
		p = take(n);
		pthread_mutex_unlock(&mutex);
	}
	return p != NULL ? p : __real_mmap(at, n, prot, flags, fd, off);
}

int
__wrap_munmap(void *p, size_t n)
{
	struct piece	*x;

	if (vfs_has(p))
		return 0;
	pthread_mutex_lock(&mutex);
	if ((x = piece_of(p)) != NULL)
		x->used = 0;
	pthread_mutex_unlock(&mutex);
	return x != NULL ? 0 : __real_munmap(p, n);
}

/* A map is retired: nothing is there any more.  A file keeps what it has. */
void *
__wrap_mremap(void *p, size_t n, size_t m, int flags, void *to)
{
	struct piece	*x;

	if (!vfs_has(to) && piece_of(to) == NULL)
		return __real_mremap(p, n, m, flags, to);
	(void)__wrap_munmap(p, n);
	if (!vfs_has(to) && (x = piece_of(to)) != NULL)
		memset(to, 0, x->n);
	return to;
}

int
__wrap_open(const char *path, int flags, mode_t mode)
{
	if (strcmp(path, BOOT_ID) != 0)
		return __real_open(path, flags, mode);
	if (boot_fd == -1) {
		boot_fd = memfd_create("boot", MFD_CLOEXEC);
		if (write(boot_fd, BOOT_TEXT, sizeof BOOT_TEXT - 1) < 0)
			return -1;
	}
	return lseek(boot_fd, 0, SEEK_SET) == 0 ? boot_fd : -1;
}

int
__wrap_close(int fd)
{
	return fd == boot_fd && fd != -1 ? 0 : __real_close(fd);
}
