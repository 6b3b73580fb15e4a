/*
 * value.h: what a plugin declares of an option, and values of it.  Nobody but
 * the loader includes it.
 */
#ifndef LK_LOADER_VALUE_H
#define LK_LOADER_VALUE_H

#include "loader/loader.h"

#define LK_OPTIONS_MAX	64	/* options a plugin                          */
#define LK_OPTION_TEXT	256	/* octets of a STRING                        */
#define LK_OPTION_NETS_MAX 1024	/* addresses of a NETS                       */
#define LK_EXPECT_MAX	200	/* octets of what lk_value_expect writes     */

/* A value that was checked, owned. */
struct lk_value {
	int		 given;		/* 0: neither written nor fallback   */
	char		*text;		/* STRING, HEADER, CHOICE, a word    */
	int64_t		 number;	/* INTEGER, BOOLEAN, DURATION        */
	struct lk_net	*nets;		/* NETS                              */
	size_t		 nnets;
};

/* Whether kind is one of enum lk_option_kind, and whether it takes a list. */
int	lk_value_kind_known(uint32_t kind);
int	lk_value_takes_list(const struct lk_option *o);
/* Whether a scalar in quotes is of another kind: "5" is no number. */
int	lk_value_bare(const struct lk_option *o);
/* The range that counts: the option's own, or else its kind's. */
void	lk_value_range(const struct lk_option *o, int64_t *min, int64_t *max);
/* "a whole number of 1 to 5", for people. */
void	lk_value_expect(const struct lk_option *o, char out[LK_EXPECT_MAX]);

/*
 * Take one scalar: the value, or for NETS one more of its list.
 * 0, LK_EDATA (it is not as lk_value_expect says), LK_ENOMEM.
 */
int	lk_value_add(const struct lk_option *o, const char *text,
	    struct lk_value *v);
/* Whether a list, all added, is as long as it may be.  0 or LK_EDATA. */
int	lk_value_end(const struct lk_option *o, const struct lk_value *v);
/* The fallback; for NETS words parted by blanks.  As lk_value_add. */
int	lk_value_fallback(const struct lk_option *o, struct lk_value *v);
void	lk_value_free(struct lk_value *v);

/* The i-th option that a table declares, zero beyond the size it stated. */
void	lk_option_at(const struct lk_plugin *t, size_t i,
	    struct lk_option *out);
/*
 * Judge the options that a table declares.  0; LK_ECONFIG with what is wrong
 * in why.
 */
int	lk_options_judge(const struct lk_plugin *t, char *why, size_t size);

/* The value of one setting.  0; LK_EDATA with the sentence in why; LK_ENOMEM.
 * item: the index of the faulty one in a list, or -1. */
int	lk_setting_value(const struct lk_option *o, const struct lk_setting *s,
	    struct lk_value *v, char *why, size_t size, int *item);

#endif
