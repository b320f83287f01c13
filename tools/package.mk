# SPDX-License-Identifier: GPL-3.0-or-later
# Debian packages, and tests in Debian roots of their own; included by the Makefile.
deb: deps-build deps-deb ## the Debian packages ghat and ghat-desk, in build/deb
	@DEB_PARALLEL=$(shell nproc) tools/deb.sh build/deb '$(VERSION)'
check-boot: deps deps-boot ## install into a Debian 12 root, boot it, drop, approve, restart, stop (root, network)
	@$(MAKE) $(JOBS) --no-print-directory all
	@$(RUN) tests/nspawn/boot.sh
check-deb: deps deb deps-boot ## judge the packages (lintian), install them in a booted Debian 12 root, upgrade, remove, purge (root, network)
	@$(MAKE) $(JOBS) --no-print-directory all
	@$(RUN) tests/nspawn/package.sh
check-mail: deps deps-boot ## Debian's Postfix in a booted Debian 12 root takes what ghat-post sends, and nothing with a wrong certificate (root, network)
	@$(MAKE) $(JOBS) --no-print-directory all
	@$(RUN) tests/nspawn/postfix.sh
check-system: deps deps-deb deps-boot ## a site's first days in a booted Debian 12 root: setup, Samba, Chromium, SFTP, kills, full disks, a reboot, an upgrade, purge (root, network; a quarter of an hour)
	@$(MAKE) $(JOBS) --no-print-directory all
	@tests/nspawn/system-before.sh build/deb-before
	@$(MAKE) --no-print-directory deb
	@GHAT_TEST_TIMEOUT=$${GHAT_TEST_TIMEOUT:-2400} GHAT_SYSTEM_TELL=/dev/fd/3 $(RUN) tests/nspawn/system.sh 3>&1
check-fresh: deps-boot ## make run and make check in a fresh Debian 12 root with git and make only (root, network)
	@GHAT_TEST_TIMEOUT=$${GHAT_TEST_TIMEOUT:-5400} GHAT_FRESH_TELL=/dev/fd/3 $(RUN) tests/nspawn/fresh.sh 3>&1
.PHONY: deb check-boot check-deb check-mail check-system check-fresh
