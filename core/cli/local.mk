# core/cli: the command.  It may use latchkey.h, show and base; and json for the
# answers of a latchkeyd.

bin_PROGRAMS += latchkey
latchkey_CFLAGS = $(AM_CFLAGS) $(PIE_CFLAGS)
latchkey_LDFLAGS = $(AM_LDFLAGS) $(PIE_LDFLAGS)
latchkey_LDADD = liblatchkey.la libshow.la libjson.la libbase.la $(JANSSON_LIBS)
latchkey_SOURCES =

latchkey_SOURCES += core/cli/answer.c core/cli/answer_parts.c
latchkey_SOURCES += core/cli/answer_decision.c
latchkey_SOURCES += core/cli/answer.h
latchkey_SOURCES += core/cli/apart.c core/cli/apart.h
latchkey_SOURCES += core/cli/args.c core/cli/cli.h
latchkey_SOURCES += core/cli/ask.c
latchkey_SOURCES += core/cli/beside.c core/cli/beside.h
latchkey_SOURCES += core/cli/calls.h
latchkey_SOURCES += core/cli/calls_here.c
latchkey_SOURCES += core/cli/calls_remote.c core/cli/calls_remote.h
latchkey_SOURCES += core/cli/calls_remote_list.c
latchkey_SOURCES += core/cli/ending.c
latchkey_SOURCES += core/cli/enter.c core/cli/enter_keys.c
latchkey_SOURCES += core/cli/event_out.c core/cli/event_out.h
latchkey_SOURCES += core/cli/finding.c core/cli/finding.h
latchkey_SOURCES += core/cli/format.c core/cli/format.h
latchkey_SOURCES += core/cli/grid.c core/cli/grid.h
latchkey_SOURCES += core/cli/help.c
latchkey_SOURCES += core/cli/input.c core/cli/input.h
latchkey_SOURCES += core/cli/json_out.c core/cli/json_out.h
latchkey_SOURCES += core/cli/key_out.c core/cli/key_out.h
latchkey_SOURCES += core/cli/link.c core/cli/link.h
latchkey_SOURCES += core/cli/main.c core/cli/verbs.h
latchkey_SOURCES += core/cli/plugin_out.c core/cli/plugin_out.h
latchkey_SOURCES += core/cli/question.h core/cli/question_remote.c
latchkey_SOURCES += core/cli/say.c
latchkey_SOURCES += core/cli/progress.c core/cli/progress.h
latchkey_SOURCES += core/cli/shown.c core/cli/shown.h
latchkey_SOURCES += core/cli/text_out.c core/cli/text_out.h
latchkey_SOURCES += core/cli/tree.c core/cli/tree.h
latchkey_SOURCES += core/cli/verb_account_delete.c
latchkey_SOURCES += core/cli/verb_account_list.c
latchkey_SOURCES += core/cli/verb_account_set.c
latchkey_SOURCES += core/cli/verb_delete.c
latchkey_SOURCES += core/cli/verb_disable.c
latchkey_SOURCES += core/cli/verb_enable.c
latchkey_SOURCES += core/cli/verb_export.c
latchkey_SOURCES += core/cli/verb_generate.c
latchkey_SOURCES += core/cli/verb_import.c
latchkey_SOURCES += core/cli/verb_init.c
latchkey_SOURCES += core/cli/verb_list.c
latchkey_SOURCES += core/cli/verb_plugin_check.c
latchkey_SOURCES += core/cli/verb_pepper_retire.c
latchkey_SOURCES += core/cli/verb_pepper_rotate.c
latchkey_SOURCES += core/cli/verb_pepper_status.c
latchkey_SOURCES += core/cli/verb_plugin_list.c
latchkey_SOURCES += core/cli/verb_plugin_pin.c
latchkey_SOURCES += core/cli/verb_plugin_show.c
latchkey_SOURCES += core/cli/verb_policy_check.c
latchkey_SOURCES += core/cli/verb_policy_explain.c
latchkey_SOURCES += core/cli/verb_prune.c
latchkey_SOURCES += core/cli/verb_rotate.c
latchkey_SOURCES += core/cli/verb_reload.c
latchkey_SOURCES += core/cli/verb_scan.c
latchkey_SOURCES += core/cli/verb_show.c
latchkey_SOURCES += core/cli/verb_store_check.c
latchkey_SOURCES += core/cli/verb_store_compact.c
latchkey_SOURCES += core/cli/verb_store_log.c
latchkey_SOURCES += core/cli/verb_store_rebuild.c
latchkey_SOURCES += core/cli/verb_store_repair.c
latchkey_SOURCES += core/cli/verb_store_restore.c
latchkey_SOURCES += core/cli/verb_types.c
latchkey_SOURCES += core/cli/verb_verify.c
latchkey_SOURCES += core/cli/verdict.c core/cli/verdict.h
latchkey_SOURCES += core/cli/where.c

# bash looks for a file named as the command.
EXTRA_DIST += core/cli/latchkey.bash
dist_zshcomp_DATA += core/cli/_latchkey

install-data-local: install-bash-completion
install-bash-completion:
	$(MKDIR_P) "$(DESTDIR)$(bashcompdir)"
	$(INSTALL_DATA) $(srcdir)/core/cli/latchkey.bash \
	    "$(DESTDIR)$(bashcompdir)/latchkey"
uninstall-local: uninstall-bash-completion
uninstall-bash-completion:
	rm -f "$(DESTDIR)$(bashcompdir)/latchkey"
.PHONY: install-bash-completion uninstall-bash-completion

# Where the dynamic linker has a cache of the folder, the new library is put
# into it; libtool leaves that to whoever installs.
install-exec-hook: cache-library
cache-library:
	@PATH=$$PATH:/usr/sbin:/sbin; \
	if test -z "$(DESTDIR)" && ldconfig -N -v 2>/dev/null | \
	    grep -q "^$(libdir):"; then ldconfig || :; fi
.PHONY: cache-library
