# SPDX-License-Identifier: GPL-3.0-or-later
# ghat-post, included by the Makefile: the program, and its tests.
PKG_post := libcurl libseccomp
POST := $(call room,post)
POST_LIBS = $(call pkg_libs,$(PKG_post) $(PKG_base)) -lm -lpthread
POST_TESTS := $(filter $(B)/tests/test_post_%,$(TESTS))

$(B)/obj/post/%.o: CPPFLAGS += $(call pkg_cflags,$(PKG_post))
$(POST): $(call obj,$(filter-out %/main.c,$(wildcard post/*.c)))
$(B)/ghat-post: $(B)/obj/post/main.o $(POST) $(COMMON)
	$(LINK) $(POST_LIBS)
$(POST_TESTS): $(B)/tests/%: $(B)/obj/tests/unit/%.o $(POST) $(COMMON)
	$(LINK) $(POST_LIBS) $(call pkg_libs,$(PKG_tests))
