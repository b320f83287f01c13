# SPDX-License-Identifier: GPL-3.0-or-later
# Ghat: one non-recursive Makefile. `make help` lists the targets, and the variables worth setting.
VERSION := 0.1.0
PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
UNITDIR ?= $(PREFIX)/lib/systemd/system
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d
TMPFILESDIR ?= $(PREFIX)/lib/tmpfiles.d
LIBEXECDIR ?= $(PREFIX)/libexec/ghat
DATADIR ?= $(PREFIX)/share/ghat
DOCDIR ?= $(PREFIX)/share/doc/ghat
MANDIR ?= $(PREFIX)/share/man

ifeq ($(origin CC),default)
CC := gcc
endif
comma := ,
SAN ?=
VARIANT ?= $(notdir $(CC))$(if $(SAN),-$(subst $(comma),-,$(SAN)))
B := build/$(VARIANT)

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wundef -Wwrite-strings \
        $(if $(findstring gcc,$(CC)),-Wno-format-truncation)
OPT ?= -O2 -g
HARDEN := -fstack-protector-strong -fPIE $(if $(SAN),,-D_FORTIFY_SOURCE=2)
CFLAGS += -std=gnu11 $(OPT) $(WARN) $(HARDEN) $(if $(WERROR),-Werror) $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
CPPFLAGS += -I. -D_GNU_SOURCE
PATHS = -DGH_VERSION='"$(VERSION)"' -DGH_SYSCONFDIR='"$(SYSCONFDIR)"' -DGH_LIBEXECDIR='"$(LIBEXECDIR)"' -DGH_DATADIR='"$(DATADIR)"'
LDFLAGS += -pie -Wl,-z,relro,-z,now $(if $(SAN),-fsanitize=$(SAN))

# Libraries by program: ghatd and ghat cannot link a media library by accident.
PKG_base := inih jansson libcrypto libutf8proc
PKG_daemon := sqlite3 libsystemd
PKG_pipeline := libavformat libavcodec libavfilter libavutil libswscale libswresample vips libjpeg zimg libexif lcms2 libseccomp pangocairo
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
FUZZ := $(filter-out replay,$(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c)))
REPLAY := $(FUZZ:%=$(B)/tests/replay_%)
PROGRAMS := $(B)/ghatd $(B)/ghat $(B)/ghat-worker
E2E := $(filter-out %/lib.sh,$(wildcard tests/e2e/*.sh tests/fault/*.sh))
JOBS = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))
RUN = B='$(B)' SAN='$(SAN)' tests/run -j$(shell nproc)

all: $(PROGRAMS) ## build everything

$(B)/obj/pipeline/%.o $(B)/obj/tests/sandbox/%.o $(B)/obj/tests/fuzz/%.o: CPPFLAGS += $(call pkg_cflags,$(PKG_pipeline))
$(B)/obj/daemon/%.o $(B)/obj/ctl/%.o: CPPFLAGS += $(call pkg_cflags,$(PKG_daemon))
$(B)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(PATHS) $(CFLAGS) -MMD -MP -c $< -o $@

# What knows where things are installed is built again when that changes.
$(call obj,$(shell grep -ls 'GH_\(VERSION\|[A-Z]*DIR\)\>' */*.c)): $(B)/paths
$(B)/paths: FORCE
	@mkdir -p $(@D); printf '%s\n' "$(PATHS)" | cmp -s - $@ || printf '%s\n' "$(PATHS)" > $@

$(B)/libbase.a: $(call obj,$(SRC_base))
$(B)/libfilters.a: $(call obj,$(SRC_filters))
$(B)/libpipeline.a: $(call obj,$(SRC_pipeline))
$(B)/libdaemon.a: $(call obj,$(SRC_daemon))
$(B)/lib%.a:
	@rm -f $@
	$(AR) rcs $@ $^

LINK = @mkdir -p $(@D); echo "link $@"; $(CC) $(CFLAGS) $(LDFLAGS) $(filter %.o %.a,$^) -o $@
$(B)/ghatd: $(B)/obj/daemon/main.o $(B)/libdaemon.a $(B)/libfilters.a $(B)/libbase.a
	$(LINK) $(call pkg_libs,$(PKG_daemon) $(PKG_base)) -lm -lpthread
$(B)/ghat: $(call obj,$(SRC_ctl)) $(B)/libdaemon.a $(B)/libfilters.a $(B)/libbase.a
	$(LINK) $(call pkg_libs,$(PKG_daemon) $(PKG_base)) -lm -lpthread
$(B)/ghat-worker: $(B)/obj/pipeline/main.o $(B)/libpipeline.a $(B)/libfilters.a $(B)/libbase.a
	$(LINK) $(call pkg_libs,$(PKG_pipeline) $(PKG_base)) -lm -lpthread

# Unit tests: tests/unit/test_<module>.c; those that name pipeline/ modules link the media libraries.
$(B)/tests/test_pipeline_%: $(B)/obj/tests/unit/test_pipeline_%.o $(B)/libpipeline.a $(B)/libfilters.a $(B)/libbase.a
	$(LINK) $(call pkg_libs,$(PKG_pipeline) $(PKG_base) $(PKG_tests)) -lm -lpthread
