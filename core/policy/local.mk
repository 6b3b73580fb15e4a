# core/policy: YAML events to checked structs.
libcore_la_SOURCES += core/policy/findings.c core/policy/findings.h
libcore_la_SOURCES += core/policy/node.c core/policy/node.h
libcore_la_SOURCES += core/policy/octets.c core/policy/octets.h
libcore_la_SOURCES += core/policy/policy.c core/policy/policy.h
libcore_la_SOURCES += core/policy/read.c core/policy/read.h
libcore_la_SOURCES += core/policy/read_apis.c
libcore_la_SOURCES += core/policy/read_checks.c
libcore_la_SOURCES += core/policy/read_packages.c
libcore_la_SOURCES += core/policy/read_paths.c
libcore_la_SOURCES += core/policy/read_policy.c
libcore_la_SOURCES += core/policy/read_roles.c
libcore_la_SOURCES += core/policy/read_types.c
libcore_la_SOURCES += core/policy/route.c
libcore_la_SOURCES += core/policy/routes.c core/policy/routes.h
libcore_la_SOURCES += core/policy/syntax.c core/policy/syntax.h
libcore_la_SOURCES += core/policy/whole.c
libcore_la_SOURCES += core/policy/yaml.c
