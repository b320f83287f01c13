/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The job contract: every packet between a parent (ghatd, ghat render) and ghat-worker, in the
 * order of one conversation (below). What a child says is hostile: types are allowed by phase,
 * sizes are exact, every field is range-checked by gh_probe_check and gh_result_check, outputs are
 * opened again by another child.
 */
#ifndef GH_BASE_CONTRACT_H
#define GH_BASE_CONTRACT_H

#include "base/encoders.h"
#include "base/fingerprint.h"
#include "base/media.h"

/*
 * One conversation with one child: who speaks, the packet, its body and descriptors.
 *
 *   nursery to parent  GH_JOB_UP           struct gh_up; once, when every library is loaded
 *   parent to nursery  GH_JOB_FORK         struct gh_fork; the child's end of the job socket, the
 *                                          writing end of its log pipe
 *   nursery to parent  GH_JOB_FORKED       struct gh_forked; a pidfd
 *   nursery to parent  GH_JOB_EXITED       struct gh_exited; once, after all that follows
 *
 *   child to parent    GH_JOB_READY        nothing; it is in the sandbox and has read no input yet
 *
 *   parent to child    GH_JOB_PROBE        struct gh_probe_req; the input. Any number of times:
 *   child to parent    GH_JOB_FINGERPRINT  struct gh_fingerprint; if it was asked for
 *   child to parent    GH_JOB_PROBED       struct gh_probe; or GH_JOB_FAILED, struct gh_failed
 *
 *   parent to child    GH_JOB_READ         nothing; a .docx, an .ics. Any number of times:
 *   child to parent    GH_JOB_TEXT         struct gh_text; or GH_JOB_FAILED
 *
 *   parent to child    GH_JOB_OVERLAY      struct gh_overlay_req; its pixels. For each that the
 *                                          recipes name
 *   parent to child    GH_JOB_ENCODE       struct gh_recipe; the output, and a journal where there
 *                                          is one. For each recipe in order, seq is its index
 *   parent to child    GH_JOB_DEVICE       struct gh_device_req; a socket, memory. After the encode
 *                                          it is for, seq is its index
 *   parent to child    GH_JOB_SHELF        nothing; an empty file. Up to GH_JOB_SHELVES for each
 *                                          video, in any order, seq is its index
 *   parent to child    GH_JOB_RENDER       struct gh_render_req; the input
 *   child to parent    GH_JOB_PROGRESS     struct gh_progress; any number of times
 *   child to parent    GH_JOB_FINGERPRINT  struct gh_fingerprint of the source; videos, before
 *   child to parent    GH_JOB_RESULT       struct gh_result; seq is the index of the recipe
 *   child to parent    GH_JOB_DONE         nothing; or GH_JOB_FAILED. The child exits
 *
 * Closing the job socket ends it too. A GH_JOB_FORK with an encoder makes a process that owns a
 * device instead, which speaks pipeline/encode/device.h on its socket, and is killed when the child
 * it is for ends.
 */
enum gh_job_type {
    GH_JOB_FORK = 1,
    GH_JOB_FORKED,
    GH_JOB_EXITED,
    GH_JOB_READY,
    GH_JOB_PROBE,
    GH_JOB_PROBED,
    GH_JOB_ENCODE,
    GH_JOB_RENDER,
    GH_JOB_PROGRESS,
    GH_JOB_RESULT,
    GH_JOB_DONE,
    GH_JOB_FAILED,
    GH_JOB_UP,
    GH_JOB_FINGERPRINT,
    GH_JOB_OVERLAY,
    GH_JOB_DEVICE,
    GH_JOB_SHELF,
    GH_JOB_READ,
    GH_JOB_TEXT,
};

/* Exit status of a child, for people who read the log: 0 is a job that ended as this contract says,
 * whatever became of the input. */
enum gh_job_exit {
    GH_JOB_EXIT_UNSAFE = 3,  /* it could not enter the sandbox */
    GH_JOB_EXIT_NO_FORK = 4, /* no process could be started: told as if one had ended at once */
    GH_JOB_EXIT_BUG = 5,     /* its parent broke this contract */
    GH_JOB_EXIT_AGAIN = 6,   /* of the self-test: it could not be made to its end */
};

#define GH_JOB_MAX_ENCODES 64
#define GH_JOB_SHELVES 3           /* pieces of a video that are made at the same time, less one */
#define GH_JOB_MAX_OVERLAYS 16     /* different logos and labels in one job */
#define GH_DOCUMENT_TEXT_MAX 32767 /* bytes: as long as a caption may be */
#define GH_JOB_HEADER_CPU_S 30     /* CPU time for reading headers, until the picture is known */

