/*
 * scenes.h: the scenarios of scenarios.c, for the table in scenes.c: what is
 * durable before, and what is recorded.
 */
#ifndef FAULT_SCENES_H
#define FAULT_SCENES_H

#include "play.h"

void	many_keys(struct play *p);
void	nothing(struct play *p);
void	run_bare(struct play *p);
void	run_delete(struct play *p);
void	run_disable(struct play *p);
void	run_doubt(struct play *p);
void	run_dying(struct play *p);
void	run_generate(struct play *p);
void	run_group(struct play *p);
void	run_growth(struct play *p);
void	run_growth_shared(struct play *p);
void	run_import(struct play *p);
void	run_init(struct play *p);
void	run_killed(struct play *p);
void	run_limit(struct play *p);
void	run_long(struct play *p);
void	run_package(struct play *p);
void	run_forget(struct play *p);
void	run_rebuild(struct play *p);
void	run_rebuild_locked(struct play *p);
void	run_turns(struct play *p);
void	run_unclean(struct play *p);
void	since_checkpoint(struct play *p);
void	three_keys(struct play *p);

#endif
