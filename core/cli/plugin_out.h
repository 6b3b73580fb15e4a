/*
 * plugin_out.h: a plugin as JSON and as text.
 */
#ifndef LK_CLI_PLUGIN_OUT_H
#define LK_CLI_PLUGIN_OUT_H

#include "cli/cli.h"
#include "cli/json_out.h"

const char *lk_plugin_kind(const struct lk_plugin_info *p);
/* The path of the policy that is in force, or NULL. */
const char *lk_plugin_policy(struct lk_cli *c);
/* The object of latchkey(1), "A plugin"; name as in json_out.h. */
void	lk_plugin_json(struct lk_out *j, const char *name,
	    const struct lk_plugin_info *p);
/* Its facts, each option and an example of the policy's lines. */
void	lk_plugin_text(const struct lk_plugin_info *p);

#endif
