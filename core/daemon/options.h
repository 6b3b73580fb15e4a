/*
 * options.h: the command line of latchkeyd.
 */
#ifndef LK_DAEMON_OPTIONS_H
#define LK_DAEMON_OPTIONS_H

#define LK_POLICY_LEN	4096		/* octets of the policy's path       */

enum lk_duty {
	LK_DUTY_NONE,
	LK_DUTY_VERIFY,
	LK_DUTY_ADMIN,
	LK_DUTY_BOTH
};

struct lk_options {
	enum lk_duty	 duty;
	char		 policy[LK_POLICY_LEN];
	const char	*pid;		/* file of --pid, or NULL; of argv   */
	const char	*verifier;	/* who is --verify of --both, or NULL */
	int		 check;		/* only say what is wrong            */
};

/* -1: go on; else the exit status, and all was said. */
int	lk_options_parse(int argc, char **argv, struct lk_options *o);

#endif