$(B)/tests/test_%: $(B)/obj/tests/unit/test_%.o $(B)/libdaemon.a $(B)/libfilters.a $(B)/libbase.a
	$(LINK) $(call pkg_libs,$(PKG_daemon) $(PKG_base) $(PKG_tests)) -lm -lpthread
$(B)/obj/tests/unit/test_pipeline_%.o: CPPFLAGS += $(call pkg_cflags,$(PKG_pipeline))
# The worker with a pipeline that misbehaves as its input says: nursery, sandbox and protocol are the real ones.
$(B)/tests/ghat-worker-stub: $(B)/obj/tests/sandbox/stub_pipeline.o $(B)/obj/pipeline/main.o $(B)/libpipeline.a $(B)/libfilters.a $(B)/libbase.a
	$(LINK) $(call pkg_libs,$(PKG_pipeline) $(PKG_base)) -lm -lpthread
$(B)/tests/test_engine $(B)/tests/test_engine_hostile: | $(B)/tests/ghat-worker-stub
# Preloaded into ghatd by tests/fault.
$(B)/tests/faults.so: tests/fault/faults.c
	@mkdir -p $(@D)
	$(CC) -D_GNU_SOURCE $(WARN) -O1 -shared -fPIC $< -o $@ -ldl
# Where a photo's time goes: the worker's functions with a clock around each (tests/bench/photo/bench-photo -s).
$(B)/obj/tests/bench/%.o: CPPFLAGS += $(call pkg_cflags,$(PKG_pipeline))
$(B)/bench/stages: $(B)/obj/tests/bench/photo/stages.o $(B)/libdaemon.a $(B)/libpipeline.a $(B)/libfilters.a $(B)/libbase.a
	$(LINK) $(addprefix -Wl$(comma)--wrap=,gh_jpeg_planes gh_resample gh_jpeg_encode) $(call pkg_libs,$(PKG_daemon) $(PKG_pipeline) $(PKG_base)) -lm -lpthread
$(B)/bench/heic: $(B)/obj/tests/bench/photo/heic.o $(B)/libpipeline.a $(B)/libfilters.a $(B)/libbase.a
	$(LINK) $(call pkg_libs,$(PKG_pipeline) $(PKG_base)) -lm -lpthread
# Fuzz harnesses: replayed over their corpus by make check, run with libFuzzer by make fuzz.
$(B)/tests/replay_%: $(B)/obj/tests/fuzz/%.o $(B)/obj/tests/fuzz/replay.o $(B)/libdaemon.a $(B)/libpipeline.a $(B)/libfilters.a $(B)/libbase.a
	$(LINK) $(call pkg_libs,$(PKG_daemon) $(PKG_pipeline) $(PKG_base)) -lm -lpthread

$(B)/fuzz_%: $(B)/obj/tests/fuzz/fuzz_%.o $(B)/libdaemon.a $(B)/libpipeline.a $(B)/libfilters.a $(B)/libbase.a
	$(LINK) -fsanitize=fuzzer $(call pkg_libs,$(PKG_daemon) $(PKG_pipeline) $(PKG_base)) -lm -lpthread

tests: $(TESTS) $(REPLAY) $(B)/tests/faults.so

deps: ## install what is missing to build and test (apt; asks once on a terminal)
	@tools/deps.sh build check
deps-%:
	@tools/deps.sh $*
run: deps-build ## set up, build, and run ghatd in the foreground on a tree below ./run
	@$(MAKE) $(JOBS) --no-print-directory all
	@tools/run.sh '$(B)' run
