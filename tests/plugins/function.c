/*
 * function.c: exports the one name, as something else than a table.  It is long
 * enough that its code could be read as one.
 */
#include "plugin.h"

LK_PLUGIN_EXPORT unsigned	no_table(const char *) __asm__("lk_plugin_v1");

unsigned
no_table(const char *s)
{
	unsigned	 h = 2166136261U;

	for (; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * 16777619U;
	return h;
}
