/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The text of a Word document (.docx, ECMA-376): what a reader of it sees in its body, a line a
 * paragraph; nothing of headers, comments, notes, deletions and hidden text. In the sandbox only.
 */
#ifndef GH_PIPELINE_DOCUMENT_DOCX_H
#define GH_PIPELINE_DOCUMENT_DOCX_H

#include "base/contract.h"

#include <stddef.h>

/** Read a document of n bytes. GH_INPUT: it is none, or damaged, or locked; GH_LIMIT: too much of
 * it. The messages are for officers. *ret is untouched then. */
GH_MUST_USE int gh_docx_read(const void *bytes, size_t n, struct gh_text *ret, struct gh_err *err);
/** The same of a file, or the events of one that is an iCalendar file (events.h); fd is borrowed.
 */
GH_MUST_USE int gh_document_read_fd(int fd, struct gh_text *ret, struct gh_err *err);

#endif