check: deps ## set up, build, and pass every test: units, lint, corpus, end to end
	@$(MAKE) $(JOBS) --no-print-directory all tests
	@$(RUN) $(TESTS) $(REPLAY) tests/lint/*.sh tests/corpus/corpus-*.sh $(wildcard tests/sandbox/*.sh) \
	    $(filter-out %/lib.sh,$(wildcard tests/hostile/*.sh)) $(E2E)
check-fast: deps ## units and lint only
	@$(MAKE) $(JOBS) --no-print-directory all tests
	@$(RUN) $(TESTS) $(REPLAY) tests/lint/*.sh
unit: all tests
	@$(RUN) $(TESTS) $(REPLAY)
lint e2e corpus sandbox hostile: all
	@$(RUN) $(if $(filter e2e,$@),$(E2E),$(filter-out %/lib.sh,$(wildcard tests/$@/*.sh)))
check-faults: all tests ## die at, or fail, every numbered durable step of ghatd (about an hour on two cores; goes on where it stopped; FAULT_JOBS=n at once, SHARD=i/n: a part)
	@rc=0; for t in $(filter-out %/lib.sh,$(wildcard tests/fault/*.sh)); do \
	    GHAT_FAULT_LOG=$(abspath $(B))/tests/$$(basename $$t .sh)-$$(sha256sum <$(B)/ghatd | cut -c1-12).held GHAT_FAULT_TELL=3 \
	    GHAT_FAULT_JOBS=$(or $(FAULT_JOBS),$$((4 * $$(nproc)))) GHAT_FAULT_SHARD=$(or $(SHARD),1/1) GHAT_FAULT_EVERY=1 GHAT_TEST_TIMEOUT=864000 \
	    tests/run $$t 3>&1 || { rc=1; [ -n "$$GHAT_FAULT_KEEP_GOING" ] || break; }; done; exit $$rc
check-races: all tests ## a minute of each race against intake, and long random sequences of drops
	@GHAT_RACE_S=60 GHAT_MODEL_STEPS=400 $(RUN) $(B)/tests/test_intake_hostile $(B)/tests/test_intake_model
check-boot: deps deps-boot ## install into a Debian 12 root, boot it, drop, approve, restart, stop (root, network)
	@$(MAKE) $(JOBS) --no-print-directory all
	@$(RUN) tests/nspawn/boot.sh
check-fresh: deps-boot ## make run and make check in a fresh Debian 12 root with git and make only (root, network)
	@GHAT_TEST_TIMEOUT=$${GHAT_TEST_TIMEOUT:-3600} $(RUN) tests/nspawn/fresh.sh

bench-photo: all $(B)/bench/stages $(B)/bench/heic ## photos beside sharp, vipsthumbnail and libheif (sharp: npm install --prefix /tmp/sharp sharp)
	@tests/bench/photo/bench-photo -s
	@tests/bench/photo/bench-formats

bench-video: all ## videos beside one ffmpeg process, both clips, in turn (half an hour, ../shared)
	@tests/bench/video/bench-video -f && tests/bench/video/bench-video -H -f
bench-daemon: all ## a photo dropped while a long video encodes; 500 photos at once; a burst of 10,000; idle with 10,000 folders
	@tests/bench/daemon/photo-during-video
	@tests/bench/daemon/daemon-vs-render 500
	@tests/bench/daemon/burst 10000
	@tests/bench/daemon/idle 10000
fuzz: ## give each harness of tests/fuzz SECONDS (60) with libFuzzer; what it finds stays in tests/fuzz/corpus
	@$(MAKE) $(JOBS) --no-print-directory CC=clang SAN=address,undefined,fuzzer-no-link VARIANT=fuzz $(FUZZ:%=build/fuzz/%)
	@set -e; for f in $(FUZZ); do mkdir -p tests/fuzz/corpus/$$f build/fuzz/corpus/$$f; \
	    build/fuzz/$$f -max_total_time=$(or $(SECONDS),60) -artifact_prefix=tests/fuzz/corpus/$$f/ -print_final_stats=1 -close_fd_mask=1 \
	        build/fuzz/corpus/$$f tests/fuzz/corpus/$$f; done

install: all ## install below DESTDIR and PREFIX; starts nothing, overwrites nothing in SYSCONFDIR
	tools/install.sh '$(B)' '$(DESTDIR)' '$(PREFIX)' '$(SYSCONFDIR)' '$(UNITDIR)' '$(SYSUSERSDIR)' '$(TMPFILESDIR)' '$(LIBEXECDIR)' '$(DATADIR)' '$(DOCDIR)' '$(MANDIR)'
uninstall: ## remove what install put there; leaves SYSCONFDIR, the ledger and every file of yours
	rm -f $(addprefix $(DESTDIR),$(PREFIX)/bin/ghat $(PREFIX)/sbin/ghatd $(UNITDIR)/ghatd.service $(SYSUSERSDIR)/ghat.conf $(TMPFILESDIR)/ghat.conf)
	rm -f $(foreach m,$(wildcard docs/man/*.[1-8]),$(DESTDIR)$(MANDIR)/man$(subst .,,$(suffix $(m)))/$(notdir $(m)))
	rm -rf $(addprefix $(DESTDIR),$(LIBEXECDIR) $(DATADIR) $(DOCDIR))
dist: ## ghat-VERSION.tar.gz of the committed tree
	git archive --prefix=ghat-$(VERSION)/ -o ghat-$(VERSION).tar.gz HEAD

compile_commands.json: FORCE ## for editors and clang-tidy
	@$(MAKE) -Bn all tests | sed -n 's/^\($(CC) .* -c \([^ ]*\) -o .*\)$$/\2\t\1/p' | \
	    jq -R --arg d '$(CURDIR)' 'split("\t") | {directory: $$d, file: .[0], command: .[1]}' | jq -s . > $@

clean: ## remove what was built
	rm -rf build compile_commands.json
help: ## list the targets
	@sed -n 's/^\([a-z_.-]*\):[^#]*## \(.*\)/  \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 26
	@echo; echo 'Variables: PREFIX SYSCONFDIR UNITDIR DESTDIR, CC=clang WERROR=1 SAN=address,undefined'

FORCE:
.PHONY: FORCE all tests bench-photo bench-video bench-daemon deps run check check-fast check-faults check-races check-boot check-fresh unit lint e2e corpus sandbox hostile fuzz install uninstall dist clean help
.SECONDARY:
-include $(shell find $(B) -name '*.d' 2>/dev/null)
