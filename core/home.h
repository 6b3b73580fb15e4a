/*
 * home.h: the default policy as lines; the build makes it of conf/policy.yaml.
 */
#ifndef LK_HOME_H
#define LK_HOME_H

/* Ends in NULL.  @ADMIN_USERS@, @PLUGINS@ and @STORE@ are to be replaced. */
extern const char *const lk_default_policy[];

#endif
