# Ghat: one non-recursive Makefile. `make help` lists the targets.
VERSION := 0.1.0
PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
UNITDIR ?= $(PREFIX)/lib/systemd
LIBEXECDIR ?= $(PREFIX)/libexec/ghat
DATADIR ?= $(PREFIX)/share/ghat
MANDIR ?= $(PREFIX)/share/man

ifeq ($(origin CC),default)
CC := gcc
endif
SAN ?=
VARIANT ?= $(notdir $(CC))$(if $(SAN),-$(subst $(comma),-,$(SAN)))
comma := ,
B := build/$(VARIANT)

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wundef -Wwrite-strings \
        $(if $(findstring gcc,$(CC)),-Wno-format-truncation)
OPT ?= -O2 -g
HARDEN := -fstack-protector-strong -fPIE $(if $(SAN),,-D_FORTIFY_SOURCE=2)
CFLAGS += -std=gnu11 $(OPT) $(WARN) $(HARDEN) $(if $(WERROR),-Werror) $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
CPPFLAGS += -I. -D_GNU_SOURCE -DGH_VERSION='"$(VERSION)"' -DGH_SYSCONFDIR='"$(SYSCONFDIR)"' \
            -DGH_LIBEXECDIR='"$(LIBEXECDIR)"' -DGH_DATADIR='"$(DATADIR)"'
LDFLAGS += -pie -Wl,-z,relro,-z,now $(if $(SAN),-fsanitize=$(SAN))

# Libraries by program: ghatd and ghat cannot link a media library by accident.
PKG_base := inih jansson libcrypto libutf8proc
PKG_daemon := sqlite3 libsystemd
PKG_pipeline := libavformat libavcodec libavfilter libavutil libswscale libswresample vips libjpeg zimg libexif lcms2 libseccomp
PKG_tests := cmocka

pkg_cflags = $(shell pkg-config --cflags $(1))
pkg_libs = $(shell pkg-config --libs $(1))

SRC_base := $(wildcard base/*.c)
SRC_filters := $(wildcard filters/*.c)
SRC_pipeline := $(filter-out pipeline/main.c,$(wildcard pipeline/*.c))
SRC_daemon := $(filter-out daemon/main.c,$(wildcard daemon/*.c))
SRC_ctl := $(wildcard ctl/*.c)
obj = $(patsubst %.c,$(B)/obj/%.o,$(1))

TESTS := $(patsubst tests/unit/%.c,$(B)/tests/%,$(wildcard tests/unit/test_*.c))

all: $(B)/ghatd $(B)/ghat $(B)/ghat-worker ## build everything

$(B)/obj/pipeline/%.o: CPPFLAGS += $(call pkg_cflags,$(PKG_pipeline))
$(B)/obj/daemon/%.o $(B)/obj/ctl/%.o: CPPFLAGS += $(call pkg_cflags,$(PKG_daemon))
$(B)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

$(B)/libbase.a: $(call obj,$(SRC_base))
$(B)/libfilters.a: $(call obj,$(SRC_filters))
$(B)/libpipeline.a: $(call obj,$(SRC_pipeline))
$(B)/libdaemon.a: $(call obj,$(SRC_daemon))
$(B)/lib%.a:
	@rm -f $@
	$(AR) rcs $@ $^

$(B)/ghatd: $(B)/obj/daemon/main.o $(B)/libdaemon.a $(B)/libfilters.a $(B)/libbase.a
	$(CC) $(LDFLAGS) $^ -o $@ $(call pkg_libs,$(PKG_daemon) $(PKG_base)) -lm -lpthread
$(B)/ghat: $(call obj,$(SRC_ctl)) $(B)/libdaemon.a $(B)/libfilters.a $(B)/libbase.a
	$(CC) $(LDFLAGS) $^ -o $@ $(call pkg_libs,$(PKG_daemon) $(PKG_base)) -lm -lpthread
$(B)/ghat-worker: $(B)/obj/pipeline/main.o $(B)/libpipeline.a $(B)/libfilters.a $(B)/libbase.a
	$(CC) $(LDFLAGS) $^ -o $@ $(call pkg_libs,$(PKG_pipeline) $(PKG_base)) -lm -lpthread

# Unit tests: tests/unit/test_<module>.c; those that name pipeline/ modules link the media libraries.
$(B)/tests/test_pipeline_%: $(B)/obj/tests/unit/test_pipeline_%.o $(B)/libpipeline.a $(B)/libfilters.a $(B)/libbase.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $^ -o $@ $(call pkg_libs,$(PKG_pipeline) $(PKG_base) $(PKG_tests)) -lm -lpthread
$(B)/tests/%: $(B)/obj/tests/unit/%.o $(B)/libdaemon.a $(B)/libfilters.a $(B)/libbase.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $^ -o $@ $(call pkg_libs,$(PKG_daemon) $(PKG_base) $(PKG_tests)) -lm -lpthread
$(B)/obj/tests/unit/test_pipeline_%.o: CPPFLAGS += $(call pkg_cflags,$(PKG_pipeline))

# The engine's test runs a worker whose pipeline is a script: sandbox, nursery and protocol are the real ones.
STUB := $(addprefix pipeline/,main.c nursery.c child.c fstat.c sandbox.c sandbox_seccomp.c sandbox_landlock.c selftest.c) \
        tests/sandbox/stub_pipeline.c
$(B)/tests/stub-worker: $(call obj,$(STUB)) $(B)/libbase.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $^ -o $@ $(call pkg_libs,$(PKG_pipeline) $(PKG_base)) -lm -lpthread
$(B)/tests/test_engine: | $(B)/tests/stub-worker

tests: $(TESTS)

clean: ## remove what was built
	rm -rf build

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST)

.PHONY: all tests clean help
.SECONDARY:
-include $(shell find build -name '*.d' 2>/dev/null)
