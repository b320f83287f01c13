/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files in their places: outputs below staging/, originals below archive/ and quarantine/. All
 * functions may be called in pool threads, and again after they failed or were interrupted. Class:
 * GH_AGAIN when the disk is full, else GH_SYSTEM.
 */
#ifndef GH_DAEMON_STORE_STAGE_H
#define GH_DAEMON_STORE_STAGE_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/**
 * mkdir -p below dirfd. mode goes through the umask; a set-group-id bit is inherited and never set,
 * because systemd does not let ghatd. Directories that are there stay as they are. Not synced.
 */
GH_MUST_USE int gh_stage_dirs(int dirfd, const char *path, unsigned mode, struct gh_err *err);

/** Where an output lies below staging/: "12/<placement>/durga-puja-2of3.mp4". part counts from 1;
 * ext has no dot. Cut when it is longer than size. */
void gh_stage_path(int64_t submission, const char *placement, const char *stem, unsigned part,
                   unsigned parts, const char *ext, char *ret, size_t size);
/** Sync fd's unnamed file and link it at path below staging/, in place of what is there; mode 0640,
 * directories 0750. The directories are not synced: gh_stage_sync does that. */
GH_MUST_USE int gh_stage_link(int staging, int fd, const char *path, struct gh_err *err);
/** Remove what a killed attempt left under temporary names in a submission's folder of staging/. */
void gh_stage_recover(int staging, int64_t submission);
/** fsync what gh_stage_link changed: path's directory and those above it. */
GH_MUST_USE int gh_stage_sync(int staging, const char *path, struct gh_err *err);

/** Link spool/<sha256> as <dir>/<folder>/<name made safe>, durably; the folders are made. name is
 * as dropped, any bytes; "<file>-" is put before it when another file has the name. */
GH_MUST_USE int gh_stage_keep(int spool, const char *sha256, int dir, const char *folder,
                              const void *name, size_t name_len, int64_t file, struct gh_err *err);
/** A submission's folder in archive/ and quarantine/: year and month of its drop, local time, and
 * its id ("2026/11/12"). */
void gh_stage_archive_folder(int64_t submission, int64_t dropped_ms, char *ret, size_t size);

#endif
