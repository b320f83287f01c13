/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The job contract: every packet between a parent (ghatd, ghat render) and ghat-worker, in the order of one
 * conversation (below). What a child says is hostile: types are allowed by phase, sizes are exact, every field is
 * range-checked by gh_probe_check and gh_result_check, outputs are opened again by another child.
 */
#ifndef GH_BASE_JOB_H
#define GH_BASE_JOB_H

#include "base/encoders.h"
#include "base/look.h"
#include "base/media.h"

/*
 * One conversation with one child:
 *
 *   nursery → parent   GH_JOB_UP (struct gh_up)                       once, when everything is loaded
 *   parent → nursery   GH_JOB_FORK (struct gh_fork, fds: child's end of the job socket, write end of its log pipe)
 *   nursery → parent   GH_JOB_FORKED (struct gh_forked, fd: pidfd)    … later GH_JOB_EXITED (struct gh_exited)
 *   child → parent     GH_JOB_READY                                  in the sandbox, nothing read yet
 *   parent → child     GH_JOB_PROBE (struct gh_probe_req, fd: input)  any number of times
 *   child → parent     GH_JOB_LOOK (struct gh_look)                if it was asked for
 *   child → parent     GH_JOB_PROBED (struct gh_probe), or GH_JOB_FAILED (struct gh_failed)
 *   parent → child     GH_JOB_OVERLAY (struct gh_overlay_req, fd: its pixels)   once for each the recipes name
 *   parent → child     GH_JOB_ENCODE (struct gh_recipe, seq = index, fds: output[, journal])   for each, in order
 *   parent → child     GH_JOB_DEVICE (struct gh_device_req, fds: socket, memory)   after the encode it is for, if any
 *   parent → child     GH_JOB_SHELF (seq = index, fd: empty file)     up to GH_JOB_SHELVES for each video, in any order
 *   parent → child     GH_JOB_RENDER (struct gh_render_req, fd: input)
 *   child → parent     GH_JOB_PROGRESS (struct gh_progress), any number of times
 *   child → parent     GH_JOB_LOOK (of the source, videos), GH_JOB_RESULT (struct gh_result, seq = index)
 *   child → parent     GH_JOB_DONE, or GH_JOB_FAILED; the child exits
 *
 * Closing the job socket ends it too. A GH_JOB_FORK with an encoder makes a process that owns a device instead, which
 * speaks pipeline/device.h on its socket, and is killed when the child it is for ends.
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
    GH_JOB_LOOK,
    GH_JOB_OVERLAY,
    GH_JOB_DEVICE,
    GH_JOB_SHELF,
};

#define GH_JOB_MAX_ENCODES 64
#define GH_JOB_SHELVES 3       /* pieces of a video that are made at the same time, less one */
#define GH_JOB_MAX_OVERLAYS 16 /* different logos and labels in one job */
#define GH_JOB_HEADER_CPU_S 30 /* until the picture is known */

/* Limits a child enforces on headers first and on decoded reality after; 0 means no limit. */
struct gh_limits {
    uint64_t jpeg_pixels, photo_pixels, video_pixels; /* a picture */
    uint64_t input_bytes, output_bytes;               /* a file */
    int64_t duration_us;
    uint64_t frames;
    uint32_t streams;
    uint32_t cpu_s, wall_s; /* a photo job; a video job gets duration-dependent ones from the parent */
    uint64_t memory_bytes;  /* address space above the nursery's */
};
/** The defaults (and their reasons). */
struct gh_limits gh_limits_default(void);

/* The nursery is ready to fork, or says in msg why it cannot be and ends. */
struct gh_up {
    uint64_t vm_bytes; /* its address space: what a child starts with */
    int64_t warm_us;
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
    int64_t fork_us; /* time fork took in the nursery */
};
struct gh_exited {
    uint32_t job;
    int32_t status; /* as waitpid gives it */
};
struct gh_probe_req {
    uint32_t depth;      /* enum gh_probe_depth */
    uint32_t want;       /* enum gh_media expected, GH_MEDIA_NONE = any */
    uint32_t look;       /* depth PACKETS: look at a video, too */
    struct gh_rect area; /* where to look; empty: everywhere */
};
/*
 * The descriptor is a sealed file our own worker made of an administrator's logo or text (pipeline/overlay.h): decoded
 * pixels, so that no child of a job parses it again or needs a font.
 */
struct gh_overlay_req {
    char id[65]; /* as in gh_overlay.id */
};
/* An encoder for the encode that was sent before it: a process that waits at the other end of the socket, and memory
 * for pictures on their way (base/encoders.h). */
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
    uint32_t quality;  /* JPEG quality used; 0 for videos */
    uint32_t attempts; /* encodes it took to meet bytes_max */
    uint32_t removed;  /* GH_META bits the source had and the output has not */
    uint64_t bytes;
    int64_t duration_us;
    int64_t kept_us; /* so much of it was made by an earlier attempt */
    int64_t cpu_us;
    uint32_t encoder;    /* enum gh_encoder that made it */
    char fell_back[160]; /* printable ASCII: why it was not the one of the configuration; "": it was */
    char msg[256];       /* UTF-8: the reason when cls is not GH_OK, else a note for people ("first frame of 22") */
};
struct gh_failed {
    uint32_t cls;
    char msg[256];
};

/** Range-check what a child sent (strings terminated and printable, numbers possible). GH_INPUT when it lies. */
GH_MUST_USE int gh_probe_check(const struct gh_probe *probe, struct gh_err *err);
GH_MUST_USE int gh_result_check(const struct gh_result *result, uint32_t encodes, struct gh_err *err);

#endif
