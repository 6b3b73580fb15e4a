# core/man: mdoc(7) pages.

dist_man_MANS += core/man/latchkey.1
dist_man_MANS += core/man/latchkey.yaml.5
dist_man_MANS += core/man/latchkey-journal.5
dist_man_MANS += core/man/latchkey-plugin.7
if WITH_DAEMON
dist_man_MANS += core/man/latchkeyd.8
endif
