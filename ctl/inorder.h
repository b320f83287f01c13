/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers about files in the order of the command line, whatever order they were found in. */
#ifndef GH_CTL_INORDER_H
#define GH_CTL_INORDER_H

#include "ctl/batch.h"

#include <jansson.h>

/** For gh_batch_hooks.end: print the texts of all files up to the first that is not done. */
void gh_inorder_end(struct gh_batch_file *file);
/** Add one JSON line to a file's text. Takes the reference. */
void gh_inorder_json(struct gh_batch_file *file, json_t *o);

#endif
