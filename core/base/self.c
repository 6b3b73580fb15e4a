#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/mman.h>

#include <stdatomic.h>
#include <unistd.h>

#include "base/self.h"

void
lk_self_init(struct lk_self *self)
{
	self->size = (size_t)sysconf(_SC_PAGESIZE);
	self->page = mmap(NULL, self->size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (self->page == MAP_FAILED)
		self->page = NULL;
	else if (madvise(self->page, self->size, MADV_WIPEONFORK) != 0)
		lk_self_free(self);
	else
		atomic_init(self->page, 0);
}

void
lk_self_free(struct lk_self *self)
{
	if (self->page != NULL)
		(void)munmap(self->page, self->size);
	self->page = NULL;
}

pid_t
lk_self_pid(const struct lk_self *self)
{
	pid_t	 pid;

	if (self->page == NULL)
		return getpid();
	pid = atomic_load_explicit(self->page, memory_order_relaxed);
	if (pid == 0) {
		pid = getpid();
		atomic_store_explicit(self->page, pid, memory_order_relaxed);
	}
	return pid;
}
