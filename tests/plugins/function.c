/*
 * function.c: exports the one name, as something else than a table.
 */
#include "plugin.h"

LK_PLUGIN_EXPORT int	not_a_table(void) __asm__("lk_plugin_v1");

int
not_a_table(void)
{
	return 0;
}
