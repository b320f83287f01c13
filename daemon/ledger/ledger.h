/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ledger: what came, what was made of it, who decided what. One connection, used by the loop's
 * thread only; no caller may know that it is SQLite. Every mutator is one transaction
 * (compare-and-set on the old state, audit row included), durable when it returns, unless inside
 * gh_ledger_begin … gh_ledger_commit, where the outer commit makes all of them durable with one
 * fsync. Classes: GH_LIMIT illegal step or refused decision (the message is for people) · GH_USAGE
 * no such thing · GH_AGAIN: ESTALE the lease is no longer yours, EBUSY another program has the
 * ledger, ENOSPC the disk is full (nothing was changed: try again later) · GH_CONFIG, when opening:
 * of another version, damaged or gone · GH_SYSTEM the disk failed.
 *
 * This header is the door: it holds nothing but the parts, a header a duty, each beside its source.
 */
#ifndef GH_DAEMON_LEDGER_LEDGER_H
#define GH_DAEMON_LEDGER_LEDGER_H

#include "daemon/ledger/attempts.h"
#include "daemon/ledger/audit.h"
#include "daemon/ledger/bundle.h"
#include "daemon/ledger/captions.h"
#include "daemon/ledger/choices.h"
#include "daemon/ledger/decide.h"
#include "daemon/ledger/delivery.h"
#include "daemon/ledger/event.h"
#include "daemon/ledger/gates.h"
#include "daemon/ledger/intake.h"
#include "daemon/ledger/item.h"
#include "daemon/ledger/keep.h"
#include "daemon/ledger/letters.h"
#include "daemon/ledger/open.h"
#include "daemon/ledger/outside.h"
#include "daemon/ledger/plea.h"
#include "daemon/ledger/publishing.h"
#include "daemon/ledger/query.h"
#include "daemon/ledger/question.h"
#include "daemon/ledger/report.h"
#include "daemon/ledger/restored.h"
#include "daemon/ledger/stats.h"
#include "daemon/ledger/waiting.h"
#include "daemon/ledger/whole.h"

#endif
