# core/store: the journal and what is derived from it.

libcore_la_SOURCES += core/store/arena.c core/store/arena.h
libcore_la_SOURCES += core/store/attr.c
libcore_la_SOURCES += core/store/batch.c
libcore_la_SOURCES += core/store/chain.c core/store/chain.h
libcore_la_SOURCES += core/store/compose.c
libcore_la_SOURCES += core/store/examine.c
libcore_la_SOURCES += core/store/fs.c core/store/fs.h
libcore_la_SOURCES += core/store/image.c core/store/image.h
libcore_la_SOURCES += core/store/index.c core/store/index.h
libcore_la_SOURCES += core/store/index_inner.h
libcore_la_SOURCES += core/store/inner.h
libcore_la_SOURCES += core/store/journal.c core/store/journal.h
libcore_la_SOURCES += core/store/line.c core/store/line.h
libcore_la_SOURCES += core/store/load.c core/store/load.h
libcore_la_SOURCES += core/store/lock.c core/store/lock.h
libcore_la_SOURCES += core/store/make.c
libcore_la_SOURCES += core/store/pen.c core/store/pen.h
libcore_la_SOURCES += core/store/read.c
libcore_la_SOURCES += core/store/refresh.c
libcore_la_SOURCES += core/store/repair.c core/store/repair.h
libcore_la_SOURCES += core/store/scan.c core/store/scan.h
libcore_la_SOURCES += core/store/stage.c
libcore_la_SOURCES += core/store/state.c core/store/state.h
libcore_la_SOURCES += core/store/store.c core/store/store.h
libcore_la_SOURCES += core/store/table.c core/store/table.h
libcore_la_SOURCES += core/store/tail.c core/store/tail.h