/* Limits a child enforces, on headers first and then on what was really decoded; 0: no limit. */
struct gh_limits {
    uint64_t jpeg_pixels, photo_pixels, video_pixels; /* a picture */
    uint64_t input_bytes, output_bytes;               /* a file */
    int64_t duration_us;
    uint64_t frames;
    uint32_t streams;
    /* a photo job; a video job gets duration-dependent ones from the parent */
    uint32_t cpu_s, wall_s;
    uint32_t reserved;     /* 0: in the place of padding, so that memcmp compares them */
    uint64_t memory_bytes; /* address space above the nursery's */
};
/** The defaults (and their reasons). */
struct gh_limits gh_limits_default(void);

/* The nursery is ready to fork, or says in msg why it cannot be and ends. */
struct gh_up {
    uint64_t vm_bytes;     /* its address space: what a child starts with */
    uint32_t landlock_abi; /* 0: the kernel has none */
    uint32_t confined;     /* 0: built with a sanitizer, children run without system call filter */
    char msg[256];
};
struct gh_fork {
    uint32_t job;     /* the parent's number for it, not 0 */
    int32_t nice;     /* priority of the child */
    uint32_t threads; /* encoder threads it may use */
    struct gh_limits limits;
    uint32_t encoder; /* enum gh_encoder: not SOFTWARE makes a process that owns a device … */
    uint32_t owner;   /* … for the child of this job … */
    char device[96];  /* … and this is its file; "": none */
};
struct gh_forked {
    uint32_t job;
    int32_t pid;
};
struct gh_exited {
    uint32_t job;
    int32_t status; /* as waitpid gives it */
};
struct gh_probe_req {
    uint32_t depth;       /* enum gh_probe_depth */
    uint32_t want;        /* enum gh_media expected, GH_MEDIA_NONE = any */
    uint32_t fingerprint; /* 1: depth PACKETS takes a video's fingerprint as well */
    struct gh_rect area;  /* part of the picture that counts for it; empty: all */
};
/*
 * The descriptor is a sealed file our own worker made of an administrator's logo or text
 * (pipeline/photo/overlay.h): decoded pixels, so that no child of a job parses it again or needs a
 * font.
 */
struct gh_overlay_req {
    char id[65]; /* as in gh_overlay.id */
};
/* An encoder for the encode that was sent before it: a process that waits at the other end of the
 * socket, and memory for pictures on their way (base/encoders.h). */
struct gh_device_req {
    uint32_t encoder; /* enum gh_encoder */
};
struct gh_render_req {
    uint32_t encodes;      /* how many GH_JOB_ENCODE came before */
    struct gh_probe probe; /* as the child itself reported it (header depth) */
};
struct gh_progress {
    uint32_t permille; /* of the whole job */
};
/* The outcome of one encode. */
struct gh_result {
    uint32_t index;
    uint32_t cls; /* enum gh_class: GH_OK, or why there is no output */
    uint32_t w, h;
    struct gh_rect
        crop; /* the part of the upright source it shows; empty when there is no output */
    struct gh_look look; /* of the source, when it is a photo */
    uint32_t quality;    /* JPEG quality used; 0 for videos */
    uint32_t attempts;   /* encodes it took to meet bytes_max */
    uint32_t removed;    /* GH_META bits the source had and the output has not */
    uint64_t bytes;
    int64_t duration_us;
    int64_t kept_us; /* so much of it was made by an earlier attempt */
    int64_t cpu_us;
    uint32_t encoder; /* enum gh_encoder that made it */
    /* printable ASCII: why it was not the one of the configuration; "": it was */
    char fell_back[160];
    /* UTF-8: the reason when cls is not GH_OK, else a note for people ("first frame of 22") */
    char msg[256];
};
/* The text of a document: UTF-8 that gh_text_is_clean, a line a paragraph. */
struct gh_text {
    char text[GH_DOCUMENT_TEXT_MAX + 1];
};
struct gh_failed {
    uint32_t cls;
    char msg[256];
};

/** Range-check what a child sent (strings terminated and printable, numbers possible). GH_INPUT
 * when it lies. */
GH_MUST_USE int gh_probe_check(const struct gh_probe *probe, struct gh_err *err);
GH_MUST_USE int gh_text_check(const struct gh_text *text, struct gh_err *err);
GH_MUST_USE int gh_result_check(const struct gh_result *result, uint32_t encodes,
                                struct gh_err *err);

#endif
