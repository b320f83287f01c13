/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a photo's time goes: the worker's own functions, a child for each photo as in real life,
 * with a clock around every stage (the linker's --wrap). Prints CPU milliseconds a photo, and the
 * floor: what decoding and encoding alone need. Usage: stages PROFILES-DIR PLACEMENT,… PHOTO…
 */
#include "daemon/plan/plan.h"
#include "pipeline/child/media.h"
#include "pipeline/meta/scan.h"
#include "pipeline/photo/jpeg_read.h"
#include "pipeline/photo/jpeg_write.h"
#include "pipeline/photo/paint.h"
#include "pipeline/photo/photo.h"
#include "pipeline/photo/resample.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum stage { PROBE, DECODE, RESAMPLE, ENCODE, CHECK, ALL, STAGES };
static const char *const names[STAGES] = {"probe",  "decode", "resample",
                                          "encode", "check",  "all in the worker"};

static struct {
    double ms[STAGES];
    long faults, rss_kb;
} * sum;

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* -------------------------------------------------------------------------------------- wrapped */

#define TIMED(stage, call)                                                                         \
    double start = now_ms();                                                                       \
    int r = call;                                                                                  \
    sum->ms[stage] += now_ms() - start;                                                            \
    return r

int __real_gh_jpeg_planes(const uint8_t *bytes, size_t n, double scale, struct gh_planes *ret,
                          struct gh_err *err);
int __wrap_gh_jpeg_planes(const uint8_t *bytes, size_t n, double scale, struct gh_planes *ret,
                          struct gh_err *err);
int __real_gh_resample(const struct gh_planes *src, double x, double y, double w, double h,
                       enum gh_kernel kernel, struct gh_planes *dst, struct gh_err *err);
int __wrap_gh_resample(const struct gh_planes *src, double x, double y, double w, double h,
                       enum gh_kernel kernel, struct gh_planes *dst, struct gh_err *err);
int __real_gh_jpeg_encode(struct gh_planes *planes, const struct gh_jpeg_out *how,
                          uint8_t **ret_bytes, size_t *ret_n, struct gh_err *err);
int __wrap_gh_jpeg_encode(struct gh_planes *planes, const struct gh_jpeg_out *how,
                          uint8_t **ret_bytes, size_t *ret_n, struct gh_err *err);

int __wrap_gh_jpeg_planes(const uint8_t *bytes, size_t n, double scale, struct gh_planes *ret,
                          struct gh_err *err)
{
    TIMED(DECODE, __real_gh_jpeg_planes(bytes, n, scale, ret, err));
}

int __wrap_gh_resample(const struct gh_planes *src, double x, double y, double w, double h,
                       enum gh_kernel kernel, struct gh_planes *dst, struct gh_err *err)
{
    TIMED(RESAMPLE, __real_gh_resample(src, x, y, w, h, kernel, dst, err));
}

int __wrap_gh_jpeg_encode(struct gh_planes *planes, const struct gh_jpeg_out *how,
                          uint8_t **ret_bytes, size_t *ret_n, struct gh_err *err)
{
    TIMED(ENCODE, __real_gh_jpeg_encode(planes, how, ret_bytes, ret_n, err));
}

/* ------------------------------------------------------------------------------------ one photo */

static _Noreturn void die(const char *what, const struct gh_err *err)
{
    fprintf(stderr, "stages: %s: %s\n", what, err->msg);
    exit(1);
}

static void nothing(void *arg, unsigned permille)
{
    (void)arg, (void)permille;
}

static void no_result(void *arg, const struct gh_result *result)
{
    (void)arg, (void)result;
}

static void check(const struct gh_ctx *ctx, const int *fds, uint32_t n)
{
    struct gh_err err = {0};
    static struct gh_probe p;
    double start = now_ms();
    for (uint32_t i = 0; i < n; i++)
        if (gh_probe_media(ctx, fds[i], GH_PROBE_PACKETS, &p, &err) < 0)
            die("an output", &err);
    sum->ms[CHECK] += now_ms() - start;
}

static void photo(const char *path, const struct gh_profiles *profiles,
                  const struct gh_plan_opts *opts)
{
    static struct gh_plan plan;
    static struct gh_probe probe;
    struct gh_err err = {0};
    struct gh_ctx ctx = {
        .limits = gh_limits_default(), .threads = 1, .progress = nothing, .result = no_result};
    int fd = open(path, O_RDONLY | O_CLOEXEC), out[GH_JOB_MAX_ENCODES];
    double start = now_ms();
    if (gh_probe_media(&ctx, fd, GH_PROBE_HEADER, &probe, &err) < 0 ||
        gh_plan_make(&probe, profiles, opts, &plan, &err) < 0)
        die(path, &err);
    sum->ms[PROBE] += now_ms() - start;
    for (uint32_t i = 0; i < plan.n_encodes; i++)
        out[i] = memfd_create("out", MFD_CLOEXEC);
    start = now_ms();
    if (gh_photo_render(&ctx, fd, &probe, plan.encodes, out, plan.n_encodes, &err) < 0)
        die(path, &err);
    sum->ms[ALL] += now_ms() - start;
    /* a fresh child, as in real life */
    pid_t pid = fork();
    if (pid == 0) {
        check(&ctx, out, plan.n_encodes);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    sum->faults += use.ru_minflt;
    sum->rss_kb = use.ru_maxrss > sum->rss_kb ? use.ru_maxrss : sum->rss_kb;
}

int main(int argc, char **argv)
{
    struct gh_err err = {0};
    struct gh_profiles profiles = {0};
    const char *wanted[GH_PLAN_MAX_PLACES];
    size_t n = 0;
    if (argc < 4) {
        fprintf(stderr, "usage: stages PROFILES-DIR PLACEMENT,… PHOTO…\n");
        return 2;
    }
    for (char *save, *name = strtok_r(argv[2], ",", &save); name && n < GH_LEN(wanted);
         name = strtok_r(NULL, ",", &save))
        wanted[n++] = name;
    if (gh_photo_warm(&err) < 0 || gh_profiles_load(argv[1], "", &profiles, &err) < 0)
        die("start", &err);
    struct gh_plan_opts opts = {
        .names = wanted, .n_names = n, .policy = GH_POLICY_CREDIT, .thumb_at_us = -1};
    sum = mmap(NULL, sizeof(*sum), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (int i = 3; i < argc; i++) {
        pid_t pid = fork();
        int status = 0;
        if (pid == 0) {
            photo(argv[i], &profiles, &opts);
            _exit(0);
        }
        if (waitpid(pid, &status, 0) != pid || status)
            return 1;
    }
    int photos = argc - 3;
    for (int s = 0; s < STAGES; s++)
        printf("%-18s %7.2f ms a photo\n", names[s], sum->ms[s] / photos);
    double rest = sum->ms[ALL] - sum->ms[DECODE] - sum->ms[RESAMPLE] - sum->ms[ENCODE];
    printf("%-18s %7.2f ms a photo (reading, metadata, blur, writing)\n", "rest of it",
           rest / photos);
    double floor_ms = (sum->ms[DECODE] + sum->ms[ENCODE]) / photos;
    printf("%-18s %7.2f ms a photo: %.1f photos/s a core\n", "decode + encode", floor_ms,
           1000 / floor_ms);
    printf("%-18s %ld page faults a photo, largest child %ld MB\n", "memory", sum->faults / photos,
           sum->rss_kb / 1000);
    gh_profiles_free(&profiles);
    return 0;
}
