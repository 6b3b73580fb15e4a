/*
 * verbs.h: the entries of the table, one a file.
 */
#ifndef LK_CLI_VERBS_H
#define LK_CLI_VERBS_H

#include "cli/cli.h"

extern const struct lk_verb lk_verb_init;
extern const struct lk_verb lk_verb_types;
extern const struct lk_verb lk_verb_generate;
extern const struct lk_verb lk_verb_list;
extern const struct lk_verb lk_verb_show;
extern const struct lk_verb lk_verb_delete;
extern const struct lk_verb lk_verb_rotate;
extern const struct lk_verb lk_verb_disable;
extern const struct lk_verb lk_verb_enable;
extern const struct lk_verb lk_verb_prune;
extern const struct lk_verb lk_verb_import;
extern const struct lk_verb lk_verb_export;
extern const struct lk_verb lk_verb_verify;
extern const struct lk_verb lk_verb_scan;
extern const struct lk_verb lk_verb_account_set;
extern const struct lk_verb lk_verb_account_list;
extern const struct lk_verb lk_verb_account_delete;
extern const struct lk_verb lk_verb_policy_check;
extern const struct lk_verb lk_verb_policy_explain;
extern const struct lk_verb lk_verb_reload;
extern const struct lk_verb lk_verb_plugin_list;
extern const struct lk_verb lk_verb_plugin_show;
extern const struct lk_verb lk_verb_plugin_check;
extern const struct lk_verb lk_verb_plugin_pin;
extern const struct lk_verb lk_verb_pepper_status;
extern const struct lk_verb lk_verb_pepper_rotate;
extern const struct lk_verb lk_verb_pepper_retire;
extern const struct lk_verb lk_verb_store_check;
extern const struct lk_verb lk_verb_store_compact;
extern const struct lk_verb lk_verb_store_log;
extern const struct lk_verb lk_verb_store_rebuild;
extern const struct lk_verb lk_verb_store_repair;
extern const struct lk_verb lk_verb_store_restore;
extern const struct lk_verb lk_verb_help;

#endif
