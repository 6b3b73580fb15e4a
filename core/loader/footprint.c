/*
 * footprint.c: what a plugin may not change of the process that loads it.
 *
 * Looked at while plugins are loaded and configured, never on the way of a
 * verify.  Signal mask, locale and what controls floating point are those of
 * the calling thread; umask and working directory are the process's, so another
 * thread that changes them at that very moment is taken for the plugin: nothing
 * is loaded then, and it says why.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loader/loader.h"

#define STATUS_MAX	1024		/* octets; Umask stands on top of it */

/* As proc(5) has it: umask(2) itself cannot ask without changing. */
static void
umask_read(char out[LK_UMASK_TEXT])
{
	char	 text[STATUS_MAX + 1];
	char	*p = NULL;
	ssize_t	 n;
	int	 fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);

	out[0] = '\0';
	if (fd == -1)
		return;
	if ((n = read(fd, text, STATUS_MAX)) > 0) {
		text[n] = '\0';
		p = strstr(text, "\nUmask:\t");
	}
	close(fd);
	if (p != NULL)
		snprintf(out, LK_UMASK_TEXT, "%.4s", p + 8);
}

/* Of this thread, where it has one of its own, and else of the process. */
static void
locale_read(char out[LK_LOCALE_TEXT])
{
	static const int	 categories[] = { LC_CTYPE, LC_NUMERIC,
				     LC_TIME, LC_COLLATE, LC_MONETARY,
				     LC_MESSAGES };
	size_t			 i, n = 0;

	for (i = 0; i < sizeof(categories) / sizeof(categories[0]) &&
	    n < LK_LOCALE_TEXT; i++)
		n += (size_t)snprintf(out + n, LK_LOCALE_TEXT - n, "%s%s",
		    i != 0 ? " " : "",
		    nl_langinfo(NL_LOCALE_NAME(categories[i])));
}

uint64_t
lk_float_control(void)
{
#if defined(__x86_64__)
	uint32_t	 sse = 0;
	uint16_t	 x87 = 0;

	__asm__ volatile("stmxcsr %0" : "=m"(sse));
	__asm__ volatile("fnstcw %0" : "=m"(x87));
	/* But for what operations leave there. */
	return (uint64_t)x87 << 32 | (sse & ~(uint32_t)0x3f);
#elif defined(__aarch64__)
	uint64_t	 control;

	__asm__ volatile("mrs %0, fpcr" : "=r"(control));
	return control;
#else
	return 0;
#endif
}

void
lk_footprint_take(struct lk_footprint *f)
{
	struct stat	 st;

	memset(f, 0, sizeof(*f));
	pthread_sigmask(SIG_SETMASK, NULL, &f->mask);
	locale_read(f->locale);
	if (stat(".", &st) == 0) {
		f->dev = st.st_dev;
		f->ino = st.st_ino;
	}
	umask_read(f->umask);
	f->control = lk_float_control();
}

const char *
lk_footprint_changed(const struct lk_footprint *was)
{
	struct lk_footprint	 is;

	lk_footprint_take(&is);
	if (memcmp(&was->mask, &is.mask, sizeof(is.mask)) != 0)
		return "the signal mask";
	if (strcmp(was->locale, is.locale) != 0)
		return "the locale";
	if (was->dev != is.dev || was->ino != is.ino)
		return "the working directory";
	if (strcmp(was->umask, is.umask) != 0)
		return "the umask";
	if (was->control != is.control)
		return "the rounding of floating point";
	return NULL;
}
