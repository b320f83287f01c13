/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The files of open questions in a department's Status/ folder, in its languages: what is asked,
 * until when, why until then, and how to answer. Their names begin with "!", so they stand above
 * the notes. They are a projection of the ledger, never read back.
 */
#ifndef GH_DAEMON_QUESTION_FOLDER_H
#define GH_DAEMON_QUESTION_FOLDER_H

#include "daemon/question/question.h"

/** Write the files of the department's open questions, and remove those of others. A folder that is
 * offline has none. */
GH_MUST_USE int gh_question_folder(const struct gh_questions_parts *p,
                                   const struct gh_department *d, struct gh_err *err);
/** Whom the card names beside its officer: enum gh_question_card. */
unsigned gh_card_of(const struct gh_department *d);

#endif
