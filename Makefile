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
PKG_base := inih jansson libcrypto libutf8proc zlib
PKG_daemon := sqlite3 libsystemd liboath
PKG_pipeline := libavformat libavcodec libavfilter libavutil libswscale libswresample vips libjpeg zimg libexif lcms2 libseccomp pangocairo libarchive expat libical
PKG_ctl := libqrencode
PKG_tests := cmocka

# `make` says what it does in a word; `make V=1` shows the command lines.
say = $(if $(V),,@printf '  %-3s %s\n' $(1) $(2);)

# What pkg-config says of a list of packages, asked once a list and not once a command.
pkg_key = PKG$(1).$(subst $() ,.,$(strip $(2)))
pkg_once = $(or $($(pkg_key)),$(eval $(pkg_key) := $$(shell pkg-config $(1) $(2)))$($(pkg_key)))
pkg_cflags = $(call pkg_once,--cflags,$(1))
pkg_libs = $(call pkg_once,--libs,$(1))

# One archive a room, in the order in which they may call each other: a call that climbs does not link. The walls
# between them are the table of tests/lint/includes.sh.
DAEMON_ROOMS := . control backup verify upkeep publish attempt preview receipt intake event question notice store site engine plan ledger calendar loop
PIPELINE_ROOMS := child video photo meta document audio encode input . walls
obj = $(patsubst %.c,$(B)/obj/%.o,$(1))
room = $(B)/lib/$(subst /,-,$(patsubst %/.,%,$(1))).a
COMMON := $(call room,filters) $(call room,base)
DAEMON := $(foreach r,$(DAEMON_ROOMS),$(call room,daemon/$(r)))
PIPELINE := $(foreach r,$(PIPELINE_ROOMS),$(call room,pipeline/$(r)))

