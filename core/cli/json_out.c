#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "cli/cli.h"
#include "cli/json_out.h"

int
lk_out_print(struct lk_out *j)
{
	int	 r = j->b.failed ? LK_ENOMEM : 0;

	if (r != 0)
		lk_say_note("no memory for the answer");
	else if (fwrite(j->b.p, 1, j->b.n, stdout) != j->b.n ||
	    putchar('\n') == EOF)
		r = LK_EIO;
	lk_out_free(j);
	return lk_exit_status(r);
}
