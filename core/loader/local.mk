# core/loader: find, distrust, dlopen, handshake, configure.

libcore_la_SOURCES += core/loader/answers.c
libcore_la_SOURCES += core/loader/build.c core/loader/build.h
libcore_la_SOURCES += core/loader/calls.c
libcore_la_SOURCES += core/loader/declare.c
libcore_la_SOURCES += core/loader/elf.c
libcore_la_SOURCES += core/loader/file.c
libcore_la_SOURCES += core/loader/footprint.c
libcore_la_SOURCES += core/loader/instance.c core/loader/instance.h
libcore_la_SOURCES += core/loader/loader.h
libcore_la_SOURCES += core/loader/open.c
libcore_la_SOURCES += core/loader/services.c
libcore_la_SOURCES += core/loader/settings.c
libcore_la_SOURCES += core/loader/shake.c
libcore_la_SOURCES += core/loader/value.c core/loader/value.h
