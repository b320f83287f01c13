/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files in their places: outputs below staging/, originals in archive/, what could not be processed in quarantine/ with
 * its reason.txt. All functions are durable when they return, idempotent, and safe in pool threads. Class: GH_AGAIN
 * full disk, GH_SYSTEM.
 */
#ifndef GH_DAEMON_STAGE_H
#define GH_DAEMON_STAGE_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/**
 * mkdir -p below dirfd; mode goes through the umask, and a set-group-id bit is inherited, never set: under systemd
 * ghatd may not. What is there stays as it is.
 */
GH_MUST_USE int gh_stage_dirs(int dirfd, const char *path, unsigned mode, struct gh_err *err);

/** "12/<placement>/durga-puja-2of3.mp4": where an output lies below staging/. part of parts as in the plan. */
void gh_stage_path(int64_t submission, const char *placement, const char *stem, unsigned part, unsigned parts,
                   const char *ext, char *ret, size_t size);
/** Make fd's file durable and link it at path below staging/ (replacing), mode 0640, directories 0750. */
GH_MUST_USE int gh_stage_link(int staging, int fd, const char *path, struct gh_err *err);
/** Remove what a killed attempt left under temporary names in a submission's folder of staging/. */
void gh_stage_recover(int staging, int64_t submission);
/** fsync what gh_stage_link changed: path's directory and those above it. */
GH_MUST_USE int gh_stage_sync(int staging, const char *path, struct gh_err *err);

/** Link spool/<sha256> as <dir>/<folder>/<name made safe>; the folders are made. name: as dropped, any bytes. */
GH_MUST_USE int gh_stage_keep(int spool, const char *sha256, int dir, const char *folder, const void *name,
                              size_t name_len, int64_t file, struct gh_err *err);
/** "2026/11/12": folder of a submission in the archive, local time of its drop. */
void gh_stage_archive_folder(int64_t submission, int64_t dropped_ms, char *ret, size_t size);
/** A dropped name as a file name for people: printable UTF-8, no slash, at most 200 bytes, never empty or hidden. */
void gh_stage_name(const void *name, size_t name_len, char ret[256]);

#endif
