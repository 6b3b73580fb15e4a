/*
 * play.h: scenarios, and what they are made of.
 */
#ifndef FAULT_PLAY_H
#define FAULT_PLAY_H

#include "cuts.h"
#include "recover.h"

struct play {
	struct record	*r;
	int		 recording;
	int		 nth, failing;	/* syncs                             */
	struct lk_store	*killed;	/* whoever had it is no more         */
};

struct scenario {
	const char	*name;
	/* What is durable before the first operation. */
	void		(*before)(struct play *p);
	void		(*run)(struct play *p);
	int		 boot;		/* the machine was started between   */
};

extern const struct scenario scenarios[];
extern const size_t nscenarios;

/* Run one. */
void	play(const struct scenario *s, struct record *r);
void	record_free(struct record *r);

/* Steps; each ends the program when it does not go as it should. */
struct lk_store *play_open(int write, int keyed);
/* A batch, told to the model; want: what commit returns. */
void	play_add(struct play *p, struct lk_store *s, int from, int to,
	    int want);
void	play_delete(struct play *p, struct lk_store *s, int from, int to,
	    int want);
void	play_batch(struct play *p, struct lk_store *s, enum batch_kind kind,
	    int from, int to);
/* From the nth sync on (1: the next one) so many fail; 0: none. */
void	play_fail_sync(struct play *p, int nth, int count);
/* The next syncs fail, so many of them; the batch. */
int	play_doubt(struct play *p, struct lk_store *s, enum batch_kind kind,
	    int from, int to, int syncs);
/* It is killed before what it wrote is synced; the batch. */
int	play_killed(struct play *p, struct lk_store *s, enum batch_kind kind,
	    int from, int to);
void	play_package(struct play *p, struct lk_store *s, char package);
/* Delete the account, with the keys from..to-1, which are all that it has. */
void	play_forget(struct play *p, struct lk_store *s, int from, int to);
/* A batch of nothing. */
void	play_begin(struct lk_store *s);
int	play_plan(struct play *p, enum batch_kind kind, int from, int to,
	    char package);
void	play_mark(struct play *p, enum mark mark, int batch);
void	play_need(int ok, const char *what, const struct lk_error *e);

#endif