TESTS := $(patsubst tests/unit/%.c,$(B)/tests/%,$(wildcard tests/unit/test_*.c))
# Unit tests, tests/unit/test_<room>_<file>.c: those that name pipeline/ link the media libraries.
MEDIA_TESTS := $(patsubst tests/unit/%.c,$(B)/tests/%,$(shell grep -lE '"(pipeline/|tests/unit/video_)' tests/unit/test_*.c))
FUZZ := $(filter-out replay,$(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c)))
REPLAY := $(FUZZ:%=$(B)/tests/replay_%)
PROGRAMS := $(B)/ghatd $(B)/ghat $(B)/ghat-worker $(B)/ghat-desk $(B)/ghat-post $(B)/listen
E2E := $(filter-out %/lib.sh,$(wildcard tests/e2e/*.sh tests/fault/*.sh))
JOBS = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))
RUN = B='$(B)' SAN='$(SAN)' tests/run -j$(shell echo $$(($$(nproc) + 1)))

all: $(PROGRAMS) ## build everything

$(B)/obj/pipeline/%.o $(B)/obj/tests/sandbox/%.o $(B)/obj/tests/fuzz/%.o: CPPFLAGS += $(call pkg_cflags,$(PKG_pipeline))
$(B)/obj/daemon/%.o $(B)/obj/ctl/%.o: CPPFLAGS += $(call pkg_cflags,$(PKG_daemon))
$(B)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CPPFLAGS) $(PATHS) $(CFLAGS) -MMD -MP -c $< -o $@

# What knows where things are installed is built again when that changes.
$(call obj,$(shell grep -ls 'GH_\(VERSION\|[A-Z]*DIR\)\>' */*.c */*/*.c)): $(B)/paths
$(B)/paths: FORCE
	@mkdir -p $(@D); printf '%s\n' "$(PATHS)" | cmp -s - $@ || printf '%s\n' "$(PATHS)" > $@

define archive # ROOM: its archive is made of the .c files of its folder; main.c belongs to its program
$(call room,$(1)): $(call obj,$(filter-out %/main.c,$(wildcard $(1)/*.c)))
endef
$(foreach r,base filters $(DAEMON_ROOMS:%=daemon/%) $(PIPELINE_ROOMS:%=pipeline/%),$(eval $(call archive,$(patsubst %/.,%,$(r)))))
# The languages of po/, checked and built in (base/words.h).
$(B)/po/words.c: po tools/po $(wildcard po/*.po)
	$(call say,PO,$<)tools/po build $@ $(filter %.po,$^)
$(call room,base): $(call obj,$(B)/po/words.c)
$(B)/lib/%.a:
	@rm -f $@; mkdir -p $(@D)
	$(call say,AR,$@)$(AR) rcs $@ $^

LINK = $(call say,LD,$@) mkdir -p $(@D); $(CC) $(CFLAGS) $(LDFLAGS) $(filter %.o,$^) $(filter %.a,$^) -o $@
DAEMON_LIBS = $(call pkg_libs,$(PKG_daemon) $(PKG_base)) -lm -lpthread
PIPELINE_LIBS = $(call pkg_libs,$(PKG_pipeline) $(PKG_base)) -lm -lpthread
ALL_LIBS = $(call pkg_libs,$(PKG_daemon) $(PKG_pipeline) $(PKG_base)) -lm -lpthread
$(B)/ghatd: $(B)/obj/daemon/main.o $(DAEMON) $(COMMON)
	$(LINK) $(DAEMON_LIBS)
$(B)/ghat: $(call obj,$(wildcard ctl/*.c)) $(DAEMON) $(COMMON)
	$(LINK) $(DAEMON_LIBS) $(call pkg_libs,$(PKG_ctl))
$(B)/ghat-worker: $(B)/obj/pipeline/main.o $(PIPELINE) $(COMMON)
	$(LINK) $(PIPELINE_LIBS)

$(MEDIA_TESTS): $(B)/tests/%: $(B)/obj/tests/unit/%.o $(PIPELINE) $(COMMON)
	$(LINK) $(PIPELINE_LIBS) $(call pkg_libs,$(PKG_tests))
$(filter-out $(MEDIA_TESTS) $(B)/tests/test_desk_% $(B)/tests/test_post_%,$(TESTS)): $(B)/tests/%: $(B)/obj/tests/unit/%.o $(DAEMON) $(COMMON)
	$(LINK) $(DAEMON_LIBS) $(call pkg_libs,$(PKG_tests))
$(patsubst $(B)/tests/%,$(B)/obj/tests/unit/%.o,$(MEDIA_TESTS)): CPPFLAGS += $(call pkg_cflags,$(PKG_pipeline))
# The worker with a pipeline that misbehaves as its input says: nursery, sandbox and protocol are the real ones.
$(B)/tests/ghat-worker-stub: $(B)/obj/tests/sandbox/stub_pipeline.o $(B)/obj/pipeline/main.o $(PIPELINE) $(COMMON)
	$(LINK) $(PIPELINE_LIBS)
$(B)/tests/test_engine_engine $(B)/tests/test_engine_hostile: | $(B)/tests/ghat-worker-stub
# Preloaded into ghatd by tests/fault.
$(B)/tests/faults.so: tests/fault/faults.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) -D_GNU_SOURCE $(WARN) -O1 -shared -fPIC $< -o $@ -ldl
# Where a photo's time goes: the worker's functions with a clock around each (tests/bench/photo/bench-photo -s).
$(B)/obj/tests/bench/%.o: CPPFLAGS += $(call pkg_cflags,$(PKG_pipeline))
$(B)/bench/stages: $(B)/obj/tests/bench/photo/stages.o $(DAEMON) $(PIPELINE) $(COMMON)
	$(LINK) $(addprefix -Wl$(comma)--wrap=,gh_jpeg_planes gh_resample gh_jpeg_encode) $(ALL_LIBS)
$(B)/bench/heic: $(B)/obj/tests/bench/photo/heic.o $(PIPELINE) $(COMMON)
	$(LINK) $(PIPELINE_LIBS)
# Fuzz harnesses: replayed over their corpus by make check, run with libFuzzer by make fuzz.
$(B)/tests/replay_%: $(B)/obj/tests/fuzz/%.o $(B)/obj/tests/fuzz/replay.o $(DAEMON) $(PIPELINE) $(COMMON)
	$(LINK) $(ALL_LIBS)

$(B)/fuzz_%: $(B)/obj/tests/fuzz/fuzz_%.o $(DAEMON) $(PIPELINE) $(COMMON)
	$(LINK) -fsanitize=fuzzer $(ALL_LIBS)

include desk/desk.mk post/post.mk tools/package.mk
tests: $(TESTS) $(REPLAY) $(B)/tests/faults.so
objects: $(call obj,$(foreach d,base filters ctl desk daemon daemon/* pipeline pipeline/* tests/unit tests/fuzz tests/sandbox,$(wildcard $(d)/*.c)))

deps: ## install what is missing to build and test (apt; asks once on a terminal)
	@tools/deps.sh build check
deps-%:
	@tools/deps.sh $*
run: deps-build ## set up, build, and run ghatd and the desk in the foreground on a tree below ./run
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
lint: tests
lint e2e corpus sandbox hostile: all
	@$(RUN) $(if $(filter e2e,$@),$(E2E),$(filter-out %/lib.sh,$(wildcard tests/$@/*.sh)))
check-faults: all tests ## die at, or fail, every numbered durable step of ghatd (about an hour on two cores; goes on where it stopped; FAULT_JOBS=n at once, SHARD=i/n: a part)
	@rc=0; for t in $(filter-out %/lib.sh,$(wildcard tests/fault/*.sh)); do \
	    GHAT_FAULT_LOG=$(abspath $(B))/tests/$$(basename $$t .sh)-$$(sha256sum <$(B)/ghatd | cut -c1-12).held GHAT_FAULT_TELL=3 \
	    GHAT_FAULT_JOBS=$(or $(FAULT_JOBS),$$((4 * $$(nproc)))) GHAT_FAULT_SHARD=$(or $(SHARD),1/1) GHAT_FAULT_EVERY=1 GHAT_TEST_TIMEOUT=864000 \
	    tests/run $$t 3>&1 || { rc=1; [ -n "$$GHAT_FAULT_KEEP_GOING" ] || break; }; done; exit $$rc
check-hostile-load: all tests; @GHAT_TEST_TIMEOUT=1200 $(RUN) tests/load/*.sh ## two minutes of departments that mean harm beside an honest one (a machine of its own)
check-races: all tests; @GHAT_RACE_S=60 GHAT_MODEL_STEPS=400 $(RUN) $(B)/tests/test_intake_hostile $(B)/tests/test_intake_model ## a minute of each race against intake, and long random sequences of drops
soak: all $(B)/tests/faults.so ## two hours (SOAK_S=7300, SOAK_SEED=N) of a whole house's traffic with a kill a minute: nothing lost, nothing twice, memory, descriptors, disk and latency flat
	@d=$$(mktemp -d /tmp/ghat-soak-XXXXXX); echo "what happens meanwhile: $$d/log"; python3 tests/soak/soak.py '$(B)' "$$d"

bench: all ## every figure in one table beside tests/bench/baseline.json, by its ratio (about an hour, an idle machine, ../shared, sharp; BENCH=--short: twenty minutes)
	@tests/bench/bench $(BENCH)
bench-photo: all $(B)/bench/stages $(B)/bench/heic ## photos beside sharp, vipsthumbnail and libheif (sharp: npm install --prefix /tmp/sharp sharp)
	@tests/bench/photo/bench-photo -s && tests/bench/photo/bench-formats
bench-video: all ## videos beside one ffmpeg process, both clips, in turn (half an hour, ../shared)
	@tests/bench/video/bench-video -f && tests/bench/video/bench-video -H -f
bench-daemon: all ## a photo dropped while a long video encodes; 500 photos at once; a burst of 10,000; idle with 10,000 folders; one photo over Samba; pages of the desk
	@tests/bench/daemon/photo-during-video
	@tests/bench/daemon/daemon-vs-render 500
	@tests/bench/daemon/burst 10000
	@tests/bench/daemon/idle 10000 && tests/bench/daemon/one-photo 100 && tests/bench/daemon/desk-pages
fuzz: ## give each harness of tests/fuzz SECONDS (60) with libFuzzer; what it finds stays in tests/fuzz/corpus
	@$(MAKE) $(JOBS) --no-print-directory CC=clang SAN=address,undefined,fuzzer-no-link VARIANT=fuzz $(FUZZ:%=build/fuzz/%)
	@set -e; for f in $(FUZZ); do mkdir -p tests/fuzz/corpus/$$f build/fuzz/corpus/$$f; \
	    build/fuzz/$$f -max_total_time=$(or $(SECONDS),60) -artifact_prefix=tests/fuzz/corpus/$$f/ -print_final_stats=1 -close_fd_mask=1 \
	        build/fuzz/corpus/$$f tests/fuzz/corpus/$$f; done
UNITS := $(notdir $(foreach k,service socket timer slice,$(wildcard systemd/*.$(k))))
install: all ## install below DESTDIR and PREFIX; starts nothing, overwrites nothing in SYSCONFDIR
	tools/install.sh '$(B)' '$(DESTDIR)' '$(PREFIX)' '$(SYSCONFDIR)' '$(UNITDIR)' '$(SYSUSERSDIR)' '$(TMPFILESDIR)' '$(LIBEXECDIR)' '$(DATADIR)' '$(DOCDIR)' '$(MANDIR)'
uninstall: ## remove what install put there; leaves SYSCONFDIR, the ledger and every file of yours
	rm -f $(addprefix $(DESTDIR),$(PREFIX)/bin/ghat $(PREFIX)/share/bash-completion/completions/ghat $(PREFIX)/sbin/ghatd $(PREFIX)/sbin/ghat-desk $(PREFIX)/sbin/ghat-post $(addprefix $(UNITDIR)/,$(UNITS)) $(SYSUSERSDIR)/ghat.conf $(TMPFILESDIR)/ghat.conf)
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
	@sed -n 's/^\([a-z_.-]*\):[^#]*## \(.*\)/  \1\t\2/p' Makefile desk/desk.mk tools/package.mk | expand -t 26
	@echo; echo 'Variables: PREFIX SYSCONFDIR UNITDIR DESTDIR, CC=clang WERROR=1 SAN=address,undefined'

FORCE:
.PHONY: FORCE all tests objects bench bench-photo bench-video bench-daemon deps run check check-fast check-faults check-hostile-load check-races soak unit lint e2e corpus sandbox hostile fuzz install uninstall dist clean help
.SECONDARY:
-include $(shell find $(B) -type f -name '*.d' 2>/dev/null)
