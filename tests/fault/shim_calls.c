/*
 * shim_calls.c: the system calls that can fail, and how.  Those that cannot
 * (getpid), that set the process up (execve, rt_sigaction) or whose failure
 * libc hides (brk) are left out.
 */
#include <sys/syscall.h>

#include "shim.h"

#define FILE_IO		(FAULT_IO | FAULT_INTR)
#define WRITES		(FAULT_SPACE | FILE_IO)
#define NAMES		(FAULT_IO | FAULT_ACCESS | FAULT_MEMORY)
#define CHANGES		(FAULT_SPACE | FAULT_ROFS | NAMES)

#define CALL(name, flags)	{ SYS_##name, #name, flags }

const struct fault_call fault_calls[] = {
	CALL(openat, FAULT_AT | FAULT_OPENS | FAULT_FILES | FAULT_INTR |
	    CHANGES),
#ifdef SYS_open
	CALL(open, FAULT_PATH | FAULT_OPENS | FAULT_FILES | FAULT_INTR |
	    CHANGES),
	CALL(stat, FAULT_PATH | NAMES),
	CALL(lstat, FAULT_PATH | NAMES),
	CALL(access, FAULT_PATH | NAMES),
	CALL(mkdir, FAULT_PATH | CHANGES),
	CALL(rmdir, FAULT_PATH | CHANGES),
	CALL(rename, FAULT_PATH | CHANGES),
	CALL(link, FAULT_PATH | CHANGES),
	CALL(unlink, FAULT_PATH | CHANGES),
	CALL(readlink, FAULT_PATH | NAMES),
	CALL(chmod, FAULT_PATH | FAULT_ROFS | NAMES),
	CALL(chown, FAULT_PATH | FAULT_ROFS | NAMES),
#endif
#ifdef SYS_renameat
	CALL(renameat, FAULT_AT | CHANGES),
#endif
	CALL(renameat2, FAULT_AT | CHANGES),
	CALL(linkat, FAULT_AT | CHANGES),
	CALL(unlinkat, FAULT_AT | CHANGES),
	CALL(mkdirat, FAULT_AT | CHANGES),
	CALL(newfstatat, FAULT_AT | NAMES),
	CALL(statx, FAULT_AT | NAMES),
	CALL(faccessat, FAULT_AT | NAMES),
	CALL(readlinkat, FAULT_AT | NAMES),
	CALL(fchmodat, FAULT_AT | FAULT_ROFS | NAMES),
	CALL(fchownat, FAULT_AT | FAULT_ROFS | NAMES),
	CALL(fstat, FAULT_FD | FAULT_IO | FAULT_MEMORY),
	CALL(fstatfs, FAULT_FD | FILE_IO | FAULT_MEMORY),
	CALL(fchmod, FAULT_FD | FAULT_IO | FAULT_ROFS | FAULT_ACCESS),
	CALL(fchown, FAULT_FD | FAULT_IO | FAULT_ROFS | FAULT_ACCESS),
	CALL(read, FAULT_FD | FILE_IO | FAULT_HALF),
	CALL(pread64, FAULT_FD | FILE_IO | FAULT_HALF),
	CALL(write, FAULT_FD | WRITES | FAULT_HALF),
	CALL(pwrite64, FAULT_FD | WRITES | FAULT_HALF),
	CALL(writev, FAULT_FD | WRITES),
	CALL(readv, FAULT_FD | FILE_IO),
	CALL(close, FAULT_FD | FILE_IO),
	CALL(fsync, FAULT_FD | WRITES),
	CALL(fdatasync, FAULT_FD | WRITES),
	CALL(sync_file_range, FAULT_FD | WRITES),
	CALL(ftruncate, FAULT_FD | FILE_IO | FAULT_ROFS),
	CALL(fallocate, FAULT_FD | WRITES | FAULT_ROFS),
	CALL(copy_file_range, FAULT_FD | WRITES | FAULT_MEMORY),
	CALL(lseek, FAULT_FD | FAULT_IO),
	CALL(getdents64, FAULT_FD | FAULT_IO),
	CALL(fcntl, FAULT_FD | FAULT_INTR),
	CALL(flock, FAULT_FD | FAULT_INTR | FAULT_MEMORY),
	CALL(dup, FAULT_FD | FAULT_OPENS | FAULT_FILES),
	CALL(mmap, FAULT_MAP | FAULT_MEMORY | FAULT_ACCESS),
	CALL(munmap, FAULT_MEMORY),
	CALL(mremap, FAULT_MEMORY),
	CALL(mprotect, FAULT_MEMORY | FAULT_ACCESS),
	CALL(mlock, FAULT_MEMORY),
	CALL(msync, FAULT_IO),
	CALL(madvise, FAULT_MEMORY),
	CALL(getrandom, FAULT_INTR | FAULT_HALF),
	CALL(getgroups, FAULT_MEMORY),
	CALL(socket, FAULT_OPENS | FAULT_FILES | FAULT_MEMORY | FAULT_ACCESS),
	CALL(connect, FAULT_FD | FAULT_INTR | FAULT_ACCESS),
	CALL(setgroups, FAULT_MEMORY | FAULT_ACCESS),
	CALL(setgid, FAULT_MEMORY | FAULT_ACCESS),
	CALL(setuid, FAULT_MEMORY | FAULT_ACCESS),
};

const unsigned fault_ncalls = sizeof fault_calls / sizeof fault_calls[0];
