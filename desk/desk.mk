# SPDX-License-Identifier: GPL-3.0-or-later
# ghat-desk, included by the Makefile: the program, what is built into it, the launcher that hands it a socket, its tests.
PKG_desk := libmicrohttpd gnutls libsodium libqrencode zlib libseccomp
DESK := $(call room,desk)
DESK_LIBS = $(call pkg_libs,$(PKG_desk) $(PKG_base)) -lm -lpthread
DESK_TESTS := $(filter $(B)/tests/test_desk_%,$(TESTS))

$(B)/obj/desk/%.o: CPPFLAGS += $(call pkg_cflags,$(PKG_desk))
$(B)/desk/embedded.c: tools/embed.sh $(wildcard desk/pages/*.html desk/static/*)
	$(call say,HTM,desk/pages)tools/embed.sh $@ $(filter %.html,$^) -- $(filter desk/static/%,$^)
$(DESK): $(call obj,$(filter-out %/main.c,$(wildcard desk/*.c)) $(B)/desk/embedded.c)
$(B)/ghat-desk: $(B)/obj/desk/main.o $(DESK) $(COMMON)
	$(LINK) $(DESK_LIBS)
$(B)/listen: $(call obj,tools/listen.c)
	$(LINK)
$(DESK_TESTS): $(B)/tests/%: $(B)/obj/tests/unit/%.o $(DESK) $(COMMON)
	$(LINK) $(DESK_LIBS) $(call pkg_libs,$(PKG_tests))
# Shorter stems than those of the Makefile's rules for all harnesses, so these are taken.
$(B)/tests/replay_fuzz_desk_%: $(B)/obj/tests/fuzz/fuzz_desk_%.o $(B)/obj/tests/fuzz/replay.o $(DESK) $(COMMON)
	$(LINK) $(DESK_LIBS)
$(B)/fuzz_desk_%: $(B)/obj/tests/fuzz/fuzz_desk_%.o $(DESK) $(COMMON)
	$(LINK) -fsanitize=fuzzer $(DESK_LIBS)

demo: all ## drop pictures and a clip, made on the spot, where make run looks
	@tools/demo.sh '$(B)' run
check-desk: deps all ## every page of the desk, in each language, at 360 and 1280, light and dark, judged by axe (npm, network); pictures stay in build/
	@GHAT_DESK_ALL=1 GHAT_TEST_TIMEOUT=3600 $(RUN) tests/e2e/desk-looks-right-in-a-browser.sh
.PHONY: demo check-desk
