/*
 * shim.c: shim.so, see shim.h.
 *
 * The handler runs between any two instructions of the command, in libc too:
 * it calls nothing of libc, and its own system calls are those of one address,
 * which the filter lets through.
 */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/types.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include "shim.h"

#if defined(__x86_64__)
#define SHIM_ARCH	AUDIT_ARCH_X86_64
__asm__(".text\n"
    ".globl shim_call\n.hidden shim_call\n"
    ".globl shim_call_end\n.hidden shim_call_end\n"
    ".type shim_call,@function\n"
    "shim_call:\n"
    "	endbr64\n"
    "	mov %rdi, %rax\n	mov %rsi, %rdi\n	mov %rdx, %rsi\n"
    "	mov %rcx, %rdx\n	mov %r8, %r10\n	mov %r9, %r8\n"
    "	mov 8(%rsp), %r9\n	syscall\n"
    "shim_call_end:\n	ret\n"
    ".size shim_call, . - shim_call\n");
#elif defined(__aarch64__)
#define SHIM_ARCH	AUDIT_ARCH_AARCH64
__asm__(".text\n"
    ".globl shim_call\n.hidden shim_call\n"
    ".globl shim_call_end\n.hidden shim_call_end\n"
    ".type shim_call,%function\n"
    "shim_call:\n"
    "	mov x8, x0\n	mov x0, x1\n	mov x1, x2\n	mov x2, x3\n"
    "	mov x3, x4\n	mov x4, x5\n	mov x5, x6\n	svc #0\n"
    "shim_call_end:\n	ret\n"
    ".size shim_call, . - shim_call\n");
#endif

#ifdef SHIM_ARCH
long		shim_call(long, long, long, long, long, long, long);
extern const char shim_call_end[];

#define NAMED		256			/* descriptors with a name   */
#define FILTER_MAX	128			/* instructions              */

static struct fault_page	*page;
static char	 names[NAMED][FAULT_OBJECT + 1];
static uint8_t	 sync_failed[NAMED];

/* A call of the command: its number in the table, and its arguments. */
struct call {
	const struct fault_call	*of;
	unsigned		 nature;
	long			 a[6];
};

static void
end(int sig)
{
	shim_call(SYS_kill, shim_call(SYS_getpid, 0, 0, 0, 0, 0, 0), sig, 0, 0,
	    0, 0);
}

static void
copy_name(char *out, const char *p)
{
	const char	*last = p;
	size_t		 n;

	for (; *p != '\0'; p++)
		if (*p == '/' && p[1] != '\0')
			last = p + 1;
	for (n = 0; n < FAULT_OBJECT && last[n] != '\0'; n++)
		out[n] = last[n];
	out[n] = '\0';
}

/* The file that a call is about, and its descriptor, or -1. */
static long
name_file(const struct call *c, char *out)
{
	const char	*path = NULL;
	long		 fd = -1;

	out[0] = '\0';
	if (c->of->flags & FAULT_PATH)
		path = (const char *)c->a[0];
	if (c->of->flags & FAULT_AT)
		path = (const char *)c->a[1];
	if (path == NULL || *path == '\0')
		fd = c->of->flags & (FAULT_FD | FAULT_AT) ? (int)c->a[0] :
		    c->of->flags & FAULT_MAP ? (int)c->a[4] : -1;
	if (path != NULL && *path != '\0')
		copy_name(out, path);
	else if (fd >= 0 && fd < NAMED)
		copy_name(out, names[fd]);
	return fd;
}

/* What is opened to be read meets no full disk. */
static unsigned
nature_of(const struct call *c)
{
	unsigned	 nature = c->of->flags & 0xff;
	long		 how = c->of->flags & FAULT_AT ? c->a[2] : c->a[1];

	if ((c->of->flags & FAULT_OPENS) == 0 ||
	    (c->of->flags & (FAULT_AT | FAULT_PATH)) == 0)
		return nature;
	if ((how & O_ACCMODE) == O_RDONLY)
		nature &= ~FAULT_ROFS;
	if ((how & O_CREAT) == 0)
		nature &= ~FAULT_SPACE;
	return nature;
}

static void
note(struct call *c)
{
	struct fault_seen	*s;
	long			 fd;

	c->nature = nature_of(c);
	if (page->count >= FAULT_SEEN) {
		page->count++;
		return;
	}
	s = &page->seen[page->count++];
	fd = name_file(c, s->object);
	s->call = (uint8_t)(c->of - fault_calls);
	s->nature = (uint8_t)c->nature;
	s->fd = fd < 0 || fd > 254 ? 255 : (uint8_t)fd;
}

static int
is_sync(const struct call *c)
{
	return c->of->nr == SYS_fsync || c->of->nr == SYS_fdatasync;
}

static long
make(const struct call *c)
{
	const long	*a = c->a;

	if (is_sync(c)) {
		if (a[0] >= 0 && a[0] < NAMED && sync_failed[a[0]])
			page->again++;
		if (page->hurry)
			return 0;
	}
	return shim_call(c->of->nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* Argument 1 or 2 tells the octets: half of them; one is not divided. */
static long
make_half(struct call *c, int lie)
{
	long	*n = &c->a[c->of->nr == SYS_getrandom ? 1 : 2], all = *n, r;

	if (all < 2)
		return lie ? all : make(c);
	*n = all / 2;
	r = make(c);
	return lie && r > 0 ? all : r;
}

static long
fault(struct call *c)
{
	page->hits++;
	switch (page->how) {
	case FAULT_KILL:
		end(SIGKILL);
		break;
	case FAULT_ABORT:
		end(SIGABRT);
		break;
	case FAULT_SHORT:
	case FAULT_LIE:
		return make_half(c, page->how == FAULT_LIE);
	}
	if (is_sync(c) && c->a[0] >= 0 && c->a[0] < NAMED)
		sync_failed[c->a[0]] = 1;
	if (c->of->nr == SYS_close)	/* it is closed all the same */
		(void)make(c);
	return -page->error;
}

static int
is_now(const struct call *c)
{
	if (page->at == 0 || page->count < page->at)
		return 0;
	if (page->count == page->at)
		return 1;
	return page->for_good && (c->nature & page->nature) != 0;
}

/* A descriptor has the name of what was opened as it. */
static void
name_result(const struct call *c, long r)
{
	if (r < 0 || r >= NAMED || (c->of->flags & FAULT_OPENS) == 0)
		return;
	name_file(c, names[r]);
	sync_failed[r] = 0;
}

/* Flags are no fault's matter. */
static int
is_left_out(const struct call *c)
{
	return c->of->nr == SYS_fcntl && (c->a[1] == F_GETFD ||
	    c->a[1] == F_SETFD || c->a[1] == F_GETFL);
}

static long
serve(int nr, const long *a)
{
	struct call	 c = { 0 };
	unsigned	 i;
	long		 r;

	for (i = 0; i < fault_ncalls && fault_calls[i].nr != nr; i++)
		continue;
	if (i == fault_ncalls)
		return shim_call(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	c.of = &fault_calls[i];
	for (i = 0; i < 6; i++)
		c.a[i] = a[i];
	if (is_left_out(&c))
		return make(&c);
	note(&c);
	r = is_now(&c) ? fault(&c) : make(&c);
	name_result(&c, r);
	return r;
}

static void
trapped(int sig, siginfo_t *si, void *context)
{
	ucontext_t	*u = context;

	(void)sig;
#if defined(__x86_64__)
	greg_t	*g = u->uc_mcontext.gregs;
	long	 a[6] = { g[REG_RDI], g[REG_RSI], g[REG_RDX], g[REG_R10],
		    g[REG_R8], g[REG_R9] };

	g[REG_RAX] = serve(si->si_syscall, a);
#else
	unsigned long long	*g = u->uc_mcontext.regs;
	long			 a[6], i;

	for (i = 0; i < 6; i++)
		a[i] = (long)g[i];
	g[0] = (unsigned long long)serve(si->si_syscall, a);
#endif
}

/* ----------------------------------------------------------------- filter */

#define LOAD(field)	BPF_STMT(BPF_LD | BPF_W | BPF_ABS,		\
			    offsetof(struct seccomp_data, field))
#define LOAD_HIGH(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS,		\
			    offsetof(struct seccomp_data, field) + 4)
#define JUMP(test, k, yes, no)	BPF_JUMP(BPF_JMP | (test) | BPF_K, k, yes, no)

/* Ours are let through, those of the table handed back, all others made. */
static int
install(void)
{
	struct sock_filter	 f[FILTER_MAX];
	struct sock_fprog	 prog = { .filter = f };
	uint64_t		 from = (uintptr_t)&shim_call;
	uint64_t		 to = (uintptr_t)shim_call_end;
	unsigned short		 n = 0;
	unsigned		 i;

	f[n++] = (struct sock_filter)LOAD(arch);
	f[n++] = (struct sock_filter)JUMP(BPF_JEQ, SHIM_ARCH, 1, 0);
	f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
	    SECCOMP_RET_ALLOW);
	f[n++] = (struct sock_filter)LOAD_HIGH(instruction_pointer);
	f[n++] = (struct sock_filter)JUMP(BPF_JEQ, (uint32_t)(from >> 32), 0,
	    4);
	f[n++] = (struct sock_filter)LOAD(instruction_pointer);
	f[n++] = (struct sock_filter)JUMP(BPF_JGE, (uint32_t)from, 0, 2);
	f[n++] = (struct sock_filter)JUMP(BPF_JGT, (uint32_t)to, 1, 0);
	f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
	    SECCOMP_RET_ALLOW);
	f[n++] = (struct sock_filter)LOAD(nr);
	for (i = 0; i < fault_ncalls && n < FILTER_MAX - 2; i++, n++)
		f[n] = (struct sock_filter)JUMP(BPF_JEQ,
		    (uint32_t)fault_calls[i].nr,
		    (uint8_t)(fault_ncalls - i), 0);
	f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
	    SECCOMP_RET_ALLOW);
	f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
	    SECCOMP_RET_TRAP);
	prog.len = n;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return errno;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) == -1 ?
	    errno : 0;
}

static void __attribute__((constructor))
start(void)
{
	struct sigaction	 sa = { 0 };
	const char		*fd = getenv(FAULT_ENV);
	void			*p;

	if (fd == NULL)
		return;
	p = mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED,
	    atoi(fd), 0);
	close(atoi(fd));
	if (p == MAP_FAILED)
		return;
	page = p;
	strcpy(names[0], "stdin");
	strcpy(names[1], "stdout");
	strcpy(names[2], "stderr");
	sa.sa_sigaction = trapped;
	sa.sa_flags = SA_SIGINFO;
	page->barred = sigaction(SIGSYS, &sa, NULL) == -1 ? (uint32_t)errno :
	    (uint32_t)install();
}
#else	/* no way to make a system call is known: it is said to be barred */
static void __attribute__((constructor))
start(void)
{
	const char	*fd = getenv(FAULT_ENV);
	void		*p;

	if (fd == NULL)
		return;
	p = mmap(NULL, sizeof(struct fault_page), PROT_READ | PROT_WRITE,
	    MAP_SHARED, atoi(fd), 0);
	close(atoi(fd));
	if (p != MAP_FAILED)
		((struct fault_page *)p)->barred = ENOSYS;
}
#endif
